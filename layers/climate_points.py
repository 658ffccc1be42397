"""Weather of several places: the year of the nearest at the level in between, and how sites differ."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from layers.climate_scale import scaled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from layers.climate import Weather

    Floats = NDArray[np.float64]

LAPSE_K_PER_M = -0.0065
"""Change of air temperature with height, International Standard Atmosphere."""
SAME_PLACE_DEG = 0.02
"""Years whose places differ by less are of one place (about 2 km)."""
KM_PER_DEG = 111.2
SMALLEST_KM = 0.1
MONTHS = 12


@dataclass(frozen=True)
class ClimateField:
    """Monthly GHI of several places, as a share of the region's own year."""

    lat: tuple[float, ...]
    lon: tuple[float, ...]
    ratio: tuple[tuple[float, ...], ...]
    """GHI of the place over that of the region, by month: one row of twelve per place."""

    def at(self, lat: Floats, lon: Floats) -> Floats:
        """Return the ratio at places, by inverse square distance between the points, shape (n, 12)."""
        weights = point_weights(np.array(self.lat), np.array(self.lon), lat=lat, lon=lon)
        return weights @ np.array(self.ratio)


def point_weights(lats: Floats, lons: Floats, *, lat: Floats, lon: Floats) -> Floats:
    """Return the weight of each point at each place, inverse square distance, shape (places, points).

    Examples
    --------
    >>> lats, lons = np.array([34.0, 34.0]), np.array([108.0, 109.0])
    >>> point_weights(lats, lons, lat=np.array([34.0]), lon=np.array([108.5]))
    array([[0.5, 0.5]])
    """
    lat, lon = np.atleast_1d(lat)[:, None], np.atleast_1d(lon)[:, None]
    east = (lons - lon) * np.cos(np.radians(lat)) * KM_PER_DEG
    north = (lats - lat) * KM_PER_DEG
    weights: Floats = np.maximum(np.hypot(east, north), SMALLEST_KM) ** -2.0
    result: Floats = weights / weights.sum(axis=1, keepdims=True)
    return result


def by_place(years: Sequence[Weather]) -> list[list[Weather]]:
    """Put the years of one place together, in the order in which the places come."""
    places: list[list[Weather]] = []
    for year in years:
        near = (
            group
            for group in places
            if max(abs(group[0].lat - year.lat), abs(group[0].lon - year.lon)) < SAME_PLACE_DEG
        )
        group = next(near, None)
        places.append([year]) if group is None else group.append(year)
    return places


def interpolated(
    points: Sequence[Weather], *, lat: float, lon: float, altitude_m: float | None = None
) -> Weather:
    """Return the year of a place between points.

    Hours are those of the nearest point, so that their variability stays; GHI and the diffuse share of the
    months are the means of all points weighted by inverse square distance, and temperature too, after it is
    brought to the height of the place by -6.5 K/km. The points stay in `field` for sites elsewhere in the
    region.

    Parameters
    ----------
    altitude_m
        Of the place; None: the weighted mean of the points.
    """
    lats, lons = (np.array([getattr(point, name) for point in points]) for name in ("lat", "lon"))
    weights = point_weights(lats, lons, lat=np.array([lat]), lon=np.array([lon]))[0]
    heights = np.array([point.altitude_m for point in points])
    height = float(weights @ heights) if altitude_m is None else altitude_m
    nearest = points[int(np.argmax(weights))]
    ghi = np.array([point.ghi_kwh_m2_month for point in points])
    diffuse = np.array([point.dhi_kwh_m2_month for point in points])
    temp = np.array([_temp_month(point) for point in points]) + LAPSE_K_PER_M * (height - heights)[:, None]
    mean = weights @ ghi
    level = f"{len(points)} points weighted by distance"
    share = np.divide(weights @ diffuse, mean, out=np.ones(MONTHS), where=mean > 0)
    year = scaled(nearest, mean, diffuse_fraction=share, temp_air_c=weights @ temp, level=level)
    ratio = np.divide(ghi, mean, out=np.ones_like(ghi), where=mean > 0)
    field = ClimateField(
        tuple(map(float, lats)), tuple(map(float, lons)), tuple(tuple(map(float, row)) for row in ratio)
    )
    source = f"{len(points)} points: {'; '.join(dict.fromkeys(point.source for point in points))}"
    return replace(year, altitude_m=height, source=source, field=field)


def _temp_month(weather: Weather) -> Floats:
    month = weather.sky.month
    mean: Floats = np.bincount(month, weather.temp_air, MONTHS) / np.bincount(month, minlength=MONTHS)
    return mean
