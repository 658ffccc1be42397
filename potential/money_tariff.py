"""Electricity by the hour: 24-hour price tables, and how much of the sun's energy is used on site."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

HOURS = 24


@dataclass(frozen=True)
class SelfUse:
    """Energy of one period split into what is used on site, sold and bought, kWh."""

    used_kwh: float
    sold_kwh: float
    bought_kwh: float
    value_cny: float
    """What was saved by using plus what was earned by selling."""

    @property
    def self_use_share(self) -> float:
        """Share of the production that is used on site; NaN without production."""
        made = self.used_kwh + self.sold_kwh
        return self.used_kwh / made if made > 0 else float("nan")

    @property
    def self_sufficiency(self) -> float:
        """Share of the demand that the production covers; NaN without demand."""
        needed = self.used_kwh + self.bought_kwh
        return self.used_kwh / needed if needed > 0 else float("nan")


def by_hour_of_day(prices_24: ArrayLike, hour_of_day: ArrayLike) -> Floats:
    """Value of a 24-hour table (a price, a share) for each interval, by the hour it starts in.

    Raises
    ------
    ValueError
        The table has not 24 values.

    Examples
    --------
    >>> by_hour_of_day([0.3] * 12 + [0.6] * 12, [0, 11, 12])
    array([0.3, 0.3, 0.6])
    """
    table = np.asarray(prices_24, dtype=float)
    if table.shape != (HOURS,):
        raise ValueError(f"a table by hour has {table.size} hours: must have {HOURS}")
    return table[np.asarray(hour_of_day, dtype=np.intp)]


def production_weighted_price(prices_24: ArrayLike, kwh_by_hour_24: ArrayLike) -> float:
    """Mean price a kWh from the sun meets, weighted by production in the hours of the day.

    Examples
    --------
    All the sun in a noon valley at half price:

    >>> noon = [1.0 if hour == 12 else 0.0 for hour in range(24)]
    >>> production_weighted_price([0.3 if hour == 12 else 0.6 for hour in range(24)], noon)
    0.3
    """
    energy = np.asarray(kwh_by_hour_24, dtype=float)
    return float(np.average(by_hour_of_day(prices_24, np.arange(HOURS)), weights=energy))


def typical_load_kwh(
    shape_24: ArrayLike,
    *,
    kwh_year: float,
    weekend_factor: float,
    hour_of_day: ArrayLike,
    is_weekend: ArrayLike,
) -> Floats:
    """Demand of each hour: the shape of a working day, scaled on days off, summing to the year's demand.

    Examples
    --------
    >>> typical_load_kwh([1.0] * 24, kwh_year=30, weekend_factor=0.5, hour_of_day=[0, 0], is_weekend=[0, 1])
    array([20., 10.])
    """
    relative = by_hour_of_day(shape_24, hour_of_day)
    relative = relative * np.where(np.asarray(is_weekend, dtype=bool), weekend_factor, 1.0)
    return relative * (kwh_year / relative.sum())


def self_use(
    pv_kwh: ArrayLike,
    load_kwh: ArrayLike,
    *,
    retail_cny_kwh: ArrayLike,
    feed_in_cny_kwh: ArrayLike,
) -> SelfUse:
    """Split production against demand interval by interval; no storage.

    Examples
    --------
    >>> self_use([0, 5, 2], [1, 3, 3], retail_cny_kwh=0.6, feed_in_cny_kwh=0.3)
    SelfUse(used_kwh=5.0, sold_kwh=2.0, bought_kwh=2.0, value_cny=3.6)
    """
    made, needed = np.asarray(pv_kwh, dtype=float), np.asarray(load_kwh, dtype=float)
    if made.shape != needed.shape:
        raise ValueError(f"production has {made.size} intervals, demand {needed.size}: must be the same")
    used = np.minimum(made, needed)
    value = np.sum(used * retail_cny_kwh + (made - used) * feed_in_cny_kwh)
    return SelfUse(float(used.sum()), float((made - used).sum()), float((needed - used).sum()), float(value))
