"""Shallow boreholes: published values, exact g-functions as judge, laws."""

from __future__ import annotations

import numpy as np
import pygfunction as gt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessment.heat_shallow import load_responses
from potential.geothermal.borehole import UTubes, borehole_resistance_mk_w
from potential.geothermal.exact import exact_g, exact_heating_w_m
from potential.geothermal.gpot import g_max, gpot_mwh
from potential.geothermal.line_source import SECONDS_PER_YEAR
from potential.geothermal.shallow import MONTH_S, PEAK_S, Borefield, Duty, capacity_w_m
from potential.geothermal.standard import ShallowGround, borehole_exchange_w, heat_capacity_gj_k

RESPONSES = load_responses()
DUTY = Duty(full_load_hours=2221.0, month_share=0.85)


def heating(boreholes=100, *, field=None, duty=DUTY, years=30, temp_c=17.0, conductivity=1.7):
    found = capacity_w_m(
        RESPONSES,
        field or Borefield(),
        duty,
        boreholes=boreholes,
        temp_ground_c=temp_c,
        conductivity_w_mk=conductivity,
        years=years,
    )
    return float(found.heating_w_m)


def published(boreholes, *, slender=False):
    depth_m = 150.0
    return RESPONSES.at(
        boreholes=boreholes,
        spacing_m=7.5,
        depth_m=depth_m,
        radius_m=0.075,
        diffusivity_m2_s=1e-6,
        time_s=np.array([0.1, 1.0, 10.0]) * depth_m**2 / 9e-6,
        slender=slender,
    )


def test_table_against_published_g_functions():
    """Values of pygfunction (buried depth 4 m): one borehole, and a 5 x 2 field between our aspects."""
    assert published(1) == pytest.approx((5.6057331, 6.37369288, 6.61659795), rel=0.01)
    five_by_two = np.array([10.96118694, 17.24496533, 19.2536638])
    assert (published(10) > 0.99 * five_by_two).all()
    assert (published(10, slender=True) < 1.01 * five_by_two).all()
    assert published(10) == pytest.approx(five_by_two, rel=0.06)


@pytest.mark.parametrize(
    ("columns", "rows", "spacing_m", "depth_m", "slender"),
    [
        (3, 4, 5.5, 100.0, False),
        (8, 8, 5.0, 120.0, False),
        (11, 12, 4.5, 150.0, False),
        (3, 11, 5.0, 120.0, True),
    ],
)
def test_table_against_exact_g_functions_off_its_nodes(columns, rows, spacing_m, depth_m, slender):
    field = gt.borefield.Borefield.rectangle_field(columns, rows, spacing_m, spacing_m, depth_m, 2.0, 0.065)
    times = np.geomspace(21600, 30 * SECONDS_PER_YEAR, 16)
    exact = gt.gfunction.gFunction(
        field, 8e-7, time=times, method="equivalent", boundary_condition="UBWT", options={"nSegments": 8}
    ).gFunc
    ours = RESPONSES.at(
        boreholes=columns * rows,
        spacing_m=spacing_m,
        depth_m=depth_m,
        radius_m=0.065,
        diffusivity_m2_s=8e-7,
        time_s=times,
        slender=slender,
    )
    # What the capacity takes from g is the resistance g / (2 pi lambda) + R_b*: 3 % of g is far less of that.
    assert np.abs(ours / exact - 1).max() < 0.03


def test_uniform_heat_extraction_would_be_another_table():
    """The trap: UHTR is 30 % and more above UBWT for a dense field after decades."""
    field = gt.borefield.Borefield.rectangle_field(10, 10, 5.0, 5.0, 120.0, 2.0, 0.075)
    times = np.geomspace(1e6, 50 * SECONDS_PER_YEAR, 10)
    uniform = gt.gfunction.gFunction(
        field, 7e-7, time=times, method="equivalent", boundary_condition="UHTR", options={"nSegments": 8}
    ).gFunc
    ours = RESPONSES.at(
        boreholes=100, spacing_m=5.0, depth_m=120.0, radius_m=0.075, diffusivity_m2_s=7e-7, time_s=times[-1]
    )
    assert uniform[-1] / ours > 1.3


@pytest.mark.parametrize("boreholes", [1, 7, 40, 150])
def test_capacity_against_its_exact_field(boreholes):
    exact = exact_heating_w_m(
        boreholes,
        Borefield(),
        DUTY,
        temp_ground_c=17.0,
        conductivity_w_mk=1.7,
        volumetric_j_m3k=2.4e6,
        years=30,
    )
    assert heating(boreholes) == pytest.approx(exact, rel=0.03)


def test_closed_form_against_a_monthly_load_history():
    """Judge: every month of 20 years superposed with the exact g-function, and a six-hour peak in the last
    January.

    The closed form knows only the year's mean, the worst month and the peak.
    """
    boreholes, years, alpha = 16, 20, 1.7 / 2.4e6
    field = Borefield()
    shares = np.array([0.85, 0.62, 0.30, 0, 0, 0, 0, 0, 0, 0, 0.25, 0.75])  # of the peak, January first
    duty = Duty(full_load_hours=float(shares.sum() * 730), month_share=0.85)
    w_m = heating(boreholes, field=field, duty=duty, years=years)
    last = years * 12 + 1  # the January after the last full year
    loads = w_m * np.resize(shares, last)
    ages = np.arange(1, last + 1) * MONTH_S + PEAK_S
    g = exact_g(boreholes, field, diffusivity_m2_s=alpha, times_s=[PEAK_S, *ages])
    steps = np.diff(np.concatenate([[0.0], loads, [w_m]]))
    drop = (steps[::-1] * g).sum() / (2 * np.pi * 1.7) + w_m * field.resistance_mk_w
    assert drop == pytest.approx(17.0 - duty.temp_limit_c, rel=0.05)


@pytest.mark.parametrize(("boreholes", "germa"), [(1, 32.7), (4, 25.7), (9, 21.2), (25, 16.3), (100, 11.6)])
def test_order_of_the_fits_that_german_practice_uses(boreholes, germa):
    """GERMA's fits to VDI 4640 (11 degC, inlet -3 degC, 2400 h, 25 a, 6 m, 2 W/(m K)), within 25 %."""
    duty = Duty(full_load_hours=2400.0, month_share=0.55, temp_limit_c=-1.5)
    field = Borefield(depth_m=100.0, spacing_m=6.0)
    ours = heating(boreholes, field=field, duty=duty, years=25, temp_c=11.0, conductivity=2.0)
    assert ours == pytest.approx(germa, rel=0.25)


def test_heating_only_on_a_quarter_of_the_land_is_near_the_published_ceiling():
    """Walch 2021: at most 15.5 kWh per m2 of land and year where only heat is taken."""
    per_hole_kwh = heating(400) * 120.0 * 2221.0 / 1000
    assert 0.5 * 15.5 < 0.25 * per_hole_kwh / 25.0 < 1.6 * 15.5


@pytest.mark.parametrize(
    ("conductivity", "watts"),
    [
        (2.17, 892.716368),
        (2.48, 975.835481),
        (2.66, 1021.480617),
        (3.39, 1189.763592),
        (4.13, 1337.591798),
        (4.87, 1467.289439),
    ],
)
def test_gpot_published_powers(conductivity, watts):
    mwh = gpot_mwh(conductivity_w_mk=conductivity, volumetric_j_m3k=2.5e6, temp_ground_c=10.0)
    assert float(mwh) / 8.76e-3 == pytest.approx(watts, rel=1e-8)
    assert float(mwh) == pytest.approx(watts * 8.76e-3, rel=1e-8)


def test_gpot_first_case_of_the_paper():
    assert float(
        gpot_mwh(conductivity_w_mk=2.0, volumetric_j_m3k=2.5e6, temp_ground_c=10.0)
    ) == pytest.approx(844.472334 * 8.76e-3, rel=1e-8)
    u_s, u_c = (0.075**2 / (4 * 8e-7 * days * 86400) for days in (50 * 365, 180))
    found = g_max(u_lifetime=u_s, u_season=u_c, season_share=180 / 365)
    assert float(found) == pytest.approx(8.6990448, abs=1e-7)


@pytest.mark.parametrize(
    ("limit_c", "expected"),
    [(4.0, (4.79, 5.48, 6.11)), (2.0, (5.62, 6.43, 7.17)), (-2.0, (7.28, 8.33, 9.30))],
)
def test_gpot_for_xian(limit_c, expected):
    found = gpot_mwh(
        conductivity_w_mk=[1.4, 1.7, 2.0],
        volumetric_j_m3k=2.4e6,
        temp_ground_c=15.5,
        temp_limit_c=limit_c,
        depth_m=120.0,
        season_days=120.0,
    )
    assert found == pytest.approx(expected, abs=0.006)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 1500), st.floats(1.0, 3.0), st.floats(10.0, 20.0), st.floats(1.02, 1.4))
def test_better_ground_never_gives_less(boreholes, conductivity, temp_c, more):
    base = heating(boreholes, conductivity=conductivity, temp_c=temp_c)
    assert heating(boreholes, conductivity=conductivity * more, temp_c=temp_c) >= base
    assert heating(boreholes, conductivity=conductivity, temp_c=temp_c * more) >= base


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 1000), st.floats(3.0, 7.0))
def test_neighbours_cost_and_distance_heals(boreholes, spacing_m):
    near = heating(boreholes, field=Borefield(spacing_m=spacing_m))
    assert near <= heating(1, field=Borefield(spacing_m=spacing_m)) * (1 + 1e-9)
    assert near <= heating(boreholes, field=Borefield(spacing_m=spacing_m * 1.3)) * (1 + 1e-9)


def test_balance_helps_and_time_costs():
    by_share = [heating(duty=Duty(full_load_hours=2221.0, returned_share=s)) for s in (0.0, 0.3, 0.7, 1.0)]
    assert by_share == sorted(by_share)
    by_year = [heating(years=y) for y in (1, 5, 10, 30, 50)]
    assert by_year == sorted(by_year, reverse=True)


def test_ground_no_warmer_than_the_limit_gives_nothing():
    assert heating(temp_c=2.0) == 0.0


def test_100_000_parcels_under_two_seconds():
    import time

    rng = np.random.default_rng(0)
    n = 100_000
    capacity_w_m(RESPONSES, Borefield(), DUTY, boreholes=9, temp_ground_c=17, conductivity_w_mk=1.7)
    started = time.process_time()
    capacity_w_m(
        RESPONSES,
        Borefield(),
        DUTY,
        boreholes=rng.integers(1, 1500, n),
        temp_ground_c=rng.uniform(14, 18, n),
        conductivity_w_mk=rng.uniform(1.2, 2.2, n),
    )
    assert time.process_time() - started < 2.0


def test_borehole_resistance_of_a_double_u():
    found = borehole_resistance_mk_w(UTubes(), depth_m=120.0, radius_m=0.075, conductivity_ground_w_mk=1.7)
    assert 0.06 < found < 0.12
    poor = borehole_resistance_mk_w(
        UTubes(conductivity_grout_w_mk=0.8), depth_m=120.0, radius_m=0.075, conductivity_ground_w_mk=1.7
    )
    single = borehole_resistance_mk_w(
        UTubes(tubes=1), depth_m=120.0, radius_m=0.075, conductivity_ground_w_mk=1.7
    )
    assert poor > found
    assert single > found


def test_code_method_by_hand():
    """One layer only: 2 pi L dT lambda / ln(r4/r3), with the pipe and the grout made perfect."""
    found = borehole_exchange_w(
        depth_m=100.0,
        temp_fluid_c=5.0,
        temp_ground_c=15.0,
        radii_m=(0.01, 0.02, 0.075, 2.5),
        conductivities_w_mk=(1e12, 1e12, 1.7),
    )
    assert float(found) == pytest.approx(2 * np.pi * 100 * 10 * 1.7 / np.log(2.5 / 0.075), rel=1e-9)
    soaked = heat_capacity_gj_k(
        ShallowGround(porosity=0.5, water_depth_m=0.0, volumetric_solid_mj_m3k=2.0),
        area_m2=1.0,
        depth_m=100.0,
    )
    assert float(soaked) == pytest.approx((0.5 * 2.0 + 0.5 * 4.18) * 100 / 1000, rel=1e-9)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Borefield(spacing_m=0.1), r"spacing 0\.1 m: boreholes of radius 0\.075 m would touch"),
        (lambda: Borefield(depth_m=-1.0), r"depth_m = -1\.0 must be positive"),
        (lambda: Duty(full_load_hours=9000.0), r"full_load_hours = 9000\.0 must lie in 0\.\.8760"),
        (lambda: Duty(full_load_hours=2000.0, returned_share=1.2), r"returned_share = 1\.2"),
        (lambda: UTubes(tubes=3), r"tubes = 3 must be 1 or 2"),
        (lambda: UTubes(shank_m=0.01), r"shank 0\.01 m: pipes of radius 0\.016 m overlap"),
        (lambda: ShallowGround(porosity=1.0), r"porosity 1\.0 must lie in 0\.\.1"),
    ],
)
def test_what_cannot_be_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_a_resistance_that_does_not_fit_the_response_is_refused():
    tiny = Borefield(radius_m=2.4, spacing_m=5.0, resistance_mk_w=1e-6)
    with pytest.raises(ValueError, match="does not fit the g-function"):
        heating(1, field=tiny, duty=Duty(full_load_hours=1.0, month_share=1e-9), years=1)
