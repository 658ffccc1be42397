from __future__ import annotations

import numpy as np
import pandas as pd
import pvlib
import pytest

from assessment.candidates import find_candidates
from assessment.capacity import _combined, add_densities
from assessment.energy import Z_P90, hourly_by_town
from assessment.inputs import read_inputs
from assessment.run import RULE_SETS, SITES, STATUSES
from assessment.scenario import Scenario
from assessment.sites import Method, build_sites
from assessment.solar_types import Range, type_defaults
from assessment.summary import summarise_sites
from assessment.weather import region_weather
from layers.catalog import Quantity
from layers.region import load_region
from layers.rules import load_rules
from tests.small_region import make_region


def quiet(_share, _what):
    return None


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    region = load_region(make_region(tmp_path_factory.mktemp("small") / "small"))
    return read_inputs(region, Scenario(), progress=quiet)


@pytest.fixture(scope="module")
def candidates(inputs):
    return find_candidates(
        towns=inputs.layers["towns"].frame,
        townships=None,
        buildings=inputs.frame("buildings"),
        municipal=inputs.frame("municipal"),
        farmland=inputs.frame("farmland"),
    )


@pytest.fixture(scope="module")
def method(inputs):
    return Method.of(inputs, load_rules(inputs.region.rule_packs))


@pytest.fixture(scope="module")
def result(inputs, candidates, method):
    return build_sites(
        candidates,
        layers=inputs.layers,
        buildings=inputs.frame("buildings"),
        grid=inputs.frame("grid"),
        method=method,
        workers=1,
        progress=quiet,
    )


@pytest.fixture(scope="module")
def hourly(result, method):
    return hourly_by_town(result.months, weather=method.weather, types=method.types)


def test_sites_carry_every_promised_column(result):
    assert [column.name for column in SITES] == list(result.frame.columns.drop("geometry"))
    assert result.frame["id"].is_unique
    assert set(result.frame["status"]) <= set(STATUSES)


def test_sites_summary_and_waterfall_agree(result):
    summary = summarise_sites(result.frame)
    last = result.waterfall[result.waterfall["rule"] == "buildable"]
    sites = result.frame
    assert summary["kwp_dc_central"].sum() == pytest.approx(sites["kwp_dc_central"].sum(), rel=1e-12)
    assert last["remaining_kwp"].sum() == pytest.approx(sites["kwp_dc_central"].sum(), rel=1e-9)
    assert last["remaining_m2"].sum() == pytest.approx(sites["area_m2"].sum(), rel=1e-9)


def test_waterfall_from_all_to_buildable_is_what_the_rules_took(result):
    for _, steps in result.waterfall.groupby(["town", "type"]):
        first, last = steps.iloc[0], steps.iloc[-1]
        assert (first["rule"], last["rule"]) == ("all", "buildable")
        taken = steps["taken_m2"].sum()
        assert first["remaining_m2"] - taken == pytest.approx(last["remaining_m2"], abs=0.01)


def test_excluded_pieces_hold_the_area_that_was_taken(result):
    land = result.waterfall[result.waterfall["type"] != "facade"]
    pieces = result.excluded[result.excluded["type"] != "facade"]
    assert pieces["m2"].sum() == pytest.approx(land["taken_m2"].sum(), abs=1.0)
    assert pieces.geometry.area.sum() == pytest.approx(pieces["m2"].sum(), rel=1e-6)
    assert pieces["town"].notna().all()


def test_rule_sets_hold_what_the_waterfall_lost_and_what_each_rule_holds_alone(result):
    sets = result.rule_sets
    assert sets.columns.tolist() == [column.name for column in RULE_SETS]
    steps = result.waterfall.groupby("rule")[["taken_m2", "taken_kwp", "alone_m2", "alone_kwp"]].sum()
    assert sets["area_m2"].sum() == pytest.approx(steps["taken_m2"].sum(), rel=1e-9)
    assert sets["kwp_dc"].sum() == pytest.approx(steps["taken_kwp"].sum(), rel=1e-9)
    single = sets.groupby("rules")[["area_m2", "kwp_dc"]].sum().reindex(steps.index).fillna(0.0)
    assert single["area_m2"].to_numpy() == pytest.approx(steps["alone_m2"].to_numpy(), abs=1.0)
    assert single["kwp_dc"].to_numpy() == pytest.approx(steps["alone_kwp"].to_numpy(), abs=1.0)


def test_cultivated_and_basic_farmland_carry_nothing(result):
    used = set(result.frame["use"])
    assert not used & {"cultivated", "permanent_basic"}
    taken = result.excluded.groupby("rule")["m2"].sum()
    assert taken["cultivated_land"] == pytest.approx(250_000, rel=1e-6)
    assert taken["permanent_basic_farmland"] == pytest.approx(250_000, rel=1e-6)


def test_months_sum_to_the_year_and_p90_is_below_p50_by_the_stated_spread(result, inputs):
    sites = result.frame
    months = np.stack(sites["kwh_month"].to_list())
    assert months.shape == (len(sites), 12)
    assert months.sum(axis=1) == pytest.approx(sites["kwh_year_p50"].to_numpy(), rel=1e-12)
    losses = inputs.catalogs["losses"]
    names = ("spread.year_to_year", "spread.model", "spread.resource")
    sigma = np.sqrt(sum(losses.value(name) ** 2 for name in names))
    ratio = (sites["kwh_year_p90"] / sites["kwh_year_p50"]).to_numpy()
    assert ratio == pytest.approx(np.full(len(sites), 1 - Z_P90 * sigma), rel=1e-12)


def test_hours_of_the_year_sum_to_the_sites(result, hourly):
    by_type = hourly.groupby(["town", "type"])["kwh"].sum()
    sites = result.frame.groupby(["town", "type"])["kwh_year_p50"].sum()
    pd.testing.assert_series_equal(by_type, sites, check_names=False, rtol=1e-9)
    hours = hourly.groupby(["town", "type"]).size()
    assert (hours == 8760).all()
    assert hourly["time"].dt.tz is not None


def test_night_makes_no_energy(hourly):
    one = hourly[hourly["type"] == "roof_flat"]
    night = one["time"].dt.hour.isin([0, 1, 2, 22, 23])
    assert one.loc[night, "kwh"].max() == 0


def test_first_year_yield_of_racks_lies_where_stations_put_it(result):
    # 1050-1200 kWh/kWp near the optimum tilt: station GHI 1310-1354 kWh/m2, performance ratio 0.80-0.83.
    racks = result.frame[result.frame["type"] == "roof_flat"]
    kwh_kwp = racks["kwh_year_p50"].sum() / racks["kwp_dc_central"].sum()
    assert 1050 < kwh_kwp < 1200


def test_isotropic_gain_of_tilt_is_that_of_the_stations(inputs):
    # POA / GHI of Klein's isotropic method on the days of Jinghe.
    weather = region_weather(inputs.region, inputs.layers["towns"].frame)
    times = weather.times + pd.Timedelta("30min")
    sun = pvlib.solarposition.get_solarposition(times, weather.lat, weather.lon, weather.altitude_m)
    for tilt, expected in {10: 1.04, 20: 1.055, 25: 1.06, 30: 1.055}.items():
        poa = pvlib.irradiance.get_total_irradiance(
            tilt,
            180,
            sun["apparent_zenith"].to_numpy(),
            sun["azimuth"].to_numpy(),
            weather.dni,
            weather.ghi,
            weather.dhi,
            albedo=0.2,
        )
        assert np.nansum(poa["poa_global"]) / weather.ghi.sum() == pytest.approx(expected, abs=0.02)


def test_plane_irradiation_agrees_with_pvlib_over_the_same_hours(inputs):
    weather = region_weather(inputs.region, inputs.layers["towns"].frame)
    from potential.solar.pv_yield import unit_yield

    times = weather.times + pd.Timedelta("30min")
    sun = pvlib.solarposition.get_solarposition(times, weather.lat, weather.lon, weather.altitude_m)
    poa = pvlib.irradiance.get_total_irradiance(
        25,
        180,
        sun["apparent_zenith"].to_numpy(),
        sun["azimuth"].to_numpy(),
        weather.dni,
        weather.ghi,
        weather.dhi,
        dni_extra=pvlib.irradiance.get_extra_radiation(times).to_numpy(),
        airmass=pvlib.atmosphere.get_relative_airmass(sun["apparent_zenith"]).to_numpy(),
        albedo=0.2,
        model="perez",
    )
    expected = np.nansum(poa["poa_global"]) / 1000
    ours = unit_yield(weather.sky, 25.0, 180.0).poa_kwh_m2
    assert ours == pytest.approx(expected, rel=0.01)


def test_low_and_high_of_independent_causes_add_as_squares_by_hand():
    share = Quantity(0.5, 0.35, 0.65, unit="1", source="test", confidence="M")
    low, central, high = _combined(share, Range(60.0, 100.0, 140.0))
    # 30 % and 40 % either way make 50 %.
    assert (low, central, high) == pytest.approx((25.0, 50.0, 75.0))


def test_an_unknown_roof_form_widens_the_range(inputs, candidates):
    types = type_defaults(inputs.catalogs, lat=34.3)
    frame = candidates.frame[candidates.frame["type"] == "roof_flat"].head(1)
    known = add_densities(frame.assign(known_form=True), catalogs=inputs.catalogs, types=types)
    unknown = add_densities(frame.assign(known_form=False), catalogs=inputs.catalogs, types=types)
    assert unknown["w_m2_central"].tolist() == known["w_m2_central"].tolist()
    assert unknown["w_m2_high"].iloc[0] > known["w_m2_high"].iloc[0]
    assert unknown["w_m2_low"].iloc[0] <= known["w_m2_low"].iloc[0]


def test_hourly_table_of_no_sites_is_empty(method):
    empty = pd.DataFrame({"town": [], "type": [], "kwh_month": [], "kwh_hours": []})
    assert hourly_by_town(empty, weather=method.weather, types={}).columns.tolist() == [
        "time",
        "town",
        "type",
        "kwh",
    ]


def test_roofs_are_shaded_by_the_engine_and_land_by_its_class(result):
    roofs = result.frame[result.frame["type"].isin(["roof_flat", "roof_metal", "roof_pitched"])]
    unknown = roofs["use"] == "unknown"  # whose height is reckoned from their floors
    assert result.shaded == len(roofs)
    loss = roofs.loc[~unknown].groupby("use")["shading_loss"].mean()
    # Houses of 7 m between towers of 54 and 80 m lose light; the towers' own roofs lose next to none.
    assert loss["rural_house"] > 5 * loss["office"]
    assert 0 <= loss["office"] < 0.02
