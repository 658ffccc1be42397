"""Charts for print, drawn as vectors: bars with ranges, a waterfall, a curve, columns, progress."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from reportlab.graphics.shapes import Circle, Drawing, Line, PolyLine, Rect, String

from exports.reporting import ink

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reportlab.lib.colors import Color

_SIZE = 7.5
_SMALL = 6.5
_TICKS = 5


def nice_ticks(top: float, count: int = _TICKS) -> list[float]:
    """Return round numbers from 0 to at least `top`.

    Examples
    --------
    >>> nice_ticks(137)
    [0.0, 50.0, 100.0, 150.0]
    >>> nice_ticks(0)
    [0.0, 1.0]
    """
    if not top > 0:
        return [0.0, 1.0]
    raw = top / count
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= raw * (1 - 1e-9))
    return [step * index for index in range(math.ceil(top / step - 1e-9) + 1)]


def tick_text(value: float) -> str:
    """Return a tick's number without needless decimals."""
    return f"{value:,.0f}" if value == int(value) else f"{value:g}"


class Plot:
    """A drawing with a plotting area and two linear axes."""

    def __init__(
        self, width: float, height: float, *, left: float, bottom: float = 22, top: float = 10
    ) -> None:
        self.drawing = Drawing(width, height)
        self.left, self.bottom = left, bottom
        self.width, self.height = width - left - 16, height - bottom - top

    def x(self, share: float) -> float:
        """Return the position of a share (0 to 1) of the horizontal axis."""
        return self.left + share * self.width

    def y(self, share: float) -> float:
        """Return the position of a share (0 to 1) of the vertical axis."""
        return self.bottom + share * self.height

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        anchor: str = "start",
        size: float = _SIZE,
        colour: Color = ink.INK,
    ) -> None:
        """Write a line of text."""
        shown = ink.plain(text)
        self.drawing.add(
            String(x, y, shown, fontName=ink.FONT, fontSize=size, textAnchor=anchor, fillColor=colour)
        )

    def rect(self, x: float, y: float, width: float, height: float, colour: Color) -> None:
        """Fill a rectangle."""
        self.drawing.add(Rect(x, y, width, height, fillColor=colour, strokeColor=None, strokeWidth=0))

    def line(  # noqa: PLR0917 - two points, a colour, a width
        self, x1: float, y1: float, x2: float, y2: float, colour: Color = ink.RULE, width: float = 0.5
    ) -> None:
        """Draw a line."""
        self.drawing.add(Line(x1, y1, x2, y2, strokeColor=colour, strokeWidth=width))

    def x_axis(self, top: float, unit: str) -> float:
        """Draw the horizontal axis with its grid; return its end value."""
        ticks = nice_ticks(top)
        for tick in ticks:
            x = self.x(tick / ticks[-1])
            self.line(x, self.bottom, x, self.bottom + self.height)
            self.text(x, self.bottom - 10, tick_text(tick), anchor="middle", size=_SMALL, colour=ink.GREY)
        self.text(self.x(1), self.bottom - 20, unit, anchor="end", size=_SMALL, colour=ink.GREY)
        return ticks[-1]

    def y_axis(self, top: float, unit: str) -> float:
        """Draw the vertical axis with its grid; return its end value."""
        ticks = nice_ticks(top)
        for tick in ticks:
            y = self.y(tick / ticks[-1])
            self.line(self.left, y, self.left + self.width, y)
            self.text(self.left - 4, y - 2.5, tick_text(tick), anchor="end", size=_SMALL, colour=ink.GREY)
        self.text(self.left, self.bottom + self.height + 4, unit, size=_SMALL, colour=ink.GREY)
        return ticks[-1]

    def legend(self, entries: Sequence[tuple[str, Color]], *, y: float = 1.0) -> None:
        """Draw the legend in one line at the bottom left."""
        x = self.left
        for words, colour in entries:
            self.rect(x, y, 7, 7, colour)
            self.text(x + 10, y + 0.5, words, size=_SMALL, colour=ink.GREY)
            x += 22 + ink.width_of(ink.plain(words), _SMALL)


def label_width(labels: Sequence[str], *, most: float = 130) -> float:
    """Return the room the longest label needs."""
    return min(max((ink.width_of(ink.plain(label), _SIZE) for label in labels), default=0), most) + 8


def fitted(text: str, room: float, size: float = _SIZE) -> str:
    """Cut a text that is too long for its room."""
    if ink.width_of(ink.plain(text), size) <= room:
        return text
    while text and ink.width_of(ink.plain(text + "…"), size) > room:
        text = text[:-1]
    return text + "…"


def range_bars(
    labels: Sequence[str],
    low: Sequence[float],
    central: Sequence[float],
    high: Sequence[float],
    *,
    width: float,
    unit: str,
    colour: Color = ink.BLUE,
) -> Drawing:
    """Draw horizontal bars of the central value, and a line from low to high."""
    step = 15.0
    left = label_width(labels)
    plot = Plot(width, step * len(labels) + 34, left=left, bottom=24, top=4)
    end = plot.x_axis(max(high, default=0) * 1.1, unit)  # room for the number behind the line
    for index, (name, a, b, c) in enumerate(zip(labels, low, central, high, strict=True)):
        y = plot.bottom + plot.height - (index + 1) * plot.height / len(labels) + 2.5
        plot.text(left - 5, y + 2, fitted(name, left - 6), anchor="end")
        plot.rect(plot.left, y, plot.width * b / end, 9, colour)
        plot.line(plot.x(a / end), y + 4.5, plot.x(c / end), y + 4.5, ink.INK, 0.9)
        for value in (a, c):
            plot.line(plot.x(value / end), y + 2, plot.x(value / end), y + 7, ink.INK, 0.9)
        room = plot.x(c / end) + 4
        plot.text(min(room, width - 34), y + 2, f"{b:,.1f}", size=_SMALL)
    return plot.drawing


def waterfall_bars(
    labels: Sequence[str],
    taken: Sequence[float | str],
    left_over: Sequence[float],
    *,
    width: float,
    unit: str,
) -> Drawing:
    """Draw what each step takes, hanging where the step before ended.

    First and last step are whole bars; a step whose amount is a text (not checked) shows the text.
    """
    step = 15.0
    left = label_width(labels, most=170)
    plot = Plot(width, step * len(labels) + 34, left=left, bottom=24, top=4)
    end = plot.x_axis(max(left_over, default=0) * 1.1, unit)  # room for the number behind the bar
    last = len(labels) - 1
    for index, (name, gone, rest) in enumerate(zip(labels, taken, left_over, strict=True)):
        y = plot.bottom + plot.height - (index + 1) * plot.height / len(labels) + 2.5
        plot.text(left - 5, y + 2, fitted(name, left - 6), anchor="end")
        whole = index in (0, last)
        plot.rect(plot.left, y, plot.width * rest / end, 9, ink.BLUE if whole else ink.faded(ink.BLUE, 0.15))
        words, after, colour = f"{rest:,.1f}", rest, ink.INK
        if not whole and isinstance(gone, str):
            words, colour = gone, ink.RED
        elif not whole and isinstance(gone, float):
            plot.rect(plot.x(rest / end), y, max(plot.width * gone / end, 0.6), 9, ink.RED)
            words, after = f"-{gone:,.1f}", rest + gone
        plot.text(min(plot.x(after / end) + 4, width - 34), y + 2, words, size=_SMALL, colour=colour)
    return plot.drawing


def columns(
    labels: Sequence[str],
    series: Sequence[tuple[str, Sequence[float | None], Color]],
    *,
    width: float,
    height: float,
    unit: str,
) -> Drawing:
    """Draw grouped columns; an unknown value has no column but a question mark."""
    plot = Plot(width, height, left=34, bottom=34, top=16)
    known = [value for _, values, _ in series for value in values if value is not None]
    end = plot.y_axis(max(known, default=0), unit)
    group = plot.width / max(len(labels), 1)
    bar = group * 0.72 / len(series)
    for index, name in enumerate(labels):
        start = plot.left + index * group + group * 0.14
        plot.text(start + group * 0.36, plot.bottom - 10, fitted(name, group), anchor="middle", size=_SMALL)
        for order, (_, values, colour) in enumerate(series):
            value = values[index]
            if value is None:
                plot.text(start + (order + 0.5) * bar, plot.bottom + 2, "?", anchor="middle", size=_SMALL)
            else:
                plot.rect(start + order * bar, plot.bottom, bar * 0.92, plot.height * value / end, colour)
    if len(series) > 1:
        plot.legend([(name, colour) for name, _, colour in series])
    return plot.drawing


def curve(
    x: Sequence[float], y: Sequence[float], *, width: float, height: float, x_unit: str, y_unit: str,
    marks: Sequence[tuple[float, str]] = (),
) -> Drawing:  # fmt: skip
    """Draw a stepped curve; marks are vertical lines with a word."""
    plot = Plot(width, height, left=34, bottom=30, top=16)
    x_end = plot.x_axis(max([*x, *(at for at, _ in marks)], default=0), x_unit)
    y_end = plot.y_axis(max(y, default=0), y_unit)
    points: list[float] = []
    before = 0.0
    for right, value in zip(x, y, strict=True):
        height_at = plot.y(value / y_end)
        points += [plot.x(before / x_end), height_at, plot.x(right / x_end), height_at]
        before = right
    if points:
        plot.drawing.add(PolyLine(points, strokeColor=ink.BLUE, strokeWidth=1.4, strokeLineJoin=1))
    for at, words in marks:
        plot.line(
            plot.x(at / x_end), plot.bottom, plot.x(at / x_end), plot.bottom + plot.height, ink.RED, 0.8
        )
        plot.text(plot.x(at / x_end) - 3, plot.y(1) - 8, words, anchor="end", size=_SMALL, colour=ink.RED)
    return plot.drawing


def progress_bar(
    parts: Sequence[tuple[str, float, Color]], target: float, *, width: float, unit: str, title: str
) -> Drawing:
    """Draw what stands and comes beside the target: one long bar with a mark."""
    plot = Plot(width, 57, left=4, bottom=28, top=17)
    total = sum(value for _, value, _ in parts)
    end = plot.x_axis(max(target * 1.02, total), unit)
    plot.rect(plot.left, plot.bottom + 1, plot.width, plot.height - 2, ink.PALE)
    before = 0.0
    for _, value, colour in parts:
        plot.rect(plot.x(before / end), plot.bottom + 1, plot.width * value / end, plot.height - 2, colour)
        before += value
    at = plot.x(target / end)
    plot.line(at, plot.bottom - 2, at, plot.bottom + plot.height + 4, ink.RED, 1.5)
    plot.drawing.add(Circle(at, plot.bottom + plot.height + 4, 2.2, fillColor=ink.RED, strokeColor=None))
    plot.text(plot.left, plot.bottom + plot.height + 5, title, size=_SIZE)
    plot.text(
        at - 6, plot.bottom + plot.height + 5, tick_text(target), anchor="end", size=_SIZE, colour=ink.RED
    )
    plot.legend([(f"{name} {value:,.1f}", colour) for name, value, colour in parts])
    return plot.drawing
