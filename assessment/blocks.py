"""The squares work is cut into: fixed on the ground, so that results do not depend on who does what when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

BLOCK_M = 16384.0
"""Side of a block. Blocks lie on multiples of it in the metric CRS: part of the method, not a setting."""

Bounds = tuple[float, float, float, float]
"""West, south, east, north, m."""


@dataclass(frozen=True, order=True)
class Block:
    """One square, by column and row counted from the origin of the CRS.

    Examples
    --------
    >>> Block(30, 232).bounds
    (491520.0, 3801088.0, 507904.0, 3817472.0)
    >>> Block.named("b30_232") == Block(30, 232)
    True
    """

    column: int
    row: int

    @property
    def name(self) -> str:
        """Name of the block's folder."""
        return f"b{self.column}_{self.row}"

    @classmethod
    def named(cls, name: str) -> Block:
        """Return the block of a name."""
        column, row = name.removeprefix("b").split("_")
        return cls(int(column), int(row))

    @property
    def bounds(self) -> Bounds:
        """Extent of the block, m."""
        west, south = self.column * BLOCK_M, self.row * BLOCK_M
        return west, south, west + BLOCK_M, south + BLOCK_M


def owners(frame: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return column and row of the block that owns each object: that of a point inside it.

    Each object has exactly one owner, so blocks share the work without gap or overlap.
    """
    points = shapely.get_coordinates(shapely.point_on_surface(np.asarray(frame.geometry.array, dtype=object)))
    cells = np.floor(points / BLOCK_M).astype(np.int64)
    return pd.DataFrame({"column": cells[:, 0], "row": cells[:, 1]}, index=frame.index)


def owned_by(frame: gpd.GeoDataFrame, block: Block) -> NDArray[np.bool_]:
    """Say which objects a block owns."""
    if not len(frame):
        return np.zeros(0, dtype=bool)
    cells = owners(frame)
    return ((cells["column"] == block.column) & (cells["row"] == block.row)).to_numpy()


def grown(bounds: Bounds, by_m: float) -> Bounds:
    """Return bounds with a margin on every side."""
    west, south, east, north = bounds
    return west - by_m, south - by_m, east + by_m, north + by_m
