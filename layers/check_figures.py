"""The figures of one checked layer: rows, extent, what is known, score."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from faults import InputError
from layers.check_report import LayerCheck
from layers.prepare import as_frame
from layers.rasters import check_raster
from layers.schema import SCHEMAS

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from layers.findings import Findings
    from layers.prepare import Ready
    from layers.rows import Rows, Shapes
    from layers.spec import LayerSpec


def figures(rows: Rows, ready: Ready, spec: LayerSpec, findings: Findings, *, crs_metric: str) -> LayerCheck:
    """Return the figures of a layer that was read."""
    assert spec.path is not None
    shapes = ready.shapes.chosen(findings.kept)
    here = _extent(shapes, crs_metric)
    placed = bool(np.isfinite(here).all())
    clean = int((~findings.warned & ~findings.left_out).sum())
    relevant = len(rows) - int(findings.left_out.sum())
    return LayerCheck(
        layer=spec.name,
        file=spec.path.name,
        rows=len(rows),
        usable=len(shapes),
        rejected=int(findings.rejected.sum()),
        left_out=int(findings.left_out.sum()),
        crs=spec.crs or ("" if rows.crs is None else rows.crs.to_string()),
        extent=(float(here[0]), float(here[1]), float(here[2]), float(here[3])) if placed else None,
        known=_known(ready, spec.name, findings),
        score=round(100.0 * clean / relevant, 1) if relevant else 0.0,
        faults=tuple(findings.faults),
        frame=None if rows.raw is None else as_frame(ready, crs_metric, findings),
        shapes=shapes,
        positions=np.flatnonzero(findings.kept),
        rejected_table=None if rows.raw is None else findings.rejected_table(rows.raw),
    )


def _extent(shapes: Shapes, crs: str) -> NDArray[np.float64]:
    """Return west, south, east, north in degrees; NaN where there is nothing."""
    edges = np.full(4, np.nan)
    for batch in (batch for _, batch in shapes.batches() if len(batch)):
        here = gpd.GeoSeries(batch, crs=crs).to_crs(4326).total_bounds
        edges = np.concatenate([np.fmin(edges[:2], here[:2]), np.fmax(edges[2:], here[2:])])
    return edges


def _known(ready: Ready, name: str, findings: Findings) -> dict[str, float]:
    known: dict[str, float] = {}
    if not findings.kept.any():
        return known
    for column in SCHEMAS[name].columns:
        values = ready.columns[column.name][findings.kept]
        unknown = pd.isna(values)
        if column.default == "unknown":
            unknown |= values == column.default
        known[column.name] = round(float(1 - unknown.mean()), 4)
    return known


def raster_figures(path: Path, name: str) -> LayerCheck:
    """Check a raster of heights and return its figures."""
    try:
        facts, faults = check_raster(path, name)
    except InputError as error:
        return LayerCheck(name, path.name, faults=error.faults)
    cells = facts.width * facts.height
    usable = round(cells * (1 - facts.unknown_share))
    broken = any(fault.severity == "error" for fault in faults)
    return LayerCheck(
        layer=name,
        file=path.name,
        rows=cells,
        usable=0 if broken else usable,
        crs=facts.crs,
        extent=facts.extent,
        score=0.0 if broken else round(100.0 * (1 - facts.unknown_share), 1),
        faults=tuple(faults),
    )
