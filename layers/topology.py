"""How the polygons of a layer lie to each other: reported row by row, never changed on reading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis.topology import crumbs, gaps, mean_width_m, overlapping
from layers.rows import boxes

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from layers.findings import Findings
    from layers.rows import Shapes


@dataclass(frozen=True)
class Limits:
    """From where on something is reported for a layer."""

    overlap_m2: float
    """Shared area of two rows."""
    width_m: float
    """Mean width (2 area / perimeter) below which a row is a sliver."""
    area_m2: float
    """Area below which a row or a part of it is a crumb."""
    gap_m2: float | None = None
    """Area up to which a hole between rows is a gap; None: holes are in order."""


LIMITS = {
    "towns": Limits(overlap_m2=1000.0, width_m=50.0, area_m2=10000.0, gap_m2=1e6),
    "townships": Limits(overlap_m2=1000.0, width_m=50.0, area_m2=10000.0, gap_m2=1e6),
    "buildings": Limits(overlap_m2=1.0, width_m=1.0, area_m2=4.0),
    "farmland": Limits(overlap_m2=10.0, width_m=1.0, area_m2=10.0, gap_m2=10.0),
    "municipal": Limits(overlap_m2=10.0, width_m=1.0, area_m2=10.0),
}
"""Layers whose rows must not share area. Restrictions may: rules of two kinds hold in one place."""


def note_topology(shapes: Shapes, rows: NDArray[np.intp], findings: Findings) -> None:
    """Note overlaps, slivers, crumbs and gaps of a layer.

    Parameters
    ----------
    shapes
        Shapes of the usable rows in metres.
    rows
        Position of each of them in the file, from 0.
    findings
        Where they are noted, as warnings.
    """
    limits = LIMITS.get(findings.layer)
    if limits is None or not len(shapes):
        return
    area, width, count = _measures(shapes, limits)
    _note_overlaps(shapes, area, rows, limits, findings)
    _note(area < limits.area_m2, rows, _sized("is only {:.1f} m2", area), findings)
    thin = (width < limits.width_m) & (area >= limits.area_m2)
    _note(thin, rows, _sized("is a sliver, {:.2f} m wide on average", width), findings)
    rule = _sized(f"has {{:.0f}} parts of less than {limits.area_m2:g} m2 beside its others", count)
    _note(count > 0, rows, rule, findings)
    if limits.gap_m2 is not None:
        _note_gaps(shapes.taken(np.arange(len(shapes))), limits.gap_m2, findings)


def _measures(shapes: Shapes, limits: Limits) -> tuple[NDArray[np.float64], ...]:
    """Return area, mean width and the number of crumbs of every shape."""
    area, width, count = np.zeros((3, len(shapes)))
    for where, batch in shapes.batches():
        area[where] = shapely.area(batch)
        width[where] = mean_width_m(batch)
        count[where] = crumbs(batch, min_m2=limits.area_m2)
    return area, width, count


def _sized(text: str, sizes: NDArray[np.float64]) -> Callable[[NDArray[np.bool_]], list[str]]:
    def rules(which: NDArray[np.bool_]) -> list[str]:
        return [text.format(size) for size in sizes[which]]

    return rules


def _note(
    which: NDArray[np.bool_],
    rows: NDArray[np.intp],
    rules: Callable[[NDArray[np.bool_]], list[str]],
    findings: Findings,
) -> None:
    if not which.any():
        return
    mask = np.zeros(len(findings.rejected), dtype=bool)
    mask[rows[which]] = True
    by_row = np.full(len(mask), None, dtype=object)
    by_row[rows[which]] = rules(which)
    findings.rows(mask, "geometry", None, by_row)


def _note_overlaps(
    shapes: Shapes, area: NDArray[np.float64], rows: NDArray[np.intp], limits: Limits, findings: Findings
) -> None:
    """Note at the smaller row of each pair how much of it the other covers, the largest share first."""
    first, second, shared = overlapping(
        boxes(shapes), shapes.taken, min_m2=limits.overlap_m2, batch_rows=shapes.batch_rows
    )
    if not len(first):
        return
    swap = area[first] > area[second]
    small, large = np.where(swap, second, first), np.where(swap, first, second)
    most = np.full(len(shapes), -1)
    order = np.argsort(shared, kind="stable")
    most[small[order]] = order

    def rules(which: NDArray[np.bool_]) -> list[str]:
        return [
            f"overlaps row {rows[large[pair]] + 1} by {shared[pair]:.1f} m2 "
            f"({shared[pair] / area[position]:.0%} of it)"
            for position, pair in zip(np.flatnonzero(which), most[which], strict=True)
        ]

    _note(most >= 0, rows, rules, findings)
    findings.note(
        f"{len(first)} pairs of rows overlap, {shared.sum():.0f} m2 in all: areas would count twice",
        column="geometry",
        severity="warning",
    )


def _note_gaps(shapes: NDArray[np.object_], max_m2: float, findings: Findings) -> None:
    found = gaps(shapes, max_m2=max_m2)
    if len(found):
        area = shapely.area(found)
        rule = f"{len(found)} gaps between rows, {area.sum():.1f} m2 in all (largest {area.max():.1f} m2)"
        findings.note(rule, column="geometry", severity="warning")
