"""Terrain (Copernicus DEM GLO-30) and land cover (ESA WorldCover): windows of files in the cloud."""

from __future__ import annotations

import math
import time
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import rasterio
import shapely
from rasterio.errors import RasterioError
from rasterio.features import shapes
from rasterio.merge import merge
from rasterio.windows import Window

from layers.demo_source import NO_PROGRESS
from layers.fetch import download
from layers.fetch.download import FetchError, exists, piece
from layers.fetch.written import Fetched, Origin, check_bbox, write_origin, write_vector

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Box = tuple[float, float, float, float]

GDAL = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".tif",
    "GDAL_HTTP_MAX_RETRY": "3",
    "GDAL_HTTP_RETRY_DELAY": "1",
    "GDAL_HTTP_TIMEOUT": "60",
    "VSI_CACHE": "TRUE",
    "CPL_VSIL_CURL_NON_CACHED": "/vsicurl/",  # else a failure is remembered, and trying again is in vain
}


@dataclass(frozen=True)
class TiledRaster:
    """A raster of the world cut into files by degrees."""

    origin: Origin
    url: str
    """Address with {ns}, {lat}, {ew}, {lon} for the south-west corner of a tile."""
    step_deg: int
    """Side of a tile."""
    nodata: float

    def urls(self, box: Box) -> list[str]:
        """Return the addresses of the tiles that a box touches.

        Examples
        --------
        >>> TERRAIN.urls((108.4, 34.1, 109.1, 34.6))[0].rsplit("/", 1)[1]
        'Copernicus_DSM_COG_10_N34_00_E108_00_DEM.tif'
        """
        west, south, east, north = box
        step = self.step_deg
        lats = range(math.floor(south / step) * step, math.ceil(north / step) * step, step)
        lons = range(math.floor(west / step) * step, math.ceil(east / step) * step, step)
        return [self._url(lat, lon) for lat in lats for lon in lons]

    def _url(self, lat: int, lon: int) -> str:
        ns, ew = "N" if lat >= 0 else "S", "E" if lon >= 0 else "W"
        return self.url.format(ns=ns, lat=f"{abs(lat):02d}", ew=ew, lon=f"{abs(lon):03d}")


TERRAIN = TiledRaster(
    Origin(
        "Copernicus DEM GLO-30",
        "Copernicus DEM licence (free of charge, with attribution)",
        "© DLR e.V. 2010-2014 and © Airbus Defence and Space GmbH 2014-2018, provided under COPERNICUS "
        "by the European Union and ESA; all rights reserved",
        notes=("a surface model: buildings and trees are in it; heights in metres above EGM2008",),
    ),
    "https://copernicus-dem-30m.s3.amazonaws.com/Copernicus_DSM_COG_10_{ns}{lat}_00_{ew}{lon}_00_DEM/"
    "Copernicus_DSM_COG_10_{ns}{lat}_00_{ew}{lon}_00_DEM.tif",
    1,
    -9999.0,
)
LANDCOVER = TiledRaster(
    Origin(
        "ESA WorldCover 10 m 2021 v200",
        "CC BY 4.0",
        "© ESA WorldCover project 2021, contains modified Copernicus Sentinel data (2021)",
    ),
    "https://esa-worldcover.s3.eu-central-1.amazonaws.com/v200/2021/map/"
    "ESA_WorldCover_10m_2021_v200_{ns}{lat}{ew}{lon}_Map.tif",
    3,
    0.0,
)
FARMLAND = {40: "cultivated", 10: "forest", 30: "grass", 20: "grass", 60: "unused"}
"""Class of WorldCover (cropland, trees, grass, shrubs, bare) -> class of farmland."""
NEAR = 1e-6
"""Edges nearer than this share of a cell to that of a cell are at it."""
SMALLEST_CELLS = 10
"""Patches of fewer cells are noise of the classification."""


def fetch_raster(
    what: TiledRaster,
    bbox: tuple[float, ...],
    out: Path,
    *,
    progress: Callable[[float, str], None] = NO_PROGRESS,
) -> Fetched:
    """Read the window of a tiled raster and write it as a GeoTIFF in degrees.

    Only the blocks that the box touches are read; the window of each tile is kept with its checksum, so that
    a fetch that broke off goes on with the next tile. A tile that is not there (sea) is left out.

    Raises
    ------
    FetchError
        No connection after several tries, what is there is no raster, or there is no tile for the box.
    """
    box = check_bbox(bbox)
    urls = what.urls(box)
    windows: dict[str, Path] = {}
    for number, url in enumerate(urls):
        progress(number / len(urls), url.rsplit("/", 1)[1])
        if exists(url, progress=progress):
            key = f"{url} {box} {what.nodata}"
            windows[url] = piece(key, "window.tif", partial(_write_window, url, box))
    if not windows:
        raise FetchError(f"{what.origin.title}: there is no tile for this box ({', '.join(urls)})")
    with ExitStack() as stack:
        tiles = [stack.enter_context(rasterio.open(path)) for path in windows.values()]
        data, transform = merge(tiles, bounds=_on_cells(box, tiles[0]), nodata=what.nodata)
        profile = tiles[0].profile
    profile.update(
        driver="GTiff",
        height=data.shape[1],
        width=data.shape[2],
        transform=transform,
        nodata=what.nodata,
        tiled=True,
    )
    profile.update(
        blockxsize=256, blockysize=256, compress="deflate", predictor=3 if data.dtype.kind == "f" else 2
    )
    out.parent.mkdir(parents=True, exist_ok=True)
    with rasterio.open(out, "w", **profile) as file:
        file.write(data)
    origin = Origin(
        what.origin.title, what.origin.licence, what.origin.attribution, tuple(windows), what.origin.notes
    )
    return write_origin(out, origin, rows=None, bbox=box)


def _on_cells(box: Box, tile: rasterio.DatasetReader) -> Box:
    """Widen a box to whole cells of a tile, so that no cell at the edge is left empty."""
    to_cells, to_degrees = ~tile.transform, tile.transform
    west, south, east, north = box
    (left, top), (right, bottom) = to_cells @ (west, north), to_cells @ (east, south)
    west, north = to_degrees @ (math.floor(left + NEAR), math.floor(top + NEAR))
    east, south = to_degrees @ (math.ceil(right - NEAR), math.ceil(bottom - NEAR))
    return west, south, east, north


def _write_window(url: str, box: Box, part: Path) -> None:
    """Read what a tile holds of a box, on the tile's own cells; after what may pass, again."""
    for attempt in range(download.TRIES):
        try:
            _copy_window(url, box, part)
        except (RasterioError, OSError) as error:
            reason = error
            time.sleep(min(download.PAUSE_S * 2**attempt, download.MAX_PAUSE_S))
        else:
            return
    part.unlink(missing_ok=True)
    raise FetchError(
        f"{url} cannot be read as a raster: {reason}. Without internet, get the tile elsewhere and name the "
        'file by path = "..." in region.toml'
    )


def _copy_window(url: str, box: Box, part: Path) -> None:
    with rasterio.Env(**GDAL), rasterio.open(url) as tile:
        edges = tile.window(*box).round_offsets().round_lengths(op="ceil")
        reach = Window(edges.col_off - 2, edges.row_off - 2, edges.width + 4, edges.height + 4)
        window = reach.intersection(Window(0, 0, tile.width, tile.height))
        profile = {
            "driver": "GTiff",
            "dtype": tile.dtypes[0],
            "count": 1,
            "crs": tile.crs,
            "nodata": tile.nodata,
            "width": int(window.width),
            "height": int(window.height),
            "transform": tile.window_transform(window),
        }
        with rasterio.open(part, "w", **profile) as copy:
            copy.write(tile.read(1, window=window), 1)


def farmland_of(raster: Path, out: Path, fetched: Fetched) -> Fetched:
    """Turn a window of WorldCover into parcels of farmland, as far as it can tell them apart.

    Raises
    ------
    InputError
        `out` is of a kind that is not written.
    """
    with rasterio.open(raster) as source:
        classes, transform, crs = source.read(1), source.transform, source.crs
    found = shapes(classes, np.isin(classes, list(FARMLAND)), 4, transform)
    pairs = [(shapely.geometry.shape(shape), FARMLAND[int(value)]) for shape, value in found]
    smallest = SMALLEST_CELLS * abs(transform.a * transform.e)
    large = [(shape, name) for shape, name in pairs if shape.area >= smallest]
    columns = {
        "id": [f"wc-{number}" for number in range(1, len(large) + 1)],
        "class": [name for _, name in large],
    }
    frame = gpd.GeoDataFrame(columns, geometry=[shape for shape, _ in large], crs=crs)
    notes = (
        "cropland, trees, grass and bare land only: basic farmland, orchards and ponds are not told apart",
    )
    told = fetched.origin
    origin = Origin(told.title, told.licence, told.attribution, told.urls, (*told.notes, *notes))
    assert fetched.bbox is not None
    return write_vector(frame, out, origin, fetched.bbox)
