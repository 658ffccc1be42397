"""Irradiation of planes under a horizon: sums of dot products with the sky table."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from potential.solar.sky import SkyTable

    Floats = NDArray[np.float64]
    Bytes = NDArray[np.uint8]


def normals(tilt_deg: Floats, azimuth_deg: Floats) -> Floats:
    """Return unit normals (east, north, up) of planes, shape (n, 3).

    Examples
    --------
    >>> normals(np.array([90.0]), np.array([180.0])).round(6) + 0.0
    array([[ 0., -1.,  0.]])
    """
    tilt, azimuth = np.radians(tilt_deg), np.radians(azimuth_deg)
    return np.stack([np.sin(tilt) * np.sin(azimuth), np.sin(tilt) * np.cos(azimuth), np.cos(tilt)], axis=1)


def own_levels(normal: Floats, azimuths_deg: Floats, levels_deg: Floats) -> Bytes:
    """Return the level below which each plane hides its own sky, shape (planes, sectors).

    A plane rises towards azimuth A to the elevation atan(-(n . A) / n_up); light from below it comes from
    behind. An upright plane hides every sector behind it up to the last level.
    """
    azimuth = np.radians(azimuths_deg)
    towards = normal[:, :1] * np.sin(azimuth) + normal[:, 1:2] * np.cos(azimuth)
    elevation = np.degrees(np.arctan2(-towards, np.maximum(normal[:, 2:], 1e-12)))
    return (elevation[:, :, None] > levels_deg[None]).sum(axis=2).astype(np.uint8)


def plane_tables(vectors: Floats, normal: Floats, own: Bytes) -> Floats:
    """Return what planes receive per sector and horizon level.

    Parameters
    ----------
    vectors
        Of the sky table, shape (sectors, levels, …, 3).
    normal
        Shape (planes, 3).
    own
        From `own_levels`: lower levels count as this one.

    Returns
    -------
    Shape (planes, sectors, levels, …).
    """
    received = np.einsum("dl...c,pc->pdl...", vectors, normal)
    levels = np.arange(vectors.shape[1])
    rows = np.maximum(levels[None, None, :], own[:, :, None])
    planes, sectors = np.ogrid[: normal.shape[0], : vectors.shape[0]]
    return np.maximum(received[planes[:, :, None], sectors[:, :, None], rows], 0)


def ground_light(table: SkyTable, view: Floats, open_view: Floats, albedo: float) -> Floats:
    """Return the light that ground and surroundings throw onto planes, Wh/m2, shape (n, 12).

    Whatever of the half-space above the plane is no sky reflects `albedo` of GHI; surroundings that take sky
    from the plane stand in the same shade themselves, so their light falls with the share of sky left.
    """
    left = np.divide(view, open_view, out=np.zeros_like(view), where=open_view > 0)
    return albedo * table.ghi * ((1 - view) * left)[:, None]


class PlanePixels(NamedTuple):
    """Which pixels belong to which plane, and what kind the planes are of."""

    row: NDArray[np.int32]
    column: NDArray[np.int32]
    first: NDArray[np.int64]
    """First pixel of each plane."""
    last: NDArray[np.int64]
    """Pixel after the last of each plane."""
    kind: NDArray[np.int64]
    """Row of the light table."""

    def part(self, planes: slice) -> PlanePixels:
        """Return some of the planes."""
        return self._replace(first=self.first[planes], last=self.last[planes], kind=self.kind[planes])


@njit(cache=True, nogil=True)
def add_sector(
    codes: Bytes, pixels: PlanePixels, least: Bytes, table: NDArray[np.float32], out: Floats
) -> None:
    """Add what planes receive from one sector, summed over their pixels.

    Parameters
    ----------
    codes
        Horizon codes of the sector; for codes of shape (columns, rows) swap row and column of the pixels.
    pixels
        The planes.
    least
        Per plane the lowest code, of a far horizon.
    table
        Light of this sector per kind and level, shape (kinds, levels, channels).
    out
        Output, shape (planes, channels).
    """
    row, column, first, last, kind = pixels
    count = np.zeros(table.shape[1], np.int64)
    for plane in range(first.size):
        floor = int(np.int64(least[plane]))
        low, high = table.shape[1], 0
        for pixel in range(first[plane], last[plane]):
            code = max(int(np.int64(codes[row[pixel], column[pixel]])), floor)
            count[code] += 1
            low, high = min(low, code), max(high, code)
        light = table[kind[plane]]
        for code in range(low, high + 1):
            if count[code] > 0:
                for channel in range(table.shape[2]):
                    out[plane, channel] += count[code] * light[code, channel]
                count[code] = 0


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
def surface_normal_z(surface: NDArray[np.int16], quantum_over_pixel: float) -> NDArray[np.float32]:
    """Return the upward part of every pixel's normal."""
    out = np.empty(surface.shape, np.float32)
    for i in range(surface.shape[0]):
        for j in range(surface.shape[1]):
            out[i, j] = surface_normal(surface, i, j, quantum_over_pixel)[2]
    return out


@njit(cache=True, nogil=True)
def add_sectors_as_it_lies(  # noqa: PLR0917 - a kernel
    codes: Bytes,
    row: NDArray[np.int32],
    column: NDArray[np.int32],
    surface: NDArray[np.int16],
    quantum_over_pixel: float,
    vectors: NDArray[np.float32],
    aims: Floats,
    out: NDArray[np.float32],
) -> None:
    """Add what listed pixels of a surface receive from some sectors, each pixel lying as the surface does.

    Parameters
    ----------
    codes
        Horizon codes of the sectors, shape (sectors, rows, columns).
    row, column
        The pixels.
    surface, quantum_over_pixel
        Heights in fixed point, and their unit over the pixel size.
    vectors
        Light per sector, level and channel, shape (sectors, levels, 3, channels).
    aims
        Per sector its direction east and north, then the tangents of its thresholds.
    out
        Output, shape (pixels, channels).
    """
    sectors, levels, channels = vectors.shape[0], vectors.shape[1], out.shape[1]
    for pixel in range(row.size):
        i, j = row[pixel], column[pixel]
        x, y, z = surface_normal(surface, i, j, quantum_over_pixel)
        a, b, c = np.float32(x), np.float32(y), np.float32(z)
        target = out[pixel]
        for sector in range(sectors):
            code = np.int64(codes[sector, i, j])
            aim = aims[sector]
            rise = -(x * aim[0] + y * aim[1]) / z
            while code + 1 < levels and rise > aim[2 + code]:
                code += 1
            light = vectors[sector, code]
            for channel in range(channels):
                target[channel] += max(
                    a * light[0, channel] + b * light[1, channel] + c * light[2, channel], np.float32(0)
                )


@njit(cache=True, nogil=True)
def add_sectors_on_plane(
    codes: Bytes,
    row: NDArray[np.int32],
    column: NDArray[np.int32],
    light: NDArray[np.float32],
    out: NDArray[np.float32],
) -> None:
    """Add what one plane, laid on listed pixels, receives from some sectors.

    Parameters
    ----------
    codes, row, column, out
        As for `add_sectors_as_it_lies`.
    light
        Of the plane per sector, level and channel.
    """
    sectors, channels = light.shape[0], out.shape[1]
    for pixel in range(row.size):
        i, j = row[pixel], column[pixel]
        target = out[pixel]
        for sector in range(sectors):
            received = light[sector, codes[sector, i, j]]
            for channel in range(channels):
                target[channel] += received[channel]
