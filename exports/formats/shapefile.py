"""Shapefile, for programs that read nothing newer: names in ten bytes, UTF-8 or GBK, parts below 2 GB."""

from __future__ import annotations

import csv
from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyogrio

from exports.job import as_multi, is_polygonal, shapes_of, stream_into, with_shapes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from exports.flat import Field
    from exports.job import Job

TEXT_BYTES = 254
"""The longest text that a dBASE column holds."""
PART_BYTES = 1_900_000_000
"""Where a new part begins; the format ends at 2 GB for the table and for the shapes."""
ENCODINGS = {"utf-8": "UTF-8", "gbk": "CP936"}
_NUMBER = pa.decimal128(19, 6)
_NUMBER_BYTES = 24
_USUAL_TEXT_BYTES = 80
_SHAPE_BYTES = 64


def write_shapefile(path: Path, job: Job, *, encoding: str = "utf-8", part_bytes: int = PART_BYTES) -> None:
    """Write one or more shapefiles, the key of the names and the notices.

    The format loses: texts beyond 254 bytes (only lists of rules are that long), numbers beyond six
    decimals, and in GBK the signs that GBK lacks (written as `?`).
    """
    schema = pa.schema([*((f.short, _dbf_type(f)) for f in job.fields), ("geometry", pa.binary())])
    stream = _Stream(_tables(job, schema, encoding), part_bytes)
    options = {
        "driver": "ESRI Shapefile",
        "geometry_name": "geometry",
        "geometry_type": "MultiPolygon" if is_polygonal(job) else "Polygon",
        "crs": job.target.crs.to_wkt("WKT1_ESRI"),
        "encoding": ENCODINGS[encoding],
    }
    for number in stream.part_numbers():
        part = path if number == 1 else path.with_name(f"{path.stem}-part{number}.shp")
        stream_into(partial(pyogrio.write_arrow, path=part, **options), schema, stream.batches())
    _write_names(path.with_name(f"{path.stem}-columns.csv"), job.fields)
    notes = "\r\n".join(job.provenance.text().splitlines())
    path.with_name(f"{path.stem}-readme.txt").write_text(f"\ufeff{notes}\r\n", encoding="utf-8", newline="")


class _Stream:
    """Batches cut into parts: a part ends where its table or its shapes would pass the limit."""

    def __init__(self, tables: Iterator[pa.Table], part_bytes: int) -> None:
        self._tables = tables
        self._part_bytes = part_bytes
        self._ahead = next(tables, None)

    def part_numbers(self) -> Iterator[int]:
        """Count parts while rows are left; there is always a first part."""
        number = 1
        yield number
        while self._ahead is not None:
            number += 1
            yield number

    def batches(self) -> Iterator[Any]:
        """Yield the batches of the part that is being written."""
        rows = shape_bytes = 0
        widths: dict[str, int] = {}
        while self._ahead is not None:
            table = self._ahead
            rows += table.num_rows
            shape_bytes += table["geometry"].nbytes + _SHAPE_BYTES * table.num_rows
            widths = _widths(table, widths)
            if rows > table.num_rows and max(rows * sum(widths.values()), shape_bytes) > self._part_bytes:
                return
            self._ahead = next(self._tables, None)
            yield from table.to_batches()


def _widths(table: pa.Table, known: dict[str, int]) -> dict[str, int]:
    """Return the bytes every column of the dBASE table needs so far."""
    widths = {}
    for field in table.schema:
        width = _NUMBER_BYTES
        if field.type == pa.string():
            longest = pc.max(pc.binary_length(table[field.name])).as_py() or 0
            width = max(_USUAL_TEXT_BYTES, longest)
        widths[field.name] = max(width, known.get(field.name, 0))
    return widths


def _dbf_type(field: Field) -> Any:  # noqa: ANN401 - an Arrow type
    return _NUMBER if field.type == pa.float64() else field.type


def _tables(job: Job, schema: Any, encoding: str) -> Iterator[pa.Table]:  # noqa: ANN401 - an Arrow schema
    polygonal = is_polygonal(job)
    for flat in job.flat_tables():
        table = with_shapes(flat, as_multi(shapes_of(flat))) if polygonal else flat
        columns = [_fitting(table[name], encoding) for name in table.column_names]
        yield pa.table(columns, names=schema.names).cast(schema)


def _fitting(values: Any, encoding: str) -> Any:  # noqa: ANN401 - an Arrow array
    """Return texts that fit the column and the encoding; other columns, and numbers, to six decimals."""
    if values.type == pa.float64():
        return pc.round(values, ndigits=6).cast(_NUMBER, safe=False)
    longest = pc.max(pc.binary_length(values)).as_py() if values.type == pa.string() else None
    if longest is None or (longest <= TEXT_BYTES and encoding == "utf-8"):
        return values
    texts = [None if text is None else _cut(text, encoding) for text in values.to_pylist()]
    return pa.array(texts, pa.string())


def _cut(text: str, encoding: str) -> str:
    """Return what fits of a text.

    Examples
    --------
    >>> len(_cut("规" * 100, "utf-8")), len(_cut("规" * 200, "gbk")), _cut("表情🌞", "gbk")
    (84, 127, '表情?')
    """
    return text.encode(encoding, "replace")[:TEXT_BYTES].decode(encoding, "ignore")


def _write_names(path: Path, columns: tuple[Field, ...]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as sink:
        writer = csv.writer(sink)
        writer.writerow(["short", "column", "unit", "zh", "en"])
        writer.writerows([field.short, field.name, field.unit, field.zh, field.en] for field in columns)
