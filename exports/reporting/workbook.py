"""The report as a workbook: native charts, number formats, frozen headers, print areas."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import xlsxwriter

from exports.reporting import columns as col
from exports.reporting.model import Text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from exports.provenance import Lang
    from exports.reporting.gather import Gathered
    from exports.reporting.model import Cell, Col

_INK, _BLUE, _PALE, _GREY = "#1f2d3d", "#2a6f97", "#dfe9f1", "#6b7785"
_RED = "#c8553d"
_DONE_COLOURS = {"operating": "#2e8b57", "under_construction": "#8cc7a1", "approved": "#d5ebdd"}
_GRID = {"visible": True, "line": {"color": "#e3e8ec"}}
_FONT = "Microsoft YaHei"
_FIRST_ROW = 2
"""First data row of the first table of a sheet, counted from 0."""
_CHART_ROWS = 18
_CHART_WIDTH = 900
_PIXELS = 7
"""Width of one digit in Excel's column unit."""
_WRAP_FROM = 20
"""Columns wider than this hold sentences."""
_SHEETS = {
    "overview": Text("概要", "Overview"),
    "targets": Text("目标与进度", "Targets"),
    "potential": Text("光伏潜力", "PV potential"),
    "waterfall": Text("规则扣除", "Rules"),
    "top": Text("重点场址", "Top sites"),
    "supply": Text("供给曲线", "Supply curve"),
    "heat": Text("地热", "Geothermal"),
    "projects": Text("项目", "Projects"),
    "carbon": Text("减碳", "Carbon"),
    "sources": Text("来源与未核查", "Sources and gaps"),
    "evaluation": Text("年度评估", "Evaluation"),
}


def write_workbook(path: Path, gathered: Gathered) -> None:
    """Write all sheets of the report."""
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(path, options) as book:
        writer = _Book(book, gathered)
        for key in _SHEETS:
            getattr(writer, f"write_{key}")()


@dataclass(frozen=True)
class _Place:
    """Where a table landed: sheet, header row, first and last data row, columns."""

    sheet: str
    header: int
    first: int
    last: int
    columns: dict[str, int]

    def cells(self, key: str) -> list[Any]:
        column = self.columns[key]
        return [self.sheet, self.first, column, self.last, column]


class _Book:
    """Formats, and one method per sheet."""

    def __init__(self, book: Any, gathered: Gathered) -> None:  # noqa: ANN401 - XlsxWriter carries no types
        self._book = book
        self._report = gathered.report
        self._lang: Lang = gathered.lang
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}
        self._widths: dict[str, int] = {}
        self._breaks: dict[str, list[int]] = {}
        title = f"{self._report.place[self._lang]} {self._report.title[self._lang]}"
        book.set_properties({"title": title, "comments": "\n".join(gathered.provenance.lines(self._lang))})
        book.set_custom_property("run_id", gathered.provenance.run_id)

    def write_overview(self) -> None:
        sheet, name = self._sheet("overview", widths=(30, 16, 10, 60))
        report, lang = self._report, self._lang
        sheet.write_string(0, 0, report.place[lang], self._format(font_size=20, bold=True, font_color=_INK))
        sheet.write_string(1, 0, report.title[lang], self._format(font_size=12, font_color=_GREY))
        row = 3
        for fact in report.facts:
            sheet.write_string(row, 0, fact.title[lang], self._format(bottom=4, bottom_color="#c5ced6"))
            value = fact.value.replace(",", "")
            style = self._format(
                bold=True, font_size=14, font_color=_BLUE, num_format=_fact_format(fact.value), bottom=4
            )
            if value.replace(".", "", 1).isdecimal():
                sheet.write_number(row, 1, float(value), style)
            else:
                sheet.write_string(row, 1, fact.value, style)
            sheet.write_string(row, 2, fact.unit[lang], self._format(bottom=4, font_color=_GREY))
            sheet.write_string(row, 3, fact.detail[lang], self._format(bottom=4, font_color=_GREY))
            row += 1
        row = self._heading(sheet, row + 1, Text("主要问题", "Major problems"))
        for problem in report.problems:
            sheet.merge_range(row, 0, row, 3, "", self._format(text_wrap=True, valign="top"))
            sheet.write_string(row, 0, problem[lang], self._format(text_wrap=True, valign="top"))
            sheet.set_row(row, 15 * (1 + len(problem[lang]) // 60))
            row += 1
        row = self._heading(sheet, row + 1, Text("说明", "Notices"))
        for label, text in report.notices[lang]:
            sheet.write_string(row, 0, label, self._format(bold=True, valign="top"))
            sheet.merge_range(row, 1, row, 3, "", self._format(text_wrap=True, valign="top"))
            sheet.write_string(row, 1, text, self._format(text_wrap=True, valign="top"))
            sheet.set_row(row, 15 * (1 + len(text) // 50))
            row += 1
        self._print(sheet, row, 3, name)

    def write_targets(self) -> None:
        sheet, name = self._sheet("targets")
        row, place = self._table(sheet, name, 0, "targets", first=True)
        for first, last in _runs(self._report.tables["targets"].column("unit")):
            part = replace(place, first=place.first + first, last=place.first + last)
            row = self._chart(
                sheet, row, self._target_chart(part), Text("目标与进展", "Targets and progress")
            )
        row, _ = self._table(sheet, name, row, "towns")
        row, _ = self._table(sheet, name, row, "context")
        self._print(sheet, row, len(col.TARGETS) - 1, name)

    def write_potential(self) -> None:
        sheet, name = self._sheet("potential")
        row = 0
        keys = [key for key in ("by_town", "by_sector", "by_type") if key in self._report.tables]
        for index, key in enumerate(keys):
            row, place = self._table(sheet, name, row, key, first=index == 0)
            row = self._chart(
                sheet, row, self._range_chart(place, key.removeprefix("by_")), self._report.tables[key].title
            )
        row, place = self._table(sheet, name, row, "monthly")
        chart = self._book.add_chart({"type": "column"})
        self._series(chart, place, "month", "kwh", "#e0a500")
        row = self._chart(sheet, row, chart, Text("逐月发电量 (GWh)", "Energy by month (GWh)"))
        self._print(sheet, row, len(col.BY_TYPE) - 1, name, breaks=True)

    def write_waterfall(self) -> None:
        sheet, name = self._sheet("waterfall")
        row, place = self._table(sheet, name, 0, "waterfall", first=True)
        chart = self._book.add_chart({"type": "bar", "subtype": "stacked"})
        self._series(chart, place, "rule", "remaining_m2", _BLUE)
        self._series(chart, place, "rule", "taken_m2", _RED)
        chart.set_x_axis({"min": 0, "major_gridlines": _GRID})
        chart.set_y_axis({"reverse": True})
        row = self._chart(
            sheet, row, chart, Text("从全部面积到可建 （万m²）", "From all area to buildable (ha)"), rows=26
        )
        self._print(sheet, row, len(col.WATERFALL) - 1, name, one_page=True)

    def write_top(self) -> None:
        sheet, name = self._sheet("top")
        row, place = self._table(sheet, name, 0, "top_sites", first=True)
        sheet.autofilter(place.first - 1, 0, max(place.last, place.first), len(col.TOP_SITES) - 1)
        self._print(sheet, row, len(col.TOP_SITES) - 1, name)

    def write_supply(self) -> None:
        sheet, name = self._sheet("supply")
        row, place = self._table(sheet, name, 0, "supply", first=True)
        chart = self._book.add_chart({"type": "scatter", "subtype": "straight"})
        title = {"name": [place.sheet, place.header, place.columns["lcoe"]]}
        line = {"color": _BLUE, "width": 2}
        chart.add_series(
            {**title, "categories": place.cells("cum_kwp_dc"), "values": place.cells("lcoe"), "line": line}
        )
        chart.set_x_axis({"name": Text("累计容量 (MW)", "cumulative capacity (MW)")[self._lang], "min": 0})
        chart.set_y_axis({"name": Text("度电成本 （元/kWh）", "LCOE (CNY/kWh)")[self._lang]})
        row = self._chart(sheet, row, chart, Text("供给曲线", "Supply curve"), rows=24)
        self._print(sheet, row, len(col.SUPPLY) - 1, name, one_page=True)

    def write_heat(self) -> None:
        sheet, name = self._sheet("heat")
        row, place = self._table(sheet, name, 0, "heat", first=True)
        chart = self._book.add_chart({"type": "column"})
        for key, colour in (
            ("heatable_m2_p10", "#f3d9b1"),
            ("heatable_m2", _RED),
            ("heatable_m2_p90", "#e8b04a"),
        ):
            self._series(chart, place, "technology", key, colour)
        row = self._chart(sheet, row, chart, Text("可供暖面积 （万m²）", "Heatable floor area (ha)"))
        self._print(sheet, row, len(col.HEAT) - 1, name, one_page=True)

    def write_projects(self) -> None:
        sheet, name = self._sheet("projects")
        row, place = self._table(sheet, name, 0, "projects", first=True)
        sheet.autofilter(place.first - 1, 0, max(place.last, place.first), len(col.PROJECTS) - 1)
        self._print(sheet, row, len(col.PROJECTS) - 1, name)

    def write_carbon(self) -> None:
        sheet, name = self._sheet("carbon")
        row, place = self._table(sheet, name, 0, "carbon", first=True)
        chart = self._book.add_chart({"type": "bar"})
        self._series(chart, place, "part", "co2_t_year", "#2e8b57")
        chart.set_x_axis({"min": 0, "major_gridlines": _GRID})
        chart.set_y_axis({"reverse": True})
        row = self._chart(sheet, row, chart, Text("年减碳潜力 （千t）", "CO2 avoided per year (kt)"))
        self._print(sheet, row, len(col.CARBON) - 1, name, one_page=True)

    def write_sources(self) -> None:
        sheet, name = self._sheet("sources")
        row, _ = self._table(sheet, name, 0, "sources", first=True)
        row, _ = self._table(sheet, name, row, "rules")
        self._print(sheet, row, len(col.SOURCES) - 1, name)

    def write_evaluation(self) -> None:
        sheet, name = self._sheet("evaluation", widths=[column.width for column in col.EVALUATION])
        heading = Text("年度评估表（方案六（四））", "Yearly evaluation (section VI.4 of the plan)")
        row = self._heading(sheet, 0, heading)
        for index, column in enumerate(col.EVALUATION):
            sheet.write_string(row, index, column.head(self._lang), self._header())
        sheet.freeze_panes(row + 1, 0)
        style = self._format(text_wrap=True, valign="top", border=1, border_color="#c5ced6")
        blank = self._format(
            text_wrap=True, valign="top", border=1, border_color="#c5ced6", bg_color="#fff8e1", locked=False
        )
        for item in self._report.evaluation:
            row += 1
            for index, text in enumerate((item.paragraph, item.task[self._lang], item.finding[self._lang])):
                sheet.write_string(row, index, text, style)
            sheet.write_string(row, len(col.EVALUATION) - 1, "", blank)
            longest = max(len(item.task[self._lang]), len(item.finding[self._lang]))
            sheet.set_row(row, 18 * (1 + longest // 22))
        self._print(sheet, row + 1, len(col.EVALUATION) - 1, name)

    def _sheet(self, key: str, *, widths: Any = ()) -> tuple[Any, str]:  # noqa: ANN401
        name = _SHEETS[key][self._lang]
        sheet = self._book.add_worksheet(name)
        sheet.hide_gridlines(2)
        for index, width in enumerate(widths):
            sheet.set_column(index, index, width)
        return sheet, name

    def _heading(self, sheet: Any, row: int, title: Text) -> int:  # noqa: ANN401
        sheet.write_string(row, 0, title[self._lang], self._format(bold=True, font_size=14, font_color=_INK))
        return row + 1

    def _header(self) -> Any:  # noqa: ANN401
        return self._format(
            bold=True,
            text_wrap=True,
            valign="vcenter",
            bg_color=_PALE,
            bottom=2,
            bottom_color=_BLUE,
            font_color=_INK,
        )

    def _table(self, sheet: Any, name: str, row: int, key: str, *, first: bool = False) -> tuple[int, _Place]:  # noqa: ANN401
        """Write a table; return the row after it and where its cells are."""
        table = self._report.tables[key]
        row = self._heading(sheet, row, table.title)
        for index, column in enumerate(table.columns):
            sheet.write_string(row, index, column.head(self._lang), self._header())
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
                end, 0, table.note[self._lang], self._format(italic=True, font_color=_GREY, font_size=9)
            )
            end += 1
        last = start + len(table.rows) - 1 - int(table.total)
        places = {column.key: index for index, column in enumerate(table.columns)}
        return end + 1, _Place(name, start - 1, start, last, places)

    def _write_cell(self, sheet: Any, row: int, index: int, cell: Cell, column: Col, *, bold: bool) -> None:  # noqa: ANN401
        line: dict[str, Any] = {"bottom": 4, "bottom_color": "#c5ced6", "bold": bold, "valign": "top"}
        if bold:
            line |= {"top": 1, "bg_color": "#f4f7fa"}
        if isinstance(cell, float | int):
            decimals = column.decimals or 0
            style = self._format(num_format="#,##0" + ("." + "0" * decimals if decimals else ""), **line)
            sheet.write_number(row, index, cell, style)
        elif cell is None and column.decimals is not None and not bold:
            sheet.write_string(
                row,
                index,
                Text("未知", "unknown")[self._lang],
                self._format(font_color="#a33", align="right", **line),
            )
        else:
            if column.decimals is not None:
                line["align"] = "right"
            style = self._format(text_wrap=column.width > _WRAP_FROM, **line)
            sheet.write_string(row, index, str(cell or ""), style)

    def _target_chart(self, place: _Place) -> Any:  # noqa: ANN401
        """Return what stands and comes as stacked columns, the target as a mark over them."""
        chart = self._book.add_chart({"type": "column", "subtype": "stacked"})
        for key, colour in _DONE_COLOURS.items():
            self._series(chart, place, "name", key, colour, second="basis")
        line = self._book.add_chart({"type": "line"})
        mark = {"type": "diamond", "size": 9, "fill": {"color": _RED}, "border": {"color": _RED}}
        self._series(line, place, "name", "value", _RED, second="basis", line={"none": True}, marker=mark)
        chart.combine(line)
        unit = self._report.tables["targets"].column("unit")[place.first - _FIRST_ROW]
        chart.set_y_axis({"name": unit, "min": 0, "major_gridlines": _GRID})
        return chart

    def _range_chart(self, place: _Place, by: str) -> Any:  # noqa: ANN401
        """Return columns of central capacity with the range as error bars."""
        chart = self._book.add_chart({"type": "column"})
        table = self._report.tables[f"by_{by}"]
        central = [_float(cell) for cell in table.column("kwp_dc_central")]
        plus = [_float(high) - mid for high, mid in zip(table.column("kwp_dc_high"), central, strict=True)]
        minus = [mid - _float(low) for low, mid in zip(table.column("kwp_dc_low"), central, strict=True)]
        bars = {"type": "custom", "plus_values": plus, "minus_values": minus, "line": {"color": _INK}}
        self._series(chart, place, by, "kwp_dc_central", _BLUE, y_error_bars=bars)
        chart.set_y_axis({"name": "MW", "major_gridlines": _GRID})
        return chart

    def _series(
        self,
        chart: Any,  # noqa: ANN401
        place: _Place,
        categories: str,
        values: str,
        colour: str,
        *,
        second: str = "",
        **more: Any,  # noqa: ANN401
    ) -> None:
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

    def _chart(self, sheet: Any, row: int, chart: Any, title: Text, *, rows: int = _CHART_ROWS) -> int:  # noqa: ANN401
        name_font = {"size": 12, "bold": True, "color": _INK}
        chart.set_title({"name": title[self._lang], "name_font": name_font, "overlay": False})
        chart.set_legend({"position": "bottom"})
        width = min(self._widths.get(sheet.get_name(), _CHART_WIDTH), _CHART_WIDTH)
        chart.set_size({"width": width, "height": rows * 20 - 20})
        chart.set_chartarea({"border": {"none": True}})
        sheet.insert_chart(row, 0, chart)
        return row + rows

    def _format(self, **options: Any) -> Any:  # noqa: ANN401
        key = tuple(sorted(options.items()))
        if key not in self._formats:
            self._formats[key] = self._book.add_format({"font_name": _FONT, "font_size": 10, **options})
        return self._formats[key]

    def _print(
        self,
        sheet: Any,  # noqa: ANN401
        last_row: int,
        last_column: int,
        name: str,
        *,
        one_page: bool = False,
        breaks: bool = False,
    ) -> None:
        sheet.print_area(0, 0, max(last_row, 1), last_column)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, int(one_page))
        if breaks:
            sheet.set_h_pagebreaks(self._breaks.get(name, []))
        sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
        notice = self._report.short_notice[self._lang].replace("&", "&&")
        sheet.set_header(f"&L&9 {self._report.place[self._lang]}&R&9 {name}")
        sheet.set_footer(
            f"&L&7 {notice[:180]}&R&8 &P / &N"
        )  # the blank ends the size: a run id may begin with a digit


def _runs(values: Sequence[Cell]) -> list[tuple[int, int]]:
    """Return first and last index of each stretch of equal values.

    Examples
    --------
    >>> _runs(["MW", "MW", "m2"])
    [(0, 1), (2, 2)]
    >>> _runs([])
    []
    """
    starts = [i for i, value in enumerate(values) if i == 0 or value != values[i - 1]]
    ends = [*starts[1:], len(values)]
    return [(start, end - 1) for start, end in zip(starts, ends, strict=False)]


def _excel_width(column: Col) -> float:
    return max(column.width, 9) * 1.15


def _float(cell: Cell) -> float:
    return float(cell) if isinstance(cell, float | int) else 0.0


def _fact_format(text: str) -> str:
    return "#,##0.0" if "." in text else "#,##0"
