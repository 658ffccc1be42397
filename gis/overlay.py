"""Polygons against polygons: what is left of one layer under another, and where things lie."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis.zones import intersected

if TYPE_CHECKING:
    from numpy.typing import NDArray

SLIVER_M2 = 0.01
"""Pieces below this area are rounding of the overlay and count as nothing."""


def subtract(
    polygons: NDArray[np.object_], cutters: NDArray[np.object_], *, sliver_m2: float = SLIVER_M2
) -> NDArray[np.object_]:
    """Return each polygon without the parts that any cutter covers.

    Cutters near a polygon are joined first, so overlapping cutters take an area once.

    Parameters
    ----------
    polygons, cutters
        Valid polygons in metres, shapes (n,) and (m,).
    sliver_m2
        Polygonal pieces smaller than this are dropped from a polygon that was cut.

    Returns
    -------
    Polygons of shape (n,); an empty polygon where nothing is left.

    Examples
    --------
    >>> left = subtract(np.array([shapely.box(0, 0, 10, 10)]), np.array([shapely.box(5, 0, 15, 10)]))
    >>> float(shapely.area(left)[0])
    50.0
    """
    result = polygons.copy()
    if len(polygons) == 0 or len(cutters) == 0:
        return result
    tree = shapely.STRtree(cutters)
    target, cutter = tree.query(polygons, predicate="intersects")
    if len(target) == 0:
        return result
    order = np.lexsort((cutter, target))  # unions in the order given, whatever else is in the tree
    target, cutter = target[order], cutter[order]
    touched, start = np.unique(target, return_index=True)
    joined = np.array(
        [shapely.union_all(cutters[group]) for group in np.split(cutter, start[1:])], dtype=object
    )
    left = shapely.difference(polygons[touched], joined)
    result[touched] = drop_slivers(left, sliver_m2=sliver_m2)
    return result


def drop_slivers(polygons: NDArray[np.object_], *, sliver_m2: float = SLIVER_M2) -> NDArray[np.object_]:
    """Return the polygons with pieces smaller than `sliver_m2`, and lines and points, left out.

    Examples
    --------
    >>> both = shapely.union_all([shapely.box(0, 0, 1, 1), shapely.box(5, 5, 5.01, 5.01)])
    >>> float(shapely.area(drop_slivers(np.array([both])))[0])
    1.0
    """
    parts, owner = shapely.get_parts(polygons, return_index=True)
    keep = shapely.area(parts) >= sliver_m2
    keep &= shapely.get_dimensions(parts) == 2  # noqa: PLR2004 - the dimension of a polygon
    result = np.full(len(polygons), shapely.Polygon(), dtype=object)
    if keep.any():
        kept, owners = parts[keep], owner[keep]
        count = np.bincount(owners, minlength=len(polygons))
        single = count[owners] == 1
        result[owners[single]] = kept[single]
        many = np.flatnonzero(count > 1)
        if len(many):
            selected = ~single
            multi = shapely.multipolygons(kept[selected], indices=np.searchsorted(many, owners[selected]))
            result[many] = multi
    return result


def containing(points: NDArray[np.object_], areas: NDArray[np.object_]) -> NDArray[np.intp]:
    """Return for each point the index of the first area that holds it, -1 where none does.

    Examples
    --------
    >>> areas = np.array([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)])
    >>> containing(shapely.points([[0.5, 0.5], [1.5, 0.5], [9, 9]]), areas)
    array([ 0,  1, -1])
    """
    found = np.full(len(points), -1, dtype=np.intp)
    point, area = shapely.STRtree(areas).query(points, predicate="intersects")
    order = np.lexsort((area, point))[::-1]
    found[point[order]] = area[order]
    return found


def split_by(
    polygons: NDArray[np.object_], areas: NDArray[np.object_], *, sliver_m2: float = SLIVER_M2
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.object_]]:
    """Cut each polygon at the borders of areas that do not overlap.

    Returns
    -------
    (polygon index, area index, piece): three arrays of the same length, in order of polygon and area.
    A polygon wholly inside an area comes back unchanged; parts outside every area are left out.

    Examples
    --------
    >>> areas = np.array([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)])
    >>> polygon, area, piece = split_by(np.array([shapely.box(0.5, 0, 1.5, 1)]), areas)
    >>> area, shapely.area(piece)
    (array([0, 1]), array([0.5, 0.5]))
    """
    shapely.prepare(areas)
    polygon, area = shapely.STRtree(areas).query(polygons, predicate="intersects")
    order = np.lexsort((area, polygon))
    polygon, area = polygon[order], area[order]
    piece = polygons[polygon].copy()
    crosses = ~shapely.contains_properly(areas[area], piece)
    cut = intersected(piece[crosses], areas[area[crosses]])
    piece[crosses] = drop_slivers(cut, sliver_m2=sliver_m2)
    keep = ~shapely.is_empty(piece)
    return polygon[keep], area[keep], piece[keep]
