"""Horizon angles of a surface by direction sweeps: constant work per pixel, whatever the distance.

For one azimuth every pixel lies on exactly one digital line towards it. A sweep walks all lines from their
far end and keeps, per elevation threshold, the height of the highest ray that still grazes what has been
passed; the number of rays above a pixel is its horizon code. 16-bit arithmetic over 64 lines at a time.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Shorts = NDArray[np.int16]
    Bytes = NDArray[np.uint8]
    Ints = NDArray[np.int64]
    Pixels = NDArray[np.int32]

BLOCK = 64
"""Lines that advance together."""
FLAG = 32
"""Pixels of a row that are wanted, standing or plain together."""
STRIP = 512
"""Lines that are swept together."""
COARSE = 32
"""Rows that are passed over together where nothing stands."""
LEVELS = 24
SECTORS = 72
TOP_DEG = 85.0
STEEPEST_DEG = 81.0
"""No threshold may lie above."""
SPREAD = 1.2
"""Power of the levels: 1 for even steps."""
LOWEST = np.int16(-32768)
HEIGHT_CEILING = 32000
MOST_SINK = 30000
"""A ray may sink by this much in a step without wrapping below the 16 bits."""
WALL_SLOPE = 1.5
"""Steeper drops between two pixels are walls: their face stands midway between the pixel centres."""
STANDING, WANTED = 1, 2
"""Flags of a block: something rises there; its codes are wanted."""
QUANTUM_M = 1.0 / 64.0


@dataclass(frozen=True)
class Heights:
    """A surface in 16-bit fixed point, in both memory orders."""

    rows: Shorts
    """Shape (rows, columns)."""
    columns: Shorts
    """The same, transposed and contiguous."""
    base_m: float
    """Height of the stored value 0, the lowest: pixels never filled are the lowest ground there is."""
    quantum_m: float
    resolution_m: float
    origin: tuple[int, int] = (0, 0)
    """Row and column of the first pixel on the endless grid: lines are the same in every window."""

    def metres(self) -> Floats:
        """Return the surface in metres."""
        return np.asarray(self.rows * self.quantum_m + self.base_m, np.float64)


def quantum_for(relief_m: float, resolution_m: float) -> float:
    """Return the height step: 1/64 m, doubled until relief and the steepest ray of a pixel fit 16 bits.

    Examples
    --------
    >>> quantum_for(200.0, 1.0), quantum_for(900.0, 1.0), quantum_for(200.0, 90.0)
    (0.015625, 0.03125, 0.03125)
    """
    steepest_m = np.tan(np.radians(STEEPEST_DEG)) * np.sqrt(2) * resolution_m
    quantum = QUANTUM_M
    while relief_m / quantum > HEIGHT_CEILING or steepest_m / quantum > MOST_SINK:
        quantum *= 2
    return quantum


def fixed_point(surface_m: Floats, *, resolution_m: float, origin: tuple[int, int] = (0, 0)) -> Heights:
    """Store a surface in metres as fixed point.

    Raises
    ------
    ValueError
        A height is missing or not finite.
    """
    low, high = float(surface_m.min()), float(surface_m.max())
    if not np.isfinite(low + high):
        raise ValueError("the surface has pixels without a height")
    quantum = quantum_for(high - low, resolution_m)
    rows = np.empty(surface_m.shape, np.int16)
    _quantise(surface_m, low, quantum, rows)
    return Heights(rows, transposed(rows), low, quantum, resolution_m, origin)


@njit(cache=True, nogil=True)
def _quantise(surface_m: Floats, low: float, quantum: float, out: Shorts) -> None:
    for i in range(surface_m.shape[0]):
        for j in range(surface_m.shape[1]):
            out[i, j] = np.int16(np.floor((surface_m[i, j] - low) / quantum + 0.5))


@njit(cache=True, nogil=True)
def _transpose(source: NDArray[Any], near: Bytes, out: NDArray[Any]) -> None:
    for top in range(0, source.shape[0], FLAG):
        bottom = min(top + FLAG, source.shape[0])
        for piece in range(near.shape[1]):
            wanted = False
            for i in range(top, bottom):
                wanted = wanted or near[i, piece] != 0
            if wanted:
                for j in range(piece * FLAG, min((piece + 1) * FLAG, source.shape[1])):
                    for i in range(top, bottom):
                        out[j, i] = source[i, j]


def transposed(source: Shorts) -> Shorts:
    """Return the contiguous transpose, made block by block."""
    return transposed_near(source, np.ones_like(no_flags(source.shape)))


def transposed_near(source: Shorts, near: Bytes) -> Shorts:
    """Return the contiguous transpose of the blocks that hold a marked piece of a row; zero elsewhere."""
    out = np.zeros(source.shape[::-1], source.dtype)
    _transpose(source, near, out)
    return out


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


@dataclass(frozen=True)
class Line:
    """How the digital lines of one azimuth run over the raster."""

    transposed: bool
    """True: walk along columns (the transposed layout)."""
    from_first: bool
    """True: the far end is the first row of the layout."""
    shift: Floats
    """Columns moved per step away from the far end."""
    step_px: float
    """Length of a step, pixels."""


def line_of(azimuth_deg: float) -> Line:
    """Return the digital lines that look towards an azimuth (0 = north, clockwise)."""
    azimuth = np.radians(azimuth_deg)
    down, right = -np.cos(azimuth), np.sin(azimuth)
    along, across = (down, right) if abs(down) >= abs(right) else (right, down)
    return Line(
        transposed=bool(abs(down) < abs(right)),
        from_first=bool(along < 0),
        shift=-across / abs(along),
        step_px=1 / abs(along),
    )


@njit(cache=True, nogil=True)
def flag_blocks(rows: Pixels, columns: Pixels, flag: int, out: Bytes) -> None:
    """Set a flag on the pieces of `FLAG` pixels that hold a listed pixel."""
    for index in range(rows.size):
        out[rows[index], columns[index] // FLAG] |= flag


def no_flags(shape: tuple[int, int]) -> Bytes:
    """Return unmarked pieces of `FLAG` pixels for every row of a raster."""
    return np.zeros((shape[0], -(-shape[1] // FLAG)), np.uint8)


def offsets(line: Line, steps: int, *, origin: int = 0) -> Ints:
    """Return the column shift of every line at each step from the far end, relative to the first step.

    Parameters
    ----------
    line
        Direction of the lines.
    steps
        Rows of the layout.
    origin
        Number of its first row: lines keep their course whichever rows a window shows.
    """
    rounded = np.floor(line.shift * _places(line, steps, origin) + 0.5)
    return np.asarray(rounded - rounded[0], np.int64)


def _places(line: Line, steps: int, origin: int) -> Floats:
    """Return the place of each step along the way rays sink, counted from row 0 of the endless grid."""
    first = origin if line.from_first else -(origin + steps - 1)
    return first + np.arange(steps, dtype=np.float64)


def falls(line: Line, heights: Heights, tangents: Floats, steps: int) -> NDArray[np.int32]:
    """Return how far each ray has sunk at each step since the far end, stored units, (steps + 1, levels).

    Whole numbers that follow the exact slope within half a unit however long the line.
    """
    slope = tangents * line.step_px * heights.resolution_m / heights.quantum_m
    places = _places(line, steps + 1, heights.origin[line.transposed])
    fall = np.floor(slope[None, :] * places[:, None] + 0.5)
    return np.asarray(fall - fall[0], np.int32)


@njit(cache=True, nogil=True)
def _mark_walls(ground: Shorts, nearer: Shorts, steep: int, wall: Shorts) -> None:
    """Set all bits where the next pixel towards the observer lies deep below: a wall stands between."""
    for lane in range(BLOCK):
        wall[lane] = np.int16(-1) if np.int32(ground[lane]) - np.int32(nearer[lane]) > steep else np.int16(0)


@njit(cache=True, nogil=True)
def _advance(rays: Shorts, at: int, ground: Shorts, wall: Shorts, sink: Shorts) -> None:
    for level in range(rays.shape[0]):
        ray = rays[level, at : at + BLOCK]
        d = sink[level]
        half = np.int16(d >> 1)
        for lane in range(BLOCK):
            top = np.int16(ground[lane] + (wall[lane] & half))
            ray[lane] = np.int16(max(ray[lane], top) - d)


@njit(cache=True, nogil=True)
def _advance_coding(rays: Shorts, at: int, ground: Shorts, wall: Shorts, sink: Shorts, count: Shorts) -> None:  # noqa: PLR0917
    for lane in range(BLOCK):
        count[lane] = 0
    for level in range(rays.shape[0]):
        ray = rays[level, at : at + BLOCK]
        d = sink[level]
        half = np.int16(d >> 1)
        for lane in range(BLOCK):
            r, z = ray[lane], ground[lane]
            count[lane] = np.int16(count[lane] + (r > z))
            top = np.int16(z + (wall[lane] & half))
            ray[lane] = np.int16(max(r, top) - d)


@njit(cache=True, nogil=True)
def _settle(rays: Shorts, at: int, before: NDArray[np.int32], now: NDArray[np.int32]) -> None:
    """Let rays sink by all they missed over plain ground."""
    for level in range(rays.shape[0]):
        ray = rays[level, at : at + BLOCK]
        drop = now[level] - before[level]
        for lane in range(BLOCK):
            ray[lane] = np.int16(max(np.int32(ray[lane]) - drop, np.int32(LOWEST)))


class _Walk(NamedTuple):
    """One azimuth over one memory order."""

    surface: Shorts
    flags: Bytes
    coarse: Bytes
    offset: Ints
    fall: NDArray[np.int32]
    rising: bool
    """True: the far end is the first row."""
    steep: int
    """Drop from one pixel to the next, stored units, that is a wall."""


@njit(cache=True, nogil=True)
def _edge(  # noqa: PLR0917 - a kernel
    rays: Shorts,
    at: int,
    surface: Shorts,
    i: int,
    j: int,
    k: int,
    drift: int,
    steep: int,
    sink: Shorts,
    out: Bytes,
) -> None:
    """Advance and code the part of a block that lies inside the raster."""
    rows, columns = surface.shape
    for lane in range(max(0, -j), min(BLOCK, columns - j)):
        z = np.int32(surface[i, j + lane])
        nearer = j + lane + drift
        wall = 0 <= k < rows and 0 <= nearer < columns and z - np.int32(surface[k, nearer]) > steep
        code = 0
        for level in range(rays.shape[0]):
            r, d = np.int32(rays[level, at + lane]), np.int32(sink[level])
            if r > z:
                code += 1
            top = z + (d >> 1) if wall else z
            rays[level, at + lane] = np.int16(max(r, top) - d)
        out[i, j + lane] = code


@njit(cache=True, nogil=True)
def _flag_at(flags: Bytes, i: int, j: int, columns: int) -> int:
    """Return the flags that a block of lines meets in row i, 0 for plain ground or nothing."""
    if j >= columns or j + BLOCK <= 0:
        return 0
    first, last = max(j, 0) // FLAG, min(j + BLOCK - 1, columns - 1) // FLAG
    found = np.int64(flags[i, first])
    for place in range(first + 1, last + 1):
        found |= np.int64(flags[i, place])
    return int(found)


@njit(cache=True, nogil=True)
def _plain_steps(coarse: Bytes, i: int, left: int, rows: int, columns: int, rising: bool) -> int:  # noqa: FBT001, PLR0917
    """Return how many steps from row i on a strip meets only plain ground, 0 where it may meet more.

    Within the rows of one coarse block lines move sideways by no more than those rows.
    """
    first = max(left - COARSE, 0) // FLAG
    last = min(left + STRIP + COARSE, columns - 1) // FLAG
    for place in range(first, last + 1):
        if coarse[i // COARSE, place]:
            return 0
    return min(COARSE - i % COARSE, rows - i) if rising else i % COARSE + 1


@njit(cache=True, nogil=True)
def _sweep(walk: _Walk, first_line: int, last_line: int, out: Bytes) -> None:  # noqa: C901, PLR0912, PLR0915
    """Sweep lines from their far end; lines are named by the column where they start.

    One function on purpose: handing the arrays on for every block of lines costs as much as the block.
    """
    surface, flags, coarse, offset, fall, rising, steep = walk
    rows, columns = surface.shape
    levels = fall.shape[1]
    rays = np.empty((levels, STRIP), np.int16)
    count, wall, sink = np.empty(BLOCK, np.int16), np.empty(BLOCK, np.int16), np.empty(levels, np.int16)
    waiting = np.empty(STRIP // BLOCK, np.int64)
    for strip in range(first_line, last_line, STRIP):
        rays[:, :] = LOWEST
        waiting[:] = -1
        step = -1
        while step + 1 < rows:
            step += 1
            i = step if rising else rows - 1 - step
            left = strip + offset[step]
            if left >= columns or left + STRIP <= 0:
                continue
            plain = _plain_steps(coarse, i, left, rows, columns, rising)
            if plain > 0:
                for part in range(STRIP // BLOCK):
                    if waiting[part] < 0:
                        waiting[part] = step
                step += plain - 1
                continue
            for level in range(levels):
                sink[level] = np.int16(fall[step + 1, level] - fall[step, level])
            k = i + 1 if rising else i - 1
            drift = offset[min(step + 1, rows - 1)] - offset[step]
            for part in range(STRIP // BLOCK):
                at = part * BLOCK
                j = left + at
                flag = _flag_at(flags, i, j, columns)
                if flag == 0:
                    if waiting[part] < 0:
                        waiting[part] = step
                    continue
                if waiting[part] >= 0:
                    _settle(rays, at, fall[waiting[part]], fall[step])
                    waiting[part] = -1
                if j < 0 or j + BLOCK > columns:
                    _edge(rays, at, surface, i, j, k, drift, steep, sink, out)
                    continue
                ground = surface[i, j : j + BLOCK]
                if not (0 <= k < rows):
                    wall[:] = 0
                elif j + drift >= 0 and j + drift + BLOCK <= columns:
                    _mark_walls(ground, surface[k, j + drift : j + drift + BLOCK], steep, wall)
                else:
                    _edge(rays, at, surface, i, j, k, drift, steep, sink, out)
                    continue
                if flag & WANTED:
                    _advance_coding(rays, at, ground, wall, sink, count)
                    target = out[i, j : j + BLOCK]
                    for lane in range(BLOCK):
                        target[lane] = np.uint8(count[lane])
                else:
                    _advance(rays, at, ground, wall, sink)


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
            _transpose(self.values, np.ones_like(no_flags(self.values.shape)), out)
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
    steep = round(WALL_SLOPE * heights.resolution_m / heights.quantum_m)
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
            shift = offsets(line, surface.shape[0], origin=heights.origin[line.transposed])
            fall = falls(line, heights, tangent, surface.shape[0])
            walk = _Walk(surface, flags, coarse, shift, fall, line.from_first, steep)
            lines = (-max(int(shift.max()), 0), surface.shape[1] - min(int(shift.min()), 0))
            jobs = [pool.submit(_sweep, walk, first, last, out) for first, last in _shares(*lines, workers)]
            for job in jobs:
                job.result()
            yield Codes(float(azimuth), line.transposed, out)


def _shares(first: int, last: int, workers: int) -> list[tuple[int, int]]:
    """Cut a range of lines into even shares on strip borders; no two shares touch a pixel of the other."""
    strips = -(-(last - first) // STRIP)
    edges = [first + STRIP * (strips * share // workers) for share in range(workers)] + [last]
    return [(low, high) for low, high in pairwise(edges) if high > low]
