"""Shading of buildings: analytic cases, laws, and the sum of parts."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely

from assessment import solar_tiles
from assessment.solar import shade_buildings, weather_table
from faults import InputError
from gis.grid import Grid
from gis.rings import rings_of
from gis.roof_shape import GABLED, Roofs, boxes_of
from gis.surface import build_surface
from layers.climate import read_climate
from potential.solar.irradiation import ground_light, normals, own_levels, plane_tables

NORMALS = Path(__file__).parents[1] / "data" / "xixian" / "climate_normals.csv"
CRS = "EPSG:4545"
WEST, NORTH = 560_000.0, 3_800_000.0


@pytest.fixture(scope="module")
def weather():
    return read_climate(NORMALS, lat=34.35, lon=108.8)


@pytest.fixture(scope="module")
def table(weather):
    return weather_table(weather)


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return write_terrain(tmp_path_factory.mktemp("terrain") / "plain.tif", np.full((100, 100), 400.0))


def write_terrain(path, heights, resolution_m=20.0):
    transform = rasterio.transform.from_origin(WEST, NORTH, resolution_m, resolution_m)
    profile = {"driver": "GTiff", "dtype": "float32", "count": 1, "crs": CRS, "transform": transform}
    height, width = heights.shape
    with rasterio.open(path, "w", width=width, height=height, **profile) as target:
        target.write(heights.astype("float32"), 1)
    return path


def town(boxes, heights, **columns):
    polygons = [
        shapely.box(WEST + 1000 + a, NORTH - 1000 + b, WEST + 1000 + c, NORTH - 1000 + d)
        for a, b, c, d in boxes
    ]
    data = {"id": [f"b{i}" for i in range(len(boxes))], "height_m": heights, **columns}
    return gpd.GeoDataFrame(data, geometry=polygons, crs=CRS)


def test_level_plane_under_an_open_sky_gets_ghi_exactly(weather, table):
    level = normals(np.zeros(1), np.zeros(1))
    own = own_levels(level, table.azimuths_deg, table.levels_deg)
    light = plane_tables(table.light, level, own)[0, :, 0].sum(axis=0)
    np.testing.assert_allclose(light / 1000, weather.ghi_kwh_m2_month, rtol=1e-9)


@pytest.mark.parametrize("tilt", [0.0, 15.0, 30.0, 60.0, 90.0])
def test_sky_view_of_a_tilted_plane(table, tilt):
    plane = normals(np.array([tilt]), np.array([200.0]))
    own = own_levels(plane, table.azimuths_deg, table.levels_deg)
    view = plane_tables(table.view, plane, own)[0, :, 0].sum()
    assert view == pytest.approx((1 + np.cos(np.radians(tilt))) / 2, abs=1e-3)


def sky_view(table, horizon_deg):
    """Sky view of a level plane under a horizon given per sector, through codes and table."""
    codes = (np.asarray(horizon_deg)[:, None] > table.levels_deg).sum(axis=1)
    return table.view[np.arange(codes.size), codes, 2].sum()


def test_sky_view_of_cliff_canyon_and_basin(table):
    azimuth = np.radians(table.azimuths_deg)
    cliff = np.where(np.cos(azimuth) > 1e-9, 90.0, 0.0)
    cliff[np.abs(np.cos(azimuth)) < 1e-9] = 0.0
    straight = np.where(np.abs(np.cos(azimuth)) < 1e-9, 0.5, 0.0).sum() / azimuth.size
    assert sky_view(table, cliff) == pytest.approx(0.5 + straight, abs=0.01)
    for ratio in (0.3, 1.0):  # wall height over half the street's width
        canyon = np.degrees(np.arctan(ratio * np.abs(np.cos(azimuth))))
        assert sky_view(table, canyon) == pytest.approx(np.cos(np.arctan(ratio)), abs=0.01)
    for rim in (5.0, 20.0, 45.0):
        basin = np.full(azimuth.size, rim)
        assert sky_view(table, basin) == pytest.approx(np.cos(np.radians(rim)) ** 2, abs=0.01)


def test_a_lone_building_loses_nothing(plain, weather):
    result = shade_buildings(town([(0, 0, 30, 20)], [12.0]), plain, weather)
    assert result.loc[0, "shading_loss"] == pytest.approx(0, abs=1e-6)
    assert result.loc[0, "sky_view"] == pytest.approx(1, abs=1e-6)
    assert result.loc[0, "irradiation_kwh_m2"] == pytest.approx(weather.ghi.sum() / 1000, rel=1e-5)
    assert result.loc[0, "pixels"] == 150


def test_a_tower_to_the_south_shades_in_winter_most(plain, weather):
    frame = town([(0, 0, 30, 20), (-20, -35, 50, -15), (0, 300, 30, 320)], [12.0, 60.0, 12.0])
    result = shade_buildings(frame, plain, weather).set_index("id")
    month = np.array(result.loc["b0", "shading_loss_month"])
    assert result.loc["b0", "shading_loss"] > 0.2
    assert month[[0, 11]].min() > month[[5, 6]].max()
    assert result.loc["b1", "shading_loss"] == pytest.approx(0, abs=1e-6)
    assert 0 < result.loc["b2", "shading_loss"] < 0.05


def test_turning_the_scene_by_mirror_east_west_changes_little(plain, weather):
    """Beam is not symmetric about noon in real weather, the sky view is."""
    boxes = [(0, 0, 30, 20), (-44, -10, -14, 30), (60, 10, 80, 40)]
    mirrored = [(-c, b, -a, d) for a, b, c, d in boxes]
    one = shade_buildings(town(boxes, [9.0, 30.0, 45.0]), plain, weather)
    other = shade_buildings(town(mirrored, [9.0, 30.0, 45.0]), plain, weather)
    np.testing.assert_allclose(one["sky_view"], other["sky_view"], atol=0.003)


def test_a_town_moved_by_whole_pixels_is_shaded_the_same(tmp_path, weather):
    terrain = write_terrain(tmp_path / "flat.tif", np.full((200, 200), 10.0))
    boxes = np.array([(0, 0, 30, 20), (-44, -10, -14, 30), (60, 10, 80, 40)])
    one = shade_buildings(town(boxes, [9.0, 30.0, 45.0]), terrain, weather)
    other = shade_buildings(
        town(boxes + np.array([200, -100, 200, -100]), [9.0, 30.0, 45.0]), terrain, weather
    )
    np.testing.assert_allclose(one["shading_loss"], other["shading_loss"], atol=2e-3)


def test_tiles_give_what_the_whole_gives(plain, weather, monkeypatch):
    rng = np.random.default_rng(2)
    corners = rng.uniform(0, 700, (60, 2))
    boxes = np.column_stack([corners, corners + rng.uniform(8, 30, (60, 2))])
    frame = town(boxes, rng.uniform(4, 40, 60))
    whole = shade_buildings(frame, plain, weather)
    monkeypatch.setattr(solar_tiles, "WHOLE_PIXELS", 1000)
    monkeypatch.setattr(solar_tiles, "TILE_PIXELS", 180)
    tiled = shade_buildings(frame, plain, weather)
    assert len(list(solar_tiles.tiles_of(frame.total_bounds, resolution_m=2.0))) > 3
    np.testing.assert_allclose(whole["shading_loss"], tiled["shading_loss"], atol=1e-6)
    assert (whole["pixels"] == tiled["pixels"]).all()


def test_unknown_height_stays_unknown(plain, weather):
    result = shade_buildings(town([(0, 0, 30, 20), (40, 0, 60, 20)], [12.0, np.nan]), plain, weather)
    assert np.isnan(result.loc[1, "shading_loss"])
    assert result.loc[1, "pixels"] == 0
    assert result.loc[0, "shading_loss"] == pytest.approx(0, abs=1e-6)


def test_no_house_is_lost_however_small(plain, weather):
    boxes = [(3.2, 3.2, 3.7, 3.6), (20, 20, 20.3, 45)]
    result = shade_buildings(town(boxes, [4.0, 4.0]), plain, weather)
    assert (result["pixels"] >= 1).all()
    assert result["shading_loss"].notna().all()


def test_a_valley_shades_its_floor(tmp_path, weather):
    """A village between two ridges 300 m high loses what their slopes hide."""
    x = (np.arange(200) - 100) * 20.0
    terrain = write_terrain(
        tmp_path / "valley.tif", np.tile(np.clip(np.abs(x) - 300, 0, 300), (200, 1)) + 400.0
    )
    middle = [(1000.0, -1000.0, 1030.0, -980.0)]
    result = shade_buildings(town(middle, [6.0]), terrain, weather)
    # ridges of 300 m from 600 m on both sides: about 25 degrees east and west
    azimuth = np.radians(np.arange(0, 360, 1.0))
    rim = np.arctan(np.maximum(0, (300 - 11) * np.abs(np.sin(azimuth)) / 600))
    expected = np.mean(np.cos(rim) ** 2)
    assert result.loc[0, "sky_view"] == pytest.approx(expected, abs=0.02)
    assert result.loc[0, "shading_loss"] > 0.02


def test_gabled_roof_has_two_sides_and_a_ridge():
    polygon = np.array([shapely.box(0, 0, 40, 20)], dtype=object)
    roofs = Roofs(np.array([10.0]), np.array([GABLED], np.uint8), np.array([0.5]), boxes_of(polygon))
    grid = Grid(-10.0, 30.0, 1.0, 40, 60)
    surface = build_surface(
        grid, np.zeros((2, 2)), Grid(-100.0, 100.0, 100.0, 2, 2), rings_of(polygon), roofs
    )
    heights = surface.heights.metres()
    assert heights.max() == pytest.approx(10.0 + 0.5 * 10 / 2 - 0.25, abs=0.02)
    assert heights[20, 30] == heights.max() or heights[19, 30] == heights.max()
    counts = np.diff(surface.roofs.starts)
    assert counts.tolist() == [400, 400, 0, 0]
    assert heights[10:30, 10:50].mean() == pytest.approx(10.0, abs=0.02)


def test_ground_light_falls_with_the_sky(table):
    view, whole = np.array([0.9, 0.45]), np.array([0.9, 0.9])
    light = ground_light(table, view, whole, 0.2)
    np.testing.assert_allclose(light[0], 0.2 * table.ghi * 0.1)
    np.testing.assert_allclose(light[1], 0.2 * table.ghi * 0.55 * 0.5)


def test_terrain_that_cannot_be_read_is_said(tmp_path, weather):
    path = tmp_path / "broken.tif"
    path.write_text("no raster")
    with pytest.raises(InputError, match=r"broken.tif: cannot be read"):
        shade_buildings(town([(0, 0, 30, 20)], [12.0]), path, weather)
