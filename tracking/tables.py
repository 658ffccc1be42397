"""Reading tables of projects from files: CSV, XLSX, GeoPackage and other vector files; headings to fields."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import openpyxl
from pyogrio.errors import DataLayerError, DataSourceError

from faults import Fault, InputError
from layers.encodings import decode
from tracking.projects import FIELDS
from tracking.records import LAYER, OWN_UNIT
from tracking.units import square_metres, watts
from tracking.words import folded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

CRS_LEDGER = "EPSG:4490"
VECTOR_SUFFIXES = (".gpkg", ".geojson", ".json", ".shp", ".parquet", ".kml")
_UNIT_IN_HEADING = re.compile(r"^(.*?)\s*[(\[/,_]\s*([^()\[\]/,_]+?)\s*[)\]]?$")
_DELIMITERS = ",;\t"
RISKY = ("=", "+", "-", "@", "\t", "\r")
"""Beginnings of text that a spreadsheet takes for a formula; written to CSV behind an apostrophe."""


@dataclass(frozen=True)
class Table:
    """A file's rows by field name, before any value is read."""

    file: str
    rows: tuple[dict[str, Any], ...]
    """Values as written, by field; only the fields that the file has."""
    units: Mapping[str, str]
    """Unit of bare numbers by field, from the headings."""
    mapping: Mapping[str, str]
    """Heading of the file by field."""
    ignored: tuple[str, ...] = ()
    """Headings that no field was found for."""
    outlines: tuple[str | None, ...] = ()
    """Geometry as WKT in EPSG:4490, one per row; empty for tables without."""


def read_table(path: Path, *, mapping: Mapping[str, str] | None = None) -> Table:
    """Read a file of projects and find the field of each column.

    Parameters
    ----------
    mapping
        Heading by field, for headings that are not recognised; a unit in brackets says how bare numbers of
        the column are meant: ``{"capacity_mw_dc": "规模(万千瓦)"}``, or, where the heading has none,
        ``{"capacity_mw_dc": "规模 [万千瓦]"}``.

    Raises
    ------
    InputError
        The file cannot be read, columns of the mapping are not in it, or two columns are the same field.
    """
    suffix = path.suffix.lower()
    if not path.is_file():
        raise InputError([Fault(LAYER, None, None, str(path), "cannot be read: no such file")])
    outlines: tuple[str | None, ...] = ()
    if suffix in VECTOR_SUFFIXES:
        heads, cells, outlines = _read_vector(path)
    elif suffix in {".xlsx", ".xlsm"}:
        heads, cells = _read_xlsx(path)
    elif suffix in {".csv", ".txt", ".tsv"}:
        heads, cells = _read_csv(path)
    else:
        rule = f"must be a CSV, an XLSX or one of {', '.join(VECTOR_SUFFIXES)}"
        raise InputError([Fault(LAYER, None, None, path.name, rule)])
    found, units, ignored = _map_columns(heads, mapping or {}, path.name)
    rows = tuple({field: row[index] for field, index in found.items()} for row in cells)
    named = {field: heads[index] for field, index in found.items()}
    return Table(path.name, rows, units, named, ignored, outlines)


def _map_columns(
    heads: Sequence[str], mapping: Mapping[str, str], file: str
) -> tuple[dict[str, int], dict[str, str], tuple[str, ...]]:
    known = {folded(name): field.name for field in FIELDS for name in (field.name, field.zh, *field.aliases)}
    kinds = {field.name: field.kind for field in FIELDS}
    found, units, faults = _mapped(heads, mapping, file)
    taken = set(found.values())
    for index, head in enumerate(heads):
        if index in taken:
            continue
        bare, unit = split_heading(head)
        name = known.get(folded(head)) or known.get(folded(bare))
        if name is None or name in mapping:
            continue
        if name in found:
            rule = f"is {name}, and so is {heads[found[name]]!r}: name one in the mapping"
            faults.append(Fault(LAYER, None, head, None, rule, file=file))
            continue
        found[name] = index
        taken.add(index)
        own = OWN_UNIT.get(kinds[name]) if folded(head) == folded(name) else None
        if chosen := unit or own:
            units[name] = chosen
    if faults:
        raise InputError(faults)
    return found, units, tuple(head for index, head in enumerate(heads) if index not in taken and head)


def _mapped(
    heads: Sequence[str], mapping: Mapping[str, str], file: str
) -> tuple[dict[str, int], dict[str, str], list[Fault]]:
    """Find the columns that the user named."""
    found: dict[str, int] = {}
    units: dict[str, str] = {}
    faults: list[Fault] = []
    names = {field.name for field in FIELDS}
    for name, wanted in mapping.items():
        bare, unit = split_heading(wanted)
        head = wanted if wanted in heads else bare
        if name not in names:
            faults.append(Fault(LAYER, None, name, wanted, "is no field of a project", file=file))
        elif head not in heads:
            rule = f"no such column; the file has {', '.join(heads)}"
            faults.append(Fault(LAYER, None, name, wanted, rule, file=file))
        else:
            found[name] = heads.index(head)
            if unit:
                units[name] = unit
    return found, units, faults


def split_heading(head: str) -> tuple[str, str | None]:
    """Split a heading into its name and its unit of power or area, if it ends with one.

    Examples
    --------
    >>> split_heading("装机容量（万千瓦）"), split_heading("供暖面积/万㎡"), split_heading("名称(全称)")
    (('装机容量', '万千瓦'), ('供暖面积', '万m2'), ('名称(全称)', None))
    """
    plain = unicodedata.normalize("NFKC", head).strip()
    match = _UNIT_IN_HEADING.match(plain)
    if match and (watts(match[2]) or square_metres(match[2])):
        return match[1], match[2]
    return plain, None


def _read_csv(path: Path) -> tuple[list[str], list[list[Any]]]:
    try:
        text, _ = decode(path.read_bytes(), path.name, None)
        first = text.split("\n", 1)[0]
        delimiter = max(_DELIMITERS, key=first.count)
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if any(row)]
    except (csv.Error, UnicodeDecodeError) as error:
        raise InputError([Fault(LAYER, None, None, path.name, f"is no readable CSV: {error}")]) from error
    bare = [[cell[1:] if cell[:1] == "'" and cell[1:2] in RISKY else cell for cell in row] for row in rows]
    return _table(bare, path.name)


def _read_xlsx(path: Path) -> tuple[list[str], list[list[Any]]]:
    """Read the first sheet; a formula whose result the file does not hold is a fault, not an empty cell."""
    try:
        shown, written = (_first_sheet(path, results=results) for results in (True, False))
    except Exception as error:
        raise InputError(
            [Fault(LAYER, None, None, path.name, f"is no readable workbook: {error}")]
        ) from error
    faults = [
        Fault(LAYER, row, None, cell, "formula without a stored result: open and save the file in Excel")
        for row, (results, sources) in enumerate(zip(shown, written, strict=True))
        for result, cell in zip(results, sources, strict=True)
        if result is None and isinstance(cell, str) and cell.startswith("=")
    ]
    if faults:
        raise InputError(faults)
    return _table([row for row in shown if any(cell not in {None, ""} for cell in row)], path.name)


def _first_sheet(path: Path, *, results: bool) -> list[list[Any]]:
    """Return the cells of the first sheet: results of formulas, or the formulas."""
    book = openpyxl.load_workbook(path, data_only=results, read_only=True)
    try:
        return [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]
    finally:
        book.close()


def _table(rows: list[list[Any]], file: str) -> tuple[list[str], list[list[Any]]]:
    """Take the first row as headings; short rows are filled with unknowns, long ones refused."""
    if not rows:
        raise InputError([Fault(LAYER, None, None, file, "is empty")])
    heads = ["" if cell is None else str(cell).strip() for cell in rows[0]]
    faults = [
        Fault(LAYER, None, head, None, "heading appears twice", file=file)
        for head, count in Counter(heads).items()
        if head and count > 1
    ]
    faults += [
        Fault(LAYER, number, None, None, f"has {len(row)} cells, the heading {len(heads)}", file=file)
        for number, row in enumerate(rows[1:], start=1)
        if len(row) > len(heads) and any(cell not in {None, ""} for cell in row[len(heads) :])
    ]
    if faults:
        raise InputError(faults)
    width = len(heads)
    return heads, [[*row[:width], *[None] * (width - len(row))] for row in rows[1:]]


def _read_vector(path: Path) -> tuple[list[str], list[list[Any]], tuple[str | None, ...]]:
    """Read attributes and outlines; a point inside each outline becomes its lon and lat."""
    try:
        frame = gpd.read_parquet(path) if path.suffix == ".parquet" else gpd.read_file(path)
    except (DataSourceError, DataLayerError, OSError, ValueError) as error:
        raise InputError(
            [Fault(LAYER, None, None, path.name, f"is no readable vector file: {error}")]
        ) from error
    if frame.crs is None:
        raise InputError(
            [Fault(LAYER, None, "crs", None, "is missing: positions cannot be guessed", file=path.name)]
        )
    shapes = frame.geometry.to_crs(CRS_LEDGER)
    table = frame.drop(columns=frame.geometry.name)
    points = shapes.representative_point()
    known = ~(shapes.is_empty | shapes.isna())
    table = table.assign(lon=points.x.where(known), lat=points.y.where(known))
    outlines = tuple(shape.wkt if ok else None for shape, ok in zip(shapes, known, strict=True))
    cells = table.astype(object).where(table.notna(), None).to_numpy().tolist()
    return [str(name) for name in table.columns], cells, outlines
