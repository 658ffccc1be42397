"""Hydrothermal doublets: published cases, streamlines as judge, laws, ranges."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from potential.geothermal.hydrothermal import (
    Doublet,
    Reservoir,
    breakthrough_years,
    cold_share,
    doublet_yield,
    flow_by_reservoir_m3_h,
    heat_in_place_j,
    protection_radius_m,
    spacing_for_life_m,
)
from potential.geothermal.line_source import SECONDS_PER_YEAR
from potential.geothermal.montecarlo import Spread, normal_scores, resource_percentiles


def reservoir(temp_c=85.0, thickness_m=80.0, porosity=0.25, permeability_md=300.0):
    values = (np.array([float(v)]) for v in (temp_c, thickness_m, porosity, permeability_md))
    return Reservoir(
        **dict(zip(("temp_c", "thickness_net_m", "porosity", "permeability_md"), values, strict=True))
    )


def test_heat_in_place_of_a_typical_square_kilometre():
    """80 degC, 200 m net, porosity 0.25 above 25 degC: 29.8 PJ/km2."""
    found = heat_in_place_j(reservoir(80, 200), area_m2=1e6, temp_reference_c=25.0)
    assert found[0] / 1e15 == pytest.approx(29.8, rel=0.02)


def test_heat_in_place_by_hand():
    """Dry rock: 1 km2 x 100 m x 2.3 MJ/(m3 K) x 40 K = 9.2 PJ; the reference decides."""
    dry = reservoir(65, 100, 0.0)
    assert heat_in_place_j(dry, area_m2=1e6, temp_reference_c=25.0)[0] == pytest.approx(9.2e15)
    assert heat_in_place_j(dry, area_m2=1e6, temp_reference_c=45.0)[0] == pytest.approx(4.6e15)
    assert heat_in_place_j(dry, area_m2=1e6, temp_reference_c=70.0)[0] == 0.0


def test_drawdown_of_a_published_doublet():
    """100 m3/h, 300 mD, 80 m, 521 m apart: 7.1 bar per well, without skin, at the mean of 85 and 40 degC."""
    case = reservoir(62.5)
    doublet = Doublet(drawdown_pa=1e5, skin=0.0, temp_injection_c=62.5, well_radius_m=0.1)
    per_bar = flow_by_reservoir_m3_h(case, doublet, spacing_m=521.0)[0]
    assert 100 / per_bar / 2 == pytest.approx(7.1, rel=0.03)


def test_power_of_a_published_doublet():
    """100 m3/h from 85 to 40 degC: 5.1 MW."""
    doublet = Doublet(temp_injection_c=40.0, flow_injection_m3_h=100.0, temp_loss_k=0.0, drawdown_pa=1e8)
    assert doublet_yield(reservoir(85), doublet).power_w[0] == pytest.approx(5.1e6, rel=0.02)


def streamline_years(flow_m3_s, thickness_m, spacing_m, rho_c, rho_c_water):
    """Time of the straight streamline between the wells, integrated: dx/dt = heat velocity."""

    def seconds_per_metre(x):
        darcy = flow_m3_s / (2 * np.pi * thickness_m) * (1 / x + 1 / (spacing_m - x))
        return rho_c / rho_c_water / darcy

    return quad(seconds_per_metre, 0, spacing_m)[0] / SECONDS_PER_YEAR


def test_breakthrough_is_the_streamline_integral():
    case = {"thickness_m": 80.0, "spacing_m": 500.0}
    found = breakthrough_years(flow_mean_m3_s=0.01, volumetric_j_m3k=2.6e6, **case)
    assert float(found) * 365 / 365.25 == pytest.approx(42.08, abs=0.01)
    assert float(found) == pytest.approx(streamline_years(0.01, 80.0, 500.0, 2.6e6, 4.1e6), rel=1e-6)


def test_cold_share_grows_as_published():
    assert cold_share([1.2, 2.0, 3.0]) == pytest.approx([0.21, 0.405, 0.50], abs=0.006)
    assert float(cold_share(0.99)) == 0.0


def test_spacing_keeps_the_cold_away_for_the_life():
    doublet = Doublet(spacing_min_m=10.0)
    case = reservoir()
    spacing = spacing_for_life_m(case, doublet, flow_m3_h=100.0)
    found = breakthrough_years(
        flow_mean_m3_s=100.0 / 3600 * 120 / 365,
        thickness_m=80.0,
        spacing_m=spacing,
        volumetric_j_m3k=case.volumetric_j_m3k,
    )
    assert found[0] == pytest.approx(doublet.life_years, rel=0.03)
    assert 480 < spacing[0] < 560


def test_flow_and_spacing_have_settled():
    doublet = Doublet(flow_injection_m3_h=1e6, flow_casing_m3_h=1e6)
    found = doublet_yield(reservoir(), doublet)
    again = flow_by_reservoir_m3_h(reservoir(), doublet, spacing_m=found.spacing_m)
    assert found.flow_m3_h == pytest.approx(again, rel=1e-3)
    assert found.bound[0] == 0


@pytest.mark.parametrize(
    ("doublet", "bound"),
    [
        (Doublet(flow_injection_m3_h=20.0), 1),
        (Doublet(flow_injection_m3_h=90.0, flow_casing_m3_h=30.0), 2),
    ],
)
def test_production_is_set_by_injection_or_casing(doublet, bound):
    found = doublet_yield(reservoir(permeability_md=3000.0), doublet)
    assert found.bound[0] == bound
    assert found.flow_m3_h[0] == min(doublet.flow_injection_m3_h, doublet.flow_casing_m3_h)


@settings(max_examples=40, deadline=None)
@given(st.floats(50, 120), st.floats(30, 300), st.floats(20, 2000), st.floats(1.01, 1.5))
def test_a_better_reservoir_never_gives_less(temp_c, thickness_m, permeability_md, more):
    base = doublet_yield(reservoir(temp_c, thickness_m, 0.25, permeability_md), Doublet()).power_w[0]
    for better in (
        reservoir(temp_c * more, thickness_m, 0.25, permeability_md),
        reservoir(temp_c, thickness_m * more, 0.25, permeability_md),
        reservoir(temp_c, thickness_m, 0.25, permeability_md * more),
    ):
        assert doublet_yield(better, Doublet()).power_w[0] >= base * (1 - 1e-9)


def test_protection_radius_by_hand():
    daily = 100.0 * 24 * 120 / 365
    expected = np.sqrt(36_500 * daily * 1.6 / (0.15 * np.pi * 180.0))
    assert float(protection_radius_m(flow_m3_h=100.0, season_days=120.0, thickness_m=180.0)) == pytest.approx(
        expected
    )


def test_percentiles_against_plain_sampling():
    case = reservoir(permeability_md=100.0)
    spread = Spread(ln_permeability_sd=0.7, thickness_sd_m=15.0, temp_sd_k=6.0)
    doublet = Doublet(drawdown_pa=1e6)

    def power(drawn):
        return doublet_yield(drawn, doublet).power_w

    ours = resource_percentiles(power, case, spread, scores=normal_scores(4096, seed=3))[:, 0]
    rng = np.random.default_rng(5)
    n = 40_000
    drawn = Reservoir(
        temp_c=85 + 6 * rng.standard_normal(n),
        thickness_net_m=np.maximum(80 + 15 * rng.standard_normal(n), 1.0),
        porosity=np.full(n, 0.25),
        permeability_md=100 * np.exp(0.7 * rng.standard_normal(n)),
    )
    assert ours == pytest.approx(np.quantile(power(drawn), [0.1, 0.5, 0.9]), rel=0.02)
    assert ours[0] < ours[1] < ours[2]


def test_the_same_seed_gives_the_same_map_and_no_noise_of_its_own():
    case = Reservoir(
        temp_c=np.full(600, 85.0),
        thickness_net_m=np.full(600, 80.0),
        porosity=np.full(600, 0.25),
        permeability_md=np.full(600, 100.0),
    )
    spread = Spread(ln_permeability_sd=0.7, thickness_sd_m=15.0, temp_sd_k=6.0)

    def once():
        return resource_percentiles(lambda r: doublet_yield(r, Doublet()).power_w, case, spread,
                                    scores=normal_scores(64, seed=9))  # fmt: skip

    found = once()
    assert (found == once()).all()
    assert (found == found[:, :1]).all()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Doublet(drawdown_pa=0.0), r"drawdown_pa = 0\.0 must be positive"),
        (lambda: Doublet(season_days=400.0), r"season_days = 400\.0 must lie in 0\.\.365"),
        (
            lambda: Spread(ln_permeability_sd=-1.0, thickness_sd_m=0, temp_sd_k=0),
            r"ln_permeability_sd = -1\.0",
        ),
        (lambda: normal_scores(5, seed=1), r"samples = 5 must be 10 or more"),
    ],
)
def test_what_cannot_be_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
