"""Which technology heats which block: the sources and demands of the blocks as one transport problem."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy.spatial import cKDTree

from assessment.heat_doublets import groups
from potential.geothermal.matching import Matching, Network, match

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from assessment.heat_blocks import Blocks
    from assessment.heat_demand import Demand
    from assessment.heat_supply import Supply
    from layers.catalog import Catalog

Goal = Literal["cost", "carbon", "capacity"]
"""By what the technology of a block is chosen, once all that can be served is served."""


def match_blocks(
    blocks: Blocks,
    supplies: Sequence[Supply],
    demand: Demand,
    *,
    piped: NDArray[np.bool_],
    catalog: Catalog,
    goal: Goal,
) -> tuple[Network, Matching]:
    """Choose the technology of every block: serve all that can be served, at the least price."""
    size = len(blocks.frame)
    loss = 1 + catalog.value("station.network_loss")
    source, target = [], []
    for number, supply in enumerate(supplies):
        a, b = _links(blocks, supply, demand, piped=piped, catalog=catalog)
        source.append(a + number * size)
        target.append(b)
    group = groups(blocks)
    land = [(np.arange(size), np.arange(size) + n * size, s.land_share / np.maximum(s.kw_well_year30, 1e-9))
            for n, s in enumerate(supplies[:2])]  # fmt: skip
    area = blocks.frame["area_m2"].to_numpy()
    whole = np.bincount(group, weights=area)[group]
    deep, doublets = supplies[1], supplies[2]
    deep_part = deep.ground_share * area / whole / np.maximum(deep.kw_well_year30, 1e-9)
    doublet_part = doublets.ground_share / np.maximum(doublets.kw_well_year30, 1e-9)
    network = Network(
        capacity_kw=np.concatenate([supply.capacity_kw for supply in supplies]),
        price=np.concatenate([_price(supply, goal, catalog) for supply in supplies]),
        demand_kw=demand.design_kw * loss * catalog.value("station.base_share_power"),
        source=np.concatenate(source),
        demand=np.concatenate(target),
        shared=(
            tuple(np.concatenate(part) for part in zip(*land, strict=True)),  # type: ignore[arg-type]
            (
                np.concatenate([group, group]),
                np.concatenate([np.arange(size) + size, np.arange(size) + 2 * size]),
                np.concatenate([deep_part, doublet_part]),
            ),
        ),
    )
    return network, match(network)


def _price(supply: Supply, goal: Goal, catalog: Catalog) -> NDArray[np.float64]:
    """Price of heat by the goal, above 0: CNY/GJ, kg CO2/GJ, or part of the block's land and ground per MW.

    Capacity as the goal keeps what is scarce: a source is dear where it uses much land or ground.
    """
    if goal == "cost":
        return np.nan_to_num(supply.lcoh_cny_gj, nan=1e3)
    if goal == "carbon":
        return 1000 / 3.6 * catalog.value("carbon.grid") / np.maximum(supply.cop, 1.0)
    taken = supply.land_share + supply.ground_share
    return np.clip(1000 * taken / np.maximum(supply.kw_well_year30, 1.0), 1e-3, 1e3)


def _links(
    blocks: Blocks, supply: Supply, demand: Demand, *, piped: NDArray[np.bool_], catalog: Catalog
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Pair source and demand blocks within reach; across blocks only where a network pays."""
    able = np.flatnonzero(supply.capacity_kw > 0)
    needy = demand.design_kw > 0
    own = able[needy[able]]
    reach_m = catalog.value(f"{supply.technology}.reach_m")
    worth = demand.linear_mwh_m >= catalog.value("station.linear_density_min_mwh_m")
    dense = np.flatnonzero(needy & (worth | piped))
    if supply.technology == "shallow" or not len(able) or not len(dense):
        return own, own
    middle = blocks.middle_m
    near = cKDTree(middle[able]).sparse_distance_matrix(
        cKDTree(middle[dense]), reach_m, output_type="coo_matrix"
    )
    source, target = able[near.row], dense[near.col]
    other = source != target
    keep = own if supply.technology == "deep" else own[np.isin(own, dense)]
    return np.concatenate([keep, source[other]]), np.concatenate([keep, target[other]])
