"""Shaded yield of many roofs, hour by hour: each under its own horizon, sixteen side by side.

The horizon of a roof is the share of its pixels with each level in each sector. Which of these the sun at a
ten-minute step sees is the same for all roofs, so it is found once; per roof only weighted sums are left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from jit import njit
from potential.solar.chain import hour_table
from potential.solar.hour import CLIPPED, GHI, LANES, SUMS, Conversion, add_hour, conversion, lanes_of
from potential.solar.lanes import weighted_sum
from potential.solar.pv_yield import plane_columns
from potential.solar.transposition import beam_polynomial

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from potential.solar.sun import HourlySky
    from potential.solar.system import System

    Floats = NDArray[np.float64]
    Singles = NDArray[np.float32]
    Ints = NDArray[np.int64]

HOURS = 24
BINS = 12 * HOURS
"""Month and hour of the day: month x 24 + hour."""


class SunTerms(NamedTuple):
    """Which cumulative shares of a horizon the sun of each hour sees, and with what weight."""

    start: Ints
    """First term of each hour, and the end."""
    entry: Ints
    """Sector x (levels + 2) + level: the share of pixels whose horizon lies below the level."""
    weight: Floats


def sun_terms(
    zenith_deg: Floats, azimuth_deg: Floats, *, azimuths_deg: Floats, levels_deg: Floats
) -> SunTerms:
    """Return the terms of the lit share of each hour.

    The sun of every ten-minute step is shared between its two nearest sectors, in each of them the cell of
    levels it stands in counts in part; steps weigh with the sine of their elevation, as `hourly_lit` does.

    Parameters
    ----------
    zenith_deg, azimuth_deg
        Sun at the steps of each hour, shape (hours, steps).
    azimuths_deg, levels_deg
        Sectors and thresholds of the horizons.
    """
    hours, count, levels = len(zenith_deg), azimuths_deg.size, levels_deg.shape[1]
    hour, step = np.nonzero(zenith_deg < 90)  # noqa: PLR2004 - the horizon
    height = 90.0 - zenith_deg[hour, step]
    sine = np.sin(np.radians(height))
    total = np.bincount(hour, sine, hours)
    place = np.mod(azimuth_deg[hour, step] - azimuths_deg[0], 360.0) * count / 360.0
    low = np.floor(place).astype(np.int64)
    parts = []
    for sector, share in ((low % count, 1 - (place - low)), ((low + 1) % count, place - low)):
        edges = np.concatenate([levels_deg[sector], np.full((sector.size, 1), 90.0)], axis=1)
        cell = np.clip((edges <= height[:, None]).sum(axis=1), 1, levels)
        at = np.arange(sector.size)
        passed = (height - edges[at, cell - 1]) / (edges[at, cell] - edges[at, cell - 1])
        weight = share * sine / total[hour]
        entry = sector * (levels + 2) + cell
        parts += [(hour, entry, weight * (1 - passed)), (hour, entry + 1, weight * passed)]
    owner, entry, weight = (np.concatenate(column) for column in zip(*parts, strict=True))
    return _gathered(owner, entry, weight, hours)


def _gathered(owner: Ints, entry: Ints, weight: Floats, hours: int) -> SunTerms:
    """Join terms of one hour that mean the same entry."""
    keys, place = np.unique(owner * (entry.max(initial=0) + 1) + entry, return_inverse=True)
    owner, entry = np.divmod(keys, entry.max(initial=0) + 1)
    start = np.searchsorted(owner, np.arange(hours + 1))
    joined = np.asarray(np.bincount(place, weight, keys.size), np.float64)
    return SunTerms(start.astype(np.int64), entry, joined)


@njit(cache=True, nogil=True)
def _below(codes: Singles, first: int, out: Singles) -> None:
    """Write the share of pixels whose horizon lies below each level, lane by lane side by side."""
    roofs, sectors, levels = codes.shape
    for lane in range(LANES):
        roof = min(first + lane, roofs - 1)
        for sector in range(sectors):
            total = 0.0
            for level in range(levels + 1):
                out[(sector * (levels + 1) + level) * LANES + lane] = total
                if level < levels:
                    total += codes[roof, sector, level]


@njit(cache=True, nogil=True)
def _lit(terms: SunTerms, weight: Singles, hour: int, below: Singles, lit: Singles) -> None:
    """Write the share of the sun that reaches each lane in one hour."""
    first, count = terms.start[hour], terms.start[hour + 1] - terms.start[hour]
    if count == 0:
        lit[:] = 0.0
        return
    entry, part = terms.entry.ctypes.data + 8 * first, weight.ctypes.data + 4 * first
    weighted_sum(below.ctypes.data, entry, part, count, lit.ctypes.data)


@njit(cache=True, nogil=True, error_model="numpy")
def _run(  # noqa: PLR0917 - a kernel
    bins: Ints,
    hours: Floats,
    terms: SunTerms,
    planes: Floats,
    codes: Singles,
    iam_beam: Floats,
    kept: Floats,
    system: Conversion,
    out: Floats,
) -> None:
    """Write W h per kWp by bin, shape (roofs, bins)."""
    weight = terms.weight.astype(np.float32)
    below = np.empty((codes.shape[1] * (codes.shape[2] + 1)) * LANES, np.float32)
    lit, rear = np.empty(LANES, np.float32), np.zeros(LANES)
    part = np.empty((out.shape[1], SUMS * LANES))
    for first in range(0, planes.shape[0], LANES):
        lanes = lanes_of(planes, first).reshape(-1)
        _below(codes, first, below)
        part[:, :] = 0.0
        for hour in range(hours.shape[0]):
            if hours[hour, GHI] > 0.0:
                _lit(terms, weight, hour, below, lit)
                add_hour(hours[hour], lanes, lit, rear, iam_beam, kept[hour], system, part[bins[hour]])
        for lane in range(min(LANES, planes.shape[0] - first)):
            for place in range(out.shape[1]):
                out[first + lane, place] = part[place, CLIPPED * LANES + lane] * system.ac_factor


def roof_yields(  # noqa: PLR0917 - the year, then the roofs
    sky: HourlySky,
    hour_of_day: Ints,
    terms: SunTerms,
    codes: Singles,
    sky_left: Floats,
    tilt_deg: Floats,
    azimuth_deg: Floats,
    system: System,
    *,
    cover: Floats | None = None,
) -> Floats:
    """Return AC energy of roofs under their horizons by month and hour of the day, kWh/kWp, (roofs, 12, 24).

    Parameters
    ----------
    sky
        The year; `hour_of_day` (0 to 23) names its hours.
    terms
        From `sun_terms`.
    codes
        Share of each roof's pixels with each horizon level, shape (roofs, sectors, levels + 1).
    sky_left
        Share of the open plane's sky that is left to each roof.
    tilt_deg, azimuth_deg
        The planes.
    system
        Of all roofs; no light from behind.
    cover
        Ground cover ratio of the rows of each roof; None: the system's.

    Raises
    ------
    ValueError
        The system is bifacial.
    """
    if system.bifaciality > 0:
        raise ValueError("roofs are reckoned without light from behind, got a bifacial system")
    month, hours = hour_table(sky, system)
    out = np.zeros((tilt_deg.size, BINS))
    if tilt_deg.size:
        planes = plane_columns(tilt_deg, azimuth_deg, system, sky_left, cover=cover)
        kept = 1.0 - np.asarray(system.losses.soiling)[month]
        powers = beam_polynomial(system.glass)
        bins = month * HOURS + hour_of_day
        _run(bins, hours, terms, planes, codes, powers, kept, conversion(system), out)
    return out.reshape(-1, 12, HOURS) / 1000
