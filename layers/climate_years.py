"""Several years of one place: a typical year of real months, and how far years lie apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from faults import Fault, InputError
from layers.climate import SERIES, Weather
from layers.climate_normals import TYPICAL_YEAR
from layers.climate_scale import scaled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

WEIGHTS = {
    "temp_max": 1.0,
    "temp_min": 1.0,
    "temp_mean": 2.0,
    "wind_max": 1.0,
    "wind_mean": 1.0,
    "ghi": 5.0,
    "dni": 5.0,
}
"""Weights of the daily indices, as for TMY3 but without dew point, which the files need not have."""
MONTHS = 12
DAYS = 365
ENOUGH_YEARS = 5
"""Fewer years say nothing of how far years lie apart; the catalogue's number is used."""
Z_P90 = 1.2815515655446004


def typical_year(years: Sequence[Weather]) -> Weather:
    """Return a year of real months, each from the year whose days are most like those of all years.

    For each month and year, the Finkelstein-Schafer statistic of a daily index is the mean distance between
    the distribution of the month's days and that of the days of this month in all years; the year with the
    smallest weighted sum is taken. GHI of the months is then brought to the mean of all years, so that the
    energy of the typical year is that of the mean (P50), and the years' own sums are kept for P90.

    Raises
    ------
    InputError
        The years are not of one place, or there are two of the same calendar year.

    Notes
    -----
    Finkelstein and Schafer 1971, Biometrika 58, 641-645; Wilcox and Marion 2008, "Users Manual for TMY3 Data
    Sets", NREL/TP-581-43156, appendix A. Their persistence criteria and smoothing of month seams are left
    out.
    """
    labels = _labels(years)
    if len(years) == 1:
        return years[0]
    daily = [_daily(year) for year in years]
    chosen = [_closest(daily, month) for month in range(MONTHS)]
    first = years[0]
    month = first.times.month.to_numpy() - 1
    pick = np.array(chosen)[month]
    hour = np.arange(len(month))
    series = {name: np.stack([getattr(year, name) for year in years])[pick, hour] for name in SERIES}
    made = ", ".join(f"{number + 1}: {labels[year]}" for number, year in enumerate(chosen))
    notes = dict.fromkeys(note for year in years for note in year.notes)
    note = f"typical year of {min(labels)}-{max(labels)} ({len(years)} years; month: year {made})"
    times = pd.date_range(f"{TYPICAL_YEAR}-01-01", periods=len(month), freq="h", tz=first.times.tz)
    minutes = {year.sun_minute for year in years}
    year = Weather(
        times,
        **series,
        lat=first.lat,
        lon=first.lon,
        altitude_m=first.altitude_m,
        source=", ".join(dict.fromkeys(year.source for year in years)),
        synthetic=all(year.synthetic for year in years),
        sun_minute=first.sun_minute if len(minutes) == 1 else None,
        notes=(*notes, note),
        annual_ghi=_sums(years, labels),
    )
    mean = np.mean([one.ghi_kwh_m2_month for one in years], axis=0)
    return scaled(year, mean, level=f"the mean of {len(years)} years")


def _labels(years: Sequence[Weather]) -> list[int]:
    labels = [year.annual_ghi[0][0] if year.annual_ghi else _middle_year(year) for year in years]
    faults = []
    if len(set(labels)) < len(labels):
        twice = sorted({label for label in labels if labels.count(label) > 1})
        rule = "is given more than once for one place; a typical year needs different years"
        faults.append(Fault("climate", None, "time", ", ".join(map(str, twice)), rule))
    places = {(round(year.lat, 1), round(year.lon, 1)) for year in years}
    if len(places) > 1:
        rule = "lie apart: a typical year is made of years of one place"
        faults.append(Fault("climate", None, "lat, lon", str(sorted(places)), rule))
    if faults:
        raise InputError(faults)
    return labels


def _middle_year(weather: Weather) -> int:
    return int(weather.times[len(weather.times) // 2].year)


def _sums(years: Sequence[Weather], labels: Sequence[int]) -> tuple[tuple[int, float], ...]:
    pairs = (
        (label, round(float(year.ghi.sum()) / 1000, 3)) for label, year in zip(labels, years, strict=True)
    )
    return tuple(sorted(pairs))


def _daily(weather: Weather) -> dict[str, Floats]:
    """Return the indices of the 365 days."""
    temp, wind = weather.temp_air.reshape(DAYS, 24), weather.wind_speed.reshape(DAYS, 24)
    return {
        "temp_max": temp.max(axis=1),
        "temp_min": temp.min(axis=1),
        "temp_mean": temp.mean(axis=1),
        "wind_max": wind.max(axis=1),
        "wind_mean": wind.mean(axis=1),
        "ghi": weather.ghi.reshape(DAYS, 24).sum(axis=1),
        "dni": weather.dni.reshape(DAYS, 24).sum(axis=1),
    }


def _closest(daily: Sequence[dict[str, Floats]], month: int) -> int:
    days = pd.date_range(f"{TYPICAL_YEAR}-01-01", periods=DAYS).month.to_numpy() - 1 == month
    score = np.zeros(len(daily))
    for name, weight in WEIGHTS.items():
        rows = [index[name][days] for index in daily]
        everything = np.sort(np.concatenate(rows))
        score += weight * np.array([finkelstein_schafer(row, everything) for row in rows])
    return int(np.argmin(score))


def finkelstein_schafer(sample: Floats, everything: Floats) -> float:
    """Return the mean distance between the empirical distributions of some days and of all.

    Parameters
    ----------
    sample
        Values of the days looked at, shape (n,).
    everything
        Values of all days, sorted, shape (m,).

    Examples
    --------
    >>> finkelstein_schafer(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 3.0]))
    0.0
    """
    values = np.sort(sample)
    own = np.searchsorted(values, values, side="right") / len(values)
    all_ = np.searchsorted(everything, values, side="right") / len(everything)
    return float(np.abs(own - all_).mean())


def year_to_year(weather: Weather) -> float | None:
    """Return the standard deviation of annual GHI over its mean; None where too few years are known.

    Examples
    --------
    P50 and P90 of annual GHI follow as mean and mean (1 - 1.2816 times this), see `ghi_p50_p90`.
    """
    sums = np.array([ghi for _, ghi in weather.annual_ghi])
    return float(sums.std(ddof=1) / sums.mean()) if len(sums) >= ENOUGH_YEARS else None


def ghi_p50_p90(weather: Weather) -> tuple[float, float | None]:
    """Return GHI of a year that is exceeded with 50 % and with 90 %, kWh/m2.

    The second is None where there are too few years. Annual sums are taken as normally distributed, as solar
    resource statistics are reported.
    """
    p50 = float(weather.ghi.sum()) / 1000
    spread = year_to_year(weather)
    return p50, None if spread is None else p50 * (1 - Z_P90 * spread)


def ghi_summary(weather: Weather) -> dict[str, float | int | None]:
    """Return GHI of the year as reports give it: p50, p90 (None: too few years), years, spread; kWh/m2."""
    p50, p90 = ghi_p50_p90(weather)
    spread = year_to_year(weather)
    return {
        "p50": round(p50, 1),
        "p90": None if p90 is None else round(p90, 1),
        "years": len(weather.annual_ghi),
        "spread": None if spread is None else round(spread, 4),
    }
