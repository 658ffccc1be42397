"""Map tiles cut on request: shapes as compact binary, and sums per cell where shapes are too small to see.

A tile is little-endian: three uint32 (shapes, rings, points), then per shape its row (uint32) and the end of
its rings (uint32), per ring the end of its points (uint32), the points as int16 pairs in sixteenths of a
pixel of a 256-pixel tile, then three float32 and four uint8 per shape (`TILE_COLUMNS`) and its dimension
(uint8).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from ui.shapes import HALF_WORLD_M, UNIT_M
from ui.store import TILE_COLUMNS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ui.shapes import Shapes
    from ui.store import LayerStore

SUBPIXELS = 16
TILE_PX = 256
REACH_PX = 1500
"""Shapes that reach further than this beyond their tile are cut, so that coordinates fit 16 bits."""
CELL_PX = 8
CELLS = TILE_PX // CELL_PX
MOST_DETAIL = 22


@dataclass(frozen=True)
class Address:
    """One tile of the usual web scheme, origin in the north-west."""

    z: int
    x: int
    y: int

    def __post_init__(self) -> None:
        """Refuse addresses outside the square of their zoom."""
        if not 0 <= self.z <= MOST_DETAIL or not (0 <= self.x < 2**self.z and 0 <= self.y < 2**self.z):
            raise ValueError(f"no such tile: {self.z}/{self.x}/{self.y}")

    @property
    def size_m(self) -> float:
        """Side in Web Mercator metres."""
        return 2 * HALF_WORLD_M / 2**self.z

    @property
    def west(self) -> float:
        """Western edge in Web Mercator metres."""
        return self.x * self.size_m - HALF_WORLD_M

    @property
    def north(self) -> float:
        """Northern edge in Web Mercator metres."""
        return HALF_WORLD_M - self.y * self.size_m

    def box(self) -> tuple[float, float, float, float]:
        """West, south, east, north in Web Mercator metres."""
        return self.west, self.north - self.size_m, self.west + self.size_m, self.north


def shape_tile(layer: LayerStore, address: Address, *, least_px: float = 0.0) -> bytes:
    """Return the shapes whose bounds touch the tile; smaller ones than `least_px` are left out."""
    shapes = layer.shapes
    rows = shapes.rows_in(*address.box())
    if least_px and rows.size:
        bounds = shapes.bounds[rows].astype("float64") * UNIT_M
        size = np.maximum(bounds[:, 2] - bounds[:, 0], bounds[:, 3] - bounds[:, 1])
        rows = rows[size >= least_px * address.size_m / TILE_PX]
    xy, ring_ends, shape_ends = _gather(shapes, rows)
    xy, ring_ends, shape_ends = _cut(shapes, rows, address, (xy, ring_ends, shape_ends))
    scale = TILE_PX * SUBPIXELS / address.size_m
    pixels = np.empty_like(xy)
    pixels[:, 0] = (xy[:, 0] - address.west) * scale
    pixels[:, 1] = (address.north - xy[:, 1]) * scale
    limit = np.iinfo("int16")
    parts = [
        np.array([rows.size, ring_ends.size, len(xy)], dtype="<u4"),
        rows.astype("<u4"),
        shape_ends.astype("<u4"),
        ring_ends.astype("<u4"),
        np.clip(np.rint(pixels), limit.min, limit.max).astype("<i2"),
        *(layer.columns[name][rows].astype("<f4") for name in TILE_COLUMNS[:3]),
        *(layer.columns[name][rows].astype("u1") for name in TILE_COLUMNS[3:]),
        shapes.dimension[rows].astype("u1"),
    ]
    return b"".join(part.tobytes() for part in parts)


Parts = tuple["NDArray[np.float64]", "NDArray[np.int64]", "NDArray[np.int64]"]


def _spans(ends: NDArray[np.int64], items: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the members of the given lists one after the other, and the end of each list among them."""
    starts = np.where(items > 0, ends[np.maximum(items - 1, 0)], 0)
    lengths = ends[items] - starts
    new_ends = np.cumsum(lengths)
    total = int(new_ends[-1]) if items.size else 0
    members = np.arange(total) + np.repeat(starts - (new_ends - lengths), lengths)
    return members, new_ends


def _gather(shapes: Shapes, rows: NDArray[np.int64]) -> Parts:
    rings, shape_ends = _spans(shapes.shape_ends, rows)
    points, ring_ends = _spans(shapes.ring_ends, rings)
    return shapes.xy[points].astype("float64") * UNIT_M, ring_ends, shape_ends


def _cut(shapes: Shapes, rows: NDArray[np.int64], address: Address, parts: Parts) -> Parts:
    """Cut the few shapes that reach far beyond the tile to a frame around it."""
    west, south, east, north = address.box()
    reach = REACH_PX * address.size_m / TILE_PX
    frame = (west - reach, south - reach, east + reach, north + reach)
    bounds = shapes.bounds[rows].astype("float64") * UNIT_M
    far = (
        (bounds[:, 0] < frame[0])
        | (bounds[:, 1] < frame[1])
        | (bounds[:, 2] > frame[2])
        | (bounds[:, 3] > frame[3])
    )
    if not far.any():
        return parts
    xy, ring_ends, shape_ends = parts
    rings_of = np.split(xy, ring_ends[:-1])
    pieces: list[list[NDArray[np.float64]]] = []
    for index, row in enumerate(rows):
        start = int(shape_ends[index - 1]) if index else 0
        own = list(rings_of[start : int(shape_ends[index])])
        pieces.append(_clipped(shapes.geometry(int(row)), frame) if far[index] else own)
    rings = [ring for piece in pieces for ring in piece]
    points = np.concatenate(rings) if rings else np.empty((0, 2))
    return points, np.cumsum([len(ring) for ring in rings]), np.cumsum([len(piece) for piece in pieces])


def _clipped(shape: Any, frame: tuple[float, float, float, float]) -> list[NDArray[np.float64]]:  # noqa: ANN401
    parts = shapely.get_parts(shapely.clip_by_rect(shape, *frame))
    flat = shapely.get_dimensions(parts) == 2  # noqa: PLR2004 - an area
    return [shapely.get_coordinates(ring) for ring in (*shapely.get_rings(parts[flat]), *parts[~flat])]


@dataclass(frozen=True)
class CellGrid:
    """Sums of the matching sites per cell of CELL_PX pixels at one zoom."""

    z: int
    column: int
    row: int
    kwp: NDArray[np.float32]
    """(rows, columns): kWp; the first row is the northernmost."""
    cost: NDArray[np.float32]
    """Mean cost weighted by energy, NaN where unknown."""
    specific: NDArray[np.float32]
    """Mean kWh/kWp weighted by capacity."""
    kind: NDArray[np.uint8]
    """Type with the largest capacity."""

    def tile(self, address: Address) -> bytes:
        """Return CELLS x CELLS cells, row by row from the north-west: three float32 fields, then the kind."""
        top, left = address.y * CELLS - self.row, address.x * CELLS - self.column
        fields = [
            _window(field, top, left).astype(kind).tobytes()
            for field, kind in (
                (self.kwp, "<f4"),
                (self.cost, "<f4"),
                (self.specific, "<f4"),
                (self.kind, "u1"),
            )
        ]
        return b"".join(fields)


def _window(field: NDArray[Any], top: int, left: int) -> NDArray[Any]:
    """Cut a CELLS x CELLS window out of a field, zero where it lies outside."""
    out = np.zeros((CELLS, CELLS), dtype=field.dtype)
    rows, columns = field.shape
    r0, r1 = max(top, 0), min(top + CELLS, rows)
    c0, c1 = max(left, 0), min(left + CELLS, columns)
    if r0 < r1 and c0 < c1:
        out[r0 - top : r1 - top, c0 - left : c1 - left] = field[r0:r1, c0:c1]
    return out


def cell_grid(
    layer: LayerStore, keep: NDArray[np.bool_], z: int, changed: dict[str, NDArray[Any]] | None = None
) -> CellGrid:
    """Sum the kept sites into the cells of a zoom; `changed` holds columns that stand in for the layer's."""
    size = 2 * HALF_WORLD_M / (2**z * CELLS)
    place = np.empty((len(layer), 2), dtype="int64")
    place[:, 0] = np.floor((layer.centre[:, 0] + HALF_WORLD_M) / size)
    place[:, 1] = np.floor((HALF_WORLD_M - layer.centre[:, 1]) / size)
    first = place.min(axis=0)
    columns, rows = (place.max(axis=0) - first + 1).tolist()
    index = ((place[:, 1] - first[1]) * columns + place[:, 0] - first[0])[keep]
    columns_of = {**layer.columns, **(changed or {})}
    value, cost, specific = (columns_of[name][keep].astype("float64") for name in TILE_COLUMNS[:3])
    kind, n = layer.columns["kind"][keep].astype("int64"), columns * rows
    kwp = np.bincount(index, np.nan_to_num(value), n)
    by_kind = np.bincount(kind % 16 * n + index, np.nan_to_num(value), 16 * n).reshape(16, n)

    def mean(field: NDArray[np.float64], weight: NDArray[np.float64]) -> NDArray[np.float64]:
        known = np.isfinite(field) & np.isfinite(weight)
        total = np.bincount(index[known], (field * weight)[known], n)
        with np.errstate(divide="ignore", invalid="ignore"):
            return total / np.bincount(index[known], weight[known], n)

    fields = (kwp, mean(cost, value * specific), mean(specific, value))
    total, dear, full = (field.astype("float32").reshape(rows, columns) for field in fields)
    main = by_kind.argmax(axis=0).astype("uint8").reshape(rows, columns)
    return CellGrid(z, int(first[0]), int(first[1]), total, dear, full, main)
