"""One site in full: the range brackets the run, the table sums to it, the hours have their price."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from assessment.economics import add_economics
from assessment.run import PV_TYPES
from faults import InputError
from layers.catalog import load_catalog
from potential import money_return
from tracking.economics import site_cash_flow, site_range, site_self_use, tariff_values

CATALOG = Path(__file__).parents[1] / "data" / "catalog"
COSTS, CARBON, TARIFFS, LOAD = (
    load_catalog(CATALOG / f"{name}.toml") for name in ("costs", "carbon", "tariffs", "load")
)
TIMES = pd.date_range("2023-01-01", periods=8760, freq="h", tz="Asia/Shanghai")
SUN = np.clip(np.sin(np.pi * (TIMES.hour + 0.5 - 6) / 12), 0, None)


def site(kind="roof_metal", sector="industry"):
    return {"type": kind, "sector": sector, "kwp_dc_central": 800.0, "kwh_year_p50": 880e3, "area_m2": 6000.0}


@pytest.mark.parametrize("kind", PV_TYPES)
def test_the_range_brackets_the_run(kind):
    one = site(kind, "public")
    run = add_economics(pd.DataFrame([one]), costs=COSTS, carbon=CARBON).iloc[0]
    table = site_range(one, COSTS)
    assert table.loc["central", "lcoe"] == pytest.approx(run["lcoe"])
    assert table.loc["central", "capex"] == pytest.approx(run["capex"])
    assert table["lcoe"].is_monotonic_increasing
    assert table["npv"].is_monotonic_decreasing
    assert table.loc["favourable", "irr"] > table.loc["central", "irr"]


def test_the_table_is_the_cash_flow():
    one = site("agrivoltaic_orchard", "agriculture")
    table, found = site_cash_flow(one, COSTS), site_range(one, COSTS).loc["central"]
    parts = table[["revenue", "om", "rent", "inverter", "capex", "loan"]].sum(axis=1)
    np.testing.assert_allclose(parts, table["net"], atol=1e-6)
    assert (table["rent"].iloc[1:] < 0).all()
    assert float(money_return.npv(table["net"], 0.06)) == pytest.approx(found["npv"])
    assert table["cumulative"].iloc[-1] == pytest.approx(table["net"].sum())
    assert np.flatnonzero(table["inverter"]).tolist() == [13]
    assert table["loan"].abs().max() < 1e-6


def test_a_price_of_its_own():
    rich = site_cash_flow(site(), COSTS, price_cny_kwh=1.0)
    assert rich.loc[1, "revenue"] == pytest.approx(880e3)


def test_self_use_follows_the_building():
    def share(use):
        return site_self_use(
            SUN * 600,
            TIMES,
            use=use,
            floor_area_m2=20_000,
            load=LOAD,
            tariffs=TARIFFS,
            tariff="flat",
            feed_in_cny_kwh=0.3,
        ).self_use_share

    assert share("data_centre") > share("hospital") > share("residential")
    assert share("residential") > 0.1


def test_the_mid_day_valley_costs_a_roof_its_value():
    values = tariff_values(SUN, TIMES, TARIFFS)
    assert values["midday_valley"] < values["until_2024"]
    assert values["flat"] == pytest.approx(0.58)
    used = {
        tariff: site_self_use(
            SUN * 600,
            TIMES,
            use="hospital",
            floor_area_m2=20_000,
            load=LOAD,
            tariffs=TARIFFS,
            tariff=tariff,
            feed_in_cny_kwh=0.3,
        )
        for tariff in ("until_2024", "midday_valley")
    }
    assert used["until_2024"].used_kwh == used["midday_valley"].used_kwh
    assert used["midday_valley"].value_cny < used["until_2024"].value_cny


def test_what_is_not_in_the_tables():
    terms = {"floor_area_m2": 1.0, "load": LOAD, "tariffs": TARIFFS, "feed_in_cny_kwh": 0.3}
    with pytest.raises(InputError, match="use = 'castle': must be one of industrial"):
        site_self_use(SUN, TIMES, use="castle", tariff="flat", **terms)
    with pytest.raises(InputError, match="tariff = 'free': must be one of until_2024"):
        site_self_use(SUN, TIMES, use="hotel", tariff="free", **terms)
