from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import Point

from assessment.summary import SUMMARY_SUMS, summarise_sites, supply_curve, totals


@pytest.fixture(scope="module")
def sites():
    rng = np.random.default_rng(7)
    n = 3000
    frame = pd.DataFrame({name: rng.uniform(1, 100, n) for name in SUMMARY_SUMS})
    frame["lcoe"] = rng.uniform(0.2, 0.6, n)
    frame["town"] = rng.choice(["a", "b"], n)
    frame["sector"] = rng.choice(["industry", "public"], n)
    frame["type"] = rng.choice(["roof_flat", "carport", "ground"], n)
    return gpd.GeoDataFrame(frame, geometry=[Point(0, 0)] * n, crs="EPSG:4545")


def test_sum_of_groups_is_the_sum_of_sites(sites):
    summary = summarise_sites(sites)
    assert summary["sites"].sum() == len(sites)
    for name in SUMMARY_SUMS:
        assert summary[name].sum() == pytest.approx(sites[name].sum(), rel=1e-12)


def test_group_cost_is_what_its_energy_costs_together(sites):
    summary = summarise_sites(sites)
    paid = (summary["lcoe"] * summary["kwh_year_p50"]).sum()
    assert paid == pytest.approx((sites["lcoe"] * sites["kwh_year_p50"]).sum(), rel=1e-12)


def test_unknown_capital_cost_of_a_whole_group_stays_unknown(sites):
    frame = sites.assign(capex=np.where(sites["type"] == "ground", np.nan, sites["capex"]))
    summary = summarise_sites(frame).set_index("type")
    assert summary.loc["ground", "capex"].isna().all()
    assert summary.loc["carport", "capex"].notna().all()


def test_supply_curve_keeps_capacity_and_energy_and_ascends(sites):
    curve = supply_curve(sites)
    assert curve["kwp_dc"].sum() == pytest.approx(sites["kwp_dc_central"].sum(), rel=1e-12)
    assert curve["kwh_year"].sum() == pytest.approx(sites["kwh_year_p50"].sum(), rel=1e-12)
    assert curve["sites"].sum() == len(sites)
    assert (curve["lcoe"].diff().dropna() >= 0).all()
    assert curve["cum_kwp_dc"].iloc[-1] == pytest.approx(sites["kwp_dc_central"].sum(), rel=1e-12)
    assert len(curve) <= 50 * 6


def test_supply_curve_by_hand_of_three_sites():
    frame = gpd.GeoDataFrame(
        {
            "town": ["a", "a", "b"],
            "type": ["ground"] * 3,
            "lcoe": [0.5, 0.2, np.nan],
            "kwp_dc_central": [10.0, 20.0, 5.0],
            "kwh_year_p50": [10e3, 20e3, 5e3],
        },
        geometry=[Point(0, 0)] * 3,
    )
    curve = supply_curve(frame)
    assert curve["lcoe"].tolist() == pytest.approx([0.2, 0.5])
    assert curve["cum_kwp_dc"].tolist() == [20.0, 30.0]


def test_totals_are_the_exact_sums_of_the_summary_in_any_order(sites):
    summary = summarise_sites(sites)
    found = totals(summary)
    assert found == totals(summary.iloc[::-1])
    assert found["sites"] == len(sites)
    assert found["kwp_dc"]["central"] == pytest.approx(sites["kwp_dc_central"].sum())
