"""What the sections of a printed report are made of: headings, figures, tables out of the report's own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import Flowable, KeepTogether, Paragraph, Spacer, Table, TableStyle

from exports.reporting import ink
from exports.reporting.model import Text, shown
from exports.reporting.page import WIDTH, grey, grid_style, heading, styles

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from reportlab.lib.styles import ParagraphStyle

    from exports.provenance import Lang
    from exports.reporting.gather import Gathered
    from exports.reporting.model import Cell, Col, Report

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


_WORD = re.compile(r"[^\s\u2e80-\uffef]+")
_CELL_MARGINS = 5.5


@dataclass(frozen=True)
class Parts:
    """The content of one report and the way it is set."""

    gathered: Gathered
    styles: Mapping[str, ParagraphStyle]

    @classmethod
    def of(cls, gathered: Gathered) -> Parts:
        """Return the parts in the language of the report."""
        return cls(gathered, styles(gathered.lang))

    @property
    def report(self) -> Report:
        """The report's tables and sentences."""
        return self.gathered.report

    @property
    def lang(self) -> Lang:
        """Language of the report."""
        return self.gathered.lang

    @property
    def focus(self) -> Any:  # noqa: ANN401 - a GeoDataFrame
        """The town of the report, or all towns."""
        towns, town = self.gathered.run.towns, self.report.town
        return towns if town is None else towns[towns["town"] == town]

    def paragraph(self, text: Text | str, style: str) -> Paragraph:
        """Return a paragraph in a named style."""
        words = text if isinstance(text, str) else text[self.lang]
        return Paragraph(ink.markup(words), self.styles[style])

    def heading(self, text: Text) -> Paragraph:
        """Return the heading of a section, with its bookmark."""
        return heading(text[self.lang], self.styles["h1"], level=1)

    def figure(self, title: Text, drawing: Flowable) -> KeepTogether:
        """Return a drawing under its title."""
        return KeepTogether([self.paragraph(title, "h2"), drawing, Spacer(1, 2 * mm)])

    def table(self, key: str, *, titled: bool = True) -> Iterable[Flowable]:
        """Yield one of the report's tables: title, cells, note."""
        table = self.report.tables[key]
        left_out = _LEFT_OUT.get(key, set())
        if titled:
            yield self.paragraph(table.title, "h2")
        kept = [index for index, column in enumerate(table.columns) if column.key not in left_out]
        columns = [table.columns[index] for index in kept]
        rows: list[list[Any]] = [[self._head(column) for column in columns]]
        last = len(table.rows) - 1
        rows += [
            [
                self._cell(row[index], table.columns[index], strong=table.total and number == last)
                for index in kept
            ]
            for number, row in enumerate(table.rows)
        ]
        needed = [_longest_word(column) for column in zip(*rows, strict=True)]
        widths = shared_width(WIDTH, [column.width for column in columns], needed)
        yield Table(rows, colWidths=widths, repeatRows=1, style=_table_style(total=table.total))
        if table.note.zh:
            yield self.paragraph(table.note, "note")

    def _head(self, column: Col) -> Paragraph:
        unit = column.unit[self.lang]
        words = ink.markup(column.title[self.lang])
        if unit:
            words += f"<br/>{grey(unit, 6)}"
        return Paragraph(words, self.styles["head" if column.decimals is None else "head_right"])

    def _cell(self, cell: Cell, column: Col, *, strong: bool) -> Paragraph:
        text = shown(cell, column, self.lang)
        if cell is None and column.decimals is not None:
            return Paragraph(text, self.styles["unknown"])
        style = "cell" if column.decimals is None else "right"
        return Paragraph(ink.markup(text), self.styles[f"{style}_strong" if strong else style])


def _table_style(*, total: bool) -> TableStyle:
    style = grid_style()
    if total:
        style += [
            ("BACKGROUND", (0, -1), (-1, -1), ink.PALE),
            ("LINEABOVE", (0, -1), (-1, -1), 0.8, ink.INK),
        ]
    return TableStyle(style)


def _longest_word(paragraphs: Iterable[Paragraph]) -> float:
    """Return the width of the longest word of a column with the cell's margins; Chinese breaks anywhere."""
    words = {
        (word, found.style.fontName, found.style.fontSize)
        for found in paragraphs
        for word in _WORD.findall(found.getPlainText(identify=1))
    }
    return max((stringWidth(*word) for word in words), default=0.0) + _CELL_MARGINS


def shared_width(width: float, shares: Sequence[float], needed: Sequence[float]) -> list[float]:
    """Share a width by weights so that each gets what it needs, where there is enough for all.

    Examples
    --------
    >>> shared_width(100, [1, 1, 2], [40, 10, 10])
    [40, 20.0, 40.0]
    >>> shared_width(90, [1, 1], [60, 60])
    [45.0, 45.0]
    """
    if sum(needed) >= width:
        return [width * share / sum(shares) for share in shares]
    found: dict[int, float] = {}
    while True:
        rest = width - sum(found.values())
        weights = sum(share for index, share in enumerate(shares) if index not in found)
        short = {
            index: needed[index]
            for index, share in enumerate(shares)
            if index not in found and rest * share / weights < needed[index]
        }
        if not short:
            return [found.get(index, rest * share / weights) for index, share in enumerate(shares)]
        found |= short


def as_float(cell: Cell) -> float:
    """Return a number for a drawing; what is unknown or said in words has no length."""
    return float(cell) if isinstance(cell, float | int) else 0.0
