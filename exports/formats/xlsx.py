"""XLSX: filters, frozen header, number formats, both languages, a dictionary and a sheet of notices."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import xlsxwriter

from exports.formats.sheetrows import TEXT_LIMIT, Spool, column_styles, fill_sheets, rows_xml
from exports.formats.text import point_names, points_inside

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from exports.job import Job
    from exports.provenance import Lang, Provenance

MAX_ROWS = 1_048_576
HEADER_ROWS = 2
_SHEETS = {"sites": "场址 Sites", "heat": "地热 Heat"}
_FORMATS = {
    "1": "0.0 %",
    "CNY/kWh": "0.000",
    "CNY/GJ": "0.0",
    "a": "0.0",
    "deg": "0.0",
    "kWp": "#,##0.0",
    "kW": "#,##0.0",
    "t/a": "#,##0.0",
}
_WHOLE = "#,##0"
_DEGREES = "0.000000"


def write_xlsx(path: Path, job: Job) -> None:
    """Write the selection batch by batch; a new sheet begins where Excel's rows end.

    Geometry is one point inside each site. Texts are written as texts, never as formulas or links.
    """
    with tempfile.TemporaryDirectory(prefix=".rows.", dir=path.parent) as name:
        folder = Path(name)
        template = folder / "book.xlsx"
        _Book(template, job, [HEADER_ROWS]).write()  # tells the numbers of the formats
        spools = _spool(folder, job, column_styles(template, _part(1)))
        _Book(template, job, [spool.rows for spool in spools]).write()
        fill_sheets(template, {_part(n): spool for n, spool in enumerate(spools, start=1)}, path)


def _part(number: int) -> str:
    """Return the name of a sheet inside the book."""
    return f"xl/worksheets/sheet{number}.xml"


def _spool(folder: Path, job: Job, styles: Sequence[str]) -> list[Spool]:
    """Write the rows of each sheet into a file of its own; there is always a first sheet."""
    spools = [Spool(folder / "1.xml", HEADER_ROWS)]
    spools[0].path.touch()
    for columns in _columns(job):
        done, count = 0, len(columns[0])
        while done < count:
            if spools[-1].rows == MAX_ROWS:
                spools.append(Spool(folder / f"{len(spools) + 1}.xml", HEADER_ROWS))
            last = spools[-1]
            taken = min(count - done, MAX_ROWS - last.rows)
            with last.path.open("ab") as sink:
                sink.write(rows_xml([array.slice(done, taken) for array in columns], styles, last.rows + 1))
            spools[-1] = replace(last, rows=last.rows + taken)
            done += taken
    return spools


def _columns(job: Job) -> Iterator[list[Any]]:
    """Yield the cells of a batch: the flat columns, then the coordinates of a point inside."""
    decimals = 8 if job.target.is_geographic else 3
    for table in job.flat_tables():
        points = (pa.array(values, from_pandas=True) for values in points_inside(table, decimals=decimals))
        yield [*(table[field.name].combine_chunks() for field in job.fields), *points]


class _Book:
    """The book around the rows: sheets with header, filter and print settings, dictionary, notices."""

    def __init__(self, path: Path, job: Job, last_rows: Sequence[int]) -> None:
        self._job, self._last_rows = job, last_rows
        self._book = xlsxwriter.Workbook(path)
        header = {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#dfe7ef", "border": 1}
        self._header = self._book.add_format(header)
        self._unit = self._book.add_format({**header, "bold": False, "font_color": "#555555"})
        self._formats = [self._format(field.unit) for field in job.fields]
        degrees = {"num_format": _DEGREES if job.target.is_geographic else "0.00"}
        self._formats += [self._book.add_format(degrees)] * 2

    def write(self) -> None:
        """Write the book."""
        title = f"{self._job.provenance.region['zh']} {_SHEETS[self._job.kind]}"
        self._book.set_properties({"title": title, "company": "Yijian"})
        for name, value in self._job.provenance.as_strings().items():
            self._book.set_custom_property(name, value[:255], "text")
        for number, last in enumerate(self._last_rows, start=1):
            self._add_sheet(number, last)
        _write_dictionary(self._book, self._job)
        write_notices(self._book, self._job.provenance)
        self._book.close()

    def _format(self, unit: str) -> Any:  # noqa: ANN401 - XlsxWriter carries no types
        return self._book.add_format({"num_format": _FORMATS.get(unit, _WHOLE)}) if unit else None

    def _add_sheet(self, number: int, last_row: int) -> None:
        suffix = "" if number == 1 else f" {number}"
        sheet = self._book.add_worksheet(_SHEETS[self._job.kind] + suffix)
        sheet.freeze_panes(HEADER_ROWS, 1)
        sheet.set_landscape()
        sheet.repeat_rows(0, HEADER_ROWS - 1)
        sheet.fit_to_pages(1, 0)
        for column, style in enumerate(self._formats):
            sheet.set_column(column, column, 13, style)
        sheet.set_row(0, 48)
        for column, (label, header) in enumerate(self._headers()):
            sheet.write_string(0, column, label, self._header)
            sheet.write_string(1, column, header, self._unit)
        corner = (max(last_row - 1, HEADER_ROWS), len(self._formats) - 1)
        sheet.autofilter(HEADER_ROWS - 1, 0, *corner)
        sheet.print_area(0, 0, *corner)

    def _headers(self) -> list[tuple[str, str]]:
        x, y = point_names(self._job)
        named = [(f"{field.zh}\n{field.en}", field.header) for field in self._job.fields]
        return [*named, ("点位(东/经)\npoint, east", x), ("点位(北/纬)\npoint, north", y)]


def _write_dictionary(book: Any, job: Job) -> None:  # noqa: ANN401
    sheet = book.add_worksheet("数据字典 Dictionary")
    bold = book.add_format({"bold": True, "bg_color": "#dfe7ef"})
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, 1, 20)
    sheet.set_column(2, 3, 44)
    for column, text in enumerate(("列 column", "单位 unit", "含义", "meaning")):
        sheet.write_string(0, column, text, bold)
    for row, field in enumerate(job.fields, start=1):
        for column, text in enumerate((field.name, field.unit, field.zh, field.en)):
            sheet.write_string(row, column, text)


def write_notices(book: Any, source: Provenance) -> None:  # noqa: ANN401
    """Add the sheet that says where the numbers come from and what was not checked."""
    sheet = book.add_worksheet("说明 About")
    bold = book.add_format({"bold": True, "valign": "top"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 110)
    langs: tuple[Lang, ...] = ("zh", "en")
    items = [item for lang in langs for item in source.items(lang)]
    for row, (name, text) in enumerate(items):
        sheet.write_string(row, 0, name, bold)
        sheet.write_string(row, 1, text[:TEXT_LIMIT], wrapped)
