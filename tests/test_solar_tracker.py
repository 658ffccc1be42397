"""Single-axis trackers against pvlib, and their laws."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pvlib
import pytest

from layers.climate import read_climate
from potential.solar.pv_yield import unit_yield
from potential.solar.system import NO_LOSSES, Rows, System
from potential.solar.tracker import Tracker, rotation, tracker_yield

NORMALS = Path(__file__).parents[1] / "data" / "xixian" / "climate_normals.csv"
SYSTEM = System(losses=NO_LOSSES, rows=Rows(0.4, 1.5, 5.0))


@pytest.fixture(scope="module")
def weather():
    return read_climate(NORMALS, lat=34.35, lon=108.8)


@pytest.fixture(scope="module")
def found(weather):
    return tracker_yield(weather.sky, SYSTEM)


def test_light_on_a_tracker_is_that_of_pvlib(weather, found):
    sky = weather.sky
    tilt, azimuth = rotation(sky, Tracker(), ground_cover_ratio=0.4)
    total = pvlib.irradiance.get_total_irradiance(
        tilt, azimuth, sky.zenith_deg, sky.azimuth_deg, sky.dni, sky.ghi, sky.dhi,
        dni_extra=sky.dni_extra, airmass=sky.airmass, albedo=0.2, model="perez",
    )  # fmt: skip
    expected = np.where(sky.ghi > 0, np.nan_to_num(total["poa_global"]), 0)
    assert found.poa_w_m2.sum() == pytest.approx(expected.sum(), rel=2e-3)


def test_a_tracker_beats_the_best_fixed_plane_of_the_same_rows(weather, found):
    fixed = max(unit_yield(weather.sky, tilt, 180.0, SYSTEM).ac_kwh_kwp for tilt in (5.0, 15.0, 25.0))
    assert 1.03 < found.total.ac_kwh_kwp / fixed < 1.35


def test_hours_add_up_to_months_and_the_waterfall_to_the_year(found):
    assert found.ac_w_kwp.sum() / 1000 == pytest.approx(found.total.ac_kwh_kwp)
    steps = dict(found.total.waterfall)
    assert sum(value for name, value in steps.items() if name != "ac") == pytest.approx(steps["ac"])


def test_backtracking_keeps_rows_out_of_each_others_shade(weather, found):
    without = tracker_yield(weather.sky, SYSTEM, Tracker(backtrack=False))
    assert found.total.waterfall["row_shading"] > without.total.waterfall["row_shading"]
    tilt, _ = rotation(weather.sky, Tracker(), ground_cover_ratio=0.4)
    low = (weather.sky.zenith_deg > 80) & (weather.sky.zenith_deg < 90)
    assert tilt[low].mean() < 40
    assert tilt.max() <= 60 + 1e-9


def test_a_tracker_that_hardly_turns_is_a_level_plane(weather):
    still = tracker_yield(weather.sky, replace(SYSTEM, rows=Rows()), Tracker(max_angle_deg=0.01))
    level = unit_yield(weather.sky, 0.0, 180.0, replace(SYSTEM, rows=Rows()))
    assert still.total.ac_kwh_kwp == pytest.approx(level.ac_kwh_kwp, rel=1e-3)


def test_light_from_behind_adds_energy(weather, found):
    both = tracker_yield(weather.sky, replace(SYSTEM, bifaciality=0.75))
    assert 1.01 < both.total.ac_kwh_kwp / found.total.ac_kwh_kwp < 1.15


def test_a_turn_beyond_upright_is_refused():
    with pytest.raises(ValueError, match="max_angle_deg must lie between 0 and 90, got 100"):
        Tracker(max_angle_deg=100.0)


def test_energy_of_a_tracker_is_that_of_pvlib(weather, found):
    """Another chain: pvlib's rotation, Perez, modifiers, cell temperature, PVWatts, and rows' loss of sky."""
    sky = weather.sky
    turned = pvlib.tracking.singleaxis(
        sky.zenith_deg, sky.azimuth_deg, axis_azimuth=180, max_angle=60, backtrack=True, gcr=0.4
    )
    tilt, azimuth = (np.nan_to_num(turned[name]) for name in ("surface_tilt", "surface_azimuth"))
    aoi = pvlib.irradiance.aoi(tilt, azimuth, sky.zenith_deg, sky.azimuth_deg)
    parts = pvlib.irradiance.perez(
        tilt, azimuth, sky.dhi, sky.dni, sky.dni_extra, sky.zenith_deg, sky.azimuth_deg, sky.airmass,
        return_components=True,
    )  # fmt: skip
    parts = {name: np.nan_to_num(value) for name, value in parts.items()}
    up = (sky.zenith_deg < 90) & (aoi < 90)
    sun = np.where(up, sky.dni * np.cos(np.radians(aoi)) + parts["poa_circumsolar"], 0)
    masked = pvlib.shading.masking_angle_passias(np.maximum(tilt, 1e-6), 0.4)
    seen = 1 - pvlib.shading.sky_diffuse_passias(masked)
    dome = (parts["poa_isotropic"] + parts["poa_horizon"]) * seen
    ground = sky.ghi * SYSTEM.albedo * (1 - np.cos(np.radians(tilt))) / 2
    nodes = np.arange(1.0, 61.0, 1.0)
    some = [pvlib.iam.marion_diffuse("physical", node) for node in nodes]
    of_sky, of_ground = (np.interp(tilt, nodes, [one[name] for one in some]) for name in ("sky", "ground"))
    taken = sun * pvlib.iam.physical(aoi) + dome * of_sky + ground * of_ground
    mounting = SYSTEM.mounting
    cell = pvlib.temperature.sapm_cell(
        sun + dome + ground, sky.temp_air, sky.wind_speed, mounting.a, mounting.b, mounting.delta_t
    )
    dc = pvlib.pvsystem.pvwatts_dc(taken, cell, 1000.0, SYSTEM.gamma_pdc_per_k)
    limit = 1000 / SYSTEM.dc_ac_ratio / SYSTEM.inverter_efficiency
    theirs = pvlib.inverter.pvwatts(dc, limit, SYSTEM.inverter_efficiency).sum() / 1000
    assert found.total.ac_kwh_kwp == pytest.approx(theirs, rel=2e-3)
