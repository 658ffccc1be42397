"""The figures of one checked layer: rows, extent, what is known, score."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from faults import InputError
from layers.check_report import LayerCheck
from layers.rasters import check_raster
from layers.schema import SCHEMAS

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

    from layers.findings import Findings
    from layers.spec import LayerSpec


def figures(
    raw: gpd.GeoDataFrame, frame: gpd.GeoDataFrame, spec: LayerSpec, findings: Findings
) -> LayerCheck:
    """Return the figures of a layer that was read."""
    assert spec.path is not None
    rows = len(raw)
    here = frame.to_crs(4326).total_bounds if len(frame) else np.full(4, np.nan)
    placed = bool(np.isfinite(here).all())
    clean = int((~findings.warned & ~findings.left_out).sum())
    relevant = rows - int(findings.left_out.sum())
    return LayerCheck(
        layer=spec.name,
        file=spec.path.name,
        rows=rows,
        usable=len(frame),
        rejected=int(findings.rejected.sum()),
        left_out=int(findings.left_out.sum()),
        crs=spec.crs or ("" if raw.crs is None else raw.crs.to_string()),
        extent=(float(here[0]), float(here[1]), float(here[2]), float(here[3])) if placed else None,
        known=_known(frame, spec.name),
        score=round(100.0 * clean / relevant, 1) if relevant else 0.0,
        faults=tuple(findings.faults),
        frame=frame,
        positions=np.flatnonzero(findings.kept),
        rejected_table=findings.rejected_table(raw),
    )


def _known(frame: gpd.GeoDataFrame, name: str) -> dict[str, float]:
    known = {}
    for column in SCHEMAS[name].columns:
        if not len(frame):
            continue
        unknown = frame[column.name].isna()
        if column.default == "unknown":
            unknown |= frame[column.name] == column.default
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
