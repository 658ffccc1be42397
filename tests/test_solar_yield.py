"""Energy per kWp against pvlib, laws and the known range of the region."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pvlib
import pytest

from layers.climate import read_climate
from potential.solar.pv_yield import hourly_yield, unit_yield
from potential.solar.system import NO_LOSSES, OPEN_RACK, Losses, Rows, System
from potential.solar.yield_table import yield_table

NORMALS = Path(__file__).parents[1] / "data" / "xixian" / "climate_normals.csv"
PLAIN = System(
    gamma_pdc_per_k=-0.004, mounting=OPEN_RACK, losses=NO_LOSSES, dc_ac_ratio=1.2, inverter_efficiency=0.96
)


@pytest.fixture(scope="module")
def sky():
    return read_climate(NORMALS, lat=34.35, lon=108.8).sky


def pvlib_ac(sky, tilt, azimuth, system):
    """The same chain from pvlib's functions, W per kWp."""
    aoi = pvlib.irradiance.aoi(tilt, azimuth, sky.zenith_deg, sky.azimuth_deg)
    parts = pvlib.irradiance.perez(
        tilt, azimuth, sky.dhi, sky.dni, sky.dni_extra, sky.zenith_deg, sky.azimuth_deg, sky.airmass,
        return_components=True,
    )  # fmt: skip
    parts = {name: np.nan_to_num(value) for name, value in parts.items()}
    ground = sky.ghi * system.albedo * (1 - np.cos(np.radians(tilt))) / 2
    up = (sky.zenith_deg < 90) & (aoi < 90)
    beam = np.where(up, sky.dni * np.cos(np.radians(aoi)), 0)
    sun_side = beam + np.where(up, parts["poa_circumsolar"], 0)
    rest = parts["poa_isotropic"] + parts["poa_horizon"]
    diffuse = pvlib.iam.marion_diffuse("physical", tilt)
    ground_iam = diffuse["ground"] if tilt > 1 else 1.0
    effective = sun_side * pvlib.iam.physical(aoi) + rest * diffuse["sky"] + ground * ground_iam
    mounting = system.mounting
    poa = sun_side + rest + ground
    cell = pvlib.temperature.sapm_cell(
        poa, sky.temp_air, sky.wind_speed, mounting.a, mounting.b, mounting.delta_t
    )
    dc = pvlib.pvsystem.pvwatts_dc(effective, cell, 1000.0, system.gamma_pdc_per_k)
    dc_limit = 1000 / system.dc_ac_ratio / system.inverter_efficiency
    return pvlib.inverter.pvwatts(dc, dc_limit, system.inverter_efficiency)


@pytest.mark.parametrize(
    ("tilt", "azimuth"), [(0, 180), (5, 90), (20, 180), (30, 250), (60, 135), (90, 180), (90, 0)]
)
def test_the_fused_loop_is_pvlib(sky, tilt, azimuth):
    ours = hourly_yield(sky, tilt, azimuth, PLAIN)
    theirs = pvlib_ac(sky, tilt, azimuth, PLAIN)
    assert ours.total.ac_kwh_kwp == pytest.approx(theirs.sum() / 1000, abs=0.001)
    dark = sky.dhi * 0 + np.isnan(sky.airmass)
    assert np.abs(ours.ac_w_kwp - np.where(dark, ours.ac_w_kwp, theirs)).max() < 0.5


def test_waterfall_adds_up(sky):
    system = System(bifaciality=0.8, rows=Rows(0.5, 1.5, 5.0), dc_ac_ratio=1.4)
    result = unit_yield(sky, 25, 180, system)
    items = dict(result.waterfall)
    assert sum(items.values()) - items["ac"] == pytest.approx(items["ac"], rel=1e-9)
    assert items["ac"] == pytest.approx(result.ac_kwh_kwp, rel=1e-12)
    assert items["rear"] > 0 > items["row_shading"]
    assert items["clipping"] < 0


def test_first_year_yield_of_the_region(sky):
    losses = Losses(soiling=(0.045,) * 12)
    best = max(unit_yield(sky, tilt, 180, System(losses=losses)).ac_kwh_kwp for tilt in (20, 25, 30))
    assert 1050 <= best <= 1200
    flat = unit_yield(sky, 5, 180, System(losses=losses)).ac_kwh_kwp
    wall = unit_yield(sky, 90, 180, System(losses=losses)).ac_kwh_kwp
    assert 1020 <= flat <= 1150
    assert 650 <= wall <= 740


def test_level_plane_gets_the_horizontal_irradiation(sky):
    assert unit_yield(sky, 0, 123).poa_kwh_m2 == pytest.approx(sky.ghi.sum() / 1000, rel=3e-4)


def test_table_interpolates_between_planes_and_across_north(sky):
    table = yield_table(sky, np.arange(0, 91, 5.0), np.arange(0, 360, 10.0))
    tilt, azimuth = np.array([27.0, 12.0, 88.0]), np.array([183.0, 357.0, 721.0])
    ac, poa = table.at(tilt, azimuth)
    for row in range(3):
        exact = unit_yield(sky, tilt[row], azimuth[row])
        assert ac[row].sum() == pytest.approx(exact.ac_kwh_kwp, rel=3e-3)
        assert poa[row].sum() == pytest.approx(exact.poa_kwh_m2, rel=3e-3)
    with pytest.raises(ValueError, match=r"tilt 95 lies outside the table \(0 to 90 degrees\)"):
        table.at(np.array([95.0]), np.array([0.0]))


def test_denser_rows_lose_more(sky):
    yields = [
        unit_yield(sky, 25, 180, System(rows=Rows(gcr))).ac_kwh_kwp for gcr in (0.0, 0.3, 0.5, 0.7, 0.9)
    ]
    assert (np.diff(yields) < 0).all()


def test_rows_after_the_solstice_rule_do_not_shade_between_nine_and_three():
    from potential.solar.density import row_pitch_ratio, solstice_shadow
    from potential.solar.hour import shaded_fraction

    gcr = 1 / row_pitch_ratio(34.4, 25)
    height = 1 / np.sqrt(1 + solstice_shadow(34.4) ** 2)  # the sun in the plane across the rows, at 9:00
    tilt = np.radians(25)
    incidence = height * np.cos(tilt) + np.sqrt(1 - height**2) * np.sin(tilt)
    assert shaded_fraction(height, incidence, gcr) == pytest.approx(0, abs=1e-12)
    lower = height * 0.98
    incidence = lower * np.cos(tilt) + np.sqrt(1 - lower**2) * np.sin(tilt)
    assert shaded_fraction(lower, incidence, gcr) > 0


@pytest.mark.parametrize("tilt", [-1, 91, float("nan")])
def test_a_plane_that_cannot_be_is_refused(sky, tilt):
    with pytest.raises(ValueError, match=f"tilt must lie between 0 and 90 degrees, got .*{tilt}"):
        unit_yield(sky, tilt, 180)
