"""Is this region, or this one file, fit for use: every fault at once, with a score per layer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from pyproj import Transformer
from pyproj.exceptions import ProjError

from faults import Fault, InputError
from gis.crs import metric_crs_at
from layers import files
from layers.catalog import load_catalog
from layers.check_figures import figures, raster_figures
from layers.check_region import region_faults
from layers.check_report import CheckReport, LayerCheck
from layers.datum import datum_fault, suspect_datum
from layers.mapping import load_synonyms, recognised_layer
from layers.plausible import note_areas
from layers.region import DATA, EMBEDDED, Region, load_region
from layers.schema import SCHEMAS
from layers.sources import new_findings, prepared
from layers.spec import LAYER_NAMES, RASTERS, LayerSpec
from layers.storeys import unit_faults
from layers.told import all_told
from layers.topology import note_topology

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import geopandas as gpd


RASTER_SUFFIXES = (".tif", ".tiff", ".vrt", ".img", ".asc")


def check_path(
    path: Path,
    *,
    as_layer: str | None = None,
    region: Region | None = None,
    reference: Path | None = None,
    told: Iterable[str] = (),
    progress: Callable[[float, str], None] | None = None,
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
    """
    path = Path(path)
    tell = progress or (lambda _share, _what: None)
    if path.is_dir() or path.suffix.lower() == ".toml":
        if told := tuple(told):
            rule = "speaks of one file; a region says it in region.toml"
            return CheckReport(str(path), (), (Fault("region", None, "set", ", ".join(told), rule),))
        return _check_region(path, tell)
    return _check_file(path, as_layer, region, reference, tuple(told))


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


@dataclass(frozen=True)
class OpenedFile:
    """One file that is read, and how it is meant."""

    raw: gpd.GeoDataFrame
    """The rows as they came."""
    remarks: tuple[Fault, ...]
    spec: LayerSpec
    region: Region
    """The region it is meant for; the embedded one's reading at the place of the file where none is named."""
    reference: Path | None
    """The file the region has now."""


def open_file(
    path: Path, *, as_layer: str | None = None, region: Region | None = None, told: Iterable[str] = ()
) -> OpenedFile:
    """Read one vector file and find out which layer it is.

    Raises
    ------
    InputError
        The file cannot be read, which layer it is cannot be told, or what is told of it cannot be.
    """
    name = as_layer or _layer_by_name(path)
    if name is not None and name not in SCHEMAS:
        rule = f"is no layer; the layers are {', '.join(LAYER_NAMES)}"
        raise InputError([Fault(path.name, None, None, name, rule)])
    known = None if region is None or name is None else region.layers.get(name)
    spec, reference = LayerSpec(name or "buildings", path=path), None
    if known is not None and known.path is not None:
        spec, reference = replace(known, path=path), known.path
    spec = spec_told(spec, told)
    raw, remarks = files.read_file(path, layer=spec.sublayer, encoding=spec.encoding)
    if name is None:
        spec = replace(spec, name=_layer_by_columns(path, raw))
    return OpenedFile(raw, remarks, spec, region or _region_at(raw), reference)


def spec_told(spec: LayerSpec, told: Iterable[str]) -> LayerSpec:
    """Return a layer with everything set that is told.

    Raises
    ------
    InputError
        Something is nothing that a layer has, or no value for it.
    """
    try:
        return all_told(spec, told)
    except ValueError as error:
        raise InputError([Fault(spec.name, None, "set", ", ".join(told), str(error))]) from error


def _check_file(
    path: Path,
    as_layer: str | None,
    region: Region | None,
    reference: Path | None,
    told: tuple[str, ...],
) -> CheckReport:
    name = as_layer or _layer_by_name(path)
    try:
        if name in RASTERS:
            spec_told(LayerSpec(name, path=path), told)
            return CheckReport(str(path), (raster_figures(path, name),))
        opened = open_file(path, as_layer=as_layer, region=region, told=told)
    except InputError as error:
        named = tuple(replace(fault, layer=name or fault.layer) for fault in error.faults)
        return CheckReport(str(path), (), named)
    there = reference or opened.reference
    return CheckReport(
        str(path), (_check_frame(opened.raw, opened.remarks, opened.spec, opened.region, there),)
    )


def _layer_by_name(path: Path) -> str | None:
    named = next((name for name in LAYER_NAMES if name in path.stem.lower()), None)
    return "terrain" if named is None and path.suffix.lower() in RASTER_SUFFIXES else named


def _layer_by_columns(path: Path, raw: gpd.GeoDataFrame) -> str:
    found = recognised_layer(raw.columns, load_synonyms(DATA / "catalog" / "columns.toml"))
    if found is None:
        rule = f"say which layer it is meant for (--as): {', '.join(LAYER_NAMES)}"
        raise InputError([Fault(path.name, None, None, None, rule, file=path.name)])
    return found


def _region_at(frame: gpd.GeoDataFrame) -> Region:
    """Return a region for one file: the embedded one's reading, with a metric CRS of the file's place."""
    embedded = load_region(EMBEDDED)
    if frame.crs is None or frame.empty:
        return embedded
    x, y = frame.bounds.to_numpy().reshape(-1, 2, 2).mean(axis=1).T
    try:
        degrees = np.array(Transformer.from_crs(frame.crs, 4326, always_xy=True).transform(x, y))
    except ProjError:  # a broken definition; said when the layer is read
        return embedded
    degrees = degrees[:, np.isfinite(degrees).all(axis=0)]
    if not degrees.size:
        return embedded
    return replace(embedded, crs_metric=metric_crs_at(*np.median(degrees, axis=1)))


def _check_layer(spec: LayerSpec, region: Region) -> LayerCheck:
    assert spec.path is not None
    if spec.name in RASTERS:
        return raster_figures(spec.path, spec.name)
    try:
        raw, remarks = files.read_file(spec.path, layer=spec.sublayer, encoding=spec.encoding)
    except InputError as error:
        named = tuple(replace(fault, layer=spec.name) for fault in error.faults)
        return LayerCheck(spec.name, spec.path.name, faults=named)
    return _check_frame(raw, remarks, spec, region, None)


def _check_frame(
    raw: gpd.GeoDataFrame,
    remarks: tuple[Fault, ...],
    spec: LayerSpec,
    region: Region,
    reference: Path | None,
) -> LayerCheck:
    assert spec.path is not None
    findings = new_findings(spec, spec.path, remarks, rows=len(raw))
    try:
        frame = prepared(raw, spec, region=region, findings=findings)
    except InputError:  # what ends the reading is among the findings
        return LayerCheck(spec.name, spec.path.name, rows=len(raw), faults=tuple(findings.faults))
    note_topology(frame, np.flatnonzero(findings.kept), findings)
    note_areas(frame, findings)
    if spec.name == "buildings":
        doubts = unit_faults(frame, load_catalog(region.catalogs["heat"]))
        findings.faults.extend(replace(doubt, file=spec.path.name) for doubt in doubts)
    if reference is not None:
        findings.faults.extend(_datum_faults(frame, spec, region, reference))
    return figures(raw, frame, spec, findings)


def _datum_faults(frame: gpd.GeoDataFrame, spec: LayerSpec, region: Region, reference: Path) -> list[Fault]:
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
    found = suspect_datum(frame.geometry.to_numpy(), there.geometry.to_numpy(), crs=region.crs_metric)
    assert spec.path is not None
    return [] if found is None else [datum_fault(spec.name, spec.path.name, reference.name, found)]


__all__ = ["CheckReport", "LayerCheck", "OpenedFile", "check_path", "open_file"]
