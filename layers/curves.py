"""Shapes with arcs and surfaces of triangles: arcs become straight pieces, what cannot be drawn is said."""

from __future__ import annotations

import json
import re
import tempfile
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import shapely
from pyogrio.raw import open_arrow, read

from faults import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

NAMES = {
    8: "CircularString",
    9: "CompoundCurve",
    10: "CurvePolygon",
    11: "MultiCurve",
    12: "MultiSurface",
    15: "PolyhedralSurface",
    16: "TIN",
    17: "Triangle",
}
"""Code of a geometry in well-known binary -> its name; those that GEOS does not work with."""
WITH_ARCS = (8, 9, 10, 11, 12)
COLLECTION = 7
ARCS = re.compile("CIRCULARSTRING|COMPOUNDCURVE|CURVEPOLYGON|MULTICURVE|MULTISURFACE", re.IGNORECASE)
"""What the text of a shape with arcs has in it."""
STRAIGHT = "has arcs ({name}); they are drawn by straight pieces of 4 degrees"
NOT_DRAWN = "is a {name}, which is no flat shape; export it as polygons"
MIXED = "is a collection with arcs in it; export its parts as shapes of their own"
NO_SHAPE = "is no geometry that can be read; it may be damaged"
SHOWN = 10
HEAD_BYTES = 5
ROWS_AT_ONCE = 200_000
_NO_FLAGS, _PER_DIMENSION = 0x0FFFFFFF, 1000
_EMPTY = shapely.to_wkb(shapely.Polygon())


def straightened(frame: gpd.GeoDataFrame, source: Path, layer: str | None) -> tuple[Fault, ...]:
    """Say which shapes of a file that GDAL has read had arcs; take out those that cannot be worked with.

    GDAL hands out arcs as straight pieces without a word, collections with their arcs in, and nothing for
    surfaces of triangles; what there was is looked up in the file.
    """
    codes = np.concatenate([*_codes(source, layer), np.zeros(0, dtype=int)])
    if len(codes) != len(frame) or not np.isin(codes, (COLLECTION, *NAMES)).any():
        return ()
    mixed = without_mixed(frame, source.name)
    return (*_remarks(codes, np.zeros(len(codes), dtype=bool), source.name), *mixed)


def plain_codes(source: Path, layer: str | None) -> bool:
    """Say whether no shape of a file can have arcs, or triangles, in it."""
    return not any(np.isin(codes, (COLLECTION, *NAMES)).any() for codes in _codes(source, layer))


def without_mixed(frame: gpd.GeoDataFrame, file: str) -> tuple[Fault, ...]:
    """Take collections with arcs in them out of a frame: nothing can be reckoned with them."""
    geometry = np.array(frame.geometry.array, dtype=object)
    mixed = _with_arcs_inside(geometry, shapely.get_type_id(geometry) == COLLECTION)
    fault = _said(mixed, MIXED, file, error=True)
    if fault is None:
        return ()
    geometry[mixed] = None
    frame[frame.geometry.name] = gpd.GeoSeries(geometry, crs=frame.crs)
    return (fault,)


def _codes(source: Path, layer: str | None) -> Iterator[NDArray[np.int64]]:
    if source.suffix.lower() == ".fgb":
        yield from _codes_by_rows(source)
        return
    with open_arrow(source, layer=layer, columns=[]) as (_, stream):
        for batch in pa.RecordBatchReader.from_stream(stream):
            yield geometry_codes(batch.column(batch.num_columns - 1))


def _codes_by_rows(source: Path) -> Iterator[NDArray[np.int64]]:
    """Read shapes row by row: after one that is missing, GDAL's stream of FlatGeobuf gives wrong places."""
    for start in count(step=ROWS_AT_ONCE):
        _, _, shapes, _ = read(source, columns=[], skip_features=start, max_features=ROWS_AT_ONCE)
        yield geometry_codes(pa.array(shapes, pa.binary()))
        if len(shapes) < ROWS_AT_ONCE:
            return


def geometry_codes(column: pa.Array) -> NDArray[np.int64]:
    """Return the code of each geometry of a column of well-known binary, without dimension; 0: none.

    Examples
    --------
    >>> geometry_codes(pa.array([shapely.to_wkb(shapely.Point(1, 2, 3)), None, b"nothing"]))
    array([1, 0, 0])
    """
    binary = column.cast(pa.large_binary())
    offsets = np.frombuffer(binary.buffers()[1], np.int64)[binary.offset :][: len(binary) + 1]
    starts = offsets[:-1][np.diff(offsets) >= HEAD_BYTES]
    codes = np.zeros(len(binary), dtype=np.int64)
    if not len(starts):
        return codes
    data = np.frombuffer(binary.buffers()[2], np.uint8)
    head = data[starts[:, None] + np.arange(HEAD_BYTES)]
    number = np.ascontiguousarray(head[:, 1:])
    little, big = number.view("<u4")[:, 0], number.view(">u4")[:, 0]
    order = head[:, 0]
    found = (np.where(order == 1, little, big).astype(np.int64) & _NO_FLAGS) % _PER_DIMENSION
    codes[np.diff(offsets) >= HEAD_BYTES] = np.where(order <= 1, found, 0)
    return codes


def read_parquet_rows(path: Path) -> tuple[gpd.GeoDataFrame, tuple[Fault, ...]]:
    """Read a GeoParquet file in which some shapes are none that can be read as they are.

    Raises
    ------
    KeyError, ValueError
        It is no GeoParquet, or its shapes are not written as well-known binary.
    """
    table = pq.read_table(path)
    name = table.column_names[_geometry_column(table)]
    column = table[name].combine_chunks()
    wkb: list[bytes | None] = column.to_pylist()
    codes = geometry_codes(column)
    bad = np.array([not _readable(shape) for shape in wkb], dtype=bool)
    arcs = np.flatnonzero(np.isin(codes, WITH_ARCS))
    drawn = drawn_by_gdal(["" if (shape := wkb[row]) is None else shape.hex() for row in arcs])
    bad[arcs] = shapely.is_missing(drawn)
    for row, shape in zip(arcs, drawn, strict=True):
        wkb[row] = shapely.to_wkb(shape)
    for row in np.flatnonzero(bad):
        wkb[row] = None
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / path.name
        place = table.column_names.index(name)
        pq.write_table(table.set_column(place, table.schema.field(place), pa.array(wkb, column.type)), plain)
        frame = gpd.read_parquet(plain)
    remarks = _remarks(codes, bad & ~np.isin(codes, list(NAMES)), path.name)
    return frame, (*remarks, *without_mixed(frame, path.name))


def _geometry_column(table: pa.Table) -> int:
    told = json.loads((table.schema.metadata or {})[b"geo"])
    name = told["primary_column"]
    if told["columns"][name]["encoding"] != "WKB":
        raise ValueError("shapes are not written as well-known binary")
    return int(table.schema.get_field_index(name))


def _readable(wkb: bytes | None) -> bool:
    if wkb is None:
        return True
    try:
        shapely.from_wkb(wkb)
    except (NotImplementedError, shapely.errors.GEOSException):
        return False
    return True


def drawn_by_gdal(texts: Sequence[str]) -> NDArray[np.object_]:
    """Return shapes with arcs (WKT, or WKB in hexadecimal digits) drawn by straight pieces; None: cannot be.

    Examples
    --------
    >>> drawn = drawn_by_gdal(["CURVEPOLYGON (CIRCULARSTRING (0 0, 20 0, 0 0))"])
    >>> print(f"{drawn[0].geom_type} {drawn[0].area:.0f}")
    Polygon 314
    """
    if not len(texts):
        return np.zeros(0, dtype=object)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "shapes.csv"
        lines = ("{},{}".format(row, '"' + " ".join(text.split()) + '"') for row, text in enumerate(texts))
        file.write_text("\n".join(["row,shape", *lines]) + "\n", encoding="utf-8")
        options = {"GEOM_POSSIBLE_NAMES": "shape", "KEEP_GEOM_COLUMNS": "NO"}
        frame = pyogrio.read_dataframe(file, on_invalid="ignore", **options)
    shapes = np.array(frame.geometry.array, dtype=object)
    shapes[_with_arcs_inside(shapes, shapely.get_type_id(shapes) == COLLECTION)] = None
    return shapes


def _with_arcs_inside(geometry: NDArray[np.object_], which: NDArray[np.bool_]) -> NDArray[np.bool_]:
    found = np.zeros(len(geometry), dtype=bool)
    for row in np.flatnonzero(which):
        found[row] = geometry[row] is not None and ARCS.search(shapely.to_wkt(geometry[row])) is not None
    return found


def _remarks(codes: NDArray[np.int64], broken: NDArray[np.bool_], file: str) -> tuple[Fault, ...]:
    told = [
        _said(codes == code, STRAIGHT.format(name=name), file)
        if code in WITH_ARCS
        else _said(codes == code, NOT_DRAWN.format(name=name), file, error=True)
        for code, name in NAMES.items()
    ]
    told.append(_said(broken, NO_SHAPE, file, error=True))
    return tuple(fault for fault in told if fault is not None)


def _said(which: NDArray[np.bool_], rule: str, file: str, *, error: bool = False) -> Fault | None:
    rows = (np.flatnonzero(which) + 1).tolist()
    if not rows:
        return None
    if len(rows) > 1:
        rule += f" (the same in {len(rows)} rows: also {', '.join(map(str, rows[1:SHOWN]))}, ...)"
    return Fault(file, rows[0], "geometry", None, rule, "error" if error else "info", file)
