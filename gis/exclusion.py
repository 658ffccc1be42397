"""Which cells of a grid meet which criteria: features are burnt into a raster, one bit per criterion.

A cell is where its centre is: inside a polygon, or within the distance of a feature, as a circle. No
buffer polygon is made and no distance transform is run. Polygons are filled row by row (even-odd); a
distance adds for every edge its capsule, whose cut with a row is one span. What is within the distance of a
polygon is inside it or within the distance of one of its edges, so the result is exact up to rounding.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import floor
from typing import TYPE_CHECKING, Any

import numpy as np

from gis.burn import fill, spread, swell
from gis.edges import edges_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from gis.grid import Grid

_BITS = 8
_LARGEST_RADIUS = 60_000


@dataclass(frozen=True)
class Exclusions:
    """Criteria met by the cells of a grid.

    Examples
    --------
    >>> import shapely
    >>> from gis.grid import Grid
    >>> exclusions = Exclusions.empty(Grid(0.0, 5.0, 1.0, rows=5, columns=5), criteria=2)
    >>> exclusions.burn(np.array([shapely.Point(2.5, 2.5)]), criterion=1, distance_m=1.0)
    >>> exclusions.met(1).sum(axis=1).tolist(), int(exclusions.met(0).sum())
    ([0, 1, 3, 1, 0], 0)
    """

    grid: Grid
    planes: NDArray[np.uint8]
    """Eight criteria to a plane, shape (planes, rows, columns)."""

    @classmethod
    def empty(cls, grid: Grid, *, criteria: int) -> Exclusions:
        """Return a raster on which no criterion is met yet."""
        if criteria < 1:
            raise ValueError(f"at least one criterion is needed, got {criteria}")
        return cls(grid, np.zeros((-(-criteria // _BITS), grid.rows, grid.columns), dtype=np.uint8))

    def burn(
        self, geometries: NDArray[Any], *, criterion: int, distance_m: float | NDArray[np.float64] = 0.0
    ) -> None:
        """Let the criterion be met in polygons and within the distance of features.

        Parameters
        ----------
        geometries
            Points, lines and polygons in the grid's CRS, mixed; those outside the grid count too.
        criterion
            Its number, from 0.
        distance_m
            One distance for all, or one for each geometry (m).
        """
        distances = np.broadcast_to(np.asarray(distance_m, dtype=float), len(geometries))
        edges = edges_of(geometries, distances)
        plane, value = self._place(criterion)
        pen = (value, self.grid.west, self.grid.north, self.grid.resolution_m)
        fill(plane, pen, edges.xy, edges.ring, edges.polygon)
        if (distances > 0).any():
            swell(plane, pen, edges.xy, edges.ring, edges.distance_m)

    def burn_cells(self, cells: NDArray[np.bool_], *, criterion: int, distance_m: float = 0.0) -> None:
        """Let the criterion be met in cells, and where the centre is within the distance of such a cell's.

        Two passes give each cell the way to the next such cell in its column, two more spread it along the
        row as far as the circle reaches; the time does not depend on the distance.
        """
        plane, value = self._place(criterion)
        radius = distance_m / self.grid.resolution_m
        if not 0 <= radius <= _LARGEST_RADIUS:
            raise ValueError(f"distance_m {distance_m} must be from 0 to {_LARGEST_RADIUS} cells")
        spread(plane, value, np.ascontiguousarray(cells, dtype=bool), circle_reach(radius))

    def lift(self, polygons: NDArray[Any], *, criterion: int) -> None:
        """Let the criterion no longer be met in polygons."""
        plane, value = self._place(criterion)
        plane[self._inside(polygons)] &= ~value

    def keep(self, polygons: NDArray[Any], *, criterion: int) -> None:
        """Let the criterion no longer be met outside polygons."""
        plane, value = self._place(criterion)
        plane[~self._inside(polygons)] &= ~value

    def invert(self, *, criterion: int) -> None:
        """Let the criterion be met where it was not, and not where it was."""
        plane, value = self._place(criterion)
        plane ^= value

    def _inside(self, polygons: NDArray[Any]) -> NDArray[np.bool_]:
        inside = Exclusions.empty(self.grid, criteria=1)
        inside.burn(polygons, criterion=0)
        return inside.met(0)

    def met(self, criterion: int) -> NDArray[np.bool_]:
        """Say where a criterion is met."""
        plane, value = self._place(criterion)
        return (plane & value) != 0

    def met_any(self, criteria: Iterable[int]) -> NDArray[np.bool_]:
        """Say where at least one of the criteria is met."""
        masks = np.zeros(len(self.planes), dtype=np.uint8)
        for criterion in criteria:
            masks[criterion // _BITS] |= np.uint8(1 << criterion % _BITS)
        found = np.zeros(self.grid.shape, dtype=bool)
        for plane, mask in zip(self.planes, masks, strict=True):
            if mask:
                found |= (plane & mask) != 0
        return found

    def _place(self, criterion: int) -> tuple[NDArray[np.uint8], np.uint8]:
        if not 0 <= criterion < _BITS * len(self.planes):
            raise ValueError(f"criterion {criterion} is not among 0 to {_BITS * len(self.planes) - 1}")
        return self.planes[criterion // _BITS], np.uint8(1 << criterion % _BITS)


def circle_reach(radius: float) -> NDArray[np.int64]:
    """Return how far a circle around a cell's centre reaches along the rows 0, 1, 2, ... away, in cells.

    Examples
    --------
    >>> circle_reach(3.0).tolist()
    [3, 2, 2, 0]
    """
    rounding = 1e-9
    away = np.arange(floor(radius + rounding) + 1)
    return np.floor(np.sqrt(np.maximum(radius**2 - away**2, 0.0)) + rounding).astype(np.int64)
