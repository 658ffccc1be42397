"""The layers of one assessment as partitioned GeoParquet, read by the window, whatever form they came in."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache, partial
from io import BytesIO
from typing import TYPE_CHECKING, Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from assessment.blocks import CELL_M, Cell, cells_at, squares_of
from assessment.inputs import SHARED_OUT
from faults import RunError
from layers.sources import Layer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from assessment.blocks import Bounds
    from assessment.depot import Depot
    from assessment.inputs import Inputs

PARTITIONED = (*SHARED_OUT, "restrictions")
"""Layers that grow with the region; the others are small, or asked from afar, and go to tasks whole."""
ORIGIN = ("demo", "source", "licence", "confidence")
INDEX = "store/index.json"
CACHED = 48
"""Partitions a process keeps: those around one cell are read again and again."""


class Piece(NamedTuple):
    """One file of a layer."""

    name: str
    bounds: list[float]
    """Extent of all its objects, which may reach beyond the cell that owns them."""
    sha256: str


@dataclass(frozen=True)
class Store:
    """Layers in files by cell, each row with its bounding box; rows in order of cell and id.

    Bytes and order of rows do not depend on how cells are gathered to blocks.
    """

    depot: Depot
    digest: str
    """Of the index; readers of another one are not taken in by a cache."""

    @classmethod
    def put(cls, depot: Depot, inputs: Inputs) -> tuple[Store, dict[Cell, int]]:
        """Write the layers; return the store, and the cells that own something with how many objects."""
        squares = {
            name: squares_of(inputs.layers[name].frame) for name in SHARED_OUT if name in inputs.layers
        }
        cells = cells_at(np.concatenate(list(squares.values())))
        objects: dict[Cell, int] = {}
        for cell in cells:
            objects[cell] = objects.get(cell, 0) + 1
        index: dict[str, Any] = {}
        start = 0
        for name in PARTITIONED:
            layer = inputs.layers.get(name)
            if layer is None:
                continue
            if name in squares:
                own = cells[start : start + len(squares[name])]
                start += len(squares[name])
            else:
                own = cells_at(squares_of(layer.frame), crowded=len(layer.frame))
            index[name] = {
                "covers": sorted(layer.covers),
                "crs": layer.frame.crs.to_string(),
                **inputs.origin(name),
                "pieces": list(_put_layer(depot, name, layer.frame, own)),
            }
        text = json.dumps(index, ensure_ascii=False)
        depot.put_file(INDEX, lambda file: file.write_text(text, encoding="utf-8"))
        return cls(depot, _digest(text.encode())), objects

    def layers(self, bounds: Bounds) -> dict[str, Layer]:
        """Return the partitioned layers, each cut down to the objects that reach into a window.

        Objects come whole, however far they reach beyond it.
        """
        return {name: self.layer(name, bounds) for name in _index(self)}

    def layer(self, name: str, bounds: Bounds) -> Layer:
        """Return the objects of one layer that reach into a window."""
        told = _index(self)[name]
        origin = {key: told[key] for key in ORIGIN}
        nothing = pd.DataFrame()
        return Layer(
            name=name, frame=self.read(name, bounds), covers=frozenset(told["covers"]), **origin,
            rejected=nothing, faults=(), files=(),
        )  # fmt: skip

    def extent(self, names: Sequence[str]) -> Bounds:
        """Return the extent of all objects of some layers: beyond it there are none."""
        index = _index(self)
        pieces = [Piece(*piece) for name in names if name in index for piece in index[name]["pieces"]]
        boxes = np.array([piece.bounds for piece in pieces if any(piece.bounds)])
        west, south = boxes[:, :2].min(axis=0)
        east, north = boxes[:, 2:].max(axis=0)
        return float(west), float(south), float(east), float(north)

    def read(self, name: str, bounds: Bounds) -> gpd.GeoDataFrame:
        """Return the rows of a layer that reach into a window.

        Raises
        ------
        RunError
            A file is missing or damaged; resuming writes it anew.
        """
        told = _index(self)[name]
        pieces = [Piece(*piece) for piece in told["pieces"]]
        near = [piece for piece in pieces if _meet(np.array([piece.bounds]), bounds)[0]] or pieces[:1]
        tables = [_window(_read_piece(self.depot, piece.name, piece.sha256), bounds) for piece in near]
        return _as_frame(pa.concat_tables(tables), told["crs"])


@lru_cache(maxsize=4)
def _index(store: Store) -> dict[str, Any]:
    raw = _whole(store.depot, INDEX, store.digest)
    index: dict[str, Any] = json.loads(raw)
    return index


def _put_layer(depot: Depot, name: str, frame: gpd.GeoDataFrame, cells: Sequence[Cell]) -> Iterator[Piece]:
    """Write a layer cell by cell; one empty file where it has no rows, for its columns."""
    plain = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    schema = pa.Schema.from_pandas(plain, preserve_index=False)
    names, place = np.unique([cell.name for cell in cells], return_inverse=True)
    order = np.lexsort((frame["id"].astype(str).to_numpy(), place))
    rows = np.split(order, np.flatnonzero(np.diff(place[order])) + 1)
    owners = [Cell.named(str(names[place[one[0]]])) for one in rows if len(one)] or [Cell(0, 0, CELL_M)]
    for cell, one in sorted(zip(owners, rows, strict=True), key=lambda pair: pair[0]):
        table, bounds = _as_table(plain.iloc[one], frame.geometry.to_numpy()[one], schema, frame.crs)
        sink = BytesIO()
        pq.write_table(table, sink, compression="zstd")
        raw = sink.getvalue()
        file = f"store/{name}/{cell.name}.parquet"
        depot.put_file(file, partial(_write, raw))
        yield Piece(file, bounds, _digest(raw))


def _write(raw: bytes, file: Path) -> None:
    file.write_bytes(raw)


def _as_table(
    plain: pd.DataFrame,
    geometry: NDArray[np.object_],
    schema: pa.Schema,
    crs: Any,  # noqa: ANN401 - a CRS of pyproj
) -> tuple[pa.Table, list[float]]:
    """Return rows as a table of GeoParquet 1.1, and their extent."""
    boxes = shapely.bounds(geometry)
    bounds = [float(value) for value in shapely.total_bounds(geometry)] if len(geometry) else [0.0] * 4
    sides = ("xmin", "ymin", "xmax", "ymax")
    box = pa.StructArray.from_arrays([pa.array(column) for column in boxes.T], names=list(sides))
    table = pa.Table.from_pandas(plain, schema=schema, preserve_index=False)
    table = table.append_column("geometry", pa.array(shapely.to_wkb(geometry), pa.binary()))
    table = table.append_column("bbox", box)
    column = {
        "encoding": "WKB",
        "geometry_types": [],
        "crs": crs.to_json_dict(),
        "bbox": bounds,
        "covering": {"bbox": {side: ["bbox", side] for side in sides}},
    }
    geo = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}
    said = {**(schema.metadata or {}), b"geo": json.dumps(geo).encode()}
    return table.replace_schema_metadata(said), bounds


@lru_cache(maxsize=CACHED)
def _read_piece(depot: Depot, name: str, sha256: str) -> tuple[pa.Table, NDArray[np.float64]]:
    table = pq.read_table(BytesIO(_whole(depot, name, sha256)))
    sides = table.column("bbox").combine_chunks()
    if isinstance(sides, pa.ChunkedArray):  # a table without rows has no chunk
        sides = pa.array([], type=sides.type)
    boxes = np.column_stack([sides.field(i).to_numpy(zero_copy_only=False) for i in range(4)])
    return table.drop_columns(["bbox"]), boxes


def _window(piece: tuple[pa.Table, NDArray[np.float64]], bounds: Bounds) -> pa.Table:
    table, boxes = piece
    return table.filter(pa.array(_meet(boxes, bounds)))


def _meet(boxes: NDArray[np.float64], bounds: Bounds) -> NDArray[np.bool_]:
    west, south, east, north = bounds
    met: NDArray[np.bool_] = (
        (boxes[:, 0] <= east) & (boxes[:, 2] >= west) & (boxes[:, 1] <= north) & (boxes[:, 3] >= south)
    )
    return met


def _as_frame(table: pa.Table, crs: str) -> gpd.GeoDataFrame:
    geometry = shapely.from_wkb(table.column("geometry").to_numpy())
    plain = table.drop_columns(["geometry"]).to_pandas()
    return gpd.GeoDataFrame(plain, geometry=geometry, crs=crs)


def _whole(depot: Depot, name: str, sha256: str) -> bytes:
    """Return the bytes of a file as they were written; ask once more where they are not."""
    reason = "other bytes than were written"
    for _ in range(2):
        try:
            raw = depot.read(name)
        except OSError as error:
            reason = f"{type(error).__name__}: {error}"
            continue
        if _digest(raw) == sha256:
            return raw
    raise RunError(f"{depot.url}/{name} is missing or damaged, start again with --resume: {reason}")


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()
