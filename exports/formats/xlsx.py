"""XLSX: filters, frozen header, number formats, both languages, a dictionary and a sheet of notices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import xlsxwriter

from exports.formats.text import point_names, points_inside

if TYPE_CHECKING:
    from pathlib import Path

    from exports.job import Job
    from exports.provenance import Lang, Provenance

MAX_ROWS = 1_048_576
HEADER_ROWS = 2
TEXT_LIMIT = 32_767
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
    """Write the selection row by row; a new sheet begins where Excel's rows end.

    Geometry is one point inside each site. Texts are written as texts, never as formulas or links.
    """
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "tmpdir": str(path.parent),
    }
    with xlsxwriter.Workbook(path, options) as book:
        book.set_properties(
            {"title": f"{job.provenance.region['zh']} {_SHEETS[job.kind]}", "company": "Yijian"}
        )
        for name, value in job.provenance.as_strings().items():
            book.set_custom_property(name, value[:255], "text")
        _Table(book, job).write()
        _write_dictionary(book, job)
        write_notices(book, job.provenance)


class _Table:
    """The rows of the selection on one or more sheets."""

    def __init__(self, book: Any, job: Job) -> None:  # noqa: ANN401 - XlsxWriter carries no types
        self._book, self._job = book, job
        header = {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#dfe7ef", "border": 1}
        self._header = book.add_format(header)
        self._unit = book.add_format({**header, "bold": False, "font_color": "#555555"})
        self._formats = [self._format(field.unit) for field in job.fields]
        self._degrees = book.add_format({"num_format": _DEGREES if job.target.is_geographic else "0.00"})
        self._sheets = 0
        self._sheet: Any = None
        self._row = 0

    def write(self) -> None:
        self._new_sheet()
        for table in self._job.flat_tables():
            x, y = points_inside(table, decimals=8 if self._job.target.is_geographic else 3)
            columns = [table[field.name].to_pylist() for field in self._job.fields]
            for values in zip(*columns, x.tolist(), y.tolist(), strict=True):
                if self._row == MAX_ROWS:
                    self._end_sheet()
                    self._new_sheet()
                self._write_row(values)
        self._end_sheet()

    def _format(self, unit: str) -> Any:  # noqa: ANN401
        return self._book.add_format({"num_format": _FORMATS.get(unit, _WHOLE)}) if unit else None

    def _new_sheet(self) -> None:
        self._sheets += 1
        suffix = "" if self._sheets == 1 else f" {self._sheets}"
        self._sheet = self._book.add_worksheet(_SHEETS[self._job.kind] + suffix)
        self._sheet.freeze_panes(HEADER_ROWS, 1)
        self._sheet.set_landscape()
        self._sheet.repeat_rows(0, HEADER_ROWS - 1)
        self._sheet.fit_to_pages(1, 0)
        self._sheet.set_column(0, 0, 14)
        self._sheet.set_column(1, len(self._job.fields) + 1, 13)
        self._sheet.set_row(0, 48)
        for column, (label, header) in enumerate(self._headers()):
            self._sheet.write_string(0, column, label, self._header)
            self._sheet.write_string(1, column, header, self._unit)
        self._row = HEADER_ROWS

    def _headers(self) -> list[tuple[str, str]]:
        x, y = point_names(self._job)
        named = [(f"{field.zh}\n{field.en}", field.header) for field in self._job.fields]
        return [*named, ("点位(东/经)\npoint, east", x), ("点位(北/纬)\npoint, north", y)]

    def _write_row(self, values: tuple[Any, ...]) -> None:
        sheet, row = self._sheet, self._row
        formats = (*self._formats, self._degrees, self._degrees)
        for column, (value, style) in enumerate(zip(values, formats, strict=True)):
            if value is None:
                continue
            if isinstance(value, str):
                sheet.write_string(row, column, value[:TEXT_LIMIT])
            elif isinstance(value, bool):
                sheet.write_boolean(row, column, value)
            else:
                sheet.write_number(row, column, value, style)
        self._row += 1

    def _end_sheet(self) -> None:
        last = max(self._row - 1, HEADER_ROWS)
        self._sheet.autofilter(1, 0, last, len(self._job.fields) + 1)
        self._sheet.print_area(0, 0, last, len(self._job.fields) + 1)


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
