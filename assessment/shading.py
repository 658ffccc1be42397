"""What surroundings take from each site: hour by hour where heights are known, else by a class factor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from assessment.capacity import ROOF_TYPES
from assessment.energy import class_shading
from assessment.roof_energy import roof_losses

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    from numpy.typing import NDArray

    from assessment.horizons import RoofHorizons
    from assessment.solar_types import TypeDefaults
    from layers.catalog import Catalog
    from layers.climate import Weather

    Floats = NDArray[np.float64]


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
    horizons: RoofHorizons | None,
    *,
    weather: Weather,
    types: Mapping[str, TypeDefaults],
    catalogs: Mapping[str, Catalog],
) -> SiteShading:
    """Return what surroundings take from every site.

    Roofs are shaded by terrain and all buildings around, whether or not they carry a site. Where the height
    of a building is unknown, where the region has no terrain, and for walls and land, the loss is that of the
    site's class.

    Parameters
    ----------
    sites
        Columns type, use, parcel_id, layout, tilt_deg, azimuth_deg and cover.
    horizons
        Of the sites' roofs; None: there are none.
    """
    shading = class_shading(sites, catalogs=catalogs)
    hours = np.full((len(sites), 12, 24), np.nan)
    engine = np.zeros(len(sites), dtype=bool)
    rows = np.flatnonzero(sites["type"].isin(ROOF_TYPES).to_numpy())
    if horizons is None or not rows.size:
        return SiteShading(shading, engine, hours)
    loss, hours[rows] = roof_losses(sites.iloc[rows], horizons, weather=weather, types=types)
    known = np.isfinite(loss).all(axis=1)
    shading[rows[known]] = loss[known]
    engine[rows[known]] = True
    # a row of modules below its neighbours' reach may gain a trace by rounding: no roof gains by shade
    return SiteShading(np.clip(shading, 0.0, 1.0), engine, hours)
