"""Deep closed-loop wells: published numbers, an independent solver, laws."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad, solve_ivp
from scipy.optimize import brentq

from potential.geothermal.coaxial import coaxial_heat
from potential.geothermal.deep import DeepWell, Operation, Rock, deep_heat, inlet_for_duty, uniform_rock
from potential.geothermal.line_source import line_source, season_mean_response, seasonal_response
from potential.geothermal.station import plan_station, square_layout_m
from potential.geothermal.utype import UPath, utype_heat

GROUND = {"temp_surface_c": 15.5, "gradient_k_per_km": 31.7, "conductivity_w_mk": 2.24}


def season_kw(*, season=20, mean=True, neighbours=(), temp_in_c=10.0, **changed):
    ground = {name: changed.pop(name, value) for name, value in GROUND.items()}
    well = DeepWell(**changed)
    rock = uniform_rock(depth_m=well.depth_m, **ground)
    operation = Operation(temp_in_c=temp_in_c, neighbours_m=neighbours)
    return float(deep_heat(well, rock, operation, season=season, mean=mean).heat_w[0] / 1000)


@pytest.mark.parametrize(
    ("expected", "change"),
    [
        (320, {}),
        (293, {"mean": False}),
        (364, {"season": 1}),
        (316, {"season": 30}),
        (355, {"temp_in_c": 5.0}),
        (285, {"temp_in_c": 15.0}),
        (250, {"temp_in_c": 20.0}),
        (283, {"flow_m3_h": 20.0}),
        (338, {"flow_m3_h": 40.0}),
        (220, {"depth_m": 2000.0}),
        (431, {"depth_m": 3000.0}),
        (277, {"conductivity_w_mk": 1.8}),
        (352, {"conductivity_w_mk": 2.6}),
        (346, {"gradient_k_per_km": 34.6}),
        (287, {"gradient_k_per_km": 28.0}),
        (345, {"conductivity_inner_w_mk": 0.02}),
    ],
)
def test_reference_wells_of_xian(expected, change):
    assert season_kw(**change) == pytest.approx(expected, abs=1.0)


@pytest.mark.parametrize(
    ("spacing_m", "two_by_two", "line", "three", "seven"),
    [
        (15, (0.85, 0.83), 0.82, 0.65, 0.44),
        (20, (0.89, 0.86), 0.86, 0.72, 0.57),
        (30, (0.94, 0.92), 0.92, 0.82, 0.77),
        (50, (0.99, 0.97), 0.97, 0.94, 0.93),
        (100, (1.00, 1.00), 1.00, 1.00, 1.00),
    ],
)
def test_interference_of_wells_in_a_station(spacing_m, two_by_two, line, three, seven):
    well, rock = DeepWell(), uniform_rock(depth_m=2500.0, **GROUND)

    def worst(places, years):
        return plan_station(well, rock, Operation(), places_m=places, years=years).worst

    in_line = np.array([[i * float(spacing_m), 0.0] for i in range(5)])
    assert worst(square_layout_m(4, spacing_m=spacing_m), (20, 30)) == pytest.approx(two_by_two, abs=0.02)
    assert worst(in_line, (30,)) == pytest.approx([line], abs=0.02)
    assert worst(square_layout_m(9, spacing_m=spacing_m), (30,)) == pytest.approx([three], abs=0.02)
    assert worst(square_layout_m(49, spacing_m=spacing_m), (30,)) == pytest.approx([seven], abs=0.02)


def test_li_2021_four_layers_after_120_days():
    """Li et al. 2021, Renew. Energy: 200 kW, 42 m3/h, inlet 19.9 and outlet 24.05 degC after 120 days."""
    far_c = np.array([29.56, 42.47, 51.02, 58.12])
    top_c = 2 * far_c[0] - far_c[1]
    rock = Rock(
        temp_edges_c=np.concatenate([[top_c], far_c])[None],
        lengths_m=np.full(4, 500.0),
        conductivity_w_mk=np.array([[1.8, 2.6, 3.5, 5.3]]),
        volumetric_j_m3k=np.array([1780 * 1379, 2030 * 1450, 1510 * 1300, 2600 * 878.0]),
    )
    well = DeepWell(
        depth_m=2000.0,
        borehole_radius_m=0.115,
        casing_outer_radius_m=0.0885 + 0.00833,
        casing_wall_m=0.00833,
        inner_outer_radius_m=0.0625,
        inner_wall_m=0.0114,
        conductivity_steel_w_mk=41.0,
        conductivity_inner_w_mk=0.4,
        flow_m3_h=42.0,
    )
    inlet_c = inlet_for_duty(well, rock, Operation(), duty_w=200e3, season=1, mean=False)[0]
    assert inlet_c == pytest.approx(19.9, abs=0.3)
    assert inlet_c + 200e3 / well.heat_capacity_flow_w_k == pytest.approx(24.05, abs=0.3)


def test_daxing_field_test_within_the_spread_of_its_unknowns():
    """Wang 2022, Daxing 1800 m: 237-257 kW steady at 20-25 m3/h; inlet and ground are not published."""
    low = season_kw(season=1, mean=False, depth_m=1800.0, flow_m3_h=20.0, gradient_k_per_km=28.0)
    high = season_kw(season=1, depth_m=1800.0, flow_m3_h=25.0, gradient_k_per_km=38.0, temp_in_c=5.0)
    assert low < 237
    assert high > 237


def layered(rng, layers):
    edges = 15.0 + np.cumsum(np.concatenate([[0.0], rng.uniform(5.0, 25.0, layers)]))
    return edges[None], rng.uniform(100.0, 700.0, layers), rng.uniform(1.5, 5.0, (1, layers))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_transfer_matrix_agrees_with_a_numerical_solver(seed):
    rng = np.random.default_rng(seed)
    edges, lengths, conductivity = layered(rng, 4)
    response, r_b, r_12, mc, inlet = np.full((1, 4), 3.6), 0.03, 0.08, 33e3, 8.0
    ours = coaxial_heat(
        temp_edges_c=edges,
        lengths_m=lengths,
        conductivity_w_mk=conductivity,
        response=response,
        resistance_borehole_mk_w=r_b,
        resistance_internal_mk_w=r_12,
        heat_capacity_flow_w_k=mc,
        temp_in_c=inlet,
    )
    depths = np.concatenate([[0.0], np.cumsum(lengths)])
    r_t = r_b + response[0] / (2 * np.pi * conductivity[0])

    def slopes(z, temp, layer):
        ground = np.interp(z, depths, edges[0])
        between = (temp[1] - temp[0]) / r_12
        return np.array([((ground - temp[0]) / r_t[layer] + between) / mc, between / mc])

    def at_bottom(outlet):
        temp = np.array([inlet, outlet])
        for top, low in itertools.pairwise(depths):
            inside = slice_of(top, low)
            temp = solve_ivp(inside, (top, low), temp, method="DOP853", rtol=1e-10, atol=1e-10).y[:, -1]
        return temp

    def slice_of(top, low):
        middle = (top + low) / 2
        layer = int(np.searchsorted(depths, middle) - 1)
        return lambda z, temp: slopes(z, temp, layer)

    outlet = brentq(lambda x: np.subtract(*at_bottom(x)), inlet, 150.0, xtol=1e-10)
    assert ours.temp_out_c[0] == pytest.approx(outlet, abs=1e-6)
    assert ours.temp_bottom_c[0] == pytest.approx(at_bottom(outlet)[0], abs=1e-6)


def test_energy_of_the_annulus_closes():
    """What the water gains is what the rock loses, integrated over the depth from the solved temperatures."""
    edges = np.array([[15.5, 95.0]])
    r_t, r_12, mc, depth, inlet = 0.4, 0.08, 33e3, 2500.0, 10.0
    found = coaxial_heat(
        temp_edges_c=edges,
        lengths_m=np.array([depth]),
        conductivity_w_mk=np.ones((1, 1)),
        response=np.array([[2 * np.pi * (r_t - 0.03)]]),
        resistance_borehole_mk_w=0.03,
        resistance_internal_mk_w=r_12,
        heat_capacity_flow_w_k=mc,
        temp_in_c=inlet,
    )

    def slopes(z, state):
        down, up, _taken = state
        flow, between = (np.interp(z, [0, depth], edges[0]) - down) / r_t, (up - down) / r_12
        return np.array([(flow + between) / mc, between / mc, flow])

    start = [inlet, float(found.temp_out_c[0]), 0.0]
    down, up, taken = solve_ivp(slopes, (0, depth), start, method="DOP853", rtol=1e-12, atol=1e-9).y[:, -1]
    assert taken == pytest.approx(float(found.heat_w[0]), rel=1e-8)
    assert down == pytest.approx(up, abs=1e-6)
    assert mc * (found.temp_out_c[0] - inlet) == pytest.approx(taken, rel=1e-8)


def test_splitting_a_uniform_layer_changes_nothing():
    one = uniform_rock(depth_m=2500.0, **GROUND)
    many = Rock(
        temp_edges_c=np.interp(np.linspace(0, 1, 51), [0, 1], one.temp_edges_c[0])[None],
        lengths_m=np.full(50, 50.0),
        conductivity_w_mk=np.full((1, 50), 2.24),
    )
    well = DeepWell()
    heats = [deep_heat(well, rock, Operation(), season=10).heat_w[0] for rock in (one, many)]
    assert heats[0] == pytest.approx(heats[1], rel=1e-9)


def test_table_of_responses_agrees_with_every_value_by_itself():
    rng = np.random.default_rng(0)
    sites, layers = 40, 10
    conductivity = rng.uniform(1.5, 4.0, (sites, layers))
    edges = 15.5 + np.cumsum(
        np.concatenate([np.zeros((sites, 1)), rng.uniform(5, 12, (sites, layers))], 1), 1
    )
    well, lengths = DeepWell(), np.full(layers, 250.0)
    whole = Rock(temp_edges_c=edges, lengths_m=lengths, conductivity_w_mk=conductivity)
    together = deep_heat(well, whole, Operation(), season=15).heat_w
    for i in range(0, sites, 13):
        alone = Rock(
            temp_edges_c=edges[i : i + 1], lengths_m=lengths, conductivity_w_mk=conductivity[i : i + 1]
        )
        assert deep_heat(well, alone, Operation(), season=15).heat_w[0] == pytest.approx(
            together[i], rel=1e-5
        )


@settings(max_examples=25, deadline=None)
@given(
    st.floats(1.2, 4.0), st.floats(20.0, 45.0), st.floats(1500.0, 3200.0), st.floats(1.01, 1.3),
)  # fmt: skip
def test_better_ground_never_gives_less_heat(conductivity, gradient, depth, more):
    base = {"conductivity_w_mk": conductivity, "gradient_k_per_km": gradient, "depth_m": depth}
    kw = season_kw(**base, temp_in_c=8.0)
    for name, value in base.items():
        assert season_kw(**{**base, name: value * more}, temp_in_c=8.0) >= kw * (1 - 1e-9)


def test_two_wells_far_apart_are_two_wells_and_near_ones_less():
    well, rock = DeepWell(), uniform_rock(depth_m=2500.0, **GROUND)

    def penalty(metres):
        return plan_station(well, rock, Operation(), places_m=square_layout_m(2, spacing_m=metres)).penalty[
            -1
        ]

    near = [penalty(float(metres)) for metres in (15, 30, 60, 120, 2000)]
    assert near == sorted(near, reverse=True)
    assert near[-1] == pytest.approx(0.0, abs=1e-9)
    assert near[0] > 0.05


def test_heat_declines_over_the_years_and_less_and_less():
    kw = [season_kw(season=year) for year in (1, 2, 5, 10, 20, 30)]
    assert kw == sorted(kw, reverse=True)
    assert kw[0] - kw[1] > kw[4] - kw[5]


def test_duty_is_carried_at_the_inlet_found_for_it():
    well, rock = DeepWell(), uniform_rock(depth_m=2500.0, **GROUND)
    inlet = inlet_for_duty(well, rock, Operation(), duty_w=280e3, season=20)[0]
    heat = deep_heat(well, rock, Operation(temp_in_c=float(inlet)), season=20).heat_w[0]
    assert heat == pytest.approx(280e3, rel=1e-9)


def test_season_mean_is_the_mean_over_the_season():
    case = {"distance_m": 0.12, "diffusivity_m2_s": 9e-7, "season": 6, "season_days": 120.0}

    def at(day):
        return float(seasonal_response(**case, elapsed_days=day))

    mean = quad(at, 1e-6, 120.0, limit=200)[0] / 120.0
    assert float(season_mean_response(**case)) == pytest.approx(mean, rel=1e-3)


def test_line_source_solves_the_heat_equation():
    alpha, r, t = 1e-6, 0.8, 4e6

    def g(radius, time):
        return float(line_source(time, distance_m=radius, diffusivity_m2_s=alpha))

    h, k = 1e-3, 1e3
    change = (g(r, t + k) - g(r, t - k)) / (2 * k)
    bend = (g(r + h, t) - 2 * g(r, t) + g(r - h, t)) / h**2 + (g(r + h, t) - g(r - h, t)) / (2 * h * r)
    assert change == pytest.approx(alpha * bend, rel=1e-4)


def test_utype_without_lateral_and_riser_is_a_bare_descent():
    well = DeepWell(flow_m3_h=40.0)
    path = UPath(depth_m=2500.0, lateral_m=0.0, insulated_m=2500.0)
    found = utype_heat(path, well, Operation(temp_in_c=15.0), **GROUND, season=1)
    assert found.pieces_w[1:] == pytest.approx([0.0, 0.0])
    r_t = well.resistance_borehole_mk_w + float(
        season_mean_response(distance_m=0.1206, diffusivity_m2_s=2.24 / 2.4e6, season=1, season_days=120.0)
    ) / (2 * np.pi * 2.24)
    temp, dz = 15.0, 0.05
    for z in np.arange(0, 2500, dz):
        temp += (15.5 + 0.0317 * (z + dz / 2) - temp) / (well.heat_capacity_flow_w_k * r_t) * dz
    assert found.temp_out_c == pytest.approx(temp, abs=1e-3)


def test_utype_gives_more_with_a_longer_lateral():
    well = DeepWell(flow_m3_h=40.0)
    heats = [
        utype_heat(UPath(lateral_m=float(m)), well, Operation(temp_in_c=15.0), **GROUND, season=10).heat_w
        for m in (0, 300, 600, 1200)
    ]
    assert heats == sorted(heats)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"flow_m3_h": 0.0}, r"flow_m3_h = 0\.0 must be positive"),
        ({"borehole_radius_m": 0.08}, r"0\.0889, 0\.0800 m must grow"),
    ],
)
def test_a_well_that_cannot_be_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        DeepWell(**change)


def test_a_season_that_cannot_be_is_refused():
    with pytest.raises(ValueError, match=r"season 0, elapsed 10 d of 120 d"):
        seasonal_response(distance_m=0.1, diffusivity_m2_s=1e-6, season=0, season_days=120, elapsed_days=10)


def test_rock_of_shapes_that_do_not_fit_is_refused():
    with pytest.raises(ValueError, match=r"edges \(1, 2\) \(expected \(1, 3\)\)"):
        Rock(temp_edges_c=np.zeros((1, 2)), lengths_m=np.ones(2), conductivity_w_mk=np.ones((1, 2)))


def test_wells_in_one_place_are_refused():
    rock = uniform_rock(depth_m=2500.0, **GROUND)
    with pytest.raises(ValueError, match="same place"):
        plan_station(DeepWell(), rock, Operation(), places_m=np.zeros((2, 2)))
