"""Maps of the rules: the same rules on cells agree with exact vectors; slope, shares, patches."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.transform import from_origin

from faults import InputError
from gis.contiguity import large_patches
from gis.grid import Grid
from gis.terrain import aspect_deg, slope_deg
from layers.eligibility import evaluate
from layers.rule_maps import map_rules
from layers.rule_model import Distance
from layers.rule_ranges import compile_ranges
from layers.rule_rasters import RuleRaster, read_raster, terrain_layers
from layers.rules import load_rules
from tests.eligibility_cases import CRS, around, box, exemption, layer, rule, sites

AREA = box(0, 0, 120, 120)
SHAPES = st.lists(
    st.tuples(*[st.integers(0, 110)] * 2, st.integers(3, 60), st.floats(0, 90)), min_size=1, max_size=4
)


def mapped(rules, layers, *, size=10.0, **options):
    return map_rules(
        rules, layers, Grid.around(AREA.bounds, resolution_m=size), kind="ground", crs=CRS, **options
    )


@given(
    st.lists(SHAPES, min_size=1, max_size=3),
    st.floats(0, 20),
    st.lists(st.floats(0.1, 1), min_size=3, max_size=3),
)
@settings(max_examples=25, deadline=None)
def test_a_map_agrees_with_exact_vectors_within_the_error_of_its_cells(drawn, buffer, shares):
    zones = [
        [shapely.affinity.rotate(box(x, y, w, 9.7), turn) for x, y, w, turn in shapes] for shapes in drawn
    ]
    layers = {f"z{n}": layer(shapes) for n, shapes in enumerate(zones)}
    rules = [rule(f"r{n}", layer=f"z{n}", buffer=buffer, share=shares[n]) for n in range(len(drawn))]
    exact = evaluate(sites([AREA]), rules, layers).areas["available_m2"].iloc[0]
    edges = sum(around(shape, buffer).length for shapes in zones for shape in shapes)
    for sub in (1, 4):
        found = mapped(rules, layers, sub=sub)
        # Cells decide by their centre: an edge of length l misses by less than half a part's width at most.
        assert abs(found.free_m2 - exact) < 0.5 * edges * 10.0 / sub


def test_a_strip_of_20_m_does_not_take_a_cell_of_90_m_but_its_share():
    road = {"zones": layer([shapely.LineString([(50.0, -100), (50.0, 300)])])}
    strip = [rule(buffer=10.0)]
    grid = Grid(0.0, 90.0, 90.0, 1, 1)
    coarse = map_rules(strip, road, grid, kind="ground", crs=CRS)
    fine = map_rules(strip, road, grid, kind="ground", crs=CRS, sub=9)
    assert coarse.free.tolist() == [[0.0]]
    assert fine.free[0, 0] == pytest.approx(7 / 9)


def test_shares_add_up_in_a_cell_and_forced_areas_stay():
    zones = {"a": layer([box(0, 0, 60, 120)]), "b": layer([box(0, 0, 120, 60)])}
    rules = [rule("a", layer="a", share=0.7), rule("b", layer="b", share=0.5)]
    keep = gpd.GeoDataFrame(geometry=[box(0, 0, 20, 20)], crs=CRS)
    free = mapped(rules, zones, forced=keep).free
    assert (free[0, 0], free[11, 11], free[11, 3], free[11, 0]) == pytest.approx((0.3, 0.5, 0.0, 1.0))


def test_conditions_weights_and_priors_make_the_score():
    zones = {"a": layer([box(0, 0, 60, 120)]), "b": layer([box(0, 0, 120, 60)])}
    rules = [rule("a", layer="a", verdict="conditional", weight=0.5), rule("b", layer="b")]
    prior = np.full((12, 12), 0.8)
    found = mapped(rules, zones, priors=[prior])
    assert (found.score[0, 0], found.score[0, 11], found.score[11, 0]) == pytest.approx((0.4, 0.8, 0.0))
    assert found.conditional[0, 0]
    assert not found.conditional[11, 0]
    with pytest.raises(ValueError, match=r"a prior has the shape \(3, 3\), the grid \(12, 12\)"):
        mapped(rules, zones, priors=[np.ones((3, 3))])


def test_a_map_names_what_is_missing_and_what_it_cannot_ask():
    rules = [
        rule("gone", layer="nowhere"),
        rule("age", layer="candidate", where="year < 2000"),
        rule("other", types=("deep",)),
    ]
    found = mapped(rules, {"nowhere": None})
    assert (found.not_checked, found.left_out) == (("gone",), ("age",))
    assert found.free.min() == 1.0
    with pytest.raises(ValueError, match="kind 'roof' is none of roof_flat"):
        map_rules(rules, {}, found.grid, kind="roof", crs=CRS)
    with pytest.raises(ValueError, match="sub 0 must be at least 1"):
        mapped(rules, {}, sub=0)


def test_an_exemption_by_layer_holds_on_maps_too():
    zones = {"zones": layer([box(0, 0, 120, 120)]), "freed": layer([box(0, 0, 30, 120)])}
    found = mapped([rule(exemptions=(exemption(layer="freed"),))], zones)
    assert found.free[0].tolist() == [1.0] * 3 + [0.0] * 9


def test_small_patches_go_unless_a_track_joins_them():
    zones = {"zones": layer([box(30, 0, 10, 120)], kind="track"), "wall": layer([box(70, 0, 10, 120)])}
    rules = [rule("track"), rule("wall", layer="wall")]
    strict = rule("small", layer="candidate", min_area_m2=4000.0)
    bridged = rule("small", layer="candidate", min_area_m2=4000.0, bridges=("track",))
    assert mapped([*rules, strict], zones).free[0].tolist() == [0] * 8 + [1] * 4
    assert mapped([*rules, bridged], zones).free[0].tolist() == [1, 1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 1]


def test_bands_do_not_change_a_map(monkeypatch):
    zones = {"zones": layer([shapely.Point(61, 59).buffer(37)])}
    whole = mapped([rule(buffer=9.0)], zones, sub=3)
    monkeypatch.setattr("layers.rule_maps._BAND_CELLS", 12 * 9)
    np.testing.assert_array_equal(mapped([rule(buffer=9.0)], zones, sub=3).free, whole.free)


@given(st.floats(-1, 1), st.floats(-1, 1), st.floats(0.5, 50))
@settings(max_examples=40, deadline=None)
def test_a_plane_has_its_slope_and_aspect_everywhere_edges_included(east, north, size):
    x, y = np.meshgrid(np.arange(6) * size, -np.arange(5) * size)
    heights = 400 + east * x + north * y
    expected = np.degrees(np.arctan(np.hypot(east, north)))
    assert slope_deg(heights, size) == pytest.approx(np.full(heights.shape, expected), abs=1e-6)
    if expected > 0.1:
        faces = np.degrees(np.arctan2(-east, -north)) % 360
        turned = (aspect_deg(heights, size) - faces + 180) % 360 - 180
        assert np.abs(turned).max() < 1e-4


def test_level_ground_faces_nowhere_and_unknown_heights_stay_unknown():
    heights = np.full((5, 5), 400.0)
    assert np.isnan(aspect_deg(heights, 10.0)).all()
    heights[2, 2] = np.nan
    slope = slope_deg(heights, 10.0)
    assert np.isnan(slope[1, 1])
    assert slope[0, 4] == 0.0
    with pytest.raises(ValueError, match="has no slope"):
        slope_deg(np.ones((1, 5)), 10.0)


@pytest.fixture
def hill(tmp_path):
    heights = np.zeros((40, 40), dtype=np.float32)
    heights[:, 20:] = np.arange(20) * 4.0
    heights[0, 0] = -9999
    file = tmp_path / "terrain.tif"
    with rasterio.open(
        file,
        "w",
        driver="GTiff",
        width=40,
        height=40,
        count=1,
        dtype="float32",
        crs=f"EPSG:{CRS}",
        nodata=-9999,
        transform=from_origin(541_000, 3_800_400, 10, 10),
    ) as raster:
        raster.write(heights, 1)
    return file


def test_the_slope_rule_cuts_sites_and_maps_alike(hill):
    siting = [one for one in load_rules(["siting"]) if one.id == "slope_steep"]
    layers = terrain_layers(hill, CRS)
    plot = sites([box(541_050, 3_800_050, 300, 300)])
    exact = evaluate(plot, siting, layers)
    # Horn's window sees the foot of the ramp one cell before it: 16 of 30 columns are steep.
    assert exact.areas["available_m2"].iloc[0] == pytest.approx(15 * 10 * 300)
    grid = Grid.around(plot.total_bounds, resolution_m=10.0)
    found = map_rules(siting, layers, grid, kind="ground", crs=CRS)
    assert found.free_m2 == pytest.approx(exact.areas["available_m2"].iloc[0])


def test_raster_cells_with_a_buffer_and_values_outside():
    raster = RuleRaster(np.array([[0.0, 5.0], [np.nan, 0.0]]), Grid(0.0, 20.0, 10.0, 2, 2), f"EPSG:{CRS}")
    steep = rule("steep", layer="slope", values=compile_ranges("[3-9]"), buffer=Distance(5.0))
    grid = Grid(-10.0, 30.0, 5.0, 8, 8)
    found = map_rules([steep], {"slope": raster}, grid, kind="ground", crs=CRS)
    expected = shapely.distance(
        box(10, 10, 10, 10), shapely.points(*np.meshgrid(grid.x_of(np.arange(8)), grid.y_of(np.arange(8))))
    )
    np.testing.assert_array_equal(found.free == 0, expected <= 5.0)
    assert np.isnan(raster.at(grid)[0, 0])
    with pytest.raises(InputError, match="rule r, values: is missing: layer zones is a raster"):
        evaluate(sites([AREA]), [rule()], {"zones": raster})


def test_a_raster_in_degrees_is_resampled_and_one_without_crs_refused(hill, tmp_path):
    with rasterio.open(hill) as source:
        heights = source.read(1)
    degrees = tmp_path / "degrees.tif"
    with rasterio.open(
        degrees,
        "w",
        driver="GTiff",
        width=40,
        height=40,
        count=1,
        dtype="float32",
        crs="EPSG:4490",
        transform=from_origin(108.45, 34.34, 0.0001, 0.0001),
    ) as raster:
        raster.write(heights, 1)
    read = read_raster(degrees, CRS)
    assert read.grid.resolution_m == pytest.approx(10, rel=0.2)
    assert np.nanmax(read.values) == pytest.approx(76, abs=2)
    bare = tmp_path / "bare.tif"
    with rasterio.open(
        bare,
        "w",
        driver="GTiff",
        width=2,
        height=2,
        count=1,
        dtype="float32",
        transform=from_origin(0, 2, 1, 1),
    ) as raster:
        raster.write(np.ones((1, 2, 2), dtype=np.float32))
    with pytest.raises(InputError, match=r"bare.tif, crs: is missing; it is never guessed"):
        read_raster(bare, CRS)
    with pytest.raises(InputError, match="cannot be read"):
        read_raster(tmp_path / "none.tif", CRS)


@given(st.lists(st.lists(st.booleans(), min_size=6, max_size=6), min_size=5, max_size=5), st.integers(1, 8))
@settings(max_examples=40, deadline=None)
def test_patches_agree_with_polygons(rows, least):
    from gis.contiguity import contiguous_area_m2

    cells = np.array(rows)
    if not cells.any():
        return
    squares = np.array([box(column, -row, 1, 1) for row, column in np.argwhere(cells)])
    expected = contiguous_area_m2(squares) >= least
    assert large_patches(cells.astype(float), float(least))[cells].tolist() == expected.tolist()
