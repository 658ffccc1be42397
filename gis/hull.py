"""The exact horizon along digital lines: the judge of the level sweep."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gis.horizon import WALL_SLOPE
from gis.lines import leans, line_of, offsets
from jit import njit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

STRIP = 64
"""Lines that advance side by side, so that memory is read in the order in which it lies."""


class _Lines(NamedTuple):
    """One azimuth over one memory order."""

    surface: Floats
    offset: Ints
    lean: Floats
    """How far beside the centre of its pixel a line meets the surface, columns; 0: at the centre."""
    lowest: float
    """Height beside the raster."""
    rising: bool
    """True: the far end is the first row."""
    step_m: float
    steep_m: float
    """Drop to the next pixel that is a wall."""


@njit(cache=True, nogil=True, inline="always")
def _hidden(hull: Floats, point: int, x: np.float64, z: np.float64) -> bool:
    """Say whether a hull point lies under the chord from the one before it to (x, z)."""
    before = point - 1
    return (hull[point, 1] - z) * (x - hull[before, 0]) < (hull[before, 1] - z) * (x - hull[point, 0])


@njit(cache=True, nogil=True)
def _strip(lines: _Lines, first: int, last: int, hull: Floats, out: Floats) -> None:
    """Walk some lines from their far end; `hull` holds distance and height of what each line still sees."""
    surface, offset, lean, lowest, rising, step_m, steep_m = lines
    rows, columns = surface.shape
    top = np.zeros(last - first, np.int64)
    half, steep = np.float64(0.5 * step_m), np.float64(steep_m)
    for step in range(rows):
        i = step if rising else rows - 1 - step
        k = i + 1 if rising else i - 1
        x = np.float64(step * step_m)
        drift = offset[min(step + 1, rows - 1)] - offset[step]
        for line in range(max(first, -offset[step]), min(last, columns - offset[step])):
            j, lane = line + offset[step], line - first
            z, seen, points = surface[i, j], top[lane] - 1, hull[lane]
            while seen > 0 and _hidden(points, seen, x, z):
                seen -= 1
            if seen < 0:
                out[i, j] = np.float64(-np.inf)
            else:
                out[i, j] = (points[seen, 1] - z) / (x - points[seen, 0])
            at = x
            if lean[step] != 0.0:
                side = j + (1 if lean[step] > 0.0 else -1)
                z += ((surface[i, side] if 0 <= side < columns else lowest) - z) * abs(lean[step])
                seen = top[lane] - 1
                while seen > 0 and _hidden(points, seen, x, z):
                    seen -= 1
            if 0 <= k < rows and 0 <= j + drift < columns and z - surface[k, j + drift] > steep:
                # the face of a wall stands nearer, and from there other points may be in sight
                at, seen = x + half, top[lane] - 1
                while seen > 0 and _hidden(points, seen, at, z):
                    seen -= 1
            points[seen + 1, 0], points[seen + 1, 1] = at, z
            top[lane] = seen + 2


@njit(cache=True, nogil=True)
def _all_lines(lines: _Lines, first: int, last: int, hull: Floats, out: Floats) -> None:
    for start in range(first, last, STRIP):
        _strip(lines, start, min(start + STRIP, last), hull, out)


def horizon_tangents(
    surface_m: Floats,
    azimuths_deg: Floats,
    *,
    resolution_m: float,
    wall_slope: float = WALL_SLOPE,
    continuous: bool = False,
) -> Iterator[Floats]:
    """Yield the tangent of the horizon's elevation towards each azimuth, -inf where nothing lies that way.

    Upper convex hull of each digital line (the same lines as the level sweep), amortised constant work. Drops
    steeper than `wall_slope` are walls whose face stands midway between two pixels; infinity for none. On a
    continuous surface there are none, and lines meet it where they pass, between two pixel centres. The array
    is reused, take what you need before going on.
    """
    lowest, steepest_m = float(surface_m.min()), np.inf if continuous else wall_slope * resolution_m
    straight = np.ascontiguousarray(surface_m, np.float64)
    orders = {False: straight, True: np.ascontiguousarray(straight.T)}
    results = {turned: np.empty_like(surface) for turned, surface in orders.items()}
    for azimuth in azimuths_deg:
        line = line_of(float(azimuth))
        surface, out = orders[line.transposed], results[line.transposed]
        shift = offsets(line, surface.shape[0])
        first, last = -max(int(shift.max()), 0), surface.shape[1] - min(int(shift.min()), 0)
        lean = leans(line, surface.shape[0]) * continuous
        lines = _Lines(surface, shift, lean, lowest, line.from_first, line.step_px * resolution_m, steepest_m)
        _all_lines(lines, first, last, np.empty((STRIP, surface.shape[0], 2), np.float64), out)
        yield out.T if line.transposed else out


def horizon_tangent(
    surface_m: Floats,
    azimuth_deg: float,
    *,
    resolution_m: float,
    wall_slope: float = WALL_SLOPE,
    continuous: bool = False,
) -> Floats:
    """Return the tangent of the horizon's elevation towards one azimuth; see `horizon_tangents`."""
    azimuths = np.array([azimuth_deg])
    return next(
        horizon_tangents(
            surface_m, azimuths, resolution_m=resolution_m, wall_slope=wall_slope, continuous=continuous
        )
    )
