"""Polygons of one layer against each other: overlaps, slivers, crumbs, gaps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis.zones import intersected

if TYPE_CHECKING:
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
    tree = shapely.STRtree(polygons)
    first, second = tree.query(polygons)
    once = first < second
    first, second = first[once], second[once]
    first, second = _boxes_share(polygons, first, second, min_m2)
    touching = shapely.intersects(polygons[first], polygons[second])
    first, second = first[touching], second[touching]
    shared: NDArray[np.float64] = shapely.area(intersected(polygons[first], polygons[second]))
    more = shared > min_m2
    return first[more], second[more], shared[more]


def _boxes_share(
    polygons: NDArray[np.object_], first: NDArray[np.intp], second: NDArray[np.intp], min_m2: float
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Keep the pairs whose boxes share enough: neighbours that only touch are most of them."""
    boxes = shapely.bounds(polygons)
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
