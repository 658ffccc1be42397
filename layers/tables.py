"""Tables with positions: CSV with a WKT column, or with columns for longitude and latitude."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from faults import Fault, InputError
from layers.curves import ARCS, STRAIGHT, drawn_by_gdal
from layers.encodings import decode, encoding_of
from layers.mapping import normal

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable
    from pathlib import Path

    from numpy.typing import NDArray

WKT_NAMES = ("wkt", "geometry", "geom", "the_geom")
X_NAMES = ("lon", "lng", "long", "longitude", "经度", "x", "x坐标", "东坐标", "easting")
Y_NAMES = ("lat", "latitude", "纬度", "y", "y坐标", "北坐标", "northing")
DELIMITERS = ",;\t|"


def read_table(path: Path, *, encoding: str | None) -> tuple[gpd.GeoDataFrame, tuple[Fault, ...]]:
    """Read a CSV; cells stay text, empty cells are missing, positions become geometry.

    Raises
    ------
    InputError
        No column holds positions, or rows do not fit the header.
    """
    text, _ = decode(path.read_bytes(), path.name, encoding)
    header = next((line for line in text.splitlines() if line.strip()), "")
    csv.field_size_limit(1 << 27)
    return _placed(pd.read_csv(io.StringIO(text), sep=_delimiter(header), **AS_TEXT), path.name)


def table_batches(
    path: Path, *, encoding: str | None, batch_rows: int
) -> Generator[tuple[gpd.GeoDataFrame, tuple[Fault, ...]]] | None:
    """Read a CSV batch by batch; None where it has no more rows.

    Raises
    ------
    ValueError
        Its text is in no encoding that is read in batches.
    """
    used = encoding_of(path, encoding)
    header, lines = "", 0
    with path.open(encoding=used, newline="") as handle:
        while block := handle.read(1 << 24):
            lines += block.count("\n")
            header = header or next((line for line in block.splitlines() if line.strip()), "")
    return None if lines <= batch_rows else _parts(path, used, _delimiter(header), batch_rows)


def _parts(
    path: Path, encoding: str, delimiter: str, batch_rows: int
) -> Generator[tuple[gpd.GeoDataFrame, tuple[Fault, ...]]]:
    csv.field_size_limit(1 << 27)
    with pd.read_csv(path, sep=delimiter, encoding=encoding, chunksize=batch_rows, **AS_TEXT) as parts:
        for number, part in enumerate(parts):
            frame, faults = _placed(part, path.name)
            yield frame, tuple(_moved(fault, number * batch_rows) for fault in faults)


def _moved(fault: Fault, rows: int) -> Fault:
    return replace(fault, row=None if fault.row is None else fault.row + rows)


def in_order(faults: list[Fault]) -> list[Fault]:
    """Put the faults of batches into the order of those of the whole table: errors, x before y, by row."""
    return sorted(
        faults, key=lambda fault: (fault.severity, normal(fault.column) not in X_NAMES, fault.row or 0)
    )


AS_TEXT: dict[str, Any] = {"dtype": str, "keep_default_na": False, "skipinitialspace": True}
"""How cells are read."""


def _delimiter(header: str) -> str:
    return max(DELIMITERS, key=header.count)


def _placed(frame: pd.DataFrame, name: str) -> tuple[gpd.GeoDataFrame, tuple[Fault, ...]]:
    """Make shapes of the columns that hold positions."""
    frame = frame.rename(columns=lambda column: str(column).strip())
    frame = frame.mask(frame == "")
    if (wkt := _find(frame, WKT_NAMES)) is not None:
        geometry, faults = _from_wkt(frame[wkt], name)
        return gpd.GeoDataFrame(frame.drop(columns=wkt), geometry=geometry), faults
    x, y = _find(frame, X_NAMES), _find(frame, Y_NAMES)
    if x is None or y is None:
        rule = f"needs a column of WKT ({', '.join(WKT_NAMES)}) or two of coordinates (lon, lat)"
        raise InputError([Fault(name, None, None, ", ".join(frame.columns), rule, file=name)])
    geometry, faults = _from_xy(frame, x, y, name)
    return gpd.GeoDataFrame(frame.drop(columns=[x, y]), geometry=geometry), faults


def _find(frame: pd.DataFrame, names: Iterable[str]) -> str | None:
    by_normal = {normal(name): str(name) for name in frame.columns}
    return next((by_normal[name] for name in names if name in by_normal), None)


def _from_wkt(column: pd.Series, file: str) -> tuple[NDArray[np.object_], tuple[Fault, ...]]:
    there = column.notna().to_numpy()
    texts = column.to_numpy(dtype=object)
    texts = _unless(~there, texts)
    arcs = np.array([text is not None and ARCS.search(text) is not None for text in texts], dtype=bool)
    geometry = shapely.from_wkt(_unless(arcs, texts), on_invalid="ignore")
    geometry[arcs] = drawn_by_gdal(texts[arcs])
    bad = np.flatnonzero(shapely.is_missing(geometry) & there)
    rule = "is no WKT geometry"
    drawn = np.flatnonzero(arcs & ~shapely.is_missing(geometry))
    return geometry, (
        *(Fault(file, int(row) + 1, "geometry", texts[row][:80], rule, "error", file) for row in bad),
        *(
            Fault(file, int(row) + 1, "geometry", None, STRAIGHT.format(name=_kind(texts[row])), "info", file)
            for row in drawn
        ),
    )


def _unless(which: NDArray[np.bool_], texts: NDArray[np.object_]) -> NDArray[np.object_]:
    left = texts.copy()
    left[which] = None
    return left


def _kind(wkt: str) -> str:
    return wkt.partition("(")[0].split(maxsplit=1)[0]


def _from_xy(frame: pd.DataFrame, x: str, y: str, file: str) -> tuple[NDArray[np.object_], tuple[Fault, ...]]:
    faults: list[Fault] = []
    numbers = []
    for name in (x, y):
        number = pd.to_numeric(frame[name], errors="coerce").to_numpy(dtype=float)
        bad = np.flatnonzero(np.isnan(number) & frame[name].notna().to_numpy())
        rule = "must be a coordinate as a decimal number"
        faults += [
            Fault(file, int(row) + 1, name, str(frame[name].iloc[row]), rule, "error", file) for row in bad
        ]
        numbers.append(number)
    geometry = shapely.points(*numbers)
    geometry[~np.isfinite(numbers).all(axis=0)] = None
    return geometry, tuple(faults)
