"""The sections of a printed report, each as the parts it is set of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reportlab.lib.units import mm
from reportlab.platypus import (
    CondPageBreak,
    KeepTogether,
    NextPageTemplate,
    PageBreak,
    Paragraph,
    Table,
    TableStyle,
)

from exports.reporting import charts, ink
from exports.reporting.figures import map_of_sites, progress_chart, range_chart
from exports.reporting.model import Text
from exports.reporting.page import ROOM, UPRIGHT, WIDE, WIDTH, grid_style
from exports.reporting.parts import as_float

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reportlab.platypus import Flowable

    from exports.reporting.parts import Parts

_WIDE = 1.25
"""Width over height from which a place has more room on a page laid on its side."""
_HEAT_MAP = 138 * mm
"""Height of the geothermal map with its words: what chart and table leave of a page."""


def places(parts: Parts) -> Iterable[Flowable]:
    """Yield the map of the candidate sites, a page of its own."""
    west, south, east, north = parts.focus.total_bounds
    page = WIDE if (east - west) > _WIDE * (north - south) else UPRIGHT
    yield NextPageTemplate(page)
    yield PageBreak()
    title = Text("候选场址分布", "Where the candidate sites are")
    yield map_of_sites(parts, "sites", title, size=ROOM[page])
    yield NextPageTemplate(UPRIGHT)


def targets(parts: Parts) -> Iterable[Flowable]:
    """Yield target and progress: bars, the region's table, the towns', what departments fill in."""
    yield PageBreak()
    yield parts.heading(Text("一、目标与进度", "1 Targets and progress"))
    table = parts.report.tables["targets"]
    for row in table.rows:
        cells = dict(zip([column.key for column in table.columns], row, strict=True))
        yield progress_chart(parts, cells)
    yield from parts.table("targets")
    yield from parts.table("towns")
    if parts.report.tables["context"].rows:
        yield from parts.table("context")


def potential(parts: Parts) -> Iterable[Flowable]:
    """Yield the photovoltaic potential by town, sector, type and month."""
    yield CondPageBreak(90 * mm)
    yield parts.heading(Text("二、光伏潜力", "2 Photovoltaic potential"))
    for key in ("by_town", "by_sector", "by_type"):
        if key in parts.report.tables:
            if key != "by_sector":  # its chart is on the first page
                yield KeepTogether(list(range_chart(parts, key)))
            yield from parts.table(key)
    monthly = parts.report.tables["monthly"]
    values = [None if cell is None else as_float(cell) for cell in monthly.column("kwh")]
    drawing = charts.columns(
        [str(cell) for cell in monthly.column("month")],
        [("", values, ink.SUN_RAMP[2])],
        width=WIDTH,
        height=42 * mm,
        unit="GWh",
    )
    yield parts.figure(Text("逐月发电量 P50", "Energy by month, P50"), drawing)


def rules(parts: Parts) -> Iterable[Flowable]:
    """Yield what each rule takes, drawn and in numbers."""
    table = parts.report.tables["waterfall"]
    taken: list[float | str] = [
        cell if isinstance(cell, str) else as_float(cell) for cell in table.column("taken_m2")
    ]
    rest = [as_float(cell) for cell in table.column("remaining_m2")]
    labels = [str(cell) for cell in table.column("rule")]
    unit = Text("万m²", "ha")[parts.lang]
    yield CondPageBreak(90 * mm)
    yield parts.heading(Text("三、规则扣除", "3 What the rules take"))
    drawing = charts.waterfall_bars(labels, taken, rest, width=WIDTH, unit=unit)
    yield parts.figure(Text("从全部面积到可建面积", "From all area to what can be built"), drawing)
    yield from parts.table("waterfall", titled=False)


def sites(parts: Parts) -> Iterable[Flowable]:
    """Yield the largest sites."""
    yield CondPageBreak(100 * mm)
    yield parts.heading(Text("四、重点场址", "4 Largest sites"))
    yield from parts.table("top_sites")


def supply(parts: Parts) -> Iterable[Flowable]:
    """Yield capacity in order of cost."""
    frame = parts.gathered.supply
    yield CondPageBreak(90 * mm)
    yield parts.heading(Text("五、供给曲线", "5 Supply curve"))
    drawing = charts.curve(
        (frame["cum_kwp_dc"] / 1e3).tolist(),
        frame["lcoe"].tolist(),
        width=WIDTH,
        height=62 * mm,
        x_unit=Text("累计直流容量 MW", "cumulative DC capacity, MW")[parts.lang],
        y_unit=Text("元/kWh", "CNY/kWh")[parts.lang],
    )
    title = Text("按度电成本由低到高累计的容量", "Capacity in order of cost")
    yield parts.figure(title, drawing)
    yield Paragraph(parts.report.tables["supply"].note[parts.lang], parts.styles["note"])


def heat(parts: Parts) -> Iterable[Flowable]:
    """Yield the geothermal potential by technology, and where it is."""
    table = parts.report.tables["heat"]
    yield CondPageBreak(120 * mm)
    yield parts.heading(Text("六、地热", "6 Geothermal heat"))
    series = [
        (name, [None if cell is None else as_float(cell) for cell in table.column(key)], colour)
        for key, name, colour in (
            ("heatable_m2_p10", "P10", ink.HEAT_RAMP[0]),
            ("heatable_m2", Text("中值", "central")[parts.lang], ink.HEAT_RAMP[2]),
            ("heatable_m2_p90", "P90", ink.HEAT_RAMP[4]),
        )
    ]
    labels = [str(cell) for cell in table.column("technology")]
    unit = Text("万m²", "ha")[parts.lang]
    drawing = charts.columns(labels, series, width=WIDTH, height=52 * mm, unit=unit)
    yield parts.figure(Text("可供暖面积", "Heatable floor area"), drawing)
    yield from parts.table("heat", titled=False)
    title = Text("地热候选场址分布", "Where the geothermal sites are")
    yield map_of_sites(parts, "heat", title, size=(WIDTH, _HEAT_MAP))


def projects(parts: Parts) -> Iterable[Flowable]:
    """Yield the ledger's projects with what is not known of them."""
    yield CondPageBreak(60 * mm)
    yield parts.heading(Text("七、项目", "7 Projects"))
    yield from parts.table("projects", titled=False)


def carbon(parts: Parts) -> Iterable[Flowable]:
    """Yield the carbon saved."""
    yield CondPageBreak(60 * mm)
    yield parts.heading(Text("八、减碳", "8 Carbon"))
    yield from parts.table("carbon", titled=False)


def evaluation(parts: Parts) -> Iterable[Flowable]:
    """Yield the yearly evaluation as a form: task, what the data says, room to write."""
    yield CondPageBreak(60 * mm)
    yield parts.heading(
        Text("九、年度评估（方案六（四））", "9 Yearly evaluation (section VI.4 of the plan)")
    )
    heads = (
        Text("条款", "¶"),
        Text("任务要求", "Task"),
        Text("数据所示", "What the data says"),
        Text("单位填写", "To fill in"),
    )
    rows: list[list[Any]] = [[Paragraph(text[parts.lang], parts.styles["head"]) for text in heads]]
    rows += [
        [
            Paragraph(ink.markup(text), parts.styles["cell"])
            for text in (item.paragraph, item.task[parts.lang], item.finding[parts.lang], "")
        ]
        for item in parts.report.evaluation
    ]
    widths = [WIDTH * share for share in (0.09, 0.34, 0.37, 0.20)]
    style = [*grid_style(), ("BACKGROUND", (3, 1), (3, -1), ink.WARN)]
    yield Table(rows, colWidths=widths, repeatRows=1, style=TableStyle(style))


def sources(parts: Parts) -> Iterable[Flowable]:
    """Yield rules, sources and notices."""
    yield CondPageBreak(60 * mm)
    yield parts.heading(Text("十、来源与未核查", "10 Sources and what was not checked"))
    yield from parts.table("rules")
    yield from parts.table("sources")
    rows = [
        [
            Paragraph(ink.markup(name), parts.styles["cell"]),
            Paragraph(ink.markup(text), parts.styles["cell"]),
        ]
        for name, text in parts.report.notices[parts.lang]
    ]
    yield Paragraph(Text("说明", "Notices")[parts.lang], parts.styles["h2"])
    yield Table(rows, colWidths=[WIDTH * 0.18, WIDTH * 0.82], style=TableStyle(grid_style(header=False)))
