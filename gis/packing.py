"""Boreholes packed into land: a regular grid of points inside polygons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis.exclusion import Exclusions
from gis.grid import Grid
from gis.zones import buffered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_ROUNDING = 1e-6
_STRIP_CELLS = 1 << 25
"""Cells of the grid held at a time."""
Bounds = tuple[float, float, float, float]


def usable_area(
    parcel: shapely.Geometry, *, obstacles: NDArray[np.object_], setback_m: float, distance_m: float
) -> shapely.Geometry:
    """Return the land of a parcel left for drilling.

    The parcel drawn in by `setback_m`, without everything within `distance_m` of an obstacle.

    Examples
    --------
    >>> land = usable_area(shapely.box(0, 0, 25, 25), obstacles=np.array([]), setback_m=2.5, distance_m=3.0)
    >>> float(land.area)
    400.0
    """
    inner = shapely.buffer(parcel, -setback_m, join_style="mitre")
    if not len(obstacles):
        return inner
    near = obstacles[shapely.dwithin(obstacles, inner, distance_m)]
    return shapely.difference(inner, shapely.union_all(buffered(near, np.full(len(near), distance_m))))


def pack_points(area: shapely.Geometry, *, spacing_m: float, shifts: int = 3) -> NDArray[np.float64]:
    """Return the places of a square grid inside an area, the best of some shifts of the grid.

    The grid is turned along the longer side of the area's smallest rectangle.

    Parameters
    ----------
    area : shapely.Geometry
        Land for drilling, in metres.
    spacing_m : float
        Distance between neighbours, m.
    shifts : int
        Shifts tried per direction; the one with most points wins, the first of equals.

    Returns
    -------
    numpy.ndarray
        Shape (n, 2), m; points on the edge count.

    Examples
    --------
    >>> len(pack_points(shapely.box(0, 0, 20, 10), spacing_m=5.0))
    15
    """
    if not spacing_m > 0:
        raise ValueError(f"spacing {spacing_m} m must be positive")
    if area.is_empty or area.area == 0:
        return np.empty((0, 2))
    turn = _along(area)
    turned = shapely.transform(area, lambda xy: xy @ turn)
    shapely.prepare(turned)
    best = np.empty((0, 2))
    for shift in np.linspace(0, spacing_m, shifts, endpoint=False):
        for other in np.linspace(0, spacing_m, shifts, endpoint=False):
            found = _grid_inside(turned, spacing_m, shift, other)
            if len(found) > len(best):
                best = found
    return best @ turn.T


def free_counts(
    taken: Sequence[tuple[NDArray[np.object_], NDArray[np.float64] | float]],
    *,
    bounds: Bounds,
    cell_m: float,
    block_m: float,
    strip_cells: int = _STRIP_CELLS,
) -> NDArray[np.int64]:
    """Count, per square block, the points of a square grid that nothing takes.

    The grid is laid over the whole region, points in the middle of cells from the lower left corner of
    `bounds`, which must be whole blocks. With `cell_m` the borehole spacing, the count is the number of
    boreholes that fit. The grid is worked through in strips of whole blocks from west to east, each with the
    features that reach into it, so that memory does not grow with the region.

    Parameters
    ----------
    taken : sequence of tuple
        Features that leave no room, with the distance to keep from them (m): one for all, or one each.
    bounds : tuple of float
        (west, south, east, north), m.
    cell_m, block_m : float
        Spacing of the grid and side of a block, m; the block is a whole number of cells.
    strip_cells : int
        Cells held at a time, at least one row of blocks; changes no count.

    Returns
    -------
    numpy.ndarray
        Shape (rows, columns) from the south west.

    Examples
    --------
    >>> house = np.array([shapely.box(0, 0, 10, 5)])
    >>> free_counts([(house, 0.0)], bounds=(0, 0, 20, 10), cell_m=5.0, block_m=10.0).tolist()
    [[2, 4]]
    """
    west, south, east, north = bounds
    per = round(block_m / cell_m)
    columns, rows = round((east - west) / block_m), round((north - south) / block_m)
    if (
        abs(per * cell_m - block_m) > _ROUNDING
        or abs(west + columns * block_m - east) > _ROUNDING * block_m
        or abs(south + rows * block_m - north) > _ROUNDING * block_m
    ):
        raise ValueError(
            f"block {block_m} m must be whole cells of {cell_m} m, and bounds {bounds} whole blocks"
        )
    reaching = [_Reaching.of(features, distance_m) for features, distance_m in taken]
    counts = np.zeros((rows, columns), dtype=np.int64)
    deep = max(strip_cells // max(columns * per * per, 1), 1)
    for top in range(0, rows, deep):
        count = min(deep, rows - top)
        grid = Grid(west, north - top * block_m, cell_m, count * per, columns * per)
        exclusions = Exclusions.empty(grid, criteria=1)
        for one in reaching:
            one.burn(exclusions)
        free = (exclusions.planes[0] == 0).reshape(count, per, columns, per)
        counts[top : top + count] = free.sum(axis=(1, 3), dtype=np.int64)
    return np.ascontiguousarray(counts[::-1])


@dataclass(frozen=True)
class _Reaching:
    """Features with the distance to keep from them, and how far south and north they reach with it."""

    features: NDArray[np.object_]
    distance_m: NDArray[np.float64]
    south: NDArray[np.float64]
    north: NDArray[np.float64]

    @classmethod
    def of(cls, features: NDArray[np.object_], distance_m: NDArray[np.float64] | float) -> _Reaching:
        distance = np.broadcast_to(np.asarray(distance_m, dtype=float), len(features))
        boxes = shapely.bounds(features).reshape(-1, 4)
        return cls(features, distance, boxes[:, 1] - distance, boxes[:, 3] + distance)

    def burn(self, exclusions: Exclusions) -> None:
        """Burn those that reach into the grid; a cell of margin for rounding."""
        grid = exclusions.grid
        top = grid.north + grid.resolution_m
        low = grid.north - (grid.rows + 1) * grid.resolution_m
        near = (self.south <= top) & (self.north >= low)
        if near.any():
            exclusions.burn(self.features[near], criterion=0, distance_m=self.distance_m[near])


def _along(area: shapely.Geometry) -> NDArray[np.float64]:
    """Return the rotation whose columns are the directions of the smallest rectangle's sides."""
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(area))
    sides = np.diff(corners[:3], axis=0)
    length = np.hypot(*sides.T)
    if not length.max() > 0:
        return np.eye(2)
    x, y = sides[length.argmax()] / length.max()
    return np.array([[x, -y], [y, x]])


def _grid_inside(
    area: shapely.Geometry, spacing_m: float, shift_x: float, shift_y: float
) -> NDArray[np.float64]:
    west, south, east, north = area.bounds
    reach = 1e-9 * spacing_m
    xs = np.arange(west + shift_x, east + reach, spacing_m)
    ys = np.arange(south + shift_y, north + reach, spacing_m)
    grid = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
    return grid[shapely.intersects_xy(area, grid[:, 0], grid[:, 1])]
