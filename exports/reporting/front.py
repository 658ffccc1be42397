"""The first page of a printed report: the numbers, the density of capacity, what to know before use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reportlab.lib.units import mm
from reportlab.platypus import Paragraph, Spacer, Table, TableStyle

from exports.reporting import ink
from exports.reporting.figures import boundary_words, range_chart
from exports.reporting.maps import density, density_map
from exports.reporting.model import Text
from exports.reporting.page import WIDTH, grey, heading, padding
from exports.selection import make_selection

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reportlab.graphics.shapes import Drawing
    from reportlab.platypus import Flowable

    from exports.reporting.parts import Parts

_FACTS_ACROSS = 4
_TALL = 0.8
"""Height over width from which a place leaves room beside its map."""


def front(parts: Parts) -> Iterable[Flowable]:
    """Yield the first page: what, where, how much, and what to know before using it."""
    report, lang = parts.report, parts.lang
    yield heading(report.place[lang], parts.styles["title"], level=0)
    yield Paragraph(ink.markup(report.title[lang]), parts.styles["subtitle"])
    notices = dict(parts.gathered.provenance.items(lang))
    yield Paragraph(ink.markup("  ·  ".join(list(notices.values())[:5])), parts.styles["note"])
    yield Spacer(1, 3 * mm)
    yield _cards(parts)
    yield Spacer(1, 4 * mm)
    yield from _front_map(parts)
    yield Spacer(1, 3 * mm)
    yield _box(parts)


def _front_map(parts: Parts) -> Iterable[Flowable]:
    """Put map and chart side by side where the place is tall, one above the other where it is wide."""
    west, south, east, north = parts.focus.total_bounds
    tall = (north - south) > _TALL * (east - west)
    share = 0.6 if tall else 1.0
    chart = list(range_chart(parts, "by_sector", width=WIDTH * (1 - share) if tall else WIDTH))
    height = 84 * mm if tall else min(84 * mm, WIDTH * 0.8 * (north - south) / (east - west) + 8)
    drawing, note = _map(parts, (WIDTH * share, height))
    if tall:
        style = TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), *padding(0, 0)])
        yield Table([[drawing, chart]], colWidths=[WIDTH * share, WIDTH * (1 - share)], style=style)
        yield note
    else:
        yield drawing
        yield note
        yield from chart


def _cards(parts: Parts) -> Table:
    cells = [
        [
            Paragraph(ink.markup(fact.title[parts.lang]), parts.styles["card_title"]),
            Paragraph(
                f"{ink.markup(fact.value)} {grey(fact.unit[parts.lang], 8)}", parts.styles["card_value"]
            ),
            Paragraph(ink.markup(fact.detail[parts.lang]), parts.styles["card_detail"]),
        ]
        for fact in parts.report.facts
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


def _box(parts: Parts) -> Table:
    heading = Text("使用前须知", "Before you use these numbers")
    lines = [Paragraph(heading[parts.lang], parts.styles["box_title"])]
    lines += [
        Paragraph(f"• {ink.markup(text[parts.lang])}", parts.styles["box"]) for text in parts.report.problems
    ]
    style = [
        ("BACKGROUND", (0, 0), (-1, -1), ink.WARN),
        ("LINEBEFORE", (0, 0), (0, -1), 2, ink.RED),
        *padding(8, 6),
    ]
    return Table([[lines]], colWidths=[WIDTH], style=TableStyle(style))


def _map(parts: Parts, size: tuple[float, float]) -> tuple[Drawing, Paragraph]:
    """Draw capacity per hectare, and say what is seen."""
    run, town, focus = parts.gathered.run, parts.report.town, parts.focus
    grid = density(run, make_selection(run, "sites", town=town), "kwp_dc_central", focus.geometry.union_all())
    shapes = [(_short(str(row[f"name_{parts.lang}"])), row.geometry) for _, row in focus.iterrows()]
    unit = Text("直流 kWp/公顷", "kWp DC per ha")[parts.lang]
    north = Text("北", "N")[parts.lang]
    drawing = density_map(grid, shapes, size=size, ramp=ink.SUN_RAMP, unit=unit, north=north)
    boundary = boundary_words(parts)
    note = Text(
        f"按 {grid.cell_m:,.0f} m 网格汇总，各级网格数相近；{boundary.zh}",
        f"Summed over a grid of {grid.cell_m:,.0f} m, about equal counts per class; {boundary.en}",
    )
    return drawing, parts.paragraph(note, "note")


def _short(name: str) -> str:
    """Return a town's name as a map has room for it."""
    return name.removesuffix("新城").removesuffix(" New City")
