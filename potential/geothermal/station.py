"""A station of several deep wells: what each gives over the years, and what their spacing costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial.distance import cdist

from potential.geothermal.deep import DeepWell, Operation, Rock, deep_heat

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

YEARS = (1, 10, 20, 30)


@dataclass(frozen=True)
class StationPlan:
    """Heat of a station over the years."""

    years: tuple[int, ...]
    kw: NDArray[np.float64]
    """Season-mean heat of each well, shape (years, wells), kW."""
    kw_alone: NDArray[np.float64]
    """The same for one well alone, shape (years,), kW."""

    @property
    def kw_station(self) -> NDArray[np.float64]:
        """Heat of the station, shape (years,), kW."""
        return np.asarray(self.kw.sum(axis=1))

    @property
    def penalty(self) -> NDArray[np.float64]:
        """Part of the heat lost to the neighbours, shape (years,), 0 to 1."""
        return 1 - self.kw_station / (self.kw.shape[1] * self.kw_alone)

    @property
    def worst(self) -> NDArray[np.float64]:
        """Heat of the worst well over that of a well alone, shape (years,)."""
        return np.asarray(self.kw.min(axis=1) / self.kw_alone)


def square_layout_m(wells: int, *, spacing_m: float) -> NDArray[np.float64]:
    """Return the places of wells on a compact square grid, shape (wells, 2), m.

    Examples
    --------
    >>> square_layout_m(3, spacing_m=50.0).tolist()
    [[0.0, 0.0], [50.0, 0.0], [0.0, 50.0]]
    """
    if wells < 1 or not spacing_m > 0:
        raise ValueError(f"wells = {wells} must be 1 or more and spacing {spacing_m} m positive")
    side = int(np.ceil(np.sqrt(wells)))
    row, column = np.divmod(np.arange(wells), side)
    return np.stack([column, row], axis=1) * float(spacing_m)


def worst_neighbours_m(wells: int, spacing_m: float) -> tuple[float, ...]:
    """Return the distances from the most crowded well of a square station to all others, m.

    Examples
    --------
    >>> worst_neighbours_m(3, 50.0)
    (50.0, 50.0)
    """
    places = square_layout_m(wells, spacing_m=spacing_m)
    distances = np.sort(cdist(places, places), axis=1)[:, 1:]
    # Interference falls with the logarithm of the distance: the smallest product is the most crowded place.
    crowded = int(np.log(np.maximum(distances, 1e-9)).sum(axis=1).argmin())
    return tuple(distances[crowded].tolist())


def plan_station(
    well: DeepWell,
    rock: Rock,
    operation: Operation,
    *,
    places_m: NDArray[np.float64],
    years: Sequence[int] = YEARS,
) -> StationPlan:
    """Return the heat of every well of a station over the years.

    Parameters
    ----------
    well, operation
        The same for all wells; neighbours given in `operation` (of other stations) come on top.
    rock : Rock
        One site.
    places_m : numpy.ndarray
        Places of the wells, shape (wells, 2), m.
    years : sequence of int
        Seasons asked for.
    """
    distances = cdist(places_m, places_m)
    if (np.sort(distances, axis=1)[:, 1:2] < 2 * well.borehole_radius_m).any():
        raise ValueError("two wells of the station stand in the same place")
    around = [tuple(np.sort(np.delete(row, i)).tolist()) for i, row in enumerate(distances)]
    found: dict[tuple[float, ...], NDArray[np.float64]] = {}
    for near in {tuple(round(d, 6) for d in a) for a in around} | {()}:
        company = Operation(
            temp_in_c=operation.temp_in_c,
            season_days=operation.season_days,
            neighbours_m=(*operation.neighbours_m, *near),
        )
        found[near] = np.array(
            [deep_heat(well, rock, company, season=year).heat_w[0] / 1000 for year in years]
        )
    kw = np.stack([found[tuple(round(d, 6) for d in a)] for a in around], axis=1)
    return StationPlan(tuple(years), kw, found[()])
