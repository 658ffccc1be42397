"""Terrain (Copernicus DEM GLO-30) and land cover (ESA WorldCover): windows of files in the cloud."""

from __future__ import annotations

import math
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import rasterio
import shapely
from rasterio.errors import RasterioError, RasterioIOError
from rasterio.features import shapes
from rasterio.merge import merge

from layers.demo_source import NO_PROGRESS
from layers.fetch.download import FetchError
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

    Only the blocks that the box touches are read. A tile that is not there (sea) is left out.

    Raises
    ------
    FetchError
        No connection, or no tile for the box.
    """
    box = check_bbox(bbox)
    urls = what.urls(box)
    read: list[str] = []
    reasons: list[str] = []
    with rasterio.Env(**GDAL), ExitStack() as stack:
        tiles = []
        for number, url in enumerate(urls):
            progress(number / len(urls), url.rsplit("/", 1)[1])
            try:
                tiles.append(stack.enter_context(rasterio.open(url)))
                read.append(url)
            except RasterioIOError as error:
                reasons.append(str(error))
        if not tiles:
            raise FetchError(_no_tiles(what, reasons))
        try:
            data, transform = merge(tiles, bounds=box, nodata=what.nodata)
        except (RasterioError, OSError, ValueError) as error:
            raise FetchError(f"{what.origin.title}: reading broke off: {error}") from error
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
        what.origin.title, what.origin.licence, what.origin.attribution, tuple(read), what.origin.notes
    )
    return write_origin(out, origin, rows=None, bbox=box)


def _no_tiles(what: TiledRaster, reasons: list[str]) -> str:
    return (
        f"{what.origin.title}: no tile can be read ({reasons[0] if reasons else 'none'}). Without internet, "
        'get the tiles elsewhere and name the file by path = "..." in region.toml'
    )


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
