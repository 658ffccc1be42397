"""The squares a region is cut into: cells, fixed on the ground, and blocks of cells, which are tasks.

A **cell** is part of the method: what it comes to depends on what lies in it and around it, and on nothing
else. Where more objects than `CROWDED` lie in a cell it is cut in four, again and again, so that a dense city
takes no more memory than a village. A **block** is what one task does: some cells that lie together. How many
is a matter of convenience, and changes no byte of the result.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

CELL_M = 8192
"""Side of a cell. Cells lie on multiples of it in the metric CRS: part of the method, not a setting."""
SMALLEST_M = 2048
"""Side of a cell that is not cut any further: less would be more halo than cell."""
CROWDED = 40_000
"""Objects from which on a cell is cut in four; part of the method."""
LARGEST_M = 32768
"""Side of the largest block."""
BLOCK_OBJECTS = 50_000
"""Objects that a block of more than one cell holds at most, unless the settings say otherwise."""

Bounds = tuple[float, float, float, float]
"""West, south, east, north, m."""


@dataclass(frozen=True, order=True)
class Cell:
    """One square, by its south-west corner and side in whole metres; cells sort from west to east.

    Examples
    --------
    >>> Cell(491520, 3801088, 8192).bounds
    (491520.0, 3801088.0, 499712.0, 3809280.0)
    >>> Cell.named("c491520_3801088_8192") == Cell(491520, 3801088, 8192)
    True
    """

    west: int
    south: int
    side: int

    @property
    def name(self) -> str:
        """Name of the cell's files."""
        return f"c{self.west}_{self.south}_{self.side}"

    @classmethod
    def named(cls, name: str) -> Cell:
        """Return the cell of a name."""
        west, south, side = name.removeprefix("c").split("_")
        return cls(int(west), int(south), int(side))

    @property
    def bounds(self) -> Bounds:
        """Extent of the cell; what touches the west or south edge belongs to it."""
        west, south, side = float(self.west), float(self.south), float(self.side)
        return west, south, west + side, south + side


@dataclass(frozen=True)
class Block:
    """Cells that one task assesses, in order."""

    cells: tuple[Cell, ...]


def squares_of(frame: gpd.GeoDataFrame) -> Ints:
    """Return the smallest square that holds a point inside each object: column and row, shape (n, 2).

    The point is on the surface of the object; every object is in one square, so cells share the work without
    gap or overlap.
    """
    if not len(frame):
        return np.zeros((0, 2), dtype=np.int64)
    points = shapely.get_coordinates(shapely.point_on_surface(np.asarray(frame.geometry.array, dtype=object)))
    return np.floor(points / SMALLEST_M).astype(np.int64)


def cells_at(squares: Ints, *, crowded: int | None = None) -> list[Cell]:
    """Return the cell of each object.

    Parameters
    ----------
    squares
        Of all objects that are shared out, of all layers together: it is their number that cuts a cell.
    crowded
        Objects from which on a cell is cut; None: `CROWDED`.

    Examples
    --------
    >>> few = cells_at(np.array([[0, 0], [3, 3]]))
    >>> [cell.name for cell in few]
    ['c0_0_8192', 'c0_0_8192']
    >>> [cell.name for cell in cells_at(np.array([[0, 0], [3, 3]]), crowded=1)]
    ['c0_0_4096', 'c4096_4096_4096']
    """
    most = CROWDED if crowded is None else crowded
    units = np.full(len(squares), CELL_M // SMALLEST_M, dtype=np.int64)
    while len(squares):
        held = _counts(squares // units[:, None] * units[:, None], units)
        over = (held > most) & (units > 1)
        if not over.any():
            break
        units[over] //= 2
    corners = squares // units[:, None] * units[:, None] * SMALLEST_M
    sides = units * SMALLEST_M
    return [Cell(int(x), int(y), int(side)) for (x, y), side in zip(corners, sides, strict=True)]


def _counts(corners: Ints, units: Ints) -> Ints:
    """Return for each object how many objects are in its square."""
    keys = np.column_stack([corners, units])
    _, place, number = np.unique(keys, axis=0, return_inverse=True, return_counts=True)
    held: Ints = number[place.ravel()]
    return held


def blocks_of(objects: dict[Cell, int], *, most: int) -> tuple[Block, ...]:
    """Gather cells to blocks: the largest squares that hold no more than so many objects, or single cells.

    Examples
    --------
    >>> cells = {Cell(0, 0, 8192): 5, Cell(8192, 0, 8192): 5, Cell(16384, 0, 8192): 5}
    >>> [len(block.cells) for block in blocks_of(cells, most=10)]
    [2, 1]
    """
    groups = {cell: (cell.west, cell.south, cell.side) for cell in objects}
    side = 2 * CELL_M
    while side <= LARGEST_M:
        squares = {cell: (cell.west // side * side, cell.south // side * side, side) for cell in objects}
        sums: dict[tuple[int, int, int], int] = {}
        for cell, square in squares.items():
            sums[square] = sums.get(square, 0) + objects[cell]
        groups |= {cell: square for cell, square in squares.items() if sums[square] <= most}
        side *= 2
    gathered: dict[tuple[int, int, int], list[Cell]] = {}
    for cell in sorted(objects):
        gathered.setdefault(groups[cell], []).append(cell)
    return tuple(Block(tuple(cells)) for cells in gathered.values())


def grown(bounds: Bounds, by_m: float) -> Bounds:
    """Return bounds with a margin on every side."""
    west, south, east, north = bounds
    return west - by_m, south - by_m, east + by_m, north + by_m
