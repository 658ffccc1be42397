"""The demand shared out by each goal: what cost, carbon or capacity choose, what each baseline saves."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import numpy as np
import pandas as pd

from assessment.heat_match import Goal
from assessment.run import HEAT_TECHNOLOGIES
from potential.geothermal.economy import BASELINES, carbon_saved_t

if TYPE_CHECKING:
    from assessment.heat_blocks import Blocks
    from assessment.heat_demand import Demand
    from layers.catalog import Catalog
    from potential.geothermal.matching import Matching, Network

GOALS: tuple[Goal, ...] = get_args(Goal)
CARRIED = (
    "sites",
    "wells",
    "kw_year1",
    "kw_year30",
    "mwh_year",
    "heatable_m2",
    "heatable_m2_p10",
    "heatable_m2_p90",
    "electricity_mwh_year",
)


def goal_rows(
    goal: Goal,
    summary: pd.DataFrame,
    table: pd.DataFrame,
    *,
    blocks: Blocks,
    demand: Demand,
    network: Network,
    matching: Matching,
    catalog: Catalog,
) -> pd.DataFrame:
    """Return town x technology for one goal.

    Beside the sums of the summary: cost_cny_year (levelised), co2_t_year_<baseline> for every baseline,
    stranded_kw (capacity in year 30 that no demand within reach takes, each technology by itself), and for
    the whole town demand_kw and unmet_kw.
    """
    rows = summary[["town", "technology", *CARRIED]].copy()
    rows.insert(0, "goal", goal)
    cost = (table["lcoh"] * 3.6 * table["mwh_year"]).groupby([table["town"], table["technology"]]).sum()
    index = pd.MultiIndex.from_frame(rows[["town", "technology"]])
    rows["cost_cny_year"] = cost.reindex(index, fill_value=0.0).to_numpy()
    for baseline in BASELINES:
        rows[f"co2_t_year_{baseline}"] = carbon_saved_t(
            heat_mwh_year=rows["mwh_year"],
            electricity_mwh_year=rows["electricity_mwh_year"],
            baseline_kg_gj=catalog.value(f"carbon.baseline.{baseline}"),
            grid_kg_kwh=catalog.value("carbon.grid"),
        )
    rows["stranded_kw"] = _stranded(blocks, network, matching).reindex(index).to_numpy()
    town = blocks.frame["town"].to_numpy()
    needed = pd.Series(network.demand_kw).groupby(town).sum()
    unmet = pd.Series(np.maximum(network.demand_kw - matching.served_kw, 0.0)).groupby(town).sum()
    rows["demand_kw"] = needed.reindex(rows["town"]).to_numpy()
    rows["unmet_kw"] = unmet.reindex(rows["town"]).to_numpy()
    rows["demand_m2"] = pd.Series(demand.floor_m2).groupby(town).sum().reindex(rows["town"]).to_numpy()
    return rows


def _stranded(blocks: Blocks, network: Network, matching: Matching) -> pd.Series:
    left = np.maximum(network.capacity_kw - matching.used_kw, 0.0)
    town = np.tile(blocks.frame["town"].to_numpy(), len(HEAT_TECHNOLOGIES))
    technology = np.repeat(HEAT_TECHNOLOGIES, len(blocks.frame))
    return pd.Series(left).groupby([town, technology]).sum()
