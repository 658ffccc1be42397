"""The module plan of a site as DXF R2010, in metres: outline, modules, notes, each on a layer of its own."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from ezdxf.document import Drawing
from ezdxf.enums import TextEntityAlignment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from exports.layout import Layout

METRES = 6
LAYERS = {"SITE": 5, "MODULES": 3, "MODULES_FITTING": 9, "NOTES": 8}
"""Layers and their colours (AutoCAD index); `MODULES` carries the site's central capacity."""
_ENTITIES = "  2\nENTITIES\n"
_SECTION_END = "  0\nENDSEC\n"


def write_drawing(
    path: Path, shape: shapely.Geometry, layout: Layout, *, crs: str, run_id: str, notes: Iterable[str]
) -> None:
    """Write outline and modules as closed polylines in metres of the run's CRS.

    The drawing is ezdxf's; the modules, up to a hundred thousand, are put into it as text, which takes a
    thirtieth of the time of as many objects.
    """
    drawing = Drawing.new("R2010")
    drawing.header["$INSUNITS"] = METRES
    drawing.header.custom_vars.append("run_id", run_id)
    drawing.header.custom_vars.append("crs", crs)
    for name, colour in LAYERS.items():
        drawing.layers.add(name, color=colour)
    model = drawing.modelspace()
    for ring in _rings(shape):
        model.add_lwpolyline(ring, close=True, dxfattribs={"layer": "SITE"})
    _add_notes(model, shape, notes)
    handles = [drawing.entitydb.next_handle() for _ in range(len(layout.corners))]
    names = np.where(layout.planned, "MODULES", "MODULES_FITTING").tolist()
    modules = _polylines(layout.corners.round(4), names, handles, owner=model.layout_key)
    with io.StringIO() as text:
        drawing.write(text)
        head, mark, tail = text.getvalue().partition(_ENTITIES)
    own, end, tail = tail.partition(_SECTION_END)
    with path.open("w", encoding="utf-8", newline="") as sink:
        for part in (head, mark, own, *modules, end, tail):
            sink.write(part)


def _rings(shape: shapely.Geometry) -> Iterator[list[list[float]]]:
    for part in shapely.get_parts(shape):
        for ring in (part.exterior, *part.interiors):
            yield shapely.get_coordinates(ring)[:-1].round(4).tolist()


def _polylines(
    corners: NDArray[np.float64], layers: list[str], handles: list[str], *, owner: str
) -> Iterator[str]:
    """Yield closed polylines of four corners as the format writes them."""
    for (a, b, c, d), layer, handle in zip(corners.tolist(), layers, handles, strict=True):
        yield (
            f"  0\nLWPOLYLINE\n  5\n{handle}\n330\n{owner}\n100\nAcDbEntity\n  8\n{layer}\n"
            f"100\nAcDbPolyline\n 90\n4\n 70\n1\n 10\n{a[0]}\n 20\n{a[1]}\n 10\n{b[0]}\n 20\n{b[1]}\n"
            f" 10\n{c[0]}\n 20\n{c[1]}\n 10\n{d[0]}\n 20\n{d[1]}\n"
        )


def _add_notes(model: Any, shape: shapely.Geometry, notes: Iterable[str]) -> None:  # noqa: ANN401 - no types
    """Write lines of text below the outline."""
    west, south, _, north = shape.bounds
    height = max((north - south) / 60, 0.3)
    for line, text in enumerate(notes):
        note = model.add_text(text, height=height, dxfattribs={"layer": "NOTES"})
        note.set_placement((west, south - (line + 2) * 1.6 * height), align=TextEntityAlignment.LEFT)
