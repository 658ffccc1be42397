"""The horizon of every roof that may carry modules: reckoned once, asked for any plane."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from assessment.blocks import grown
from assessment.candidates import roof_plan
from assessment.capacity import ROOF_TYPES
from assessment.energy import planes
from assessment.solar import ALBEDO, grid_convergence_deg, shade_buildings, weather_table
from assessment.solar_tiles import HALO_M, Tile
from gis.grid import Grid
from potential.solar.plane_light import KeptLight, kept_light

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import geopandas as gpd
    from numpy.typing import NDArray

    from assessment.blocks import Bounds
    from assessment.progress import Progress
    from assessment.solar_types import TypeDefaults
    from layers.climate import Weather
    from potential.solar.sky import SkyTable

    Floats = NDArray[np.float64]

RESOLUTION_M = 2.0
AT_ONCE = 2048
"""Roofs whose horizons are laid side by side at a time."""


@dataclass(frozen=True)
class RoofHorizons:
    """What stands around roofs."""

    found: pd.DataFrame
    """From `shade_buildings` with horizons, by the id of the building."""
    table: SkyTable
    """The folded year, in azimuths of the grid."""
    turn_deg: float
    """By how much grid north lies east of true north here."""

    def of(self, parcels: NDArray[np.object_]) -> pd.DataFrame:
        """Return the rows of some buildings."""
        return self.found.iloc[self.found.index.get_indexer(pd.Index(parcels))]

    def kept(self, parcels: NDArray[np.object_], tilt_deg: Floats, azimuth_deg: Floats) -> KeptLight:
        """Return what horizons leave to planes (true azimuths), shape (roofs, planes); 1 where unknown."""
        rows = self.of(parcels)
        seen = np.flatnonzero(rows["pixels"].to_numpy() > 0)
        year, view = np.ones(tilt_deg.shape), np.ones(tilt_deg.shape)
        for start in range(0, seen.size, AT_ONCE):
            part = seen[start : start + AT_ONCE]
            shares = np.stack(rows["horizon"].iloc[part].to_list())
            left = kept_light(
                shares, tilt_deg[part], azimuth_deg[part] - self.turn_deg, self.table, albedo=ALBEDO
            )
            year[part], view[part] = left.year, left.view
        return KeptLight(year, view)


def roof_horizons(
    candidates: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame | None,
    *,
    terrain: Path | None,
    weather: Weather,
    types: Mapping[str, TypeDefaults],
    workers: int,
    progress: Progress,
) -> RoofHorizons | None:
    """Return the horizons of all roofs among candidates; None where there are no roofs or no terrain.

    Parameters
    ----------
    candidates
        Columns type and parcel_id.
    buildings
        The candidates' own buildings and all within `solar.HALO_M` of them; None: there are none.
    """
    roofs = candidates["type"].isin(ROOF_TYPES).to_numpy()
    if terrain is None or buildings is None or not roofs.any():
        return None
    own = buildings["id"].astype(str).isin(set(candidates["parcel_id"].to_numpy()[roofs]))
    bounds: Bounds = tuple(buildings[own].total_bounds)
    core = grown(bounds, RESOLUTION_M)
    tile = Tile(core, Grid.around(grown(core, HALO_M), resolution_m=RESOLUTION_M))
    footprints = planes(buildings.assign(**roof_plan(buildings)), types=types)
    columns = ["id", "geometry", "height_m", "roof_form", "tilt_deg", "azimuth_deg"]
    turn = grid_convergence_deg(footprints)
    table = weather_table(weather, convergence_deg=turn)
    found = shade_buildings(
        footprints[columns],
        terrain,
        weather,
        resolution_m=RESOLUTION_M,
        workers=workers,
        tiles=[tile],
        progress=progress,
        horizons=True,
        table=table,
    )
    return RoofHorizons(found.set_index("id"), table, turn)
