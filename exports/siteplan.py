"""The drawings of a dossier: the modules on the site, and where in the region the site lies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from reportlab.graphics.shapes import Circle, Drawing, Path, String

from exports.reporting import ink

if TYPE_CHECKING:
    from exports.dossier_data import Dossier
    from exports.layout import Layout


def site_plan(shape: shapely.Geometry, layout: Layout | None, *, width: float, height: float) -> Drawing:
    """Draw the outline, the modules as strips along their rows, a scale and north up."""
    west, south, east, north = shape.bounds
    scale = min((width - 10) / (east - west), (height - 24) / (north - south))
    drawing = Drawing(width, (north - south) * scale + 24)

    def on_page(points: Any) -> list[tuple[float, float]]:  # noqa: ANN401 - an array
        return [(5 + (x - west) * scale, 20 + (y - south) * scale) for x, y in points]

    _add_polygons(drawing, [shape], on_page, ink.PALE, ink.INK)
    if layout is not None and len(layout.corners):
        for planned, colour in ((False, ink.faded(ink.BLUE, 0.25)), (True, ink.BLUE)):
            chosen = layout.planned == planned
            _add_polygons(drawing, strips(layout.corners[chosen], layout.row[chosen]), on_page, colour, None)
    metres = max(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500) if step * scale <= 80 or step == 1)  # noqa: PLR2004
    bar = Path(strokeColor=ink.INK, strokeWidth=1.5, fillColor=None)
    bar.moveTo(5, 6)
    bar.lineTo(5 + metres * scale, 6)
    drawing.add(bar)
    drawing.add(
        String(8 + metres * scale, 3, f"{metres} m  ↑ N", fontName=ink.FONT, fontSize=7, fillColor=ink.INK)
    )
    return drawing


def strips(corners: Any, row: Any) -> list[shapely.Polygon]:  # noqa: ANN401 - arrays
    """Join modules that stand side by side in a row, so that a drawing of many stays small."""
    if not len(corners):
        return []
    width = np.linalg.norm(corners[0, 1] - corners[0, 0])
    step = np.linalg.norm(np.diff(corners[:, 0], axis=0), axis=1)
    breaks = np.flatnonzero((np.diff(row) != 0) | (step > 1.5 * width)) + 1
    starts, ends = np.concatenate([[0], breaks]), np.concatenate([breaks, [len(corners)]]) - 1
    rings = np.stack([corners[starts, 0], corners[ends, 1], corners[ends, 2], corners[starts, 3]], axis=1)
    return list(shapely.polygons(rings))


def _add_polygons(drawing: Drawing, shapes: Any, on_page: Any, fill: Any, stroke: Any) -> None:  # noqa: ANN401
    path = Path(fillColor=fill, strokeColor=stroke, strokeWidth=0.7, fillMode=0)
    for part in shapely.get_parts(np.asarray(shapes, dtype=object)):
        for ring in (part.exterior, *part.interiors):
            points = on_page(shapely.get_coordinates(ring))
            path.moveTo(*points[0])
            for point in points[1:-1]:
                path.lineTo(*point)
            path.closePath()
    drawing.add(path)


def place_map(dossier: Dossier, *, width: float, height: float) -> Drawing:
    """Draw the towns with the site as a dot."""
    towns = dossier.run.towns
    west, south, east, north = towns.total_bounds
    scale = min(width / (east - west), height / (north - south))
    drawing = Drawing(width, height)

    def on_page(points: Any) -> list[tuple[float, float]]:  # noqa: ANN401 - an array
        return [((x - west) * scale, (y - south) * scale) for x, y in points]

    for _, row in towns.iterrows():
        fill = ink.PALE if row["town"] == dossier.row["town"] else None
        _add_polygons(drawing, [shapely.simplify(row.geometry, 0.5 / scale)], on_page, fill, ink.GREY)
    (at,) = on_page(shapely.get_coordinates(dossier.shape.centroid))
    drawing.add(Circle(*at, 3, fillColor=ink.RED, strokeColor=ink.PAPER, strokeWidth=0.8))
    return drawing
