"""One changed building: what it does to the roofs around it, without reckoning the region anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from shapely import box, union_all

from assessment.blocks import grown
from assessment.solar import grid_convergence_deg, shade_buildings, weather_table
from assessment.solar_terrain import read_terrain
from assessment.solar_tiles import HALO_M, Tile
from faults import Fault, InputError
from gis.grid import Grid

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import geopandas as gpd
    import pandas as pd

    from assessment.solar_terrain import Terrain
    from layers.climate import Weather
    from potential.solar.sky import SkyTable

LOW_SUN_DEG = 2.86
"""A building that stands less than this above a roof takes nothing from it worth reckoning: one of 60 m does
so beyond 1200 m."""
LEAST_REACH_M = 100.0


@dataclass(frozen=True)
class Prepared:
    """What all edits of a region share: the folded year and the ground."""

    table: SkyTable
    ground: Terrain
    weather: Weather

    @classmethod
    def of(cls, footprints: gpd.GeoDataFrame, terrain: Path, weather: Weather) -> Prepared:
        """Fold the year and read the ground once."""
        turn = grid_convergence_deg(footprints)
        table = weather_table(weather, convergence_deg=turn)
        return cls(table, read_terrain(terrain, footprints), weather)


def reach_m(height_m: float) -> float:
    """Return how far a building of some height shades its neighbours.

    Examples
    --------
    >>> round(reach_m(30.0)), reach_m(500.0)
    (601, 1200.0)
    """
    return float(np.clip(height_m / np.tan(np.radians(LOW_SUN_DEG)), LEAST_REACH_M, HALO_M))


def shade_changed(
    before: gpd.GeoDataFrame,
    after: gpd.GeoDataFrame,
    changed: Sequence[str],
    prepared: Prepared,
    *,
    resolution_m: float = 2.0,
    workers: int = 2,
    horizons: bool = False,
) -> pd.DataFrame:
    """Return the shading of the roofs that a change can reach; all others keep theirs.

    Parameters
    ----------
    before, after
        Footprints as for `shade_buildings`, without and with the change; a building may be in one only.
    changed
        Ids that are new, gone or different.
    prepared
        From `Prepared.of`.
    resolution_m, workers, horizons
        As for `shade_buildings`.

    Returns
    -------
    As `shade_buildings`, for the footprints of `after` in reach of the change.

    Raises
    ------
    InputError
        None of the ids is in either table.
    """
    places, tallest = [], 0.0
    for frame in (before, after):
        rows = frame[frame["id"].astype(str).isin(set(changed))]
        places += list(rows.geometry)
        tallest = max(tallest, float(rows["height_m"].max()) if rows["height_m"].notna().any() else 0.0)
    if not places:
        raise InputError([Fault("buildings", None, "id", ", ".join(changed), "no building has this id")])
    core = grown(union_all(places).bounds, reach_m(tallest))
    around = grown(core, HALO_M)
    near = after.iloc[after.sindex.query(box(*around))].sort_index().reset_index(drop=True)
    tile = Tile(core, Grid.around(around, resolution_m=resolution_m))
    found = shade_buildings(
        near,
        prepared.ground,
        prepared.weather,
        resolution_m=resolution_m,
        workers=workers,
        tiles=[tile],
        table=prepared.table,
        horizons=horizons,
    )
    return found[found["pixels"] > 0].reset_index(drop=True)
