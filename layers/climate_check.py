"""Is the weather of a region fit for it: read as the assessment reads it, and where it was taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from faults import Fault, InputError
from layers.climate_region import region_climate

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd

    from layers.climate import Weather
    from layers.region import Region

FAR_KM = 50.0
KM_PER_DEG = 111.2


def climate_faults(region: Region, towns: gpd.GeoDataFrame | None) -> Iterator[Fault]:
    """Read the climate; what was repaired is a note, a place that is far away a warning."""
    if not region.climate.files:
        rule = "the region names no climate; it cannot be assessed: give normals, epw or hourly"
        yield Fault("climate", None, None, None, rule, "warning", "region.toml")
        return
    lat, lon = _middle(towns)
    names = ", ".join(path.name for path in region.climate.files)
    try:
        weather = region_climate(region.climate, lat=lat, lon=lon, seed=region.seed)
    except InputError as error:
        yield from error.faults
        return
    for note in weather.notes:
        yield Fault("climate", None, None, None, note, "info", names)
    distance_km = _distance_km(weather, lat, lon)
    if np.isfinite(distance_km) and distance_km > FAR_KM:
        rule = (
            f"the weather was taken {distance_km:.0f} km from the middle of the region; is it of its climate?"
        )
        yield Fault("climate", None, None, f"{weather.lat:g}, {weather.lon:g}", rule, "warning", names)


def _middle(towns: gpd.GeoDataFrame | None) -> tuple[float, float]:
    if towns is None or towns.empty:
        return float("nan"), float("nan")
    west, south, east, north = towns.to_crs(4326).total_bounds
    return float(south + north) / 2, float(west + east) / 2


def _distance_km(weather: Weather, lat: float, lon: float) -> float:
    east = (weather.lon - lon) * np.cos(np.radians(lat))
    return float(np.hypot(east, weather.lat - lat) * KM_PER_DEG)
