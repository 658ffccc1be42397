"""Rows of a worksheet as SpreadsheetML, column by column, and the way they get into a finished book.

A book made cell by cell in Python spends its time on calls. Here Arrow writes all cells of a batch of rows at
once; the rows then go into the empty sheets of a book that XlsxWriter made, so that everything around them
(formats, filters, panes, properties) is the library's.
"""

from __future__ import annotations

import re
import shutil
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
from xlsxwriter.utility import xl_col_to_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

TEXT_LIMIT = 32_767
"""Longest text of a cell."""
_COMPRESSION = 3
"""Of zlib: a quarter of the time of the usual 6 for a file a tenth larger."""
_ESCAPED = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"))
_CONTROLS = r"[\x00-\x08\x0b-\x1f\x{fffe}\x{ffff}]|_x[0-9A-Fa-f]{4}_"
"""What XML cannot hold or (carriage return) does not keep, and what reads as the escape of such a sign."""
_ROWS_END = b"</sheetData>"
_DIMENSION = re.compile(rb'<dimension ref="[A-Z]+1:([A-Z]+)\d+"/>')


@dataclass(frozen=True)
class Spool:
    """Rows that wait for their sheet."""

    path: Path
    rows: int
    """Number of the last row, header rows counted."""


def cells(values: Any, column: int, numbers: Any, style: str) -> Any:  # noqa: ANN401 - Arrow arrays
    """Return the cells of a column as XML; an unknown value has no cell.

    Parameters
    ----------
    values
        Texts, numbers or booleans.
    column
        Position of the column, from 0.
    numbers
        Row numbers as text.
    style
        Number of the cell format in the book; empty for none.

    Examples
    --------
    >>> cells(pa.array([1.5, None]), 1, pa.array(["3", "4"]), "7").to_pylist()
    ['<c r="B3" s="7"><v>1.5</v></c>', '']
    >>> cells(pa.array(["a<b"]), 0, pa.array(["9"]), "").to_pylist()
    ['<c r="A9" t="inlineStr"><is><t xml:space="preserve">a&lt;b</t></is></c>']
    """
    kind, before, after = "", "<v>", "</v></c>"
    if values.type == pa.string():
        kind, before, after = ' t="inlineStr"', '<is><t xml:space="preserve">', "</t></is></c>"
        texts = _escaped(values)
    elif values.type == pa.bool_():
        kind = ' t="b"'
        texts = values.cast(pa.int8()).cast(pa.string())
    else:
        texts = values.cast(pa.string())
    styled = f' s="{style}"' if style else ""
    opening = f'<c r="{xl_col_to_name(column)}'
    found = pc.binary_join_element_wise(opening, numbers, f'"{styled}{kind}>{before}', texts, after, "")
    return pc.fill_null(found, "")


def rows_xml(columns: Sequence[Any], styles: Sequence[str], first: int) -> bytes:
    """Return rows as XML; `first` is the number of the first one, from 1."""
    count = len(columns[0])
    numbers = pa.array(range(first, first + count)).cast(pa.string())
    found = [
        cells(values, column, numbers, style)
        for column, (values, style) in enumerate(zip(columns, styles, strict=True))
    ]
    rows = pc.binary_join_element_wise('<row r="', numbers, '">', *found, "</row>", "")
    return b"".join(memoryview(row.as_buffer()) for row in rows)


def _escaped(values: Any) -> Any:  # noqa: ANN401 - an Arrow array of text
    if (pc.max(pc.utf8_length(values)).as_py() or 0) > TEXT_LIMIT:
        values = pc.utf8_slice_codeunits(values, 0, TEXT_LIMIT)
    for sign, escape in _ESCAPED:
        values = pc.replace_substring(values, sign, escape)
    if pc.any(pc.match_substring_regex(values, _CONTROLS)).as_py():
        values = pa.array(
            [None if text is None else _coded(text) for text in values.to_pylist()], pa.string()
        )
    return values


def _coded(text: str) -> str:
    """Write signs that XML cannot hold as Excel does.

    Examples
    --------
    >>> _coded("a" + chr(1) + "_x0041_")
    'a_x0001__x005F_x0041_'
    """
    text = re.sub(r"_(x[0-9A-Fa-f]{4}_)", r"_x005F_\1", text)
    return re.sub(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]", lambda sign: f"_x{ord(sign[0]):04X}_", text)


def column_styles(template: Path, sheet: str) -> tuple[str, ...]:
    """Return the numbers of the cell formats of a sheet's columns; empty where a column has none."""
    with zipfile.ZipFile(template) as book:
        text = book.read(sheet).decode("utf-8")
    runs = (dict(re.findall(r'(\w+)="([^"]*)"', column)) for column in re.findall(r"<col ([^>]*)>", text))
    return tuple(run.get("style", "") for run in runs for _ in range(int(run["min"]), int(run["max"]) + 1))


def fill_sheets(template: Path, sheets: Mapping[str, Spool], path: Path) -> None:
    """Copy a book and put the rows behind those its sheets have (name of the part to rows)."""
    with (
        zipfile.ZipFile(template) as book,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=_COMPRESSION) as sink,
    ):
        for name in book.namelist():
            content = book.read(name)
            with sink.open(name, "w", force_zip64=name in sheets) as part:
                if name not in sheets:
                    part.write(content)
                    continue
                head, end, tail = content.partition(_ROWS_END)
                last = str(sheets[name].rows).encode()
                part.write(_DIMENSION.sub(rb'<dimension ref="A1:\g<1>' + last + rb'"/>', head))
                with sheets[name].path.open("rb") as rows:
                    shutil.copyfileobj(rows, part, 1 << 20)
                part.write(end + tail)
