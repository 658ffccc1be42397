"""How far a site is from where its power could go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    import geopandas as gpd


def add_grid_distance(sites: gpd.GeoDataFrame, grid: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
    """Add grid_distance_m, straight from the middle of a site to the nearest substation.

    Without a grid layer, or without a substation in it, the distance is unknown (NaN), not zero.
    """
    distance_m = np.full(len(sites), np.nan)
    if grid is not None and len(grid) and len(sites):
        tree = shapely.STRtree(np.asarray(grid.geometry.array, dtype=object))
        middles = shapely.centroid(np.asarray(sites.geometry.array, dtype=object))
        (row, _), nearest_m = tree.query_nearest(middles, return_distance=True, all_matches=False)
        distance_m[row] = nearest_m
    return sites.assign(grid_distance_m=distance_m)
