"""The years of a plan: chosen sites packed under rate and milestones, or sites and years decided together.

In every year at most the build rate is finished, whole sites at a time; at the end of a milestone's year at
least its capacity stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp
from scipy.optimize import Bounds, LinearConstraint, milp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tracking.plan_model import PlanOptions
    from tracking.plan_problem import Problem

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int_]
    Chosen = NDArray[np.bool_]

NEAR = 1e-9


@dataclass(frozen=True)
class Calendar:
    """What each year can take and what must stand at its end, of the capacity that is added (MW)."""

    first_year: int
    years: int
    rate_mw: float
    """Most that is finished in one year; infinite where nobody limits it."""
    milestones_mw: tuple[tuple[int, float], ...] = ()
    """Year, and what must have been added by its end; the target itself is a limit of the choice."""

    @classmethod
    def of(cls, options: PlanOptions) -> Calendar:
        """Read the years of a plan."""
        goals = sorted(options.milestones_mw.items())
        needs = tuple((year, max(mw - options.existing_mw, 0.0)) for year, mw in goals)
        rate = options.build_rate_mw_year
        return cls(options.start_year, len(options.years), float("inf") if rate is None else rate, needs)

    @property
    def need_mw(self) -> Floats:
        """What must have been added by the end of each year."""
        ends = self.first_year + np.arange(self.years)
        return np.array(
            [max((mw for year, mw in self.milestones_mw if year <= end), default=0.0) for end in ends]
        )

    @property
    def free(self) -> bool:
        """Whether the years limit nothing."""
        return not np.isfinite(self.rate_mw) and not self.milestones_mw

    def crowded(self, mw: Floats, chosen: Chosen, fixed: Ints) -> Ints:
        """Give every chosen site a year, over the rate where it must be: into the emptiest."""
        place = np.where(fixed >= 0, fixed, self.years - 1)
        used = np.bincount(place[chosen & (fixed >= 0)], mw[chosen & (fixed >= 0)], self.years)
        for site in sorted(np.flatnonzero(chosen & (fixed < 0)), key=lambda one: -mw[one]):
            place[site] = int(np.argmin(used))
            used[place[site]] += mw[site]
        return np.where(chosen, self.first_year + place, 0)


def pack(
    mw: Floats, cost: Floats, chosen: Chosen, calendar: Calendar, *, fixed: Ints | None = None
) -> Ints | None:
    """Give each chosen site a year: cheapest first at an even pace, else as early as the rate lets, else FFD.

    Returns
    -------
    Year of each site (0: not chosen), or None where no attempt keeps rate and milestones.

    Examples
    --------
    >>> calendar = Calendar(2027, 2, 5.0, ((2028, 6.0),))
    >>> pack(np.array([3.0, 3.0, 2.0]), np.array([3.0, 6.0, 1.0]), np.ones(3, bool), calendar)
    array([2027, 2028, 2027])
    """
    picked = np.flatnonzero(chosen)
    sizes = mw[picked]
    total, count = float(sizes.sum()), calendar.years
    even = np.maximum(total * np.arange(1, count + 1) / count, calendar.need_mw)
    cheapest, largest = np.argsort(cost[picked] / sizes, kind="stable"), np.argsort(-sizes, kind="stable")
    start = np.full(picked.size, -1) if fixed is None else fixed[picked]
    for order, quota in ((cheapest, even), (cheapest, None), (largest, None)):
        place = _fill(sizes, order, calendar, start, quota)
        if place is not None:
            year = np.zeros(mw.size, dtype=int)
            year[picked] = calendar.first_year + place
            return year
    return None


def _fill(
    sizes: Floats, order: NDArray[np.intp], calendar: Calendar, start: Ints, quota: Floats | None
) -> Ints | None:
    """Fill year after year in the given order; up to the quota, beyond it only while a milestone asks."""
    place = start.copy()
    waiting = [int(site) for site in order if place[site] < 0]
    built = 0.0
    for year, need in enumerate(calendar.need_mw):
        used = float(sizes[place == year].sum())
        room = calendar.rate_mw * (1 + NEAR) - used
        goal = np.inf if quota is None else float(quota[year]) * (1 + NEAR)
        built += used
        later = []
        for site in waiting:
            size = sizes[site]
            if size <= room and (built + size <= goal or built < need):
                place[site], built, room = year, built + size, room - size
            else:
                later.append(site)
        waiting = later
        if built < need * (1 - 1e-7) - 1e-7:
            return None
    return None if waiting else place


@dataclass(frozen=True)
class ByYear:
    """Shares of groups by year, and what no choice can be below."""

    shares: Floats
    """(groups, years)."""
    bound: float
    """In the problem's scaled cost."""
    given: tuple[float, ...]
    """By how much each limit that may give way does so, in its own unit."""


def shares_by_year(
    problem: Problem,
    keys: Sequence[str],
    mw: Floats,
    calendar: Calendar,
    *,
    seconds: float,
    gap: float,
    give: Sequence[str] = (),
) -> ByYear | None:
    """Decide sites and years in one program; None where nothing keeps all limits.

    One variable per group and year (large sites whole, steps in parts): every limit over the sum of the
    years, each site at most once, each year within its rate, each milestone reached.

    Parameters
    ----------
    keys
        Names of the problem's rows.
    give
        Limits that may give way; then what they give is made least, whatever the sites cost.
    """
    groups, years = problem.single.size, 1 if calendar.free else calendar.years
    rows, right, names = _rows(problem, keys, mw, calendar, years)
    scale = np.concatenate([np.ones(groups), problem.row_scale, np.ones(len(names) - len(keys))])
    row_names = np.array([""] * groups + names)
    gives = row_names[:, None] == np.array(give, dtype=row_names.dtype)[None, :]
    slack = np.where(gives, -1.0 / scale[:, None], 0.0)
    cost = np.zeros(groups * years) if give else np.repeat(problem.cost, years)
    found = milp(
        np.concatenate([cost, np.ones(len(give))]),
        integrality=np.concatenate([np.repeat(problem.single, years), np.zeros(len(give))]).astype(int),
        bounds=Bounds(0.0, np.concatenate([np.ones(groups * years), np.full(len(give), np.inf)])),
        constraints=LinearConstraint(sp.csr_matrix(sp.hstack([rows, sp.csr_matrix(slack)])), -np.inf, right),
        options={"time_limit": seconds, "mip_rel_gap": gap},
    )
    values: Any = found.x
    if values is None:
        return None
    bound = -np.inf if found.mip_dual_bound is None else float(found.mip_dual_bound)
    shares, given = np.split(np.asarray(values), [groups * years])
    return ByYear(shares.reshape(groups, years), bound, tuple(float(value) for value in given))


def _rows(
    problem: Problem, keys: Sequence[str], mw: Floats, calendar: Calendar, years: int
) -> tuple[Any, Floats, list[str]]:
    """Return rows (<=), right sides, and the names of those after "each site once"."""
    groups = problem.single.size
    size = np.bincount(problem.group, mw, groups).astype(float)[None, :]
    rows = [
        sp.kron(sp.eye(groups), np.ones((1, years))),
        sp.kron(sp.csr_matrix(problem.rows), np.ones((1, years))),
    ]
    right = [np.ones(groups), problem.right]
    names = list(keys)
    if np.isfinite(calendar.rate_mw):
        rows.append(sp.kron(size, sp.eye(years)))
        right.append(np.full(years, calendar.rate_mw * (1 + NEAR)))
        names += ["build_rate"] * years
    for year, need in calendar.milestones_mw:
        until = calendar.first_year + np.arange(years) <= year
        rows.append(sp.kron(-size, until[None, :].astype(float)))
        right.append(np.array([-need * (1 - NEAR)]))
        names.append(f"milestone:{year}")
    return sp.vstack(rows), np.concatenate(right), names
