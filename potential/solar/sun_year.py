"""The sun of every hour of a year, as the synthesis of a typical year takes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pvlib

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


@dataclass(frozen=True)
class SunYear:
    """Sun of every hour of 365 days, arrays of length 8760 in local time."""

    month: Ints
    extra_horizontal: Floats
    """Extraterrestrial irradiance on the horizontal, mean of the hour, W/m2."""
    extra_normal: Floats
    """Extraterrestrial irradiance normal to the rays, W/m2."""
    sin_elevation: Floats
    """Sine of the solar elevation at the middle of the sunlit part; <= 0 when the sun is down."""
    solar_hour: Floats
    """True solar time at the middle of the interval, h; 12 = the sun is highest."""


def sun_year(
    month: Ints, zenith_deg: Floats, extra_normal: Floats, middle_zenith_deg: Floats, solar_hour: Floats
) -> SunYear:
    """Fold ten-minute zeniths, shape (8760, steps), into the hourly sun the synthesis needs."""
    cosine = np.maximum(np.cos(np.radians(zenith_deg)), 0)
    return SunYear(
        month=month,
        extra_horizontal=extra_normal * cosine.mean(axis=1),
        extra_normal=extra_normal,
        sin_elevation=np.cos(np.radians(middle_zenith_deg)),
        solar_hour=solar_hour,
    )


def true_solar_hour(hour_utc: Floats, day_of_year: Floats, *, lon: float) -> Floats:
    """Return true solar time (h) at UTC hours and days of the year (equation of time of Spencer 1971)."""
    minutes = pvlib.solarposition.equation_of_time_spencer71(day_of_year)
    return np.mod(hour_utc + lon / 15 + np.asarray(minutes) / 60, 24)
