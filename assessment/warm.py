"""Compile the kernels of the solar engine once, at set-up, so that the first result does not wait for them.

python -m assessment.warm
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import rasterio
from shapely import box

from assessment.arrays import FlatRoofs, arranged
from assessment.candidates import roof_plan
from assessment.energy import FLAT, planes
from assessment.horizons import roof_horizons
from assessment.roof_energy import roof_losses
from assessment.solar import weather_table
from assessment.solar_types import CATALOGS, type_defaults
from assessment.sun import Pixels, irradiate
from gis.grid import Grid
from gis.heights import fixed_point
from gis.rings import rings_of
from gis.zonal import zonal_sums
from layers.catalog import load_catalog
from layers.climate import read_climate
from layers.region import DATA
from potential.solar.irradiation import normals
from potential.solar.pv_yield import unit_yield

if TYPE_CHECKING:
    from layers.climate import Weather

LAT, LON = 34.35, 108.8
WEST, SOUTH = 500_000.0, 3_800_000.0
CORNERS = ((20, 20), (60, 20), (20, 60))
SIDE_M = 200.0


def warm_kernels() -> None:
    """Run the engine on three houses."""
    houses = gpd.GeoDataFrame(
        {
            "id": ["a", "b", "c"],
            "parcel_id": ["a", "b", "c"],
            "use": "office",
            "height_m": [9.0, 30.0, 12.0],
            "roof_form": ["flat", "gabled", "hipped"],
        },
        geometry=[box(WEST + x, SOUTH + y, WEST + x + 30, SOUTH + y + 20) for x, y in CORNERS],
        crs="EPSG:4545",
    )
    weather = read_climate(DATA / "xixian" / "climate_normals.csv", lat=LAT, lon=LON)
    with tempfile.TemporaryDirectory() as folder:
        _roofs(houses, _plain(Path(folder) / "terrain.tif"), weather)
    unit_yield(weather.sky, 25.0, 180.0)
    _rasters(weather, houses)


def _roofs(houses: gpd.GeoDataFrame, terrain: Path, weather: Weather) -> None:
    names = (*CATALOGS, "costs")
    catalogs = {name: load_catalog(DATA / "catalog" / f"{name}.toml") for name in names}
    types = type_defaults(catalogs, lat=LAT)
    roofs = planes(houses.assign(**roof_plan(houses)), types=types)
    horizons = roof_horizons(
        roofs,
        houses,
        terrain=terrain,
        weather=weather,
        types=types,
        workers=1,
        progress=lambda _share, _what: None,
    )
    flat = FlatRoofs.of(catalogs, types[FLAT], weather, lat=LAT, costs=catalogs["costs"])
    laid_out = arranged(roofs, flat, types, horizons)
    if horizons is not None:
        roof_losses(laid_out, horizons, weather=weather, types=types)


def _plain(path: Path) -> Path:
    transform = rasterio.transform.from_origin(WEST - SIDE_M, SOUTH + 2 * SIDE_M, 100.0, 100.0)
    profile = {"driver": "GTiff", "dtype": "float32", "count": 1, "crs": "EPSG:4545", "transform": transform}
    with rasterio.open(path, "w", width=8, height=8, **profile) as target:
        target.write(np.full((8, 8), 400.0, np.float32), 1)
    return path


def _rasters(weather: Weather, houses: gpd.GeoDataFrame) -> None:
    heights = fixed_point(np.add.outer(np.zeros(70), np.arange(70) % 20.0), resolution_m=1.0)
    table = weather_table(weather)
    every = Pixels.of(np.ones((70, 70), dtype=bool))
    for plane in (None, normals(np.zeros(1), np.zeros(1))):
        irradiate(heights, table, every, plane=plane, workers=1)
    west, south, _, _ = houses.total_bounds
    grid = Grid(west, south + 70, 1.0, 70, 70)
    for kind in (np.float32, np.float64):
        zonal_sums(rings_of(houses.geometry.to_numpy()), np.ones((70, 70), kind), grid)


if __name__ == "__main__":
    warm_kernels()
