"""One vector file, opened: its rows, which layer they are, and the region they are meant for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from pyproj import Transformer
from pyproj.exceptions import ProjError

from faults import Fault, InputError
from gis.crs import metric_crs_at
from layers import files
from layers.batches import rows_in_batches
from layers.mapping import load_synonyms, recognised_layer
from layers.region import DATA, EMBEDDED, Region, load_region
from layers.rows import boxes, rows_of
from layers.schema import SCHEMAS
from layers.sources import needed
from layers.spec import LAYER_NAMES, LayerSpec
from layers.told import all_told

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import geopandas as gpd

    from layers.rows import Rows

RASTER_SUFFIXES = (".tif", ".tiff", ".vrt", ".img", ".asc")


@dataclass(frozen=True)
class OpenedFile:
    """One file that is read, and how it is meant."""

    rows: Rows
    """The rows as they came."""
    remarks: tuple[Fault, ...]
    spec: LayerSpec
    region: Region
    """The region it is meant for; the embedded one's reading at the place of the file where none is named."""
    reference: Path | None
    """The file the region has now."""

    @property
    def raw(self) -> gpd.GeoDataFrame:
        """Return all of it, of a file that was read at once."""
        assert self.rows.raw is not None
        return self.rows.raw


def open_file(
    path: Path,
    *,
    as_layer: str | None = None,
    region: Region | None = None,
    told: Iterable[str] = (),
    batch_rows: int | None = None,
) -> OpenedFile:
    """Read one vector file and find out which layer it is; at once, or in batches where it has more rows.

    Raises
    ------
    InputError
        The file cannot be read, which layer it is cannot be told, or what is told of it cannot be.
    """
    name = as_layer or layer_by_name(path)
    if name is not None and name not in SCHEMAS:
        rule = f"is no layer; the layers are {', '.join(LAYER_NAMES)}"
        raise InputError([Fault(path.name, None, None, name, rule)])
    known = None if region is None or name is None else region.layers.get(name)
    spec, reference = LayerSpec(name or "buildings", path=path), None
    if known is not None and known.path is not None:
        spec, reference = replace(known, path=path), known.path
    spec = spec_told(spec, told)
    rows, remarks = _read(path, spec, name, region, batch_rows)
    if name is None:
        spec = replace(spec, name=_layer_by_columns(path, rows.names))
    return OpenedFile(rows, remarks, spec, region or _region_at(rows), reference)


def _read(
    path: Path, spec: LayerSpec, name: str | None, region: Region | None, batch_rows: int | None
) -> tuple[Rows, tuple[Fault, ...]]:
    if batch_rows is not None:

        def keep(names: tuple[str, ...]) -> set[str]:
            layer = _layer_by_columns(path, names) if name is None else name
            return needed(names, replace(spec, name=layer), region or load_region(EMBEDDED))

        found = rows_in_batches(
            path, layer=spec.sublayer, encoding=spec.encoding, keep=keep, batch_rows=batch_rows
        )
        if found is not None:
            return found
    raw, remarks = files.read_file(path, layer=spec.sublayer, encoding=spec.encoding)
    return rows_of(raw), remarks


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


def layer_by_name(path: Path) -> str | None:
    """Return the layer that the name of a file speaks of."""
    named = next((name for name in LAYER_NAMES if name in path.stem.lower()), None)
    return "terrain" if named is None and path.suffix.lower() in RASTER_SUFFIXES else named


def _layer_by_columns(path: Path, names: Iterable[str]) -> str:
    found = recognised_layer((*names, "geometry"), load_synonyms(DATA / "catalog" / "columns.toml"))
    if found is None:
        rule = f"say which layer it is meant for (--as): {', '.join(LAYER_NAMES)}"
        raise InputError([Fault(path.name, None, None, None, rule, file=path.name)])
    return found


def _region_at(rows: Rows) -> Region:
    """Return a region for one file: the embedded one's reading, with a metric CRS of the file's place."""
    embedded = load_region(EMBEDDED)
    if rows.crs is None or not len(rows):
        return embedded
    x, y = boxes(rows.shapes).reshape(-1, 2, 2).mean(axis=1).T
    try:
        degrees = np.array(Transformer.from_crs(rows.crs, 4326, always_xy=True).transform(x, y))
    except ProjError:  # a broken definition; said when the layer is read
        return embedded
    degrees = degrees[:, np.isfinite(degrees).all(axis=0)]
    if not degrees.size:
        return embedded
    return replace(embedded, crs_metric=metric_crs_at(*np.median(degrees, axis=1)))
