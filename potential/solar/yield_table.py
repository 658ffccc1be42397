"""Monthly energy per kWp of a grid of planes: any other plane is a look-up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from jit import njit
from potential.solar.chain import STEPS
from potential.solar.pv_yield import monthly_sums
from potential.solar.system import System

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from potential.solar.sun import HourlySky

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

MONTHS = 12


@dataclass(frozen=True)
class YieldTable:
    """Monthly energy per kWp on a grid of planes; other planes by bilinear interpolation."""

    tilts_deg: Floats
    azimuths_deg: Floats
    """Ascending from 0, below 360; interpolation closes the circle."""
    ac_kwh_kwp: Floats
    """Shape (tilts, azimuths, 12)."""
    poa_kwh_m2: Floats
    """Shape (tilts, azimuths, 12)."""

    def at(self, tilt_deg: Floats, azimuth_deg: Floats) -> tuple[Floats, Floats]:
        """Return monthly AC (kWh/kWp) and plane irradiation (kWh/m2) of many planes, shape (n, 12) each.

        Raises
        ------
        ValueError
            A tilt lies outside the table.
        """
        place = self._places(tilt_deg, azimuth_deg)
        return _blend(self.ac_kwh_kwp, *place), _blend(self.poa_kwh_m2, *place)

    def ac_at(self, tilt_deg: Floats, azimuth_deg: Floats) -> Floats:
        """Return monthly AC energy of many planes, kWh/kWp, shape (n, 12); see `at`."""
        return _blend(self.ac_kwh_kwp, *self._places(tilt_deg, azimuth_deg))

    def _places(self, tilt_deg: Floats, azimuth_deg: Floats) -> tuple[Ints, Floats, Ints, Floats]:
        tilt, azimuth = (np.atleast_1d(np.asarray(value, float)) for value in (tilt_deg, azimuth_deg))
        outside = (tilt < self.tilts_deg[0]) | (tilt > self.tilts_deg[-1])
        if outside.any():
            span = f"{self.tilts_deg[0]:g} to {self.tilts_deg[-1]:g}"
            raise ValueError(f"tilt {tilt[outside][0]:g} lies outside the table ({span} degrees)")
        ring = np.append(self.azimuths_deg, self.azimuths_deg[0] + 360.0)
        return *_place(self.tilts_deg, tilt), *_place(ring, np.mod(azimuth - ring[0], 360.0) + ring[0])


@njit(cache=True, nogil=True)
def _blend(table: Floats, row: Ints, up: Floats, column: Ints, across: Floats) -> Floats:
    """Return the bilinear mean of a table's four corners for many places; columns close a circle."""
    out = np.empty((row.size, table.shape[2]))
    for index in range(row.size):
        i, j, u, v = row[index], column[index], up[index], across[index]
        after = (j + 1) % table.shape[1]
        for month in range(table.shape[2]):
            low = table[i, j, month] * (1 - v) + table[i, after, month] * v
            high = table[i + 1, j, month] * (1 - v) + table[i + 1, after, month] * v
            out[index, month] = low * (1 - u) + high * u
    return out


def _place(nodes: Floats, values: Floats) -> tuple[Ints, Floats]:
    low = np.clip(np.searchsorted(nodes, values, side="right") - 1, 0, nodes.size - 2)
    return low, (values - nodes[low]) / (nodes[low + 1] - nodes[low])


def yield_table(
    sky: HourlySky,
    tilts_deg: Floats,
    azimuths_deg: Floats,
    system: System | None = None,
    *,
    cover: Floats | None = None,
) -> YieldTable:
    """Return monthly energy per kWp for every pair of tilt and azimuth.

    Parameters
    ----------
    cover
        Ground cover ratio of the rows of each pair, shape (tilts, azimuths); None: the system's.
    """
    tilts, azimuths = np.asarray(tilts_deg, float), np.asarray(azimuths_deg, float)
    if tilts.size < 2 or (np.diff(tilts) <= 0).any():  # noqa: PLR2004 - two nodes span an interval
        raise ValueError(f"tilts_deg must be at least two ascending angles, got {tilts}")
    one_turn = azimuths.size > 1 and (np.diff(azimuths) > 0).all() and np.ptp(azimuths) < 360  # noqa: PLR2004
    if not one_turn:
        raise ValueError(f"azimuths_deg must be ascending angles within one turn, got {azimuths}")
    grid_tilt, grid_azimuth = np.repeat(tilts, azimuths.size), np.tile(azimuths, tilts.size)
    rows = None if cover is None else np.ravel(cover)
    sums = monthly_sums(sky, grid_tilt, grid_azimuth, system or System(), cover=rows) / 1000
    sums = sums.reshape(tilts.size, azimuths.size, len(STEPS), MONTHS)
    poa = sums[:, :, :3].sum(axis=2)
    return YieldTable(tilts, azimuths, sums[:, :, STEPS.index("ac")], poa)
