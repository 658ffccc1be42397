"""Where the sun stands, and the hourly sky that everything solar starts from."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pvlib

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

STEPS_PER_HOUR = 6
"""Sun positions inside an hour: every ten minutes, at 5, 15, … 55 minutes past its start."""

MAX_AIRMASS_ZENITH_DEG = 90.0


@dataclass(frozen=True)
class HourlySky:
    """Hourly irradiance, air and sun as plain arrays of equal length.

    An hour with the sun below the horizon all the time has zenith > 90 and no irradiance.
    """

    month: NDArray[np.int64]
    """Month of the interval, 0 = January."""
    ghi: Floats
    """Global horizontal irradiance, mean of the interval, W/m2."""
    dni: Floats
    """Direct normal irradiance, W/m2."""
    dhi: Floats
    """Diffuse horizontal irradiance, W/m2."""
    temp_air: Floats
    """Air temperature at 2 m, degC."""
    wind_speed: Floats
    """Wind speed at 10 m, m/s."""
    zenith_deg: Floats
    """Apparent solar zenith at the middle of the sunlit part of the interval."""
    azimuth_deg: Floats
    """Solar azimuth there, 0 = north, clockwise."""
    dni_extra: Floats
    """Extraterrestrial normal irradiance, W/m2."""
    airmass: Floats
    """Relative air mass (Kasten and Young 1989); NaN when the sun is down."""

    def __post_init__(self) -> None:
        """Check that every array has one value per interval."""
        lengths = {field.name: len(getattr(self, field.name)) for field in fields(self)}
        if len(set(lengths.values())) != 1:
            raise ValueError(f"arrays differ in length: {lengths}")


def interval_minutes(starts: pd.DatetimeIndex, minutes: Floats) -> pd.DatetimeIndex:
    """Return the instants that lie `minutes` after each interval start."""
    return starts + pd.to_timedelta(minutes, unit="min")


def sun_angles(
    times: pd.DatetimeIndex, *, lat: float, lon: float, altitude_m: float
) -> tuple[Floats, Floats]:
    """Return apparent zenith and azimuth (degrees) at instants.

    NREL's solar position algorithm (Reda and Andreas 2004, doi:10.1016/j.solener.2003.12.003) as in pvlib,
    with refraction; good to 0.0003 degrees.

    Examples
    --------
    >>> noon = pd.DatetimeIndex(["2023-06-21 12:45"], tz="Asia/Shanghai")
    >>> zenith, azimuth = sun_angles(noon, lat=34.3, lon=108.9, altitude_m=400)
    >>> round(float(zenith[0]), 1)
    10.9
    """
    position = pvlib.solarposition.get_solarposition(times, lat, lon, altitude=altitude_m)
    return position["apparent_zenith"].to_numpy(float), position["azimuth"].to_numpy(float)


def substep_angles(
    starts: pd.DatetimeIndex, *, lat: float, lon: float, altitude_m: float
) -> tuple[Floats, Floats]:
    """Return zenith and azimuth (degrees) at the ten-minute steps of every hour, shape (hours, 6).

    The same hours of the same place are asked again and again, by every tile of a region: the last few are
    remembered.
    """
    zenith, azimuth = _remembered(starts.to_numpy("datetime64[ns]").tobytes(), lat, lon, altitude_m)
    return zenith.copy(), azimuth.copy()


@lru_cache(maxsize=4)
def _remembered(instants: bytes, lat: float, lon: float, altitude_m: float) -> tuple[Floats, Floats]:
    starts = pd.DatetimeIndex(np.frombuffer(instants, "datetime64[ns]"), tz="UTC")
    return _at_substeps(starts, lat=lat, lon=lon, altitude_m=altitude_m)


def _at_substeps(
    starts: pd.DatetimeIndex, *, lat: float, lon: float, altitude_m: float
) -> tuple[Floats, Floats]:
    offsets = (np.arange(STEPS_PER_HOUR) + 0.5) * 60 / STEPS_PER_HOUR
    times = interval_minutes(starts.repeat(STEPS_PER_HOUR), np.tile(offsets, len(starts)))
    zenith, azimuth = sun_angles(times, lat=lat, lon=lon, altitude_m=altitude_m)
    return zenith.reshape(-1, STEPS_PER_HOUR), azimuth.reshape(-1, STEPS_PER_HOUR)


def sunlit_middle_minutes(zenith_deg: Floats) -> Floats:
    """Return the minute in each hour at the middle of its sunlit part, 30 where all or nothing is sunlit.

    Parameters
    ----------
    zenith_deg
        Zenith at equal steps of the hour, shape (hours, steps).

    Examples
    --------
    >>> sunlit_middle_minutes(np.array([[95.0, 93.0, 91.0, 89.0, 87.0, 85.0]]))
    array([45.])
    """
    steps = zenith_deg.shape[1]
    middles = (np.arange(steps) + 0.5) * 60 / steps
    lit = zenith_deg < MAX_AIRMASS_ZENITH_DEG
    count = lit.sum(axis=1)
    return np.where(count > 0, (lit * middles).sum(axis=1) / np.maximum(count, 1), 30.0)


def hourly_sky(  # noqa: PLR0917 - the five series in pvlib's order
    starts: pd.DatetimeIndex,
    ghi: Floats,
    dni: Floats,
    dhi: Floats,
    temp_air: Floats,
    wind_speed: Floats,
    *,
    lat: float,
    lon: float,
    altitude_m: float,
    sun_minute: float | None = None,
) -> HourlySky:
    """Join hourly irradiance with the sun.

    Parameters
    ----------
    starts
        Time-zone-aware starts of the intervals.
    ghi, dni, dhi
        Irradiance, W/m2, means of the intervals.
    temp_air, wind_speed
        degC and m/s.
    lat, lon, altitude_m
        Where: degrees north, degrees east, metres above sea level.
    sun_minute
        Minute of the interval at which the irradiance was taken, for sources of instants; None for means,
        whose sun stands at the middle of the sunlit part of the interval.
    """
    if sun_minute is None:
        zenith, _ = substep_angles(starts, lat=lat, lon=lon, altitude_m=altitude_m)
        minutes = sunlit_middle_minutes(zenith)
    else:
        minutes = np.full(len(starts), sun_minute)
    times = interval_minutes(starts, minutes)
    zenith_deg, azimuth_deg = sun_angles(times, lat=lat, lon=lon, altitude_m=altitude_m)
    return HourlySky(
        month=starts.month.to_numpy(np.int64) - 1,
        ghi=np.asarray(ghi, float),
        dni=np.asarray(dni, float),
        dhi=np.asarray(dhi, float),
        temp_air=np.asarray(temp_air, float),
        wind_speed=np.asarray(wind_speed, float),
        zenith_deg=zenith_deg,
        azimuth_deg=azimuth_deg,
        dni_extra=pvlib.irradiance.get_extra_radiation(times).to_numpy(float),
        airmass=np.asarray(pvlib.atmosphere.get_relative_airmass(zenith_deg), float),
    )
