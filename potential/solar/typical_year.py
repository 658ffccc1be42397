"""A typical year of hours from twelve monthly normals, keeping every monthly sum exactly.

Daily clearness follows the distribution of Bendt, Collares-Pereira and Rabl (1981) in the order of the
autoregression of Graham, Hollands and Huget (1988); hours within a day follow the time-dependent
autoregressive Gaussian model of Aguiar and Collares-Pereira (1992); the diffuse share follows Erbs, Klein and
Duffie (1982), bent per month to the known share; the daily course of temperature follows Erbs, Klein and
Beckman (1983).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from potential.solar.clearness import daily_clearness, hourly_clearness
from potential.solar.diffuse_share import split_diffuse

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from potential.solar.sun_year import SunYear

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

CLEARNESS_RANGE = (0.1, 0.75)
"""Monthly clearness indices that occur on earth."""
HOURS = 24
MONTHS = 12


@dataclass(frozen=True)
class Normals:
    """Monthly climate normals of one place; each array holds twelve values, January first."""

    ghi_kwh_m2: Floats
    diffuse_fraction: Floats
    temp_air_c: Floats
    wind_m_s: Floats

    def __post_init__(self) -> None:
        """Check shapes and physical ranges."""
        for name in ("ghi_kwh_m2", "diffuse_fraction", "temp_air_c", "wind_m_s"):
            values = getattr(self, name)
            if values.shape != (MONTHS,) or not np.isfinite(values).all():
                raise ValueError(f"{name} must hold twelve finite numbers, got {values}")
        if (self.ghi_kwh_m2 <= 0).any():
            raise ValueError(f"ghi_kwh_m2 must be positive, got {self.ghi_kwh_m2.min()}")
        if not ((self.diffuse_fraction > 0) & (self.diffuse_fraction < 1)).all():
            raise ValueError(f"diffuse_fraction must lie between 0 and 1, got {self.diffuse_fraction}")


def smooth_course(monthly: Floats, month_of_day: Ints) -> Floats:
    """Return daily values that run smoothly through the year and keep each monthly mean exactly.

    Mean-preserving smoothing (Rymes and Myers 2001, doi:10.1016/S0038-092X(01)00052-4).

    Examples
    --------
    >>> days = np.repeat(np.arange(12), [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    >>> course = smooth_course(np.arange(12.0), days)
    >>> float(course[days == 4].mean())
    4.0
    """
    count = np.bincount(month_of_day, minlength=MONTHS)
    daily = monthly[month_of_day]
    for _ in range(400):
        daily = (np.roll(daily, 1) + daily + np.roll(daily, -1)) / 3
        daily = daily + (monthly - np.bincount(month_of_day, daily, MONTHS) / count)[month_of_day]
    return daily


def temperature(normals: Normals, monthly_clearness: Floats, sun: SunYear) -> Floats:
    """Return hourly air temperature (degC) whose monthly means are the normals.

    Daily course of Erbs, Klein and Beckman 1983: peak to peak 25.8 Kt - 5.21 K, four harmonics of the hour.
    """
    month_of_day = sun.month[::HOURS]
    phase = 2 * np.pi * (np.mod(sun.solar_hour, 24) - 1) / 24
    shape = (
        0.4632 * np.cos(phase - 3.805)
        + 0.0984 * np.cos(2 * phase - 0.360)
        + 0.0168 * np.cos(3 * phase - 0.822)
        + 0.0138 * np.cos(4 * phase - 3.513)
    )
    swing = np.maximum(25.8 * monthly_clearness - 5.21, 2.0)[sun.month] * shape
    hourly = np.repeat(smooth_course(normals.temp_air_c, month_of_day), HOURS) + swing
    mean = np.bincount(sun.month, hourly, MONTHS) / np.bincount(sun.month, minlength=MONTHS)
    return np.asarray(hourly + (normals.temp_air_c - mean)[sun.month])


def synthesise(normals: Normals, sun: SunYear, *, seed: int = 0) -> dict[str, Floats]:
    """Return ghi, dni, dhi (W/m2), temp_air (degC) and wind_speed (m/s) of 8760 hours.

    Monthly GHI, diffuse share and mean temperature equal the normals to rounding; wind is the monthly mean.
    The same normals, sun and seed give the same year.

    Raises
    ------
    ValueError
        The normals cannot be: a clearness index outside (0.1, 0.75), or less diffuse than a clean sky has.
    """
    rng = np.random.default_rng(seed)
    extra = np.bincount(sun.month, sun.extra_horizontal, MONTHS) / 1000
    clearness = normals.ghi_kwh_m2 / extra
    low, high = CLEARNESS_RANGE
    if ((clearness < low) | (clearness > high)).any():
        raise ValueError(
            f"monthly clearness index must lie between {low} and {high}, got {clearness.round(3)}"
        )
    day_extra = sun.extra_horizontal.reshape(-1, HOURS).sum(axis=1)
    days = daily_clearness(clearness, sun.month[::HOURS], day_extra, rng)
    ghi = hourly_clearness(days, sun, rng) * sun.extra_horizontal
    dni, dhi = split_diffuse(ghi, sun, normals.diffuse_fraction)
    return {
        "ghi": ghi,
        "dni": dni,
        "dhi": dhi,
        "temp_air": temperature(normals, clearness, sun),
        "wind_speed": normals.wind_m_s[sun.month],
    }
