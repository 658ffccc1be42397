"""Figures of a printed report: a table of it drawn as bars, and the maps of its sites."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reportlab.lib.units import mm
from reportlab.platypus import KeepTogether

from exports.reporting import charts, ink
from exports.reporting.model import Text
from exports.reporting.page import WIDTH
from exports.reporting.parts import as_float
from exports.reporting.sitemap import site_map

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reportlab.graphics.shapes import Drawing
    from reportlab.platypus import Flowable

    from exports.reporting.model import Cell
    from exports.reporting.parts import Parts

_WORDS = 20 * mm
"""Room of a map's title and note."""


def progress_chart(parts: Parts, cells: dict[str, Cell]) -> Drawing:
    """Draw one target and what stands or comes towards it."""
    words = {
        "operating": (Text("已投运", "operating"), ink.GREEN),
        "under_construction": (Text("在建", "building"), ink.faded(ink.GREEN, 0.55)),
        "approved": (Text("已批准", "approved"), ink.faded(ink.GREEN, 0.25)),
    }
    done = [(text[parts.lang], as_float(cells[key]), colour) for key, (text, colour) in words.items()]
    basis = f" ({cells['basis']})" if cells["basis"] else ""
    unknown = int(as_float(cells["unknown_count"]))
    more = (
        Text(f" · {unknown}个项目规模未知", f" · {unknown} projects of unknown size")[parts.lang]
        if unknown
        else ""
    )
    title = f"{cells['year']} {cells['name']}{basis} · {cells['verdict']}{more}"
    return charts.progress_bar(
        done, as_float(cells["value"]), width=WIDTH, unit=str(cells["unit"]), title=title
    )


def range_chart(parts: Parts, key: str, *, width: float = WIDTH) -> Iterable[Flowable]:
    """Yield the capacity by sector, type or town with its range."""
    table = parts.report.tables[key]
    low, central, high = (
        [as_float(cell) for cell in table.column(f"kwp_dc_{name}")] for name in ("low", "central", "high")
    )
    labels = [str(cell) for cell in table.column(key.removeprefix("by_"))]
    drawing = charts.range_bars(labels, low, central, high, width=width, unit="MW")
    title = Text(
        f"{table.title.zh}：直流容量（中值，横线为低至高）",
        f"{table.title.en}: DC capacity (line: low to high)",
    )
    yield parts.paragraph(title, "h2")
    yield drawing


def map_of_sites(parts: Parts, kind: str, title: Text, *, size: tuple[float, float]) -> KeepTogether:
    """Return the map of the sites with its title and what has to be said about it, in a size (points)."""
    run, town = parts.gathered.run, parts.report.town
    marks = parts.gathered.marks if kind == "sites" and town is not None else ()
    room = (size[0], size[1] - _WORDS)
    drawing = site_map(run, kind, town=town, size=room, lang=parts.lang, marks=marks)
    boundary, crs = boundary_words(parts), str(run.manifest["crs"])
    numbers = Text(
        "编号为容量最大的场址（见重点场址表）；", "Numbers are the largest sites, see their table. "
    )
    marked = numbers if marks else Text("", "")
    note = Text(
        f"图框数字为 {crs} 公里坐标；图例括号内为场址数；{marked.zh}{boundary.zh}",
        f"Border: kilometres of {crs}; in brackets the number of sites. {marked.en}{boundary.en}",
    )
    return KeepTogether([parts.paragraph(title, "h2"), drawing, parts.paragraph(note, "note")])


def boundary_words(parts: Parts) -> Text:
    """Return what must be said about the boundaries."""
    note = parts.gathered.provenance.boundary_note
    return Text(note["zh"], note["en"])
