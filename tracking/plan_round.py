"""From shares of steps to whole sites: fill, add what is missing, leave out what nothing asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tracking.plan_problem import FEASIBLE, reduced_cost, sign, tolerance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tracking.plan_model import Candidates, Limit
    from tracking.plan_problem import Problem

    Floats = NDArray[np.float64]
    Chosen = NDArray[np.bool_]

POOL = 20_000
"""Sites that rounding may add, the best first."""


def whole_sites(
    candidates: Candidates, limits: Sequence[Limit], problem: Problem, shares: Floats, prices: Floats
) -> Chosen:
    """Choose whole sites near the shares of the steps, within all limits where that can be done."""
    chosen = _repair(candidates, limits, prices, _round(candidates, problem, shares))
    return _trim(candidates, limits, chosen)


def _round(candidates: Candidates, problem: Problem, shares: Floats) -> Chosen:
    """Fill each step with whole sites, cheapest first, up to its share."""
    wanted = np.where(problem.single, np.round(shares), shares) * np.bincount(problem.group, candidates.mw)
    order = np.lexsort((candidates.cost / candidates.mw, problem.group))
    group, mw = problem.group[order], candidates.mw[order]
    total = np.cumsum(mw)
    starts = np.searchsorted(group, np.arange(problem.single.size))
    before = np.where(starts > 0, total[starts - 1], 0.0)
    chosen = np.zeros(len(candidates), dtype=bool)
    chosen[order] = total - before[group] <= wanted[group] * (1 + FEASIBLE)
    return chosen


def _repair(candidates: Candidates, limits: Sequence[Limit], prices: Floats, chosen: Chosen) -> Chosen:
    """Add whole sites until what is asked for is reached, best first, never breaking another limit."""
    chosen = chosen.copy()
    slack = np.array([limit.slack(chosen) for limit in limits])
    allowed = -np.array([tolerance(limit) for limit in limits])
    if np.all(slack >= allowed):
        return chosen
    reduced = reduced_cost(candidates, limits, prices) / candidates.mw
    free = np.flatnonzero(~chosen)
    pool = free[np.argsort(reduced[free], kind="stable")[:POOL]]
    effect = np.array([-sign(limit) * limit.coefficient[pool] for limit in limits])
    for _ in range(len(limits)):
        for position, site in enumerate(pool):
            broken = slack < allowed
            if not broken.any():
                return chosen
            change = effect[:, position]
            helps = np.any(change[broken] > 0)
            if chosen[site] or not helps or np.any((slack + change < allowed) & (change < 0)):
                continue
            chosen[site] = True
            slack = slack + change
    return chosen


def _trim(candidates: Candidates, limits: Sequence[Limit], chosen: Chosen) -> Chosen:
    """Leave out sites that nothing asks for, dearest first."""
    chosen = chosen.copy()
    slack = np.array([limit.slack(chosen) for limit in limits])
    allowed = -np.array([tolerance(limit) for limit in limits])
    if np.any(slack < allowed):
        return chosen
    taken = np.flatnonzero(chosen)
    loss = np.array([-sign(limit) * limit.coefficient[taken] for limit in limits])
    spare = np.all(slack[:, None] - loss >= allowed[:, None], axis=0)
    taken, loss = taken[spare], loss[:, spare]
    for position in np.argsort(-candidates.cost[taken], kind="stable"):
        left = slack - loss[:, position]
        if np.all(left >= allowed):
            chosen[taken[position]] = False
            slack = left
    return chosen
