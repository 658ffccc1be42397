"""Large files, read batch by batch: only what a check needs of the rows stays in memory."""

from __future__ import annotations

import io
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio

from layers.curves import plain_codes
from layers.files import READERS, ogr_frame, parquet_frame, with_unique_columns
from layers.kinds import check_kind
from layers.rows import Rows, stored
from layers.shapefile import shapefile_batch, text_encoding
from layers.tables import in_order, table_batches

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator
    from pathlib import Path

    import geopandas as gpd
    from numpy.typing import NDArray

    from faults import Fault

    Batch = tuple[gpd.GeoDataFrame, tuple[Fault, ...]]
    Keep = Callable[[tuple[str, ...]], Iterable[str]]

BATCH_ROWS = 100_000
"""Rows of a file that are in memory at a time; a file of no more is read at once."""


def rows_in_batches(
    path: Path, *, layer: str | None, encoding: str | None, keep: Keep, batch_rows: int
) -> tuple[Rows, tuple[Fault, ...]] | None:
    """Read a large file, and what its reader had to remark.

    Parameters
    ----------
    path, layer, encoding
        As `layers.files.read_file` takes them.
    keep
        Given the columns of the file, says which of them are needed.
    batch_rows
        Rows in memory at a time.

    Returns
    -------
    None where the file is read at once: it has no more rows, is of a kind that is not read in batches, or
    something in it (damage, arcs, columns whose type changes on the way) is for the reader of whole files to
    say. A file that is read in batches has the rows and remarks that this reader gives.
    """
    try:
        check_kind(path, READERS)
        batches = _opened(path, layer, encoding, batch_rows)
        if batches is None:
            return None
        with np.errstate(invalid="ignore"), closing(batches):
            return _collected(batches, path.name, keep, batch_rows)
    except Exception:  # noqa: BLE001 - whatever it is, the reader of whole files says it
        return None


def _opened(path: Path, layer: str | None, encoding: str | None, batch_rows: int) -> Generator[Batch] | None:
    suffix = path.suffix.lower()
    if suffix in (".parquet", ".geoparquet"):
        file = pq.ParquetFile(path, buffer_size=1 << 20)
        return _parquet(file, path.name, batch_rows) if file.metadata.num_rows > batch_rows else None
    if suffix in (".gpkg", ".fgb", ".shp"):
        return _ogr(path, layer, encoding, batch_rows)
    if suffix == ".csv":
        return table_batches(path, encoding=encoding, batch_rows=batch_rows)
    return None


def _parquet(file: pq.ParquetFile, name: str, batch_rows: int) -> Generator[Batch]:
    """Give each batch through the reader of whole files."""
    for batch in file.iter_batches(batch_size=batch_rows, use_threads=False):
        written = io.BytesIO()
        table = pa.Table.from_batches([batch]).replace_schema_metadata(file.schema_arrow.metadata)
        pq.write_table(table, written, compression="none", use_dictionary=False, write_statistics=False)
        written.seek(0)
        frame, remarks = parquet_frame(written, name)
        if remarks:
            raise ValueError("shapes that the reader of whole files has a word on")
        yield frame, ()


def _ogr(path: Path, layer: str | None, encoding: str | None, batch_rows: int) -> Generator[Batch] | None:
    if layer is None and sum(geometry is not None for _, geometry in pyogrio.list_layers(path)) > 1:
        return None
    count = pyogrio.read_info(path, layer=layer, force_feature_count=True)["features"]
    if count <= batch_rows:
        return None
    if path.suffix.lower() == ".shp":
        used, remarks = text_encoding(path, encoding)
        read = partial(shapefile_batch, path, encoding=used)
    elif plain_codes(path, layer):
        remarks = ()
        read = partial(ogr_frame, path, path.name, layer=layer, encoding=encoding)
    else:
        return None
    return _ogr_batches(read, remarks, count, batch_rows)


def _ogr_batches(
    read: Callable[..., Batch], remarks: tuple[Fault, ...], count: int, batch_rows: int
) -> Generator[Batch]:
    for start in range(0, count, batch_rows):
        frame, told = read(rows=slice(start, start + batch_rows))
        if len(frame) != min(batch_rows, count - start):
            raise ValueError("there are other rows than the file says")
        yield frame, (*remarks, *told)


def _collected(
    batches: Generator[Batch], name: str, keep: Keep, batch_rows: int
) -> tuple[Rows, tuple[Fault, ...]]:
    remarks: dict[Fault, None] = {}
    by_row: list[Fault] = []
    parts: list[pd.DataFrame] = []
    first: list[gpd.GeoDataFrame] = []

    def shapes() -> Iterator[NDArray[np.object_]]:
        for raw, told in batches:
            frame, renamed = with_unique_columns(raw, name, told)
            by_row.extend(fault for fault in renamed if fault.row is not None)
            remarks.update(dict.fromkeys(fault for fault in renamed if fault.row is None))
            if not first:
                first.append(frame.iloc[:0])
            parts.append(_needed(frame, keep))
            yield np.array(frame.geometry.array, dtype=object)

    found = stored(shapes(), batch_rows)
    table = pd.DataFrame({column: _joined([part[column] for part in parts]) for column in parts[0]})
    if len(found) != len(table) and len(table.columns):
        raise ValueError("columns of other lengths")
    table.index = pd.RangeIndex(len(found))
    return Rows(_names(first[0]), table, found, first[0].crs), (*in_order(by_row), *remarks)


def _names(frame: gpd.GeoDataFrame) -> tuple[str, ...]:
    return tuple(frame.columns.drop(frame.geometry.name))


def _needed(frame: gpd.GeoDataFrame, keep: Keep) -> pd.DataFrame:
    wanted = set(keep(_names(frame)))
    return pd.DataFrame(frame[[name for name in _names(frame) if name in wanted]]).reset_index(drop=True)


def _joined(parts: list[pd.Series]) -> pd.Series:
    """Put a column together as a reader of the whole file gives it.

    Raises
    ------
    ValueError
        Its type changes in a way of which that cannot be said.
    """
    kinds = {part.dtype for part in parts}
    if pd.StringDtype(na_value=np.nan) in kinds:  # a batch without any text has no type
        parts = [part.astype("str") if part.dtype == object and part.isna().all() else part for part in parts]
        kinds = {part.dtype for part in parts}
    if len(kinds) > 1 and not all(isinstance(kind, np.dtype) and kind.kind in "iuf" for kind in kinds):
        raise ValueError("a column of several types")
    if any(isinstance(kind, pd.CategoricalDtype) for kind in kinds):
        raise ValueError("categories are told from the whole column")
    return pd.concat(parts, ignore_index=True)


__all__ = ["BATCH_ROWS", "rows_in_batches"]
