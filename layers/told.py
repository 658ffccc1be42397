"""How a layer is read, told in words: `crs=EPSG:4490`, `columns.height_m=JZGD`, `units.height_m=ft`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from layers.schema import SCHEMAS
from layers.spec import RASTERS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from layers.spec import LayerSpec

PER_LAYER = ("crs", "convert", "axis", "encoding", "sublayer", "source", "licence", "confidence")
PER_COLUMN = ("columns", "units", "defaults")
HEIGHTS = "heights"
"""What the cells of a raster are called where their unit is told: units.heights=ft."""


def told(spec: LayerSpec, text: str) -> LayerSpec:
    """Return a layer with one thing set.

    Raises
    ------
    ValueError
        It is nothing that a layer has, or no value for it.

    Examples
    --------
    >>> from pathlib import Path
    >>> from layers.spec import LayerSpec
    >>> dict(told(LayerSpec("buildings", path=Path("b.gpkg")), "units.height_m=ft").units)
    {'height_m': 'ft'}
    """
    key, mark, value = text.partition("=")
    group, dot, column = key.partition(".")
    if mark and dot and group in PER_COLUMN:
        _refuse_column(spec.name, column)
        changes: dict[str, Any] = {group: {**getattr(spec, group), column: value}}
        return replace(spec, **changes)
    if not mark or key not in PER_LAYER:
        names = ", ".join(PER_LAYER)
        raise ValueError(f"must be LAYER.WHAT=VALUE with one of {names}, columns.NAME, units.NAME")
    changes = {{"sublayer": "layer"}.get(key, key): value}
    return replace(spec, **changes)


def all_told(spec: LayerSpec, texts: Iterable[str]) -> LayerSpec:
    """Return a layer with everything set that is told, in this order; errors as in `told`."""
    for text in texts:
        spec = told(spec, text)
    return spec


def _refuse_column(layer: str, column: str) -> None:
    known = (HEIGHTS,) if layer in RASTERS else ("id", *SCHEMAS[layer].names)
    if column not in known:
        raise ValueError(f"{column} is no column of {layer}; its columns are {', '.join(known)}")
