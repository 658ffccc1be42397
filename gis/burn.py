"""Kernels that set a bit in the cells of polygons, and of everything within a distance of edges.

All take a `pen`: the value to set, and west, north and cell size of the grid. A cell is where its centre is.
"""

from __future__ import annotations

from math import ceil, floor, inf, sqrt
from typing import TYPE_CHECKING

import numpy as np

from jit import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Plane = NDArray[np.uint8]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Pen = tuple[np.uint8, float, float, float]
    Span = tuple[float, float]

_FEW = 32


@njit(cache=True, nogil=True)
def fill(plane: Plane, pen: Pen, xy: Floats, ring: Ints, polygon: Ints) -> None:
    """Set the cells of polygons, even-odd over all rings of each.

    Polygon p has the rings polygon[p] to polygon[p + 1], ring r the corners ring[r] to ring[r + 1].
    """
    start = np.zeros(plane.shape[0] + 1, dtype=np.int64)
    crossing = np.empty(1024)
    for p in range(len(polygon) - 1):
        rings = ring[polygon[p] : polygon[p + 1] + 1]
        top, bottom = _rows_of(plane, pen, xy[rings[0] : rings[-1]])
        if top >= bottom:
            continue
        total = _count(start, rings, xy, pen, top, bottom)
        if total > len(crossing):
            crossing = np.empty(2 * total)
        _store(start, crossing, rings, xy, pen, top, bottom)
        for row in range(top, bottom):
            _fill_row(plane, pen, row, crossing[start[row - top] : start[row - top + 1]])


@njit(cache=True, nogil=True)
def swell(plane: Plane, pen: Pen, xy: Floats, ring: Ints, distance: Floats) -> None:
    """Set the cells within the distance of every edge of every chain, or of a lone corner."""
    for r in range(len(ring) - 1):
        if distance[r] <= 0:
            continue
        last = max(ring[r + 1] - 1, ring[r] + 1)
        for k in range(ring[r], last):
            a, b = xy[k], xy[min(k + 1, ring[r + 1] - 1)]
            _capsule(plane, pen, (a[0], a[1], b[0], b[1]), distance[r])


@njit(cache=True, nogil=True)
def _rows_of(plane: Plane, pen: Pen, xy: Floats) -> tuple[int, int]:
    """Return the rows, first and one past the last, that the corners reach; none if off the grid."""
    _, west, north, size = pen
    low, high, left, right = inf, -inf, inf, -inf
    for k in range(len(xy)):
        left, right = min(left, xy[k, 0]), max(right, xy[k, 0])
        low, high = min(low, xy[k, 1]), max(high, xy[k, 1])
    if not (left <= west + size * plane.shape[1] and right >= west):
        return 0, 0
    return _between(low, high, north, size, plane.shape[0])


@njit(cache=True, nogil=True)
def _between(low: float, high: float, north: float, size: float, count: int) -> tuple[int, int]:
    """Return the rows, first and one past the last, whose centres lie from low to high."""
    first = max(ceil((north - high) / size - 0.5), 0)
    last = min(floor((north - low) / size - 0.5), count - 1)
    return first, last + 1


@njit(cache=True, nogil=True)
def _crossed(a: float, b: float, pen: Pen, top: int, bottom: int) -> tuple[int, int]:
    """Return the rows that an edge crosses: a centre level with a corner belongs to the edge above it."""
    _, _, north, size = pen
    begin = max(floor((north - max(a, b)) / size - 0.5) + 1, top)
    end = min(floor((north - min(a, b)) / size - 0.5) + 1, bottom)
    return begin, end


@njit(cache=True, nogil=True)
def _count(start: Ints, rings: Ints, xy: Floats, pen: Pen, top: int, bottom: int) -> int:  # noqa: PLR0917
    """Count the crossings of each row and turn the counts into starts."""
    start[: bottom - top + 1] = 0
    for r in range(len(rings) - 1):
        for k in range(rings[r], rings[r + 1] - 1):
            begin, end = _crossed(xy[k, 1], xy[k + 1, 1], pen, top, bottom)
            for row in range(begin, end):
                start[row - top + 1] += 1
    for row in range(bottom - top):
        start[row + 1] += start[row]
    return start[bottom - top]


@njit(cache=True, nogil=True)
def _store(  # noqa: PLR0917 - a kernel's arrays
    start: Ints, crossing: Floats, rings: Ints, xy: Floats, pen: Pen, top: int, bottom: int
) -> None:
    """Put the crossings where they belong; `start` moves up by one place meanwhile and is moved back."""
    _, _, north, size = pen
    for r in range(len(rings) - 1):
        for k in range(rings[r], rings[r + 1] - 1):
            begin, end = _crossed(xy[k, 1], xy[k + 1, 1], pen, top, bottom)
            for row in range(begin, end):
                up = (north - (row + 0.5) * size - xy[k, 1]) / (xy[k + 1, 1] - xy[k, 1])
                crossing[start[row - top]] = xy[k, 0] + up * (xy[k + 1, 0] - xy[k, 0])
                start[row - top] += 1
    for row in range(bottom - top, 0, -1):
        start[row] = start[row - 1]
    start[0] = 0


@njit(cache=True, nogil=True)
def _fill_row(plane: Plane, pen: Pen, row: int, crossing: Floats) -> None:
    """Fill from the first to the second crossing, the third to the fourth, ...; the right end is left out."""
    value, west, _, size = pen
    _sort(crossing)
    for k in range(0, len(crossing) - 1, 2):
        first = max(ceil((crossing[k] - west) / size - 0.5), 0)
        last = min(ceil((crossing[k + 1] - west) / size - 0.5), plane.shape[1])
        for column in range(first, last):
            plane[row, column] |= value


@njit(cache=True, nogil=True)
def _sort(values: Floats) -> None:
    """Sort in place; a few numbers by insertion."""
    if len(values) > _FEW:
        values[:] = np.sort(values)
        return
    for k in range(1, len(values)):
        value, at = values[k], k
        while at > 0 and values[at - 1] > value:
            values[at] = values[at - 1]
            at -= 1
        values[at] = value


@njit(cache=True, nogil=True)
def _capsule(plane: Plane, pen: Pen, edge: tuple[float, float, float, float], d: float) -> None:
    """Set the cells within d of an edge: on each row the span over two discs and the strip between them."""
    value, west, north, size = pen
    x0, y0, x1, y1 = edge
    top, bottom = _between(min(y0, y1) - d, max(y0, y1) + d, north, size, plane.shape[0])
    if max(x0, x1) + d < west or min(x0, x1) - d > west + size * plane.shape[1]:
        return
    length = sqrt((x1 - x0) ** 2 + (y1 - y0) ** 2)
    nx = (y0 - y1) / length * d if length > 0 else 0.0
    ny = (x1 - x0) / length * d if length > 0 else 0.0
    for row in range(top, bottom):
        y = north - (row + 0.5) * size
        span = _disc((inf, -inf), x0, y - y0, d)
        span = _disc(span, x1, y - y1, d)
        span = _side(span, y, (x0 + nx, y0 + ny, x1 + nx, y1 + ny))
        left, right = _side(span, y, (x0 - nx, y0 - ny, x1 - nx, y1 - ny))
        if left <= right:
            first = max(ceil((left - west) / size - 0.5), 0)
            last = min(floor((right - west) / size - 0.5), plane.shape[1] - 1)
            for column in range(first, last + 1):
                plane[row, column] |= value


@njit(cache=True, nogil=True)
def _disc(span: Span, x: float, dy: float, d: float) -> Span:
    """Widen a span by the cut of a disc with the row."""
    if abs(dy) > d:
        return span
    half = sqrt(d * d - dy * dy)
    return min(span[0], x - half), max(span[1], x + half)


@njit(cache=True, nogil=True)
def _side(span: Span, y: float, edge: tuple[float, float, float, float]) -> Span:
    """Widen a span by the point where a side of the strip crosses the row."""
    x0, y0, x1, y1 = edge
    if (y0 <= y) == (y1 <= y):
        return span
    x = x0 + (y - y0) * (x1 - x0) / (y1 - y0)
    return min(span[0], x), max(span[1], x)


@njit(cache=True, nogil=True)
def spread(plane: Plane, value: np.uint8, cells: NDArray[np.bool_], reach: Ints) -> None:
    """Set the cells near the given ones; `reach[n]` is how far the circle goes along a row n rows away."""
    rows, columns = cells.shape
    radius = len(reach) - 1
    away = _rows_away(cells, radius)
    for row in range(rows):
        east = -1
        for column in range(columns):
            if away[row, column] <= radius:
                east = max(east, column + reach[away[row, column]])
            if column <= east:
                plane[row, column] |= value
        west = columns
        for column in range(columns - 1, -1, -1):
            if away[row, column] <= radius:
                west = min(west, column - reach[away[row, column]])
            if column >= west:
                plane[row, column] |= value


@njit(cache=True, nogil=True)
def _rows_away(cells: NDArray[np.bool_], radius: int) -> NDArray[np.uint16]:
    """Return how many rows away the next cell of the same column is, at most radius + 1."""
    rows, columns = cells.shape
    away = np.full((rows, columns), radius + 1, dtype=np.uint16)
    for row in range(rows):
        for column in range(columns):
            if cells[row, column]:
                away[row, column] = 0
            elif row > 0 and away[row - 1, column] < radius:
                away[row, column] = away[row - 1, column] + 1
    for row in range(rows - 2, -1, -1):
        for column in range(columns):
            away[row, column] = min(away[row, column], away[row + 1, column] + 1)
    return away
