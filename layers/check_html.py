"""The report of a check as one page that opens anywhere: no script, no request, a small map in it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from layers.chinese import in_chinese
from layers.rows import boxes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from faults import Fault
    from layers.check_report import CheckReport, LayerCheck
    from layers.rows import Shapes

MAX_FAULTS = 5000
"""Lines of the table of faults; the JSON report has them all."""
MAX_DOTS = 6000
MARK = "#d32f2f"
"""Colour of rows with an error or a warning."""
FEW = 300
"""A layer of no more rows has larger dots."""
WIDTH, HEIGHT, EDGE = 720.0, 480.0, 12.0
SEVERITIES = {"error": ("错误", "error"), "warning": ("警告", "warning"), "info": ("提示", "note")}
COLOURS = ("#6b7c93", "#3f7f5f", "#9a6b2f", "#4a6fa5", "#7d5a94", "#2f8f9d")
STYLE = """
body{font:14px/1.5 system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;
margin:2rem auto;max-width:1100px;padding:0 1rem;color:#1c2733;background:#fff}
h1{font-size:1.5rem;margin:0 0 .25rem}h2{font-size:1.1rem;margin:2rem 0 .5rem}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #e3e8ee;vertical-align:top}
th{font-weight:600;color:#4a5868}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
.error{color:#b3261e}.warning{color:#8a5a00}.info{color:#4a5868}.muted{color:#5f6e7d}
svg{border:1px solid #e3e8ee;border-radius:6px;background:#fafbfc;max-width:100%;height:auto}
.bar{display:inline-block;height:.6rem;background:#3f7f5f;border-radius:2px;vertical-align:middle}
.track{display:inline-block;width:90px;background:#e3e8ee;border-radius:2px;margin-right:.4rem;line-height:0}
"""


def write_check_html(report: CheckReport, file: Path) -> None:
    """Write the report as one HTML page, Chinese first.

    Everything from the data is escaped; the page needs no network.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(_page(report)), encoding="utf-8")


def _page(report: CheckReport) -> Iterator[str]:
    yield '<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width,initial-scale=1">'
    yield f"<title>数据检查报告 Data check</title><style>{STYLE}</style></head><body>"
    yield f'<h1>数据检查报告 Data check</h1><p class="muted">{escape(report.path)}</p>'
    verdict = ("可以使用 fit for use", "info") if report.ok else ("有错误，须处理 has errors", "error")
    yield f'<p class="{verdict[1]}"><strong>{verdict[0]}</strong> · {_counts(report)}</p>'
    yield from _layers(report)
    yield from _map(report)
    yield from _columns(report)
    yield from _faults(report)
    yield "</body></html>"


def _counts(report: CheckReport) -> str:
    counts = report.as_dict()["counts"]
    return " · ".join(f"{zh} {en} {counts[name]}" for name, (zh, en) in SEVERITIES.items())


def _layers(report: CheckReport) -> Iterator[str]:
    heads = ("行数 rows", "可用 usable", "拒收 rejected", "不属本层 left out", "评分 score")
    yield "<h2>图层 Layers</h2><table><tr><th>图层 layer</th><th>文件 file</th>"
    yield "".join(f'<th class="n">{head}</th>' for head in heads) + "<th>CRS</th></tr>"
    for check in report.layers:
        numbers = (check.rows, check.usable, check.rejected, check.left_out, check.score)
        cells = "".join(f'<td class="n">{number:,}</td>' for number in numbers)
        names = f"<td>{escape(check.layer)}</td><td>{escape(check.file)}</td>"
        yield f"<tr>{names}{cells}<td>{escape(check.crs)}</td></tr>"
    yield "</table>"


def _columns(report: CheckReport) -> Iterator[str]:
    yield "<h2>字段完整度 How much is known</h2><table>"
    yield "<tr><th>图层 layer</th><th>字段 column</th><th>已知 known</th></tr>"
    for check in report.layers:
        for column, share in check.known.items():
            bar = f'<span class="track"><span class="bar" style="width:{90 * share:.0f}px"></span></span>'
            yield f"<tr><td>{escape(check.layer)}</td><td>{escape(column)}</td><td>{bar}{share:.1%}</td></tr>"
    yield "</table>"


def _faults(report: CheckReport) -> Iterator[str]:
    order = list(SEVERITIES)
    faults = sorted(report.faults, key=lambda fault: order.index(fault.severity))
    yield f"<h2>问题清单 Faults ({len(faults):,})</h2><table><tr>"
    heads = ("级别 severity", "图层 layer", "行 row", "字段 column", "值 value", "规则 rule")
    yield "".join(f"<th>{head}</th>" for head in heads) + "</tr>"
    yield from (_fault(fault) for fault in faults[:MAX_FAULTS])
    yield "</table>"
    if len(faults) > MAX_FAULTS:
        rest = len(faults) - MAX_FAULTS
        yield f'<p class="muted">另有 {rest:,} 条见 JSON 报告 {rest:,} more are in the JSON report</p>'


def _fault(fault: Fault) -> str:
    zh, en = SEVERITIES[fault.severity]
    texts = (fault.layer, "" if fault.row is None else str(fault.row), fault.column, fault.value)
    cells = "".join(f"<td>{escape(text or '')}</td>" for text in texts)
    chinese = in_chinese(fault.rule)
    rule = escape(fault.rule)
    if chinese is not None:
        rule = f'{escape(chinese)}<br><span class="muted">{rule}</span>'
    return f'<tr><td class="{fault.severity}">{zh} {en}</td>{cells}<td>{rule}</td></tr>'


def map_svg(report: CheckReport) -> str:
    """Return the layers and the rows with faults as a small map (SVG); empty where nothing is placed."""
    return "\n".join(_svg(report))


def _placed(report: CheckReport) -> list[LayerCheck]:
    return [check for check in report.layers if check.shapes is not None and len(check.shapes)]


def _svg(report: CheckReport) -> Iterator[str]:
    placed = _placed(report)
    sizes = [boxes(check.shapes) for check in placed if check.shapes is not None]
    box = _joint(np.array([_total(size) for size in sizes]).reshape(-1, 4))
    if box is None:
        return
    size = f'viewBox="0 0 {WIDTH:g} {HEIGHT:g}" width="{WIDTH:g}" height="{HEIGHT:g}"'
    yield f"<svg {size}"
    yield ' role="img" aria-label="图层与问题位置 layers and faults">'
    for number, check in reversed(list(enumerate(placed))):
        yield from _drawn(check, sizes[number], box, colour_of(number))
    yield from (_marks(check, box) for check in placed)
    yield "</svg>"


def colour_of(number: int) -> str:
    """Return the colour of the layer with a number on the map."""
    return COLOURS[number % len(COLOURS)]


def _map(report: CheckReport) -> Iterator[str]:
    svg = map_svg(report)
    if not svg:
        return
    yield "<h2>位置 Where it lies</h2>"
    yield svg
    yield '<p class="muted">红点为有错误或警告的行 red: rows with an error or a warning; '
    legend = (
        f'<span style="color:{colour_of(number)}">■</span> {escape(check.layer)}'
        for number, check in enumerate(_placed(report))
    )
    yield " ".join(legend) + "</p>"


def _joint(bounds: NDArray[np.float64]) -> tuple[float, float, float] | None:
    """Return west, north and metres per pixel of a map in whose middle all layers lie."""
    bounds = bounds[np.isfinite(bounds).all(axis=1)]
    if not len(bounds):
        return None
    west, south = bounds[:, :2].min(axis=0)
    east, north = bounds[:, 2:].max(axis=0)
    scale = max((east - west) / (WIDTH - 2 * EDGE), (north - south) / (HEIGHT - 2 * EDGE), 1e-6)
    left = (west + east) / 2 - scale * (WIDTH / 2 - EDGE)
    top = (south + north) / 2 + scale * (HEIGHT / 2 - EDGE)
    return float(left), float(top), float(scale)


def _pixels(points: NDArray[np.float64], box: tuple[float, float, float]) -> NDArray[np.float64]:
    west, north, scale = box
    return np.column_stack([(points[:, 0] - west) / scale + EDGE, (north - points[:, 1]) / scale + EDGE])


def _total(sizes: NDArray[np.float64]) -> NDArray[np.float64]:
    there = sizes[np.isfinite(sizes[:, 0])]
    return (
        np.concatenate([there[:, :2].min(axis=0), there[:, 2:].max(axis=0)])
        if len(there)
        else np.full(4, np.nan)
    )


def _drawn(
    check: LayerCheck, sizes: NDArray[np.float64], box: tuple[float, float, float], colour: str
) -> Iterator[str]:
    """Draw outlines of the shapes that are large enough to see, dots for the others."""
    assert check.shapes is not None
    there = np.flatnonzero(np.isfinite(sizes[:, 0]))
    large = (sizes[there, 2:] - sizes[there, :2]).max(axis=1) > 4 * box[2]
    lines = shapely.get_parts(shapely.boundary(check.shapes.taken(there[large])))
    lines = shapely.simplify(_thinned(lines, MAX_DOTS // 4), box[2] / 2)
    paths = (_path(shapely.get_coordinates(line), box) for line in lines)
    width = 2 if check.layer == "towns" else 1
    yield f'<path d="{"".join(paths)}" fill="none" stroke="{colour}" stroke-width="{width}"/>'
    yield _dots(check.shapes, there[~large], box, colour, 1.4 if len(there) > FEW else 4.0)


def _path(points: NDArray[np.float64], box: tuple[float, float, float]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in _pixels(points, box))


def _marks(check: LayerCheck, box: tuple[float, float, float]) -> str:
    """Draw the rows with an error or a warning that have a place."""
    assert check.shapes is not None
    assert check.positions is not None
    rows = {fault.row - 1 for fault in check.faults if fault.row is not None and fault.severity != "info"}
    which = np.isin(check.positions, np.fromiter(rows, dtype=np.intp, count=len(rows)))
    return _dots(check.shapes, np.flatnonzero(which), box, MARK, 3.0)


def _dots(
    shapes: Shapes, rows: NDArray[np.intp], box: tuple[float, float, float], colour: str, size: float
) -> str:
    points = shapely.get_coordinates(shapely.centroid(shapes.taken(_thinned(rows, MAX_DOTS))))
    points = points[np.isfinite(points).all(axis=1)]
    dots = "".join(f"M{x:.1f} {y:.1f}h0" for x, y in _pixels(points, box))
    return f'<path d="{dots}" stroke="{colour}" stroke-width="{size:g}" stroke-linecap="round"/>'


def _thinned(values: NDArray[Any], most: int) -> NDArray[Any]:
    return values[:: max(1, -(-len(values) // most))]
