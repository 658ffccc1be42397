"""The exact horizon along digital lines: the slow, simple judge of the level sweep."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from gis.horizon import WALL_SLOPE
from gis.lines import line_of, offsets

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


@njit(cache=True, nogil=True)
def _before_wall(  # noqa: PLR0917 - a kernel
    surface: Floats,
    offset: Ints,
    from_first: bool,  # noqa: FBT001
    line: int,
    step: int,
    steep_m: float,
) -> int:
    """Return 1 where the next pixel towards the observer lies deep below, else 0."""
    rows, columns = surface.shape
    if step + 1 >= rows:
        return 0
    j, k = line + offset[step], line + offset[step + 1]
    if k < 0 or k >= columns:
        return 0
    i = step if from_first else rows - 1 - step
    return 1 if surface[i, j] - surface[i + 1 if from_first else i - 1, k] > steep_m else 0


@njit(cache=True, nogil=True)
def _hidden(at: Floats, height: Floats, point: int, x: float, z: float) -> bool:
    """Say whether a hull point lies under the chord from the one before it to (x, z)."""
    rise, run = height[point - 1] - z, x - at[point - 1]
    return (height[point] - z) * run < rise * (x - at[point])


@njit(cache=True, nogil=True)
def _hull_lines(  # noqa: PLR0917 - a kernel
    surface: Floats,
    offset: Ints,
    from_first: bool,  # noqa: FBT001
    first: int,
    last: int,
    step_m: float,
    steep_m: float,
    out: Floats,
) -> None:
    rows, columns = surface.shape
    at = np.empty(rows, np.float64)
    height = np.empty(rows, np.float64)
    for line in range(first, last):
        top = 0
        for step in range(rows):
            j = line + offset[step]
            if j < 0 or j >= columns:
                continue
            i = step if from_first else rows - 1 - step
            x, z = step * step_m, surface[i, j]
            seen = top - 1
            while seen > 0 and _hidden(at, height, seen, x, z):
                seen -= 1
            out[i, j] = (height[seen] - z) / (x - at[seen]) if top > 0 else -np.inf
            x += 0.5 * step_m * _before_wall(surface, offset, from_first, line, step, steep_m)
            # a point under the chord from the one before it to here is never seen again
            while top > 1 and _hidden(at, height, top - 1, x, z):
                top -= 1
            at[top], height[top] = x, z
            top += 1


def horizon_tangent(
    surface_m: Floats, azimuth_deg: float, *, resolution_m: float, wall_slope: float = WALL_SLOPE
) -> Floats:
    """Return the tangent of the horizon's elevation towards an azimuth, -inf where nothing lies that way.

    Upper convex hull of each digital line (the same lines as the level sweep), amortised constant work. Drops
    steeper than `wall_slope` are walls whose face stands midway between two pixels; infinity for none.
    """
    line, steep_m = line_of(azimuth_deg), wall_slope * resolution_m
    surface = np.ascontiguousarray(surface_m.T if line.transposed else surface_m, np.float64)
    out = np.full(surface.shape, -np.inf)
    shift = offsets(line, surface.shape[0])
    first, last = -max(int(shift.max()), 0), surface.shape[1] - min(int(shift.min()), 0)
    _hull_lines(surface, shift, line.from_first, first, last, line.step_px * resolution_m, steep_m, out)
    return out.T if line.transposed else out
