"""Files as they come: one reader per format, into a frame with the file's own columns and CRS."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import shapely

from faults import Fault, InputError
from layers.archives import refuse_entities, unpacked
from layers.curves import read_parquet_rows, straightened, without_mixed
from layers.encodings import decode
from layers.kinds import check_kind
from layers.shapefile import ALL, part_of, read_shapefile
from layers.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import BinaryIO

    Read = tuple[gpd.GeoDataFrame, tuple[Fault, ...]]
    Reader = Callable[[Path, str | None, str | None], Read]


def read_file(path: Path, *, layer: str | None = None, encoding: str | None = None) -> Read:
    """Read a vector file or a table with positions, and what a reader had to remark.

    The CRS is the file's own, or None where it declares none.

    Raises
    ------
    InputError
        The file is missing, of an unknown kind, or cannot be read as what it says it is.
    """
    check_kind(path, READERS)
    try:
        with np.errstate(invalid="ignore"):  # coordinates that are no numbers are reported row by row
            frame, remarks = READERS[path.suffix.lower()](path, layer, encoding)
    except InputError:
        raise
    except Exception as error:  # libraries raise anything on damaged bytes
        rule = f"cannot be read, it may be damaged or cut off: {_first_line(error)}"
        raise InputError([Fault(path.name, None, None, None, rule, file=path.name)]) from error
    return with_unique_columns(frame, path.name, remarks)


def with_unique_columns(frame: gpd.GeoDataFrame, name: str, remarks: tuple[Fault, ...]) -> Read:
    """Give the second of two columns with one name another one."""
    columns = pd.Index(map(str, frame.columns))
    if columns.is_unique:
        return frame, remarks
    count = pd.Series(columns).groupby(columns.to_numpy()).cumcount()
    twice = [column for column, number in zip(columns, count, strict=True) if number]
    new = [
        f"{column}_{number + 1}" if number else column for column, number in zip(columns, count, strict=True)
    ]
    frame = frame.set_axis(new, axis="columns")
    rule = "occurs more than once; the first is used"
    return frame, (*remarks, *(Fault(name, None, column, None, rule, "warning", name) for column in twice))


def _first_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__


def _read_parquet(path: Path, _layer: str | None, _encoding: str | None) -> Read:
    try:
        return parquet_frame(path, path.name)
    except (NotImplementedError, shapely.errors.GEOSException):  # of one shape, without a word of which
        frame, remarks = read_parquet_rows(path)
    _refuse_no_text(frame)
    return frame, remarks


def parquet_frame(source: Path | BinaryIO, name: str) -> Read:
    """Read GeoParquet in which every shape can be read."""
    frame = gpd.read_parquet(source)
    remarks = without_mixed(frame, name)
    _refuse_no_text(frame)
    return frame, remarks


def _refuse_no_text(frame: gpd.GeoDataFrame) -> None:
    """Refuse bytes that are no text: they are damage."""
    texts = frame.select_dtypes("string")
    pa.Table.from_pandas(texts, preserve_index=False).validate(full=True)


def _read_ogr(path: Path, layer: str | None, encoding: str | None) -> Read:
    if layer is None:
        _one_layer(path)
    frame, remarks = ogr_frame(path, path.name, layer=layer, encoding=encoding)
    return frame, (*remarks, *straightened(frame, path, layer))


def ogr_frame(
    source: Path | bytes, name: str, *, layer: str | None, encoding: str | None, rows: slice = ALL
) -> Read:
    """Read one layer, or some rows of it, through GDAL; its warnings become remarks."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        frame = pyogrio.read_dataframe(
            source, layer=layer, encoding=encoding, on_invalid="ignore", **part_of(rows)
        )
    if not isinstance(frame, gpd.GeoDataFrame):
        raise InputError([Fault(name, None, None, layer, "has no geometry", file=name)])
    texts = dict.fromkeys(str(warning.message) for warning in caught)
    return frame, tuple(Fault(name, None, None, None, text, "warning", name) for text in texts)


def _one_layer(path: Path) -> None:
    names = [str(name) for name, geometry in pyogrio.list_layers(path) if geometry is not None]
    if len(names) > 1:
        rule = f"holds several layers; name one by layer = ...: {', '.join(names)}"
        raise InputError([Fault(path.name, None, None, None, rule, file=path.name)])


def _read_geojson(path: Path, layer: str | None, encoding: str | None) -> Read:
    raw = path.read_bytes()
    text, used = decode(raw, path.name, encoding)
    if text.lstrip()[:1] != "{":
        raise InputError([Fault(path.name, None, None, None, "is not GeoJSON", file=path.name)])
    if used == "utf-8":
        return ogr_frame(path, path.name, layer=layer, encoding="UTF-8")
    frame, remarks = ogr_frame(text.encode(), path.name, layer=layer, encoding="UTF-8")
    rule = f"is written in {used}; GeoJSON should be UTF-8"
    return frame, (*remarks, Fault(path.name, None, None, None, rule, "warning", path.name))


def _read_shapefile(path: Path, _layer: str | None, encoding: str | None) -> Read:
    return read_shapefile(path, encoding=encoding)


def _read_zip(path: Path, layer: str | None, encoding: str | None) -> Read:
    with unpacked(path, (".shp", ".gpkg", ".geojson", ".json", ".csv", ".kml")) as inner:
        return READERS[inner.suffix.lower()](inner, layer, encoding)


def _read_kml(path: Path, layer: str | None, encoding: str | None) -> Read:
    refuse_entities(path)
    return _read_ogr(path, layer, encoding)


def _read_table(path: Path, _layer: str | None, encoding: str | None) -> Read:
    return read_table(path, encoding=encoding)


def _read_osm(path: Path, layer: str | None, _encoding: str | None) -> Read:
    from layers.fetch.osm import extract_frame  # noqa: PLC0415 - connectors read files themselves

    return extract_frame(layer or "buildings", path), ()


READERS: dict[str, Reader] = {
    ".parquet": _read_parquet,
    ".geoparquet": _read_parquet,
    ".geojson": _read_geojson,
    ".json": _read_geojson,
    ".gpkg": _read_ogr,
    ".fgb": _read_ogr,
    ".shp": _read_shapefile,
    ".csv": _read_table,
    ".kml": _read_kml,
    ".kmz": _read_zip,
    ".zip": _read_zip,
    ".pbf": _read_osm,
    ".osm": _read_osm,
}
"""Reader by file ending."""

__all__ = ["READERS", "ogr_frame", "parquet_frame", "read_file", "with_unique_columns"]
