"""How clear the days and hours of a month are whose mean is known."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from potential.solar.sun_year import SunYear

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

KT_MIN = 0.05
DAY_AUTOCORRELATION = 0.29
HOURS = 24


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
    news = np.sqrt(1 - DAY_AUTOCORRELATION**2) * rng.standard_normal(days.size)
    walk = np.array(list(accumulate(news, lambda last, new: new + DAY_AUTOCORRELATION * last)))
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
