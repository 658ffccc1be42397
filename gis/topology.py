"""Polygons of one layer against each other: overlaps, slivers, crumbs, gaps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis.zones import intersected

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    Pairs = tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]


def overlaps(polygons: NDArray[np.object_], *, min_m2: float) -> Pairs:
    """Return pairs of polygons that share more than an area: first, second, shared m2.

    Parameters
    ----------
    polygons
        Valid polygons in metres, shape (n,).
    min_m2
        Shared areas up to this are rounding of shared edges.

    Examples
    --------
    >>> first, second, m2 = overlaps(shapely.box([0, 3, 9], 0, [4, 6, 12], 2), min_m2=1.0)
    >>> first, second, m2
    (array([0]), array([1]), array([2.]))
    """
    return overlapping(
        shapely.bounds(polygons), lambda rows: polygons[rows], min_m2=min_m2, batch_rows=max(len(polygons), 1)
    )


def overlapping(
    boxes: NDArray[np.float64],
    taken: Callable[[NDArray[np.intp]], NDArray[np.object_]],
    *,
    min_m2: float,
    batch_rows: int,
) -> Pairs:
    """Return the pairs of `overlaps` for polygons that need not be in memory all at once.

    Parameters
    ----------
    boxes
        Bounding box of every polygon, shape (n, 4).
    taken
        Gives the polygons at some positions.
    min_m2
        As in `overlaps`.
    batch_rows
        Most polygons that are asked for at a time, on each side.

    Returns
    -------
    The pairs in order of the first, then of the second; the same for any `batch_rows`.
    """
    found = [
        _sharing(taken, first[start : start + batch_rows], second[start : start + batch_rows], min_m2)
        for first, second in _pairs_of_boxes(boxes, min_m2, batch_rows)
        for start in range(0, len(first), batch_rows)
    ]
    nothing = (np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.intp), np.zeros(0))
    first, second, shared = (np.concatenate(parts) for parts in zip(nothing, *found, strict=True))
    order = np.lexsort((second, first))
    return first[order], second[order], shared[order]


def _sharing(
    taken: Callable[[NDArray[np.intp]], NDArray[np.object_]],
    first: NDArray[np.intp],
    second: NDArray[np.intp],
    min_m2: float,
) -> Pairs:
    one, other = taken(first), taken(second)
    touching = shapely.intersects(one, other)
    shared: NDArray[np.float64] = shapely.area(intersected(one[touching], other[touching]))
    more = shared > min_m2
    return first[touching][more], second[touching][more], shared[more]


def _pairs_of_boxes(
    boxes: NDArray[np.float64], min_m2: float, batch_rows: int
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Give the pairs whose boxes share enough: neighbours that only touch are most of them."""
    for near in _neighbourhoods(boxes, batch_rows):
        tree = shapely.STRtree(shapely.box(*boxes[near].T))
        west, south = boxes[near, :2].min(axis=0)
        east, north = boxes[near, 2:].max(axis=0)
        apart = (boxes[:, 0] > east) | (boxes[:, 2] < west) | (boxes[:, 1] > north) | (boxes[:, 3] < south)
        others = np.flatnonzero(~apart)
        for start in range(0, len(others), batch_rows):
            part = others[start : start + batch_rows]
            theirs, ours = tree.query(shapely.box(*boxes[part].T))
            first, second = near[ours], part[theirs]
            once = first < second
            yield _boxes_share(boxes, first[once], second[once], min_m2)


def _neighbourhoods(boxes: NDArray[np.float64], most: int) -> Iterator[NDArray[np.intp]]:
    """Part boxes into groups that lie together, of no more than some: strips northwards, in them by x."""
    groups = -(-len(boxes) // most)
    strips = max(round(groups**0.5), 1)
    x, y = boxes[:, 0] + boxes[:, 2], boxes[:, 1] + boxes[:, 3]
    strip = np.empty(len(boxes), dtype=np.intp)
    strip[np.argsort(y, kind="stable")] = np.arange(len(boxes)) * strips // max(len(boxes), 1)
    order = np.lexsort((x, strip))
    for start in range(0, len(boxes), most):
        yield order[start : start + most]


def _boxes_share(
    boxes: NDArray[np.float64], first: NDArray[np.intp], second: NDArray[np.intp], min_m2: float
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    width = np.minimum(boxes[first, 2], boxes[second, 2]) - np.maximum(boxes[first, 0], boxes[second, 0])
    height = np.minimum(boxes[first, 3], boxes[second, 3]) - np.maximum(boxes[first, 1], boxes[second, 1])
    enough = (width > 0) & (height > 0) & (width * height > min_m2)
    return first[enough], second[enough]


def mean_width_m(polygons: NDArray[np.object_]) -> NDArray[np.float64]:
    """Return 2 area / perimeter, which for a strip is its width.

    Examples
    --------
    >>> mean_width_m(shapely.box(0, 0, [1000, 10], [1, 10])).round(2)
    array([1., 5.])
    """
    perimeter = shapely.length(polygons)
    width: NDArray[np.float64] = np.zeros(len(polygons))
    np.divide(2 * shapely.area(polygons), perimeter, out=width, where=perimeter > 0)
    return width


def crumbs(polygons: NDArray[np.object_], *, min_m2: float) -> NDArray[np.int64]:
    """Count the parts of each polygon below an area, where it has other parts too.

    Examples
    --------
    >>> two = shapely.union_all(shapely.box([0, 9], 0, [5, 9.5], 1))
    >>> crumbs(np.array([two, shapely.box(0, 0, 0.5, 1)]), min_m2=1.0)
    array([1, 0])
    """
    parts, index = shapely.get_parts(polygons, return_index=True)
    small = (shapely.area(parts) < min_m2) & (shapely.get_num_geometries(polygons)[index] > 1)
    return np.bincount(index[small], minlength=len(polygons))


def gaps(polygons: NDArray[np.object_], *, max_m2: float) -> NDArray[np.object_]:
    """Return the holes up to an area that polygons leave between them.

    Examples
    --------
    >>> ring = shapely.box([0, 0, 2, 1], [0, 1, 0, 2], [2, 1, 3, 3], [1, 3, 2, 3])
    >>> gaps(ring, max_m2=2.0)[0].area
    1.0
    """
    joined = shapely.union_all(polygons)
    outer = shapely.get_exterior_ring(shapely.get_parts(joined))
    holes = shapely.get_parts(shapely.difference(shapely.union_all(shapely.polygons(outer)), joined))
    area = shapely.area(holes)
    found: NDArray[np.object_] = holes[(area > 0) & (area <= max_m2)]
    return found
