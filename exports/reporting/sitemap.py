"""The map of sites in a report: every outline in the colour of its type, over what the rules took."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely
from affine import Affine
from PIL import Image
from rasterio.features import rasterize
from reportlab.graphics.shapes import Drawing, Rect
from reportlab.lib.units import inch
from reportlab.lib.utils import ImageReader
from reportlab.platypus import Flowable

from exports.formats.styles import STYLED
from exports.job import shapes_of
from exports.reporting import ink, mapframe
from exports.reporting.model import Text
from exports.selection import make_selection, read_batches

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from assessment.run import Run
    from exports.provenance import Lang

DPI = 300
_MOST_PIXELS = 2400
"""Pixels along a side: more than an A4 page shows."""
_TAKEN, _FIRST = 1, 2
_TAKEN_COLOUR = "#efe3e0"
_LEGEND_ACROSS = 3
_LEGEND_STEP = 11.0
_LEFT, _BELOW = 24.0, 12.0
"""Room for the kilometres along the border (points)."""
_POLYGONS = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)


@dataclass
class _Tally:
    """What is drawn of each type."""

    count: dict[str, int] = field(default_factory=dict)

    def add(self, codes: NDArray[Any]) -> None:
        for code, count in zip(*np.unique(codes, return_counts=True), strict=True):
            self.count[str(code)] = self.count.get(str(code), 0) + int(count)


class SiteMap(Flowable):  # type: ignore[misc] # ReportLab carries no types
    """A picture of the sites with everything else drawn over it as vectors."""

    def __init__(self, picture: Image.Image, frame: mapframe.Frame, drawing: Drawing) -> None:
        super().__init__()
        self._picture, self._shown, self._drawing = picture, frame, drawing
        self.width, self.height = drawing.width, drawing.height

    def wrap(self, *_room: float) -> tuple[float, float]:
        """Return the size (points)."""
        return self.width, self.height

    def draw(self) -> None:
        """Draw the picture, then the vectors."""
        frame = self._shown
        box = (frame.left, frame.bottom, frame.width, frame.height)
        self.canv.drawImage(ImageReader(self._picture), *box)
        self._drawing.drawOn(self.canv, 0, 0)


def site_map(
    run: Run,
    kind: str,
    *,
    town: str | None,
    size: tuple[float, float],
    lang: Lang,
    marks: Sequence[tuple[float, float, str]] = (),
) -> SiteMap:
    """Draw the sites of a town, or of the region (None), into a size (points)."""
    labels = STYLED[kind][1]
    towns = run.towns
    focus = towns if town is None else towns[towns["town"] == town]
    legend_rows = -(-(len(labels) + 1) // _LEGEND_ACROSS)
    below = legend_rows * _LEGEND_STEP + _BELOW + 8
    west, south, east, north = focus.total_bounds
    height = min(size[1] - below, (size[0] - _LEFT) * (north - south) / (east - west) * 1.04)
    box = {"left": _LEFT, "bottom": below, "width": size[0] - _LEFT, "height": height}
    margin = 0.02 * max(east - west, north - south)
    frame = mapframe.Frame.fitted((west - margin, south - margin, east + margin, north + margin), **box)
    tally = _Tally()
    picture = _picture(run, kind, town, frame, tally)
    drawing = Drawing(size[0], below + frame.height + 2)
    _add_borders(drawing, run, town, frame, lang)
    mapframe.add_marks(drawing, frame, marks)
    mapframe.add_neatline(drawing, frame)
    mapframe.add_scale(drawing, frame, frame.left + 14, frame.bottom + 10)
    mapframe.add_north(
        drawing, frame.left + frame.width - 14, frame.bottom + frame.height - 32, Text("北", "N")[lang]
    )
    shown = {code: words for code, words in labels.items() if tally.count.get(code)}
    entries = [(words.colour, f"{words[lang]} ({tally.count[code]:,})") for code, words in shown.items()]
    if kind == "sites":
        entries.append((_TAKEN_COLOUR, Text("规则排除的范围", "taken by the rules")[lang]))
    _add_legend(drawing, entries, below - _BELOW - 10)
    return SiteMap(picture, frame, drawing)


def _picture(run: Run, kind: str, town: str | None, frame: mapframe.Frame, tally: _Tally) -> Image.Image:
    """Paint the outlines: what the rules took first, sites over it, a pixel at least for each."""
    pixels = DPI / inch
    across = min(round(frame.width * pixels), _MOST_PIXELS)
    cell = (frame.east - frame.west) / across
    down = round((frame.north - frame.south) / cell)
    to_world = Affine(cell, 0, frame.west, 0, -cell, frame.north)
    column, labels = STYLED[kind]
    codes = {code: number for number, code in enumerate(labels, start=_FIRST)}
    canvas = np.zeros((down, across), dtype=np.uint8)
    if kind == "sites":
        _burn(canvas, to_world, ((shapes, _TAKEN) for shapes in _taken(run, town)))
    for table in read_batches(run, make_selection(run, kind, town=town)):
        values = table[column].to_numpy(zero_copy_only=False)
        tally.add(values)
        numbers = np.array([codes[value] for value in values])
        _burn(canvas, to_world, [(shapes_of(table), numbers)])
    colours = np.full((len(labels) + _FIRST, 3), 255, dtype=np.uint8)
    colours[_TAKEN] = _rgb(_TAKEN_COLOUR)
    for code, number in codes.items():
        colours[number] = _rgb(labels[code].colour)
    return Image.fromarray(colours[canvas])


def _burn(canvas: NDArray[np.uint8], to_world: Affine, layers: Any) -> None:  # noqa: ANN401 - pairs
    """Paint shapes with a number each, or all with the same."""
    for shapes, numbers in layers:
        kept = np.isin(shapely.get_type_id(shapes), _POLYGONS) & ~shapely.is_empty(shapes)
        values = np.broadcast_to(numbers, len(shapes))[kept]
        if kept.any():
            pairs = zip(shapes[kept], values.tolist(), strict=True)
            rasterize(pairs, out=canvas, transform=to_world, all_touched=True)


def _taken(run: Run, town: str | None) -> Iterator[NDArray[np.object_]]:
    """Yield the outlines of what the rules took."""
    excluded = run.excluded
    chosen = excluded if town is None else excluded[excluded["town"] == town]
    yield np.asarray(chosen.geometry)


def _rgb(colour: str) -> tuple[int, int, int]:
    """Return the three bytes of a hex colour.

    Examples
    --------
    >>> _rgb("#10ff00")
    (16, 255, 0)
    """
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return red, green, blue


def _add_borders(drawing: Drawing, run: Run, town: str | None, frame: mapframe.Frame, lang: Lang) -> None:
    """Draw and name townships, the towns and, greyed, those beside the town shown."""
    name, view = f"name_{lang}", frame.box
    townships = _townships(run, town)
    for shape in townships.geometry:
        drawing.add(mapframe.outline(shape, frame, stroke=ink.GREY, width=0.6, strokeDashArray=(2, 1.5)))
    for row in run.towns.to_dict("records"):
        own = town is None or row["town"] == town
        shape = shapely.intersection(row["geometry"], view)
        if shape.is_empty:
            continue
        stroke, width = (ink.INK, 1.1) if own else (ink.GREY, 0.6)
        drawing.add(mapframe.outline(shape, frame, stroke=stroke, width=width))
        if town is None or not own:
            at = frame.point(*shapely.get_coordinates(shape.representative_point())[0])
            style: dict[str, Any] = {"bold": True} if own else {"colour": ink.GREY}
            drawing.add(
                mapframe.words(*at, str(row[name]), 8 if own else 7, anchor="middle", halo=True, **style)
            )
    if town is not None:
        for row in townships.to_dict("records"):
            at = frame.point(*shapely.get_coordinates(row["geometry"].representative_point())[0])
            drawing.add(mapframe.words(*at, str(row[name]), 7.5, anchor="middle", halo=True, bold=True))


def _townships(run: Run, town: str | None) -> gpd.GeoDataFrame:
    """Return the townships of a town, or all; none where the run has none."""
    path = run.path / "townships.parquet"
    if not path.is_file():
        return run.towns.iloc[:0]
    found = gpd.read_parquet(path)
    return found if town is None else found[found["town"] == town]


def _add_legend(drawing: Drawing, entries: Sequence[tuple[str, str]], top: float) -> None:
    """Name the colours (hex) in columns."""
    step = drawing.width / _LEGEND_ACROSS
    rows = -(-len(entries) // _LEGEND_ACROSS)
    for index, (colour, text) in enumerate(entries):
        x, y = index // rows * step + _LEFT, top - index % rows * _LEGEND_STEP
        red, green, blue = (part / 255 for part in _rgb(colour))
        swatch = Rect(x, y, 11, 7, fillColor=ink.rgb(red, green, blue), strokeColor=ink.GREY)
        swatch.strokeWidth = 0.3
        drawing.add(swatch)
        drawing.add(mapframe.words(x + 15, y + 0.5, text, 7))
