"""The kernel of a horizon sweep: rays sink along all lines of one azimuth and meet the surface."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gis.heights import FLAG
from gis.lanes import BLOCK, STEPS, advance, advance_coding, glide, glide_coding
from jit import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Shorts = NDArray[np.int16]
    Bytes = NDArray[np.uint8]
    Ints = NDArray[np.int64]

STRIP = 512
"""Lines that are swept together."""
COARSE = 32
"""Rows that are passed over together where nothing stands."""
LOWEST = np.int16(-32768)
STANDING, WANTED = 1, 2
"""Flags of a block: something rises there; its codes are wanted."""


@njit(cache=True, nogil=True)
def _settle(rays: Shorts, at: int, before: NDArray[np.int32], now: NDArray[np.int32]) -> None:
    """Let rays sink by all they missed over plain ground."""
    for level in range(rays.shape[0]):
        ray = rays[level, at : at + BLOCK]
        drop = now[level] - before[level]
        for lane in range(BLOCK):
            ray[lane] = np.int16(max(np.int32(ray[lane]) - drop, np.int32(LOWEST)))


class Walk(NamedTuple):
    """One azimuth over one memory order."""

    surface: Shorts
    flags: Bytes
    coarse: Bytes
    offset: Ints
    side: Ints
    """Towards which column, -1 or 1, the lines lean at each step."""
    weight: Shorts
    """What the column beside counts where the surface is continuous, 65536 for the whole."""
    fall: NDArray[np.int32]
    rising: bool
    """True: the far end is the first row."""
    steep: int
    """Drop from one pixel to the next, stored units, that is a wall; 0: the surface is continuous."""


@njit(cache=True, nogil=True)
def _borrow(walk: Walk, step: int, line: int, ground: Shorts) -> None:
    """Copy the heights of a block that crosses the edge, and one column either side: (STEPS + 1, BLOCK + 2).

    Beside the raster lies the lowest height, which hides nothing; behind its last row the row repeats, so
    that no wall stands there.
    """
    surface, rising = walk.surface, walk.rising
    rows, columns = surface.shape
    for ahead in range(STEPS + 1):
        at = min(step + ahead, rows - 1)
        i = at if rising else rows - 1 - at
        j = line + walk.offset[at] - 1
        for lane in range(BLOCK + 2):
            ground[ahead, lane] = surface[i, j + lane] if 0 <= j + lane < columns else 0


@njit(cache=True, nogil=True)
def _give_back(walk: Walk, step: int, line: int, codes: Bytes, out: Bytes) -> None:
    """Write the codes of a borrowed block where it lies on the raster."""
    rows, columns = walk.surface.shape
    for ahead in range(min(STEPS, rows - step)):
        i = step + ahead if walk.rising else rows - 1 - step - ahead
        j = line + walk.offset[step + ahead]
        for lane in range(max(0, -j), min(BLOCK, columns - j)):
            out[i, j + lane] = codes[ahead, lane]


@njit(cache=True, nogil=True, inline="always")
def _flag_at(flags: Bytes, i: int, first: int, last: int) -> int:
    """Return the flags that lie between two columns of row i, 0 for plain ground or nothing."""
    if first >= flags.shape[1] * FLAG or last < 0:
        return 0
    first, last = max(first, 0) // FLAG, min(last // FLAG, flags.shape[1] - 1)
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


@njit(cache=True, nogil=True, inline="always")
def _group_flag(walk: Walk, step: int, steps: int, j: int) -> int:
    """Return the flags that a block of lines meets in some steps; its first line lies at column j."""
    found, more = 0, 1 if walk.steep == 0 else 0
    for ahead in range(steps):
        i = step + ahead if walk.rising else walk.surface.shape[0] - 1 - step - ahead
        first = j + walk.offset[step + ahead] - walk.offset[step]
        found |= _flag_at(walk.flags, i, first - more, first + BLOCK - 1 + more)
    return found


@njit(cache=True, nogil=True, inline="always")
def _inside(walk: Walk, step: int, j: int) -> bool:
    """Say whether a block and the columns beside it lie inside at `STEPS` steps and the one after, if any."""
    rows, columns = walk.surface.shape
    if step + STEPS > rows:
        return False
    for ahead in range(min(STEPS + 1, rows - step)):
        left = j + walk.offset[step + ahead] - walk.offset[step]
        if left < 1 or left + BLOCK >= columns:
            return False
    return True


@njit(cache=True, nogil=True, inline="always")
def _place(walk: Walk, step: int, ahead: int, j: int) -> int:
    """Return the flat index of a block's first pixel some steps ahead; the last row repeats."""
    rows, columns = walk.surface.shape
    at = min(step + ahead, rows - 1)
    i = at if walk.rising else rows - 1 - at
    return int(i * columns + j + walk.offset[at] - walk.offset[step])


@njit(cache=True, nogil=True)
def _sinks(fall: NDArray[np.int32], step: int, out: Shorts) -> None:
    """Write how far rays sink in each of the next steps, shape (levels, STEPS)."""
    for ahead in range(min(STEPS, fall.shape[0] - 1 - step)):
        for level in range(out.shape[0]):
            out[level, ahead] = np.int16(fall[step + ahead + 1, level] - fall[step + ahead, level])


@njit(cache=True, nogil=True)
def _advance(  # noqa: PLR0917 - a kernel
    steep: int,
    coding: bool,  # noqa: FBT001
    state: np.int64,
    levels: int,
    rows: tuple[np.int64, np.int64, np.int64, np.int64, np.int64],
    sides: tuple[int, int, int, int],
    weights: np.int64,
    sunk: np.int64,
    codes: tuple[np.int64, np.int64, np.int64, np.int64],
) -> None:
    """Advance a block of lines by `STEPS` rows; `rows` and `codes` are addresses of its first line."""
    pitch = 2 * STRIP
    if steep == 0:
        beside = (rows[0] + sides[0], rows[1] + sides[1], rows[2] + sides[2], rows[3] + sides[3])
        if coding:
            glide_coding(state, pitch, levels, rows, beside, weights, sunk, codes)
        else:
            glide(state, pitch, levels, rows, beside, weights, sunk, codes)
    elif coding:
        advance_coding(state, pitch, levels, rows, sunk, steep, codes)
    else:
        advance(state, pitch, levels, rows, sunk, steep, codes)


@njit(cache=True, nogil=True)
def sweep(walk: Walk, first_line: int, last_line: int, out: Bytes) -> None:  # noqa: C901, PLR0915
    """Sweep lines from their far end; lines are named by the column where they start."""
    surface, _, coarse, offset, side, weight, fall, rising, steep = walk
    rows, columns = surface.shape
    levels = fall.shape[1]
    rays = np.empty((levels, STRIP), np.int16)
    sinks = np.empty((levels, STEPS), np.int16)
    waiting = np.empty(STRIP // BLOCK, np.int64)
    # addresses of items of two bytes and of one
    ground, codes = np.int64(surface.ctypes.data), np.int64(out.ctypes.data)
    weights = np.int64(weight.ctypes.data)
    state, sunk = np.int64(rays.ctypes.data), np.int64(sinks.ctypes.data)
    lent, lent_codes = np.empty((STEPS + 1, BLOCK + 2), np.int16), np.empty((STEPS, BLOCK), np.uint8)
    a, c, wide = np.int64(lent.ctypes.data) + 2, np.int64(lent_codes.ctypes.data), 2 * (BLOCK + 2)
    lent_rows = (a, a + wide, a + 2 * wide, a + 3 * wide, a + 4 * wide)
    code_rows = (c, c + BLOCK, c + 2 * BLOCK, c + 3 * BLOCK)
    for strip in range(first_line, last_line, STRIP):
        rays[:, :] = LOWEST
        waiting[:] = -1
        step = 0
        while step < rows:
            i = step if rising else rows - 1 - step
            left = strip + offset[step]
            steps = min(STEPS, rows - step)
            beside = left >= columns + STEPS or left + STRIP <= -STEPS
            plain = steps if beside else _plain_steps(coarse, i, left, rows, columns, rising)
            if plain > 0:
                for part in range(STRIP // BLOCK):
                    if waiting[part] < 0:
                        waiting[part] = step
                step += plain
                continue
            _sinks(fall, step, sinks)
            sides = (2 * side[step], 2 * side[step + 1], 2 * side[step + 2], 2 * side[step + 3])
            for part in range(STRIP // BLOCK):
                at = part * BLOCK
                j = left + at
                flag = _group_flag(walk, step, steps, j)
                if flag == 0:
                    if waiting[part] < 0:
                        waiting[part] = step
                    continue
                if waiting[part] >= 0:
                    _settle(rays, at, fall[waiting[part]], fall[step])
                    waiting[part] = -1
                here, there, coding = lent_rows, code_rows, True
                inside = _inside(walk, step, j)
                if inside:
                    p, q, r = _place(walk, step, 0, j), _place(walk, step, 1, j), _place(walk, step, 2, j)
                    s, t = _place(walk, step, 3, j), _place(walk, step, 4, j)
                    here = (ground + 2 * p, ground + 2 * q, ground + 2 * r, ground + 2 * s, ground + 2 * t)
                    there = (codes + p, codes + q, codes + r, codes + s)
                    coding = (flag & WANTED) != 0
                else:
                    _borrow(walk, step, strip + at, lent)
                _advance(steep, coding, state + 2 * at, levels, here, sides, weights + 2 * step, sunk, there)
                if not inside:
                    _give_back(walk, step, strip + at, lent_codes, out)
            step += steps
