"""Walls by bands of height: against a free wall, and what a neighbour takes from the lower bands."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from shapely import box

from assessment.facades import facade_bands
from faults import InputError
from layers.climate import read_climate
from potential.solar.pv_yield import unit_yield

NORMALS = Path(__file__).parents[1] / "data" / "xixian" / "climate_normals.csv"
WEST, SOUTH = 500_000.0, 3_800_000.0  # on the central meridian: grid north is true north


@pytest.fixture(scope="module")
def terrain(tmp_path_factory):
    path = tmp_path_factory.mktemp("walls") / "terrain.tif"
    transform = rasterio.transform.from_origin(WEST - 2000, SOUTH + 2000, 100.0, 100.0)
    profile = {"driver": "GTiff", "dtype": "float32", "count": 1, "crs": "EPSG:4545", "transform": transform}
    with rasterio.open(path, "w", width=40, height=40, **profile) as target:
        target.write(np.full((40, 40), 400.0, np.float32), 1)
    return path


@pytest.fixture(scope="module")
def weather():
    return read_climate(NORMALS, lat=34.35, lon=108.8)


def town(*boxes):
    shapes = [box(WEST + a, SOUTH + b, WEST + c, SOUTH + d) for a, b, c, d, _ in boxes]
    ids = [f"b{n}" for n in range(len(boxes))]
    return gpd.GeoDataFrame({"id": ids, "height_m": [one[4] for one in boxes]}, geometry=shapes, crs=4545)


def bands(frame, terrain, weather):
    found = facade_bands(frame, "b0", terrain, weather, resolution_m=2.0)
    return found.set_index([found["azimuth_deg"].round().astype(int), "from_m"]).sort_index()


def test_a_free_wall_receives_what_an_upright_plane_does(terrain, weather):
    found = bands(town((0, 0, 40, 20, 24.0)), terrain, weather)
    assert sorted(set(found.index.get_level_values(0))) == [0, 90, 180, 270]
    assert found["area_m2"].sum() == pytest.approx(120 * 24)
    assert found["sky_view"].min() > 0.97
    for azimuth in (90, 180, 270):
        free = unit_yield(weather.sky, 90.0, float(azimuth)).poa_kwh_m2
        assert found.loc[(azimuth, 18.0), "irradiation_kwh_m2"] == pytest.approx(free, rel=0.03)


def test_a_neighbour_takes_most_from_the_lowest_band(terrain, weather):
    found = bands(town((0, 0, 40, 20, 24.0), (-20, -30, 60, -15, 24.0)), terrain, weather)
    south = found.loc[180]
    assert (np.diff(south["irradiation_kwh_m2"]) > 0).all()
    assert (np.diff(south["sky_view"]) > 0).all()
    assert south["irradiation_kwh_m2"].iloc[0] < 0.75 * south["irradiation_kwh_m2"].iloc[-1]
    alone = bands(town((0, 0, 40, 20, 24.0)), terrain, weather)
    np.testing.assert_allclose(
        found.loc[0, "irradiation_kwh_m2"], alone.loc[0, "irradiation_kwh_m2"], rtol=0.02
    )


def test_the_last_band_ends_at_the_eaves(terrain, weather):
    found = bands(town((0, 0, 40, 20, 15.0)), terrain, weather)
    assert found.loc[180, "to_m"].tolist() == [6.0, 12.0, 15.0]
    assert found.loc[180, "irradiation_month"].iloc[0].shape == (12,)


def test_an_unknown_building_is_refused(terrain, weather):
    with pytest.raises(InputError, match=r"id = 'b9': no building has this id"):
        facade_bands(town((0, 0, 40, 20, 15.0)), "b9", terrain, weather)
