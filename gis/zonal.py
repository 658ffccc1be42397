"""Sums of a raster over polygons by scan lines, weighted with the part of each pixel that is covered.

Every pixel row is cut by four sub-lines; along each the covered stretch of every pixel is exact. The weight
of a pixel is therefore exact across and sampled four times along, and no polygon is lost however small.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from gis.surface import crossings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gis.grid import Grid
    from gis.surface import Rings

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

SUB_LINES = 4
LEAST_LINES = 16.0
"""A low polygon gets closer sub-lines, so that its area is within a sixteenth."""
MOST_SUB_LINES = 1 << 15


@dataclass(frozen=True)
class ZonalSums:
    """One value per polygon."""

    pixels: Floats
    """Covered area in pixels that hold a value."""
    total: Floats
    """Sum of value times covered share."""
    highest: Floats
    """Largest value of any touched pixel, NaN where none holds a value."""

    @property
    def mean(self) -> Floats:
        """Mean weighted with coverage, NaN where no pixel holds a value."""
        return np.divide(self.total, self.pixels, out=np.full_like(self.total, np.nan), where=self.pixels > 0)


@njit(cache=True, nogil=True)
def _add_row(values: Floats, left: float, right: float, weight: float, out: Floats) -> None:
    """Add the stretch from left to right (pixels) of one sub-line; out holds pixels, total, highest."""
    left, right = max(left, 0.0), min(right, float(values.size))
    if right <= left:
        return
    first, last = int(left), min(int(right), values.size - 1)
    for column in range(first, last + 1):
        covered = (min(right, column + 1.0) - max(left, float(column))) * weight
        value = values[column]
        if covered > 0.0 and np.isfinite(value):
            out[0] += covered
            out[1] += covered * value
            if not value <= out[2]:
                out[2] = value


@njit(cache=True, nogil=True)
def _zonal(points: Floats, ring_starts: Ints, polygon_starts: Ints, raster: Floats, out: Floats) -> None:
    room = 1
    for polygon in range(out.shape[0]):
        first = ring_starts[polygon_starts[polygon]]
        room = max(room, ring_starts[polygon_starts[polygon + 1]] - first)
    x = np.empty(room)
    for polygon in range(out.shape[0]):
        first = polygon_starts[polygon]
        last = polygon_starts[polygon + 1]
        low, high = np.inf, -np.inf
        for point in range(ring_starts[first], ring_starts[last]):
            low, high = min(low, points[point, 1]), max(high, points[point, 1])
        steps = SUB_LINES
        while (high - low) * steps < LEAST_LINES and steps < MOST_SUB_LINES:
            steps *= 2
        start, end = int(np.floor(low * steps)), int(np.ceil(high * steps))
        for line in range(max(start, 0), min(end, raster.shape[0] * steps)):
            y = (line + 0.5) / steps
            count = crossings(points, ring_starts, first, last, y, x)
            for pair in range(0, count - 1, 2):
                _add_row(raster[line // steps], x[pair], x[pair + 1], 1.0 / steps, out[polygon])


def zonal_sums(rings: Rings, raster: NDArray[np.floating], grid: Grid) -> ZonalSums:
    """Return coverage-weighted sums of a raster over polygons.

    Parameters
    ----------
    rings
        Polygons from `gis.surface.rings_of`, in the CRS of the grid.
    raster
        Values of the grid's pixels; NaN holds none.
    grid
        Where the pixels lie. What of a polygon lies outside counts as holding no value.
    """
    if raster.shape != grid.shape:
        raise ValueError(f"raster has shape {raster.shape}, the grid {grid.shape}")
    scale = np.array([1.0, -1.0]) / grid.resolution_m
    points = np.ascontiguousarray((rings.points - np.array([grid.west, grid.north])) * scale)
    out = np.zeros((rings.polygon_starts.size - 1, 3))
    out[:, 2] = np.nan
    _zonal(points, rings.ring_starts, rings.polygon_starts, np.ascontiguousarray(raster), out)
    return ZonalSums(out[:, 0], out[:, 1], out[:, 2])
