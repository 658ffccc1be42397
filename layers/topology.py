"""How the polygons of a layer lie to each other: reported row by row, never changed on reading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis.topology import crumbs, gaps, mean_width_m, overlaps

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from layers.findings import Findings


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


def note_topology(frame: gpd.GeoDataFrame, rows: NDArray[np.intp], findings: Findings) -> None:
    """Note overlaps, slivers, crumbs and gaps of a layer.

    Parameters
    ----------
    frame
        Usable rows in metres.
    rows
        Position of each of them in the file, from 0.
    findings
        Where they are noted, as warnings.
    """
    limits = LIMITS.get(findings.layer)
    if limits is None or frame.empty:
        return
    shapes = frame.geometry.to_numpy()
    _note_overlaps(shapes, rows, limits, findings)
    width, area = mean_width_m(shapes), shapely.area(shapes)
    _note(area < limits.area_m2, rows, _sized("is only {:.1f} m2", area), findings)
    thin = (width < limits.width_m) & (area >= limits.area_m2)
    _note(thin, rows, _sized("is a sliver, {:.2f} m wide on average", width), findings)
    count = crumbs(shapes, min_m2=limits.area_m2)
    rule = _sized(f"has {{:.0f}} parts of less than {limits.area_m2:g} m2 beside its others", count)
    _note(count > 0, rows, rule, findings)
    if limits.gap_m2 is not None:
        _note_gaps(shapes, limits.gap_m2, findings)


def _sized(text: str, sizes: NDArray[np.float64] | NDArray[np.int64]) -> NDArray[np.object_]:
    return np.array([text.format(size) for size in sizes], dtype=object)


def _note(
    which: NDArray[np.bool_], rows: NDArray[np.intp], rules: NDArray[np.object_], findings: Findings
) -> None:
    mask = np.zeros(len(findings.rejected), dtype=bool)
    mask[rows[which]] = True
    by_row = np.full(len(mask), None, dtype=object)
    by_row[rows] = rules
    findings.rows(mask, "geometry", None, by_row)


def _note_overlaps(
    shapes: NDArray[np.object_], rows: NDArray[np.intp], limits: Limits, findings: Findings
) -> None:
    """Note at the smaller row of each pair how much of it the other covers, the largest share first."""
    first, second, shared = overlaps(shapes, min_m2=limits.overlap_m2)
    if not len(first):
        return
    area = shapely.area(shapes)
    swap = area[first] > area[second]
    small, large = np.where(swap, second, first), np.where(swap, first, second)
    most = np.full(len(shapes), -1)
    order = np.argsort(shared, kind="stable")
    most[small[order]] = order
    rules = np.full(len(shapes), None, dtype=object)
    for position in np.flatnonzero(most >= 0):
        pair = most[position]
        share = shared[pair] / area[position]
        rules[position] = f"overlaps row {rows[large[pair]] + 1} by {shared[pair]:.1f} m2 ({share:.0%} of it)"
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
