"""Chance from counters: every draw is a hash of a seed, a label and keys, the same on every machine.

A draw depends on nothing but its keys: not on the order of calls, the number of cores or the version of a
library. So a part of the region can be generated alone, and the same seed gives the same tables.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import ArrayLike, NDArray

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_TO_UNIT = 2.0**-53


def _mix(state: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the output function of SplitMix64 (Steele, Lea and Flood 2014, doi:10.1145/2660193.2660195)."""
    state = state + _GOLDEN
    state = (state ^ (state >> np.uint64(30))) * _MIX_1
    state = (state ^ (state >> np.uint64(27))) * _MIX_2
    return state ^ (state >> np.uint64(31))


@dataclass(frozen=True)
class Dice:
    """Draws for one purpose.

    Examples
    --------
    >>> dice = Dice(882, "height")
    >>> float(dice.unit(3)[0]) == float(dice.unit([1, 2, 3])[2])
    True
    """

    seed: int
    label: str

    def unit(self, *keys: ArrayLike) -> NDArray[np.float64]:
        """Return a uniform number in [0, 1) for each combination of integer keys; keys broadcast."""
        arrays = np.broadcast_arrays(*(np.atleast_1d(np.asarray(key, dtype=np.int64)) for key in keys))
        start = (self.seed * 0x1000193 + zlib.crc32(self.label.encode())) & 0xFFFFFFFFFFFFFFFF
        state = np.full(arrays[0].shape, start, dtype=np.uint64)
        for array in arrays:
            state = _mix(state ^ _mix(array.astype(np.uint64)))
        return (state >> np.uint64(11)).astype(np.float64) * _TO_UNIT

    def between(self, low: ArrayLike, high: ArrayLike, *keys: ArrayLike) -> NDArray[np.float64]:
        """Return a uniform number in [low, high)."""
        low = np.asarray(low, dtype=np.float64)
        return low + (np.asarray(high, dtype=np.float64) - low) * self.unit(*keys)

    def happens(self, chance: float, *keys: ArrayLike) -> NDArray[np.bool_]:
        """Say where something of a given chance happens."""
        return self.unit(*keys) < chance

    def pick(self, weights: Mapping[str, float], *keys: ArrayLike) -> NDArray[np.object_]:
        """Return names drawn with the given weights."""
        bounds = np.cumsum(list(weights.values()))
        index = np.searchsorted(bounds, self.unit(*keys) * bounds[-1], side="right")
        return np.array(list(weights), dtype=object)[np.minimum(index, len(bounds) - 1)]

    def field(self, x: ArrayLike, y: ArrayLike, scale_m: float) -> NDArray[np.float64]:
        """Return smooth noise in [0, 1): hashed lattice values with cubic blending, `scale_m` apart."""
        u = np.asarray(x, dtype=np.float64) / scale_m
        v = np.asarray(y, dtype=np.float64) / scale_m
        i, j = np.floor(u).astype(np.int64), np.floor(v).astype(np.int64)
        a, b = _blend(u - i), _blend(v - j)
        if not i.size:
            return np.empty(i.shape)
        corner = self._lattice(i, j)
        south = (1.0 - a) * corner(0, 0) + a * corner(1, 0)
        north = (1.0 - a) * corner(0, 1) + a * corner(1, 1)
        return (1.0 - b) * south + b * north

    def _lattice(
        self, i: NDArray[np.int64], j: NDArray[np.int64]
    ) -> Callable[[int, int], NDArray[np.float64]]:
        """Draw the lattice under the points once, and return what looks up a corner of every point's cell."""
        first_i, first_j = int(i.min()), int(j.min())
        columns = np.arange(first_i, int(i.max()) + 2)
        rows = np.arange(first_j, int(j.max()) + 2)
        if columns.size * rows.size > 4 * i.size + 64:
            return lambda di, dj: self.unit(i + di, j + dj).reshape(i.shape)
        table = self.unit(columns[:, None], rows[None, :])
        return lambda di, dj: table[i - first_i + di, j - first_j + dj]


def _blend(share: NDArray[np.float64]) -> NDArray[np.float64]:
    return share * share * (3.0 - 2.0 * share)
