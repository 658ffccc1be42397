"""Polygons as flat arrays, and which pixel centres of a row lie inside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from jit import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


AT_ONCE = 100_000
"""Polygons taken apart at a time, so that their copies stay few."""


@dataclass(frozen=True)
class Rings:
    """Polygons as flat arrays; rings of one polygon follow each other, holes as they come (even-odd)."""

    points: Floats
    """Shape (points, 2)."""
    ring_starts: Ints
    """First point of each ring, and the end."""
    polygon_starts: Ints
    """First ring of each polygon, and the end."""


def rings_of(polygons: NDArray[np.object_]) -> Rings:
    """Return polygons and multipolygons as flat arrays.

    Raises
    ------
    TypeError
        A geometry is no polygon.
    """
    kinds = np.unique(shapely.get_type_id(polygons))
    if not np.isin(kinds, [3, 6]).all():
        raise TypeError("only polygons and multipolygons have an inside")
    if polygons.size == 0:
        return Rings(np.zeros((0, 2)), np.zeros(1, np.int64), np.zeros(1, np.int64))
    pieces = [_flat(polygons[start : start + AT_ONCE]) for start in range(0, polygons.size, AT_ONCE)]
    return Rings(
        np.concatenate([piece.points for piece in pieces]),
        _joined([piece.ring_starts for piece in pieces]),
        _joined([piece.polygon_starts for piece in pieces]),
    )


def _flat(polygons: NDArray[np.object_]) -> Rings:
    """Return some polygons as flat arrays; shapely copies each of them more than once on the way."""
    parts, owner = shapely.get_parts(polygons, return_index=True)
    multi = shapely.multipolygons(parts, indices=owner)
    _, points, (ring_starts, part_starts, whole_starts) = shapely.to_ragged_array(multi)
    return Rings(
        np.ascontiguousarray(points[:, :2]),
        np.asarray(ring_starts, np.int64),
        np.asarray(part_starts, np.int64)[np.asarray(whole_starts, np.int64)],
    )


def _joined(starts: list[Ints]) -> Ints:
    """Join lists of starts, each of which counts from 0 and ends with its end."""
    ends = np.cumsum([0, *(piece[-1] for piece in starts)])
    return np.concatenate([[0], *(piece[1:] + end for piece, end in zip(starts, ends, strict=False))])


@njit(cache=True, nogil=True)
def crossings(  # noqa: PLR0917 - a kernel
    points: Floats, ring_starts: Ints, first: int, last: int, y: float, out: Floats
) -> int:
    """Write the ascending x at which rings first to last cross the level y; return how many there are."""
    count = 0
    for ring in range(first, last):
        for point in range(ring_starts[ring], ring_starts[ring + 1] - 1):
            y0, y1 = points[point, 1], points[point + 1, 1]
            if (y0 <= y) != (y1 <= y):
                x = points[point, 0] + (y - y0) / (y1 - y0) * (points[point + 1, 0] - points[point, 0])
                at = count
                while at > 0 and out[at - 1] > x:
                    out[at] = out[at - 1]
                    at -= 1
                out[at] = x
                count += 1
    return count


@njit(cache=True, nogil=True)
def row_span(points: Floats, first: int, last: int, place: Floats, rows: int) -> tuple[int, int]:
    """Return the rows whose centres the points span, cut to the grid; the second is exclusive."""
    low, high = points[first, 1], points[first, 1]
    for point in range(first, last):
        low = min(low, points[point, 1])
        high = max(high, points[point, 1])
    top = int(np.ceil((place[1] - high) / place[2] - 0.5))
    bottom = int(np.floor((place[1] - low) / place[2] - 0.5))
    return max(top, 0), min(bottom + 1, rows)


@njit(cache=True, nogil=True)
def column_span(left: float, right: float, place: Floats, columns: int) -> tuple[int, int]:
    """Return the columns whose centres lie in [left, right), cut to the grid; the second is exclusive."""
    first = int(np.ceil((left - place[0]) / place[2] - 0.5))
    last = int(np.ceil((right - place[0]) / place[2] - 0.5))
    return max(first, 0), min(last, columns)
