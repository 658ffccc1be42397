"""Horizon angles of a surface by direction sweeps: constant work per pixel, whatever the distance.

For one azimuth every pixel lies on exactly one digital line towards it. A sweep walks all lines from their
far end and keeps, per elevation threshold, the height of the highest ray that still grazes what has been
passed; the number of rays above a pixel is its horizon code. 16-bit arithmetic over 64 lines at a time.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from gis.heights import STEEPEST_DEG, flag_blocks, no_flags, transpose
from gis.lanes import STEPS
from gis.lines import falls, leans, line_of, offsets
from gis.sweep import COARSE, STANDING, STRIP, WANTED, Walk, sweep

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from gis.heights import Heights

    Floats = NDArray[np.float64]
    Bytes = NDArray[np.uint8]
    Pixels = NDArray[np.int32]

LEVELS = 24
SECTORS = 72
TOP_DEG = 85.0
SPREAD = 1.2
"""Power of the levels: 1 for even steps."""
WALL_SLOPE = 1.5
"""Steeper drops between two pixels are walls: their face stands midway between the pixel centres."""


def thresholds_deg(sectors: int = SECTORS, levels: int = LEVELS, *, top_deg: float = TOP_DEG) -> Floats:
    """Return the elevation thresholds of every sector, degrees, shape (sectors, levels).

    The first is 0; the others lie closer where the sky is low, and are shifted by a quarter of a cell from
    sector to sector, so that the rounding of a horizon to its cell averages out around the sky. Code c means
    that the first c thresholds are exceeded.

    Examples
    --------
    >>> thresholds_deg(2, 4, top_deg=60.0).round(1)
    array([[ 0. , 11.4, 26.1, 42.5],
           [ 0. ,  4.9, 18.5, 34.1]])
    """
    shift = np.array([0.0, 0.5, 0.25, 0.75])[np.arange(sectors) % 4]
    place = np.arange(levels) - shift[:, None]
    place[:, 0] = 0.0
    return np.asarray(top_deg * (place / levels) ** SPREAD)


def coarse_flags(flags: Bytes) -> Bytes:
    """Return whether any of `COARSE` rows of a block is marked."""
    return np.asarray(np.bitwise_or.reduceat(flags, np.arange(0, flags.shape[0], COARSE), axis=0))


@dataclass(frozen=True)
class Blocks:
    """What each block of a surface is to a sweep, for both memory orders.

    0: plain ground, over which rays only sink; `STANDING`: something rises there; `WANTED`: codes are needed.
    """

    rows: Bytes
    columns: Bytes

    @classmethod
    def everywhere(cls, heights: Heights) -> Blocks:
        """Ask for every pixel, and take every pixel as an obstacle."""
        everything = STANDING | WANTED
        return cls(
            np.full_like(no_flags(heights.rows.shape), everything),
            np.full_like(no_flags(heights.columns.shape), everything),
        )

    @classmethod
    def standing(cls, heights: Heights) -> Blocks:
        """Take every pixel as an obstacle; mark what is wanted after."""
        return cls(
            np.full_like(no_flags(heights.rows.shape), STANDING),
            np.full_like(no_flags(heights.columns.shape), STANDING),
        )

    @classmethod
    def on_plain(cls, heights: Heights) -> Blocks:
        """Take all as plain ground; mark what stands and what is wanted after."""
        return cls(no_flags(heights.rows.shape), no_flags(heights.columns.shape))

    def mark(self, rows: Pixels, columns: Pixels, flag: int) -> None:
        """Mark the blocks that hold listed pixels."""
        flag_blocks(rows, columns, flag, self.rows)
        flag_blocks(columns, rows, flag, self.columns)


@dataclass(frozen=True)
class Codes:
    """Horizon codes towards one azimuth; pixels outside the wanted blocks are undefined."""

    azimuth_deg: float
    transposed: bool
    """True: `values` has shape (columns, rows)."""
    values: Bytes

    def raster(self, out: Bytes | None = None) -> Bytes:
        """Return a copy of the codes in the order of the raster, in `out` where given."""
        rows, columns = self.values.shape[::-1] if self.transposed else self.values.shape
        out = np.empty((rows, columns), np.uint8) if out is None else out
        if self.transposed:
            transpose(self.values, np.ones_like(no_flags(self.values.shape)), out)
        else:
            out[:] = self.values
        return out


def sweeps(
    heights: Heights, azimuths_deg: Floats, *, blocks: Blocks, levels_deg: Floats, workers: int = 1
) -> Iterator[Codes]:
    """Yield the horizon codes of every azimuth; the arrays are reused, take what you need before going on.

    A code c says that the horizon lies above the azimuth's level c - 1 and not above its level c, seen from
    the surface of the pixel itself. What lies outside the raster is not there.

    Parameters
    ----------
    heights
        The surface.
    azimuths_deg
        Directions to look at, 0 = north, clockwise.
    blocks
        What stands, and where codes are needed. Plain ground hides nothing: its horizon must come from
        elsewhere (`gis.far`).
    levels_deg
        Ascending elevation thresholds of each azimuth, shape (azimuths, levels), up to 81 degrees.
    workers
        Threads; the lines of an azimuth are shared among them.
    """
    if levels_deg.shape[0] != azimuths_deg.size or levels_deg.max() > STEEPEST_DEG:
        rule = f"one row per azimuth, none above {STEEPEST_DEG:g} degrees"
        raise ValueError(f"levels_deg must have {rule}, got {levels_deg.shape} up to {levels_deg.max():g}")
    tangents = np.tan(np.radians(levels_deg))
    steep = 0 if heights.continuous else round(WALL_SLOPE * heights.resolution_m / heights.quantum_m)
    straight, turned = np.empty(heights.rows.shape, np.uint8), np.empty(heights.columns.shape, np.uint8)
    marks = {
        False: (blocks.rows, coarse_flags(blocks.rows)),
        True: (blocks.columns, coarse_flags(blocks.columns)),
    }
    with ThreadPoolExecutor(workers) as pool:
        for azimuth, tangent in zip(azimuths_deg, tangents, strict=True):
            line = line_of(float(azimuth))
            surface = heights.columns if line.transposed else heights.rows
            flags, coarse = marks[line.transposed]
            out = turned if line.transposed else straight
            origin = heights.origin[line.transposed]
            shift = offsets(line, surface.shape[0], origin=origin)
            fall = falls(line, heights, tangent, surface.shape[0])
            lean = leans(line, surface.shape[0], origin=origin)
            walk = Walk(surface, flags, coarse, shift, *_sideways(lean), fall, line.from_first, steep)
            lines = (-max(int(shift.max()), 0), surface.shape[1] - min(int(shift.min()), 0))
            jobs = [pool.submit(sweep, walk, first, last, out) for first, last in _shares(*lines, workers)]
            for job in jobs:
                job.result()
            yield Codes(float(azimuth), line.transposed, out)


def _sideways(lean: Floats) -> tuple[NDArray[np.int64], NDArray[np.int16]]:
    """Return towards which column lines lean at each step, and its weight in 65536ths; steps to spare."""
    lean = np.pad(lean, (0, STEPS))
    weight = np.minimum(np.rint(np.abs(lean) * 65536), 32767)
    return np.where(lean < 0, -1, 1).astype(np.int64), weight.astype(np.int16)


def _shares(first: int, last: int, workers: int) -> list[tuple[int, int]]:
    """Cut a range of lines into even shares on strip borders; no two shares touch a pixel of the other."""
    strips = -(-(last - first) // STRIP)
    edges = [first + STRIP * (strips * share // workers) for share in range(workers)] + [last]
    return [(low, high) for low, high in pairwise(edges) if high > low]
