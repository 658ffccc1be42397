"""True north and grid north, 1.5 degrees of longitude off the central meridian."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from pyproj import Geod, Transformer

from assessment.candidates import roof_plan
from assessment.energy import planes
from assessment.facades import facade_bands
from assessment.solar_planes import module_planes
from assessment.solar_site import shadows
from assessment.solar_types import CATALOGS, type_defaults
from gis.north import convergence_deg
from layers.catalog import load_catalog
from layers.climate import read_climate
from layers.region import DATA

CRS = "EPSG:4545"
LON, LAT = 109.5, 34.4
X, Y = Transformer.from_crs(4490, CRS, always_xy=True).transform(LON, LAT)
TURN_DEG = float(convergence_deg(CRS, X, Y))


@pytest.fixture(scope="module")
def weather():
    return read_climate(DATA / "xixian" / "climate_normals.csv", lat=LAT, lon=LON)


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    path = tmp_path_factory.mktemp("north") / "plain.tif"
    transform = rasterio.transform.from_origin(X - 4000, Y + 4000, 20, 20)
    profile = {"driver": "GTiff", "dtype": "float32", "count": 1, "crs": CRS, "transform": transform}
    with rasterio.open(path, "w", width=400, height=400, **profile) as target:
        target.write(np.full((400, 400), 400.0, np.float32), 1)
    return path


def houses(**columns):
    box = shapely.box(X, Y, X + 40, Y + 20)
    return gpd.GeoDataFrame({"id": ["b0"], "height_m": [30.0], **columns}, geometry=[box], crs=CRS)


def test_convergence_is_the_angle_between_a_meridian_and_the_grid():
    """The judge: a kilometre to true north on the ellipsoid, drawn on the grid."""
    lon, lat, _ = Geod(ellps="GRS80").fwd(LON, LAT, 0.0, 1000.0)
    x, y = Transformer.from_crs(4490, CRS, always_xy=True).transform(lon, lat)
    true_north_on_grid = np.degrees(np.arctan2(x - X, y - Y))
    assert pytest.approx(-true_north_on_grid, abs=1e-3) == TURN_DEG
    assert pytest.approx(0.847, abs=2e-3) == TURN_DEG


def test_modules_along_a_building_have_the_true_azimuth_of_its_wall():
    buildings = houses(use=["office"], roof_form=["flat"])
    catalogs = {name: load_catalog(DATA / "catalog" / f"{name}.toml") for name in CATALOGS}
    types = type_defaults(catalogs, lat=LAT)
    found = planes(buildings.assign(**roof_plan(buildings)), types=types)
    assert found["azimuth_deg"].iloc[0] == pytest.approx(180.0 + TURN_DEG, abs=0.01)


def test_planes_of_the_shading_engine_lie_on_the_grid():
    laid = module_planes(houses(tilt_deg=[30.0], azimuth_deg=[180.0 + TURN_DEG]))
    assert laid.azimuth_deg[0] == pytest.approx(180.0, abs=0.01)


def test_the_shadow_falls_where_the_true_sun_throws_it(plain):
    """Sun in the true south-west: the tip of the shadow lies in the true north-east of the corner."""
    tower = gpd.GeoDataFrame(
        {"id": ["t"], "height_m": [60.0]}, geometry=[shapely.box(X - 2, Y - 2, X + 2, Y + 2)], crs=CRS
    )
    span = 400.0
    dark, grid = shadows(
        tower,
        plain,
        (X - span, Y - span, X + span, Y + span),
        sun_zenith_deg=80.0,
        sun_azimuth_deg=180.0,
        resolution_m=1.0,
    )
    row, column = np.nonzero(dark)
    east = grid.west + (column + 0.5) * grid.resolution_m - X
    north = grid.north - (row + 0.5) * grid.resolution_m - Y
    far = north > 150
    falls_deg = np.degrees(np.arctan2(east[far].mean(), north[far].mean()))
    assert falls_deg == pytest.approx(-TURN_DEG, abs=0.25)


def test_walls_tell_their_true_azimuth(plain, weather):
    walls = facade_bands(houses(), "b0", plain, weather, band_m=30.0, spacing_m=20.0)
    south = walls.iloc[(walls["azimuth_deg"] - 180).abs().argmin()]
    assert south["azimuth_deg"] == pytest.approx(180.0 + TURN_DEG, abs=0.05)
