"""What every printed map has: a frame in metres, outlines, words with a halo, a scale bar, a north arrow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import shapely
from reportlab.graphics.shapes import Circle, Drawing, Group, Line, Path, Rect, String

from exports.reporting import ink

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reportlab.lib.colors import Color

M_PER_KM = 1000.0
_SCALE_KM = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
_SCALE_ROOM = 62.0
"""Longest scale bar (points)."""
_TOLERANCE = 0.3
"""How far an outline may be off (points)."""
_HALO = ((-0.7, 0), (0.7, 0), (0, -0.7), (0, 0.7), (0.5, 0.5), (-0.5, -0.5), (0.5, -0.5), (-0.5, 0.5))


@dataclass(frozen=True)
class Frame:
    """From metres to points on the page; north is up."""

    west: float
    south: float
    east: float
    north: float
    left: float
    bottom: float
    scale: float
    """Points per metre."""

    @classmethod
    def fitted(
        cls, bounds: Sequence[float], *, left: float, bottom: float, width: float, height: float
    ) -> Frame:
        """Return the largest frame that shows the bounds in a box on the page, in its middle."""
        west, south, east, north = bounds
        scale = min(width / (east - west), height / (north - south))
        across = (width / scale - (east - west)) / 2
        up = (height / scale - (north - south)) / 2
        return cls(west - across, south - up, east + across, north + up, left, bottom, scale)

    def point(self, x: float, y: float) -> tuple[float, float]:
        """Return where a place lies on the page."""
        return self.left + (x - self.west) * self.scale, self.bottom + (y - self.south) * self.scale

    @property
    def width(self) -> float:
        """Width on the page (points)."""
        return (self.east - self.west) * self.scale

    @property
    def height(self) -> float:
        """Height on the page (points)."""
        return (self.north - self.south) * self.scale

    @property
    def box(self) -> shapely.Polygon:
        """The part of the world that is shown."""
        return shapely.box(self.west, self.south, self.east, self.north)


def outline(shape: shapely.Geometry, frame: Frame, *, stroke: Color, width: float, **style: Any) -> Path:  # noqa: ANN401
    """Return polygons (or lines) as one path; `style` is ReportLab's."""
    path = Path(fillColor=None, strokeColor=stroke, strokeWidth=width, strokeLineJoin=1, **style)
    for part in shapely.get_parts(shapely.simplify(shape, _TOLERANCE / frame.scale)):
        polygon = part.geom_type == "Polygon"
        for ring in (part.exterior, *part.interiors) if polygon else (part,):
            points = [frame.point(x, y) for x, y in shapely.get_coordinates(ring)]
            for index, point in enumerate(points[:-1] if polygon else points):
                (path.lineTo if index else path.moveTo)(*point)
            if polygon:
                path.closePath()
    return path


def words(
    x: float,
    y: float,
    text: str,
    size: float,
    *,
    anchor: str = "start",
    colour: Color = ink.INK,
    halo: bool = False,
    bold: bool = False,
) -> Any:  # noqa: ANN401 - a String or a group of them
    """Return a line of text; `halo` keeps it legible on any ground."""
    ink.register_fonts()
    style = {"fontName": ink.BOLD if bold else ink.FONT, "fontSize": size, "textAnchor": anchor}
    shown = ink.plain(text)
    front = String(x, y, shown, fillColor=colour, **style)
    if not halo:
        return front
    group = Group()
    for dx, dy in _HALO:
        group.add(String(x + dx, y + dy, shown, fillColor=ink.PAPER, **style))
    group.add(front)
    return group


def add_marks(drawing: Drawing, frame: Frame, marks: Iterable[tuple[float, float, str]]) -> None:
    """Put numbered dots on places."""
    for x, y, number in marks:
        px, py = frame.point(x, y)
        drawing.add(Circle(px, py, 5, fillColor=ink.INK, strokeColor=ink.PAPER, strokeWidth=0.6))
        drawing.add(words(px, py - 2.2, number, 6, anchor="middle", colour=ink.PAPER))


def add_scale(drawing: Drawing, frame: Frame, x: float, y: float) -> float:
    """Draw a scale bar of two fields, its left end at a point; return its length (points)."""
    kilometres = max(
        step for step in _SCALE_KM if step * M_PER_KM * frame.scale <= _SCALE_ROOM or step == _SCALE_KM[0]
    )
    length = kilometres * M_PER_KM * frame.scale
    ground = Rect(x - 8, y - 5, length + 22, 20, fillColor=ink.faded(ink.PAPER, 0.85), strokeColor=None)
    drawing.add(ground)
    for start, fill in ((0.0, ink.INK), (0.5, ink.PAPER)):
        field = Rect(x + start * length, y, length / 2, 2.6, fillColor=fill, strokeColor=ink.INK)
        field.strokeWidth = 0.5
        drawing.add(field)
    for share, text in ((0.0, "0"), (1.0, f"{kilometres:g} km")):
        drawing.add(words(x + share * length, y + 5, text, 6.5, anchor="middle", halo=True))
    return length


def add_north(drawing: Drawing, x: float, y: float, letter: str) -> None:
    """Draw a north arrow, its foot in the middle at a point."""
    for side, fill in ((-4.5, ink.INK), (4.5, ink.PAPER)):
        half = Path(fillColor=fill, strokeColor=ink.INK, strokeWidth=0.5)
        for index, (dx, dy) in enumerate(((0, 16), (side, 0), (0, 4))):
            (half.lineTo if index else half.moveTo)(x + dx, y + dy)
        half.closePath()
        drawing.add(half)
    drawing.add(words(x, y + 18, letter, 7.5, anchor="middle", halo=True, bold=True))


def add_neatline(drawing: Drawing, frame: Frame) -> None:
    """Draw the border with the kilometres of the grid along it."""
    border = Rect(frame.left, frame.bottom, frame.width, frame.height, fillColor=None, strokeColor=ink.INK)
    border.strokeWidth = 0.7
    drawing.add(border)
    step = next(km for km in _SCALE_KM if km * M_PER_KM * frame.scale >= 70 or km == _SCALE_KM[-1]) * M_PER_KM  # noqa: PLR2004
    for at in _round_between(frame.west, frame.east, step):
        x, _ = frame.point(at, frame.south)
        drawing.add(Line(x, frame.bottom, x, frame.bottom - 3, strokeColor=ink.INK, strokeWidth=0.5))
        drawing.add(words(x, frame.bottom - 9.5, f"{at / M_PER_KM:g}", 5.5, anchor="middle", colour=ink.GREY))
    for at in _round_between(frame.south, frame.north, step):
        _, y = frame.point(frame.west, at)
        drawing.add(Line(frame.left, y, frame.left - 3, y, strokeColor=ink.INK, strokeWidth=0.5))
        drawing.add(words(frame.left - 4.5, y - 2, f"{at / M_PER_KM:g}", 5.5, anchor="end", colour=ink.GREY))


def _round_between(low: float, high: float, step: float) -> list[float]:
    """Return the multiples of a step between two numbers.

    Examples
    --------
    >>> _round_between(1200.0, 3100.0, 1000.0)
    [2000.0, 3000.0]
    """
    first = -(-low // step)
    return [step * number for number in range(int(first), int(high // step) + 1)]
