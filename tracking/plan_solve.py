"""Choosing the sites: a mixed-integer program on HiGHS, small sites aggregated, the error bounded.

Small sites of one town, substation and type are cut into steps along their cost per MW; a step is built from
0 to 100 %, large sites are built or not. The steps are fine where the decision falls and coarse elsewhere:
the relaxation is solved a few times, each time with steps that shrink toward the site where its prices stop.
A step that is used in part is then filled with whole sites, cheapest first, and what the rounding leaves open
is repaired site by site.

How good the result is, is not assumed but computed, as the higher of two values that no selection can be
below: the Lagrangian bound over every single site at the prices of the relaxation (Geoffrion 1974,
Mathematical Programming Study 2, p. 82), and the bound of the mixed-integer program, in which each step costs
what its cheapest site costs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from tracking.plan_model import Candidates, Limit

    Floats = NDArray[np.float64]
    Chosen = NDArray[np.bool_]

EXACT_SITES = 500
"""Up to here every site is decided on its own."""
LARGE_SITES = 200
"""So many of the largest sites are decided on their own in bigger problems."""
LARGE_MW = 1.0
REFINEMENTS = 12
SETTLED = 1e-4
"""Relative change of the prices below which the steps are fine enough."""
FINEST_MW = 0.02
"""Size of the steps next to the decision; every further one is twice as large."""
POOL = 20_000
"""Sites that rounding may add, the best first."""
TIME_LIMIT_SECONDS = 20.0
RELATIVE_GAP = 1e-5
_LEVELS = 64
FEASIBLE = 1e-7
"""Relative tolerance to which limits are kept."""


class NoSelectionError(Exception):
    """No selection keeps all limits."""


@dataclass(frozen=True)
class Solution:
    """The chosen sites, and how much better any other choice could be."""

    chosen: Chosen
    objective: float
    bound: float
    """No selection that keeps all limits can cost less."""
    shadow: Mapping[str, float]
    """Change of the objective per unit of each limit's right side."""

    @property
    def gap(self) -> float:
        """Share of the objective by which the plan may be above the best one."""
        return max(self.objective - self.bound, 0.0) / self.objective if self.objective > 0 else 0.0


@dataclass(frozen=True)
class Problem:
    """The rows over groups of sites, scaled, all as <=."""

    group: NDArray[np.intp]
    """Group of each candidate."""
    single: Chosen
    """Groups that are one site, built or not."""
    cost: Floats
    """At the cost of the cheapest site of each group."""
    rows: Floats
    right: Floats
    row_scale: Floats
    cost_scale: float
    proportional: bool
    """Any part of a step uses every limit like the whole: a bound for the steps is one for the sites."""


def solve(
    candidates: Candidates, limits: Sequence[Limit], *, seconds: float = TIME_LIMIT_SECONDS
) -> Solution:
    """Choose sites at least cost within all limits.

    Raises
    ------
    NoSelectionError
        Nothing keeps all limits.
    """
    problem, relaxed, prices = _relax(candidates, limits)
    shares, decided = _integer_shares(problem, relaxed, seconds)
    chosen = _repair(candidates, limits, prices, _round(candidates, problem, shares))
    chosen = _trim(candidates, limits, chosen)
    bound = lagrangian_bound(candidates, limits, prices)
    return Solution(
        chosen=chosen,
        objective=float(candidates.cost[chosen].sum()),
        bound=max(bound, decided * problem.cost_scale) if problem.proportional else bound,
        shadow={limit.key: _sign(limit) * price for limit, price in zip(limits, prices, strict=True)},
    )


def _relax(candidates: Candidates, limits: Sequence[Limit]) -> tuple[Problem, Floats, Floats]:
    """Solve the relaxation, refining the steps; return the last problem, its shares, and the prices."""
    prices = np.zeros(len(limits))
    rounds = 1 if len(candidates) <= EXACT_SITES else REFINEMENTS
    for _ in range(rounds):
        problem = build_problem(candidates, limits, prices)
        relaxed = linprog(problem.cost, problem.rows, problem.right, bounds=(0.0, 1.0), method="highs")
        if relaxed.x is None:
            raise NoSelectionError
        before, prices = prices, relaxed.ineqlin.marginals * problem.cost_scale / problem.row_scale
        if np.allclose(prices, before, rtol=SETTLED, atol=0.0):
            break
    return problem, np.asarray(relaxed.x), prices


def build_problem(candidates: Candidates, limits: Sequence[Limit], prices: Floats | None = None) -> Problem:
    """Aggregate the sites, with fine steps where the prices decide, and write the limits as scaled rows."""
    reduced = None if prices is None else _reduced_cost(candidates, limits, prices)
    group, single = _groups(candidates, reduced)
    count = single.size
    mw = np.bincount(group, candidates.mw, count)
    rows = np.array([np.bincount(group, _sign(limit) * limit.coefficient, count) for limit in limits])
    right = np.array([_sign(limit) * limit.right for limit in limits])
    scale = np.maximum(np.abs(rows).max(axis=1, initial=0.0), 1e-12)
    cheapest = np.full(count, np.inf)
    np.minimum.at(cheapest, group, candidates.cost / candidates.mw)
    cost = cheapest * mw
    cost_scale = float(max(cost.max(initial=0.0), 1e-12))
    return Problem(
        group=group,
        single=single,
        cost=cost / cost_scale,
        rows=rows / scale[:, None],
        right=right / scale,
        row_scale=scale,
        cost_scale=cost_scale,
        proportional=all(_is_proportional(candidates, limit, group, mw) for limit in limits),
    )


def _is_proportional(candidates: Candidates, limit: Limit, group: NDArray[np.intp], mw: NDArray[Any]) -> bool:
    """Say whether the sites of each step use a limit in proportion to their capacity."""
    per_mw = np.bincount(group, limit.coefficient, mw.size) / mw
    off = np.abs(limit.coefficient - per_mw[group] * candidates.mw)
    return bool(np.all(off <= 1e-9 * np.maximum(np.abs(limit.coefficient), candidates.mw)))


def lagrangian_bound(candidates: Candidates, limits: Sequence[Limit], prices: Floats) -> float:
    """Return a value that no selection of whole sites can be below, for any prices that are not positive.

    ``L = p b + sum_i min(0, c_i - p a_i)`` with all limits as ``a x <= b``.
    """
    reduced = _reduced_cost(candidates, limits, prices)
    fixed = sum(
        price * _sign(limit) * limit.right for limit, price in zip(limits, np.minimum(prices, 0), strict=True)
    )
    return float(fixed + np.minimum(reduced, 0.0).sum())


def _reduced_cost(candidates: Candidates, limits: Sequence[Limit], prices: Floats) -> Floats:
    reduced = candidates.cost.copy()
    for limit, price in zip(limits, np.minimum(prices, 0), strict=True):
        if price:
            reduced -= price * _sign(limit) * limit.coefficient
    return reduced


def _sign(limit: Limit) -> float:
    return 1.0 if limit.sense == "<=" else -1.0


def _groups(candidates: Candidates, reduced: Floats | None) -> tuple[NDArray[np.intp], Chosen]:
    """Return the group of each candidate, and which groups are single sites."""
    count = len(candidates)
    if count <= EXACT_SITES:
        return np.arange(count), np.ones(count, dtype=bool)
    largest = np.argsort(-candidates.mw, kind="stable")[:LARGE_SITES]
    alone = np.zeros(count, dtype=bool)
    alone[largest[candidates.mw[largest] >= LARGE_MW]] = True
    cell = _cells(candidates)
    order = np.lexsort((candidates.cost / candidates.mw, cell))
    key = np.empty(count, dtype=np.int64)
    wanted = np.zeros(count, dtype=bool) if reduced is None else reduced < 0
    key[order] = _steps(cell[order], candidates.mw[order], wanted[order])
    key[alone] = key.max(initial=0) + 1 + np.arange(np.count_nonzero(alone))
    names, group = np.unique(key, return_inverse=True)
    single = np.zeros(names.size, dtype=bool)
    single[group[alone]] = True
    return group.astype(np.intp), single


def _cells(candidates: Candidates) -> NDArray[np.int64]:
    """Give each combination of town, substation and type a number."""
    cell = np.zeros(len(candidates), dtype=np.int64)
    for names in (candidates.town, candidates.substation, candidates.kind):
        texts = np.array(["" if name is None else str(name) for name in names])
        distinct, code = np.unique(texts, return_inverse=True)
        cell = cell * distinct.size + code
    return cell


def _steps(cell: NDArray[np.int64], mw: Floats, wanted: Chosen) -> NDArray[np.int64]:
    """Give steps numbers, along sites sorted by cell and cost: they double in size away from the decision.

    The decision falls in each cell where the capacity of the wanted sites ends.
    """
    _, first, index = np.unique(cell, return_index=True, return_inverse=True)
    total = np.cumsum(mw)
    before = np.where(first > 0, total[first - 1], 0.0)
    edge = before + np.bincount(index, mw * wanted, first.size)
    distance = total - mw / 2 - edge[index]
    level = np.floor(np.log2(1 + np.abs(distance) / FINEST_MW)).astype(np.int64)
    step: NDArray[np.int64] = index * 2 * _LEVELS + np.where(
        distance < 0, _LEVELS - 1 - level, _LEVELS + level
    )
    return step


def _integer_shares(problem: Problem, relaxed: Floats, seconds: float) -> tuple[Floats, float]:
    """Decide the large sites; return the shares and a bound (scaled) that no decision can be below.

    Where time runs out without any decision, the relaxation is returned, to be rounded.
    """
    found = milp(
        problem.cost,
        integrality=problem.single.astype(int),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(problem.rows, -np.inf, problem.right),
        options={"time_limit": seconds, "mip_rel_gap": RELATIVE_GAP},
    )
    bound = -np.inf if found.mip_dual_bound is None else float(found.mip_dual_bound)
    if found.x is not None:
        return np.asarray(found.x), bound
    if problem.single.all() and found.status == 2:  # noqa: PLR2004 - SciPy's number for infeasible
        raise NoSelectionError
    return relaxed, bound


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


def tolerance(limit: Limit) -> float:
    """Return by how much a limit may be missed for the sake of floating point."""
    return FEASIBLE * max(abs(limit.right), 1.0)


def _repair(candidates: Candidates, limits: Sequence[Limit], prices: Floats, chosen: Chosen) -> Chosen:
    """Add whole sites until what is asked for is reached, best first, never breaking another limit."""
    chosen = chosen.copy()
    slack = np.array([limit.slack(chosen) for limit in limits])
    allowed = -np.array([tolerance(limit) for limit in limits])
    if np.all(slack >= allowed):
        return chosen
    reduced = _reduced_cost(candidates, limits, prices) / candidates.mw
    free = np.flatnonzero(~chosen)
    pool = free[np.argsort(reduced[free], kind="stable")[:POOL]]
    effect = np.array([-_sign(limit) * limit.coefficient[pool] for limit in limits])
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
    loss = np.array([-_sign(limit) * limit.coefficient[taken] for limit in limits])
    spare = np.all(slack[:, None] - loss >= allowed[:, None], axis=0)
    taken, loss = taken[spare], loss[:, spare]
    for position in np.argsort(-candidates.cost[taken], kind="stable"):
        left = slack - loss[:, position]
        if np.all(left >= allowed):
            chosen[taken[position]] = False
            slack = left
    return chosen
