"""Published cases of other tools and measurements: sizing, practice, a sandbox, a hot reservoir, vetoes."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.optimize import brentq

from assessment.heat_suitability import Factor, Scheme, judge
from potential.geothermal.borehole import UTubes, borehole_resistance_mk_w
from potential.geothermal.deep import DeepWell, Operation, uniform_rock
from potential.geothermal.exact import exact_g, exact_heating_w_m
from potential.geothermal.hydrothermal import Reservoir, heat_in_place_j
from potential.geothermal.line_source import SECONDS_PER_YEAR, line_source
from potential.geothermal.shallow import MONTH_S, PEAK_S, Borefield, Duty, three_pulses
from potential.geothermal.station import plan_station, square_layout_m
from potential.geothermal.suitability import CLASSES, Weights
from potential.geothermal.utype import UPath, utype_heat


def synthetic_load_w():
    """Hourly load of test 1 of Ahmadfard & Bernier 2019 (the function of Bernier et al. 2004), W."""
    x = np.arange(1, 8761.0)
    a, b, c, d, e, f, g = 2000.0, 2190.0, 80.0, 2.0, 0.01, 0.0, 0.95
    shape = (168 - c) / 168 + sum(
        (np.cos(c * np.pi * i / 84) - 1) / (i * np.pi) * np.sin(np.pi * i / 84 * (x - b)) for i in (1, 2, 3)
    )
    shape = shape * a * np.sin(np.pi / 12 * (x - b)) * np.sin(np.pi / 4380 * (x - b))
    sign = (-1.0) ** np.floor(d / 8760 * (x - b))
    return -(shape + sign * np.abs(shape) + e * sign / np.sign(np.cos(d * np.pi / 4380 * (x - f)) + g))


def test_the_synthetic_load_is_that_of_the_published_file():
    """Rows of GHEtool's test1a.csv, kW, at the end of the year and the largest."""
    load = synthetic_load_w() / 1000
    assert load[-12:-7] == pytest.approx([0.8260525, 0.6080574, 0.3946508, 0.2119888, 0.0777463], abs=1e-7)
    assert load[-5:-2] == pytest.approx([0.0011006, 0.0560198, 0.1248301], abs=1e-7)


def test_depth_of_ahmadfard_and_bernier_1a():
    """One borehole, balanced load, R_b* 0.13: GHEtool L2 59.83 m; all tools from 56.6 to 63.7 m."""
    load = synthetic_load_w()
    days = np.cumsum([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]) * 24
    peak, month = load.max(), max(load[a:b].mean() for a, b in itertools.pairwise(days))
    year = load.mean()
    drop_k = 17.5 + peak / (3795 * 0.440) / 2  # the inlet may fall to 0 degC: half the drop below it
    duty = Duty(full_load_hours=max(8760 * year / peak, 1e-6), month_share=month / peak)
    depth = 60.0
    for _ in range(12):
        field = Borefield(depth_m=depth, radius_m=0.075, resistance_mk_w=0.13)
        times = (PEAK_S, PEAK_S + MONTH_S, PEAK_S + MONTH_S + 10 * SECONDS_PER_YEAR)
        g = exact_g(1, field, diffusivity_m2_s=1.8 / 2073600, times_s=times)
        pulses = np.array(g[0]), np.array(g[1]), np.array(g[2])
        depth = peak / float(three_pulses(np.array(drop_k), pulses, duty, field, np.array(1.8)))
    assert depth == pytest.approx(59.83, rel=0.005)


GERMA = {
    1: (21.9225, 1.0589, 0.3706, 4.1915),
    2: (40.5743, 1.6282, 0.3723, 4.3738),
    3: (64.4596, 3.0587, 0.4543, 6.9836),
    4: (80.4383, 3.7651, 0.4573, 8.2964),
}


@pytest.mark.parametrize("conductivity", [1, 2, 3, 4])
@pytest.mark.parametrize("boreholes", [1, 4, 9, 25, 100])
def test_fits_of_german_practice(conductivity, boreholes):
    """GERMA's fits (11 degC, inlet -3 degC, 2400 h, 25 a, 6 m), with R_b 0.12 of the tables in VDI 4640."""
    a, b, c, d = GERMA[conductivity]
    fit = a / (boreholes + b) ** c + d
    duty = Duty(full_load_hours=2400.0, month_share=0.55, temp_limit_c=-1.5)
    ours = exact_heating_w_m(
        boreholes,
        Borefield(depth_m=100.0, spacing_m=6.0, resistance_mk_w=0.12),
        duty,
        temp_ground_c=11.0,
        conductivity_w_mk=float(conductivity),
        volumetric_j_m3k=2.3e6,
        years=25.0,
    )
    assert ours == pytest.approx(fit, rel=0.11)


@pytest.mark.parametrize(
    ("seconds", "inlet_c", "outlet_c", "within"),
    [
        (24_000, 35.8278, 34.5222, 0.06),
        (100_020, 38.3722, 37.1111, 0.02),
        (186_240, 39.3222, 38.0722, 0.02),
    ],
)
def test_measured_sandbox_of_beier_2011(seconds, inlet_c, outlet_c, within):
    """18.3 m U-tube in wet sand of 2.78 W/(m K), 22.0 degC, constant heat; beyond 5 r^2/alpha (6 h).

    With the borehole resistance they measured (0.165-0.173 m K/W) and the heat the water lost.
    """
    alpha = 2.78018 / (1778 * 1800)
    heat_w_m = 2e-4 * 992.92 * 4068 * (inlet_c - outlet_c) / 18.3
    response = float(line_source(seconds, distance_m=0.063, diffusivity_m2_s=alpha))
    rise_k = heat_w_m * (0.169 + response / (2 * np.pi * 2.78018))
    assert 22.025 + rise_k == pytest.approx((inlet_c + outlet_c) / 2, abs=within * rise_k)


def test_borehole_resistance_of_the_sandbox():
    """Grout 0.806 W/(m K), single U: measured 0.165-0.173; the multipole gives 0.186 with pipes centred."""
    tubes = UTubes(
        tubes=1,
        pipe_outer_radius_m=0.01367 + 0.003035,
        pipe_wall_m=0.003035,
        shank_m=0.0265,
        conductivity_pipe_w_mk=0.39,
        conductivity_grout_w_mk=0.806,
        flow_kg_s=0.1986,
        temp_fluid_c=35.0,
    )
    found = borehole_resistance_mk_w(tubes, depth_m=18.3, radius_m=0.063, conductivity_ground_w_mk=2.78)
    assert found == pytest.approx(0.169, rel=0.13)


def test_stored_heat_of_a_hot_reservoir_as_hip_ra_x_has_it():
    """250 over 60 degC, 55 km2 x 250 m, porosity 10 %: 5.01e15 kJ in rock, 5.08e14 in fluid, 5.52e15 in all.

    HIP-RA-X counts three quarters of the rock's heat and half of the water's; rock 2.84 MJ/(m3 K), water of
    250 degC by the steam tables: 798.9 kg/m3, 4.87 kJ/(kg K).
    """
    hot = Reservoir(
        temp_c=np.array([250.0]),
        thickness_net_m=np.array([250.0]),
        porosity=np.array([0.10]),
        permeability_md=np.array([1.0]),
        volumetric_rock_j_m3k=2.84e6,
        volumetric_water_j_m3k=798.9 * 4870.0,
    )
    dry = Reservoir(**{**vars(hot), "volumetric_water_j_m3k": 0.0})
    whole, rock = (
        float(heat_in_place_j(case, area_m2=55e6, temp_reference_c=60.0)[0]) / 1e3 for case in (hot, dry)
    )
    assert 0.75 * rock == pytest.approx(5.01e15, rel=0.003)
    assert 0.5 * (whole - rock) == pytest.approx(5.08e14, rel=0.003)
    assert 0.75 * rock + 0.5 * (whole - rock) == pytest.approx(5.52e15, rel=0.003)


def judged(layers, *, barring):
    factors = tuple(Factor(name, name, name, "1", 0.0, 1.0) for name in ("a", "b"))
    scheme = Scheme(factors, Weights(("a", "b"), np.array([0.5, 0.5]), 0.0))
    size = layers.shape[1]
    none = np.zeros(size, dtype=bool)
    return judge(
        scheme, dict(zip("ab", layers, strict=True)),
        free_share=np.ones(size), conditional=none, uncertain=none, unchecked=False, seed=1, barring=barring,
    )  # fmt: skip


def test_modified_veto_of_geopfa_is_ours():
    """The weighted sum, 0 where any component is 0 and unknown left out; without the veto the plain order."""
    layers = np.array([[1.0, 2.0, 3.0, 4.0], [2.0, 2.0, 2.0, 2.0]]) / 4
    assert judged(layers, barring=False).score == pytest.approx([0.375, 0.5, 0.625, 0.75])
    barred = np.array([[0.0, 0.2, 1.0, 0.8], [0.4, 0.5, 0.5, np.nan]])
    found = judged(barred, barring=True)
    assert found.score == pytest.approx([0.0, 0.35, 0.75, 0.8])
    assert CLASSES[found.class_index[0]] == "unsuitable"
    assert found.light[0] == "yellow"
    assert judged(barred, barring=False).score[0] == pytest.approx(0.2)


def test_published_output_of_a_utype_well_needs_a_plausible_inlet():
    """Xi'an, 2,800 m and 600 m lateral: 480 kW sustainable (Cai 2025), inlet and flow not published.

    With the gradient of two U-type systems of the basin (34.6 K/km), all year for 20 years, that is the heat
    at an inlet between 20 and 35 degC: the range of return water.
    """
    path, well = UPath(depth_m=2800.0, lateral_m=600.0), DeepWell(flow_m3_h=40.0)
    ground = {"temp_surface_c": 15.5, "gradient_k_per_km": 34.6, "conductivity_w_mk": 2.24}

    def kw(inlet_c):
        operation = Operation(temp_in_c=inlet_c, season_days=365.0)
        return utype_heat(path, well, operation, **ground, season=20).heat_w / 1000

    inlet = float(brentq(lambda c: kw(c) - 480.0, 0.0, 60.0))
    assert 20.0 < inlet < 35.0


def test_affected_distance_of_a_utype_well():
    """Cai 2025: neighbours feel each other beyond 35 m; at 100 m no more."""
    rock = uniform_rock(depth_m=2500.0, temp_surface_c=15.5, gradient_k_per_km=31.7, conductivity_w_mk=2.24)

    def lost(spacing_m):
        places = square_layout_m(4, spacing_m=spacing_m)
        return plan_station(DeepWell(), rock, Operation(), places_m=places, years=(30,)).penalty[0]

    assert lost(35.0) > 0.04
    assert lost(100.0) < 0.005
