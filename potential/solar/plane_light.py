"""What planes of any tilt and azimuth receive under the horizons of many roofs: a look-up per horizon."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from jit import njit
from potential.solar.irradiation import normals, own_levels, plane_tables

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from potential.solar.sky import SkyTable

    Floats = NDArray[np.float64]
    Singles = NDArray[np.float32]
    Ints = NDArray[np.int64]

TILT_STEP_DEG, AZIMUTH_STEP_DEG = 2.5, 5.0
"""Planes are taken at the nearest of these: the share that a horizon takes hardly changes between them."""


@dataclass(frozen=True)
class KeptLight:
    """What horizons leave to planes, shape (roofs, planes) each."""

    year: Floats
    """Share of the open plane's irradiation of a year."""
    view: Floats
    """Share of the open plane's sky."""


def kept_light(
    shares: Singles, tilt_deg: Floats, azimuth_deg: Floats, table: SkyTable, *, albedo: float
) -> KeptLight:
    """Return what the horizon of each roof leaves to each of its planes.

    Parameters
    ----------
    shares
        Share of each roof's pixels with each horizon level, shape (roofs, sectors, levels + 1).
    tilt_deg, azimuth_deg
        Planes in the azimuths of the table, shape (roofs, planes).
    table
        The folded year.
    albedo
        Of the ground.
    """
    kinds, kind = _kinds(tilt_deg, azimuth_deg)
    normal = normals(kinds[:, 0], kinds[:, 1])
    own = own_levels(normal, table.azimuths_deg, table.levels_deg)
    vectors = np.stack([table.sun.sum(axis=2), table.dome.sum(axis=2), table.view], axis=2)
    light = plane_tables(vectors, normal, own)
    free = light[:, :, 0].sum(axis=1)
    found = np.zeros((*kind.shape, light.shape[3]))
    _add(shares, kind, np.ascontiguousarray(light), found)
    ghi, open_sky = float(table.ghi.sum()), free[kind]
    view = np.divide(found[..., 2], open_sky[..., 2], out=np.ones(kind.shape), where=open_sky[..., 2] > 0)
    year = found[..., 0] + found[..., 1] + albedo * ghi * (1 - found[..., 2]) * view
    whole = open_sky[..., 0] + open_sky[..., 1] + albedo * ghi * (1 - open_sky[..., 2])
    return KeptLight(np.divide(year, whole, out=np.ones(kind.shape), where=whole > 0), view)


def _kinds(tilt_deg: Floats, azimuth_deg: Floats) -> tuple[Floats, Ints]:
    steps = np.array([TILT_STEP_DEG, AZIMUTH_STEP_DEG])
    angles = np.round(np.stack([tilt_deg, np.mod(azimuth_deg, 360)], axis=-1) / steps) * steps
    angles[..., 1] = np.where(angles[..., 0] == 0, 0.0, np.mod(angles[..., 1], 360))
    kinds, index = np.unique(angles.reshape(-1, 2), axis=0, return_inverse=True)
    return kinds, index.reshape(tilt_deg.shape)


@njit(cache=True, nogil=True)
def _add(shares: Singles, kind: Ints, light: Floats, out: Floats) -> None:
    """Sum shares times light of (sector, level) for every plane of every roof."""
    roofs, sectors, levels = shares.shape
    place = np.empty((sectors * levels, 2), np.int64)
    weight = np.empty(sectors * levels)
    for roof in range(roofs):
        count = 0
        for sector in range(sectors):
            for level in range(levels):
                if shares[roof, sector, level] > 0:
                    place[count, 0], place[count, 1] = sector, level
                    weight[count] = shares[roof, sector, level]
                    count += 1
        for plane in range(kind.shape[1]):
            one = light[kind[roof, plane]]
            for term in range(count):
                for channel in range(out.shape[2]):
                    out[roof, plane, channel] += weight[term] * one[place[term, 0], place[term, 1], channel]
