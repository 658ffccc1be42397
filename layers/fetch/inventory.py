"""Inventories of existing PV plants as polygons: a file by its address, or a service with pages."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

import geopandas as gpd
import shapely

from faults import InputError
from layers import files
from layers.demo_source import NO_PROGRESS
from layers.fetch.download import FetchError, download, forget
from layers.fetch.written import Fetched, Origin, check_bbox, write_vector

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    Box = tuple[float, float, float, float]

MOST_PAGES = 10_000
ORIGIN = Origin("inventory of PV plants by address", "see its publisher", "see its publisher")


def fetch_inventory(
    bbox: tuple[float, ...],
    out: Path,
    *,
    url: str,
    checksum: str | None = None,
    progress: Callable[[float, str], None] = NO_PROGRESS,
) -> Fetched:
    """Fetch the plants of an inventory within a box.

    An address that ends as a vector file (.gpkg, .geojson, .parquet, .zip, .fgb) is fetched whole, with its
    checksum where one is given, and cut. Any other is asked as OGC API Features: `bbox` is added, and `next`
    links are followed until there are none.

    Raises
    ------
    FetchError
        No connection, another checksum, an answer that is no data, or pages that go round in a circle.
    """
    box = check_bbox(bbox)
    suffix = next((name for name in files.READERS if urlsplit(url).path.lower().endswith(name)), None)
    if suffix is not None:
        frame = _from_file(url, suffix, box, checksum, progress)
    else:
        frame = _from_pages(url, box, progress)
    origin = Origin(ORIGIN.title, ORIGIN.licence, ORIGIN.attribution, (url,))
    return write_vector(frame, out, origin, box)


def _from_file(
    url: str, suffix: str, box: Box, checksum: str | None, progress: Callable[[float, str], None]
) -> gpd.GeoDataFrame:
    answer = download(url, checksum=checksum, progress=progress)
    path = answer.path if answer.path.suffix.lower() == suffix else answer.path.with_suffix(suffix)
    try:
        frame, _ = files.read_file(path)
    except InputError as error:
        forget(answer.path)
        raise FetchError(f"{url} is no data: {error}") from error
    if frame.crs is None:
        raise FetchError(f"{url} has no CRS; it is not guessed")
    frame = frame.to_crs(4326)
    return frame[shapely.intersects(frame.geometry.to_numpy(), shapely.box(*box))].reset_index(drop=True)


def _from_pages(url: str, box: Box, progress: Callable[[float, str], None]) -> gpd.GeoDataFrame:
    features = [feature for page in _pages(_with_box(url, box), progress) for feature in page]
    if not features:
        return gpd.GeoDataFrame({"id": []}, geometry=gpd.GeoSeries([], crs=4326), crs=4326)
    frame = gpd.GeoDataFrame.from_features(features, crs=4326)
    frame["id"] = [str(feature.get("id", number)) for number, feature in enumerate(features, start=1)]
    return frame.drop_duplicates("id").reset_index(drop=True)


def _pages(url: str, progress: Callable[[float, str], None]) -> Iterator[list[Mapping[str, Any]]]:
    seen: set[str] = set()
    while url:
        if url in seen or len(seen) >= MOST_PAGES:
            raise FetchError(f"{url}: pages go round in a circle")
        seen.add(url)
        answer = download(url, progress=progress)
        try:
            page = json.loads(answer.path.read_bytes())
            features, links = list(page["features"]), page.get("links", [])
            follow = next((str(link["href"]) for link in links if link.get("rel") == "next"), "")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            forget(answer.path)
            raise FetchError(f"{url} answers no features (GeoJSON is expected)") from error
        yield features
        url = urljoin(url, follow) if follow else ""


def _with_box(url: str, box: Box) -> str:
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query)) | {"bbox": ",".join(f"{edge:.6f}" for edge in box), "f": "json"}
    return urlunsplit(parts._replace(query=urlencode(query)))
