"""However much is held at a time, heat comes to the same: pieces bound memory and change no bit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely

from assessment import heat_demand, heat_packing
from assessment.heat_blocks import make_blocks
from assessment.heat_demand import place_demand
from assessment.heat_layers import HeatLayers
from assessment.heat_packing import pack_parcels
from assessment.heat_rules import sort_rules
from gis.overlay import subtract
from gis.packing import free_counts
from tests import heat_world


@pytest.fixture(scope="module")
def layers():
    rng = np.random.default_rng(5)
    x, y = heat_world.WEST + rng.uniform(0, 5800, 120), heat_world.SOUTH + rng.uniform(0, 3800, 120)
    parcels = heat_world._frame(
        {"id": [f"p{i}" for i in range(120)], "class": "unused"},
        shapely.box(x, y, x + rng.uniform(20, 90, 120), y + rng.uniform(20, 90, 120)),
    )
    given = heat_world.world(farmland=parcels)
    for name in ("region", "baseline", "verify"):
        del given[name]
    return HeatLayers(**given, heat=None, zones=None, covers=None, seed=7, judgements={})


@pytest.fixture(scope="module")
def rules(layers):
    return sort_rules(layers.rules, layers.ruled, covers=None)


@pytest.fixture(scope="module")
def bounds(layers):
    return make_blocks(layers.towns, layers.townships, size_m=500).bounds


def packed(layers, rules, bounds):
    found = pack_parcels(layers, rules, bounds=bounds)
    return found.frame, shapely.to_wkb(found.usable).tolist(), found.ratio, found.error


@pytest.mark.parametrize("square_m", [150.0, 1000.0, 1e7])
def test_the_squares_in_which_parcels_are_packed_change_nothing(square_m, layers, rules, bounds, monkeypatch):
    frame, usable, ratio, error = packed(layers, rules, bounds)
    monkeypatch.setattr(heat_packing, "SQUARE_M", square_m)
    frame_of, usable_of, ratio_of, error_of = packed(layers, rules, bounds)
    pd.testing.assert_frame_equal(pd.DataFrame(frame), pd.DataFrame(frame_of), check_exact=True)
    assert usable == usable_of
    assert (ratio, error) == (ratio_of, error_of)
    assert frame["boreholes"].sum() > 0


def test_parcels_keep_clear_of_every_building_and_road(layers, rules, bounds):
    found = pack_parcels(layers, rules, bounds=bounds)
    land = found.drilling.geometry.to_numpy()
    houses = layers.buildings.geometry.to_numpy()
    away_m = layers.catalog.value("shallow.building_distance_m")
    _, apart = shapely.STRtree(houses).query_nearest(land, all_matches=False, return_distance=True)
    assert apart.min() >= away_m - 0.02  # a round buffer is a polygon
    assert (found.frame["usable_m2"] < found.frame["area_m2"]).all()


def test_buildings_placed_a_few_at_a_time_have_the_same_demand(layers, monkeypatch):
    def placed():
        return place_demand(
            layers.buildings, towns=layers.towns, townships=layers.townships, catalog=layers.catalog
        )

    whole = placed()
    monkeypatch.setattr(heat_demand, "AT_ONCE", 331)
    pieces = placed()
    pd.testing.assert_frame_equal(whole.each, pieces.each, check_exact=True)
    assert (whole.points_m == pieces.points_m).all()
    assert whole.place.tolist() == pieces.place.tolist()


@pytest.mark.parametrize("strip_cells", [1, 3000, 10_000])
def test_strips_count_the_same_open_land(strip_cells):
    rng = np.random.default_rng(3)
    x, y = rng.uniform(-20, 980, (2, 300))
    houses = shapely.box(x, y, x + rng.uniform(1, 40, 300), y + rng.uniform(1, 40, 300))
    roads = np.array([shapely.LineString([(-50, 130), (1050, 910)]), shapely.Point(500, 250)])
    taken = [(houses, rng.uniform(0, 9, 300)), (roads, 7.5), (houses[:0], 1.0)]
    given = {"bounds": (0, 0, 1000, 1000), "cell_m": 5.0, "block_m": 100.0}
    whole = free_counts(taken, **given)
    assert (free_counts(taken, **given, strip_cells=strip_cells) == whole).all()
    assert 0 < whole.sum() < 200 * 200


def test_what_else_is_around_changes_no_bit_of_what_is_left():
    rng = np.random.default_rng(8)
    x, y = rng.uniform(0, 400, (2, 500))
    cutters = shapely.buffer(shapely.points(x, y), rng.uniform(3, 12, 500), quad_segs=9)
    west, south = rng.uniform(0, 360, (2, 40))
    plots = shapely.box(west, south, west + 40, south + 40)
    together = subtract(plots, cutters)
    for i in range(len(plots)):
        near = cutters[shapely.dwithin(cutters, plots[i], 30.0)]
        assert subtract(plots[i : i + 1], near)[0].wkb == together[i].wkb
