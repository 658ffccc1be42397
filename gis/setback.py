"""What is left of a roof within its own edge: a clear strip along it, and walkways between blocks."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gis.zones import polygonal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Geometries = NDArray[Any]

_BEYOND = 0.01
"""Part of a side by which a walkway reaches beyond it, so that rounding leaves no thread uncut."""


def clear_part(
    areas: Geometries, *, edge_m: float, walkway_m: float = 0.0, block_m: float = 0.0
) -> Geometries:
    """Return the part of each polygon inside the strip along its edge, without the walkways that part it.

    The edge moves inward, mitred, so a rectangle a x b becomes (a - 2 edge) x (b - 2 edge); around a
    courtyard the strip goes too. What is longer than a block is parted by walkways across its smallest
    rectangle into the fewest blocks of equal length that are none too long: n = ceil((length + walkway) /
    (block + walkway)).

    Parameters
    ----------
    areas
        Polygons in metres.
    edge_m
        Width of the strip (m); 0: none.
    walkway_m, block_m
        Width of the walkways and longest side of a block (m); 0: no walkways.

    Examples
    --------
    >>> roof = np.array([shapely.box(0, 0, 20, 10), shapely.box(0, 0, 100, 10)])
    >>> shapely.area(clear_part(roof, edge_m=1.0)).round(6).tolist()
    [144.0, 784.0]
    >>> shapely.area(clear_part(roof, edge_m=1.0, walkway_m=1.0, block_m=40.0)).round(6).tolist()
    [144.0, 768.0]
    """
    clear: Geometries = shapely.buffer(areas, -edge_m, join_style="mitre") if edge_m > 0 else areas.copy()
    if walkway_m > 0:
        for place in np.flatnonzero(_extent_m(clear) > block_m):
            paths = _walkways(clear[place], walkway_m, block_m)
            if paths:
                clear[place] = shapely.difference(clear[place], shapely.union_all(paths))
    return polygonal(clear)


def _extent_m(areas: Geometries) -> NDArray[np.float64]:
    """Return the diagonal of each bounding box: no side of a polygon's own rectangle is longer (m)."""
    west, south, east, north = shapely.bounds(areas).T
    return np.nan_to_num(np.hypot(east - west, north - south))


def _walkways(area: shapely.Geometry, walkway_m: float, block_m: float) -> list[shapely.Polygon]:
    """Return the walkways across the smallest rectangle around a polygon, along both of its sides."""
    corner, along, _, across, _ = shapely.get_coordinates(shapely.oriented_envelope(area))
    sides = (along - corner, across - corner)
    paths = []
    for side, other in (sides, sides[::-1]):
        length_m = float(np.hypot(*side))
        count = ceil((length_m + walkway_m) / (block_m + walkway_m) - 1e-9)
        block = (length_m - (count - 1) * walkway_m) / count
        for number in range(1, count):
            path = side * (walkway_m / length_m)
            start = corner + side * (number * (block + walkway_m) / length_m) - path - _BEYOND * other
            end = start + (1 + 2 * _BEYOND) * other
            paths.append(shapely.Polygon([start, start + path, end + path, end]))
    return paths
