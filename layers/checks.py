"""Is this region, or this one file, fit for use: every fault at once, with a score per layer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from faults import Fault, InputError
from layers import files
from layers.batches import BATCH_ROWS
from layers.catalog import load_catalog
from layers.check_figures import figures, raster_figures
from layers.check_region import region_faults
from layers.check_report import CheckReport, LayerCheck
from layers.datum import datum_fault, suspect_datum
from layers.opened import layer_by_name, open_file, spec_told
from layers.plausible import is_area, note_areas, note_planned
from layers.region import Region, load_region
from layers.rows import rows_of
from layers.sources import new_findings, prepared, prepared_rows
from layers.spec import RASTERS, LayerSpec
from layers.storeys import unit_faults
from layers.topology import note_topology

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from layers.findings import Findings
    from layers.prepare import Ready
    from layers.rows import Rows, Shapes


def check_path(
    path: Path,
    *,
    as_layer: str | None = None,
    region: Region | None = None,
    reference: Path | None = None,
    told: Iterable[str] = (),
    progress: Callable[[float, str], None] | None = None,
    batch_rows: int = BATCH_ROWS,
) -> CheckReport:
    """Check a region folder, a region.toml, or one file of a layer.

    Nothing is raised for what is wrong with the data: it is in the report.

    Parameters
    ----------
    path
        Folder, region.toml, or file.
    as_layer
        Layer that a file is meant for; else told by its name or its columns.
    region
        Region that a file is meant for: its way of reading the layer is used, and the file it has now
        is the reference for offsets.
    reference
        File of the same things in a position that is known to be right; offsets are measured against it.
    told
        How a file is read, as `layers.told.told` takes it (units.height_m=ft, convert=gcj02).
    progress
        Told which layer is being read.
    batch_rows
        One file of more rows is read in batches of as many, which changes nothing in the report: shapes are
        laid down on disk, and in memory stays what a check needs of each row.
    """
    path = Path(path)
    tell = progress or (lambda _share, _what: None)
    if path.is_dir() or path.suffix.lower() == ".toml":
        if told := tuple(told):
            rule = "speaks of one file; a region says it in region.toml"
            return CheckReport(str(path), (), (Fault("region", None, "set", ", ".join(told), rule),))
        return _check_region(path, tell)
    told = tuple(told)
    try:
        if (name := as_layer or layer_by_name(path)) in RASTERS:
            spec_told(LayerSpec(name, path=path), told)
            return CheckReport(str(path), (raster_figures(path, name),))
        opened = open_file(path, as_layer=as_layer, region=region, told=told, batch_rows=batch_rows)
    except InputError as error:
        named = tuple(replace(fault, layer=name or fault.layer) for fault in error.faults)
        return CheckReport(str(path), (), named)
    there = reference or opened.reference
    check = _check_rows(opened.rows, opened.remarks, opened.spec, opened.region, there)
    return CheckReport(str(path), (check,))


def _check_region(path: Path, tell: Callable[[float, str], None]) -> CheckReport:
    try:
        region = load_region(path)
    except InputError as error:
        return CheckReport(str(path), (), error.faults)
    own = [spec for spec in region.layers.values() if spec.path is not None]
    checks = []
    for number, spec in enumerate(own):
        tell(number / len(own), spec.name)
        checks.append(_check_layer(spec, region))
    general = region_faults(region, checks)
    tell(1.0, "")
    return CheckReport(str(path), tuple(checks), tuple(general))


def _check_layer(spec: LayerSpec, region: Region) -> LayerCheck:
    assert spec.path is not None
    if spec.name in RASTERS:
        return raster_figures(spec.path, spec.name)
    try:
        raw, remarks = files.read_file(spec.path, layer=spec.sublayer, encoding=spec.encoding)
    except InputError as error:
        named = tuple(replace(fault, layer=spec.name) for fault in error.faults)
        return LayerCheck(spec.name, spec.path.name, faults=named)
    return _check_rows(rows_of(raw), remarks, spec, region, None)


def _check_rows(
    rows: Rows,
    remarks: tuple[Fault, ...],
    spec: LayerSpec,
    region: Region,
    reference: Path | None,
) -> LayerCheck:
    assert spec.path is not None
    findings = new_findings(spec, spec.path, remarks, rows=len(rows))
    try:
        ready = prepared_rows(rows, spec, region=region, findings=findings)
    except InputError:  # what ends the reading is among the findings
        return LayerCheck(spec.name, spec.path.name, rows=len(rows), faults=tuple(findings.faults))
    shapes = ready.shapes.chosen(findings.kept)
    note_topology(shapes, np.flatnonzero(findings.kept), findings)
    _note_sizes(ready, shapes, findings)
    if spec.name == "buildings":
        heights = pd.DataFrame(ready.usable(findings.kept, ("height_m", "floors", "use")))
        doubts = unit_faults(heights, load_catalog(region.catalogs["heat"]))
        findings.faults.extend(replace(doubt, file=spec.path.name) for doubt in doubts)
    if reference is not None:
        findings.faults.extend(_datum_faults(shapes, spec, region, reference))
    return figures(rows, ready, spec, findings, crs_metric=region.crs_metric)


def _note_sizes(ready: Ready, shapes: Shapes, findings: Findings) -> None:
    sizes = ("height_m", "floors", *filter(is_area, ready.columns))
    note_areas(ready.usable(findings.kept, sizes), shapes, findings)
    if "planned_area_km2" in ready.columns:
        planned = ready.usable(findings.kept, ("planned_area_km2",))
        note_planned(planned["planned_area_km2"], ready.ids.texts()[findings.kept], shapes, findings)


def _datum_faults(shapes: Shapes, spec: LayerSpec, region: Region, reference: Path) -> list[Fault]:
    try:
        raw, _ = files.read_file(reference)
        there = prepared(
            raw,
            LayerSpec(spec.name, path=reference),
            region=region,
            findings=new_findings(spec, reference, (), rows=len(raw)),
        )
    except InputError as error:
        return list(error.faults)
    ours = shapes.taken(np.arange(len(shapes)))
    found = suspect_datum(ours, there.geometry.to_numpy(), crs=region.crs_metric)
    assert spec.path is not None
    return [] if found is None else [datum_fault(spec.name, spec.path.name, reference.name, found)]


__all__ = ["CheckReport", "LayerCheck", "check_path"]
