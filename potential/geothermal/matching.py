"""Which source heats which demand: a transport problem that counts neither land nor heat twice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array, csr_array, vstack

if TYPE_CHECKING:
    from numpy.typing import NDArray

UNMET_FACTOR = 10.0
"""Unmet demand costs this many times the dearest heat: all that can be served is served, then as cheaply as
can be."""


@dataclass(frozen=True, kw_only=True)
class Network:
    """Sources, demands and who can reach whom."""

    capacity_kw: NDArray[np.float64]
    """Heat each source can give, shape (sources,)."""
    price: NDArray[np.float64]
    """What a kW of each source costs, in the unit of the goal, shape (sources,)."""
    demand_kw: NDArray[np.float64]
    """Shape (demands,)."""
    source: NDArray[np.intp]
    """Source of each link, shape (links,)."""
    demand: NDArray[np.intp]
    """Demand of each link, shape (links,)."""
    shared: tuple[tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]], ...] = ()
    """Budgets shared by sources: (budget index, source, share of the budget per kW); each budget is 1."""


@dataclass(frozen=True)
class Matching:
    """Who heats whom."""

    flow_kw: NDArray[np.float64]
    """Heat over each link, shape (links,)."""
    used_kw: NDArray[np.float64]
    """Heat each source gives, shape (sources,)."""
    served_kw: NDArray[np.float64]
    """Heat each demand gets, shape (demands,)."""


def match(network: Network) -> Matching:
    r"""Serve as much demand as possible, and among all ways to do so the one with the least price.

    .. math::
        \min \sum_l p_{s(l)} x_l + M \sum_d u_d, \quad
        \sum_{l: s(l)=s} x_l \le c_s, \quad \sum_{l: d(l)=d} x_l + u_d = D_d, \quad
        \sum_l a_{b,s(l)} x_l \le 1, \quad x, u \ge 0

    The last constraints are the budgets of land and of reservoir that several technologies draw on. Solved
    by HiGHS.

    Examples
    --------
    >>> import numpy as np
    >>> one = Network(capacity_kw=np.array([5.0, 10.0]), price=np.array([1.0, 2.0]),
    ...     demand_kw=np.array([8.0]), source=np.array([0, 1]), demand=np.array([0, 0]))
    >>> match(one).used_kw.tolist()
    [5.0, 3.0]
    """
    links, sources, demands = network.source.size, network.capacity_kw.size, network.demand_kw.size
    if links == 0:
        return Matching(np.zeros(0), np.zeros(sources), np.zeros(demands))
    scale = max(float(network.demand_kw.mean()), 1e-9)
    columns = np.arange(links)
    rows = [
        _rows(network.source, columns, np.ones(links), (sources, links)),
        _rows(network.demand, columns, np.ones(links), (demands, links)),
    ]
    limits = [network.capacity_kw / scale, network.demand_kw / scale]
    for budget, source, share in network.shared:
        block = _budget_rows(network, budget, source, share * scale)
        rows.append(block)
        limits.append(np.ones(block.shape[0]))
    # The unmet demand is not a variable: serving less costs M per kW, so serving earns M.
    gain = UNMET_FACTOR * max(float(np.nanmax(network.price)), 1e-9)
    solved = linprog(
        (network.price[network.source] - gain) / gain,
        A_ub=vstack(rows, format="csr"),
        b_ub=np.concatenate(limits),
        bounds=(0, None),
        method="highs",
    )
    if solved.status != 0:
        raise ArithmeticError(f"HiGHS ended without an optimum: {solved.message}")
    flow = np.maximum(np.asarray(solved.x), 0.0) * scale
    return Matching(
        flow,
        np.bincount(network.source, weights=flow, minlength=sources).astype(float),
        np.bincount(network.demand, weights=flow, minlength=demands).astype(float),
    )


def _rows(
    row: NDArray[np.intp], column: NDArray[np.intp], value: NDArray[np.float64], shape: tuple[int, int]
) -> csr_array:
    return coo_array((value, (row, column)), shape=shape).tocsr()


def _budget_rows(
    network: Network, budget: NDArray[np.intp], source: NDArray[np.intp], share: NDArray[np.float64]
) -> csr_array:
    budgets = int(budget.max()) + 1 if budget.size else 0
    per_source = _rows(budget, source, share, (budgets, network.capacity_kw.size))
    links = network.source.size
    choose = _rows(network.source, np.arange(links), np.ones(links), (network.capacity_kw.size, links))
    return csr_array(per_source @ choose)
