"""How many wells a target of heated floor area takes, and the order in which to drill them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from assessment.run import HEAT_TECHNOLOGIES

if TYPE_CHECKING:
    import geopandas as gpd

    from assessment.heat import HeatResult


def drill_list(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the heat sites from the cheapest on, with the area and the wells reached (cum_m2, cum_wells)."""
    ranked = frame.sort_values(["lcoh", "id"], ignore_index=True)
    return ranked.assign(cum_m2=ranked["heatable_m2"].cumsum(), cum_wells=ranked["wells"].cumsum())


def wells_for_area(result: HeatResult, target_m2: float) -> dict[str, Any]:
    """Return what a target of heated floor area takes.

    Keys: reached_m2 (at most the target), sites and wells by technology of the cheapest sites that reach
    it, and, as a yardstick, wells_alone: the wells of one technology alone, each at the mean capacity of
    its kind in year 30 and the mean heat index of the region's demand (index_w_m2); None where it has none.
    """
    ranked = drill_list(result.frame)
    taken = ranked[ranked["cum_m2"].shift(fill_value=0.0) < target_m2]
    index = 1000 * result.blocks["demand_kw"].sum() / result.blocks["demand_m2"].sum()
    counts = taken.groupby("technology")["wells"].sum()
    sums = result.frame.groupby("technology")[["kw_year30", "wells"]].sum()
    kw = sums["kw_year30"] / sums["wells"]
    alone = {name: int(np.ceil(target_m2 * index / 1000 / kw[name])) if name in kw else None
             for name in HEAT_TECHNOLOGIES}  # fmt: skip
    return {
        "target_m2": target_m2,
        "reached_m2": round(min(float(taken["heatable_m2"].sum()), target_m2)),
        "sites": len(taken),
        "index_w_m2": round(float(index), 1),
        "wells": {name: int(counts.get(name, 0)) for name in HEAT_TECHNOLOGIES},
        "wells_alone": alone,
    }
