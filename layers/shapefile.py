"""Shapefiles: the files that belong together, and the encoding of their text."""

from __future__ import annotations

import struct
import warnings
from typing import TYPE_CHECKING

import geopandas as gpd
import pyogrio

from faults import Fault, InputError
from layers.encodings import find_encoding, fits

if TYPE_CHECKING:
    from pathlib import Path

ALL = slice(None)
"""All rows of a file."""
_HEADER_BYTES = 100
_FIELD_BYTES = 32
_FIELDS_END = b"\r"
_SAMPLE_BYTES = 8_000_000
_NAMES = {"65001": "utf-8", "936": "gb18030", "gbk": "gb18030", "gb2312": "gb18030", "cp936": "gb18030"}
"""Spellings of encodings in .cpg files."""


def read_shapefile(path: Path, *, encoding: str | None) -> tuple[gpd.GeoDataFrame, tuple[Fault, ...]]:
    """Read a shapefile whose parts are complete; text in the encoding told, declared or found.

    Raises
    ------
    InputError
        A part is missing, cut off, or does not belong to the others.
    """
    used, remarks = text_encoding(path, encoding)
    frame, told = shapefile_batch(path, encoding=used)
    return frame, (*remarks, *told)


def text_encoding(path: Path, encoding: str | None) -> tuple[str | None, tuple[Fault, ...]]:
    """Return the encoding that the text of a shapefile is read in, and what to remark on it.

    Raises
    ------
    InputError
        A part is missing, cut off, or does not belong to the others.
    """
    faults = _check_parts(path)
    if faults:
        raise InputError(faults)
    if encoding is not None:
        return encoding, ()
    used, remarks = _encoding(path)
    return used, tuple(remarks)


def shapefile_batch(
    path: Path, *, encoding: str | None, rows: slice = ALL
) -> tuple[gpd.GeoDataFrame, tuple[Fault, ...]]:
    """Read a shapefile, or some rows of it, in an encoding; warnings become remarks."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        frame = pyogrio.read_dataframe(path, encoding=encoding, on_invalid="ignore", **part_of(rows))
    if not isinstance(frame, gpd.GeoDataFrame):
        raise InputError([Fault(path.name, None, None, None, "has no geometry", file=path.name)])
    texts = dict.fromkeys(str(warning.message) for warning in caught)
    return frame, tuple(Fault(path.name, None, None, None, text, "warning", path.name) for text in texts)


def part_of(rows: slice) -> dict[str, int]:
    """Return how pyogrio is asked for some rows of a file."""
    return {} if rows == ALL else {"skip_features": rows.start, "max_features": rows.stop - rows.start}


def _part(path: Path, suffix: str) -> Path | None:
    for candidate in (path.with_suffix(suffix), path.with_suffix(suffix.upper())):
        if candidate.is_file():
            return candidate
    return None


def _check_parts(path: Path) -> list[Fault]:
    shx, dbf = _part(path, ".shx"), _part(path, ".dbf")
    missing = [suffix for suffix, part in ((".shx", shx), (".dbf", dbf)) if part is None]
    if shx is None or dbf is None:
        rule = "is missing beside it; a shapefile is .shp, .shx, .dbf and .prj together"
        return [Fault(path.name, None, None, suffix, rule, file=path.name) for suffix in missing]
    problems = [_length_problem(path), _length_problem(shx), _dbf_problem(dbf)]
    faults = [Fault(path.name, None, None, None, problem, file=path.name) for problem in problems if problem]
    if not faults:
        shapes, records = (shx.stat().st_size - _HEADER_BYTES) // 8, _dbf_header(dbf)[0]
        if shapes != records:
            rule = f"{shapes} shapes in .shx and {records} records in .dbf: the parts do not belong together"
            faults.append(Fault(path.name, None, None, None, rule, file=path.name))
    return faults


def _length_problem(part: Path) -> str | None:
    with part.open("rb") as handle:
        head = handle.read(_HEADER_BYTES)
    if len(head) < _HEADER_BYTES:
        return f"{part.suffix} is cut off in its header"
    declared = 2 * struct.unpack(">i", head[24:28])[0]
    size = part.stat().st_size
    return f"{part.suffix} is cut off: {size} of {declared} bytes" if size < declared else None


def _dbf_header(dbf: Path) -> tuple[int, int, int]:
    with dbf.open("rb") as handle:
        head = handle.read(_FIELD_BYTES)
    if len(head) < _FIELD_BYTES:
        return 0, 0, 0
    records, start, length = struct.unpack("<IHH", head[4:12])
    return records, start, length


def _dbf_problem(dbf: Path) -> str | None:
    records, start, length = _dbf_header(dbf)
    if not start:
        return ".dbf is cut off in its header"
    needed, size = start + records * length, dbf.stat().st_size
    return f".dbf is cut off: {size} of {needed} bytes" if size < needed else None


def _encoding(path: Path) -> tuple[str | None, list[Fault]]:
    """Return what .cpg declares if the text is that, else what the text is, and what to remark."""
    dbf = _part(path, ".dbf")
    assert dbf is not None
    text = _text_bytes(dbf)
    found = find_encoding(text)
    cpg = _part(path, ".cpg")
    declared = None if cpg is None else cpg.read_text(encoding="ascii", errors="replace").strip().casefold()
    told = None if declared is None else _NAMES.get(declared, declared)
    if told is not None and fits(text, told):
        return told, []
    if found is None:
        rule = "text of .dbf is neither UTF-8 nor GBK; give encoding"
        raise InputError([Fault(path.name, None, "encoding", declared, rule, file=path.name)])
    if told is not None:
        rule = f"declared in .cpg, but the text is {found}; read as {found}"
        return found, [Fault(path.name, None, "encoding", declared, rule, "warning", path.name)]
    if text.isascii():
        return found, []
    rule = f"no .cpg beside it; text read as {found}, as which it is valid"
    return found, [Fault(path.name, None, "encoding", None, rule, "info", path.name)]


def _text_bytes(dbf: Path) -> bytes:
    """Return the names of the fields and the values of the text fields, one per line."""
    records, start, length = _dbf_header(dbf)
    with dbf.open("rb") as handle:
        raw = handle.read(start + min(records * length, _SAMPLE_BYTES))
    fields = [raw[at : at + _FIELD_BYTES] for at in range(_FIELD_BYTES, start - 1, _FIELD_BYTES)]
    fields = [field for field in fields if len(field) == _FIELD_BYTES and not field.startswith(_FIELDS_END)]
    names = [field[:11].split(b"\0")[0] for field in fields]
    begins = [1 + sum(field[16] for field in fields[:number]) for number in range(len(fields))]
    texts = [
        (begin, begin + field[16])
        for field, begin in zip(fields, begins, strict=True)
        if field[11:12] == b"C"
    ]
    bodies = (raw[at : at + length] for at in range(start, len(raw) - length + 1, length or 1))
    values = {body[begin:end].rstrip(b" \0") for body in bodies for begin, end in texts}
    return b"\n".join([*names, *sorted(value for value in values if not value.isascii())])
