"""Ways to lay modules on a flat roof: how dense each is, how its rows shade one another, what it is worth.

**South racks** face the equator whatever way the building lies, **aligned racks** run along the building, an
**east-west** array is tents along the building whose two halves look to opposite sides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from potential.solar.density import solstice_shadow

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

SOUTH, ALIGNED, TENTS, FLUSH, TRACKER = "south_racks", "aligned_racks", "east_west", "flush", "tracker"
LAYOUTS = (SOUTH, ALIGNED, TENTS, FLUSH, TRACKER)
AS_GIVEN, CHEAPEST, WORTHIEST, FULLEST = 0, 1, 2, 3
"""What a layout is chosen for: nothing (aligned racks at the catalogue's tilt), the lowest cost of a kWh, the
highest net value of the roof, the most energy from the roof."""
OBJECTIVES = (AS_GIVEN, CHEAPEST, WORTHIEST, FULLEST)
TIE = 1e-9
"""Scores closer than this share are equal: the layout listed first is taken."""


@dataclass(frozen=True)
class RowShadows:
    """Shadow of a unit height across rows at the winter solstice by where the rows face."""

    by_degree: Floats
    """360 whole degrees of azimuth from north, clockwise."""

    @classmethod
    def at(cls, lat_deg: float) -> RowShadows:
        """Reckon them for a latitude; see `density.solstice_shadow`."""
        degrees = range(360)
        return cls(np.array([solstice_shadow(lat_deg, azimuth_deg=float(degree)) for degree in degrees]))

    def pitch_ratio(self, tilt_deg: ArrayLike, azimuth_deg: ArrayLike) -> Floats:
        """Return row pitch over module length: the rule of `density.row_pitch_ratio` for many rows.

        Examples
        --------
        >>> RowShadows.at(34.4).pitch_ratio([28.0], [180.0]).round(2)
        array([1.93])
        """
        place = np.mod(np.asarray(azimuth_deg, float), 360.0)
        closed = np.append(self.by_degree, self.by_degree[0])
        shadow = np.interp(place, np.arange(361.0), closed)
        tilt = np.radians(np.asarray(tilt_deg, float))
        return np.asarray(np.cos(tilt) + np.sin(tilt) * shadow, float)


def tent_cover(tilt_deg: float, gap_share: float) -> float:
    """Return the ground cover ratio that one half of an east-west array works under.

    What shades a half is the ridge of the next tent. A row whose ridges repeat every tent, its own length
    over the tent's pitch, has the same angle to the ridge in front: L / (2 L cos t / (1 - gap share)).

    Examples
    --------
    >>> round(tent_cover(10.0, 0.12), 4)
    0.4468
    """
    return float((1 - gap_share) / (2 * np.cos(np.radians(tilt_deg))))


def skewed_share(
    area_m2: ArrayLike, perimeter_m: ArrayLike, skew_deg: ArrayLike, *, strip_m: float, full_deg: float
) -> Floats:
    """Return what rows that lie askew of a roof's edges hold, as a share of rows along the edges.

    Rows end short of an oblique edge: a strip along the perimeter is lost, all of it from `full_deg` on.

    Parameters
    ----------
    area_m2, perimeter_m
        Of the roofs.
    skew_deg
        Between rows and edges, at most 45 degrees.
    strip_m, full_deg
        Width of the strip, and the angle from which it is lost in full.

    Examples
    --------
    >>> skewed_share([800.0], [120.0], [20.0], strip_m=0.6, full_deg=8.0)
    array([0.91])
    """
    grown = np.minimum(np.abs(np.asarray(skew_deg, float)) / full_deg, 1.0)
    lost = strip_m * grown * np.asarray(perimeter_m, float) / np.asarray(area_m2, float)
    return np.maximum(1.0 - lost, 0.0)


@dataclass(frozen=True)
class Worth:
    """What the energy and the watts of an array come to over its life."""

    per_kwh_year: float
    """Present value of a yearly kWh, CNY."""
    per_kwp: float
    """Present value of all costs of a kWp, CNY."""


def scores(objective: int, kwp_m2: Floats, kwh_kwp: Floats, worth: Worth) -> Floats:
    """Return how good each layout of each roof is, higher is better, same shape as given.

    Parameters
    ----------
    objective
        `CHEAPEST`: energy of a kWp, because every watt of a roof costs the same. `WORTHIEST`: present value
        of energy less costs, CNY/m2; a layout that loses money is judged by the loss of a kWp, below any that
        earns, lest the emptiest roof lose least. `FULLEST`: kWh/m2.
    kwp_m2, kwh_kwp
        Capacity of a m2 and energy of a kWp in the first year.
    """
    net = kwh_kwp * worth.per_kwh_year - worth.per_kwp
    by_objective = {
        CHEAPEST: kwh_kwp,
        WORTHIEST: np.where(net > 0, kwp_m2 * net, net),
        FULLEST: kwp_m2 * kwh_kwp,
    }
    if objective not in by_objective:
        raise ValueError(f"objective must be one of {', '.join(map(str, by_objective))}, got {objective}")
    return by_objective[objective]


def best_of(score: Floats) -> Ints:
    """Return the column of the best score of each row; of equal ones the first.

    Examples
    --------
    >>> best_of(np.array([[1.0, 1.0 + 1e-12], [1.0, 2.0]]))
    array([0, 1])
    """
    top = score.max(axis=1, keepdims=True)
    return np.asarray((score >= top - TIE * np.abs(top)).argmax(axis=1), np.int64)
