"""Maps for print, as vectors of bounded size: the potential by grid cell inside the towns' outlines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow.compute as pc
import shapely
from reportlab.graphics.shapes import Drawing, Group, Rect

from exports.job import shapes_of
from exports.reporting import ink
from exports.reporting.mapframe import Frame, add_marks, add_north, add_scale, outline, words
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
_LEGEND_WIDTH = 100.0
_M2_PER_HA = 1e4


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
    rows, across = grid.amounts.shape
    bounds = (
        grid.west,
        grid.north - rows * grid.cell_m,
        grid.west + across * grid.cell_m,
        grid.north,
    )
    room = {"width": width - _LEGEND_WIDTH - 8, "height": height - 8}
    frame = Frame.fitted(bounds, left=4.0, bottom=4.0, **room)
    breaks = grid.breaks()
    drawing.add(_cells(grid, frame, breaks, ramp))
    for _, shape in towns:
        drawing.add(outline(shape, frame, stroke=ink.INK, width=0.8))
    for name, shape in towns if len(towns) > 1 else ():
        at = shape.representative_point()
        drawing.add(words(*frame.point(at.x, at.y), name, 8, anchor="middle", halo=True, bold=True))
    add_marks(drawing, frame, marks)
    classes = list(zip(breaks, _colours(ramp, len(breaks)), strict=True))
    _add_legend(drawing, width - _LEGEND_WIDTH, classes, unit)
    add_scale(drawing, frame, width - _LEGEND_WIDTH + 4, 10)
    add_north(drawing, width - 14, 8, north)
    return drawing


def _colours(ramp: Sequence[Color], classes: int) -> list[Color]:
    """Spread the ramp over as many classes as there are."""
    return [ramp[rank * (len(ramp) - 1) // max(classes - 1, 1)] for rank in range(classes)]


def _cells(grid: Density, frame: Frame, breaks: Floats, ramp: Sequence[Color]) -> Group:
    group = Group()
    side = grid.cell_m * frame.scale
    colours = _colours(ramp, len(breaks))
    for row, across in zip(*np.nonzero(grid.amounts > 0), strict=True):
        rank = min(int(np.searchsorted(breaks, grid.amounts[row, across])), len(breaks) - 1)
        x, y = frame.point(grid.west + across * grid.cell_m, grid.north - (row + 1) * grid.cell_m)
        group.add(Rect(x, y, side, side, fillColor=colours[rank], strokeColor=None, strokeWidth=0))
    return group


def _add_legend(drawing: Drawing, x: float, classes: Sequence[tuple[float, Color]], unit: str) -> None:
    y = drawing.height - 14
    drawing.add(words(x, y, unit, 7, colour=ink.GREY))
    lower = 0.0
    for limit, colour in classes:
        y -= 12
        drawing.add(Rect(x, y, 12, 8, fillColor=colour, strokeColor=None))
        drawing.add(words(x + 16, y + 1, f"{lower:g} – {limit:g}", 7))
        lower = float(limit)
