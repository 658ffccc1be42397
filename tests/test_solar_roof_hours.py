"""Shaded yield of many roofs at once: against one roof by the full chain, and its laws."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gis.horizon import thresholds_deg
from layers.climate import read_climate
from potential.solar.chain import Shade
from potential.solar.hourly_shade import hourly_lit, lit_shares
from potential.solar.pv_yield import hourly_yield, unit_yield
from potential.solar.roof_hours import roof_yields, sun_terms
from potential.solar.sun import substep_angles
from potential.solar.system import System
from potential.solar.transposition import COATED_GLASS, STANDARD_GLASS, beam_polynomial, beam_table

NORMALS = Path(__file__).parents[1] / "data" / "xixian" / "climate_normals.csv"
ANGLES = {"azimuths_deg": np.arange(72) * 5.0, "levels_deg": thresholds_deg(72, 24)}
SYSTEM = System()


@pytest.fixture(scope="module")
def weather():
    return read_climate(NORMALS, lat=34.35, lon=108.8)


@pytest.fixture(scope="module")
def sun(weather):
    return substep_angles(weather.times, lat=weather.lat, lon=weather.lon, altitude_m=weather.altitude_m)


def yields(weather, sun, codes, left, tilt, azimuth):  # noqa: PLR0917
    hour = weather.times.hour.to_numpy(np.int64)
    return roof_yields(weather.sky, hour, sun_terms(*sun, **ANGLES), codes, left, tilt, azimuth, SYSTEM)


def some_horizons(count, seed=0):
    rng = np.random.default_rng(seed)
    codes = rng.random((count, 72, 25)) * np.exp(-0.3 * np.arange(25))
    return (codes / codes.sum(axis=2, keepdims=True)).astype(np.float32)


def open_horizons(count):
    codes = np.zeros((count, 72, 25), np.float32)
    codes[:, :, 0] = 1.0
    return codes


def test_an_open_roof_yields_what_its_plane_does(weather, sun):
    tilt, azimuth = np.array([5.0, 10.0, 25.0, 30.0]), np.array([180.0, 135.0, 222.0, 90.0])
    found = yields(weather, sun, open_horizons(4), np.ones(4), tilt, azimuth)
    expected = [unit_yield(weather.sky, *plane, SYSTEM).ac_kwh_kwp_month for plane in zip(tilt, azimuth)]  # noqa: B905
    np.testing.assert_allclose(found.sum(axis=2), expected, atol=1e-6)


def test_a_shaded_roof_yields_what_the_chain_of_one_roof_says(weather, sun):
    """Eighteen roofs: more than one batch of lanes."""
    codes, rng = some_horizons(18), np.random.default_rng(4)
    tilt, azimuth, left = rng.uniform(0, 40, 18), rng.uniform(90, 270, 18), rng.uniform(0.6, 1, 18)
    found = yields(weather, sun, codes, left, tilt, azimuth)
    for roof in (0, 15, 16, 17):
        lit = hourly_lit(lit_shares(codes[roof], *sun, **ANGLES), sun[0])
        one = hourly_yield(weather.sky, tilt[roof], azimuth[roof], SYSTEM, shade=Shade(lit, left[roof]))
        np.testing.assert_allclose(found[roof].sum(axis=1), one.total.ac_kwh_kwp_month, atol=1e-4)
        hour = weather.times.hour.to_numpy()
        by_hour = np.bincount(hour, one.ac_w_kwp, 24) / 1000
        np.testing.assert_allclose(found[roof].sum(axis=0), by_hour, atol=1e-4)


def test_a_higher_horizon_never_yields_more(weather, sun):
    codes = np.zeros((25, 72, 25), np.float32)
    codes[np.arange(25), :, np.arange(25)] = 1.0
    found = yields(weather, sun, codes, np.ones(25), np.full(25, 10.0), np.full(25, 180.0)).sum(axis=(1, 2))
    assert (np.diff(found) <= 1e-9).all()
    assert found[-1] < 0.8 * found[0]


def test_no_roof_gives_an_empty_table(weather, sun):
    none = np.zeros(0)
    assert yields(weather, sun, open_horizons(0), none, none, none).shape == (0, 12, 24)


def test_light_from_behind_is_refused(weather, sun):
    with pytest.raises(ValueError, match="got a bifacial system"):
        roof_yields(
            weather.sky,
            weather.times.hour.to_numpy(np.int64),
            sun_terms(*sun, **ANGLES),
            open_horizons(1),
            np.ones(1),
            np.zeros(1),
            np.zeros(1),
            System(bifaciality=0.7),
        )


@pytest.mark.parametrize("glass", [STANDARD_GLASS, COATED_GLASS])
def test_the_polynomial_of_the_modifier_is_its_table(glass):
    cosine = np.linspace(0, 1, 4097)
    found = np.polyval(beam_polynomial(glass), 2 * cosine - 1)
    np.testing.assert_allclose(found, beam_table(glass), atol=1e-7)
