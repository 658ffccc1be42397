"""Maps for print, as vectors of bounded size: the potential by grid cell inside the towns' outlines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow.compute as pc
import shapely
from reportlab.graphics.shapes import Circle, Drawing, Group, Line, Path, Rect, String

from exports.job import shapes_of
from exports.reporting import ink
from exports.selection import read_batches

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from reportlab.lib.colors import Color

    from assessment.run import Run
    from exports.selection import Selection

    Floats = NDArray[np.float64]

CELLS_ACROSS = 90
"""Grid cells along the longer side, so that a map of any run stays small."""
_CLASSES = 5
_SCALE_KM = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
_SCALE_ROOM = 62.0
"""Longest scale bar (points)."""
_M2_PER_HA = 1e4
_M_PER_KM = 1000.0


@dataclass(frozen=True)
class Density:
    """A grid of amounts."""

    west: float
    north: float
    cell_m: float
    amounts: Floats
    """Amount per hectare, rows from north to south; 0 where nothing is."""

    def breaks(self) -> Floats:
        """Return the upper limits of classes that hold about equally many cells."""
        used = self.amounts[self.amounts > 0]
        if not used.size:
            return np.zeros(0)
        limits = np.quantile(used, np.linspace(0, 1, _CLASSES + 1)[1:])
        return np.unique(np.array([_rounded(limit) for limit in limits]))


def _rounded(value: float) -> float:
    """Return the number with two significant digits, upwards.

    Examples
    --------
    >>> _rounded(1234.0), _rounded(0.0567)
    (1300.0, 0.057)
    """
    if value <= 0:
        return 0.0
    power = 10.0 ** (np.floor(np.log10(value)) - 1)
    return float(f"{np.ceil(value / power - 1e-9) * power:.6g}")


def density(run: Run, selection: Selection, column: str, outline: shapely.Geometry) -> Density:
    """Sum a column over the grid cells in which the sites' centroids lie, batch by batch."""
    west, south, east, north = shapely.bounds(outline)
    cell = max(east - west, north - south) / CELLS_ACROSS
    shape = (int(np.ceil((north - south) / cell)), int(np.ceil((east - west) / cell)))
    values = np.zeros(shape)
    for table in read_batches(run, selection):
        centre = shapely.centroid(shapes_of(table))
        amount = pc.fill_null(table[column], 0.0).to_numpy()
        row = np.clip(((north - shapely.get_y(centre)) / cell).astype(int), 0, shape[0] - 1)
        across = np.clip(((shapely.get_x(centre) - west) / cell).astype(int), 0, shape[1] - 1)
        np.add.at(values, (row, across), np.nan_to_num(amount))
    return Density(west, north, cell, values / (cell * cell / _M2_PER_HA))


def density_map(
    grid: Density,
    towns: Sequence[tuple[str, shapely.Geometry]],
    *,
    size: tuple[float, float],
    ramp: Sequence[Color],
    unit: str,
    north: str,
    marks: Sequence[tuple[float, float, str]] = (),
) -> Drawing:
    """Draw the grid, the towns' outlines, numbered marks, legend and scale (size in points)."""
    width, height = size
    drawing = Drawing(width, height)
    frame = _Frame(grid, width, height)
    breaks = grid.breaks()
    drawing.add(_cells(grid, frame, breaks, ramp))
    for _, shape in towns:
        drawing.add(_outline(shape, frame))
    for name, shape in towns if len(towns) > 1 else ():
        at = shape.representative_point()
        drawing.add(_text(*frame.point(at.x, at.y), name, 8, anchor="middle", halo=True))
    for x, y, words in marks:
        px, py = frame.point(x, y)
        drawing.add(Circle(px, py, 5, fillColor=ink.INK, strokeColor=ink.PAPER, strokeWidth=0.6))
        drawing.add(_text(px, py - 2.2, words, 6, anchor="middle", colour=ink.PAPER))
    classes = list(zip(breaks, _colours(ramp, len(breaks)), strict=True))
    _furniture(drawing, frame, classes, unit=unit, north=north)
    return drawing


class _Frame:
    """From metres to points on the page."""

    def __init__(self, grid: Density, width: float, height: float) -> None:
        rows, across = grid.amounts.shape
        self.legend_width = 92.0
        room = width - self.legend_width - 8
        self.scale = min(room / (across * grid.cell_m), (height - 8) / (rows * grid.cell_m))
        self.west, self.north = grid.west, grid.north
        self.left, self.top = 4.0, height - 4.0
        self.width, self.height = width, height

    def point(self, x: float, y: float) -> tuple[float, float]:
        return self.left + (x - self.west) * self.scale, self.top - (self.north - y) * self.scale


def _outline(shape: shapely.Geometry, frame: _Frame) -> Path:
    path = Path(fillColor=None, strokeColor=ink.INK, strokeWidth=0.8, strokeLineJoin=1)
    tolerance = 0.3 / frame.scale
    for part in shapely.get_parts(shapely.simplify(shape, tolerance)):
        for ring in [part.exterior, *part.interiors]:
            points = [frame.point(x, y) for x, y in shapely.get_coordinates(ring)]
            path.moveTo(*points[0])
            for point in points[1:-1]:
                path.lineTo(*point)
            path.closePath()
    return path


def _colours(ramp: Sequence[Color], classes: int) -> list[Color]:
    """Spread the ramp over as many classes as there are."""
    return [ramp[rank * (len(ramp) - 1) // max(classes - 1, 1)] for rank in range(classes)]


def _cells(grid: Density, frame: _Frame, breaks: Floats, ramp: Sequence[Color]) -> Group:
    group = Group()
    side = grid.cell_m * frame.scale
    colours = _colours(ramp, len(breaks))
    for row, across in zip(*np.nonzero(grid.amounts > 0), strict=True):
        rank = min(int(np.searchsorted(breaks, grid.amounts[row, across])), len(breaks) - 1)
        x, y = frame.point(grid.west + across * grid.cell_m, grid.north - (row + 1) * grid.cell_m)
        group.add(Rect(x, y, side, side, fillColor=colours[rank], strokeColor=None, strokeWidth=0))
    return group


def _furniture(
    drawing: Drawing, frame: _Frame, classes: Sequence[tuple[float, Color]], *, unit: str, north: str
) -> None:
    """Add legend, scale bar and north arrow."""
    x = frame.width - frame.legend_width
    y = frame.height - 14
    drawing.add(_text(x, y, unit, 7, colour=ink.GREY))
    lower = 0.0
    for limit, colour in classes:
        y -= 12
        drawing.add(Rect(x, y, 12, 8, fillColor=colour, strokeColor=None))
        drawing.add(_text(x + 16, y + 1, f"{lower:g} – {limit:g}", 7))
        lower = float(limit)
    kilometres = max(
        step for step in _SCALE_KM if step * _M_PER_KM * frame.scale <= _SCALE_ROOM or step == _SCALE_KM[0]
    )
    length = kilometres * _M_PER_KM * frame.scale
    drawing.add(Line(x, 12, x + length, 12, strokeColor=ink.INK, strokeWidth=1.5))
    drawing.add(_text(x, 16, f"{kilometres:g} km", 7))
    arrow = Path(fillColor=ink.INK, strokeColor=None)
    arrow.moveTo(x + 76, 10)
    for dx, dy in ((80, 24), (84, 10), (80, 13)):
        arrow.lineTo(x + dx, dy)
    arrow.closePath()
    drawing.add(arrow)
    drawing.add(_text(x + 80, 27, north, 7, anchor="middle"))


def _text(
    x: float,
    y: float,
    words: str,
    size: float,
    *,
    anchor: str = "start",
    colour: Color = ink.INK,
    halo: bool = False,
) -> Any:  # noqa: ANN401 - a String or a group of them
    ink.register_font()
    style = {"fontName": ink.FONT, "fontSize": size, "textAnchor": anchor}
    shown = ink.plain(words)
    front = String(x, y, shown, fillColor=colour, **style)
    if not halo:
        return front
    group = Group()
    for dx, dy in ((-0.7, 0), (0.7, 0), (0, -0.7), (0, 0.7), (0.5, 0.5), (-0.5, -0.5)):
        group.add(String(x + dx, y + dy, shown, fillColor=ink.PAPER, **style))
    group.add(front)
    return group
