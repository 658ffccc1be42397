"""Several cuts out of one area, taken in order: what each takes, and what comes back if only it were lifted.

With the cuts g1 .. gn of one area and U(...) the area of their union, cut i takes in order
`U(g1..gi) - U(g1..gi-1)`, and alone it holds `U(g1..gn) - U(all but gi)`. What is taken in order adds up to
the union; what each holds alone does not, where cuts overlap.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Geometries = NDArray[Any]


@dataclass(frozen=True)
class Stack:
    """Cuts sorted by area, then by their order.

    Examples
    --------
    >>> cuts = shapely.box([0, 2, 3], 0, [4, 6, 5], 10)
    >>> stack = Stack(np.array([0, 0, 0]), cuts, np.array([False, False, False]))
    >>> stack.taken_m2().tolist(), stack.alone_m2().tolist()
    ([40.0, 20.0, 0.0], [20.0, 10.0, 0.0])
    """

    index: NDArray[np.intp]
    """Position of the area each cut is of, ascending; within one area the cuts are in their order."""
    geometry: Geometries
    """The cuts."""
    whole: NDArray[np.bool_]
    """True where a cut is the whole area."""

    def taken_m2(self) -> NDArray[np.float64]:
        """Return the area that each cut takes from what the cuts before it left (m2)."""
        area: NDArray[np.float64] = shapely.area(self.upto())
        before = np.where(self._first, 0.0, np.roll(area, 1))
        return np.maximum(area - before, 0.0)

    def alone_m2(self) -> NDArray[np.float64]:
        """Return the area that comes back if only this cut were lifted (m2)."""
        upto, onward = self.upto(), self.onward()
        others = np.zeros(len(self.index))
        first, last = self._first, self._last
        follows, precedes = np.flatnonzero(first & ~last), np.flatnonzero(last & ~first)
        others[follows] = shapely.area(onward[follows + 1])
        others[precedes] = shapely.area(upto[precedes - 1])
        middle = np.flatnonzero(~first & ~last)
        others[middle] = shapely.area(shapely.union(upto[middle - 1], onward[middle + 1]))
        everything = shapely.area(upto[self._ends()])
        return np.maximum(everything - others, 0.0)

    def total(self) -> tuple[NDArray[np.intp], Geometries]:
        """Return each area's position and the union of its cuts."""
        ends = np.flatnonzero(self._last)
        return self.index[ends], self.upto()[ends]

    def upto(self) -> Geometries:
        """Return the union of each cut with those before it."""
        return self._running(self._rank(), -1)

    def onward(self) -> Geometries:
        """Return the union of each cut with those after it."""
        rank = self._rank()
        return self._running(rank[self._ends()] - rank, 1)

    def pieces(self) -> Geometries:
        """Return the part of each cut that the cuts before it left."""
        pieces = self.geometry.copy()
        later = np.flatnonzero(~self._first)
        pieces[later] = shapely.difference(pieces[later], self.upto()[later - 1])
        return pieces

    def _running(self, rank: NDArray[np.intp], step: int) -> Geometries:
        """Unite each cut with its neighbour at `step`, which is done before it."""
        united, full = self.geometry.copy(), self.whole.copy()
        for level in range(1, int(rank.max(initial=0)) + 1):
            here = np.flatnonzero(rank == level)
            there = here + step
            united[here[full[there]]] = united[there[full[there]]]
            full[here] |= full[there]
            open_ = here[~full[here]]
            united[open_] = shapely.union(united[open_], united[open_ + step])
        return united

    @property
    def _first(self) -> NDArray[np.bool_]:
        return np.concatenate([[True], self.index[1:] != self.index[:-1]])[: len(self.index)]

    @property
    def _last(self) -> NDArray[np.bool_]:
        return np.concatenate([self.index[1:] != self.index[:-1], [True]])[-len(self.index) or 1 :]

    def _rank(self) -> NDArray[np.intp]:
        starts = np.flatnonzero(self._first)
        return np.arange(len(self.index)) - np.repeat(starts, np.diff([*starts, len(self.index)]))

    def _ends(self) -> NDArray[np.intp]:
        ends = np.flatnonzero(self._last)
        return np.repeat(ends, np.diff([-1, *ends]))
