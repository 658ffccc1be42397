"""The supply curve: who can deliver how much, cheapest first, in steps that can be drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class SupplyCurve:
    """Steps, cheapest first; each holds sites of one group with nearly the same cost."""

    cost: Floats
    """Mean cost of each step, weighted by energy."""
    amount: Floats
    cumulative: Floats
    energy: Floats
    sites: NDArray[np.intp]
    group: NDArray[np.intp]
    step_of_site: NDArray[np.intp]
    """Step of each site, in the order given; -1: no known cost or amount, so not on the curve."""


def supply_curve(
    cost: ArrayLike, amount: ArrayLike, energy: ArrayLike, group: ArrayLike, *, steps_per_group: int = 50
) -> SupplyCurve:
    """Sort sites into steps of equal amount within each group, by rising cost.

    Amount and energy of the steps sum to those of the sites on the curve.

    Parameters
    ----------
    cost, amount, energy
        Cost per energy, amount (say kW), and energy per year of each site.
    group
        Number of the group of each site (town and type, say); a step never mixes groups.

    Examples
    --------
    >>> curve = supply_curve([0.3, 0.2, 0.4], [10, 20, 30], [1, 2, 3], [0, 0, 1], steps_per_group=2)
    >>> curve.cost, curve.cumulative, curve.step_of_site
    (array([0.2, 0.3, 0.4]), array([20., 30., 60.]), array([1, 0, 2]))
    """
    costs, amounts, energies = (np.asarray(values, dtype=float) for values in (cost, amount, energy))
    groups = np.asarray(group, dtype=np.intp)
    known = np.flatnonzero(np.isfinite(costs) & np.isfinite(amounts) & (amounts > 0) & (energies > 0))
    order = known[np.lexsort((costs[known], groups[known]))]
    key = _raw_steps(groups[order], amounts[order], steps_per_group)
    names, step = np.unique(key, return_inverse=True)
    total, made = (
        np.asarray(np.bincount(step, values[order]), dtype=float) for values in (amounts, energies)
    )
    mean = np.bincount(step, costs[order] * energies[order]) / made
    rank = np.argsort(mean, kind="stable")
    place = np.empty(names.size, dtype=np.intp)
    place[rank] = np.arange(names.size)
    step_of_site = np.full(costs.size, -1, dtype=np.intp)
    step_of_site[order] = place[step]
    return SupplyCurve(
        cost=mean[rank],
        amount=total[rank],
        cumulative=np.cumsum(total[rank]),
        energy=made[rank],
        sites=np.bincount(step)[rank].astype(np.intp),
        group=(names // steps_per_group)[rank].astype(np.intp),
        step_of_site=step_of_site,
    )


def _raw_steps(group: NDArray[np.intp], amount: Floats, steps: int) -> NDArray[np.intp]:
    """Give sorted sites the number of their step: equal amounts within a group."""
    _, first, index = np.unique(group, return_index=True, return_inverse=True)
    total = np.cumsum(amount)
    before = np.where(first > 0, total[first - 1], 0.0)
    size = np.diff(np.append(before, total[-1:]))
    share = (total - amount / 2 - before[index]) / size[index]
    number: NDArray[np.intp] = group * steps + np.clip((share * steps).astype(np.intp), 0, steps - 1)
    return number
