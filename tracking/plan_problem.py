"""The choice of sites as rows over groups: small sites aggregated in steps, fine where the decision falls.

Small sites of one town, substation and type are cut into steps along their cost per MW; a step is built from
0 to 100 %, large sites are built or not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tracking.plan_model import Candidates, Limit

    Floats = NDArray[np.float64]
    Chosen = NDArray[np.bool_]

EXACT_SITES = 500
"""Up to here every site is decided on its own."""
LARGE_SITES = 200
"""So many of the largest sites are decided on their own in bigger problems."""
LARGE_MW = 1.0
FINEST_MW = 0.02
"""Size of the steps next to the decision; every further one is twice as large."""
FEASIBLE = 1e-7
"""Relative tolerance to which limits are kept."""
_LEVELS = 64


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


def build_problem(candidates: Candidates, limits: Sequence[Limit], prices: Floats | None = None) -> Problem:
    """Aggregate the sites, with fine steps where the prices decide, and write the limits as scaled rows."""
    reduced = None if prices is None else reduced_cost(candidates, limits, prices)
    group, single = _groups(candidates, reduced)
    count = single.size
    mw = np.bincount(group, candidates.mw, count)
    rows = np.array([np.bincount(group, sign(limit) * limit.coefficient, count) for limit in limits])
    right = np.array([sign(limit) * limit.right for limit in limits])
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
    reduced = reduced_cost(candidates, limits, prices)
    fixed = sum(
        price * sign(limit) * limit.right for limit, price in zip(limits, np.minimum(prices, 0), strict=True)
    )
    return float(fixed + np.minimum(reduced, 0.0).sum())


def reduced_cost(candidates: Candidates, limits: Sequence[Limit], prices: Floats) -> Floats:
    """Cost of each site less what the limits it helps are worth, at prices that are not positive."""
    reduced = candidates.cost.copy()
    for limit, price in zip(limits, np.minimum(prices, 0), strict=True):
        if price:
            reduced -= price * sign(limit) * limit.coefficient
    return reduced


def sign(limit: Limit) -> float:
    """Return what a row is multiplied with to be written as <=."""
    return 1.0 if limit.sense == "<=" else -1.0


def tolerance(limit: Limit) -> float:
    """Return by how much a limit may be missed for the sake of floating point."""
    return FEASIBLE * max(abs(limit.right), 1.0)


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
