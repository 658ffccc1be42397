"""Is the weather of a region fit for it: read as the assessment reads it, and where it was taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from faults import Fault, InputError
from layers.climate_normals import normals_at
from layers.climate_region import region_climate

if TYPE_CHECKING:
    from collections.abc import Iterator

    import geopandas as gpd

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
    where = None
    try:
        where = _stations(region)
        weather = region_climate(region.climate, lat=lat, lon=lon, seed=region.seed)
    except InputError as error:
        yield from error.faults
    else:
        where = where or (weather.lat, weather.lon)
        yield from (Fault("climate", None, None, None, note, "info", names) for note in weather.notes)
    if where is not None and (distance_km := _distance_km(where, lat, lon)) > FAR_KM:
        far = f"the weather was taken {distance_km:.0f} km from the middle of the region"
        place = f"{where[0]:g}, {where[1]:g}"
        yield Fault("climate", None, None, place, f"{far}; is it of its climate?", "warning", names)


def _middle(towns: gpd.GeoDataFrame | None) -> tuple[float, float]:
    if towns is None or towns.empty:
        return float("nan"), float("nan")
    west, south, east, north = towns.to_crs(4326).total_bounds
    return float(south + north) / 2, float(west + east) / 2


def _stations(region: Region) -> tuple[float, float] | None:
    """Return the middle of the stations of the normals; None where hourly files come before them."""
    climate = region.climate
    if climate.normals is None or climate.hourly or climate.epw is not None:
        return None
    stations = normals_at(climate.normals)
    return stations.lat, stations.lon


def _distance_km(where: tuple[float, float], lat: float, lon: float) -> float:
    east = (where[1] - lon) * np.cos(np.radians(lat))
    return float(np.hypot(east, where[0] - lat) * KM_PER_DEG)
