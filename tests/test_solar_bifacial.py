"""Light on the back of rows against pvlib's infinite sheds, for the geometry of every ground type."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pvlib
import pytest

from assessment.solar_types import CATALOGS, type_defaults
from layers.catalog import load_catalog
from layers.climate import read_climate
from potential.solar.pv_yield import unit_yield
from potential.solar.rear import rear_irradiance
from potential.solar.system import Rows

DATA = Path(__file__).parents[1] / "data"
LAT = 34.35
BIFACIAL = ("agrivoltaic_orchard", "agrivoltaic_grass", "fish_pond", "ground")
IN_ROWS = (*BIFACIAL, "canopy", "verge")


@pytest.fixture(scope="module")
def sky():
    return read_climate(DATA / "xixian" / "climate_normals.csv", lat=LAT, lon=108.8).sky


@pytest.fixture(scope="module")
def catalogs():
    return {name: load_catalog(DATA / "catalog" / f"{name}.toml") for name in CATALOGS}


@pytest.fixture(scope="module")
def plans(catalogs):
    return type_defaults(catalogs, lat=LAT)


def both_sides(sky, tilt, system, *, bifaciality):
    """pvlib's own sum of front and back, with what structure and uneven light take."""
    rows = system.rows
    return pvlib.bifacial.infinite_sheds.get_irradiance(
        surface_tilt=tilt,
        surface_azimuth=180.0,
        solar_zenith=sky.zenith_deg,
        solar_azimuth=sky.azimuth_deg,
        gcr=rows.ground_cover_ratio,
        height=rows.clearance_m,
        pitch=rows.pitch_m,
        ghi=sky.ghi,
        dhi=sky.dhi,
        dni=sky.dni,
        albedo=system.albedo,
        bifaciality=bifaciality,
    )


@pytest.mark.parametrize("kind", IN_ROWS)
def test_the_back_receives_what_pvlib_says(sky, plans, kind):
    plan = plans[kind]
    tilt = plan.tilt_deg.central
    system = replace(plan.system, bifaciality=0.7)
    theirs = np.nan_to_num(both_sides(sky, tilt, system, bifaciality=0.7)["poa_back"]).clip(min=0)
    ours = rear_irradiance(sky, tilt, 180.0, system)
    assert ours.sum() == pytest.approx(theirs.sum(), rel=1e-3)
    rear = unit_yield(sky, tilt, 180.0, system).waterfall["rear"]
    lit = sky.ghi > 0
    assert rear == pytest.approx(0.7 * theirs[lit].sum() / 1000, rel=2e-3)


@pytest.mark.parametrize("kind", IN_ROWS)
def test_rows_stand_where_the_catalogue_puts_them(catalogs, plans, kind):
    """pvlib's height is that of the row's middle: lowest edge and half the rise of the collector."""
    density, rows = catalogs["density"], plans[kind].system.rows
    collector = density.value(f"{kind}.collector_m") if f"{kind}.collector_m" in density else 2.382
    clearance = density.value(f"{kind}.clearance_m") if f"{kind}.clearance_m" in density else 1.0
    rise = collector / 2 * np.sin(np.radians(plans[kind].tilt_deg.central))
    assert rows.clearance_m == pytest.approx(clearance + rise)
    assert rows.ground_cover_ratio * rows.pitch_m == pytest.approx(collector)


@pytest.mark.parametrize("kind", BIFACIAL)
def test_structure_and_uneven_light_take_their_share(catalogs, plans, kind):
    losses = catalogs["losses"]
    left = (1 - losses.value("rear.structure_shading")) * (1 - losses.value("rear.mismatch"))
    nominal = catalogs["modules"].value("reference_bifacial.bifaciality")
    assert plans[kind].system.bifaciality == pytest.approx(nominal * left)
    assert left < 1


@pytest.mark.parametrize("kind", BIFACIAL)
def test_what_the_back_adds_is_within_what_plants_measure(sky, plans, kind):
    plan = plans[kind]
    tilt = plan.tilt_deg.central
    both = unit_yield(sky, tilt, 180.0, plan.system).ac_kwh_kwp
    front = unit_yield(sky, tilt, 180.0, replace(plan.system, bifaciality=0.0)).ac_kwh_kwp
    assert 0.02 < both / front - 1 < 0.10


def test_a_lone_high_row_over_even_ground_sees_the_view_factor_of_its_back(sky):
    """By hand: far from other rows and from its own shadow the back receives albedo GHI (1 + cos t) / 2."""
    from potential.solar.system import System

    system = System(bifaciality=1.0, albedo=0.25, rows=Rows(0.05, 60.0, 40.0))
    diffuse = replace(sky, dni=np.zeros_like(sky.dni), dhi=sky.ghi)
    tilt = 30.0
    ground = 0.25 * (1 + np.cos(np.radians(tilt))) / 2
    dome = (1 - np.cos(np.radians(tilt))) / 2
    ours = rear_irradiance(diffuse, tilt, 180.0, system)
    expected = diffuse.ghi.sum() * (ground * 0.95 + dome)
    assert ours.sum() == pytest.approx(expected, rel=0.05)


def test_carports_and_greenhouses_give_no_light_to_a_back(plans):
    for kind in ("carport", "greenhouse", "canopy", "verge", "roof_flat"):
        assert plans[kind].system.bifaciality == 0.0
