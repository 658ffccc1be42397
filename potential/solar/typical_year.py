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
import pvlib
from scipy.optimize import brentq
from scipy.signal import lfilter

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

KT_MIN = 0.05
CLEARNESS_RANGE = (0.1, 0.75)
"""Monthly clearness indices that occur on earth."""
DAY_AUTOCORRELATION = 0.29
CLEAN_LINKE_TURBIDITY = 2.0
"""Clean, cold air: the upper bound of direct irradiance in a synthesised hour."""
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


def daily_clearness_quantiles(mean: float, count: int) -> Floats:
    """Return the `count` mid-quantiles of the daily clearness index for a monthly mean.

    Truncated exponential between 0.05 and Kmax = 0.6313 + 0.267 mean - 11.9 (mean - 0.75)^8
    (Bendt et al. 1981, doi:10.1016/0038-092X(81)90113-5; Knight, Klein and Duffie 1991).

    Examples
    --------
    >>> daily_clearness_quantiles(0.5, 3).round(3)
    array([0.278, 0.539, 0.701])
    """
    k_max = max(0.6313 + 0.267 * mean - 11.9 * (mean - 0.75) ** 8, mean + 0.05)
    probability = (np.arange(count) + 0.5) / count

    def mean_of(gamma: float) -> float:
        low, high = gamma * KT_MIN, gamma * k_max
        top = max(low, high)
        weight = np.exp([low - top, high - top])
        return float(
            ((KT_MIN - 1 / gamma) * weight[0] - (k_max - 1 / gamma) * weight[1]) / (weight[0] - weight[1])
        )

    gamma = _exponential_rate(mean_of, mean, low=KT_MIN, high=k_max)
    if abs(gamma) < _FLAT:
        return KT_MIN + probability * (k_max - KT_MIN)
    span = gamma * (k_max - KT_MIN)
    return KT_MIN + np.log1p(probability * np.expm1(span)) / gamma


_FLAT = 1e-3


def _exponential_rate(mean_of: Callable[[float], float], mean: float, *, low: float, high: float) -> float:
    middle = 0.5 * (low + high)
    if abs(mean - middle) < _FLAT * (high - low):
        return 0.0
    sides = (_FLAT, 400.0) if mean > middle else (-400.0, -_FLAT)
    if (mean_of(sides[0]) - mean) * (mean_of(sides[1]) - mean) > 0:
        return 0.0 if abs(mean - middle) < 0.1 * (high - low) else sides[0 if mean < middle else 1]
    return float(brentq(lambda gamma: mean_of(gamma) - mean, *sides))


def daily_clearness(monthly_mean: Floats, days: Ints, day_extra: Floats, rng: np.random.Generator) -> Floats:
    """Return the clearness index of 365 days whose energy adds up to the monthly means.

    Parameters
    ----------
    monthly_mean
        Clearness index of the twelve months.
    days
        Month (0 to 11) of each day.
    day_extra
        Extraterrestrial energy of each day (any unit): the weight of the day in its month.
    rng
        Source of the order of the days.
    """
    walk = lfilter(
        [np.sqrt(1 - DAY_AUTOCORRELATION**2)], [1, -DAY_AUTOCORRELATION], rng.standard_normal(days.size)
    )
    clearness = np.empty(days.size)
    for month, mean in enumerate(monthly_mean):
        here = days == month
        order = np.argsort(np.argsort(walk[here]))
        weight = day_extra[here] / day_extra[here].sum()

        def excess(
            guess: float, *, order: Ints = order, weight: Floats = weight, mean: float = mean
        ) -> float:
            return float(daily_clearness_quantiles(guess, order.size)[order] @ weight) - mean

        centre = brentq(excess, max(KT_MIN + 0.01, mean - 0.08), mean + 0.08, xtol=1e-13)
        clearness[here] = daily_clearness_quantiles(centre, order.size)[order]
    return clearness


def hourly_clearness(day_clearness: Floats, sun: SunYear, rng: np.random.Generator) -> Floats:
    """Return the clearness index of 8760 hours; each day's energy is the day's clearness exactly.

    TAG model, Aguiar and Collares-Pereira 1992, doi:10.1016/0038-092X(92)90068-L: mean course
    lambda + epsilon exp(-kappa / sin h), spread A exp(B (1 - sin h)), lag-one correlation of the normalised
    deviations, bounded by the clear-sky index 0.88 cos(pi (t - 12) / 30).
    """
    kt = np.repeat(day_clearness, HOURS)
    sin_h = np.maximum(sun.sin_elevation, 1e-3)
    trend = (-0.19 + 1.12 * kt + 0.24 * np.exp(-8 * kt)) + (0.32 - 1.6 * (kt - 0.5) ** 2) * np.exp(
        -(0.19 + 2.27 * kt**2 - 2.51 * kt**3) / sin_h
    )
    spread = 0.14 * np.exp(-20 * (kt - 0.35) ** 2) * np.exp((3 * (kt - 0.45) ** 2 + 16 * kt**5) * (1 - sin_h))
    phi = 0.38 + 0.06 * np.cos(7.4 * kt - 2.5)
    noise = np.clip(rng.standard_normal(kt.size), -3, 3)
    deviation = np.empty(kt.size)
    state = 0.0
    for hour in range(kt.size):
        state = phi[hour] * state + np.sqrt(1 - phi[hour] ** 2) * noise[hour]
        deviation[hour] = state
    clear = 0.88 * np.cos(np.pi * (sun.solar_hour - 12.0) / 30)
    raw = np.clip(trend + spread * deviation, 0.01, np.maximum(clear, 0.02))
    return _scaled_to_days(raw, np.maximum(clear, 0.02), day_clearness, sun.extra_horizontal)


def _scaled_to_days(raw: Floats, clear: Floats, day_clearness: Floats, extra: Floats) -> Floats:
    raw, clear, extra = (values.reshape(-1, HOURS) for values in (raw, clear, extra))
    wanted = day_clearness * extra.sum(axis=1)
    low, high = np.zeros_like(wanted), np.full_like(wanted, 60.0)
    for _ in range(60):
        middle = 0.5 * (low + high)
        short = (np.minimum(raw * middle[:, None], clear) * extra).sum(axis=1) < wanted
        low, high = np.where(short, middle, low), np.where(short, high, middle)
    bounded = np.minimum(raw * high[:, None], clear)
    # a day clearer than the clear-sky bound allows (polar edge) keeps its energy and exceeds the bound
    return np.asarray(bounded * (wanted / (bounded * extra).sum(axis=1))[:, None]).ravel()


def split_diffuse(ghi: Floats, sun: SunYear, diffuse_fraction: Floats) -> tuple[Floats, Floats]:
    """Split hourly GHI into DNI and DHI whose monthly diffuse share is the given one.

    The diffuse fraction of Erbs et al. 1982 (doi:10.1016/0038-092X(82)90302-4) is raised to a power per
    month, found by bisection; direct irradiance above a clean sky's (Linke turbidity 2) becomes diffuse.

    Returns
    -------
    dni, dhi
        W/m2; GHI = DHI + DNI sin(elevation) holds in every hour.
    """
    kt = np.divide(ghi, sun.extra_horizontal, out=np.zeros_like(ghi), where=sun.extra_horizontal > 0)
    cloudy, clear = 1 - 0.09 * kt, np.full_like(kt, 0.165)
    between = 0.9511 - 0.1604 * kt + 4.388 * kt**2 - 16.638 * kt**3 + 12.336 * kt**4
    erbs = np.select([kt <= 0.22, kt <= 0.8], [cloudy, between], clear)  # noqa: PLR2004 - the paper's bounds
    most = clean_beam_horizontal(sun.sin_elevation, sun.extra_normal)
    dhi = np.zeros_like(ghi)
    for month, share in enumerate(diffuse_fraction):
        here = (sun.month == month) & (ghi > 0)
        dhi[here] = _bent(ghi[here], erbs[here], np.minimum(most[here], ghi[here]), share)
    up = sun.sin_elevation > 0
    dhi = np.where(up, dhi, ghi)
    dni = np.divide(ghi - dhi, sun.sin_elevation, out=np.zeros_like(ghi), where=up)
    return dni, dhi


def _bent(ghi: Floats, erbs: Floats, most_beam: Floats, share: float) -> Floats:
    wanted = share * ghi.sum()

    def diffuse(log_power: float) -> Floats:
        return np.maximum(ghi * erbs ** np.exp(log_power), ghi - most_beam)

    def excess(log_power: float) -> float:
        return float(diffuse(log_power).sum() - wanted)

    if excess(5.0) > 0:
        raise ValueError(f"diffuse fraction {share:.3f} is lower than the cleanest sky allows")
    return diffuse(brentq(excess, -12.0, 5.0, xtol=1e-14, rtol=1e-14))


def clean_beam_horizontal(sin_elevation: Floats, extra_normal: Floats, *, altitude_m: float = 0.0) -> Floats:
    """Return the direct irradiance on the horizontal under a very clean sky, W/m2 (ESRA, Rigollier 2000).

    Parameters
    ----------
    sin_elevation
        Sine of the solar elevation; below the horizon gives 0.
    extra_normal
        Extraterrestrial irradiance normal to the rays, W/m2.
    altitude_m
        Metres above sea level: thinner air.
    """
    elevation = np.degrees(np.arcsin(np.clip(sin_elevation, 0, 1)))
    airmass = 1 / (np.maximum(sin_elevation, 0) + 0.50572 * (elevation + 6.07995) ** -1.6364)
    airmass = airmass * np.exp(-altitude_m / 8434.5)
    polynomial = 6.6296 + 1.7513 * airmass - 0.1202 * airmass**2 + 0.0065 * airmass**3 - 0.00013 * airmass**4
    high = airmass <= 20  # noqa: PLR2004 - the paper's bound
    rayleigh = np.where(high, 1 / polynomial, 1 / (10.4 + 0.718 * airmass))
    beam = extra_normal * np.exp(-0.8662 * CLEAN_LINKE_TURBIDITY * airmass * rayleigh)
    return np.asarray(beam * np.maximum(sin_elevation, 0))


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
