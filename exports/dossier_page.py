"""The PDF of one site's dossier: numbers, place, module plan, months, rules, economics, assumptions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepTogether, Paragraph, Spacer, Table, TableStyle

from exports.dossier_data import lonlat
from exports.flat import MONTHS, fields
from exports.labels import VERDICTS, label
from exports.reporting import charts, ink
from exports.reporting.model import Text
from exports.reporting.page import WIDTH, PageDocument, grey, grid_style, heading, padding, styles
from exports.siteplan import place_map, site_plan

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path as FilePath

    from exports.dossier_data import Dossier
    from exports.provenance import Lang

_CARDS = (
    ("kwp_dc_central", Text("直流容量", "DC capacity"), "kWp", "kwp_dc_low", "kwp_dc_high"),
    ("kw_ac", Text("交流容量", "AC capacity"), "kW", None, None),
    ("kwh_year_p50", Text("首年发电量 P50", "First-year energy P50"), "kWh", "kwh_year_p90", None),
    ("lcoe", Text("度电成本", "LCOE"), "CNY/kWh", None, None),
    ("capex", Text("初始投资", "Capital cost"), "CNY", None, None),
    ("payback_years", Text("静态回收期", "Payback"), "a", None, None),
    ("co2_t_year", Text("年减碳量", "CO2 avoided"), "t/a", None, None),
    ("area_m2", Text("可建面积", "Area left by the rules"), "m2", None, None),
)
_ACROSS = 4
_IN_WORDS = {"type", "sector", "status"}
_PLAN_HEIGHT = 95 * mm
_LEFT_OUT = {"rules", "not_checked", *(f"kwh_{month:02d}" for month in range(1, MONTHS + 1))}


def write_page(path: FilePath, dossier: Dossier, lang: Lang) -> None:
    """Write the PDF; the same site of the same run gives the same bytes."""
    ink.register_fonts()
    page = _Page(dossier, lang)
    title = Text("光伏候选场址档案", "Dossier of a PV candidate site")[lang]
    template = PageDocument(path, place=page.name, title=title, source=dossier.provenance, lang=lang)
    template.build(list(page.story()))


class _Page:
    """The parts of the dossier."""

    def __init__(self, dossier: Dossier, lang: Lang) -> None:
        self._dossier, self._lang = dossier, lang
        self._styles = styles(lang)
        row = dossier.row
        self.name = str(row.get("name") or row["id"])

    def story(self) -> Iterable[Flowable]:
        yield heading(self.name, self._styles["title"], level=0)
        yield Paragraph(ink.markup(self._subtitle()), self._styles["subtitle"])
        yield self._cards()
        yield Spacer(1, 3 * mm)
        yield self._plan_and_place()
        yield from self._energy()
        yield from self._rules()
        yield from self._all_values()
        yield from self._assumptions()
        yield from self._notices()

    def _subtitle(self) -> str:
        row, lang = self._dossier.row, self._lang
        towns = self._dossier.run.towns.set_index("town")[f"name_{lang}"]
        lon, lat = lonlat(self._dossier)
        words = [label("type", row["type"], lang), label("sector", row["sector"], lang)]
        words += [str(towns.get(row["town"], row["town"])), label("status", row["status"], lang)]
        return " · ".join([*words, f"{lon:.5f}°E {lat:.5f}°N (WGS-84)"])

    def _cards(self) -> Table:
        cells = [self._card(*card) for card in _CARDS]
        rows = [cells[start : start + _ACROSS] for start in range(0, len(cells), _ACROSS)]
        style = [
            ("BACKGROUND", (0, 0), (-1, -1), ink.PALE),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LINEAFTER", (0, 0), (-2, -1), 3, ink.PAPER),
            ("LINEBELOW", (0, 0), (-1, -2), 3, ink.PAPER),
            *padding(6, 5),
        ]
        return Table(rows, colWidths=[WIDTH / _ACROSS] * _ACROSS, style=TableStyle(style))

    def _card(self, key: str, title: Text, unit: str, low: str | None, high: str | None) -> list[Paragraph]:
        row = self._dossier.row
        detail = ""
        if low and high:
            detail = f"{_number(row[low])} – {_number(row[high])}"
        elif low:
            detail = f"P90 {_number(row[low])}"
        value = f"{ink.markup(_number(row[key]))} {grey(unit, 8)}"
        texts = (ink.markup(title[self._lang]), value, detail)
        return [
            Paragraph(text, self._styles[style])
            for text, style in zip(texts, ("card_title", "card_value", "card_detail"), strict=True)
        ]

    def _plan_and_place(self) -> Flowable:
        dossier, lang = self._dossier, self._lang
        plan = site_plan(dossier.shape, dossier.layout, width=WIDTH * 0.68, height=_PLAN_HEIGHT)
        place = place_map(dossier, width=WIDTH * 0.3, height=_PLAN_HEIGHT * 0.55)
        notes = [Paragraph(ink.markup(text), self._styles["note"]) for text in self._plan_words()]
        title = Text("布置与位置", "Plan and place")
        style = TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), *padding(0, 0)])
        table = Table([[plan, [place, *notes]]], colWidths=[WIDTH * 0.7, WIDTH * 0.3], style=style)
        return KeepTogether([heading(title[lang], self._styles["h1"], level=1), table])

    def _plan_words(self) -> list[str]:
        layout, lang = self._dossier.layout, self._lang
        boundary = self._dossier.provenance.boundary_note[lang]
        if layout is None:
            return [Text("立面组件，无平面布置图。", "Vertical modules: no plan layout.")[lang], boundary]
        planned = int(np.count_nonzero(layout.planned))
        module, fitting = f"{layout.module_kwp * 1000:,.0f} W", f"{layout.kwp_fitting:,.1f} kWp"
        words = Text(
            f"蓝色：计划组件 {planned:,} 块，{layout.kwp_planned:,.1f} kWp（按可用面积占比）；"
            f"浅色：几何上还可布置，合计 {fitting}。组件 {module}。示意布置，非施工图。",
            f"Blue: {planned:,} planned modules, {layout.kwp_planned:,.1f} kWp (by the usable share); "
            f"pale: would also fit, {fitting} in all. Modules of {module}. Not a design drawing.",
        )
        return [words[lang], boundary]

    def _energy(self) -> Iterable[Flowable]:
        lang, months = self._lang, self._dossier.row["kwh_month"]
        values = [float(value) / 1e3 for value in months]
        labels = [str(month) for month in range(1, MONTHS + 1)]
        drawing = charts.columns(
            labels, [("", values, ink.SUN_RAMP[2])], width=WIDTH, height=40 * mm, unit="MWh"
        )
        source = self._dossier.weather_source
        note = Text(
            f"气象：{source}。逐时表（hourly.csv）按月合计与上图一致，时间为时段起点。",
            f"Weather: {source}. The hours (hourly.csv) sum to these months; times are starts of hours.",
        )
        title = Text("逐月发电量 P50", "Energy by month, P50")
        head = heading(title[lang], self._styles["h1"], level=1)
        yield KeepTogether([head, drawing, Paragraph(ink.markup(note[lang]), self._styles["note"])])

    def _rules(self) -> Iterable[Flowable]:
        lang = self._lang
        heads = (
            Text("规则", "rule"),
            Text("结论", "verdict"),
            Text("依据", "document"),
            Text("涉及面积 m²", "area m²"),
        )
        rows = [
            (
                str(rule.get(f"title_{lang}") or rule["id"]),
                VERDICTS[rule["verdict"]][lang]
                if rule.get("verdict") in VERDICTS
                else str(rule.get("verdict")),
                " ".join(str(rule[key]) for key in ("document", "article") if rule.get(key)),
                _number(rule.get("m2")),
            )
            for rule in self._dossier.rules
        ]
        unchecked = Text("未核查", "not checked")[lang]
        rows += [
            (
                str(rule.get(f"title_{lang}") or rule["id"]),
                unchecked,
                " ".join(str(rule[key]) for key in ("document", "article") if rule.get(key)),
                "?",
            )
            for rule in self._dossier.not_checked
        ]
        yield heading(
            Text("涉及规则与未核查", "Rules touched and not checked")[lang], self._styles["h1"], level=1
        )
        yield self._table([head[lang] for head in heads], rows, (0.42, 0.12, 0.32, 0.14))

    def _all_values(self) -> Iterable[Flowable]:
        lang, row = self._lang, self._dossier.row
        cells = []
        for field in fields("sites"):
            if field.name in _LEFT_OUT:
                continue
            value = row.get(field.name)
            if field.name in _IN_WORDS and value is not None:
                words = label(field.name, str(value), lang)
            elif field.type == pa.float64():
                words = f"{_number(value)} {field.unit}".removesuffix(" 1")
            else:
                words = "" if value is None else str(value)
            cells.append((field.zh if lang == "zh" else field.en, words))
        half = (len(cells) + 1) // 2
        pairs = [
            (*left, *(cells[half + index] if half + index < len(cells) else ("", "")))
            for index, left in enumerate(cells[:half])
        ]
        yield heading(Text("全部属性", "All values")[lang], self._styles["h1"], level=1)
        yield self._table(None, pairs, (0.22, 0.28, 0.22, 0.28))

    def _assumptions(self) -> Iterable[Flowable]:
        lang = self._lang
        heads = (
            Text("参数", "number"),
            Text("取值（范围）", "value (range)"),
            Text("来源", "source"),
            Text("可信度", "confidence"),
        )
        unverified = Text("未核实", "unverified")[lang]
        rows = [
            (
                name,
                f"{number.value:g} ({number.low:g} – {number.high:g}) {number.unit}".removesuffix(" 1"),
                number.source,
                f"{number.confidence} {unverified if number.unverified else ''}".strip(),
            )
            for name, number in self._dossier.assumptions.items()
        ]
        yield heading(Text("假设与来源", "Assumptions and sources")[lang], self._styles["h1"], level=1)
        yield self._table([head[lang] for head in heads], rows, (0.26, 0.26, 0.36, 0.12))

    def _notices(self) -> Iterable[Flowable]:
        rows = list(self._dossier.provenance.items(self._lang))
        yield heading(Text("说明", "Notices")[self._lang], self._styles["h1"], level=1)
        yield self._table(None, rows, (0.18, 0.82))

    def _table(
        self, heads: Sequence[str] | None, rows: Sequence[Sequence[str]], shares: Sequence[float]
    ) -> Flowable:
        cells = [[Paragraph(ink.markup(text), self._styles["cell"]) for text in row] for row in rows]
        if heads is not None:
            cells.insert(0, [Paragraph(ink.markup(text), self._styles["head"]) for text in heads])
        if not cells:
            return Paragraph(Text("无", "none")[self._lang], self._styles["note"])
        style = TableStyle(grid_style(header=heads is not None))
        return Table(
            cells,
            colWidths=[WIDTH * share for share in shares],
            repeatRows=int(heads is not None),
            style=style,
        )


def _number(value: Any) -> str:  # noqa: ANN401 - any cell
    """Return a number with the digits a reader needs; unknown is a question mark.

    Examples
    --------
    >>> _number(1234567.0), _number(0.2901), _number(None)
    ('1,234,567', '0.290', '?')
    """
    if value is None or value != value:  # noqa: PLR0124 - NaN is not equal to itself
        return "?"
    size = abs(float(value))
    decimals = 0 if size >= 1000 else 1 if size >= 10 else 3  # noqa: PLR2004 - the digits of the example
    return f"{float(value):,.{decimals}f}"
