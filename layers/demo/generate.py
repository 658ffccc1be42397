"""All vector layers of a site, in order: what is on the ground first, then what is derived from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from layers.demo.blocks import build_town
from layers.demo.fields import build_fields
from layers.demo.municipal import build_municipal
from layers.demo.restrictions import build_restrictions
from layers.demo.settle import settle
from layers.demo.utilities import build_grid, build_heat, build_lines, corridors

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd

    from layers.demo.settle import Settlement
    from layers.demo.site import Site

PREFIX = {"buildings": "B", "farmland": "F", "municipal": "M", "restrictions": "R", "grid": "G", "heat": "H"}
"""First letter of the ids of each layer."""
DISTRIBUTED = (
    "estate",
    "walkup",
    "office",
    "mall",
    "school",
    "hospital",
    "hotel",
    "government",
    "university",
)
LAYERS = tuple(PREFIX)


def generate(site: Site, progress: Callable[[float, str], None]) -> dict[str, gpd.GeoDataFrame]:
    """Return every vector layer of a site, with ids, without a CRS."""
    progress(0.02, "streets and blocks")
    town = build_town(site)
    progress(0.10, "buildings")
    grid = build_grid(site)
    lines = build_lines(site, grid)
    settlement = settle(site, town, corridors(grid, lines))
    progress(0.45, "municipal parcels")
    municipal = build_municipal(site, town, settlement.land)
    progress(0.55, "fields")
    zones = np.array([zone.geometry for zone in site.plan["zone"]], dtype=object)
    used = np.concatenate([settlement.land, municipal.geometry.to_numpy(), town.land_of_streets()])
    farmland = build_fields(site, used, zones)
    progress(0.80, "restrictions, grid and heat")
    restrictions = build_restrictions(site, town.streets, lines)
    heat = build_heat(site, _floor_area(settlement, town.blocks))
    made = (settlement.buildings, farmland, municipal, restrictions, grid, heat)
    return {name: _numbered(frame, name) for name, frame in zip(LAYERS, made, strict=True)}


def _floor_area(settlement: Settlement, blocks: gpd.GeoDataFrame) -> dict[str, float]:
    """Return the heated floor area of each built area (m2)."""
    heated = blocks[blocks["use"].isin(DISTRIBUTED)].set_index("key")["zone"]
    zone = pd.Series(settlement.block).map(heated)
    floor = settlement.buildings.area.to_numpy() * settlement.buildings["floors"].to_numpy(
        dtype=np.float64, na_value=1.0
    )
    sums = pd.Series(floor).groupby(zone).sum()
    return {str(name): float(value) for name, value in sums.items()}


def _numbered(frame: gpd.GeoDataFrame, layer: str) -> gpd.GeoDataFrame:
    """Put rows that lie near each other together and give each its id."""
    if len(frame):
        order = np.argsort(frame.hilbert_distance().to_numpy(), kind="stable")
        frame = frame.iloc[order].reset_index(drop=True)
    frame.insert(0, "id", [f"{PREFIX[layer]}{number:06d}" for number in range(1, len(frame) + 1)])
    return frame
