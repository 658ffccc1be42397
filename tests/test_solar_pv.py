"""One system against PVWatts v8 on the same weather, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySAM import Pvwattsv8

from assessment.pv import one_system
from faults import InputError
from layers.climate import read_climate
from potential.solar.system import OPEN_RACK_POLYMER, Losses, System
from potential.solar.transposition import COATED_GLASS

NORMALS = Path(__file__).parents[1] / "data" / "xixian" / "climate_normals.csv"
NO_MORE = dict.fromkeys(
    ("snow", "mismatch", "wiring", "connections", "nameplate", "ac_wiring", "unavailability"), 0.0
)
PVWATTS = System(
    gamma_pdc_per_k=-0.0037,
    mounting=OPEN_RACK_POLYMER,
    glass=COATED_GLASS,
    losses=Losses(soiling=(0.140757,) * 12, first_year_degradation=0.0, **NO_MORE),
    dc_ac_ratio=1.2,
    inverter_efficiency=0.96,
)
"""PVWatts' defaults said in our words: standard module, open rack, 14.08 % losses."""


@pytest.fixture(scope="module")
def weather():
    return read_climate(NORMALS, lat=34.35, lon=108.8)


def pvwatts_year(weather, tilt, azimuth):
    model = Pvwattsv8.default("PVWattsNone")
    times = weather.times
    model.SolarResource.solar_resource_data = {
        "lat": weather.lat, "lon": weather.lon, "tz": 8.0, "elev": weather.altitude_m,
        "year": list(times.year), "month": list(times.month), "day": list(times.day),
        "hour": list(times.hour), "minute": [30] * 8760, "dn": list(weather.dni),
        "df": list(weather.dhi), "gh": list(weather.ghi),
        "tdry": list(weather.temp_air), "wspd": list(weather.wind_speed),
    }  # fmt: skip
    design = model.SystemDesign
    design.system_capacity, design.tilt, design.azimuth = 100.0, tilt, azimuth
    design.dc_ac_ratio, design.inv_eff, design.losses = 1.2, 96.0, 14.0757
    design.array_type, design.module_type, design.gcr = 0, 0, 0.01  # one open plane: no rows in front
    model.execute()
    return np.array(model.Outputs.ac_monthly), np.array(model.Outputs.poa_monthly)


@pytest.mark.parametrize(("tilt", "azimuth"), [(20, 180), (35, 180), (30, 90), (30, 270), (10, 135)])
def test_a_year_is_that_of_pvwatts(weather, tilt, azimuth):
    theirs, poa = pvwatts_year(weather, tilt, azimuth)
    ours = one_system(
        lat=34.35, lon=108.8, tilt_deg=tilt, azimuth_deg=azimuth, kwp=100.0, climate=weather, system=PVWATTS
    )
    assert ours.kwh_year == pytest.approx(theirs.sum(), rel=0.0075)
    np.testing.assert_allclose(ours.kwh_month, theirs, rtol=0.02)
    assert ours.poa_kwh_m2_year == pytest.approx(poa.sum(), rel=0.0075)


def test_hours_months_and_year_agree(weather):
    result = one_system(lat=34.35, lon=108.8, tilt_deg=25, azimuth_deg=180, kwp=7.5, climate=weather)
    hourly = result.hourly
    assert hourly["ac_kw"].sum() == pytest.approx(result.kwh_year, rel=1e-9)
    by_month = hourly.groupby(hourly["time"].dt.month)["ac_kw"].sum()
    np.testing.assert_allclose(by_month, result.kwh_month, rtol=1e-9)
    assert result.kw_ac == pytest.approx(7.5 / 1.15)
    assert hourly["ac_kw"].max() <= result.kw_ac + 1e-9
    assert str(hourly["time"].iloc[0]) == "2023-01-01 00:00:00+08:00"
    items = result.waterfall
    assert sum(items.values()) - items["ac"] == pytest.approx(result.kwh_year, rel=1e-9)


def test_kwp_scales_and_a_path_serves(weather):
    small = one_system(lat=34.35, lon=108.8, tilt_deg=25, azimuth_deg=180, kwp=1, climate=NORMALS)
    large = one_system(lat=34.35, lon=108.8, tilt_deg=25, azimuth_deg=180, kwp=1000, climate=weather)
    assert large.kwh_year == pytest.approx(1000 * small.kwh_year, rel=1e-9)
    assert 1050 < small.kwh_year < 1260
    assert small.as_dict()["notes"] == []


def test_response_to_tilt_and_azimuth_at_48_north(tmp_path):
    """Ratios to the best plane as solar tables for central Europe give them (PVGIS, Munich)."""
    text = NORMALS.read_text(encoding="utf-8").splitlines()
    rows = [text[0]]
    ghi = [30, 50, 90, 130, 160, 170, 175, 150, 105, 65, 33, 23]
    share = [0.62, 0.58, 0.54, 0.51, 0.50, 0.50, 0.48, 0.48, 0.50, 0.55, 0.62, 0.66]
    place = "x,Munich,48.1,11.6,520,1991-2020"
    rows += [f"{place},{m + 1},{ghi[m]},0,{share[m]},{m},2.5,test" for m in range(12)]
    path = tmp_path / "munich.csv"
    path.write_text("\n".join(rows), encoding="utf-8")
    weather = read_climate(path)
    assert weather.times[0].utcoffset().total_seconds() == 3600

    def kwh(tilt, azimuth):
        return one_system(
            lat=48.1, lon=11.6, tilt_deg=tilt, azimuth_deg=azimuth, kwp=1, climate=weather
        ).kwh_year

    best = max(kwh(tilt, 180) for tilt in (30, 35, 40))
    assert 0.82 < kwh(0, 180) / best < 0.89
    assert 0.95 < kwh(20, 180) / best < 1.0
    assert 0.66 < kwh(90, 180) / best < 0.76
    assert 0.76 < kwh(35, 90) / best < 0.87
    assert 0.93 < kwh(35, 135) / best < 0.98
    assert 0.45 < kwh(35, 0) / best < 0.63
    assert kwh(35, 90) == pytest.approx(kwh(35, 270), rel=0.03)


def test_all_numbers_that_cannot_be_are_named_at_once(weather):
    with pytest.raises(InputError, match=r"lat = '95'(.|\n)*tilt = '-1'(.|\n)*kwp = '0'"):
        one_system(lat=95, lon=0, tilt_deg=-1, azimuth_deg=180, kwp=0, climate=weather)


def test_a_far_climate_is_said(weather):
    result = one_system(lat=36.0, lon=108.8, tilt_deg=25, azimuth_deg=180, kwp=1, climate=weather)
    assert "the climate is of a place 183 km away" in result.notes[0]
