"""The exact horizon along digital lines: the slow, simple judge of the level sweep."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from gis.horizon import line_of, offsets

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


@njit(cache=True, nogil=True)
def _hull_lines(  # noqa: PLR0917 - a kernel
    surface: Floats,
    offset: Ints,
    from_first: bool,  # noqa: FBT001
    first: int,
    last: int,
    step_m: float,
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
            # a point under the chord from the one before it to here is never seen again
            while top > 1:
                rise, run = height[top - 2] - z, x - at[top - 2]
                if (height[top - 1] - z) * run >= rise * (x - at[top - 1]):
                    break
                top -= 1
            out[i, j] = (height[top - 1] - z) / (x - at[top - 1]) if top > 0 else -np.inf
            at[top] = x
            height[top] = z
            top += 1


def horizon_tangent(surface_m: Floats, azimuth_deg: float, *, resolution_m: float) -> Floats:
    """Return the tangent of the horizon's elevation towards an azimuth, -inf where nothing lies that way.

    Upper convex hull of each digital line (the same lines as the level sweep), amortised constant work.
    """
    line = line_of(azimuth_deg)
    surface = np.ascontiguousarray(surface_m.T if line.transposed else surface_m, np.float64)
    out = np.full(surface.shape, -np.inf)
    shift = offsets(line, surface.shape[0])
    first, last = -max(int(shift.max()), 0), surface.shape[1] - min(int(shift.min()), 0)
    _hull_lines(surface, shift, line.from_first, first, last, line.step_px * resolution_m, out)
    return out.T if line.transposed else out
