"""Whether land hangs together: contiguous areas, and what is left of a shape at a smallest width."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from scipy.ndimage import binary_opening, label
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis.zones import intersected

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Geometries = NDArray[Any]
    Bounds = tuple[float, float, float, float]

TOUCH_M = 0.1
"""Pieces closer than this hang together (m): neighbouring parcels are rarely digitised edge on edge."""


@dataclass(frozen=True)
class Patches:
    """Pieces that hang together, directly or over bridges."""

    of_piece: NDArray[np.intp]
    """Patch of each piece."""
    area_m2: NDArray[np.float64]
    """Area of all pieces of a patch, shape (patches,)."""
    bounds: NDArray[np.float64]
    """Extent of a patch with its bridges, shape (patches, 4), m."""

    def within(self, bounds: Bounds) -> NDArray[np.bool_]:
        """Say which patches lie inside bounds, so far that nothing beyond can hang on to them."""
        west, south, east, north = self.bounds.T
        inside: NDArray[np.bool_] = (
            (west > bounds[0] + TOUCH_M)
            & (south > bounds[1] + TOUCH_M)
            & (east < bounds[2] - TOUCH_M)
            & (north < bounds[3] - TOUCH_M)
        )
        return inside


def patches_of(pieces: Geometries, bridges: Geometries | None = None) -> Patches:
    """Gather pieces to patches.

    Parameters
    ----------
    pieces
        Polygons.
    bridges
        Geometries that join the pieces they touch but add no area, such as field tracks between plots.

    Examples
    --------
    >>> plots = shapely.box([0, 10, 24], 0, [10, 20, 34], 10)
    >>> patches_of(plots).area_m2.tolist(), patches_of(plots).of_piece.tolist()
    ([200.0, 100.0], [0, 0, 1])
    """
    joining = np.zeros(0, dtype=object) if bridges is None else bridges
    nodes = np.concatenate([pieces, joining])
    one, other = shapely.STRtree(nodes).query(nodes, predicate="dwithin", distance=TOUCH_M)
    graph = coo_array((np.ones(len(one), dtype=bool), (one, other)), shape=(len(nodes), len(nodes)))
    count, patch = connected_components(graph, directed=False)
    area = np.zeros(count)
    np.add.at(area, patch[: len(pieces)], shapely.area(pieces))
    boxes = shapely.bounds(nodes).reshape(-1, 4)
    bounds = np.full((count, 4), np.inf)
    for side, sign in enumerate((1, 1, -1, -1)):
        np.minimum.at(bounds[:, side], patch, sign * boxes[:, side])
    bounds[:, 2:] *= -1
    return Patches(patch[: len(pieces)].astype(np.intp), area, bounds)


def contiguous_area_m2(pieces: Geometries, bridges: Geometries | None = None) -> NDArray[np.float64]:
    """Return for each piece the area of all pieces that hang together with it (m2); see `patches_of`.

    Examples
    --------
    >>> plots = shapely.box([0, 10, 24], 0, [10, 20, 34], 10)
    >>> contiguous_area_m2(plots).tolist()
    [200.0, 200.0, 100.0]
    >>> contiguous_area_m2(plots, np.array([shapely.box(20, 0, 24, 10)])).tolist()
    [300.0, 300.0, 300.0]
    """
    found = patches_of(pieces, bridges)
    area: NDArray[np.float64] = found.area_m2[found.of_piece]
    return area


def wide_part(areas: Geometries, width_m: float) -> Geometries:
    """Return the part of each polygon that is at least as wide as given.

    Each polygon is shrunk by half the width and grown again; corners are mitred, so they stay.

    Examples
    --------
    >>> pan = shapely.union(shapely.box(0, 0, 20, 20), shapely.box(20, 8, 60, 10))
    >>> float(wide_part(np.array([pan]), 4.0)[0].area)
    400.0
    """
    radius = width_m / 2
    shrunk = shapely.buffer(areas, -radius, join_style="mitre")
    reached = shapely.buffer(shrunk, radius, join_style="mitre")
    return intersected(areas, reached)


def wide_cells(some: NDArray[np.bool_], width: float) -> NDArray[np.bool_]:
    """Return the cells that are part of a place at least as wide as given, in cells.

    A disc of the width, to the nearest whole cell, is moved through the cells; those that it covers stay (a
    morphological opening). Beyond the edge of the grid the cells go on as they are at the edge.

    Examples
    --------
    >>> pan = np.zeros((5, 9), dtype=bool)
    >>> pan[:, :4] = True
    >>> pan[2, :] = True
    >>> wide_cells(pan, 3.0).astype(int)[2].tolist()
    [1, 1, 1, 1, 0, 0, 0, 0, 0]
    """
    size = round(width)
    if size <= 1:
        return some
    offset = np.arange(size) - (size - 1) / 2
    disc = offset[:, None] ** 2 + offset**2 <= (size / 2) ** 2
    opened: NDArray[np.bool_] = binary_opening(np.pad(some, size, mode="edge"), structure=disc)
    return opened[size:-size, size:-size]


def large_patches(
    area_m2: NDArray[np.floating], least_m2: float, bridges: NDArray[np.bool_] | None = None
) -> NDArray[np.bool_]:
    """Say which cells are part of a patch with at least the given area.

    Cells with any area hang together along edges and corners, and over bridging cells, which add no area.

    Examples
    --------
    >>> area = np.array([[100.0, 0, 100, 100], [0, 0, 0, 0], [100, 0, 100, 0]])
    >>> large_patches(area, 200.0).astype(int).tolist()
    [[0, 0, 1, 1], [0, 0, 0, 0], [0, 0, 0, 0]]
    >>> int(large_patches(area, 400.0, area == 0).sum())
    5
    """
    some = area_m2 > 0
    joined = some if bridges is None else some | bridges
    patch, count = label(joined, structure=np.ones((3, 3)))
    total = np.bincount(patch.ravel(), weights=area_m2.ravel(), minlength=count + 1)
    large: NDArray[np.bool_] = some & (total[patch] >= least_m2)
    return large
