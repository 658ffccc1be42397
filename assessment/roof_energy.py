"""What the horizon takes from the energy of each roof, reckoned hour by hour."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from assessment.solar import grid_convergence_deg
from gis.horizon import LEVELS, SECTORS, thresholds_deg
from potential.solar.chain import STEPS
from potential.solar.pv_yield import monthly_sums
from potential.solar.roof_hours import HOURS, roof_yields, sun_terms
from potential.solar.sun import substep_angles

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    from assessment.solar_types import TypeDefaults
    from layers.climate import Weather
    from potential.solar.roof_hours import SunTerms

    Floats = NDArray[np.float64]

MONTHS = 12


def terms_of(weather: Weather, *, convergence_deg: float) -> SunTerms:
    """Return which parts of the shading engine's horizons the sun of each hour sees."""
    zenith, azimuth = substep_angles(
        weather.times, lat=weather.lat, lon=weather.lon, altitude_m=weather.altitude_m
    )
    sectors = np.arange(SECTORS) * 360.0 / SECTORS
    return sun_terms(
        zenith, azimuth - convergence_deg, azimuths_deg=sectors, levels_deg=thresholds_deg(SECTORS, LEVELS)
    )


def roof_losses(
    roofs: gpd.GeoDataFrame,
    found: pd.DataFrame,
    *,
    weather: Weather,
    types: Mapping[str, TypeDefaults],
) -> tuple[Floats, Floats]:
    """Return the share of each month's energy that surroundings take, and the months by hour of the day.

    Clipping, temperature and the incidence modifier see each hour as the horizon leaves it, so that a shaded
    noon in July is not the same as a shaded morning in January.

    Parameters
    ----------
    roofs
        Columns type, tilt_deg, azimuth_deg.
    found
        From `shade_buildings` with horizons, one row per roof: horizon, sky_view, pixels.

    Returns
    -------
    Loss, shape (n, 12), and energy kWh/kWp, shape (n, 12, 24); NaN where the engine saw no pixel of the roof.
    """
    loss, energy = np.full((len(roofs), MONTHS), np.nan), np.full((len(roofs), MONTHS, HOURS), np.nan)
    terms = terms_of(weather, convergence_deg=grid_convergence_deg(roofs))
    hour = weather.times.hour.to_numpy(np.int64)
    seen = found["pixels"].to_numpy() > 0
    kinds = roofs["type"].to_numpy(str)
    for kind in np.unique(kinds[seen]):
        rows = np.flatnonzero(seen & (kinds == kind))
        tilt_deg, azimuth_deg = (roofs[name].to_numpy(float)[rows] for name in ("tilt_deg", "azimuth_deg"))
        codes = np.stack(found["horizon"].iloc[rows].to_list())
        left, system = found["sky_view"].to_numpy(float)[rows], types[kind].system
        energy[rows] = roof_yields(weather.sky, hour, terms, codes, left, tilt_deg, azimuth_deg, system)
        planes, which = np.unique(np.column_stack([tilt_deg, azimuth_deg]), axis=0, return_inverse=True)
        open_sky = monthly_sums(weather.sky, planes[:, 0], planes[:, 1], system)
        free = open_sky[which.ravel(), STEPS.index("ac")] / 1000
        shaded = energy[rows].sum(axis=2)
        loss[rows] = 1 - np.divide(shaded, free, out=np.ones_like(free), where=free > 0)
    return loss, energy
