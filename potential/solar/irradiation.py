"""Irradiation of planes under a horizon: sums of dot products with the sky table."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from jit import njit

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
def add_sector(  # noqa: PLR0917 - a kernel
    codes: Bytes,
    pixels: PlanePixels,
    least: Bytes,
    table: NDArray[np.float32],
    out: Floats,
    shares: NDArray[np.float32],
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
    shares
        Output, the share of each plane's pixels with each level, shape (planes, levels); no planes: not
        wanted.
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
                if shares.shape[0] > 0:
                    shares[plane, code] = count[code] / (last[plane] - first[plane])
                count[code] = 0
