"""Choosing the sites: a mixed-integer program on HiGHS, small sites aggregated, the error bounded.

The steps of small sites (`tracking.plan_problem`) are fine where the decision falls and coarse elsewhere:
the relaxation is solved a few times, each time with steps that shrink toward the site where its prices stop.
A step that is used in part is then filled with whole sites, cheapest first, and what the rounding leaves open
is repaired site by site (`tracking.plan_round`).

How good the result is, is not assumed but computed, as the higher of two values that no selection can be
below: the Lagrangian bound over every single site at the prices of the relaxation (Geoffrion 1974,
Mathematical Programming Study 2, p. 82), and the bound of the mixed-integer program, in which each step costs
what its cheapest site costs.

Years come second and lose nothing: no cost depends on the year, so the choice without years is a relaxation
of the choice with years, and a choice whose sites fit into the years (`tracking.plan_years.pack`) is the best
of both. Where they do not fit, years and sites are decided together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from tracking import plan_problem
from tracking.plan_problem import build_problem, lagrangian_bound, sign, tolerance
from tracking.plan_round import whole_sites
from tracking.plan_years import pack, shares_by_year

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from tracking.plan_model import Candidates, Limit
    from tracking.plan_problem import Problem
    from tracking.plan_years import Calendar

    Floats = NDArray[np.float64]
    Chosen = NDArray[np.bool_]

REFINEMENTS = 12
SETTLED = 1e-4
"""Relative change of the prices below which the steps are fine enough."""
TIME_LIMIT_SECONDS = 20.0
RELATIVE_GAP = 1e-5
INFEASIBLE = 2
"""SciPy's number for it."""


class NoSelectionError(Exception):
    """No selection keeps all limits."""


class NoScheduleError(Exception):
    """Sites that keep all limits exist, but they do not fit into the years."""


@dataclass(frozen=True)
class Solution:
    """The chosen sites, when they are built, and how much better any other choice could be."""

    chosen: Chosen
    year: NDArray[np.int_]
    """Year in which each chosen site is finished, in the order of the candidates; 0 for those not chosen."""
    objective: float
    bound: float
    """No selection that keeps all limits can cost less."""
    shadow: Mapping[str, float]
    """Change of the objective per unit of each limit's right side."""
    over_rate: bool = False
    """Rounding to whole sites left some that fit into no year: they stand in the last one."""

    @property
    def gap(self) -> float:
        """Share of the objective by which the plan may be above the best one."""
        return max(self.objective - self.bound, 0.0) / self.objective if self.objective > 0 else 0.0


def solve(
    candidates: Candidates,
    limits: Sequence[Limit],
    calendar: Calendar,
    *,
    seconds: float = TIME_LIMIT_SECONDS,
) -> Solution:
    """Choose sites at least cost within all limits, and give each its year.

    Raises
    ------
    NoSelectionError
        Nothing keeps all limits.
    NoScheduleError
        Nothing keeps them that also fits into the years.
    """
    if not len(candidates):
        return _nothing(limits)
    problem, relaxed, prices = _relax(candidates, limits)
    shares, decided = _integer_shares(problem, relaxed, seconds)
    chosen = whole_sites(candidates, limits, problem, shares, prices)
    year, over = pack(candidates.mw, candidates.cost, chosen, calendar), False
    if year is None:
        chosen, year, decided, over = _with_years(
            candidates, limits, problem, prices, calendar, seconds=seconds
        )
    bound = lagrangian_bound(candidates, limits, prices)
    return Solution(
        chosen=chosen,
        year=year,
        objective=float(candidates.cost[chosen].sum()),
        bound=max(bound, decided * problem.cost_scale) if problem.proportional else bound,
        shadow={limit.key: sign(limit) * price for limit, price in zip(limits, prices, strict=True)},
        over_rate=over,
    )


def _nothing(limits: Sequence[Limit]) -> Solution:
    """Return the plan without sites, where that keeps all limits."""
    none = np.zeros(0, dtype=bool)
    if any(limit.slack(none) < -tolerance(limit) for limit in limits):
        raise NoSelectionError
    return Solution(none, np.zeros(0, dtype=int), 0.0, 0.0, {limit.key: 0.0 for limit in limits})


def _with_years(
    candidates: Candidates,
    limits: Sequence[Limit],
    problem: Problem,
    prices: Floats,
    calendar: Calendar,
    *,
    seconds: float,
) -> tuple[Chosen, NDArray[np.int_], float, bool]:
    """Decide sites and years together; where rounding breaks a year's rate, say so."""
    keys = [limit.key for limit in limits]
    found = shares_by_year(problem, keys, candidates.mw, calendar, seconds=seconds, gap=RELATIVE_GAP)
    if found is None:
        raise NoScheduleError
    chosen = whole_sites(candidates, limits, problem, found.shares.sum(axis=1), prices)
    fixed = np.where(problem.single, found.shares.argmax(axis=1), -1)[problem.group]
    year = pack(candidates.mw, candidates.cost, chosen, calendar, fixed=fixed)
    if year is not None:
        return chosen, year, found.bound, False
    return chosen, calendar.crowded(candidates.mw, chosen, fixed), found.bound, True


def _relax(candidates: Candidates, limits: Sequence[Limit]) -> tuple[Problem, Floats, Floats]:
    """Solve the relaxation, refining the steps; return the last problem, its shares, and the prices."""
    prices = np.zeros(len(limits))
    rounds = 1 if len(candidates) <= plan_problem.EXACT_SITES else REFINEMENTS
    for _ in range(rounds):
        problem = build_problem(candidates, limits, prices)
        relaxed = linprog(problem.cost, problem.rows, problem.right, bounds=(0.0, 1.0), method="highs")
        if relaxed.x is None:
            raise NoSelectionError
        before, prices = prices, relaxed.ineqlin.marginals * problem.cost_scale / problem.row_scale
        if np.allclose(prices, before, rtol=SETTLED, atol=0.0):
            break
    return problem, np.asarray(relaxed.x), prices


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
    if problem.single.all() and found.status == INFEASIBLE:
        raise NoSelectionError
    return relaxed, bound
