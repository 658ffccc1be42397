"""Footprints from templates, and the pieces of land already taken."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    Geometries = NDArray[np.object_]

GRID_M = 0.01
"""Coordinates are kept to the centimetre, so that no machine's last bit reaches a file."""

_H = 0.5
TEMPLATES: dict[str, NDArray[np.float64]] = {
    name: np.array(points, dtype=np.float64)
    for name, points in {
        "rect": [(-_H, -_H), (_H, -_H), (_H, _H), (-_H, _H)],
        # a main house along the lane with one wing down the side of the yard
        "wing_west": [(-_H, -_H), (_H, -_H), (_H, 0.02), (-0.16, 0.02), (-0.16, _H), (-_H, _H)],
        "wing_east": [(-_H, -_H), (_H, -_H), (_H, _H), (0.16, _H), (0.16, 0.02), (-_H, 0.02)],
        "u": [(-_H, -_H), (_H, -_H), (_H, _H), (0.2, _H), (0.2, -0.12), (-0.2, -0.12), (-0.2, _H), (-_H, _H)],
        "l": [(-_H, -_H), (_H, -_H), (_H, -0.05), (-0.05, -0.05), (-0.05, _H), (-_H, _H)],
        "h": [
            (-_H, -_H), (-0.17, -_H), (-0.17, -0.15), (0.17, -0.15), (0.17, -_H), (_H, -_H),
            (_H, _H), (0.17, _H), (0.17, 0.15), (-0.17, 0.15), (-0.17, _H), (-_H, _H),
        ],
        # a tower with two flats pushed out to the south
        "tower": [
            (-_H, -_H), (-0.12, -_H), (-0.12, -0.28), (0.12, -0.28), (0.12, -_H), (_H, -_H),
            (_H, 0.3), (0.22, 0.3), (0.22, _H), (-0.22, _H), (-0.22, 0.3), (-_H, 0.3),
        ],
    }.items()
}  # fmt: skip


@dataclass(frozen=True)
class Placed:
    """Footprints before they are drawn: one value per building in every array."""

    x: NDArray[np.float64]
    """Centre, metres (in the frame of the block until `moved`)."""
    y: NDArray[np.float64]
    width_m: NDArray[np.float64]
    """Along the building's own east."""
    depth_m: NDArray[np.float64]
    angle_deg: NDArray[np.float64]
    """Counter-clockwise from east."""
    shape: Geometries
    """Name of the template."""
    use: Geometries
    floors: NDArray[np.float64]
    block: NDArray[np.int64]
    """Number of the block or village the building stands in."""

    def __len__(self) -> int:
        """Count the buildings."""
        return len(self.x)

    def moved(self, x: float, y: float, angle_deg: float, block: int) -> Placed:
        """Return the buildings turned about the origin, carried to (x, y) and given to a block."""
        turn = np.radians(angle_deg)
        east = x + self.x * np.cos(turn) - self.y * np.sin(turn)
        north = y + self.x * np.sin(turn) + self.y * np.cos(turn)
        return Placed(
            east, north, self.width_m, self.depth_m, self.angle_deg + angle_deg,
            self.shape, self.use, self.floors, np.full(len(self), block),
        )  # fmt: skip

    def take(self, keep: NDArray[np.bool_] | NDArray[np.intp]) -> Placed:
        """Return some of the buildings."""
        return Placed(*(getattr(self, part.name)[keep] for part in fields(self)))

    def polygons(self) -> Geometries:
        """Draw the footprints."""
        drawn = np.empty(len(self), dtype=object)
        centre = np.column_stack([self.x, self.y])
        sides = np.column_stack([self.width_m, self.depth_m])
        for name, template in TEMPLATES.items():
            which = np.flatnonzero(self.shape == name)
            if which.size:
                drawn[which] = stamp(template, centre[which], sides[which], self.angle_deg[which])
        return drawn


def placed(  # noqa: PLR0917 - a footprint reads from left to right: where, how large, what, how high
    x: ArrayLike, y: ArrayLike, width_m: ArrayLike, depth_m: ArrayLike, use: ArrayLike, floors: ArrayLike,
    *, shape: ArrayLike = "rect", angle_deg: ArrayLike = 0.0,
) -> Placed:  # fmt: skip
    """Build the record of some footprints; every argument broadcasts."""
    numbers = [np.asarray(value, dtype=np.float64) for value in (x, y, width_m, depth_m, floors, angle_deg)]
    names = [np.asarray(value, dtype=object) for value in (shape, use)]
    size = np.broadcast_shapes(*(array.shape for array in (*numbers, *names)))
    size = size or (1,)
    east, north, width, depth, storeys, angle = (np.broadcast_to(array, size).ravel() for array in numbers)
    template, purpose = (np.broadcast_to(array, size).ravel() for array in names)
    block = np.full(east.size, -1, dtype=np.int64)
    return Placed(east, north, width, depth, angle, template, purpose, storeys, block)


def join(parts: Sequence[Placed]) -> Placed:
    """Put records one after the other."""
    if not parts:
        none = np.empty(0)
        return placed(none, none, none, none, none, none)
    return Placed(*(np.concatenate([getattr(part, name.name) for part in parts]) for name in fields(Placed)))


def stamp(
    template: NDArray[np.float64],
    centre: NDArray[np.float64],
    sides_m: NDArray[np.float64],
    angle_deg: NDArray[np.float64],
) -> Geometries:
    """Draw a unit template at each centre (n, 2): scaled to its sides, turned, rounded to the centimetre."""
    turn = np.radians(angle_deg)[:, None]
    u, v = (template[None, :, axis] * sides_m[:, None, axis] for axis in (0, 1))
    east = centre[:, None, 0] + u * np.cos(turn) - v * np.sin(turn)
    north = centre[:, None, 1] + u * np.sin(turn) + v * np.cos(turn)
    return shapely.polygons(np.round(np.stack([east, north], axis=-1), 2))


def rectangle(
    centre: tuple[float, float], sides_m: tuple[float, float], angle_deg: float = 0.0
) -> shapely.Polygon:
    """Draw one rectangle about its centre."""
    return stamp(TEMPLATES["rect"], np.array([centre]), np.array([sides_m]), np.array([angle_deg]))[0]


def pieces(shapes: Geometries, size_m: float = 800.0) -> Geometries:
    """Cut large shapes along a square lattice, so that a query finds only what is near."""
    parts: list[shapely.Geometry] = []
    for shape in shapes[~shapely.is_empty(shapes)]:
        west, south, east, north = shape.bounds
        if max(east - west, north - south) <= size_m:
            parts.append(shape)
            continue
        columns = np.arange(np.floor(west / size_m), np.ceil(east / size_m)) * size_m
        rows = np.arange(np.floor(south / size_m), np.ceil(north / size_m)) * size_m
        grid_x, grid_y = (axis.ravel() for axis in np.meshgrid(columns, rows))
        cells = shapely.box(grid_x, grid_y, grid_x + size_m, grid_y + size_m)
        shapely.prepare(shape)
        cut = shapely.intersection(cells[shapely.intersects(shape, cells)], shape)
        parts.extend(polygons_of(cut))
    return np.array(parts, dtype=object)


def polygons_of(shapes: Geometries) -> list[shapely.Polygon]:
    """Return the polygons in some shapes; points and lines are left out."""
    parts = shapely.get_parts(shapely.get_parts(shapes))
    return list(
        parts[(shapely.get_type_id(parts) == shapely.GeometryType.POLYGON) & ~shapely.is_empty(parts)]
    )


class Taken:
    """Land that is taken: answers what touches it, and cuts it out of other shapes."""

    def __init__(self, shapes: Geometries) -> None:
        self._shapes = pieces(shapes)
        self._tree = shapely.STRtree(self._shapes)

    def touches(self, shapes: Geometries) -> NDArray[np.bool_]:
        """Say for each shape whether any of it is taken."""
        hit = np.zeros(len(shapes), dtype=bool)
        hit[np.unique(self._tree.query(shapes, predicate="intersects")[0])] = True
        return hit

    def cut_from(self, shapes: Geometries) -> Geometries:
        """Return the shapes without what is taken; a shape that is taken whole is empty."""
        left = np.array(shapes, dtype=object)
        mine, theirs = self._tree.query(left, predicate="intersects")
        if not mine.size:
            return left
        order = np.argsort(mine, kind="stable")
        mine, theirs = mine[order], theirs[order]
        turn = np.arange(mine.size) - np.searchsorted(mine, mine)
        for number in range(int(turn.max()) + 1):
            now = turn == number
            left[mine[now]] = shapely.difference(left[mine[now]], self._shapes[theirs[now]])
        return left


def overlap_free(shapes: Geometries, *, gap_m: float = 0.0) -> NDArray[np.bool_]:
    """Say which shapes to keep so that none overlaps another; the earlier one stays."""
    tree = shapely.STRtree(shapes)
    if gap_m > 0.0:
        one, two = tree.query(shapes, predicate="dwithin", distance=gap_m)
    else:
        one, two = tree.query(shapes, predicate="intersects")
    keep = np.ones(len(shapes), dtype=bool)
    pairs = sorted(zip(one[one < two].tolist(), two[one < two].tolist(), strict=True))
    for first, second in pairs:
        if keep[first] and keep[second]:
            keep[second] = False
    return keep
