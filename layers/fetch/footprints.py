"""Building footprints of Microsoft, cut to a box."""

from __future__ import annotations

import csv
import gzip
import io
import json
import math
from typing import TYPE_CHECKING

import geopandas as gpd
import shapely

from layers.demo_source import NO_PROGRESS
from layers.fetch.download import FetchError, download, forget
from layers.fetch.written import Fetched, Origin, check_bbox, write_vector

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from layers.fetch.download import Download

    Box = tuple[float, float, float, float]

MICROSOFT_LINKS = "https://minedbuildings.z5.web.core.windows.net/global-buildings/dataset-links.csv"
MICROSOFT = Origin("Microsoft Global ML Building Footprints", "ODbL 1.0", "© Microsoft")
QUADKEY_ZOOM = 9
"""Zoom of the tiles that the footprints of Microsoft are cut into."""
MAX_LATITUDE = 85.05112878


def quadkeys(box: Box, zoom: int = QUADKEY_ZOOM) -> list[str]:
    """Return the quadkeys of the web-map tiles that a box touches.

    Examples
    --------
    >>> quadkeys((108.7, 34.2, 108.71, 34.21))
    ['132013210']
    """
    west, south, east, north = box
    x_min, y_min = _tile(west, north, zoom)
    x_max, y_max = _tile(east, south, zoom)
    return [_quadkey(x, y, zoom) for y in range(y_min, y_max + 1) for x in range(x_min, x_max + 1)]


def _tile(lon: float, lat: float, zoom: int) -> tuple[int, int]:
    """Return the web-map tile of a place (spherical Mercator, y from the north)."""
    phi = math.radians(max(-MAX_LATITUDE, min(MAX_LATITUDE, lat)))
    count = 1 << zoom
    x = int((lon + 180.0) / 360.0 * count)
    y = int((1.0 - math.asinh(math.tan(phi)) / math.pi) / 2.0 * count)
    return min(max(x, 0), count - 1), min(max(y, 0), count - 1)


def _quadkey(x: int, y: int, zoom: int) -> str:
    bits = range(zoom - 1, -1, -1)
    return "".join(str((x >> bit & 1) + 2 * (y >> bit & 1)) for bit in bits)


def fetch_microsoft(
    bbox: tuple[float, ...],
    out: Path,
    *,
    url: str = MICROSOFT_LINKS,
    progress: Callable[[float, str], None] = NO_PROGRESS,
) -> Fetched:
    """Fetch the footprints of Microsoft within a box; heights of -1 are unknown.

    Raises
    ------
    FetchError
        No connection, or there are no footprints at this place.
    """
    box = check_bbox(bbox)
    wanted = set(quadkeys(box))
    urls = _links(download(url, progress=progress), wanted)
    if not urls:
        raise FetchError(f"{MICROSOFT.title}: no tile for this box (quadkeys {', '.join(sorted(wanted))})")
    rows = [row for tile in urls for row in _tile_rows(_tile_file(tile, urls, progress), box)]
    columns = {
        "id": [f"ms-{number}" for number in range(1, len(rows) + 1)],
        "height": [height for height, _ in rows],
    }
    frame = gpd.GeoDataFrame(columns, geometry=[shape for _, shape in rows], crs="EPSG:4326")
    origin = Origin(MICROSOFT.title, MICROSOFT.licence, MICROSOFT.attribution, (url, *urls))
    return write_vector(frame, out, origin, box)


def _links(links: Download, wanted: set[str]) -> list[str]:
    try:
        table = csv.DictReader(io.StringIO(links.path.read_text(encoding="utf-8-sig")))
        right = {"QuadKey", "Url"} <= set(table.fieldnames or ())
        urls = (
            [row["Url"] for row in table if row["QuadKey"].zfill(QUADKEY_ZOOM) in wanted] if right else None
        )
    except (AttributeError, UnicodeDecodeError, csv.Error):
        urls = None
    if urls is None:
        forget(links.path)
        raise FetchError(f"{links.url} is no table of tiles (QuadKey and Url are expected)")
    return urls


def _tile_file(url: str, urls: list[str], progress: Callable[[float, str], None]) -> Path:
    start = urls.index(url) / len(urls)
    return download(url, progress=lambda share, what: progress(start + share / len(urls), what)).path


def _tile_rows(tile: Path, box: Box) -> Iterator[tuple[float, shapely.Geometry]]:
    """Go through the footprints of a tile (GeoJSON, one per line, packed) that touch the box."""
    place = shapely.box(*box)
    try:
        with gzip.open(tile, "rt", encoding="utf-8") as lines:
            for line in lines:
                feature = json.loads(line)
                shape = shapely.from_geojson(json.dumps(feature["geometry"]))
                if shape.intersects(place):
                    height = (feature.get("properties") or {}).get("height")
                    yield (math.nan if height is None or height < 0 else float(height)), shape
    except (OSError, EOFError, ValueError, KeyError, shapely.errors.ShapelyError) as error:
        forget(tile)
        raise FetchError(f"{tile.name} is no tile of footprints: {error}") from error
