"""Typical years synthesised from monthly normals."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from faults import InputError
from layers.climate import read_climate
from potential.solar.clearness import daily_clearness_quantiles

NORMALS = Path(__file__).parents[1] / "data" / "xixian" / "climate_normals.csv"


@pytest.fixture(scope="module")
def jinghe():
    return read_climate(NORMALS, lat=34.4333, lon=108.9667)


def station(code):
    table = pd.read_csv(NORMALS, dtype={"station": str})
    return table[table["station"] == code].sort_values("month")


def test_monthly_sums_are_those_of_the_station(jinghe):
    normals = station("57131")
    np.testing.assert_allclose(jinghe.ghi_kwh_m2_month, normals["ghi_kwh_m2"], rtol=1e-9)
    share = jinghe.dhi_kwh_m2_month / jinghe.ghi_kwh_m2_month
    np.testing.assert_allclose(share, normals["diffuse_fraction"], rtol=1e-9)
    temperature = pd.Series(jinghe.temp_air).groupby(jinghe.times.month).mean()
    np.testing.assert_allclose(temperature, normals["temp_air_c"], atol=1e-9)


def test_irradiance_closes_in_every_hour(jinghe):
    cosine = np.maximum(np.cos(np.radians(jinghe.sky.zenith_deg)), 0)
    np.testing.assert_allclose(jinghe.ghi, jinghe.dhi + jinghe.dni * cosine, atol=1e-9)


def test_the_same_seed_gives_the_same_year_and_another_another(jinghe):
    again = read_climate(NORMALS, lat=34.4333, lon=108.9667)
    other = read_climate(NORMALS, lat=34.4333, lon=108.9667, seed=1)
    np.testing.assert_array_equal(jinghe.ghi, again.ghi)
    assert np.abs(jinghe.ghi - other.ghi).max() > 50
    np.testing.assert_allclose(jinghe.ghi_kwh_m2_month, other.ghi_kwh_m2_month, rtol=1e-9)


def test_no_hour_exceeds_a_very_clean_sky(jinghe):
    assert jinghe.dni.max() < 1050
    assert (jinghe.ghi[jinghe.sky.zenith_deg > 95] == 0).all()


def test_days_look_like_days(jinghe):
    """Days differ as daily clearness is distributed, and neighbours resemble each other a little."""
    days = jinghe.ghi.reshape(365, 24).sum(axis=1)
    july = days[jinghe.times.month[::24] == 7]
    assert 0.2 < july.std() / july.mean() < 0.6
    assert days.min() < 0.3 * july.mean()


def test_a_place_between_stations_takes_from_both():
    between = read_climate(NORMALS, lat=34.4167, lon=108.84)
    low, high = station("57131")["ghi_kwh_m2"].sum(), station("57048")["ghi_kwh_m2"].sum()
    assert low < between.ghi_kwh_m2_month.sum() < high
    assert between.synthetic
    assert "57131" in between.source


@pytest.mark.parametrize("mean", [0.2, 0.3, 0.325, 0.4, 0.5, 0.6, 0.7])
def test_daily_quantiles_have_the_mean_and_stay_in_bounds(mean):
    quantiles = daily_clearness_quantiles(mean, 2000)
    assert quantiles.mean() == pytest.approx(mean, abs=2e-3)
    assert quantiles.min() > 0.05
    assert (np.diff(quantiles) > 0).all()


def test_every_fault_of_the_table_is_reported(tmp_path):
    table = pd.read_csv(NORMALS, dtype=str)
    table.loc[3, "ghi_kwh_m2"] = "bright"
    table = table.drop(index=20)
    path = tmp_path / "normals.csv"
    table.to_csv(path, index=False)
    with pytest.raises(InputError, match=r"row 4, ghi_kwh_m2 = 'bright'(.|\n)*month = '57048'"):
        read_climate(path)


def test_sunshine_that_cannot_be_is_refused(tmp_path):
    table = pd.read_csv(NORMALS)
    table["ghi_kwh_m2"] *= 3
    path = tmp_path / "normals.csv"
    table.to_csv(path, index=False)
    with pytest.raises(InputError, match="clearness index must lie between"):
        read_climate(path)
