"""The plan that reaches the target: which sites, in which year, at what cost, and what holds it up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tracking.plan_model import KW_PER_MW, Candidates, PlanOptions, find_candidates, find_limits
from tracking.plan_solve import NoSelectionError, Solution, solve, tolerance
from tracking.plan_words import Binding, describe, explain, title

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from tracking.ledger import Ledger
    from tracking.plan_model import Limit

    Floats = NDArray[np.float64]

PROPOSE_ALONE_MW = 1.0
"""Sites from this size on become proposals of their own; smaller ones one per town, type and year."""


@dataclass(frozen=True)
class Note:
    """Something the reader must know, in two languages."""

    zh: str
    en: str


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
    limits = find_limits(candidates, options)
    try:
        solution = solve(candidates, limits)
    except NoSelectionError:
        raise explain(candidates, limits, names or {}) from None
    year = _schedule(candidates, solution, options)
    chosen = _chosen_sites(sites, candidates, solution, year)
    years = _years(chosen, options)
    return Plan(
        options=options,
        sites=chosen,
        towns=_sums(chosen, ["town", "year"]),
        types=_sums(chosen, ["type"]),
        years=years,
        bindings=describe(limits, solution, options.objective, names or {}),
        totals=_totals(chosen),
        gap=solution.gap,
        notes=(
            *_doubts(candidates, solution, options),
            *_missed(limits, solution, names or {}),
            *_late(years),
        ),
    )


def _schedule(candidates: Candidates, solution: Solution, options: PlanOptions) -> NDArray[np.int_]:
    """Give each chosen site the year in which it is finished: cheapest first, at an even or the needed pace.

    Building goes on continuously: a site is finished in the year in which the capacity built reaches its end.
    """
    picked = np.flatnonzero(solution.chosen)
    ratio = candidates.cost[picked] / candidates.mw[picked]
    quota = _quota(float(candidates.mw[picked].sum()), options)
    order = np.lexsort((candidates.mw[picked], ratio))
    by_cost = _finish(candidates.mw[picked], order, quota, options)
    if _milestones_met(candidates.mw[picked], by_cost, options):
        return by_cost
    smallest_first = np.argsort(candidates.mw[picked], kind="stable")
    return _finish(candidates.mw[picked], smallest_first, quota, options)


def _quota(total_mw: float, options: PlanOptions) -> Floats:
    """Capacity built by the end of each year: an even pace, more where a milestone or the rate asks."""
    count = len(options.years)
    even = total_mw * np.arange(1, count + 1) / count
    needed = np.array(
        [
            max((mw for year, mw in options.milestones_mw.items() if year <= end), default=0.0)
            - options.existing_mw
            for end in options.years
        ]
    )
    quota = np.minimum(np.maximum(even, needed), total_mw)
    if options.build_rate_mw_year is not None:
        quota = np.minimum(quota, options.build_rate_mw_year * np.arange(1, count + 1))
    quota[-1] = total_mw
    return quota


def _finish(mw: Floats, order: NDArray[np.intp], quota: Floats, options: PlanOptions) -> NDArray[np.int_]:
    done = np.cumsum(mw[order])
    index = np.searchsorted(quota, done * (1 - 1e-9), side="left")
    year = np.empty(mw.size, dtype=int)
    year[order] = options.start_year + np.minimum(index, quota.size - 1)
    return year


def _milestones_met(mw: Floats, year: NDArray[np.int_], options: PlanOptions) -> bool:
    return all(
        options.existing_mw + mw[year <= end].sum() >= amount for end, amount in options.milestones_mw.items()
    )


def _chosen_sites(
    sites: pd.DataFrame, candidates: Candidates, solution: Solution, year: NDArray[np.int_]
) -> pd.DataFrame:
    picked = np.flatnonzero(solution.chosen)
    chosen = sites.iloc[candidates.row[picked]].copy()
    chosen["mw"] = candidates.mw[picked]
    chosen["year"] = year
    chosen["substation"] = candidates.substation[picked]
    return chosen.sort_values(["year", "town", "type", "id"], ignore_index=True)


def _sums(chosen: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
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


def _years(chosen: pd.DataFrame, options: PlanOptions) -> pd.DataFrame:
    years = pd.Index(options.years, name="year")
    built = chosen.groupby("year")["mw"].agg(["size", "sum"]).reindex(years, fill_value=0)
    total = options.existing_mw + built["sum"].cumsum()
    goals = {**options.milestones_mw, options.by: options.target_mw}
    goal = pd.Series(goals, dtype="float64").reindex(years)
    frame = pd.DataFrame({"sites": built["size"].astype(int), "mw": built["sum"].astype(float)})
    frame["cumulative_mw"], frame["milestone_mw"] = total, goal
    frame["met"] = (total >= goal * (1 - 1e-7)).where(goal.notna(), None)
    return frame.reset_index()


def _totals(chosen: pd.DataFrame) -> dict[str, float]:
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


def _doubts(candidates: Candidates, solution: Solution, options: PlanOptions) -> list[Note]:
    """Say how good the plan is, and what it could not know."""
    gap, unknown = f"{solution.gap:.2%}", candidates.left_out["unknown"]
    notes = [Note(f"与最优方案相比,代价最多高{gap}", f"at most {gap} above the best plan")]
    if unknown:
        zh = f"{unknown}个场址容量或成本未知,未参与选择"
        notes.append(Note(zh, f"{unknown} sites of unknown size or cost were not considered"))
    limited = {key for key, room in options.headroom_mw.items() if room is not None}
    free = len(set(candidates.substation[solution.chosen]) - limited)
    if free:
        zh = f"{free}座变电站(或未知接入点)的余量未知,未作限制"
        notes.append(Note(zh, f"the headroom of {free} substations (or unknown ones) was not limited"))
    return notes


def _missed(limits: Sequence[Limit], solution: Solution, names: Mapping[str, tuple[str, str]]) -> list[Note]:
    """Say which limits whole sites could not keep."""
    notes = []
    for limit in limits:
        if (short := -limit.slack(solution.chosen)) > tolerance(limit):
            zh, en = title(limit.key, names)
            amount = f"{short:.4g} {limit.unit}"
            notes.append(Note(f"{zh}未能满足,差{amount}", f"{en} is missed by {amount}"))
    return notes


def _late(years: pd.DataFrame) -> list[Note]:
    """Say which milestones the schedule misses."""
    return [
        Note(
            f"{row.year}年末{row.cumulative_mw:.1f} MW,未达到{row.milestone_mw:.1f} MW",
            f"end of {row.year}: {row.cumulative_mw:.1f} MW, short of {row.milestone_mw:.1f} MW",
        )
        for row in years.itertuples()
        if row.met is False
    ]


def propose(plan: Plan, ledger: Ledger, *, who: str, name: str) -> list[str]:
    """Enter the plan's sites into the ledger as proposals, all or none; return the ids.

    Sites of at least `PROPOSE_ALONE_MW` become proposals of their own with their place; the smaller ones one
    per town, type and year with the sum of their capacities.
    """
    large = plan.sites["mw"] >= PROPOSE_ALONE_MW
    rows = [{str(key): value for key, value in row.items()} for row in plan.sites[large].to_dict("records")]
    single = [_single(row, name) for row in rows]
    groups = plan.sites[~large].groupby(["town", "type", "year"], sort=True, observed=True)
    many = [_many(key, group, name) for key, group in groups]
    return ledger.add_many([*single, *many], who=who)


def _single(row: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {
        "name": f"{name}:{row['name'] if isinstance(row.get('name'), str) else row['id']}",
        "kind": "pv",
        "status": "proposed",
        "town": row["town"],
        "pv_type": row["type"],
        "sector": row.get("sector"),
        "capacity_mw_dc": row["kwp_dc_central"] / KW_PER_MW,
        "capacity_mw_ac": row["kw_ac"] / KW_PER_MW,
        "date_expected": str(row["year"]),
        "source": f"{name} / {row['id']}",
    }


def _many(key: tuple[Any, ...], group: pd.DataFrame, name: str) -> dict[str, Any]:
    town, kind, year = key
    return {
        "name": f"{name}:{town} {kind} {year} ({len(group)})",
        "kind": "pv",
        "status": "proposed",
        "town": town,
        "pv_type": kind,
        "capacity_mw_dc": float(group["kwp_dc_central"].sum()) / KW_PER_MW,
        "capacity_mw_ac": float(group["kw_ac"].sum()) / KW_PER_MW,
        "date_expected": str(year),
        "source": name,
        "note": f"{len(group)} sites",
    }
