"""Ground heights of a coarser raster, where a surface needs them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jit import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Shorts = NDArray[np.int16]
    Bytes = NDArray[np.uint8]


@njit(cache=True, nogil=True)
def bilinear(raster: Floats, place: Floats, x: float, y: float) -> float:
    """Return the raster's value at a point, held constant beyond the outer pixel centres."""
    column = (x - place[0]) / place[2] - 0.5
    row = (place[1] - y) / place[2] - 0.5
    column = min(max(column, 0.0), raster.shape[1] - 1.0)
    row = min(max(row, 0.0), raster.shape[0] - 1.0)
    j, i = min(int(column), max(raster.shape[1] - 2, 0)), min(int(row), max(raster.shape[0] - 2, 0))
    right, down = min(j + 1, raster.shape[1] - 1), min(i + 1, raster.shape[0] - 1)
    u, v = column - j, row - i
    top = raster[i, j] * (1 - u) + raster[i, right] * u
    return top * (1 - v) + (raster[down, j] * (1 - u) + raster[down, right] * u) * v


@njit(cache=True, nogil=True)
def flag_near(  # noqa: PLR0917 - a kernel
    points: Floats, starts: Ints, place: Floats, columns: int, side: int, near: Bytes
) -> None:
    """Mark the pieces of `side` pixels that the bounds of a polygon meet, and those beside them."""
    west, north, resolution = place
    for polygon in range(starts.size - 1):
        left, right, low, high = np.inf, -np.inf, np.inf, -np.inf
        for point in range(starts[polygon], starts[polygon + 1]):
            left, right = min(left, points[point, 0]), max(right, points[point, 0])
            low, high = min(low, points[point, 1]), max(high, points[point, 1])
        top, bottom = int(np.floor((north - high) / resolution)), int(np.floor((north - low) / resolution))
        first, last = int(np.floor((left - west) / resolution)), int(np.floor((right - west) / resolution))
        if last < 0 or first >= columns:
            continue
        first, last = max(first, 0) // side - 1, min(last, columns - 1) // side + 1
        for i in range(max(top - 2, 0), min(bottom + 3, near.shape[0])):
            for piece in range(max(first, 0), min(last + 1, near.shape[1])):
                near[i, piece] = 1


@njit(cache=True, nogil=True)
def fill_terrain(terrain: Floats, terrain_place: Floats, target: Floats, near: Bytes, out: Shorts) -> None:
    """Interpolate terrain in the marked pieces; target: west, north, resolution, base, quantum, piece."""
    west, north, resolution, base, quantum, side = target
    last_row, last_column = terrain.shape[0] - 1, terrain.shape[1] - 1
    scale = resolution / terrain_place[2]
    start = (west - terrain_place[0]) / terrain_place[2] + 0.5 * scale - 0.5
    for i in range(out.shape[0]):
        y = north - (i + 0.5) * resolution
        row = min(max((terrain_place[1] - y) / terrain_place[2] - 0.5, 0.0), float(last_row))
        r = min(int(row), max(last_row - 1, 0))
        below = min(r + 1, last_row)
        v = row - r
        for piece in range(near.shape[1]):
            if near[i, piece] == 0:
                continue
            for j in range(piece * int(side), min((piece + 1) * int(side), out.shape[1])):
                column = min(max(start + j * scale, 0.0), float(last_column))
                c = min(int(column), max(last_column - 1, 0))
                right = min(c + 1, last_column)
                u = column - c
                top = terrain[r, c] + (terrain[r, right] - terrain[r, c]) * u
                bottom = terrain[below, c] + (terrain[below, right] - terrain[below, c]) * u
                height = (top + (bottom - top) * v - base) / quantum + 0.5
                out[i, j] = np.int16(int(height))


@njit(cache=True, nogil=True)
def ground_at_corners(points: Floats, starts: Ints, terrain: Floats, place: Floats, out: Floats) -> None:
    """Write the mean ground height at the corners of each polygon."""
    for building in range(out.size):
        total = 0.0
        for point in range(starts[building], starts[building + 1]):
            total += bilinear(terrain, place, points[point, 0], points[point, 1])
        out[building] = total / max(starts[building + 1] - starts[building], 1)
