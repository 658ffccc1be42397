"""Ground, kriging, packing, demand, economy, suitability, matching: hand cases, judges, laws."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.kriging import Variogram, krige
from gis.packing import free_counts, pack_points, usable_area
from potential.geothermal.demand import Season, heatable_area_m2, linear_heat_density_mwh_m, seasonal_heat_mwh
from potential.geothermal.economy import annuity, building_heat, heat_pump_cop, levelised_cost_cny_gj
from potential.geothermal.ground import Column, temperature_c
from potential.geothermal.matching import Network, match
from potential.geothermal.suitability import ahp_weights, classify, combine, ramp, stability

# Ground


def test_layers_of_li_2021_have_their_gradients():
    """The same heat flow through 1.8 and 3.5 W/(m K): 25.8 K/km above, half of that below."""
    column = Column(thickness_m=np.array([500.0, 500.0]), conductivity_w_mk=np.array([1.8, 3.5]))
    found = temperature_c([0, 500, 1000], temp_surface_c=16.65, heat_flow_w_m2=0.0258 * 1.8, column=column)
    assert np.diff(found) == pytest.approx([12.9, 12.9 * 1.8 / 3.5])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(10, 900), st.floats(0.8, 6)), min_size=1, max_size=6))
def test_heat_flow_is_the_same_in_every_layer(layers):
    thickness, conductivity = (np.array(part) for part in zip(*layers, strict=True))
    column = Column(thickness_m=thickness, conductivity_w_mk=conductivity)
    edges = np.concatenate([[0], np.cumsum(thickness)])
    temps = temperature_c(edges, temp_surface_c=15.0, heat_flow_w_m2=0.071, column=column)
    assert conductivity * np.diff(temps) / thickness == pytest.approx(0.071, rel=1e-9)
    assert column.across_w_mk(edges[-1]) <= column.along_w_mk(edges[-1]) * (1 + 1e-12)
    assert column.scaled_to(2.0, edges[-1]).across_w_mk(edges[-1]) == pytest.approx(2.0)


def test_a_layer_without_conductivity_is_refused():
    with pytest.raises(ValueError, match="above 0"):
        Column(thickness_m=np.array([10.0]), conductivity_w_mk=np.array([0.0]))


# Kriging


def test_kriging_by_hand_with_two_wells():
    v = Variogram(mean=70.0, sd=6.0, range_m=10e3, nugget_share=0.25)
    points, values = np.array([[0.0, 0.0], [4000.0, 0.0]]), np.array([80.0, 66.0])
    c0, c1, at = 27.0, 27.0 * np.exp(-1.2), 27.0 * np.exp(-0.3 * 1.0)
    system = np.array([[c0 + 9.0, c1], [c1, c0 + 9.0]])
    across = np.array([at, 27.0 * np.exp(-0.9)])
    weights = np.linalg.solve(system, across)
    field = krige(points, values, np.array([[1000.0, 0.0]]), v)
    assert field.value[0] == pytest.approx(70 + weights @ (values - 70), rel=1e-6)
    assert field.sd[0] ** 2 == pytest.approx(c0 - weights @ across, rel=1e-6)
    assert field.nearest_m[0] == 1000.0


def test_uncertainty_grows_with_distance_to_the_regional_spread():
    v = Variogram(mean=70.0, sd=6.0, range_m=10e3)
    at = np.array([[d, 0.0] for d in (0.0, 1e3, 3e3, 1e4, 1e6)])
    field = krige(np.zeros((1, 2)), np.array([85.0]), at, v)
    assert (np.diff(field.sd) > 0).all()
    assert (np.diff(field.value) < 0).all()
    assert field.value[-1] == pytest.approx(70.0)
    assert field.sd[-1] == pytest.approx(6.0)


def test_without_wells_the_region_holds_and_unknown_values_are_left_out():
    v = Variogram(mean=2.24, sd=0.4, range_m=10e3)
    at = np.array([[0.0, 0.0]])
    nothing = krige(np.empty((0, 2)), np.empty(0), at, v)
    assert nothing.value[0] == 2.24
    assert np.isinf(nothing.nearest_m[0])
    unknown = krige(np.array([[0.0, 0.0]]), np.array([np.nan]), at, v)
    assert unknown.value[0] == 2.24


def test_a_variogram_without_spread_is_refused():
    with pytest.raises(ValueError, match=r"sd 0\.0 and range 10\.0 m"):
        Variogram(mean=1.0, sd=0.0, range_m=10.0)


# Packing


@settings(max_examples=25, deadline=None)
@given(st.floats(20, 90), st.floats(20, 90), st.floats(0, 179), st.floats(3, 8))
def test_packed_points_lie_inside_and_apart(width, height, angle, spacing):
    plot = shapely.affinity.rotate(shapely.box(0, 0, width, height), angle)
    points = pack_points(plot, spacing_m=spacing)
    assert shapely.dwithin(shapely.points(points), plot, 1e-6).all()
    if len(points) > 1:
        tree = shapely.STRtree(shapely.points(points))
        near = tree.query(shapely.points(points), predicate="dwithin", distance=spacing * 0.999)
        assert (near[0] == near[1]).all()
    # The best shift of a turned rectangle is the aligned grid.
    assert len(points) >= (np.floor(width / spacing - 1e-6) + 0) * np.floor(height / spacing - 1e-6)


def test_packing_of_l_shapes_is_near_area_over_spacing_squared():
    rng = np.random.default_rng(1)
    ratios = []
    for _ in range(60):
        a, b = rng.uniform(60, 140, 2)
        shape = shapely.box(0, 0, a, b).difference(shapely.box(a * 0.5, b * 0.5, a, b))
        ratios.append(len(pack_points(shape, spacing_m=5.0)) / (shape.area / 25.0))
    assert np.mean(ratios) == pytest.approx(1.03, abs=0.06)


def test_usable_area_keeps_its_distances():
    house = shapely.box(20, 20, 30, 30)
    land = usable_area(shapely.box(0, 0, 50, 50), obstacles=np.array([house]), setback_m=2.5, distance_m=3.0)
    assert shapely.distance(land, house) == pytest.approx(3.0, abs=0.011)
    assert shapely.box(2.5, 2.5, 47.5, 47.5).covers(land)
    assert 45.0**2 - 16.0**2 < land.area < 45.0**2 - 16.0**2 + 9.0 * (4 - np.pi) + 0.5


def test_free_counts_against_points_one_by_one():
    rng = np.random.default_rng(4)
    x, y, w, h = (
        rng.uniform(0, 190, 30),
        rng.uniform(0, 90, 30),
        rng.uniform(2, 25, 30),
        rng.uniform(2, 25, 30),
    )
    shapes = shapely.box(x, y, x + w, y + h)
    found = free_counts([(shapes, 3.0)], bounds=(0, 0, 200, 100), cell_m=5.0, block_m=50.0)
    grid = np.stack(np.meshgrid(np.arange(2.5, 200, 5), np.arange(2.5, 100, 5)), -1)
    free = shapely.distance(shapely.points(grid)[..., None], shapes).min(axis=-1) > 3.0
    expected = free.reshape(2, 10, 4, 10).sum(axis=(1, 3))
    assert (found == expected).all()


def test_packing_without_spacing_is_refused():
    with pytest.raises(ValueError, match=r"spacing 0 m must be positive"):
        pack_points(shapely.box(0, 0, 1, 1), spacing_m=0)
    with pytest.raises(ValueError, match=r"block 12 m must be whole cells of 5 m"):
        free_counts([], bounds=(0, 0, 12, 12), cell_m=5, block_m=12)


# Demand and economy


def test_season_of_xian():
    season = Season()
    assert season.load_factor == pytest.approx(0.771, abs=0.001)
    assert season.full_load_hours == pytest.approx(2221, abs=1)
    assert float(seasonal_heat_mwh(40.0, season)) * 3.6 == pytest.approx(0.32, abs=0.001)


def test_a_season_without_cold_is_refused():
    with pytest.raises(ValueError, match=r"design 5\.0 < mean 1\.5"):
        Season(temp_design_c=5.0)


@pytest.mark.parametrize(
    ("power_kw", "heat_mwh", "demand_m2", "binding", "area"),
    [(400, 9e9, 9e9, 0, 10_000), (9e9, 88.84, 9e9, 1, 1_000), (9e9, 9e9, 500, 2, 500)],
)
def test_heatable_area_is_the_smallest_of_three(power_kw, heat_mwh, demand_m2, binding, area):
    found = heatable_area_m2(
        power_w=1000 * power_kw, heat_mwh=heat_mwh, demand_m2=demand_m2, design_w_m2=40.0, season=Season()
    )
    assert found.binding == binding
    assert float(found.area_m2) == pytest.approx(area, rel=2e-3)


def test_a_base_share_serves_more_area_with_the_same_power():
    case = {"power_w": 1e6, "heat_mwh": 1e9, "demand_m2": 1e9, "design_w_m2": 40.0, "season": Season()}
    whole = heatable_area_m2(**case).area_m2
    base = heatable_area_m2(**case, base_share_power=0.5, base_share_energy=0.8).area_m2
    assert float(base) == pytest.approx(2 * float(whole))
    with pytest.raises(ValueError, match=r"base shares of power 0\.9 and energy 0\.8"):
        heatable_area_m2(**case, base_share_power=0.9, base_share_energy=0.8)


def test_dense_quarters_pay_for_their_network():
    found = linear_heat_density_mwh_m(demand_mwh=[900.0, 9.0], land_m2=10_000.0, floor_m2=[15_000.0, 150.0])
    assert found[0] > 1.8 > found[1]


def test_heat_pump_first_law():
    cop = float(heat_pump_cop(temp_condenser_c=45.0, temp_evaporator_c=10.0))
    assert cop == pytest.approx(0.5 * 318.15 / 35.0)
    heat = float(building_heat(100.0, cop))
    assert heat - heat / cop == pytest.approx(100.0)


def test_levelised_cost_by_hand():
    """1000 CNY over 10 a at 0 % for 1 GJ a year, 2 % upkeep, 0.1 MWh at 0.5 CNY/kWh: 100 + 20 + 50."""
    found = levelised_cost_cny_gj(
        capex_cny=1000.0,
        heat_mwh_year=np.array([1 / 3.6, 0.0]),
        electricity_mwh_year=0.1,
        price_cny_kwh=0.5,
        upkeep_share=0.02,
        rate=0.0,
        years=10,
    )
    assert found[0] == pytest.approx(170.0)
    assert np.isnan(found[1])
    assert sum(annuity(0.06, 30) / 1.06**k for k in range(1, 31)) == pytest.approx(1.0)


# Suitability


def test_a_perfectly_consistent_matrix_gives_its_weights_back():
    weights = {"a": 0.5, "b": 0.3, "c": 0.2}
    judged = {(x, y): weights[x] / weights[y] for x, y in itertools.combinations(weights, 2)}
    found = ahp_weights(tuple(weights), judged)
    assert found.weight == pytest.approx([0.5, 0.3, 0.2])
    assert found.consistency_ratio == pytest.approx(0.0, abs=1e-9)


def test_saatys_example_of_contradiction_is_refused():
    circle = {("a", "b"): 5.0, ("b", "c"): 5.0, ("a", "c"): 1 / 5}
    with pytest.raises(ValueError, match=r"consistency ratio \d\.\d+ is above 0\.1"):
        ahp_weights(("a", "b", "c"), circle)


@pytest.mark.parametrize(
    ("judged", "message"),
    [
        ({}, r"pair \(a, b\) is not judged"),
        ({("a", "b"): 10.0}, r"judgement 10\.0 of \(a, b\)"),
        ({("a", "b"): 2.0, ("b", "a"): 0.5}, r"pair \(b, a\) is judged twice"),
        ({("a", "x"): 2.0}, r"pair \(a, x\) is not of the factors a, b"),
    ],
)
def test_judgements_that_do_not_fit_are_refused(judged, message):
    with pytest.raises(ValueError, match=message):
        ahp_weights(("a", "b"), judged)


def test_the_shipped_judgements_give_the_published_starter_weights():
    from assessment.heat_suitability import read_schemes

    expected = {
        "deep": (0.267, 0.256, 0.151, 0.144, 0.082, 0.052, 0.047),
        "hydrothermal": (0.253, 0.253, 0.147, 0.147, 0.079, 0.079, 0.042),
        "shallow": (0.230, 0.230, 0.230, 0.121, 0.121, 0.070),
    }
    for technology, scheme in read_schemes().items():
        assert scheme.weights.weight == pytest.approx(expected[technology], abs=0.01)
        assert scheme.weights.consistency_ratio < 0.01


def test_unknown_factors_leave_the_mean_and_too_many_leave_no_score():
    scores = np.array([[1.0, 1.0, np.nan], [0.0, np.nan, np.nan], [0.5, np.nan, 0.5]])
    weight = np.array([0.6, 0.3, 0.1])
    found = combine(scores, weight)
    assert found[:2] == pytest.approx([0.65, 1.0])
    assert np.isnan(found[2])


def test_scores_run_either_way():
    assert ramp([1000.0, 50.0, 0.0], worst=1000.0, best=50.0).tolist() == [0.0, 1.0, 1.0]
    with pytest.raises(ValueError, match=r"worst and best are both 1\.0"):
        ramp([1.0], worst=1.0, best=1.0)


def test_classes_far_from_a_limit_are_stable_and_near_ones_are_not():
    weight = np.array([0.5, 0.5])
    scores = np.array([[1.0, 1.0, 0.0], [1.0, 0.3001, 0.0]])
    vetoed = np.array([False, False, True])
    found = stability(scores, weight, vetoed, seed=1)
    assert found[0] == found[2] == 1.0
    assert 0.2 < found[1] < 0.8
    assert classify(combine(scores, weight), vetoed).tolist() == [0, 0, 3]


# Matching


def network(**changed):
    base = {
        "capacity_kw": np.array([60.0, 100.0]),
        "price": np.array([1.0, 3.0]),
        "demand_kw": np.array([80.0, 50.0]),
        "source": np.array([0, 0, 1, 1]),
        "demand": np.array([0, 1, 0, 1]),
    }
    return Network(**{**base, **changed})


def test_all_that_can_be_served_is_served_and_the_cheap_source_first():
    found = match(network())
    assert found.served_kw == pytest.approx([80.0, 50.0])
    assert found.used_kw == pytest.approx([60.0, 70.0])


def test_a_shared_budget_is_not_used_twice():
    """Both sources stand on the same land: half of it each, or all of one."""
    land = (np.array([0, 0]), np.array([0, 1]), 1 / np.array([60.0, 100.0]))
    found = match(network(shared=(land,)))
    assert found.used_kw / [60.0, 100.0] @ [1, 1] <= 1 + 1e-9
    assert found.served_kw.sum() == pytest.approx(100.0)


def test_out_of_reach_stays_unmet():
    found = match(network(source=np.array([0, 1]), demand=np.array([0, 0])))
    assert found.served_kw == pytest.approx([80.0, 0.0])


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_matching_keeps_its_limits_and_is_no_worse_than_greedy(seed):
    rng = np.random.default_rng(seed)
    sources, demands = 6, 5
    pairs = [(s, d) for s in range(sources) for d in range(demands) if rng.random() < 0.6] or [(0, 0)]
    source, demand = (np.array(part) for part in zip(*pairs, strict=True))
    case = Network(
        capacity_kw=rng.uniform(5, 50, sources),
        price=rng.uniform(1, 5, sources),
        demand_kw=rng.uniform(5, 60, demands),
        source=source,
        demand=demand,
    )
    found = match(case)
    assert (found.used_kw <= case.capacity_kw + 1e-6).all()
    assert (found.served_kw <= case.demand_kw + 1e-6).all()
    left_s, left_d, greedy = case.capacity_kw.copy(), case.demand_kw.copy(), 0.0
    for link in np.argsort(case.price[source], kind="stable"):
        flow = min(left_s[source[link]], left_d[demand[link]])
        left_s[source[link]] -= flow
        left_d[demand[link]] -= flow
        greedy += flow
    assert found.served_kw.sum() >= greedy - 1e-6
