"""What a schema is made of: columns with their units, ranges and allowed values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal["text", "number", "choice"]


@dataclass(frozen=True)
class LayerColumn:
    """One column of a layer.

    Examples
    --------
    >>> LayerColumn("height_m", "number", "高度", "height", unit="m", low=0.0, high=600.0).unit
    'm'
    >>> LayerColumn("use", "choice", "用途", "use")
    Traceback (most recent call last):
    ValueError: use: a choice needs its allowed values
    """

    name: str
    kind: Kind
    zh: str
    en: str
    unit: str = ""
    """Unit as text; empty for names and codes."""
    allowed: tuple[str, ...] = ()
    """Values of a choice."""
    default: str | None = None
    """What an unknown choice is called; None: it has no value for unknown."""
    low: float | None = None
    """Smallest number that can be right."""
    high: float | None = None
    """Largest number that can be right."""
    unknown_numbers: tuple[float, ...] = ()
    """Numbers that stand for unknown in files people send."""
    required: bool = False
    """A row without a usable value is rejected; a file without the column cannot be used."""
    where: tuple[str, tuple[str, ...]] | None = None
    """Needed only where another column has one of these values; missing there is a warning."""

    def __post_init__(self) -> None:
        """Check that choices have values and numbers a range in order."""
        if (self.kind == "choice") != bool(self.allowed):
            raise ValueError(f"{self.name}: a choice needs its allowed values")
        if self.default is not None and self.default not in self.allowed:
            raise ValueError(f"{self.name}: default {self.default!r} is not allowed")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError(f"{self.name}: range {self.low} to {self.high} is empty")

    @property
    def is_number(self) -> bool:
        """Whether values are numbers."""
        return self.kind == "number"


@dataclass(frozen=True)
class Schema:
    """One layer: what geometry it has and which columns."""

    name: str
    zh: str
    en: str
    geometry: tuple[str, ...]
    """Kinds of geometry, of gis.shapes.KINDS."""
    columns: tuple[LayerColumn, ...]
    """Columns beside `id` and `geometry`, which every layer has."""
    place_required: bool = True
    """A row without geometry is rejected; else its place is unknown."""

    def column(self, name: str) -> LayerColumn:
        """Return a column by name."""
        return next(column for column in self.columns if column.name == name)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns beside `id` and `geometry`."""
        return tuple(column.name for column in self.columns)


def number(
    name: str,
    unit: str,
    span: tuple[float, float],
    zh: str,
    en: str,
    *,
    unknown: tuple[float, ...] = (),
) -> LayerColumn:
    """Return a column of numbers within a span; `unknown` are those that stand for unknown."""
    low, high = span
    return LayerColumn(name, "number", zh, en, unit=unit, low=low, high=high, unknown_numbers=unknown)


def choice(
    name: str,
    allowed: tuple[str, ...],
    zh: str,
    en: str,
    *,
    default: str | None = None,
    required: bool = False,
) -> LayerColumn:
    """Return a column of one of several words."""
    return LayerColumn(name, "choice", zh, en, allowed=allowed, default=default, required=required)


def text(name: str, zh: str, en: str, *, required: bool = False) -> LayerColumn:
    """Return a column of text."""
    return LayerColumn(name, "text", zh, en, required=required)


def with_spread(*columns: LayerColumn) -> tuple[LayerColumn, ...]:
    """Give each number a second column for its standard deviation."""
    spreads = (
        replace(
            column,
            name=f"{column.name}_sd",
            zh=f"{column.zh}标准差",
            en=f"{column.en}, standard deviation",
            low=0.0,
        )
        for column in columns
    )
    return tuple(column for pair in zip(columns, spreads, strict=True) for column in pair)
