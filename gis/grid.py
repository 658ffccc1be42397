"""A north-up grid of square pixels: where each row and column lies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Grid:
    """Rows go south from `north`, columns east from `west`; metres in a projected CRS."""

    west: float
    north: float
    resolution_m: float
    rows: int
    columns: int

    def __post_init__(self) -> None:
        """Check that the grid has pixels."""
        if self.resolution_m <= 0:
            raise ValueError(f"resolution_m must be positive, got {self.resolution_m}")
        if self.rows < 1 or self.columns < 1:
            raise ValueError(f"a grid needs at least one pixel, got {self.rows} x {self.columns}")

    @classmethod
    def around(cls, bounds: tuple[float, float, float, float], *, resolution_m: float) -> Grid:
        """Return the smallest grid on whole multiples of the resolution that holds the bounds.

        Examples
        --------
        >>> Grid.around((0.5, 0.5, 9.5, 5.5), resolution_m=2.0)
        Grid(west=0.0, north=6.0, resolution_m=2.0, rows=3, columns=5)
        """
        west, south, east, north = bounds
        west = np.floor(west / resolution_m) * resolution_m
        north = np.ceil(north / resolution_m) * resolution_m
        rows = max(1, int(np.ceil((north - south) / resolution_m)))
        columns = max(1, int(np.ceil((east - west) / resolution_m)))
        return cls(float(west), float(north), resolution_m, rows, columns)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.rows, self.columns

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north."""
        south = self.north - self.rows * self.resolution_m
        return self.west, south, self.west + self.columns * self.resolution_m, self.north

    @property
    def transform(self) -> tuple[float, float, float, float, float, float]:
        """Affine coefficients from (column, row) to (x, y) of a pixel's north-west corner."""
        return self.resolution_m, 0.0, self.west, 0.0, -self.resolution_m, self.north

    def x_of(self, column: Floats | Ints) -> Floats:
        """Return the x of pixel centres."""
        return np.asarray(self.west + (np.asarray(column) + 0.5) * self.resolution_m)

    def y_of(self, row: Floats | Ints) -> Floats:
        """Return the y of pixel centres."""
        return np.asarray(self.north - (np.asarray(row) + 0.5) * self.resolution_m)

    def window(self, row: int, column: int, rows: int, columns: int) -> Grid:
        """Return the part that starts at a row and column, cut to the grid."""
        row, column = max(row, 0), max(column, 0)
        return Grid(
            self.west + column * self.resolution_m,
            self.north - row * self.resolution_m,
            self.resolution_m,
            min(rows, self.rows - row),
            min(columns, self.columns - column),
        )
