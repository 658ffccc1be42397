"""A layer, ready for use: read or generated, in the region's metric CRS, with what was wrong in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from faults import Fault
from layers import files
from layers.area import AROUND_M, whole_area
from layers.catalog import load_catalog
from layers.demo_source import NO_PROGRESS, demo_file
from layers.findings import Findings
from layers.heights import complete_heights
from layers.mapping import load_synonyms, plan_columns
from layers.mended import usable_raster
from layers.plausible import is_area
from layers.prepare import as_frame, prepare_rows
from layers.rows import rows_of
from layers.schema import SCHEMAS
from layers.spec import RASTERS
from layers.storeys import unit_faults

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import geopandas as gpd
    import pandas as pd

    from layers.prepare import Ready
    from layers.region import LayerSpec, Region
    from layers.rows import Rows


@dataclass(frozen=True)
class Layer:
    """One vector layer in the columns of its schema."""

    name: str
    frame: gpd.GeoDataFrame
    """Rows that can be used; metric CRS of the region."""
    covers: frozenset[str]
    """Kinds the layer is complete for: declared in region.toml, else those that occur.

    A kind with a rejected row is not among them: the layer cannot be complete for it.
    """
    demo: bool
    """True: generated, not real."""
    source: str
    licence: str
    confidence: str
    rejected: pd.DataFrame
    """Rows that cannot be used: file, row, column, value, rule, record (the row as JSON), wkt."""
    faults: tuple[Fault, ...]
    files: tuple[Path, ...]


def read_layer(
    region: Region, name: str, *, progress: Callable[[float, str], None] = NO_PROGRESS
) -> Layer | None:
    """Read one layer of a region, or None where the region has no such layer.

    Demonstration layers are generated on first use (once, whichever process comes first);
    `progress` is told how far that is.

    Raises
    ------
    InputError
        The file cannot be used at all: missing, unreadable, without a CRS, without a required column.
    """
    spec = region.layers.get(name)
    if spec is None and name == "towns":
        return _whole_area(region, progress)
    if spec is None or name in RASTERS:
        return None
    path = demo_file(region, name, progress=progress) if spec.path is None else spec.path
    raw, remarks = files.read_file(path, layer=spec.sublayer, encoding=spec.encoding)
    layer = build_layer(raw, spec, path, remarks, region=region)
    return _with_heights(layer, region) if name == "buildings" else layer


def _with_heights(layer: Layer, region: Region) -> Layer:
    """Fill heights that the file does not give from the region's own surface, else from the floors."""
    catalog = load_catalog(region.catalogs["heat"])
    doubts = unit_faults(layer.frame, catalog)
    frame, remarks = complete_heights(
        layer.frame,
        surface=own_raster(region, "surface"),
        terrain=own_raster(region, "terrain"),
        catalog=catalog,
    )
    return replace(layer, frame=frame, faults=(*layer.faults, *doubts, *remarks))


def own_raster(region: Region, name: str) -> Path | None:
    """Return a raster of the region's own, put right; None where it has none, or a generated one."""
    spec = region.layers.get(name)
    return None if spec is None or spec.path is None else usable_raster(spec.path, name).path


def build_layer(
    raw: gpd.GeoDataFrame, spec: LayerSpec, path: Path, remarks: tuple[Fault, ...], *, region: Region
) -> Layer:
    """Make a layer of a file that is read: columns, values, places and ids of its schema."""
    findings = new_findings(spec, path, remarks, rows=len(raw))
    frame = prepared(raw, spec, region=region, findings=findings)
    rejected = findings.rejected_table(raw)
    return Layer(
        name=spec.name,
        frame=frame,
        covers=_covers(frame, spec, findings),
        demo=spec.demo,
        source=spec.source,
        licence=spec.licence,
        confidence=spec.confidence,
        rejected=rejected,
        faults=tuple(findings.faults),
        files=(path,),
    )


def new_findings(spec: LayerSpec, path: Path, remarks: tuple[Fault, ...], *, rows: int) -> Findings:
    """Start the findings of a file with what its reader remarked."""
    findings = Findings(spec.name, path.name, rows)
    findings.faults.extend(replace(remark, layer=spec.name) for remark in remarks)
    return findings


def prepared(
    raw: gpd.GeoDataFrame, spec: LayerSpec, *, region: Region, findings: Findings
) -> gpd.GeoDataFrame:
    """Return the usable rows of a file in its schema and the region's metric CRS."""
    ready = prepared_rows(rows_of(raw), spec, region=region, findings=findings)
    return as_frame(ready, region.crs_metric, findings)


def prepared_rows(rows: Rows, spec: LayerSpec, *, region: Region, findings: Findings) -> Ready:
    """Return the rows of a file in its schema and the region's metric CRS."""
    return prepare_rows(
        rows,
        spec,
        SCHEMAS[spec.name],
        crs_metric=region.crs_metric,
        synonyms=load_synonyms(region.catalogs["columns"]),
        findings=findings,
    )


def needed(names: tuple[str, ...], spec: LayerSpec, region: Region) -> set[str]:
    """Return the columns of a file that a check of it looks at."""
    schema, synonyms = SCHEMAS[spec.name], load_synonyms(region.catalogs["columns"])
    unsaid = Findings(spec.name, "", 0)
    plan = plan_columns(schema, names, spec, synonyms=synonyms, findings=unsaid)
    return set(plan.columns.values()) | {name for name in names if is_area(name)}


def raster_path(
    region: Region, name: str, *, progress: Callable[[float, str], None] = NO_PROGRESS
) -> Path | None:
    """Return the file of a raster layer, or None where the region has no such layer.

    An own file in other units, or terrain with holes, comes as a copy that is put right (`raster_faults`).
    """
    spec = region.layers.get(name)
    if spec is None or name not in RASTERS:
        return None
    if spec.path is None:
        return demo_file(region, name, progress=progress)
    return usable_raster(spec.path, name).path


def raster_faults(region: Region) -> tuple[Fault, ...]:
    """Say what was put right in the rasters of a region before heights are read from them."""
    own = [
        spec for name in RASTERS if (spec := region.layers.get(name)) is not None and spec.path is not None
    ]
    return tuple(
        fault
        for spec in own
        if spec.path is not None
        for fault in usable_raster(spec.path, spec.name).faults(spec.name, spec.path.name)
    )


def _whole_area(region: Region, progress: Callable[[float, str], None]) -> Layer | None:
    """Stand in for missing towns: one area around all buildings, with the id of the region."""
    buildings = read_layer(region, "buildings", progress=progress)
    if buildings is None or buildings.frame.empty:
        return None
    frame = whole_area(buildings.frame, id=region.id, name_zh=region.name_zh, name_en=region.name_en)
    rule = f"the region has no towns: the area within {AROUND_M:g} m of its buildings stands in for them"
    return replace(
        buildings,
        name="towns",
        frame=frame,
        covers=frozenset(),
        confidence="L",
        rejected=buildings.rejected.iloc[:0],
        faults=(Fault("towns", None, None, None, rule, severity="info"),),
    )


def _covers(frame: gpd.GeoDataFrame, spec: LayerSpec, findings: Findings) -> frozenset[str]:
    if spec.name != "restrictions":
        return frozenset()
    covers = frozenset(frame["kind"].dropna().unique()) if spec.covers is None else spec.covers
    lost = findings.rejected_kinds & covers
    for kind in sorted(lost):
        rule = (
            "rows of this kind are rejected, so the layer is not complete for it: its rules are not checked"
        )
        findings.note(rule, column="kind", value=kind, severity="warning")
    return covers - lost
