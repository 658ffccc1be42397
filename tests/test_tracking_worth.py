"""What energy is worth under 24-hour price tables: from sums, against site by site, and in an assessment."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from assessment.assess import Settings, assess_region
from assessment.economics import cost_table
from assessment.run import PV_TYPES, SECTORS, Run
from assessment.scenario import Scenario
from assessment.scenario_terms import Terms
from assessment.tariff_choice import prices_of, tariff_names
from faults import InputError
from layers.catalog import Catalog, load_catalog
from layers.region import load_region
from tests.small_region import make_region
from tests.test_tracking_scenario import made_up
from tracking.scenario import from_address, needs_new_run, to_address
from tracking.whatif import Board
from tracking.worth import day_by_town, met_prices

CATALOG = Path(__file__).parents[1] / "data" / "catalog"
CATALOGS = {
    name: load_catalog(CATALOG / f"{name}.toml") for name in ("costs", "carbon", "modules", "tariffs")
}
TOWNS = ("fengdong", "fengxi", "jinghe")


def under(tariff, **values):
    return Scenario(name=tariff or "plain", values=values, terms=Terms(tariff=tariff))


@pytest.fixture(scope="module")
def day():
    """Days of another shape for each town and type."""
    rng = np.random.default_rng(4)
    index = pd.MultiIndex.from_product([TOWNS, PV_TYPES], names=["town", "type"])
    sun = np.clip(np.sin(np.pi * (np.arange(24) + 0.5 - 6) / 12), 0, None)
    return pd.DataFrame(sun * rng.uniform(0.5, 1.5, (len(index), 24)), index=index)


@pytest.fixture(scope="module")
def sites():
    return made_up(2000, seed=5)


@pytest.fixture(scope="module")
def board(sites, day):
    return Board(sites, CATALOGS, day=day)


def by_site(sites, day, tariff):
    """Reckon each site on its own with `PvCosts.economics`: the judge."""
    costs = cost_table(CATALOGS["costs"])
    hourly = None
    if tariff is not None:
        prices = np.array(prices_of(CATALOGS["tariffs"], tariff))
        shapes = day.to_numpy() @ prices / day.to_numpy().sum(axis=1)
        price = dict(zip(day.index, shapes, strict=True))
        hourly = [price[key] for key in zip(sites["town"], sites["type"], strict=True)]
    return costs, costs.economics(
        pd.Categorical(sites["type"], categories=PV_TYPES).codes,
        pd.Categorical(sites["sector"].fillna("unknown"), categories=costs.sectors).codes,
        sites["kwp_dc_central"],
        sites["kwh_year_p50"],
        land_m2=sites["area_m2"],
        hourly_cny_kwh=hourly,
    )


@pytest.mark.parametrize("tariff", [None, "flat", "until_2024", "midday_valley"])
def test_present_value_of_the_sums_is_the_sum_of_present_values(board, sites, day, tariff):
    _, one = by_site(sites, day, tariff)
    found = board.apply(under(tariff))
    expected = pd.Series(one.npv).groupby([sites["town"], sites["type"]]).sum()
    pd.testing.assert_series_equal(found.by("town", "type")["npv"], expected, check_names=False, rtol=1e-9)
    assert found.total()["npv"] == pytest.approx(one.npv.sum())


def test_a_single_site_pays_back_when_its_own_cash_flow_does(sites, day):
    for number in (0, 7, 33):
        one = sites.iloc[[number]].reset_index(drop=True)
        found = Board(one, CATALOGS, day=day).apply(under("midday_valley")).total()
        judge = by_site(one, day, "midday_valley")[1]
        assert found["payback_years"] == pytest.approx(float(judge.payback_years[0]), nan_ok=True)
        assert found["npv"] == pytest.approx(float(judge.npv[0]))


def test_the_loan_is_the_owners_in_sums_as_in_sites(sites, day):
    values = {"costs.finance.loan_share": 0.7}
    found = Board(sites, CATALOGS, day=day).apply(under("flat", **values)).total()
    loan = Catalog(
        {
            **CATALOGS["costs"],
            "finance.loan_share": Scenario(values=values).change("costs", CATALOGS["costs"])[
                "finance.loan_share"
            ],
        },
        name="costs",
    )
    judge = cost_table(loan).economics(
        pd.Categorical(sites["type"], categories=PV_TYPES).codes,
        pd.Categorical(sites["sector"].fillna("unknown"), categories=(*SECTORS, "unknown")).codes,
        sites["kwp_dc_central"],
        sites["kwh_year_p50"],
        land_m2=sites["area_m2"],
        hourly_cny_kwh=0.58,
    )
    assert found["npv"] == pytest.approx(judge.npv.sum())


def test_a_kwh_by_hand_and_who_pays_by_the_hour(board, day):
    totals = board.apply(under("midday_valley")).totals
    price = np.array(prices_of(CATALOGS["tariffs"], "midday_valley"))
    shape = day.loc[("fengxi", "roof_flat")].to_numpy()
    met = float((shape * price).sum() / shape.sum())
    for sector, expected in (
        ("industry", 0.8 * met + 0.2 * 0.3),
        ("residential", 0.2 * 0.5 + 0.8 * 0.3),
        ("unknown", 0.3),
    ):
        here = totals[
            (totals[["town", "type", "sector"]] == ["fengxi", "roof_flat", sector]).all(axis=1)
        ].iloc[0]
        assert here["value_year"] / here["gwh_costed"] / 1e6 == pytest.approx(expected), sector


def test_the_mid_day_valley_takes_value_and_nothing_else(board):
    plain, flat, valley = (board.apply(under(name)).total() for name in (None, "flat", "midday_valley"))
    assert flat["kwh_value"] == pytest.approx(plain["kwh_value"])
    assert valley["kwh_value"] < 0.93 * flat["kwh_value"]
    assert valley["npv"] < flat["npv"]
    assert valley["payback_years"] > flat["payback_years"]
    for name in ("mw_dc", "gwh_year", "capex", "lcoe", "co2_t_year"):
        assert valley[name] == flat[name]


def test_without_hours_the_price_of_a_table_is_unknown_not_the_flat_one(sites):
    found = Board(sites, CATALOGS).apply(under("midday_valley"))
    assert np.isnan(found.total()["npv"])
    assert np.isnan(found.total()["kwh_value"])
    assert found.by("town")["payback_years"].isna().all()
    assert found.total()["lcoe"] > 0


def test_a_table_that_is_not_there_is_named(board):
    with pytest.raises(
        InputError, match=r"'noon'.*must be one of until_2024, midday_valley, flat, each with 24"
    ):
        board.apply(under("noon"))
    with pytest.raises(InputError, match=r"tariff.*'3'.*must be a name of the tariff catalogue"):
        Terms(tariff=3)


def test_the_choice_travels_and_needs_no_new_run():
    scenario = under("midday_valley")
    assert from_address(to_address(scenario)) == scenario
    assert needs_new_run(scenario, {"scenario": None}) == ()
    changed = scenario.change("tariffs", CATALOGS["tariffs"])
    assert prices_of(changed) == prices_of(CATALOGS["tariffs"], "midday_valley")
    assert tariff_names(changed) == tariff_names(CATALOGS["tariffs"])


def test_energy_without_hours_meets_no_price():
    day = pd.DataFrame([np.zeros(24), np.ones(24)], index=["none", "even"])
    found = met_prices(day, list(np.arange(24.0)))
    assert np.isnan(found["none"])
    assert found["even"] == pytest.approx(11.5)


def test_an_assessment_of_the_scenario_pays_back_later_and_the_page_agrees(tmp_path):
    region = load_region(make_region(tmp_path / "region"))
    runs = {}
    for tariff in (None, "midday_valley"):
        out = tmp_path / str(tariff)
        assess_region(
            region, out=out, settings=Settings(scenario=under(tariff), only="sites"), progress=lambda *_: None
        )
        runs[tariff] = Run(out)
    sites = {tariff: run.sites.set_index("id") for tariff, run in runs.items()}
    hourly = sites[None]["sector"].isin(["industry", "public", "municipal", "commercial"])
    before, after = (sites[tariff]["payback_years"] for tariff in (None, "midday_valley"))
    both = before.notna() & after.notna()
    assert (after[hourly & both] > before[hourly & both]).all()
    pd.testing.assert_series_equal(after[~hourly], before[~hourly])
    pd.testing.assert_series_equal(sites["midday_valley"]["lcoe"], sites[None]["lcoe"])
    at = int(np.flatnonzero((hourly & both).to_numpy())[0])
    site = runs[None].sites.iloc[[at]].reset_index(drop=True)
    page = Board(site, CATALOGS, day=day_by_town(runs[None].path)).apply(under("midday_valley")).total()
    assert page["payback_years"] == pytest.approx(float(after.iloc[at]), rel=0.02)


def test_half_a_million_sites_answer_under_another_table_at_once(day):
    board = Board(made_up(500_000, seed=6), CATALOGS, day=day)
    board.apply(under(None)).by("town", "type")
    start = time.perf_counter()
    board.apply(under("midday_valley")).by("town", "type")
    assert time.perf_counter() - start < 1.0
