"""What many sites come to under other shares, densities and costs: one pass per question, compiled.

Two passes, so that a question repeats only what it changes: `site_costs` scales capacity and cost of each
site, `group_sums` adds up those that count. Everything else of a scenario is arithmetic on the sums.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from jit import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Codes = NDArray[np.integer[Any]]

CURVE_STEP = 0.001
"""Width of the steps of cost in the curve, CNY/kWh."""
CURVE_STEPS = 3000
"""Steps of the curve; what costs more stands in the last one."""


@njit(cache=True)
def site_costs(  # noqa: PLR0917 - compiled
    kind: Codes,
    sector: Codes,
    numbers: Floats,
    set_share: Floats,
    share_factor: Floats,
    density_factor: Floats,
    size_limits_kw: Floats,
    before: tuple[Floats, Floats, Floats],
    after: tuple[Floats, Floats, Floats],
) -> tuple[Floats, Floats, Floats, Floats]:
    """Scale each site, and its costs by what the cost tables say of it before and after.

    Parameters
    ----------
    kind, sector
        Codes of PV type and sector.
    numbers
        Rows: area left by the rules (m2), share of it used, capacity (kW DC), energy of year 1 (kWh), capital
        cost (CNY), levelised cost (CNY/kWh); one column per site.
    set_share, density_factor
        By type: another share (NaN keeps each site's own), and capacity per used m2 over what it was.
    share_factor
        By sector: share over what it was.
    size_limits_kw
        Rising upper limits (exclusive) of the size classes.
    before, after
        Cost tables: capital cost and levelised cost of a year per kWp, by (type, size class), and levelised
        rent of a year per m2, by type.

    Returns
    -------
    Factor on capacity and energy, capital cost (CNY), levelised cost of a year's energy (CNY), and per kWh.
    """
    count = kind.size
    factor, capex, cost, lcoe = np.empty(count), np.empty(count), np.empty(count), np.empty(count)
    for site in range(count):
        k = kind[site]
        area, own, kwp, kwh = numbers[0, site], numbers[1, site], numbers[2, site], numbers[3, site]
        share = own if np.isnan(set_share[k]) else set_share[k]
        share = min(share * share_factor[sector[site]], max(own, 1.0))
        scale = share / own * density_factor[k]
        old, new = _size(kwp, size_limits_kw), _size(kwp * scale, size_limits_kw)
        factor[site] = scale
        capex[site] = numbers[4, site] * scale * after[0][k, new] / before[0][k, old]
        was = kwp * before[1][k, old] + area * before[2][k]
        now = kwp * scale * after[1][k, new] + area * after[2][k]
        lcoe[site] = numbers[5, site] * now / (was * scale) if scale > 0 else np.nan
        cost[site] = numbers[5, site] * kwh * now / was if scale > 0 else 0.0
    return factor, capex, cost, lcoe


@njit(cache=True)
def _size(kw: float, limits_kw: Floats) -> int:
    size = 0
    while size < limits_kw.size and kw >= limits_kw[size]:
        size += 1
    return size


@njit(cache=True)
def group_sums(  # noqa: PLR0917 - compiled
    group: Codes,
    groups: int,
    counts: NDArray[np.bool_],
    numbers: Floats,
    factor: Floats,
    capex: Floats,
    cost: Floats,
    lcoe: Floats,
    most_lcoe: float,
    energy: int,
) -> tuple[Floats, Floats]:
    """Add up the sites that count, by group, and their supply curve.

    Parameters
    ----------
    counts
        Sites that count.
    numbers
        (rows, sites): what is scaled; the second row is the central capacity. NaN is unknown: adds nothing.
    most_lcoe
        Sites that cost more, or whose cost is unknown, do not count; infinite: all do.
    energy
        Row of `numbers` that is energy.

    Returns
    -------
    (groups, 2 + rows + 3): sites, sites of unknown capacity, each row, capital cost, levelised cost of a
    year, and energy of the sites whose cost is known; and the central capacity by step of cost.
    """
    rows = numbers.shape[0]
    sums = np.zeros((groups, rows + 5))
    curve = np.zeros(CURVE_STEPS)
    for site in range(group.size):
        if not counts[site] or factor[site] == 0 or (most_lcoe < np.inf and not lcoe[site] <= most_lcoe):
            continue
        g = group[site]
        sums[g, 0] += 1
        if np.isnan(numbers[1, site]):
            sums[g, 1] += 1
        for row in range(rows):
            value = numbers[row, site] * factor[site]
            if not np.isnan(value):
                sums[g, 2 + row] += value
        if not np.isnan(capex[site]):
            sums[g, rows + 2] += capex[site]
        if not np.isnan(lcoe[site]):
            sums[g, rows + 3] += cost[site]
            sums[g, rows + 4] += numbers[energy, site] * factor[site]
            step = min(max(int(lcoe[site] / CURVE_STEP), 0), CURVE_STEPS - 1)
            curve[step] += numbers[1, site] * factor[site]
    return sums, curve
