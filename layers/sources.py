"""A layer, ready for use: read or generated, in the region's metric CRS, with what was wrong in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from faults import Fault, InputError
from layers import files
from layers.area import AROUND_M, whole_area
from layers.demo_source import NO_PROGRESS, demo_file
from layers.spec import RASTERS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import geopandas as gpd

    from layers.region import LayerSpec, Region


@dataclass(frozen=True)
class Layer:
    """One vector layer in the columns of its schema."""

    name: str
    frame: gpd.GeoDataFrame
    """Rows that can be used; metric CRS of the region."""
    covers: frozenset[str]
    """Kinds the layer is complete for: declared in region.toml, else those that occur."""
    demo: bool
    """True: generated, not real."""
    source: str
    licence: str
    confidence: str
    rejected: pd.DataFrame
    """Rows that cannot be used: file, row, column, value, rule."""
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
        The file cannot be used at all: missing, unreadable, without a CRS.
    """
    spec = region.layers.get(name)
    if spec is None and name == "towns":
        return _whole_area(region, progress)
    if spec is None or name in RASTERS:
        return None
    path = demo_file(region, name, progress=progress) if spec.path is None else spec.path
    frame = files.read_file(path, layer=spec.layer, encoding=spec.encoding)
    frame = _map(frame, spec)
    frame = _to_metric(frame, spec, region, path)
    return Layer(
        name=name,
        frame=frame,
        covers=_covers(frame, spec),
        demo=spec.demo,
        source=spec.source,
        licence=spec.licence,
        confidence=spec.confidence,
        rejected=pd.DataFrame(columns=["file", "row", "column", "value", "rule"]),
        faults=(),
        files=(path,),
    )


def raster_path(
    region: Region, name: str, *, progress: Callable[[float, str], None] = NO_PROGRESS
) -> Path | None:
    """Return the file of a raster layer, or None where the region has no such layer."""
    spec = region.layers.get(name)
    if spec is None or name not in RASTERS:
        return None
    return demo_file(region, name, progress=progress) if spec.path is None else spec.path


def _whole_area(region: Region, progress: Callable[[float, str], None]) -> Layer | None:
    """Stand in for missing towns: one area around all buildings, with the id of the region."""
    buildings = read_layer(region, "buildings", progress=progress)
    if buildings is None:
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


def _map(frame: gpd.GeoDataFrame, spec: LayerSpec) -> gpd.GeoDataFrame:
    frame = frame.rename(columns={theirs: ours for ours, theirs in spec.columns.items()})
    for column, mapping in spec.values.items():  # noqa: PD011 - a mapping, no series
        if column in frame:
            frame[column] = frame[column].map(lambda value, table=mapping: table.get(value, value))
    for column, value in spec.defaults.items():
        frame[column] = frame[column].fillna(value) if column in frame else value
    return frame


def _to_metric(frame: gpd.GeoDataFrame, spec: LayerSpec, region: Region, path: Path) -> gpd.GeoDataFrame:
    if frame.crs is None:
        if spec.crs is None:
            raise InputError([Fault(spec.name, None, None, path.name, "has no CRS; give crs in region.toml")])
        frame = frame.set_crs(spec.crs)
    return frame.to_crs(region.crs_metric)


def _covers(frame: gpd.GeoDataFrame, spec: LayerSpec) -> frozenset[str]:
    if spec.covers is not None:
        return spec.covers
    return frozenset(frame["kind"].dropna().unique()) if "kind" in frame else frozenset()
