"""The map of the sun: what a level surface receives, against the climate and against itself."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from shapely import box

from assessment.irradiation_maps import irradiation_maps, write_irradiation
from layers.climate import read_climate
from potential.solar.sun import substep_angles, sun_angles

WEST, SOUTH = 500_000.0, 3_800_000.0
CRS = "EPSG:4545"
NORMALS = Path(__file__).parent.parent / "data/xixian/climate_normals.csv"


@pytest.fixture(scope="module")
def weather():
    return read_climate(NORMALS, lat=34.3, lon=108.7)


@pytest.fixture
def towns():
    return gpd.GeoDataFrame({"id": ["t"]}, geometry=[box(WEST, SOUTH, WEST + 400, SOUTH + 400)], crs=CRS)


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    file = tmp_path_factory.mktemp("terrain") / "plain.tif"
    profile = {"driver": "GTiff", "height": 60, "width": 60, "count": 1, "dtype": "float32", "crs": CRS}
    place = rasterio.Affine(100, 0, WEST - 2800, 0, -100, SOUTH + 3200)
    with rasterio.open(file, "w", transform=place, **profile) as raster:
        raster.write(np.full((1, 60, 60), 400, np.float32))
    return file


def _tower(x, y, height_m):
    shape = box(WEST + x, SOUTH + y, WEST + x + 40, SOUTH + y + 40)
    return gpd.GeoDataFrame({"id": ["b"], "height_m": [height_m]}, geometry=[shape], crs=CRS)


def test_open_ground_receives_the_climates_ghi_in_every_month(towns, plain, weather):
    maps = irradiation_maps(towns, None, plain, weather, workers=1)
    inside = np.isfinite(maps.year)
    assert inside.sum() == 40 * 40
    for month, ghi in zip(maps.month, weather.ghi_kwh_m2_month, strict=True):
        assert month[inside] == pytest.approx(ghi, abs=0.3)  # steps of 1/4 and levels of the horizon


def test_without_terrain_nothing_is_shaded_and_the_file_says_so(towns, weather, tmp_path):
    maps = irradiation_maps(towns, _tower(180, 180, 60.0), None, weather, workers=1)
    assert not maps.shaded
    assert np.nanmax(maps.year) == pytest.approx(weather.ghi_kwh_m2_month.sum(), rel=1e-4)
    assert np.nanmin(maps.year) == np.nanmax(maps.year)
    write_irradiation(tmp_path, maps, tags={"run_id": "abc"})
    with rasterio.open(tmp_path / "irradiation_annual.tif") as raster:
        assert raster.tags()["shaded_by"] == "nothing, terrain unknown"


def test_in_december_a_tower_darkens_the_north_most_and_its_roof_not_at_all(towns, plain, weather):
    maps = irradiation_maps(towns, _tower(180, 180, 60.0), plain, weather, workers=1)
    grid = maps.grid

    def at(x, y):
        return maps.month[11][int((grid.north - SOUTH - y) / 10), int((WEST + x - grid.west) / 10)]

    roof, north, south, east, west = at(205, 205), at(205, 245), at(205, 155), at(245, 205), at(155, 205)
    assert roof == pytest.approx(weather.ghi_kwh_m2_month[11], abs=0.3)
    assert north < min(east, west) < south < roof
    assert east == pytest.approx(west, rel=0.1)


def test_a_scene_moved_has_the_same_map_but_for_the_phase_of_the_rays(plain, weather):
    def mapped(dx):
        area = gpd.GeoDataFrame({"id": ["t"]}, geometry=[box(WEST, SOUTH, WEST + 300, SOUTH + 300)], crs=CRS)
        house = _tower(100, 100, 30.0)
        moved, shifted = (frame.set_geometry(frame.translate(dx, 0)) for frame in (area, house))
        return irradiation_maps(moved, shifted, plain, weather, workers=1)

    one, other = (maps.year[np.isfinite(maps.year)] for maps in (mapped(0.0), mapped(200.0)))
    assert one.mean() == pytest.approx(other.mean(), rel=5e-4)
    assert np.median(np.abs(one - other)) < 0.5


def test_a_building_of_unknown_height_is_left_out(towns, plain, weather):
    unknown = irradiation_maps(towns, _tower(180, 180, np.nan), plain, weather, workers=1)
    bare = irradiation_maps(towns, None, plain, weather, workers=1)
    np.testing.assert_array_equal(unknown.year, bare.year)


def test_another_program_reads_twelve_months_that_add_up_to_the_year(towns, plain, weather, tmp_path):
    maps = irradiation_maps(towns, _tower(180, 180, 60.0), plain, weather, workers=1)
    write_irradiation(tmp_path, maps, tags={"run_id": "abc"})
    with (
        rasterio.open(tmp_path / "irradiation_annual.tif") as annual,
        rasterio.open(tmp_path / "irradiation_monthly.tif") as monthly,
    ):
        assert monthly.units == ("kWh/m2",) * 12
        assert monthly.descriptions[11] == "month 12"
        assert monthly.tags()["run_id"] == "abc"
        assert annual.crs.to_epsg() == 4545
        np.testing.assert_allclose(monthly.read().sum(axis=0), annual.read(1), rtol=1e-6)


def test_the_sun_that_is_remembered_is_nobodys_to_change(weather):
    place = {"lat": weather.lat, "lon": weather.lon, "altitude_m": weather.altitude_m}
    zenith, azimuth = substep_angles(weather.times, **place)
    zenith[:], azimuth[:] = 0.0, 0.0
    again, _ = substep_angles(weather.times, **place)
    first, _ = sun_angles(weather.times[:24] + np.timedelta64(5, "m"), **place)
    assert again[:24, 0].tolist() == pytest.approx(first.tolist(), abs=1e-9)
    north, _ = substep_angles(weather.times, **{**place, "lat": weather.lat + 1.0})
    assert not np.allclose(north, again)
