"""Laws of the rule engine on random sites and zones, with plain shapely as the judge."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.zones import SLIVER_M2
from layers.eligibility import evaluate
from layers.waterfall import waterfall
from tests.eligibility_cases import around, box, judged, layer, rule, sites

WHOLE = st.integers(0, 60)
SIZE = st.integers(2, 30)
BOXES = st.lists(st.tuples(WHOLE, WHOLE, SIZE, SIZE), min_size=1, max_size=5)
TURNED = st.tuples(WHOLE, WHOLE, SIZE, SIZE, st.floats(0, 90))
LAYERS = st.lists(BOXES, min_size=1, max_size=4)
PLOTS = sites([box(x, y, 18, 18) for x in (0, 20, 40) for y in (0, 20, 40)])
SCALE_M2 = 9 * SLIVER_M2


def as_layers(drawn):
    return {f"z{n}": layer([box(*one) for one in boxes]) for n, boxes in enumerate(drawn)}


def rules_of(drawn, order=None, **fields):
    numbers = range(len(drawn)) if order is None else order
    return [rule(f"r{n}", layer=f"z{n}", **fields) for n in numbers]


@given(LAYERS, st.randoms())
@settings(max_examples=60, deadline=None)
def test_the_order_of_hard_rules_does_not_change_what_is_left(drawn, random):
    order = list(range(len(drawn)))
    random.shuffle(order)
    one = evaluate(PLOTS, rules_of(drawn), as_layers(drawn))
    other = evaluate(PLOTS, rules_of(drawn, order), as_layers(drawn))
    assert one.eligible["id"].tolist() == other.eligible["id"].tolist()
    gap = shapely.symmetric_difference(one.eligible.geometry.to_numpy(), other.eligible.geometry.to_numpy())
    assert shapely.area(gap).max(initial=0.0) < SLIVER_M2


@given(st.lists(st.lists(TURNED, min_size=1, max_size=4), min_size=1, max_size=3), st.floats(0, 15))
@settings(max_examples=60, deadline=None)
def test_what_is_left_is_what_plain_geometry_leaves_and_what_is_taken_is_the_rest(drawn, buffer):
    turned = [[shapely.affinity.rotate(box(x, y, w, h), a) for x, y, w, h, a in shapes] for shapes in drawn]
    layers = {f"z{n}": layer(shapes) for n, shapes in enumerate(turned)}
    outcome = evaluate(PLOTS, rules_of(drawn, buffer=buffer), layers)
    zones = [around(shape, buffer) for shapes in turned for shape in shapes]
    expected = np.array([judged(plot, zones).area for plot in PLOTS.geometry])
    assert outcome.areas["available_m2"].to_numpy() == pytest.approx(expected, abs=1.0)
    taken = outcome.touches.groupby("id")["m2"].sum().reindex(PLOTS["id"]).fillna(0.0).to_numpy()
    assert taken + outcome.areas["available_m2"].to_numpy() == pytest.approx(PLOTS.area.to_numpy(), abs=1e-6)


@given(LAYERS)
@settings(max_examples=40, deadline=None)
def test_the_excluded_pieces_and_the_rest_tile_the_sites(drawn):
    outcome = evaluate(PLOTS, rules_of(drawn), as_layers(drawn))
    pieces = np.concatenate([outcome.excluded.geometry.to_numpy(), outcome.eligible.geometry.to_numpy()])
    assert shapely.area(pieces).sum() == pytest.approx(PLOTS.area.sum(), abs=SCALE_M2)
    assert shapely.union_all(pieces).area == pytest.approx(PLOTS.area.sum(), abs=SCALE_M2)
    assert outcome.excluded["m2"].to_numpy() == pytest.approx(outcome.excluded.area.to_numpy(), abs=SLIVER_M2)


@given(LAYERS)
@settings(max_examples=40, deadline=None)
def test_adding_a_rule_never_adds_area_and_lifting_it_gives_back_what_it_holds_alone(drawn):
    rules, layers = rules_of(drawn), as_layers(drawn)
    everything = evaluate(PLOTS, rules, layers)
    fewer = evaluate(PLOTS, rules[:-1], layers)
    back = fewer.areas["available_m2"].to_numpy() - everything.areas["available_m2"].to_numpy()
    assert back.min() > -SLIVER_M2
    last = everything.touches[everything.touches["rule"] == rules[-1].id]
    alone = last.set_index("id")["alone_m2"].reindex(PLOTS["id"]).fillna(0.0).to_numpy()
    assert back == pytest.approx(alone, abs=2 * SLIVER_M2)


@given(LAYERS, st.integers(0, 9), st.lists(st.floats(0.05, 0.95), min_size=4, max_size=4))
@settings(max_examples=40, deadline=None)
def test_sites_evaluated_in_two_parts_give_what_they_give_together(drawn, split, shares):
    layers = as_layers(drawn)
    rules = [rule(f"r{n}", layer=f"z{n}", share=shares[n] if n % 2 else 1.0) for n in range(len(drawn))]
    together = evaluate(PLOTS, rules, layers)
    parts = [evaluate(part, rules, layers) for part in (PLOTS.iloc[:split], PLOTS.iloc[split:])]
    for name in ("areas", "touches", "eligible"):
        joined = pd.concat([getattr(part, name) for part in parts], ignore_index=True)
        whole = getattr(together, name).reset_index(drop=True)
        pd.testing.assert_frame_equal(pd.DataFrame(joined), pd.DataFrame(whole), check_dtype=False)


@given(LAYERS, st.integers(1, 17))
@settings(max_examples=40, deadline=None)
def test_a_site_cut_by_a_tile_border_loses_the_same_area(drawn, border):
    whole = sites([box(0, 0, 18, 18)])
    halves = sites([box(0, 0, border, 18), box(border, 0, 18 - border, 18)])
    left = [evaluate(plots, rules_of(drawn), as_layers(drawn)) for plots in (whole, halves)]
    one, two = (outcome.areas["available_m2"].sum() for outcome in left)
    assert one == pytest.approx(two, abs=4 * SLIVER_M2)


@given(BOXES, st.lists(st.floats(0.05, 1.0), min_size=1, max_size=4))
@settings(max_examples=40, deadline=None)
def test_shares_agree_with_a_count_of_unit_squares(boxes, shares):
    plot = sites([box(0, 0, 60, 60)])
    shares = (shares * len(boxes))[: len(boxes)]
    layers = {f"z{n}": layer([box(*one)]) for n, one in enumerate(boxes)}
    rules = [rule(f"r{n}", layer=f"z{n}", share=share) for n, share in enumerate(shares)]
    grid = np.zeros((60, 60))
    for (x, y, w, h), share in zip(boxes, shares, strict=True):
        grid[y : y + h, x : x + w] += share
    found = evaluate(plot, rules, layers).areas["available_m2"].iloc[0]
    assert found == pytest.approx((1 - np.minimum(grid, 1.0)).sum(), abs=SLIVER_M2)


@given(LAYERS)
@settings(max_examples=30, deadline=None)
def test_the_waterfall_adds_up_by_town_and_type(drawn):
    plots = PLOTS.assign(type=["ground"] * 5 + ["verge"] * 4)
    rules = rules_of(drawn)
    outcome = evaluate(plots, rules, as_layers(drawn))
    town = pd.Series(["north", "south", None] * 3, index=plots["id"])
    table = waterfall(outcome, town, rules, kwp_m2=pd.Series(0.1, index=plots["id"]))
    for _, steps in table.groupby(["town", "type"]):
        assert steps["rule"].iloc[[0, -1]].tolist() == ["all", "buildable"]
        assert steps["step"].tolist() == list(range(len(steps)))
        lost = steps["remaining_m2"].iloc[0] - steps["taken_m2"].sum()
        assert lost == pytest.approx(steps["remaining_m2"].iloc[-1], abs=1e-6)
        assert steps["remaining_m2"].iloc[-2] == pytest.approx(steps["remaining_m2"].iloc[-1], abs=1e-6)
        assert steps["remaining_kwp"].to_numpy() == pytest.approx(0.1 * steps["remaining_m2"].to_numpy())
        assert (steps["alone_m2"] <= steps["taken_m2"].cumsum() + 1e-6).all()
    assert table.loc[table["rule"] == "all", "remaining_m2"].sum() == pytest.approx(plots.area.sum())
    assert table.loc[table["rule"] == "buildable", "remaining_m2"].sum() == pytest.approx(
        outcome.areas["available_m2"].sum()
    )
