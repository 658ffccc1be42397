"""Rules on terrain: windows of a raster, what was not measured, and the smallest width on maps."""

from __future__ import annotations

import numpy as np
import pytest
import rasterio
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.transform import from_origin

from gis.contiguity import wide_part
from gis.grid import Grid
from layers.eligibility import evaluate
from layers.rule_maps import map_rules
from layers.rule_ranges import compile_ranges
from layers.rule_rasters import RuleRaster, terrain_layers
from layers.rules import load_rules
from tests.eligibility_cases import CRS, box, layer, rule, sites

WEST, NORTH, SIZE = 541_000.0, 3_800_400.0, 10.0


def terrain(path, heights, crs=f"EPSG:{CRS}", nodata=-9999.0):
    rows, columns = heights.shape
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=columns,
        height=rows,
        count=1,
        dtype="float32",
        crs=crs,
        nodata=nodata,
        transform=from_origin(WEST, NORTH, SIZE, SIZE),
    ) as file:
        file.write(np.nan_to_num(heights, nan=nodata).astype(np.float32), 1)
    return path


def hills(rows=60, columns=70, seed=1):
    return np.cumsum(np.random.default_rng(seed).normal(0, 2.0, (rows, columns)), axis=1)


@given(st.integers(0, 500), st.integers(0, 400), st.integers(20, 300), st.integers(20, 300))
@settings(max_examples=30, deadline=None)
def test_a_window_of_the_terrain_has_the_slopes_of_the_whole(tmp_path_factory, x, y, width, height):
    path = tmp_path_factory.mktemp("t") / "terrain.tif"
    whole = terrain_layers(terrain(path, hills()), CRS)
    bounds = (WEST + x, NORTH - y - height, WEST + x + width, NORTH - y)
    part = terrain_layers(path, CRS, bounds)
    grid = Grid.around(bounds, resolution_m=SIZE)
    for name in ("elevation", "slope", "aspect"):
        np.testing.assert_array_equal(part[name].at(grid), whole[name].at(grid))
        np.testing.assert_array_equal(part[name].known_at(grid), whole[name].known_at(grid))


def test_a_window_beyond_the_terrain_is_unknown(tmp_path):
    path = terrain(tmp_path / "terrain.tif", hills())
    far = terrain_layers(path, CRS, (WEST + 5000, NORTH - 9000, WEST + 5100, NORTH - 8900))
    plot = sites([box(WEST + 5000, NORTH - 9000, 100, 100)])
    outcome = evaluate(plot, load_rules(["siting"]), far)
    assert set(outcome.unknown["rule"]) == {"slope_steep", "slope_north"}


def test_where_the_terrain_has_a_hole_the_rule_is_not_checked_rather_than_not_met(tmp_path):
    heights = np.zeros((60, 70))
    heights[20:30, 20:30] = np.nan
    layers = terrain_layers(terrain(tmp_path / "terrain.tif", heights), CRS)
    plots = sites([box(WEST + 150, NORTH - 250, 100, 100), box(WEST + 450, NORTH - 450, 100, 100)])
    steep = [one for one in load_rules(["siting"]) if one.id == "slope_steep"]
    outcome = evaluate(plots, steep, layers)
    assert outcome.unknown.to_numpy().tolist() == [["s0", "slope_steep"]]
    assert outcome.status.tolist() == ["allowed", "allowed"]  # the siting rules are not decisive
    decisive = [rule("steep", layer="slope", values=compile_ranges("(10-]"))]
    assert evaluate(plots, decisive, layers).status.tolist() == ["not_checked", "allowed"]
    grid = Grid.around(plots.total_bounds, resolution_m=SIZE)
    found = map_rules(steep, layers, grid, kind="ground", crs=CRS)
    inside = shapely.box(WEST + 190, NORTH - 310, WEST + 310, NORTH - 190)  # and the neighbours Horn asks
    x, y = np.meshgrid(grid.x_of(np.arange(grid.columns)), grid.y_of(np.arange(grid.rows)))
    np.testing.assert_array_equal(found.unknown, shapely.contains_xy(inside, x, y))


def test_level_ground_faces_nowhere_and_that_is_known(tmp_path):
    layers = terrain_layers(terrain(tmp_path / "terrain.tif", np.zeros((60, 70))), CRS)
    outcome = evaluate(sites([box(WEST + 100, NORTH - 200, 50, 50)]), load_rules(["siting"]), layers)
    assert outcome.unknown.empty
    assert outcome.areas["available_m2"].iloc[0] == 2500.0


def test_terrain_in_another_crs_is_read_by_the_window_too(tmp_path):
    path = tmp_path / "terrain.tif"
    values = hills(80, 80)
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=80,
        height=80,
        count=1,
        dtype="float32",
        crs="EPSG:4490",
        transform=from_origin(108.45, 34.34, 0.0001, 0.0001),
    ) as file:
        file.write(values.astype(np.float32), 1)
    whole = terrain_layers(path, CRS)["slope"]
    west, south, east, north = whole.grid.bounds
    bounds = (west + 200, south + 200, east - 300, north - 300)
    grid = Grid.around(bounds, resolution_m=7.0)
    np.testing.assert_allclose(
        terrain_layers(path, CRS, bounds)["slope"].at(grid), whole.at(grid), rtol=1e-4, atol=1e-3
    )


SHAPES = st.lists(
    st.tuples(st.integers(0, 150), st.integers(0, 150), st.integers(3, 90), st.integers(3, 90)),
    min_size=1,
    max_size=4,
)


@given(SHAPES, st.sampled_from([6.0, 10.0, 15.0, 24.0]))
@settings(max_examples=30, deadline=None)
def test_the_smallest_width_agrees_on_maps_within_the_cells_along_the_edges(drawn, width):
    cell = 1.0
    area = box(0, 0, 240, 240)
    zones = {"zones": layer([box(*one) for one in drawn]), "area": layer([area])}
    only = rule("only", layer="area", invert=True)  # on a map the land goes on beyond the site
    rules = [only, rule("zone"), rule("narrow", layer="candidate", min_width_m=width)]
    exact = evaluate(sites([area]), rules, zones).eligible.geometry
    grid = Grid(-30.0, 270.0, cell, 300, 300)
    free = map_rules(rules, zones, grid, kind="ground", crs=CRS).free_m2
    kept = shapely.union_all(exact.to_numpy())
    wider, narrower = (
        shapely.area(
            wide_part(np.array([shapely.difference(area, shapely.union_all(zones["zones"].geometry))]), w)
        )[0]
        for w in (width - 2 * cell, width + 2 * cell)
    )
    corners = shapely.get_num_coordinates(kept) * 0.22 * (width / 2) ** 2  # a disc rounds corners
    rest = kept.length * cell
    assert narrower - rest - corners <= free <= wider + rest


def test_a_strip_too_narrow_goes_and_a_strip_wide_enough_stays_on_the_map():
    grid = Grid(0.0, 60.0, 2.0, 30, 30)
    zones = {"zones": layer([box(0, 0, 60, 20), box(0, 26, 60, 4), box(0, 42, 60, 18)])}
    rules = [rule("zone"), rule("narrow", layer="candidate", min_width_m=8.0)]
    found = map_rules(rules, zones, grid, kind="ground", crs=CRS)
    exact = evaluate(sites([box(0, 0, 60, 60)]), rules, zones).areas["available_m2"].iloc[0]
    assert found.left_out == ()
    assert (found.free_m2, exact) == pytest.approx((720.0, 720.0))


def test_a_raster_that_ends_within_a_site_leaves_the_rule_unchecked():
    raster = RuleRaster(np.zeros((4, 4)), Grid(0.0, 40.0, 10.0, 4, 4), f"EPSG:{CRS}")
    steep = rule("steep", layer="slope", values=compile_ranges("[3-9]"))
    plots = sites([box(5, 5, 20, 20), box(30, 30, 20, 20)])
    assert evaluate(plots, [steep], {"slope": raster}).unknown["id"].tolist() == ["s1"]
