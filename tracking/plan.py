"""The plan that reaches the target: which sites, in which year, at what cost, and what holds it up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracking.plan_explain import explain
from tracking.plan_model import PlanOptions, find_candidates, find_limits
from tracking.plan_notes import Note, doubts, missed
from tracking.plan_solve import NoScheduleError, NoSelectionError, solve
from tracking.plan_tables import by_year, chosen_sites, sums_by, totals_of
from tracking.plan_words import Binding, describe
from tracking.plan_years import Calendar

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Plan:
    """A plan; amounts are of what is added, not of what stands already."""

    options: PlanOptions
    sites: pd.DataFrame
    """Chosen sites: the columns of the table of sites, then mw (in the plan's basis), year, substation."""
    towns: pd.DataFrame
    """town, year, sites, mw, mw_dc, mw_ac, gwh_year, capex, owners (sites)."""
    types: pd.DataFrame
    """type, sites, mw, mw_dc, mw_ac, gwh_year, capex."""
    years: pd.DataFrame
    """year, sites, mw, cumulative_mw (with what stood), milestone_mw, met."""
    bindings: tuple[Binding, ...]
    totals: Mapping[str, float]
    """mw, mw_dc, mw_ac, gwh_year, capex, cost_year, lcoe, sites."""
    gap: float
    """The objective is at most this share above that of the best plan."""
    notes: tuple[Note, ...]


def make_plan(
    sites: pd.DataFrame,
    options: PlanOptions,
    *,
    substation: NDArray[np.object_] | None = None,
    names: Mapping[str, tuple[str, str]] | None = None,
) -> Plan:
    """Choose and schedule sites so that the target is reached at the least of the objective.

    Parameters
    ----------
    sites
        Table of sites (a run's), without what is built already.
    substation
        Id of the substation each site would feed into (None: unknown); see `tracking.grid.nearest_station`.
    names
        Names zh and en of towns, types and substations, for the words.

    Raises
    ------
    InfeasiblePlanError
        No selection keeps all limits; says which would have to give way and by how much.
    InputError
        Columns are missing.
    """
    candidates = find_candidates(sites, options, substation)
    limits, calendar = find_limits(candidates, options), Calendar.of(options)
    try:
        solution = solve(candidates, limits, calendar)
    except (NoSelectionError, NoScheduleError):
        raise explain(sites, options, substation, names or {}) from None
    chosen = chosen_sites(sites, candidates, solution)
    return Plan(
        options=options,
        sites=chosen,
        towns=sums_by(chosen, ["town", "year"]),
        types=sums_by(chosen, ["type"]),
        years=by_year(chosen, options),
        bindings=describe(limits, solution, options.objective, names or {}),
        totals=totals_of(chosen),
        gap=solution.gap,
        notes=(*doubts(candidates, solution, options), *missed(limits, solution, names or {})),
    )
