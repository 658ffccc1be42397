"""Shapes as flat arrays in Web Mercator with a grid index: what tiles, picking and drawn areas read.

The arrays are memory-mapped from files, so sessions and processes share one copy, and nothing has to be
parsed when the app starts.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from pyproj import Transformer

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    from numpy.typing import NDArray

HALF_WORLD_M = 20_037_508.342789244
"""Half the width of the Web Mercator square (EPSG:3857)."""
RADIUS_M = 6_378_137.0
"""Radius of the Web Mercator sphere."""
UNIT_M = 0.01
"""Coordinates are whole centimetres of Web Mercator, which fit 32 bits."""
CELL_M = 1000.0
"""Side of an index cell in Web Mercator metres (about 830 m on the ground at 34 degrees north)."""


@dataclass(frozen=True)
class Shapes:
    """n shapes of any kind (point, line, polygon with holes, several parts), read-only.

    Shape i owns the rings `shape_ends[i-1]:shape_ends[i]`, ring j the points `ring_ends[j-1]:ring_ends[j]`; a
    line is an open ring and a point a ring of one. Cells of the index list the rows whose bounds touch them.
    """

    xy: NDArray[np.int32]
    """(points, 2), Web Mercator in UNIT_M."""
    ring_ends: NDArray[np.int64]
    shape_ends: NDArray[np.int64]
    bounds: NDArray[np.int32]
    """(n, 4): west, south, east, north in UNIT_M."""
    dimension: NDArray[np.uint8]
    """0 point, 1 line, 2 polygon."""
    grid: NDArray[np.int64]
    """Column and row of the first cell, and the number of columns and rows."""
    cell_ends: NDArray[np.int64]
    cell_rows: NDArray[np.int32]

    def __len__(self) -> int:
        """Return the number of shapes."""
        return len(self.shape_ends)

    @property
    def centre(self) -> NDArray[np.float64]:
        """(n, 2): middle of each shape's bounds in Web Mercator metres."""
        bounds = self.bounds
        return ((bounds[:, :2].astype("float64") + bounds[:, 2:]) * (UNIT_M / 2)).astype(
            "float64", copy=False
        )

    def rows_in(self, west: float, south: float, east: float, north: float) -> NDArray[np.int64]:
        """Return the rows, ascending, whose bounds touch the box (Web Mercator metres)."""
        column, row, columns, rows = (int(v) for v in self.grid)
        first_c = max(int(west // CELL_M) - column, 0)
        last_c = min(int(east // CELL_M) - column, columns - 1)
        first_r = max(int(south // CELL_M) - row, 0)
        last_r = min(int(north // CELL_M) - row, rows - 1)
        if first_c > last_c or first_r > last_r:
            return np.empty(0, dtype="int64")
        found = [self._strip(r * columns + first_c, r * columns + last_c) for r in range(first_r, last_r + 1)]
        candidates = np.unique(np.concatenate(found))
        box = np.array([west, south, east, north]) / UNIT_M
        bounds = self.bounds[candidates]
        touching = (bounds[:, 0] <= box[2]) & (bounds[:, 2] >= box[0])
        touching &= (bounds[:, 1] <= box[3]) & (bounds[:, 3] >= box[1])
        return candidates[touching].astype("int64")

    def _strip(self, first: int, last: int) -> NDArray[np.int32]:
        start = self.cell_ends[first - 1] if first else 0
        return self.cell_rows[start : self.cell_ends[last]]

    def geometry(self, row: int) -> Any:  # noqa: ANN401 - any shapely geometry
        """Return one shape as a shapely geometry in Web Mercator metres; its parts' rings fill even-odd."""
        start = int(self.shape_ends[row - 1]) if row else 0
        rings: list[NDArray[np.float64]] = []
        for ring in range(start, int(self.shape_ends[row])):
            begin = int(self.ring_ends[ring - 1]) if ring else 0
            rings.append(self.xy[begin : int(self.ring_ends[ring])].astype("float64") * UNIT_M)
        if self.dimension[row] == 0:
            return shapely.MultiPoint(np.concatenate(rings))
        if self.dimension[row] == 1:
            return shapely.MultiLineString(rings)
        return _even_odd(rings)

    def inside(self, area: Any) -> NDArray[np.int64]:  # noqa: ANN401 - a shapely polygon
        """Return the rows whose centre lies in a polygon (Web Mercator metres)."""
        rows = self.rows_in(*area.bounds)
        if not rows.size:
            return rows
        shapely.prepare(area)
        bounds = self.bounds[rows].astype("float64") * UNIT_M
        x, y = (bounds[:, 0] + bounds[:, 2]) / 2, (bounds[:, 1] + bounds[:, 3]) / 2
        return rows[shapely.contains_xy(area, x, y)]

    def at(self, x: float, y: float, *, tolerance_m: float = 0.0) -> NDArray[np.int64]:
        """Return the rows within `tolerance_m` of a point, nearest first (Web Mercator metres)."""
        rows = self.rows_in(x - tolerance_m, y - tolerance_m, x + tolerance_m, y + tolerance_m)
        if not rows.size:
            return rows
        distance = shapely.distance(np.array([self.geometry(int(row)) for row in rows]), shapely.Point(x, y))
        order = np.argsort(distance, kind="stable")
        return rows[order][distance[order] <= tolerance_m]

    def save(self, folder: Path) -> None:
        """Write one .npy file per array."""
        folder.mkdir(parents=True, exist_ok=True)
        for field in fields(self):
            np.save(folder / f"{field.name}.npy", getattr(self, field.name))

    @classmethod
    def load(cls, folder: Path) -> Shapes:
        """Map the arrays that `save` wrote; nothing is read until it is used."""
        return cls(
            **{field.name: np.load(folder / f"{field.name}.npy", mmap_mode="r") for field in fields(cls)}
        )

    @classmethod
    def of(cls, frame: gpd.GeoDataFrame) -> Shapes:
        """Flatten a frame's geometries, in the frame's row order; empty geometries keep their row."""
        rings, owners, dimension = _rings(np.asarray(frame.geometry.array, dtype=object))
        coordinates, ring_of = shapely.get_coordinates(rings, return_index=True)
        east, north = _to_mercator(frame.crs).transform(coordinates[:, 0], coordinates[:, 1])
        xy = np.rint(np.column_stack([east, north]) / UNIT_M).astype("int32")
        ring_ends = np.cumsum(np.bincount(ring_of, minlength=len(rings)))
        shape_ends = np.cumsum(np.bincount(owners, minlength=len(frame)))
        bounds = _bounds(xy, owners[ring_of], len(frame))
        return cls(xy, ring_ends, shape_ends, bounds, dimension, *_index(bounds))


def lonlat(xy_m: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return Web Mercator metres as longitude and latitude in degrees (WGS-84).

    Examples
    --------
    >>> lonlat(np.array([[12_100_000.0, 4_070_000.0]])).round(3).tolist()
    [[108.696, 34.306]]
    """
    east, north = (xy_m / RADIUS_M).T
    return np.degrees(np.column_stack([east, np.arctan(np.sinh(north))]))


def mercator(lonlat_deg: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return longitude and latitude in degrees as Web Mercator metres.

    Examples
    --------
    >>> bool(np.allclose(lonlat(mercator(np.array([[108.7, 34.3]]))), [[108.7, 34.3]]))
    True
    """
    lon, lat = np.radians(lonlat_deg).T
    return RADIUS_M * np.column_stack([lon, np.arcsinh(np.tan(lat))])


def _to_mercator(crs: Any) -> Transformer:  # noqa: ANN401 - whatever pyproj takes
    return Transformer.from_crs(crs, 3857, always_xy=True)


def _rings(geometry: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64], NDArray[np.uint8]]:
    """Return all rings and lines in row order, the row of each, and each row's dimension."""
    parts, owner = shapely.get_parts(geometry, return_index=True)
    flat = shapely.get_dimensions(parts) == 2  # noqa: PLR2004 - an area
    rings, part_of = shapely.get_rings(parts[flat], return_index=True)
    both = np.concatenate([rings, parts[~flat]])
    owners = np.concatenate([owner[flat][part_of], owner[~flat]])
    order = np.argsort(owners, kind="stable")
    dimension = np.maximum(shapely.get_dimensions(geometry), 0).astype("uint8")
    return both[order], owners[order], dimension


def _bounds(xy: NDArray[np.int32], owner: NDArray[np.int64], n: int) -> NDArray[np.int32]:
    """Bounds per row; a row without a point gets bounds that touch nothing."""
    bounds = np.empty((n, 4), dtype="int32")
    bounds[:, :2], bounds[:, 2:] = np.iinfo("int32").max, np.iinfo("int32").min
    if xy.size:
        rows, starts = np.unique(owner, return_index=True)
        bounds[rows, :2] = np.minimum.reduceat(xy, starts)
        bounds[rows, 2:] = np.maximum.reduceat(xy, starts)
    return bounds


def _index(
    bounds: NDArray[np.int32],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int32]]:
    """Return the grid, the end of each cell's list, and the rows listed."""
    rows = np.flatnonzero(bounds[:, 0] <= bounds[:, 2])
    if not rows.size:
        return np.array([0, 0, 1, 1]), np.zeros(1, "int64"), np.empty(0, "int32")
    cells = np.floor(bounds[rows] * (UNIT_M / CELL_M)).astype("int64")
    first, last = cells[:, :2].min(axis=0), cells[:, 2:].max(axis=0)
    columns, height = (last - first + 1).tolist()
    cells -= np.tile(first, 2)
    wide, tall = cells[:, 2] - cells[:, 0] + 1, cells[:, 3] - cells[:, 1] + 1
    count = wide * tall
    owner = np.repeat(np.arange(rows.size), count)
    nth = np.arange(owner.size) - np.repeat(np.cumsum(count) - count, count)
    cell = (cells[owner, 1] + nth // wide[owner]) * columns + cells[owner, 0] + nth % wide[owner]
    order = np.argsort(cell, kind="stable")
    ends = np.cumsum(np.bincount(cell, minlength=columns * height))
    return np.array([*first.tolist(), columns, height]), ends, rows[owner[order]].astype("int32")


def _even_odd(rings: list[NDArray[np.float64]]) -> Any:  # noqa: ANN401 - any shapely geometry
    shape = shapely.Polygon()
    for ring in rings:
        shape = shape.symmetric_difference(shapely.make_valid(shapely.Polygon(ring)))
    return shape
