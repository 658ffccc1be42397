"""The weather a region is assessed with, and where its middle is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import shapely

from faults import Fault, InputError
from layers.climate import Weather, read_climate

if TYPE_CHECKING:
    from layers.region import Region


def middle_of(frame: gpd.GeoDataFrame) -> tuple[float, float]:
    """Return latitude and longitude (degrees, WGS-84) of the middle of a frame's extent."""
    middle = gpd.GeoSeries([shapely.box(*frame.total_bounds).centroid], crs=frame.crs).to_crs("EPSG:4326")
    return float(middle.y.iloc[0]), float(middle.x.iloc[0])


def region_weather(region: Region, towns: gpd.GeoDataFrame) -> Weather:
    """Return the region's hourly year: from an hourly file where it has one, else from monthly normals.

    An hourly file says itself where it was taken, and the sun is that of its place; normals are weighted to
    the middle of the towns.

    Raises
    ------
    InputError
        The region names no climate, or its file cannot be used.
    """
    climate = region.climate
    hourly = climate.epw or climate.hourly
    if hourly is not None:
        return read_climate(hourly)
    if climate.normals is None:
        rule = "needs a climate: normals, epw or hourly"
        raise InputError([Fault("region", None, "climate", None, rule, file="region.toml")])
    lat, lon = middle_of(towns)
    return read_climate(climate.normals, lat=lat, lon=lon, seed=region.seed)
