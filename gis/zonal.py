"""Sums of a raster over polygons by scan lines, weighted with the part of each pixel that is covered.

Every pixel row is cut by four sub-lines; along each the covered stretch of every pixel is exact. The weight
of a pixel is therefore exact across and sampled four times along, and no polygon is lost however small.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gis.prefetch import prefetch
from jit import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gis.grid import Grid
    from gis.rings import Rings

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

SUB_LINES = 4
LEAST_LINES = 16.0
"""A low polygon gets closer sub-lines, so that its area is within a sixteenth."""
MOST_SUB_LINES = 1 << 15
STRIP_ROWS = 64
"""Rows whose polygons are taken together."""
LINE = 64
"""Bytes that memory hands over at once."""
FARTHEST = 1024
"""Bytes of each row that are fetched beforehand: more would be gone again when it is read."""
AHEAD = 2
"""Polygons between fetching and summing."""


@dataclass(frozen=True)
class ZonalSums:
    """One value per polygon."""

    pixels: Floats
    """Covered area in pixels that hold a value."""
    total: Floats
    """Sum of value times covered share."""
    highest: Floats
    """Largest value of any touched pixel, NaN where none holds a value."""

    @property
    def mean(self) -> Floats:
        """Mean weighted with coverage, NaN where no pixel holds a value."""
        return np.divide(self.total, self.pixels, out=np.full_like(self.total, np.nan), where=self.pixels > 0)


class _Sums(NamedTuple):
    """What a polygon has met so far; kept in registers while its rows are read."""

    pixels: float
    total: float
    highest: float


@njit(cache=True, nogil=True)
def _add_stretch(raster: Floats, row: int, left: float, right: float, weight: float, sums: _Sums) -> _Sums:  # noqa: PLR0917
    """Add the stretch from left to right (pixels) of one sub-line."""
    pixels, total, highest = sums
    left, right = max(left, 0.0), min(right, float(raster.shape[1]))
    if right > left:
        for column in range(int(left), min(int(right), raster.shape[1] - 1) + 1):
            covered = (min(right, column + 1.0) - max(left, float(column))) * weight
            value = np.float64(raster[row, column])
            if covered > 0.0 and np.isfinite(value):
                pixels += covered
                total += covered * value
                if not value <= highest:
                    highest = value
    return _Sums(pixels, total, highest)


@njit(cache=True, nogil=True)
def _add_whole(raster: Floats, row: int, first: int, last: int, sums: _Sums) -> _Sums:
    """Add pixels that are covered whole."""
    count, total, highest = 0.0, 0.0, sums.highest
    for column in range(first, last):
        value = np.float64(raster[row, column])
        if np.isfinite(value):
            count += 1.0
            total += value
            if not value <= highest:
                highest = value
    return _Sums(sums.pixels + count, sums.total + total, highest)


@njit(cache=True, nogil=True)
def _add_pair(raster: Floats, row: int, x: Floats, first: int, last: int, sums: _Sums) -> _Sums:  # noqa: PLR0917
    """Add one pixel row whose sub-lines first to last all enter and leave the polygon once.

    What lies between the innermost crossings is whole; only the pixels at both ends are weighed line by line.
    """
    size = float(raster.shape[1])
    inner, outer = 0.0, size
    for line in range(first, last):
        inner, outer = max(inner, x[line, 0]), min(outer, x[line, 1])
    begin, end = int(np.ceil(inner)), int(max(outer, 0.0))
    weight = 1.0 / (last - first)
    if begin >= end:
        for line in range(first, last):
            sums = _add_stretch(raster, row, x[line, 0], x[line, 1], weight, sums)
        return sums
    for line in range(first, last):
        sums = _add_stretch(raster, row, x[line, 0], float(begin), weight, sums)
        sums = _add_stretch(raster, row, float(end), x[line, 1], weight, sums)
    return _add_whole(raster, row, begin, end, sums)


@njit(cache=True, nogil=True)
def _cross(points: Floats, first: int, last: int, steps: int, start: int, x: Floats, count: Ints) -> None:  # noqa: PLR0917
    """Write, in ascending order, where the edges of one ring cross each sub-line from `start` on."""
    part = 1.0 / steps
    for point in range(first, last - 1):
        y0, y1 = points[point, 1], points[point + 1, 1]
        low, high = min(y0, y1), max(y0, y1)
        slope = (points[point + 1, 0] - points[point, 0]) / (y1 - y0) if y1 != y0 else 0.0
        line = max(int(np.ceil(low * steps - 0.5)), start)
        while line - start < count.size and (line + 0.5) * part < high:
            place = points[point, 0] + ((line + 0.5) * part - y0) * slope
            row = line - start
            at = count[row]
            while at > 0 and x[row, at - 1] > place:
                x[row, at] = x[row, at - 1]
                at -= 1
            x[row, at] = place
            count[row] += 1
            line += 1


@njit(cache=True, nogil=True)
def _sub_steps(height: float) -> int:
    """Return how many sub-lines a pixel row has for a polygon of some height, pixels."""
    steps = SUB_LINES
    while height * steps < LEAST_LINES and steps < MOST_SUB_LINES:
        steps *= 2
    return steps


@njit(cache=True, nogil=True)
def _span(points: Floats, first: int, last: int) -> tuple[float, float]:
    """Return the least and the largest y of some points."""
    low, high = np.inf, -np.inf
    for point in range(first, last):
        low, high = min(low, points[point, 1]), max(high, points[point, 1])
    return low, high


@njit(cache=True, nogil=True)
def _paired(count: Ints, first: int, last: int) -> bool:
    """Say whether every sub-line enters and leaves the polygon once."""
    most, least = 2, 2
    for line in range(first, last):
        most, least = max(most, count[line]), min(least, count[line])
    return most == least


@njit(cache=True, nogil=True)
def _fetch(points: Floats, first: int, last: int, raster: Floats) -> None:
    """Have the pixels under some points brought near while other polygons are summed."""
    rows, columns = raster.shape
    left, right = np.inf, -np.inf
    for point in range(first, last):
        left, right = min(left, points[point, 0]), max(right, points[point, 0])
    low, high = _span(points, first, last)
    size = raster.itemsize
    begin = max(int(left), 0) * size
    end = min(int(right) + 1, columns) * size
    end = min(end, begin + FARTHEST)
    start = np.int64(raster.ctypes.data)
    for row in range(max(int(low), 0), min(int(high) + 1, rows)):
        line = start + row * columns * size
        for place in range((line + begin) // LINE * LINE, line + end, LINE):
            prefetch(place)


@njit(cache=True, nogil=True)
def _zonal(  # noqa: PLR0917 - a kernel
    points: Floats, ring_starts: Ints, polygon_starts: Ints, order: Ints, raster: Floats, out: Floats
) -> None:
    lines_room, room = 1, 1
    for polygon in range(out.shape[0]):
        first, last = ring_starts[polygon_starts[polygon]], ring_starts[polygon_starts[polygon + 1]]
        low, high = _span(points, first, last)
        room = max(room, last - first)
        lines_room = max(
            lines_room, int((min(high, raster.shape[0]) - max(low, 0.0) + 2) * _sub_steps(high - low))
        )
    x, counts = np.empty((lines_room, room)), np.zeros(lines_room, np.int64)
    for place in range(order.size):
        polygon = order[place]
        if place + AHEAD < order.size:
            next_one = order[place + AHEAD]
            begin, end = polygon_starts[next_one], polygon_starts[next_one + 1]
            _fetch(points, ring_starts[begin], ring_starts[end], raster)
        low, high = _span(
            points, ring_starts[polygon_starts[polygon]], ring_starts[polygon_starts[polygon + 1]]
        )
        steps = _sub_steps(high - low)
        top, bottom = max(int(np.floor(low)), 0), min(int(np.ceil(high)), raster.shape[0])
        if top >= bottom:
            continue
        count = counts[: (bottom - top) * steps]
        count[:] = 0
        for ring in range(polygon_starts[polygon], polygon_starts[polygon + 1]):
            _cross(points, ring_starts[ring], ring_starts[ring + 1], steps, top * steps, x, count)
        sums = _Sums(0.0, 0.0, np.nan)
        for row in range(top, bottom):
            first, last = (row - top) * steps, (row - top + 1) * steps
            if _paired(count, first, last):
                sums = _add_pair(raster, row, x, first, last, sums)
                continue
            for line in range(first, last):
                for pair in range(0, count[line] - 1, 2):
                    sums = _add_stretch(raster, row, x[line, pair], x[line, pair + 1], 1.0 / steps, sums)
        out[polygon, 0], out[polygon, 1], out[polygon, 2] = sums


def _neighbours_first(points: Floats, rings: Rings) -> Ints:
    """Return the polygons in strips of rows from left to right: what lies together is read together."""
    corner = points[rings.ring_starts[rings.polygon_starts[:-1]]]
    strip = np.floor(corner[:, 1] / STRIP_ROWS)
    return np.asarray(np.lexsort((corner[:, 0], strip)), np.int64)


def zonal_sums(rings: Rings, raster: NDArray[np.floating], grid: Grid) -> ZonalSums:
    """Return coverage-weighted sums of a raster over polygons.

    Parameters
    ----------
    rings
        Polygons from `gis.rings.rings_of`, in the CRS of the grid.
    raster
        Values of the grid's pixels; NaN holds none.
    grid
        Where the pixels lie. What of a polygon lies outside counts as holding no value.
    """
    if raster.shape != grid.shape:
        raise ValueError(f"raster has shape {raster.shape}, the grid {grid.shape}")
    scale = np.array([1.0, -1.0]) / grid.resolution_m
    points = np.ascontiguousarray((rings.points - np.array([grid.west, grid.north])) * scale)
    out = np.zeros((rings.polygon_starts.size - 1, 3))
    out[:, 2] = np.nan
    if len(out):
        order = _neighbours_first(points, rings)
        _zonal(points, rings.ring_starts, rings.polygon_starts, order, np.ascontiguousarray(raster), out)
    return ZonalSums(out[:, 0], out[:, 1], out[:, 2])
