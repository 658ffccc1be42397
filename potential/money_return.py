"""What a cash flow is worth: present value, internal rate of return, payback; a row or many sites at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jit import njit

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

_IRR_LOW, _IRR_HIGH = -0.99, 10.0
_IRR_START = 0.1
_IRR_STEPS = 100
_IRR_TOLERANCE = 1e-10


def npv(flows: ArrayLike, discount_rate: float) -> Floats:
    """Present value in year 0 of net cash by year (last axis).

    Examples
    --------
    >>> float(npv([-100, 60, 60], 0.1))
    4.132231
    """
    cash = np.asarray(flows, dtype=float)
    return cash @ (1 + discount_rate) ** -np.arange(cash.shape[-1], dtype=float)


def irr(flows: ArrayLike) -> Floats:
    """Rate at which the present value of the net cash (last axis) is zero; NaN where there is none.

    Newton's steps kept inside a bracket from -99 % to 1000 % per year: for an outlay followed by income the
    root is the only one. Flows whose present value has the same sign at both ends give NaN.

    Examples
    --------
    >>> float(irr([-100, 60, 60]))
    0.130662
    """
    return _each_row(flows, _irr)


def payback_years(flows: ArrayLike) -> Floats:
    """Years until the summed net cash (last axis, year 0 first) stays at or above zero, linear within a year.

    NaN where the outlay is not earned back within the flows.

    Examples
    --------
    >>> payback_years([[-100, 40, 40, 40], [-100, 10, 10, 10]])
    array([2.5, nan])
    """
    return _each_row(flows, _payback)


def _each_row(flows: ArrayLike, kernel: Callable[[Floats], float]) -> Floats:
    cash = np.ascontiguousarray(flows, dtype=float)
    rows = cash.reshape(-1, cash.shape[-1])
    return np.array([kernel(row) for row in rows]).reshape(cash.shape[:-1])


@njit(cache=True)
def _payback(cash: Floats) -> float:
    total, found = 0.0, 0.0
    for year in range(cash.size):
        before = total
        total += cash[year]
        if total < 0:
            found = np.nan
        elif np.isnan(found):
            found = year - 1 - before / (total - before)
    return found


@njit(cache=True)
def _worth(cash: Floats, rate: float) -> tuple[float, float]:
    """Present value and its slope in the rate, by Horner's scheme in 1 / (1 + rate)."""
    v = 1 / (1 + rate)
    worth, slope = 0.0, 0.0
    for year in range(cash.size - 1, -1, -1):
        slope = slope * v + worth
        worth = worth * v + cash[year]
    return worth, -slope * v * v


@njit(cache=True)
def _irr(cash: Floats) -> float:
    low, high = _IRR_LOW, _IRR_HIGH
    if not (_worth(cash, low)[0] > 0 and _worth(cash, high)[0] < 0):
        return np.nan
    rate = _IRR_START
    for _ in range(_IRR_STEPS):
        worth, slope = _worth(cash, rate)
        if worth > 0:
            low = rate
        else:
            high = rate
        following = rate - worth / slope if slope != 0 else low
        if not low < following < high:
            following = (low + high) / 2
        if abs(following - rate) < _IRR_TOLERANCE:
            return following
        rate = following
    return rate


@njit(cache=True)
def worth_of_sites(
    amounts: Floats,
    by_year: Floats,
    discount: Floats,
    with_irr: bool,  # noqa: FBT001 - compiled
) -> Floats:
    """Present value, payback and internal rate of each site; amounts (4, sites), by_year (4, years)."""
    sites = amounts.shape[1]
    results = np.full((3, sites), np.nan)
    cash = np.empty(by_year.shape[1])
    for site in range(sites):
        for year in range(cash.size):
            cash[year] = 0.0
            for row in range(amounts.shape[0]):
                cash[year] += amounts[row, site] * by_year[row, year]
        results[0, site] = np.sum(cash * discount)
        results[1, site] = _payback(cash)
        if with_irr:
            results[2, site] = _irr(cash)
    return results
