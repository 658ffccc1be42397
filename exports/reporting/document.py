"""The report as PDF: embedded font, bookmarks, vector maps and charts, real tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reportlab.lib.units import mm
from reportlab.platypus import (
    CondPageBreak,
    Flowable,
    KeepTogether,
    PageBreak,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

from exports.reporting import charts, ink
from exports.reporting.maps import density, density_map
from exports.reporting.model import Text, shown
from exports.reporting.page import WIDTH, PageDocument, grey, grid_style, heading, padding, styles
from exports.selection import make_selection

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from reportlab.graphics.shapes import Drawing

    from exports.reporting.gather import Gathered
    from exports.reporting.model import Cell, Col

_FACTS_ACROSS = 4
_LEFT_OUT = {
    "by_sector": {"area_m2"},
    "by_type": {"area_m2"},
    "by_town": {"area_m2"},
    "top_sites": {"name", "grid_distance_m"},
    "projects": {"source", "note", "id"},
    "sources": {"file", "demo"},
    "targets": {"unit"},
    "towns": {"unit"},
    "context": {"result"},
}
"""Columns that the workbook has and the page has no room for."""
_TALL = 0.8
"""Height over width from which a place leaves room beside its map."""


def write_document(path: Path, gathered: Gathered) -> None:
    """Write the report; the same content gives the same bytes."""
    ink.register_font()
    _Document(path, gathered).build()


class _Document:
    """The story of the report, section by section."""

    def __init__(self, path: Path, gathered: Gathered) -> None:
        self._gathered = gathered
        self._report, self._lang = gathered.report, gathered.lang
        self._template = PageDocument(
            path,
            place=self._report.place[self._lang],
            title=self._report.title[self._lang],
            source=gathered.provenance,
            lang=self._lang,
        )
        self._styles = styles(self._lang)

    def build(self) -> None:
        story: list[Flowable] = []
        for part in (
            self._front,
            self._targets,
            self._potential,
            self._rules,
            self._sites,
            self._supply,
            self._heat,
            self._projects,
            self._carbon,
            self._evaluation,
            self._sources,
        ):
            story += part()
        self._template.build(story)

    def _front(self) -> Iterable[Flowable]:
        report, lang = self._report, self._lang
        yield heading(report.place[lang], self._styles["title"], level=0)
        yield Paragraph(ink.markup(report.title[lang]), self._styles["subtitle"])
        notices = dict(self._gathered.provenance.items(lang))
        yield Paragraph(ink.markup("  ·  ".join(list(notices.values())[:5])), self._styles["note"])
        yield Spacer(1, 3 * mm)
        yield self._cards()
        yield Spacer(1, 4 * mm)
        yield from self._front_map()
        yield Spacer(1, 3 * mm)
        yield self._box()

    def _front_map(self) -> Iterable[Flowable]:
        """Put map and chart side by side where the place is tall, one above the other where it is wide."""
        unit = Text("直流 kWp/公顷", "kWp DC per ha")
        west, south, east, north = self._focus().total_bounds
        tall = (north - south) > _TALL * (east - west)
        share = 0.6 if tall else 1.0
        chart = list(self._range_chart("by_sector", width=WIDTH * (1 - share) if tall else WIDTH))
        height = 84 * mm if tall else min(84 * mm, WIDTH * 0.8 * (north - south) / (east - west) + 8)
        drawing, note = self._map("sites", "kwp_dc_central", ink.SUN_RAMP, unit, (WIDTH * share, height))
        if tall:
            style = TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), *padding(0, 0)])
            yield Table([[drawing, chart]], colWidths=[WIDTH * share, WIDTH * (1 - share)], style=style)
            yield note
        else:
            yield drawing
            yield note
            yield from chart

    def _cards(self) -> Table:
        cells = [
            [
                Paragraph(ink.markup(fact.title[self._lang]), self._styles["card_title"]),
                Paragraph(
                    f"{ink.markup(fact.value)} {grey(fact.unit[self._lang], 8)}", self._styles["card_value"]
                ),
                Paragraph(ink.markup(fact.detail[self._lang]), self._styles["card_detail"]),
            ]
            for fact in self._report.facts
        ]
        rows: list[list[Any]] = [
            cells[start : start + _FACTS_ACROSS] for start in range(0, len(cells), _FACTS_ACROSS)
        ]
        rows[-1] += [""] * (_FACTS_ACROSS - len(rows[-1]))
        style = [
            ("BACKGROUND", (0, 0), (-1, -1), ink.PALE),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LINEAFTER", (0, 0), (-2, -1), 3, ink.PAPER),
            ("LINEBELOW", (0, 0), (-1, -2), 3, ink.PAPER),
            *padding(6, 5),
        ]
        return Table(rows, colWidths=[WIDTH / _FACTS_ACROSS] * _FACTS_ACROSS, style=TableStyle(style))

    def _box(self) -> Table:
        heading = Text("使用前须知", "Before you use these numbers")
        lines = [Paragraph(heading[self._lang], self._styles["box_title"])]
        lines += [
            Paragraph(f"• {ink.markup(text[self._lang])}", self._styles["box"])
            for text in self._report.problems
        ]
        style = [
            ("BACKGROUND", (0, 0), (-1, -1), ink.WARN),
            ("LINEBEFORE", (0, 0), (0, -1), 2, ink.RED),
            *padding(8, 6),
        ]
        return Table([[lines]], colWidths=[WIDTH], style=TableStyle(style))

    def _focus(self) -> Any:  # noqa: ANN401 - a GeoDataFrame
        towns, town = self._gathered.run.towns, self._report.town
        return towns if town is None else towns[towns["town"] == town]

    def _map(
        self, kind: str, column: str, ramp: Sequence[Any], unit: Text, size: tuple[float, float]
    ) -> tuple[Drawing, Paragraph]:
        run, town, focus = self._gathered.run, self._report.town, self._focus()
        grid = density(run, make_selection(run, kind, town=town), column, focus.geometry.union_all())
        shapes = [(_short(str(row[f"name_{self._lang}"])), row.geometry) for _, row in focus.iterrows()]
        marks = self._gathered.marks if kind == "sites" and town is not None else ()
        words = {"unit": unit[self._lang], "north": Text("北", "N")[self._lang]}
        drawing = density_map(grid, shapes, size=size, ramp=ramp, marks=marks, **words)
        of_marks, boundary = _marks_words(marks), self._boundary()
        note = Text(
            f"按 {grid.cell_m:,.0f} m 网格汇总，各级网格数相近；{of_marks.zh}{boundary.zh}",
            f"Summed over a grid of {grid.cell_m:,.0f} m, about equal counts per class; "
            f"{of_marks.en}{boundary.en}",
        )
        return drawing, Paragraph(ink.markup(note[self._lang]), self._styles["note"])

    def _boundary(self) -> Text:
        note = self._gathered.provenance.boundary_note
        return Text(note["zh"], note["en"])

    def _targets(self) -> Iterable[Flowable]:
        yield PageBreak()
        yield self._heading(Text("一、目标与进度", "1 Targets and progress"))
        table = self._report.tables["targets"]
        for row in table.rows:
            cells = dict(zip([column.key for column in table.columns], row, strict=True))
            yield self._progress(cells)
        yield from self._table("targets")
        yield from self._table("towns")
        if self._report.tables["context"].rows:
            yield from self._table("context")

    def _progress(self, cells: dict[str, Cell]) -> Drawing:
        words = {
            "operating": (Text("已投运", "operating"), ink.GREEN),
            "under_construction": (Text("在建", "building"), ink.faded(ink.GREEN, 0.55)),
            "approved": (Text("已批准", "approved"), ink.faded(ink.GREEN, 0.25)),
        }
        parts = [(text[self._lang], _float(cells[key]), colour) for key, (text, colour) in words.items()]
        basis = f" ({cells['basis']})" if cells["basis"] else ""
        unknown = int(_float(cells["unknown_count"]))
        more = (
            Text(f" · {unknown}个项目规模未知", f" · {unknown} projects of unknown size")[self._lang]
            if unknown
            else ""
        )
        title = f"{cells['year']} {cells['name']}{basis} · {cells['verdict']}{more}"
        return charts.progress_bar(
            parts, _float(cells["value"]), width=WIDTH, unit=str(cells["unit"]), title=title
        )

    def _potential(self) -> Iterable[Flowable]:
        yield CondPageBreak(90 * mm)
        yield self._heading(Text("二、光伏潜力", "2 Photovoltaic potential"))
        for key in ("by_town", "by_sector", "by_type"):
            if key in self._report.tables:
                if key != "by_sector":  # its chart is on the first page
                    yield KeepTogether(list(self._range_chart(key)))
                yield from self._table(key)
        monthly = self._report.tables["monthly"]
        values = [None if cell is None else _float(cell) for cell in monthly.column("kwh")]
        drawing = charts.columns(
            [str(cell) for cell in monthly.column("month")],
            [("", values, ink.SUN_RAMP[2])],
            width=WIDTH,
            height=42 * mm,
            unit="GWh",
        )
        yield self._figure(Text("逐月发电量 P50", "Energy by month, P50"), drawing)

    def _range_chart(self, key: str, *, width: float = WIDTH) -> Iterable[Flowable]:
        table = self._report.tables[key]
        low, central, high = (
            [_float(cell) for cell in table.column(f"kwp_dc_{name}")] for name in ("low", "central", "high")
        )
        labels = [str(cell) for cell in table.column(key.removeprefix("by_"))]
        drawing = charts.range_bars(labels, low, central, high, width=width, unit="MW")
        title = Text(
            f"{table.title.zh}：直流容量（中值，横线为低至高）",
            f"{table.title.en}: DC capacity (line: low to high)",
        )
        yield Paragraph(ink.markup(title[self._lang]), self._styles["h2"])
        yield drawing

    def _rules(self) -> Iterable[Flowable]:
        table = self._report.tables["waterfall"]
        taken: list[float | str] = [
            cell if isinstance(cell, str) else _float(cell) for cell in table.column("taken_m2")
        ]
        rest = [_float(cell) for cell in table.column("remaining_m2")]
        labels = [str(cell) for cell in table.column("rule")]
        unit = Text("万m²", "ha")[self._lang]
        yield CondPageBreak(90 * mm)
        yield self._heading(Text("三、规则扣除", "3 What the rules take"))
        drawing = charts.waterfall_bars(labels, taken, rest, width=WIDTH, unit=unit)
        yield self._figure(Text("从全部面积到可建面积", "From all area to what can be built"), drawing)
        yield from self._table("waterfall", titled=False)

    def _sites(self) -> Iterable[Flowable]:
        yield CondPageBreak(100 * mm)
        yield self._heading(Text("四、重点场址", "4 Largest sites"))
        yield from self._table("top_sites")

    def _supply(self) -> Iterable[Flowable]:
        frame = self._gathered.supply
        yield CondPageBreak(90 * mm)
        yield self._heading(Text("五、供给曲线", "5 Supply curve"))
        drawing = charts.curve(
            (frame["cum_kwp_dc"] / 1e3).tolist(),
            frame["lcoe"].tolist(),
            width=WIDTH,
            height=62 * mm,
            x_unit=Text("累计直流容量 MW", "cumulative DC capacity, MW")[self._lang],
            y_unit=Text("元/kWh", "CNY/kWh")[self._lang],
        )
        title = Text("按度电成本由低到高累计的容量", "Capacity in order of cost")
        yield self._figure(title, drawing)
        yield Paragraph(self._report.tables["supply"].note[self._lang], self._styles["note"])

    def _heat(self) -> Iterable[Flowable]:
        table = self._report.tables["heat"]
        yield CondPageBreak(120 * mm)
        yield self._heading(Text("六、地热", "6 Geothermal heat"))
        series = [
            (name, [None if cell is None else _float(cell) for cell in table.column(key)], colour)
            for key, name, colour in (
                ("heatable_m2_p10", "P10", ink.HEAT_RAMP[0]),
                ("heatable_m2", Text("中值", "central")[self._lang], ink.HEAT_RAMP[2]),
                ("heatable_m2_p90", "P90", ink.HEAT_RAMP[4]),
            )
        ]
        labels = [str(cell) for cell in table.column("technology")]
        unit = Text("万m²", "ha")[self._lang]
        drawing = charts.columns(labels, series, width=WIDTH, height=52 * mm, unit=unit)
        yield self._figure(Text("可供暖面积", "Heatable floor area"), drawing)
        yield from self._table("heat", titled=False)
        unit_map = Text("可供暖 m²/公顷", "heatable m² per ha")
        yield KeepTogether(list(self._map("heat", "heatable_m2", ink.HEAT_RAMP, unit_map, (WIDTH, 76 * mm))))

    def _projects(self) -> Iterable[Flowable]:
        yield CondPageBreak(60 * mm)
        yield self._heading(Text("七、项目", "7 Projects"))
        yield from self._table("projects", titled=False)

    def _carbon(self) -> Iterable[Flowable]:
        yield CondPageBreak(60 * mm)
        yield self._heading(Text("八、减碳", "8 Carbon"))
        yield from self._table("carbon", titled=False)

    def _evaluation(self) -> Iterable[Flowable]:
        yield CondPageBreak(60 * mm)
        yield self._heading(
            Text("九、年度评估（方案六（四））", "9 Yearly evaluation (section VI.4 of the plan)")
        )
        heads = (
            Text("条款", "¶"),
            Text("任务要求", "Task"),
            Text("数据所示", "What the data says"),
            Text("单位填写", "To fill in"),
        )
        rows: list[list[Any]] = [[Paragraph(text[self._lang], self._styles["head"]) for text in heads]]
        rows += [
            [
                Paragraph(ink.markup(text), self._styles["cell"])
                for text in (item.paragraph, item.task[self._lang], item.finding[self._lang], "")
            ]
            for item in self._report.evaluation
        ]
        widths = [WIDTH * share for share in (0.09, 0.34, 0.37, 0.20)]
        style = [*grid_style(), ("BACKGROUND", (3, 1), (3, -1), ink.WARN)]
        yield Table(rows, colWidths=widths, repeatRows=1, style=TableStyle(style))

    def _sources(self) -> Iterable[Flowable]:
        yield CondPageBreak(60 * mm)
        yield self._heading(Text("十、来源与未核查", "10 Sources and what was not checked"))
        yield from self._table("rules")
        yield from self._table("sources")
        rows = [
            [
                Paragraph(ink.markup(name), self._styles["cell"]),
                Paragraph(ink.markup(text), self._styles["cell"]),
            ]
            for name, text in self._report.notices[self._lang]
        ]
        yield Paragraph(Text("说明", "Notices")[self._lang], self._styles["h2"])
        yield Table(rows, colWidths=[WIDTH * 0.18, WIDTH * 0.82], style=TableStyle(grid_style(header=False)))

    def _heading(self, text: Text) -> Paragraph:
        return heading(text[self._lang], self._styles["h1"], level=1)

    def _figure(self, title: Text, drawing: Drawing) -> KeepTogether:
        return KeepTogether(
            [Paragraph(ink.markup(title[self._lang]), self._styles["h2"]), drawing, Spacer(1, 2 * mm)]
        )

    def _table(self, key: str, *, titled: bool = True) -> Iterable[Flowable]:
        table = self._report.tables[key]
        left_out = _LEFT_OUT.get(key, set())
        if titled:
            yield Paragraph(ink.markup(table.title[self._lang]), self._styles["h2"])
        kept = [index for index, column in enumerate(table.columns) if column.key not in left_out]
        columns = [table.columns[index] for index in kept]
        rows: list[list[Any]] = [[self._head(column) for column in columns]]
        rows += [[self._cell(row[index], table.columns[index]) for index in kept] for row in table.rows]
        style = grid_style()
        if table.total:
            style += [
                ("BACKGROUND", (0, -1), (-1, -1), ink.PALE),
                ("LINEABOVE", (0, -1), (-1, -1), 0.8, ink.INK),
            ]
        total = sum(column.width for column in columns)
        widths = [WIDTH * column.width / total for column in columns]
        yield Table(rows, colWidths=widths, repeatRows=1, style=TableStyle(style))
        if table.note.zh:
            yield Paragraph(ink.markup(table.note[self._lang]), self._styles["note"])

    def _head(self, column: Col) -> Paragraph:
        unit = column.unit[self._lang]
        words = ink.markup(column.title[self._lang])
        if unit:
            words += f"<br/>{grey(unit, 6)}"
        style = self._styles["head"] if column.decimals is None else self._styles["head_right"]
        return Paragraph(words, style)

    def _cell(self, cell: Cell, column: Col) -> Paragraph:
        text = shown(cell, column, self._lang)
        if cell is None and column.decimals is not None:
            return Paragraph(text, self._styles["unknown"])
        if isinstance(cell, str) and column.decimals is not None:
            return Paragraph(ink.markup(text), self._styles["right"])
        return Paragraph(ink.markup(text), self._styles["cell" if column.decimals is None else "right"])


def _short(name: str) -> str:
    """Return a town's name as a map has room for it."""
    return name.removesuffix("新城").removesuffix(" New City")


def _marks_words(marks: Sequence[object]) -> Text:
    return Text("编号为重点场址；", "numbers are the largest sites; ") if marks else Text("", "")


def _float(cell: Cell) -> float:
    return float(cell) if isinstance(cell, float | int) else 0.0
