"""Connecting to the grid: voltage class by capacity, cost by distance; and what it takes hour by hour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from jit import njit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

CLASSES = ("low_voltage", "kv10", "kv35", "kv110")
"""Voltage classes, lowest first."""
_STORAGE_STEPS = 60


@dataclass(frozen=True)
class Balance:
    """One period of production against demand and what the line takes, kWh."""

    used_kwh: float
    """Covered demand, directly or out of storage."""
    exported_kwh: float
    curtailed_kwh: float
    bought_kwh: float
    lost_kwh: float
    """Lost in storage, or left in it at the end."""

    @property
    def curtailed_share(self) -> float:
        """Share of the production that nobody takes; NaN without production."""
        made = self.used_kwh + self.exported_kwh + self.curtailed_kwh + self.lost_kwh
        return self.curtailed_kwh / made if made > 0 else float("nan")

    @property
    def self_sufficiency(self) -> float:
        """Share of the demand covered; NaN without demand."""
        needed = self.used_kwh + self.bought_kwh
        return self.used_kwh / needed if needed > 0 else float("nan")


def connection_cny(kw_ac: ArrayLike, distance_m: ArrayLike, *, values: Mapping[str, float]) -> Floats:
    """Cost of connecting sites: the fixed part of the voltage class and the line to the substation, CNY.

    An unknown distance gives an unknown cost. Low voltage joins the network at the building: no line.

    Parameters
    ----------
    values
        Numbers of the grid catalogue: `limit_kw.…`, `fixed_cny.…`, `line_cny_per_m.…`, `detour`.

    Examples
    --------
    >>> table = {"limit_kw.low_voltage": 400, "limit_kw.kv10": 6000, "limit_kw.kv35": 20000, "detour": 1.5}
    >>> table |= {f"fixed_cny.{name}": 1000.0 for name in CLASSES}
    >>> table |= {f"line_cny_per_m.{name}": 10.0 for name in CLASSES}
    >>> connection_cny([100, 1000, 1000], [500, 500, float("nan")], values=table)
    array([1000., 8500.,   nan])
    """
    limits = [values[f"limit_kw.{name}"] for name in CLASSES[:-1]]
    index = np.searchsorted(limits, np.asarray(kw_ac, dtype=float), side="left")
    fixed = np.array([values[f"fixed_cny.{name}"] for name in CLASSES])[index]
    per_m = np.array([0.0, *(values[f"line_cny_per_m.{name}"] for name in CLASSES[1:])])[index]
    length_m = np.asarray(distance_m, dtype=float) * values["detour"]
    return fixed + np.where(index == 0, 0.0, per_m * length_m)


def balance(
    pv_kwh: ArrayLike,
    load_kwh: ArrayLike,
    *,
    export_kwh: float = float("inf"),
    storage_kwh: float = 0.0,
    round_trip: float = 0.88,
    export_first: bool = False,
) -> Balance:
    """Settle production against demand interval by interval.

    What is made covers demand first, then fills the storage, then goes out up to `export_kwh` per interval;
    the rest is curtailed. Demand left over is served from storage, then bought. Losses are split evenly
    between filling and emptying.

    Parameters
    ----------
    export_kwh
        Most that the line takes in one interval.
    export_first
        True: the storage takes only what the line does not, which needs the least storage against
        curtailment; False: it takes all it can, which serves most of the demand.

    Examples
    --------
    >>> balance([10, 0], [2, 3], export_kwh=1, storage_kwh=4, round_trip=1.0)
    Balance(used_kwh=5.0, exported_kwh=1.0, curtailed_kwh=3.0, bought_kwh=0.0, lost_kwh=1.0)
    """
    made = np.ascontiguousarray(pv_kwh, dtype=float)
    needed = np.ascontiguousarray(load_kwh, dtype=float)
    if made.shape != needed.shape:
        raise ValueError(f"production has {made.size} intervals, demand {needed.size}: must be the same")
    if not 0 < round_trip <= 1:
        raise ValueError(f"round_trip = {round_trip}: must be above 0 and at most 1")
    used, out, curtailed, bought = _settle(
        made, needed, export_kwh, storage_kwh, round_trip**0.5, export_first
    )
    lost = float(made.sum()) - used - out - curtailed
    return Balance(used, out, curtailed, bought, max(lost, 0.0))


def storage_needed_kwh(
    pv_kwh: ArrayLike,
    load_kwh: ArrayLike,
    *,
    export_kwh: float,
    curtailed_share: float,
    round_trip: float = 0.88,
) -> float:
    """Smallest storage with which at most a share of the production is curtailed, kWh; NaN if none is enough.

    The storage takes only what the line does not.

    Examples
    --------
    >>> round(storage_needed_kwh([10, 0], [2, 3], export_kwh=1, curtailed_share=0.3, round_trip=1.0), 6)
    4.0
    """
    made = float(np.sum(np.asarray(pv_kwh, dtype=float)))

    def too_much(size: float) -> bool:
        found = balance(
            pv_kwh,
            load_kwh,
            export_kwh=export_kwh,
            storage_kwh=size,
            round_trip=round_trip,
            export_first=True,
        )
        return bool(found.curtailed_share > curtailed_share)

    if not too_much(0.0):
        return 0.0
    low, high = 0.0, made
    if too_much(high):
        return float("nan")
    for _ in range(_STORAGE_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if too_much(middle) else (low, middle)
    return high


@njit(cache=True)
def _settle(  # noqa: PLR0917 - compiled
    made: Floats,
    needed: Floats,
    export: float,
    storage: float,
    one_way: float,
    export_first: bool,  # noqa: FBT001 - compiled
) -> tuple[float, float, float, float]:
    used = out = curtailed = bought = stored = 0.0
    for hour in range(made.size):
        direct = min(made[hour], needed[hour])
        over, short = made[hour] - direct, needed[hour] - direct
        kept = min(over, export) if export_first else 0.0
        fill = min(over - kept, (storage - stored) / one_way)
        stored += fill * one_way
        away = min(over - fill, export)
        serve = min(short, stored * one_way)
        stored -= serve / one_way
        used += direct + serve
        out += away
        curtailed += over - fill - away
        bought += short - serve
    return used, out, curtailed, bought
