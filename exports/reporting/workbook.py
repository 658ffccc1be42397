"""The report as a workbook: native charts, number formats, frozen headers, print areas."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import xlsxwriter

from exports.reporting import columns as col
from exports.reporting.book import BLUE, GRID, INK, RED, Book, Place
from exports.reporting.model import Text
from exports.reporting.textsheets import write_evaluation, write_overview

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from exports.reporting.gather import Gathered
    from exports.reporting.model import Cell

_DONE_COLOURS = {"operating": "#2e8b57", "under_construction": "#8cc7a1", "approved": "#d5ebdd"}
_FIRST_ROW = 2
"""First data row of the first table of a sheet, counted from 0."""
_TITLES = {
    "targets": Text("目标与进度", "Targets"),
    "potential": Text("光伏潜力", "PV potential"),
    "waterfall": Text("规则扣除", "Rules"),
    "top": Text("重点场址", "Top sites"),
    "supply": Text("供给曲线", "Supply curve"),
    "heat": Text("地热", "Geothermal"),
    "projects": Text("项目", "Projects"),
    "carbon": Text("减碳", "Carbon"),
    "sources": Text("来源与未核查", "Sources and gaps"),
}


def write_workbook(path: Path, gathered: Gathered) -> None:
    """Write all sheets of the report."""
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(path, options) as file:
        book = Book(file, gathered)
        for write in SHEETS:
            write(book)


def write_targets(book: Book) -> None:
    """Write targets with progress, by town, and what departments fill in."""
    sheet, name = book.sheet(_TITLES["targets"])
    row, place = book.table(sheet, name, 0, "targets", first=True)
    for first, last in _runs(book.report.tables["targets"].column("unit")):
        part = replace(place, first=place.first + first, last=place.first + last)
        row = book.place_chart(
            sheet, row, _target_chart(book, part), Text("目标与进展", "Targets and progress")
        )
    row, _ = book.table(sheet, name, row, "towns")
    row, _ = book.table(sheet, name, row, "context")
    book.set_print(sheet, row, len(col.TARGETS) - 1, name)


def write_potential(book: Book) -> None:
    """Write photovoltaic potential by town, sector, type and month."""
    sheet, name = book.sheet(_TITLES["potential"])
    row = 0
    keys = [key for key in ("by_town", "by_sector", "by_type") if key in book.report.tables]
    for index, key in enumerate(keys):
        row, place = book.table(sheet, name, row, key, first=index == 0)
        row = book.place_chart(
            sheet, row, _range_chart(book, place, key.removeprefix("by_")), book.report.tables[key].title
        )
    row, place = book.table(sheet, name, row, "monthly")
    chart = book.new_chart({"type": "column"})
    book.series(chart, place, "month", "kwh", "#e0a500")
    row = book.place_chart(sheet, row, chart, Text("逐月发电量 (GWh)", "Energy by month (GWh)"))
    book.set_print(sheet, row, len(col.BY_TYPE) - 1, name, breaks=True)


def write_waterfall(book: Book) -> None:
    """Write what each rule takes."""
    sheet, name = book.sheet(_TITLES["waterfall"])
    row, place = book.table(sheet, name, 0, "waterfall", first=True)
    chart = book.new_chart({"type": "bar", "subtype": "stacked"})
    book.series(chart, place, "rule", "remaining_m2", BLUE)
    book.series(chart, place, "rule", "taken_m2", RED)
    chart.set_x_axis({"min": 0, "major_gridlines": GRID})
    chart.set_y_axis({"reverse": True})
    row = book.place_chart(
        sheet, row, chart, Text("从全部面积到可建 （万m²）", "From all area to buildable (ha)"), rows=26
    )
    book.set_print(sheet, row, len(col.WATERFALL) - 1, name, one_page=True)


def write_top(book: Book) -> None:
    """Write the largest sites."""
    sheet, name = book.sheet(_TITLES["top"])
    row, place = book.table(sheet, name, 0, "top_sites", first=True)
    sheet.autofilter(place.first - 1, 0, max(place.last, place.first), len(col.TOP_SITES) - 1)
    book.set_print(sheet, row, len(col.TOP_SITES) - 1, name)


def write_supply(book: Book) -> None:
    """Write capacity in order of cost."""
    sheet, name = book.sheet(_TITLES["supply"])
    row, place = book.table(sheet, name, 0, "supply", first=True)
    chart = book.new_chart({"type": "scatter", "subtype": "straight"})
    title = {"name": [place.sheet, place.header, place.columns["lcoe"]]}
    line = {"color": BLUE, "width": 2}
    chart.add_series(
        {**title, "categories": place.cells("cum_kwp_dc"), "values": place.cells("lcoe"), "line": line}
    )
    chart.set_x_axis({"name": Text("累计容量 (MW)", "cumulative capacity (MW)")[book.lang], "min": 0})
    chart.set_y_axis({"name": Text("度电成本 （元/kWh）", "LCOE (CNY/kWh)")[book.lang]})
    row = book.place_chart(sheet, row, chart, Text("供给曲线", "Supply curve"), rows=24)
    book.set_print(sheet, row, len(col.SUPPLY) - 1, name, one_page=True)


def write_heat(book: Book) -> None:
    """Write geothermal potential by technology."""
    sheet, name = book.sheet(_TITLES["heat"])
    row, place = book.table(sheet, name, 0, "heat", first=True)
    chart = book.new_chart({"type": "column"})
    for key, colour in (
        ("heatable_m2_p10", "#f3d9b1"),
        ("heatable_m2", RED),
        ("heatable_m2_p90", "#e8b04a"),
    ):
        book.series(chart, place, "technology", key, colour)
    row = book.place_chart(sheet, row, chart, Text("可供暖面积 （万m²）", "Heatable floor area (ha)"))
    book.set_print(sheet, row, len(col.HEAT) - 1, name, one_page=True)


def write_projects(book: Book) -> None:
    """Write the ledger's projects."""
    sheet, name = book.sheet(_TITLES["projects"])
    row, place = book.table(sheet, name, 0, "projects", first=True)
    sheet.autofilter(place.first - 1, 0, max(place.last, place.first), len(col.PROJECTS) - 1)
    book.set_print(sheet, row, len(col.PROJECTS) - 1, name)


def write_carbon(book: Book) -> None:
    """Write carbon saved."""
    sheet, name = book.sheet(_TITLES["carbon"])
    row, place = book.table(sheet, name, 0, "carbon", first=True)
    chart = book.new_chart({"type": "bar"})
    book.series(chart, place, "part", "co2_t_year", "#2e8b57")
    chart.set_x_axis({"min": 0, "major_gridlines": GRID})
    chart.set_y_axis({"reverse": True})
    row = book.place_chart(sheet, row, chart, Text("年减碳潜力 （千t）", "CO2 avoided per year (kt)"))
    book.set_print(sheet, row, len(col.CARBON) - 1, name, one_page=True)


def write_sources(book: Book) -> None:
    """Write sources and rules."""
    sheet, name = book.sheet(_TITLES["sources"])
    row, _ = book.table(sheet, name, 0, "sources", first=True)
    row, _ = book.table(sheet, name, row, "rules")
    book.set_print(sheet, row, len(col.SOURCES) - 1, name)


def _target_chart(book: Book, place: Place) -> Any:  # noqa: ANN401
    """Return what stands and comes as stacked columns, the target as a mark over them."""
    chart = book.new_chart({"type": "column", "subtype": "stacked"})
    for key, colour in _DONE_COLOURS.items():
        book.series(chart, place, "name", key, colour, second="basis")
    line = book.new_chart({"type": "line"})
    mark = {"type": "diamond", "size": 9, "fill": {"color": RED}, "border": {"color": RED}}
    book.series(line, place, "name", "value", RED, second="basis", line={"none": True}, marker=mark)
    chart.combine(line)
    unit = book.report.tables["targets"].column("unit")[place.first - _FIRST_ROW]
    chart.set_y_axis({"name": unit, "min": 0, "major_gridlines": GRID})
    return chart


def _range_chart(book: Book, place: Place, by: str) -> Any:  # noqa: ANN401
    """Return columns of central capacity with the range as error bars."""
    chart = book.new_chart({"type": "column"})
    table = book.report.tables[f"by_{by}"]
    central = [_float(cell) for cell in table.column("kwp_dc_central")]
    plus = [_float(high) - mid for high, mid in zip(table.column("kwp_dc_high"), central, strict=True)]
    minus = [mid - _float(low) for low, mid in zip(table.column("kwp_dc_low"), central, strict=True)]
    bars = {"type": "custom", "plus_values": plus, "minus_values": minus, "line": {"color": INK}}
    book.series(chart, place, by, "kwp_dc_central", BLUE, y_error_bars=bars)
    chart.set_y_axis({"name": "MW", "major_gridlines": GRID})
    return chart


SHEETS: tuple[Callable[[Book], None], ...] = (
    write_overview,
    write_targets,
    write_potential,
    write_waterfall,
    write_top,
    write_supply,
    write_heat,
    write_projects,
    write_carbon,
    write_sources,
    write_evaluation,
)
"""The sheets in order."""


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


def _float(cell: Cell) -> float:
    return float(cell) if isinstance(cell, float | int) else 0.0
