"""What a report is made of: tables with units and formats, the same in every file format and language."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

    from exports.provenance import Lang

Cell = str | float | int | None
UNKNOWN: Mapping[Lang, str] = {"zh": "未知", "en": "unknown"}


@dataclass(frozen=True)
class Text:
    """Words in both languages."""

    zh: str
    en: str

    def __getitem__(self, lang: Lang) -> str:
        """Return the words in one language."""
        return self.zh if lang == "zh" else self.en


@dataclass(frozen=True)
class Col:
    """One column of a report table."""

    key: str
    """Column of the frame it shows."""
    title: Text
    unit: Text = Text("", "")
    scale: float = 1.0
    """What the frame's number is multiplied with."""
    decimals: int | None = None
    """Decimals shown; None: text."""
    width: int = 10
    """Relative width."""

    def head(self, lang: Lang) -> str:
        """Return title and unit."""
        unit = self.unit[lang]
        return f"{self.title[lang]} ({unit})" if unit else self.title[lang]


@dataclass(frozen=True)
class ReportTable:
    """A table as every format shows it."""

    key: str
    title: Text
    columns: tuple[Col, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: bool = False
    """Whether the last row is the total."""
    note: Text = Text("", "")
    """What a reader must know about it."""

    def column(self, key: str) -> list[Cell]:
        """Return the cells of one column, without the total."""
        index = [column.key for column in self.columns].index(key)
        rows = self.rows[:-1] if self.total else self.rows
        return [row[index] for row in rows]

    def texts(self, lang: Lang) -> list[list[str]]:
        """Return the cells as they are read."""
        return [
            [shown(cell, column, lang) for cell, column in zip(row, self.columns, strict=True)]
            for row in self.rows
        ]


def shown(cell: Cell, column: Col, lang: Lang) -> str:
    """Return a cell as text; unknown numbers are said to be unknown.

    Examples
    --------
    >>> power = Col("kwp", Text("容量", "capacity"), decimals=1)
    >>> shown(1234.56, power, "en"), shown(None, power, "zh")
    ('1,234.6', '未知')
    """
    if cell is None:
        return UNKNOWN[lang] if column.decimals is not None else ""
    if column.decimals is None or isinstance(cell, str):
        return str(cell)
    return f"{cell:,.{column.decimals}f}"


def rows_of(frame: pd.DataFrame, columns: Sequence[Col]) -> tuple[tuple[Cell, ...], ...]:
    """Return the rows of a frame as cells: scaled numbers, unknown as None."""
    return tuple(
        tuple(_cell(value, column) for value, column in zip(row, columns, strict=True))
        for row in frame[[column.key for column in columns]].itertuples(index=False, name=None)
    )


def _cell(value: object, column: Col) -> Cell:
    if value is None or value != value:  # noqa: PLR0124 - NaN is not equal to itself
        return None
    if column.decimals is None:
        return str(value)
    number = float(value) * column.scale  # type: ignore[arg-type]
    return number if math.isfinite(number) else None


@dataclass(frozen=True)
class Fact:
    """One number of the overview."""

    title: Text
    value: str
    unit: Text
    detail: Text = Text("", "")
    """Range or remark under it."""


@dataclass(frozen=True)
class EvaluationItem:
    """One line of the yearly evaluation: what the plan asks, what the data says, what the office must add."""

    paragraph: str
    task: Text
    finding: Text
    """What the data says; empty: nothing."""
    key: str
    """Which finding of a report speaks to it; see `exports.reporting.evaluation`."""


@dataclass(frozen=True)
class Report:
    """All content of one report."""

    place: Text
    """The town or the region."""
    town: str | None
    facts: tuple[Fact, ...]
    tables: Mapping[str, ReportTable]
    problems: tuple[Text, ...]
    """Major problems the data shows."""
    evaluation: tuple[EvaluationItem, ...]
    notices: Mapping[Lang, Sequence[tuple[str, str]]]
    """Label and text of what must be said."""
    short_notice: Text
    title: Text = field(
        default=Text("光伏与地热资源摸底及年度评估报告", "PV and geothermal potential and yearly evaluation")
    )


def total_row(frame: pd.DataFrame, *, first: str, sums: Iterable[str], label: str) -> dict[str, object]:
    """Return the total of the given columns; a column with nothing known has an unknown total."""
    row: dict[str, object] = dict.fromkeys(frame.columns)
    row[first] = label
    for name in sums:
        row[name] = frame[name].sum(min_count=1)
    return row
