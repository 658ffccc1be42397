"""The station planner, progress by town, pumps beside photovoltaics: the kernels' numbers, laws, messages."""

from __future__ import annotations

import time

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from assessment.heat_beside import electricity_beside
from assessment.heat_planner import Place, Wish, place_of, plan
from assessment.heat_report import deep, hydro, shallow, shipped_catalog
from assessment.heat_targets import town_targets
from faults import InputError
from potential.geothermal.economy import annuity
from potential.geothermal.report_money import Prices
from potential.geothermal.station import worst_neighbours_m

PLACE = Place(31.7, 5.0, 2.24, 15.5, 8000.0)


def test_the_planner_is_the_kernel_of_the_command():
    found = plan(PLACE, Wish(wells=4, spacing_m=30.0, baseline="gas_boiler"))
    said = deep(wells=4, spacing_m=30.0, baseline="gas_boiler")
    assert found.kw == tuple(said[f"kw_year{year}"] for year in (1, 10, 20, 30))
    assert found.report["lcoh_cny_gj"] == said["lcoh_cny_gj"]
    assert all(low < kw < high for low, kw, high in zip(found.kw_low, found.kw, found.kw_high, strict=True))
    assert list(found.kw) == sorted(found.kw, reverse=True)


@pytest.mark.parametrize(
    ("wish", "least"),
    [
        (Wish(kind="utype", wells=1), 500.0),
        (Wish(kind="shallow", wells=200, depth_m=120.0, spacing_m=5.0, returned_share=0.5), 100.0),
        (Wish(kind="hydrothermal", wells=2, depth_m=2750.0), 5000.0),
        (Wish(wells=49, spacing_m=50.0), 5000.0),
    ],
)
def test_every_kind_answers_within_a_second(wish, least):
    plan(PLACE, wish)
    started = time.process_time()
    found = plan(PLACE, Wish(**{**vars(wish), "baseline": "gas_boiler"}))
    assert time.process_time() - started < 1.0
    assert found.kw[-1] > least
    assert found.report["co2_saved_gas_boiler_t_year"] != 0


def test_place_of_blocks_is_their_mean_by_area():
    columns = ("gradient_k_km", "gradient_sd_k_km", "conductivity_w_mk", "temp_surface_c", "nearest_well_m")
    blocks = pd.DataFrame({"area_m2": [1.0, 3.0], **{name: [2.0, 4.0] for name in columns}})
    assert place_of(blocks) == Place(3.5, 3.5, 3.5, 3.5, 3.5)


def test_a_duty_needs_a_colder_inlet_every_year_and_with_neighbours():
    alone, crowded = (deep(wells=n, spacing_m=15.0, duty_kw=250.0) for n in (1, 9))
    years = [alone[f"inlet_for_duty_year{y}_c"] for y in (1, 10, 20, 30)]
    assert years == sorted(years, reverse=True)
    assert crowded["inlet_for_duty_year30_c"] < alone["inlet_for_duty_year30_c"] - 3
    assert deep(temp_in_c=years[-1])["ground_year30_kw"] == pytest.approx(250.0, rel=2e-3)
    assert crowded["ground_year1_kw"] == crowded["ground_year30_kw"] == pytest.approx(9 * 250.0)
    assert crowded["cop"] < alone["cop"]
    assert crowded["kw_year30"] == pytest.approx(9 * 250.0 / (1 - 1 / crowded["cop"]), rel=1e-4)


def test_the_most_crowded_well_is_the_middle_one():
    middle = sorted([50.0] * 4 + [50 * np.sqrt(2)] * 4)
    assert worst_neighbours_m(9, 50.0) == pytest.approx(middle)
    assert worst_neighbours_m(1, 50.0) == ()


def test_cost_by_hand_and_the_baseline_decides_the_carbon():
    said = deep(baseline="coal_chp")
    value = shipped_catalog().value
    capex = 2500 * value("deep.cny_m") + value("station.surface_cny_kw") * said["kw_year30"]
    assert said["capex_cny"] == pytest.approx(capex, rel=1e-4)
    yearly = capex * (annuity(value("station.discount_rate"), 30) + value("station.upkeep_share"))
    yearly += 1000 * value("station.price_cny_kwh") * said["electricity_mwh_year"]
    assert said["lcoh_cny_gj"] == pytest.approx(yearly / (3.6 * said["mwh_year"]), rel=1e-4)
    gas = deep(baseline="gas_boiler")
    gap = said["co2_saved_coal_chp_t_year"] - gas["co2_saved_gas_boiler_t_year"]
    assert gap == pytest.approx(3.6 * said["mwh_year"] * (110 - 60.4) / 1000, rel=1e-3)
    assert not [name for name in deep() if name.startswith("co2")]


def test_an_option_replaces_the_catalogue():
    cheap, dear = (shallow(drilling_cny_m=price)["capex_cny"] for price in (50.0, 200.0))
    assert dear - cheap == pytest.approx(150.0 * 100 * 120.0, rel=1e-4)
    assert hydro(well_cny=1.0, surface_cny_kw=0.0)["capex_cny"] == pytest.approx(2.0)


def test_doublets_add_up_and_cooling_follows_the_returned_heat():
    one, three = hydro(), hydro(doublets=3)
    assert three["kw_year30"] == pytest.approx(3 * one["kw_year30"], rel=1e-4)
    assert three["wells"] == 6
    assert three["lcoh_cny_gj"] == pytest.approx(one["lcoh_cny_gj"], rel=1e-4)
    half = shallow(returned_share=0.5)
    assert half["returned_gain_percent"] > 10
    assert half["cooling_kw"] > 0


@pytest.mark.parametrize(
    ("ask", "error", "message"),
    [
        (lambda: deep(baseline="coal"), InputError, r"baseline = 'coal': must be one of coal_chp"),
        (lambda: deep(price_cny_kwh=-1.0), InputError, r"price_cny_kwh = -1\.0 must not be negative"),
        (lambda: hydro(doublets=0), InputError, r"doublets = 0 must be 1 or more"),
        (lambda: Wish(kind="x"), ValueError, r"kind 'x' must be one of deep, utype"),
        (lambda: Wish(wells=0), ValueError, r"wells = 0 must be 1 or more"),
        (
            lambda: Prices(surface_cny_kw=0, price_cny_kwh=0, upkeep_share=0, discount_rate=0, life_years=0,
                           grid_kg_kwh=0),
            ValueError,
            r"life_years = 0 must be positive",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(ask, error, message):
    with pytest.raises(error, match=message):
        ask()


def test_an_unknown_stock_is_a_lower_bound_and_not_nothing():
    goals = pd.DataFrame(
        {"goal": ["cost"] * 2, "town": ["a", "b"], "heatable_m2": [10e6, 0.0], "heatable_m2_p10": [8e6, 0.0],
         "heatable_m2_p90": [12e6, 0.0]}
    )  # fmt: skip
    built = pd.DataFrame(
        {"town": ["a", "c"], "operating_m2": [2e6, 1.0], "added_m2": [1e6, 0.0], "building_m2": [5e5, 0.0]}
    )
    unknown = town_targets(goals, built, goal="cost").set_index("town")
    assert np.isnan(unknown.loc["a", "reached_m2"])
    assert unknown.loc["a", "least_m2"] == 2e6
    assert unknown.loc["a", "share"] == pytest.approx(0.2)
    assert np.isnan(unknown.loc["b", "share"])
    known = town_targets(goals, built, goal="cost", stock_2022_m2={"a": 3e6}).set_index("town")
    assert known.loc["a", "reached_m2"] == known.loc["a", "least_m2"] == 4e6


def test_photovoltaics_beside_pumps_by_hand():
    blocks = gpd.GeoDataFrame(
        {"id": ["x", "y"], "town": ["t", "t"], "electricity_mwh_year": [10.0, 0.0]},
        geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)],
    )
    points = np.array([[0.5, 0.5], [0.6, 0.5], [1.5, 0.5], [9.0, 9.0]])
    found = electricity_beside(blocks, points, np.array([3.0, 4.0, np.nan, 50.0]))
    assert found["pv_mwh_year"].tolist() == [7.0, 0.0]
    assert found.loc[0, "share"] == pytest.approx(0.7)
    assert np.isnan(found.loc[1, "share"])
