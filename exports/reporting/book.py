"""The tools of the report's workbook: sheets, headings, tables, charts and print settings in one look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from exports.reporting.model import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from exports.provenance import Lang
    from exports.reporting.gather import Gathered
    from exports.reporting.model import Cell, Col, Report

INK, BLUE, PALE, GREY, RED = "#1f2d3d", "#2a6f97", "#dfe9f1", "#6b7785", "#c8553d"
HAIRLINE = "#c5ced6"
GRID = {"visible": True, "line": {"color": "#e3e8ec"}}
_FONT = "Microsoft YaHei"
_CHART_ROWS = 18
_CHART_WIDTH = 900
_PIXELS = 7
"""Width of one digit in Excel's column unit."""
_WRAP_FROM = 20
"""Columns wider than this hold sentences."""
_PAPER_A4 = 9
_FOOTER_LETTERS = 180


@dataclass(frozen=True)
class Place:
    """Where a table landed: sheet, header row, first and last data row, columns."""

    sheet: str
    header: int
    first: int
    last: int
    columns: dict[str, int]

    def cells(self, key: str) -> list[Any]:
        """Return the cells of a column as XlsxWriter names them."""
        column = self.columns[key]
        return [self.sheet, self.first, column, self.last, column]


class Book:
    """A workbook of XlsxWriter in the look of the report."""

    def __init__(self, book: Any, gathered: Gathered) -> None:  # noqa: ANN401 - XlsxWriter carries no types
        self._book = book
        self.report: Report = gathered.report
        self.lang: Lang = gathered.lang
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}
        self._widths: dict[str, int] = {}
        self._breaks: dict[str, list[int]] = {}
        title = f"{self.report.place[self.lang]} {self.report.title[self.lang]}"
        book.set_properties({"title": title, "comments": "\n".join(gathered.provenance.lines(self.lang))})
        book.set_custom_property("run_id", gathered.provenance.run_id)

    def new_chart(self, options: dict[str, Any]) -> Any:  # noqa: ANN401
        """Return a native chart."""
        return self._book.add_chart(options)

    def sheet(self, title: Text, *, widths: Iterable[float] = ()) -> tuple[Any, str]:
        """Add a sheet; return it and its name."""
        name = title[self.lang]
        sheet = self._book.add_worksheet(name)
        sheet.hide_gridlines(2)
        for index, width in enumerate(widths):
            sheet.set_column(index, index, width)
        return sheet, name

    def heading(self, sheet: Any, row: int, title: Text) -> int:  # noqa: ANN401
        """Write a heading; return the row after it."""
        sheet.write_string(row, 0, title[self.lang], self.format(bold=True, font_size=14, font_color=INK))
        return row + 1

    def header(self) -> Any:  # noqa: ANN401
        """Return the look of a table's header."""
        return self.format(
            bold=True,
            text_wrap=True,
            valign="vcenter",
            bg_color=PALE,
            bottom=2,
            bottom_color=BLUE,
            font_color=INK,
        )

    def table(self, sheet: Any, name: str, row: int, key: str, *, first: bool = False) -> tuple[int, Place]:  # noqa: ANN401
        """Write a table; return the row after it and where its cells are."""
        table = self.report.tables[key]
        row = self.heading(sheet, row, table.title)
        for index, column in enumerate(table.columns):
            sheet.write_string(row, index, column.head(self.lang), self.header())
            if first:
                sheet.set_column(index, index, _excel_width(column))
        sheet.set_row(row, 36)
        if first:
            sheet.freeze_panes(row + 1, 1)
            self._widths[name] = int(sum(_PIXELS * _excel_width(column) + 5 for column in table.columns))
        else:
            self._breaks.setdefault(name, []).append(row - 1)
        start = row + 1
        for offset, cells in enumerate(table.rows):
            bold = table.total and offset == len(table.rows) - 1
            for index, (cell, column) in enumerate(zip(cells, table.columns, strict=True)):
                self._write_cell(sheet, start + offset, index, cell, column, bold=bold)
        end = start + len(table.rows)
        if table.note.zh:
            sheet.write_string(
                end, 0, table.note[self.lang], self.format(italic=True, font_color=GREY, font_size=9)
            )
            end += 1
        last = start + len(table.rows) - 1 - int(table.total)
        places = {column.key: index for index, column in enumerate(table.columns)}
        return end + 1, Place(name, start - 1, start, last, places)

    def _write_cell(self, sheet: Any, row: int, index: int, cell: Cell, column: Col, *, bold: bool) -> None:  # noqa: ANN401
        line: dict[str, Any] = {"bottom": 4, "bottom_color": HAIRLINE, "bold": bold, "valign": "top"}
        if bold:
            line |= {"top": 1, "bg_color": "#f4f7fa"}
        if isinstance(cell, float | int):
            decimals = column.decimals or 0
            style = self.format(num_format="#,##0" + ("." + "0" * decimals if decimals else ""), **line)
            sheet.write_number(row, index, cell, style)
        elif cell is None and column.decimals is not None and not bold:
            sheet.write_string(
                row,
                index,
                Text("未知", "unknown")[self.lang],
                self.format(font_color="#a33", align="right", **line),
            )
        else:
            if column.decimals is not None:
                line["align"] = "right"
            style = self.format(text_wrap=column.width > _WRAP_FROM, **line)
            sheet.write_string(row, index, str(cell or ""), style)

    def series(
        self,
        chart: Any,  # noqa: ANN401
        place: Place,
        categories: str,
        values: str,
        colour: str,
        *,
        second: str = "",
        **more: Any,  # noqa: ANN401
    ) -> None:
        """Add a column of a table to a chart."""
        labels = place.cells(categories)
        if second:
            labels = [place.sheet, place.first, place.columns[categories], place.last, place.columns[second]]
        chart.add_series(
            {
                "name": [place.sheet, place.header, place.columns[values]],
                "categories": labels,
                "values": place.cells(values),
                "fill": {"color": colour},
                "gap": 60,
                **more,
            }
        )

    def place_chart(self, sheet: Any, row: int, chart: Any, title: Text, *, rows: int = _CHART_ROWS) -> int:  # noqa: ANN401
        """Put a chart into a sheet; return the row after it."""
        name_font = {"size": 12, "bold": True, "color": INK}
        chart.set_title({"name": title[self.lang], "name_font": name_font, "overlay": False})
        chart.set_legend({"position": "bottom"})
        width = min(self._widths.get(sheet.get_name(), _CHART_WIDTH), _CHART_WIDTH)
        chart.set_size({"width": width, "height": rows * 20 - 20})
        chart.set_chartarea({"border": {"none": True}})
        sheet.insert_chart(row, 0, chart)
        return row + rows

    def format(self, **options: Any) -> Any:  # noqa: ANN401
        """Return a cell format, made once."""
        key = tuple(sorted(options.items()))
        if key not in self._formats:
            self._formats[key] = self._book.add_format({"font_name": _FONT, "font_size": 10, **options})
        return self._formats[key]

    def set_print(
        self,
        sheet: Any,  # noqa: ANN401
        last_row: int,
        last_column: int,
        name: str,
        *,
        one_page: bool = False,
        breaks: bool = False,
    ) -> None:
        """Set paper, print area, header and footer of a finished sheet."""
        sheet.print_area(0, 0, max(last_row, 1), last_column)
        sheet.set_landscape()
        sheet.set_paper(_PAPER_A4)
        sheet.fit_to_pages(1, int(one_page))
        if breaks:
            sheet.set_h_pagebreaks(self._breaks.get(name, []))
        sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
        notice = self.report.short_notice[self.lang].replace("&", "&&")
        sheet.set_header(f"&L&9 {self.report.place[self.lang]}&R&9 {name}")
        sheet.set_footer(
            f"&L&7 {notice[:_FOOTER_LETTERS]}&R&8 &P / &N"
        )  # the blank ends the size: a run id may begin with a digit


def _excel_width(column: Col) -> float:
    return max(column.width, 9) * 1.15
