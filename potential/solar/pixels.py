"""Light of listed pixels of a surface: tile by tile, eight directions at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jit import njit
from potential.solar.lanes import CHANNELS, SECTORS_AT_ONCE, add_lights, add_vectors

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Singles = NDArray[np.float32]
    Bytes = NDArray[np.uint8]
    Pixels = NDArray[np.int32]

TILE = 64
"""Side of the tiles in which pixels are visited, so that both memory orders of a raster stay near."""


@njit(cache=True, nogil=True)
def surface_normal(
    surface: NDArray[np.int16], i: int, j: int, quantum_over_pixel: float
) -> tuple[float, float, float]:
    """Return the unit normal (east, north, up) of a pixel from its gentler neighbours.

    The smaller of the two one-sided slopes along each axis, 0 where they differ in sign: a roof's slope is
    kept up to its edge, and a wall does not tilt the pixels beside it.
    """
    rows, columns = surface.shape
    z = np.int64(surface[i, j])
    right = np.int64(surface[i, min(j + 1, columns - 1)]) - z
    left = z - np.int64(surface[i, max(j - 1, 0)])
    down = np.int64(surface[min(i + 1, rows - 1), j]) - z
    up = z - np.int64(surface[max(i - 1, 0), j])
    east = (right if abs(right) < abs(left) else left) if right * left > 0 else 0
    south = (down if abs(down) < abs(up) else up) if down * up > 0 else 0
    x, y = -east * quantum_over_pixel, south * quantum_over_pixel
    length = np.sqrt(x * x + y * y + 1.0)
    return x / length, y / length, 1.0 / length


@njit(cache=True, nogil=True)
def surface_normals(
    surface: NDArray[np.int16], row: Pixels, column: Pixels, quantum_over_pixel: float
) -> Singles:
    """Return the unit normals (east, north, up) of listed pixels, shape (pixels, 3)."""
    out = np.empty((row.size, 3), np.float32)
    for pixel in range(row.size):
        out[pixel] = surface_normal(surface, row[pixel], column[pixel], quantum_over_pixel)
    return out


@njit(cache=True, nogil=True)
def by_tiles(row: Pixels, column: Pixels) -> NDArray[np.int64]:
    """Return the order in which pixels are visited tile by tile; within a tile as they come."""
    across = np.int64(column.max()) // TILE + 1 if column.size else 1
    tiles = (np.int64(row.max()) // TILE + 1) * across if row.size else 1
    starts = np.zeros(tiles + 1, np.int64)
    for pixel in range(row.size):
        starts[row[pixel] // TILE * across + column[pixel] // TILE + 1] += 1
    starts = np.cumsum(starts)
    order = np.empty(row.size, np.int64)
    for pixel in range(row.size):
        tile = row[pixel] // TILE * across + column[pixel] // TILE
        order[starts[tile]] = pixel
        starts[tile] += 1
    return order


@njit(cache=True, nogil=True)
def collect(codes: Bytes, row: Pixels, column: Pixels, place: int, out: Bytes) -> None:
    """Copy the codes of listed pixels to their place among eight, shape (pixels, 8)."""
    for pixel in range(row.size):
        out[pixel, place] = codes[row[pixel], column[pixel]]


@njit(cache=True, nogil=True)
def add_on_plane(codes: Bytes, light: Singles, out: Singles) -> None:
    """Add what one plane, laid on every pixel, receives from eight sectors.

    Parameters
    ----------
    codes
        Horizon codes, shape (pixels, 8).
    light
        Of the plane, shape (8, levels, CHANNELS).
    out
        Output, shape (pixels, CHANNELS).
    """
    pitch = light.shape[1] * CHANNELS * 4
    start, code, total = light.ctypes.data, codes.ctypes.data, out.ctypes.data
    for pixel in range(out.shape[0]):
        add_lights(total + pixel * CHANNELS * 4, start, pitch, code + pixel * SECTORS_AT_ONCE)


@njit(cache=True, nogil=True)
def add_as_it_lies(codes: Bytes, normal: Singles, vectors: Singles, aims: Singles, out: Singles) -> None:
    """Add what pixels receive from eight sectors, each lying as its normal says; codes rise to its own plane.

    Parameters
    ----------
    codes, out
        As for `add_on_plane`.
    normal
        Of every pixel, shape (pixels, 3).
    vectors
        Light, shape (8, levels, 3, CHANNELS).
    aims
        Per sector its direction east and north, then the tangents of its thresholds.
    """
    levels = vectors.shape[1]
    pitch = levels * 3 * CHANNELS * 4
    start, code, total = vectors.ctypes.data, codes.ctypes.data, out.ctypes.data
    for pixel in range(out.shape[0]):
        x, y, z = normal[pixel, 0], normal[pixel, 1], normal[pixel, 2]
        if x != 0 or y != 0:
            for sector in range(SECTORS_AT_ONCE):
                rise = -(x * aims[sector, 0] + y * aims[sector, 1]) / z
                at = np.int64(codes[pixel, sector])
                while at + 1 < levels and rise > aims[sector, 2 + at]:
                    at += 1
                codes[pixel, sector] = at
        add_vectors(total + pixel * CHANNELS * 4, start, pitch, code + pixel * SECTORS_AT_ONCE, x, y, z)
