"""Cases that the land-eligibility tools GLAES, reV and atlite publish for themselves, as laws of this engine.

atlite (test/test_gis.py): flat availability, a quarter excluded, the same inverted, a raster over half of
the area, raster codes, a raster in another CRS, coarse cells as means of fine ones. GLAES
(test_ExclusionCalculator.py): the value ranges of rasters, exclusion below and above a value are complements,
features just outside the region. reV (exclusions.py): values and ranges, weights as shares, forced inclusion,
a layer that holds inside another only.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin

from gis.exclusion import Exclusions
from gis.grid import Grid
from layers.eligibility import evaluate
from layers.rule_maps import map_rules
from layers.rule_model import Scope
from layers.rule_ranges import compile_ranges
from layers.rule_rasters import RuleRaster, read_raster
from tests.eligibility_cases import CRS, box, layer, rule, sites

X0, Y0, X1, Y1 = -4.0, 56.0, 1.5, 61.0
"""The bounds of atlite's cutout, read as kilometres."""
BOUNDS = tuple(1000 * value for value in (X0, Y0, X1, Y1))
AREA = shapely.box(*BOUNDS)
QUARTER = shapely.box((BOUNDS[0] + BOUNDS[2]) / 2, (BOUNDS[1] + BOUNDS[3]) / 2, BOUNDS[2], BOUNDS[3])
GRID = Grid.around(BOUNDS, resolution_m=10.0)
CLIP = 0.25


def both(rules, layers, area=AREA):
    """The area left by exact vectors and by a map of 10 m (m2); the map must agree to the cell."""
    exact = evaluate(sites([area]), rules, layers).areas["available_m2"].iloc[0]
    inside = Exclusions.empty(GRID, criteria=1)
    inside.burn(np.array([area]), criterion=0)
    free = map_rules(rules, layers, GRID, kind="ground", crs=CRS).free
    return exact, float(free[inside.met(0)].sum(dtype=float)) * 100


def speckled(clip=CLIP, grid=GRID, seed=3):
    """A raster in which a share of the cells, at random, is 1."""
    return RuleRaster(
        (np.random.default_rng(seed).random(grid.shape) < clip).astype(np.float32), grid, f"EPSG:{CRS}"
    )


def coarse(grid=GRID):
    return Grid(grid.west, grid.north, 100.0, grid.rows // 10, grid.columns // 10)


def test_without_rules_the_availability_is_the_area():
    inner = shapely.box(BOUNDS[0] + 1000, BOUNDS[1] + 1000, BOUNDS[2] - 1000, BOUNDS[3] - 1000)
    assert both([], {}, inner) == pytest.approx((inner.area, inner.area))
    assert map_rules([], {}, coarse(), kind="ground", crs=CRS, sub=3).free.min() == 1.0


def test_a_quarter_excluded_leaves_three_and_inverted_one():
    zones = {"zones": layer([QUARTER])}
    assert both([rule()], zones) == pytest.approx((0.75 * AREA.area, 0.75 * AREA.area))
    assert both([rule(invert=True)], zones) == pytest.approx((0.25 * AREA.area, 0.25 * AREA.area))


def test_the_excluded_share_of_a_raster_is_lost_to_the_cell_and_inverted_it_is_left():
    grid = coarse()
    raster = {"zones": speckled(grid=grid)}
    lost = raster["zones"].values.sum() * 100.0**2
    ones = compile_ranges("1")
    exact, cells = both([rule(values=ones)], raster)
    assert exact == pytest.approx(AREA.area - lost)
    assert cells == pytest.approx(AREA.area - lost)
    assert exact / AREA.area == pytest.approx(1 - CLIP, abs=0.02)
    exact, cells = both([rule(values=ones, invert=True)], raster)
    assert (exact, cells) == pytest.approx((lost, lost))


def test_a_raster_over_half_of_the_area_decides_only_there():
    half = Grid((BOUNDS[0] + BOUNDS[2]) / 2, BOUNDS[3], 50.0, 100, 55)
    raster = {"zones": RuleRaster(np.zeros(half.shape), half, f"EPSG:{CRS}")}
    assert both([rule(values=compile_ranges("0,1"))], raster) == pytest.approx((AREA.area / 2, AREA.area / 2))


def test_codes_and_a_range_that_means_the_same():
    grid = coarse()
    raster = {"zones": RuleRaster(np.random.default_rng(5).integers(0, 100, grid.shape), grid, f"EPSG:{CRS}")}
    listed, _ = both([rule(values=compile_ranges(",".join(map(str, range(20)))))], raster)
    ranged, _ = both([rule(values=compile_ranges("[-20)"))], raster)
    assert listed == ranged
    assert listed / AREA.area == pytest.approx(0.8, abs=0.02)


def test_below_a_value_and_from_it_are_complements():
    grid = coarse()
    raster = {"zones": RuleRaster(np.random.default_rng(6).integers(0, 44, grid.shape), grid, f"EPSG:{CRS}")}
    below, cells_below = both([rule(values=compile_ranges("[-12]"))], raster)
    above, cells_above = both([rule(values=compile_ranges("[13-]"))], raster)
    assert (below + above, cells_below + cells_above) == pytest.approx((AREA.area, AREA.area))


def test_the_ranges_that_glaes_documents():
    meant = compile_ranges("[-2),[5-7),12,(22-26],29,33,[40-]")
    values = np.arange(0, 45)
    expected = [0, 1, 5, 6, 12, 23, 24, 25, 26, 29, 33, 40, 41, 42, 43, 44]
    assert values[meant(values)].tolist() == expected


def test_a_raster_in_another_crs_takes_the_same_share(tmp_path):
    area = box(540_000, 3_790_000, 8000, 8000)
    west, south, east, north = gpd.GeoSeries([area.buffer(500)], crs=CRS).to_crs(4490).total_bounds
    values = (np.random.default_rng(8).random((130, 160)) < CLIP).astype(np.float32)
    with rasterio.open(
        tmp_path / "codes.tif",
        "w",
        driver="GTiff",
        width=160,
        height=130,
        count=1,
        dtype="float32",
        crs="EPSG:4490",
        transform=from_origin(west, north, (east - west) / 160, (north - south) / 130),
    ) as file:
        file.write(values, 1)
    raster = {"zones": read_raster(tmp_path / "codes.tif", CRS)}
    left = (
        evaluate(sites([area]), [rule(values=compile_ranges("[0.5-]"))], raster).areas["available_m2"].iloc[0]
    )
    # Bilinear resampling moves the edges of single cells by up to half a cell: speckles are the hardest case.
    assert left / area.area == pytest.approx(1 - CLIP, abs=0.06)


def test_coarse_cells_are_the_means_of_fine_ones():
    shape = shapely.Point(-1200, 58_700).buffer(900)
    fine = map_rules([rule(share=0.6)], {"zones": layer([shape])}, GRID, kind="ground", crs=CRS)
    means = fine.free.reshape(coarse().rows, 10, coarse().columns, 10).mean(axis=(1, 3))
    found = map_rules([rule(share=0.6)], {"zones": layer([shape])}, coarse(), kind="ground", crs=CRS, sub=10)
    np.testing.assert_allclose(found.free, means, atol=1e-6)


def test_a_feature_just_outside_the_region_excludes_inside():
    village = layer([box(BOUNDS[0] - 300, 58_000, 200, 200)])
    exact, cells = both([rule(buffer=400.0)], {"zones": village})
    zone = village.geometry.iloc[0].buffer(400.0, quad_segs=512).intersection(AREA)
    assert AREA.area - exact == pytest.approx(zone.area, abs=10)
    assert AREA.area - cells == pytest.approx(zone.area, rel=0.01)


def test_exclusion_layers_weigh_force_and_hold_inside_another_layer_only():
    zones = {
        "half": layer([box(-4000, 56_000, 2000, 5000)]),
        "only": layer([box(-4000, 56_000, 5500, 1000)]),
        "inside": layer([box(-4000, 56_000, 1000, 5000)]),
    }
    scoped = rule("only", layer="only", within=Scope("inside"))
    exact, cells = both([rule("half", layer="half", share=0.4), scoped], zones)
    expected = AREA.area - 0.4 * 2000 * 5000 - 0.6 * 1000 * 1000
    assert (exact, cells) == pytest.approx((expected, expected))
    keep = gpd.GeoDataFrame(geometry=[box(-4000, 56_000, 500, 500)], crs=CRS)
    forced = map_rules([scoped], zones, GRID, kind="ground", crs=CRS, forced=keep)
    exact = evaluate(sites([AREA]), [scoped], zones, forced=keep).areas["available_m2"].iloc[0]
    assert (exact, forced.free_m2) == pytest.approx((AREA.area - 750_000, AREA.area - 750_000))


def test_a_scope_that_is_missing_is_not_checked_and_takes_nothing():
    scoped = rule("only", within=Scope("nowhere"))
    outcome = evaluate(sites([AREA]), [scoped], {"zones": layer([AREA])})
    found = map_rules([scoped], {"zones": layer([AREA])}, coarse(), kind="ground", crs=CRS)
    assert outcome.not_checked["ground"] == found.not_checked == ("only",)
    assert outcome.areas["available_m2"].iloc[0] == found.free_m2 == AREA.area


def test_availability_never_goes_below_nothing_however_large_the_area():
    """An area times a pixel once overflowed into minus 3 %."""
    huge = box(0, 0, 2_000_000, 2_000_000)
    zones = {"zones": layer([box(-9, -9, 1_990_000, 2_100_000)])}
    rules = [rule("a"), rule("b", share=0.9), rule("c", share=0.9)]
    assert evaluate(sites([huge]), rules, zones).areas["available_m2"].iloc[0] == pytest.approx(
        10_009 * 2e6 - 18e6, rel=1e-3
    )
    grid = Grid.around(huge.bounds, resolution_m=10_000.0)
    assert map_rules(rules, zones, grid, kind="ground", crs=CRS).free_m2 == pytest.approx(2e10, rel=1e-9)
