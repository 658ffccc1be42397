"""Heat networks that exist: where pipes lie, and what of their demand geothermal heat can carry."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from gis.overlay import containing

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from assessment.heat_blocks import Blocks
    from assessment.heat_demand import Demand

PIPED = ("network", "zone")
"""Kinds of the heat layer where pipes lie or are planned."""


def piped_blocks(blocks: Blocks, heat: gpd.GeoDataFrame | None) -> NDArray[np.bool_]:
    """Say which blocks an existing network or heat zone touches: there the pipes are no question."""
    piped = np.zeros(len(blocks.frame), dtype=bool)
    if heat is not None:
        features = heat.geometry[heat["kind"].isin(PIPED)].to_numpy()
        if len(features):
            tree = shapely.STRtree(blocks.frame.geometry.to_numpy())
            piped[tree.query(features, predicate="intersects")[1]] = True
    return piped


def zone_gap(
    blocks: Blocks, heat: gpd.GeoDataFrame | None, demand: Demand, served_kw: NDArray[np.float64]
) -> pd.DataFrame:
    """Compare the demand of heat zones with what geothermal heat can carry there.

    One row per zone: id, name, demand_kw as the layer says (unknown stays NaN), buildings_kw (the demand of
    the blocks whose middle lies in it), geothermal_kw, and gap_kw: what another source must give, also for
    the coal units that close. The layer's demand counts where it is known, else that of the buildings.
    """
    columns = ["id", "name", "demand_kw", "buildings_kw", "geothermal_kw", "gap_kw"]
    if heat is None or not (heat["kind"] == "zone").any():
        return pd.DataFrame(columns=columns)
    zones = heat[heat["kind"] == "zone"].reset_index(drop=True)
    zone = containing(shapely.points(blocks.middle_m), zones.geometry.to_numpy())
    inside = zone >= 0

    def total(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.bincount(zone[inside], weights=values[inside], minlength=len(zones)).astype(float)

    given = zones["demand_kw"].to_numpy(float, na_value=np.nan)
    buildings, geothermal = total(demand.design_kw), total(np.minimum(served_kw, demand.design_kw))
    needed = np.where(np.isfinite(given), given, buildings)
    table = {
        "id": zones["id"],
        "name": zones.get("name"),
        "demand_kw": given,
        "buildings_kw": buildings,
        "geothermal_kw": geothermal,
        "gap_kw": np.maximum(needed - geothermal, 0.0),
    }
    return pd.DataFrame(table)[columns]
