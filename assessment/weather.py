"""The weather a region is assessed with, and where its middle is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from layers.climate_region import region_climate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layers.climate import Weather
    from layers.region import Region


def middle_of(frame: gpd.GeoDataFrame) -> tuple[float, float]:
    """Return latitude and longitude (degrees, WGS-84) of the middle of a frame's extent."""
    middle = gpd.GeoSeries([shapely.box(*frame.total_bounds).centroid], crs=frame.crs).to_crs("EPSG:4326")
    return float(middle.y.iloc[0]), float(middle.x.iloc[0])


def region_weather(region: Region, towns: gpd.GeoDataFrame) -> Weather:
    """Return the region's hourly year: from its hourly files where it has any, else from monthly normals.

    One hourly file says itself where it was taken, and the sun is that of its place; several places, and
    normals, are weighted to the middle of the towns. See `layers.climate_region`.

    Raises
    ------
    InputError
        The region names no climate, or its file cannot be used.
    """
    lat, lon = middle_of(towns)
    return region_climate(region.climate, lat=lat, lon=lon, seed=region.seed)


def local_share(weather: Weather, frame: gpd.GeoDataFrame) -> NDArray[np.float64] | None:
    """Return GHI where each row lies over GHI of the region's year, by month, shape (n, 12).

    None: the same all over. Energy of a plane follows GHI closely enough at this distance: the points of one
    region differ by some percent.
    """
    if weather.field is None or frame.empty:
        return None
    shapes = np.asarray(frame.geometry.array, dtype=object)
    middles = shapely.bounds(shapes).reshape(-1, 2, 2).mean(axis=1)
    places = gpd.GeoSeries(shapely.points(middles), crs=frame.crs).to_crs("EPSG:4326")
    return weather.field.at(places.y.to_numpy(), places.x.to_numpy())
