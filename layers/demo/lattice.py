"""The lattice of farm blocks: bent rows and columns that tile the plain without gaps or overlaps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layers.demo.dice import Dice

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

BEND_M = 170.0
"""How far the lattice bends to either side."""
BEND_SCALE_M = 4200.0
UNEVEN = 0.22
"""Share of a block's size by which its border lines are moved."""


@dataclass(frozen=True)
class Lattice:
    """Border points of farm blocks, numbered (column, row) from the origin of the CRS."""

    dice: Dice
    east_m: float
    north_m: float

    def point(self, column: Floats, row: Floats) -> tuple[Floats, Floats]:
        """Return the place of a point of the lattice; shares between two lines lie between them."""
        x = self._line(column, self.east_m, 1)
        y = self._line(row, self.north_m, 2)
        return x + self._bend(x, y, 0.0), y + self._bend(x, y, 5e5)

    def angle_deg(self, x: Floats, y: Floats) -> Floats:
        """Return how far the rows turn from east at a place, counter-clockwise (degrees)."""
        rise = self._bend(x + 200.0, y, 5e5) - self._bend(x - 200.0, y, 5e5)
        return np.degrees(np.arctan2(rise, 400.0))

    def blocks(self, bounds: tuple[float, float, float, float]) -> tuple[Integers, Integers]:
        """Return column and row of every block that can touch the bounds."""
        west, south, east, north = bounds
        reach = BEND_M + UNEVEN * max(self.east_m, self.north_m)
        columns = np.arange(int((west - reach) // self.east_m) - 1, int((east + reach) // self.east_m) + 2)
        rows = np.arange(int((south - reach) // self.north_m) - 1, int((north + reach) // self.north_m) + 2)
        column, row = np.meshgrid(columns, rows)
        return column.ravel(), row.ravel()

    def _line(self, number: Floats, spacing_m: float, axis: int) -> Floats:
        number = np.asarray(number, dtype=np.float64)
        below = np.floor(number).astype(np.int64)
        share = number - below
        moved = [
            self.dice.between(-UNEVEN, UNEVEN, axis, below + step).reshape(below.shape) for step in (0, 1)
        ]
        return spacing_m * (number + (1.0 - share) * moved[0] + share * moved[1])

    def _bend(self, x: Floats, y: Floats, offset: float) -> Floats:
        return (2.0 * self.dice.field(x + offset, y - offset, BEND_SCALE_M) - 1.0) * BEND_M
