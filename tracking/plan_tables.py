"""The tables of a plan: chosen sites, sums by town, type and year."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tracking.plan_model import KW_PER_MW

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tracking.plan_model import Candidates, PlanOptions
    from tracking.plan_solve import Solution


def chosen_sites(sites: pd.DataFrame, candidates: Candidates, solution: Solution) -> pd.DataFrame:
    """Return the rows of the chosen sites with mw, year and substation, by year."""
    picked = np.flatnonzero(solution.chosen)
    chosen = sites.iloc[candidates.row[picked]].copy()
    chosen["mw"] = candidates.mw[picked]
    chosen["year"] = solution.year[picked]
    chosen["substation"] = candidates.substation[picked]
    return chosen.sort_values(["year", "town", "type", "id"], ignore_index=True)


def sums_by(chosen: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Sum chosen sites by columns: sites, mw, mw_dc, mw_ac, gwh_year, capex."""
    groups = chosen.groupby(list(by), sort=True, observed=True)
    sums = pd.DataFrame(
        {
            "sites": groups.size(),
            "mw": groups["mw"].sum(),
            "mw_dc": groups["kwp_dc_central"].sum() / KW_PER_MW,
            "mw_ac": groups["kw_ac"].sum() / KW_PER_MW,
            "gwh_year": groups["kwh_year_p50"].sum() / 1e6,
            "capex": groups["capex"].sum(),
        }
    )
    return sums.reset_index()


def by_year(chosen: pd.DataFrame, options: PlanOptions) -> pd.DataFrame:
    """Return what is finished and what stands in each year, beside the milestones."""
    years = pd.Index(options.years, name="year")
    built = chosen.groupby("year")["mw"].agg(["size", "sum"]).reindex(years, fill_value=0)
    total = options.existing_mw + built["sum"].cumsum()
    goals = {**options.milestones_mw, options.by: options.target_mw}
    goal = pd.Series(goals, dtype="float64").reindex(years)
    frame = pd.DataFrame({"sites": built["size"].astype(int), "mw": built["sum"].astype(float)})
    frame["cumulative_mw"], frame["milestone_mw"] = total, goal
    frame["met"] = (total >= goal * (1 - 1e-7)).where(goal.notna(), None)
    return frame.reset_index()


def totals_of(chosen: pd.DataFrame) -> dict[str, float]:
    """Return the sums of all chosen sites."""
    kwh, cost = float(chosen["kwh_year_p50"].sum()), float((chosen["lcoe"] * chosen["kwh_year_p50"]).sum())
    return {
        "mw": float(chosen["mw"].sum()),
        "mw_dc": float(chosen["kwp_dc_central"].sum()) / KW_PER_MW,
        "mw_ac": float(chosen["kw_ac"].sum()) / KW_PER_MW,
        "gwh_year": kwh / 1e6,
        "capex": float(chosen["capex"].sum()),
        "cost_year": cost,
        "lcoe": cost / kwh if kwh else float("nan"),
        "sites": float(len(chosen)),
    }
