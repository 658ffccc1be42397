"""Everything that is built: blocks filled, villages laid out, works and airport, none on another's ground."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from layers.demo.attributes import building_table
from layers.demo.municipal import (
    PLANT_BLOCK,
    airport_buildings,
    block_parcels,
    plant_halls,
    works_buildings,
)
from layers.demo.places import FILL, OPEN_USES
from layers.demo.shapes import Placed, Taken, join, overlap_free
from layers.demo.villages import build_villages

if TYPE_CHECKING:
    import geopandas as gpd

    from layers.demo.blocks import Town
    from layers.demo.shapes import Geometries
    from layers.demo.site import Site

NAMED = {
    "school": "学校", "hospital": "医院", "university": "教学科研区",
    "government": "政务中心", "hotel": "酒店",
    "mall": "商业综合体", "data_centre": "数据中心", "depot": "停保场",
}  # fmt: skip
SETBACK_M = 4.0
"""Least distance of a building from the edge of its block."""
GAP_M = 0.2
"""Least distance between two buildings: a wall shared by neighbours is drawn as a narrow gap."""


@dataclass(frozen=True)
class Settlement:
    """The buildings and the land they stand on."""

    buildings: gpd.GeoDataFrame
    block: np.ndarray
    """Number of the block of each building."""
    land: Geometries
    """Land of villages and built blocks, without vacant blocks."""


def settle(site: Site, town: Town, corridors: Taken) -> Settlement:
    """Build everything; what would stand on water, roads, rails or another building is left out.

    corridors is the ground under overhead lines and of substations, where no house is allowed either.
    """
    solid = town.blocks[~town.blocks["use"].isin(("vacant",))]
    lands = solid.geometry.to_numpy()
    villages = build_villages(site, np.array([zone.geometry for zone in site.plan["zone"]], dtype=object))
    inner = join([_fill(site, town), villages.buildings])
    drawn = inner.polygons()
    keep = _in_own_block(inner, drawn, town) & ~site.taken.touches(drawn)
    special = join([works_buildings(site), plant_halls(site), airport_buildings(site)])
    built = join([special, inner.take(keep)])
    drawn = np.concatenate([special.polygons(), drawn[keep]])
    within = _within(drawn, site.boundary) & ~corridors.touches(drawn) & ~site.crossed.touches(drawn)
    built, drawn = built.take(within), drawn[within]
    free = overlap_free(drawn, gap_m=GAP_M)
    built, drawn = built.take(free), drawn[free]
    table = building_table(
        built,
        drawn,
        site.dice("attributes"),
        names=_names(site, town),
        protected=Taken(site.protected).touches(drawn),
    )
    return Settlement(table, built.block, np.concatenate([lands, villages.land, site.plants]))


def _fill(site: Site, town: Town) -> Placed:
    dice = site.dice("buildings")
    parts = []
    for block in town.blocks.itertuples():
        if block.use not in OPEN_USES:
            laid = FILL[block.use](block.width_m, block.depth_m, dice, block.key)
            parts.append(laid.moved(block.x, block.y, block.angle_deg, block.key))
    return join(parts)


def _in_own_block(built: Placed, drawn: Geometries, town: Town) -> np.ndarray:
    """Say which buildings lie in the land of their block, off its edge; villages have no edge."""
    keys = town.blocks["key"].to_numpy()
    order = np.argsort(keys)
    at = np.searchsorted(keys, built.block, sorter=order)
    keep = np.ones(len(built), dtype=bool)
    mine = np.flatnonzero(built.block < keys.max(initial=0) + 1)
    inner = shapely.buffer(town.blocks.geometry.to_numpy(), -SETBACK_M, join_style="mitre")
    keep[mine] = shapely.covers(inner[order[at[mine]]], drawn[mine])
    parcels = block_parcels(town)
    return keep & ~(
        Taken(
            parcels[parcels["facility"].isin(("school_yard", "parking", "depot"))].geometry.to_numpy()
        ).touches(drawn)
    )


def _within(drawn: Geometries, boundary: shapely.Geometry) -> np.ndarray:
    shapely.prepare(boundary)
    return shapely.contains_properly(boundary, drawn)


def _names(site: Site, town: Town) -> dict[int, str]:
    names: dict[int, str] = {}
    named = town.blocks[town.blocks["use"].isin(NAMED)]
    for (zone, use), group in named.groupby(["zone", "use"], sort=True):
        for number, key in enumerate(sorted(group["key"]), start=1):
            names[int(key)] = f"{zone}{NAMED[use]}{number}(示意)"
    return names | {PLANT_BLOCK + number: plant.name for number, plant in enumerate(site.plan["plant"])}
