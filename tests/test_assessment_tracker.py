"""Ground types whose rows turn after the sun: by a scenario, with their density, energy and cost."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from assessment.energy import FLAT, unshaded_kwh_kwp_month
from assessment.inputs import load_catalogs
from assessment.mountings import turns
from assessment.scenario import Scenario
from assessment.site_array import SiteArray
from assessment.solar_types import type_defaults
from faults import InputError
from layers.climate import read_climate
from layers.region import EMBEDDED, load_region
from potential.solar.tracker import tracker_yield

LAT = 34.35
TURNING = Scenario(name="tracker", values={"density.ground.mounting": 1.0})


@pytest.fixture(scope="module")
def region():
    return load_region(EMBEDDED)


@pytest.fixture(scope="module")
def catalogs(region):
    return {
        name: load_catalogs(region, scenario)
        for name, scenario in (("fixed", Scenario()), ("turning", TURNING))
    }


@pytest.fixture(scope="module")
def weather():
    return read_climate(EMBEDDED / "climate_normals.csv", lat=LAT, lon=108.8)


def test_rows_turn_where_the_scenario_says_so(catalogs):
    fixed, turning = (type_defaults(catalogs[name], lat=LAT) for name in ("fixed", "turning"))
    assert turning["ground"].tracker is not None
    assert turning["ground"].layout == "tracker"
    assert {kind for kind in turning if turning[kind] != fixed[kind]} == {"ground"}
    density = catalogs["turning"]["density"]
    ratio = density.value("tracker.ground_cover_ratio")
    module = catalogs["turning"]["modules"].value("reference_bifacial.efficiency") * 1000
    expected = module * density.value("ground.covered_share") * ratio
    assert turning["ground"].density_w_m2.central == pytest.approx(expected)
    assert turning["ground"].system.rows.ground_cover_ratio == pytest.approx(ratio)


def test_a_plant_that_turns_makes_more_of_a_kwp_and_costs_more(catalogs, weather):
    made = {}
    for name in ("fixed", "turning"):
        types = type_defaults(catalogs[name], lat=LAT)
        tilt = types["ground"].tilt_deg.central
        sites = pd.DataFrame({"type": ["ground"], "tilt_deg": [tilt], "azimuth_deg": [180.0]})
        made[name] = unshaded_kwh_kwp_month(sites, weather=weather, types=types).sum()
    assert 1.02 < made["turning"] / made["fixed"] < 1.35
    plan = type_defaults(catalogs["turning"], lat=LAT)["ground"]
    assert made["turning"] == pytest.approx(
        tracker_yield(weather.sky, plan.system, plan.tracker).total.ac_kwh_kwp
    )
    extra = catalogs["turning"]["costs"].value("capex.ground") - catalogs["fixed"]["costs"].value(
        "capex.ground"
    )
    assert extra == pytest.approx(catalogs["fixed"]["costs"].value("tracker.capex_cny_per_w"))
    assert catalogs["turning"]["costs"].value("capex.verge") == catalogs["fixed"]["costs"].value(
        "capex.verge"
    )


def test_the_card_of_a_turning_plant_turns(catalogs, weather):
    plan = type_defaults(catalogs["turning"], lat=LAT)["ground"]
    row = {"type": "ground", "layout": "tracker", "tilt_deg": 0.0, "azimuth_deg": 180.0}
    hours = SiteArray.of(row, plan, catalogs["turning"]["density"], lat=LAT).hours(weather.sky)
    np.testing.assert_allclose(hours.ac_w_kwp, tracker_yield(weather.sky, plan.system, plan.tracker).ac_w_kwp)


def test_a_mounting_that_is_none_is_refused(region):
    with pytest.raises(InputError, match=r"ground\.mounting.*'2'.*0 \(fixed rows\) or 1"):
        load_catalogs(region, Scenario(values={"density.ground.mounting": 2.0}))
    assert not turns(FLAT, load_catalogs(region, Scenario())["density"])
