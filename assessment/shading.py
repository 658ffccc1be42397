"""What surroundings take from each site: hour by hour where heights are known, else by a class factor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from assessment.blocks import Bounds, grown
from assessment.candidates import roof_plan
from assessment.capacity import ROOF_TYPES
from assessment.energy import class_shading, planes
from assessment.roof_energy import roof_losses
from assessment.solar import HALO_M, Tile, shade_buildings
from gis.grid import Grid

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import geopandas as gpd
    from numpy.typing import NDArray

    from assessment.progress import Progress
    from assessment.solar_types import TypeDefaults
    from layers.catalog import Catalog
    from layers.climate import Weather

    Floats = NDArray[np.float64]

RESOLUTION_M = 2.0


@dataclass(frozen=True)
class SiteShading:
    """What surroundings take from sites."""

    loss: Floats
    """Share of each month's energy, shape (n, 12)."""
    by_engine: NDArray[np.bool_]
    """True where it was reckoned from the site's own horizon."""
    hours: Floats
    """Energy by month and hour of the day, kWh/kWp, shape (n, 12, 24); NaN where only the class is known."""


def monthly_shading(
    sites: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame | None,
    *,
    terrain: Path | None,
    weather: Weather,
    types: Mapping[str, TypeDefaults],
    catalogs: Mapping[str, Catalog],
    workers: int,
    progress: Progress,
) -> SiteShading:
    """Return what surroundings take from every site.

    Roofs are shaded by terrain and all buildings around, whether or not they carry a site. Where the height
    of a building is unknown, where the region has no terrain, and for walls and land, the loss is that of the
    site's class.

    Parameters
    ----------
    sites
        Columns type, use, parcel_id and geometry.
    buildings
        The sites' own buildings and all within `solar.HALO_M` of them; None: there are none.
    """
    shading = class_shading(sites, catalogs=catalogs)
    hours = np.full((len(sites), 12, 24), np.nan)
    engine = sites["type"].isin(ROOF_TYPES).to_numpy(copy=True)
    if terrain is None or buildings is None or not engine.any():
        return SiteShading(shading, np.zeros(len(sites), dtype=bool), hours)
    chosen = sites["parcel_id"].to_numpy()[engine]
    own = buildings["id"].astype(str).isin(set(chosen))
    bounds: Bounds = tuple(buildings[own].total_bounds)
    core = grown(bounds, RESOLUTION_M)
    tile = Tile(core, Grid.around(grown(core, HALO_M), resolution_m=RESOLUTION_M))
    footprints = planes(buildings.assign(**roof_plan(buildings)), types=types)
    columns = ["id", "geometry", "height_m", "roof_form", "tilt_deg", "azimuth_deg"]
    found = shade_buildings(
        footprints[columns],
        terrain,
        weather,
        resolution_m=RESOLUTION_M,
        workers=workers,
        tiles=[tile],
        progress=progress,
        horizons=True,
    ).set_index("id")
    rows = np.flatnonzero(engine)
    mine = found.iloc[found.index.get_indexer(sites["parcel_id"].to_numpy()[rows])]
    loss, hours[rows] = roof_losses(sites.iloc[rows], mine, weather=weather, types=types)
    known = rows[np.isfinite(loss).all(axis=1)]
    shading[known] = loss[np.isfinite(loss).all(axis=1)]
    engine[:] = False
    engine[known] = True
    # a row of modules below its neighbours' reach may gain a trace by rounding: no roof gains by shade
    return SiteShading(np.clip(shading, 0.0, 1.0), engine, hours)
