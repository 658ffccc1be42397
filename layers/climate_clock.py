"""The clock of an hourly file: how far it runs against the sun, and the hours moved to where they belong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layers.climate import Weather

    Floats = NDArray[np.float64]

LAG_TOLERANCE_H = 0.4
HOUR_MIN = 60.0
MOST_MIN = 720.0
"""A clock that is further off is of another half of the world."""
SHARPNESS = 1.5
"""Power of the sun's height that stands for light under all skies: thin air near the horizon takes more."""


def sun_lag_h(weather: Weather) -> float:
    """Return by how many hours the middle of the day's irradiation comes after the sun's own, mean of a year.

    A right clock stays within a quarter of an hour, whatever the weather.
    """
    cosine = np.maximum(np.cos(np.radians(weather.sky.zenith_deg)), 0)
    turn = np.exp(2j * np.pi * (np.arange(cosine.size) % 24) / 24)
    seen, sun = (np.sum(light * turn) for light in (weather.ghi, cosine**SHARPNESS))
    return float(np.angle(seen / sun) * 24 / (2 * np.pi)) if abs(seen) > 0 else 0.0


def clock_notes(weather: Weather) -> list[str]:
    """Say how far the irradiance runs against the sun where that is more than weather does, and the cure."""
    late_h = sun_lag_h(weather)
    if abs(late_h) <= LAG_TOLERANCE_H:
        return []
    told = (
        f"irradiance runs {late_h:+.1f} h against the sun: the file's clock looks wrong, east and west will "
        f"come out unequal; a shift of {-HOUR_MIN * late_h:+.0f} minutes (shift_min) would set it right"
    )
    return [told]


def shifted(values: Floats, shift_min: float) -> Floats:
    """Move an hourly year by some minutes, later where positive; the sum of the year stays.

    What an hour holds is shared between the two hours it then covers; the end of the year is its beginning.

    Parameters
    ----------
    values
        Means of hours.
    shift_min
        Minutes, at most twelve hours to either side.

    Raises
    ------
    ValueError
        The shift is more than twelve hours.

    Examples
    --------
    >>> shifted(np.array([0.0, 100.0, 0.0, 0.0]), 15.0)
    array([ 0., 75., 25.,  0.])
    """
    if not abs(shift_min) <= MOST_MIN:
        raise ValueError(f"shift_min must lie between -{MOST_MIN:g} and {MOST_MIN:g}, got {shift_min:g}")
    whole, part = divmod(shift_min / HOUR_MIN, 1.0)
    moved = np.roll(values, int(whole))
    return np.asarray(moved if part == 0 else (1 - part) * moved + part * np.roll(moved, 1), np.float64)
