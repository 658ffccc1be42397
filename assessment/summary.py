"""Sums of sites: town x sector x type, the supply curve, totals."""

from __future__ import annotations

from math import fsum
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

SUMMARY_SUMS = (
    "area_m2",
    "usable_m2",
    "kwp_dc_low",
    "kwp_dc_central",
    "kwp_dc_high",
    "kw_ac",
    "kwh_year_p50",
    "kwh_year_p90",
    "capex",
    "co2_t_year",
)


def summarise_sites(sites: pd.DataFrame) -> pd.DataFrame:
    """Sum the sites by town, sector and type.

    `lcoe` of a group is the mean weighted by energy: what the group's energy costs together. A column in
    which no site of a group has a value is unknown (null) for the group, never zero.
    """
    keys = ["town", "sector", "type"]
    groups = sites.assign(_cost=sites["lcoe"] * sites["kwh_year_p50"]).groupby(keys, sort=True)
    sums = groups[[*SUMMARY_SUMS, "_cost"]].sum(min_count=1)
    sums.insert(0, "sites", groups.size())
    sums["lcoe"] = sums.pop("_cost") / sums["kwh_year_p50"]
    before = [name for name in SUMMARY_SUMS if name != "co2_t_year"]
    return sums[["sites", *before, "lcoe", "co2_t_year"]].reset_index()


def supply_curve(sites: pd.DataFrame, *, steps_per_group: int = 50) -> pd.DataFrame:
    """Join the sites to a curve of cumulative DC capacity against levelised cost.

    Sites of one town and type with nearly the same cost (quantiles of capacity) make one step, so the
    curve of hundreds of thousands of sites stays readable; capacity and energy of the steps sum to those
    of the sites.

    Returns
    -------
    town, type, lcoe (CNY/kWh, mean by energy), kwp_dc, cum_kwp_dc, kwh_year, sites; cheapest first.
    A site of unknown cost has no place on the curve; it is in the summary.
    """
    return join_curve([supply_steps(sites, steps_per_group=steps_per_group)])


def supply_steps(sites: pd.DataFrame, *, steps_per_group: int = 50) -> pd.DataFrame:
    """Return the steps of a supply curve before they are put in order; towns can be done one by one."""
    known = sites.loc[sites["lcoe"].notna(), ["town", "type", "lcoe", "kwp_dc_central", "kwh_year_p50"]]
    known = known.sort_values(["town", "type", "lcoe"], kind="stable", ignore_index=True)
    capacity = known.groupby(["town", "type"])["kwp_dc_central"]
    share = (capacity.cumsum() - known["kwp_dc_central"] / 2) / capacity.transform("sum")
    known["step"] = np.floor(share * steps_per_group).clip(0, steps_per_group - 1).fillna(0).astype(int)
    known["cost"] = known["lcoe"] * known["kwh_year_p50"]
    groups = known.groupby(["town", "type", "step"], sort=True)
    return groups.agg(
        kwp_dc=("kwp_dc_central", "sum"),
        kwh_year=("kwh_year_p50", "sum"),
        cost=("cost", "sum"),
        sites=("lcoe", "size"),
    ).reset_index()


def join_curve(steps: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Put the steps of all towns in the order of their cost; see `supply_curve`."""
    curve = pd.concat(steps, ignore_index=True)
    curve["lcoe"] = curve["cost"] / curve["kwh_year"]
    curve = curve.sort_values(["lcoe", "town", "type"], kind="stable", ignore_index=True)
    curve["cum_kwp_dc"] = curve["kwp_dc"].cumsum()
    return curve[["town", "type", "lcoe", "kwp_dc", "cum_kwp_dc", "kwh_year", "sites"]]


def totals(summary: pd.DataFrame) -> dict[str, Any]:
    """Return number, capacity and energy of all sites: the exact sums of a summary, in whatever order."""
    sums = {name: fsum(summary[name].dropna()) for name in SUMMARY_SUMS}
    return {
        "sites": int(summary["sites"].sum()),
        "kwp_dc": {name: sums[f"kwp_dc_{name}"] for name in ("low", "central", "high")},
        "kwh_year": {name: sums[f"kwh_year_{name}"] for name in ("p50", "p90")},
    }
