"""Numbers that can be read and cannot be meant: another unit, floors for metres, areas that do not fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from layers.mapping import normal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from layers.columns import LayerColumn
    from layers.findings import Findings
    from layers.rows import Shapes

    Floats = NDArray[np.float64]

FEW = 20
"""Fewer numbers are no evidence."""
MOST = 0.5
SMALLER = {
    "m": {"cm": 0.01},
    "kV": {"v": 0.001},
    "MW": {"kw": 0.001},
    "kW": {"w": 0.001},
    "km2": {"m2": 1e-6, "ha": 0.01},
}
"""Unit of a column -> smaller units that its numbers may be in, and their factor."""
MOST_FLOORS = 60
LOW_SHARE = 0.02
EQUAL_SHARE = 0.8
AREA_NAMES = (
    "area",
    "area_m2",
    "shape_area",
    "st_area",
    "tbmj",
    "sqmeters",
    "面积",
    "建筑面积",
    "占地面积",
    "图斑面积",
    "bu_area",
)
AREA_UNITS = {"m2": 1.0, "亩 (mu)": 15 / 10000, "ha": 1e-4, "km2": 1e-6, "square feet": 1 / 0.3048**2}
"""Unit of an area -> how many of it are one square metre."""
AREA_TOLERANCE = 0.1
PLANNED_TOLERANCE = 0.2


def unit_hint(numbers: Floats, column: LayerColumn) -> str | None:
    """Return the unit that most numbers would fit their column in, where they do not as they are.

    Examples
    --------
    >>> from layers.schema import SCHEMAS
    >>> unit_hint(np.full(30, 1850.0), SCHEMAS["buildings"].column("height_m"))
    'cm'
    """
    known = numbers[np.isfinite(numbers)]
    if len(known) < FEW or column.high is None or column.low is None:
        return None
    if (known > column.high).mean() <= MOST:
        return None
    for unit, factor in SMALLER.get(column.unit, {}).items():
        fits = (known * factor >= column.low) & (known * factor <= column.high)
        if fits.mean() > MOST:
            return unit
    return None


def note_units(numbers: Floats, column: LayerColumn, findings: Findings) -> None:
    """Note numbers of a column that look like another unit, or heights that look like numbers of floors."""
    hint = unit_hint(numbers, column)
    if hint is not None:
        rule = f'most numbers look like {hint}, not {column.unit}; give units = {{{column.name} = "{hint}"}}'
        value = f"{np.nanmedian(numbers):g}"
        findings.note(rule, column=column.name, value=value, severity="warning")
    if column.name == "height_m" and _like_floors(numbers):
        rule = "all are whole numbers of storeys' size: they look like floors; give columns = {floors = ...}"
        findings.note(rule, column="height_m", value=f"{np.nanmedian(numbers):g}", severity="warning")


def _like_floors(numbers: Floats) -> bool:
    """Heights in metres are seldom 1 or 2 and seldom all whole; numbers of floors are."""
    known = numbers[np.isfinite(numbers)]
    if len(known) < FEW or not (known % 1 == 0).all() or known.max() > MOST_FLOORS:
        return False
    return bool(((known >= 1) & (known <= 2)).mean() > LOW_SHARE and np.median(known) < MOST_FLOORS / 4)  # noqa: PLR2004


def note_areas(columns: Mapping[str, NDArray[Any]], shapes: Shapes, findings: Findings) -> None:
    """Compare areas with those of the shapes, and heights with floors.

    Parameters
    ----------
    columns
        Values of the usable rows by column, with the file's own further ones.
    shapes
        Their shapes in metres.
    findings
        Where it is noted.
    """
    if {"height_m", "floors"} <= set(columns):
        _note_equal(columns, findings)
    named = [name for name in columns if is_area(name)]
    area = _areas(shapes) if named else np.zeros(0)
    for name in named:
        given = pd.to_numeric(pd.Series(columns[name]), errors="coerce").to_numpy(float)
        _note_area(str(name), given, area, findings)


def _areas(shapes: Shapes) -> Floats:
    return np.concatenate([shapely.area(batch) for _, batch in shapes.batches()])


def is_area(name: object) -> bool:
    """Say whether a column is one of areas, by its name."""
    return normal(name) in AREA_NAMES


def _note_equal(columns: Mapping[str, NDArray[Any]], findings: Findings) -> None:
    height, floors = columns["height_m"].astype(float), columns["floors"].astype(float)
    both = np.isfinite(height) & np.isfinite(floors)
    if both.sum() >= FEW and (height[both] == floors[both]).mean() > EQUAL_SHARE:
        rule = "heights are the same numbers as floors: they are no heights; leave the column out"
        findings.note(rule, column="height_m", severity="warning")


def _note_area(name: str, given: Floats, shapes: Floats, findings: Findings) -> None:
    both = np.isfinite(given) & (given > 0) & (shapes > 0)
    if both.sum() < min(FEW, len(shapes)) or not both.any():
        return
    ratio = float(np.median(given[both] / shapes[both]))
    sums = f"sum {given[both].sum():.6g}; the shapes have {shapes[both].sum():.6g} m2"
    unit = next((unit for unit, size in AREA_UNITS.items() if abs(ratio / size - 1) < AREA_TOLERANCE), None)
    if unit == "m2":
        findings.note(f"areas fit the shapes ({sums})", column=name)
    elif unit is not None:
        findings.note(
            f"areas look like {unit}, not m2 ({sums}); areas are taken from the shapes", column=name
        )
    else:
        rule = f"areas do not fit the shapes: {ratio:.3g} times them ({sums}); is the CRS right?"
        findings.note(rule, column=name, severity="warning")


def note_planned(planned: Floats, ids: NDArray[np.object_], towns: Shapes, findings: Findings) -> None:
    """Compare planned areas of towns with those of their shapes."""
    shapes = _areas(towns)
    off = np.abs(shapes / 1e6 / planned - 1) > PLANNED_TOLERANCE
    for row in np.flatnonzero(np.isfinite(planned) & off):
        rule = f"the planned area is {planned[row]:g} km2, the shape has {shapes[row] / 1e6:.4g} km2"
        findings.note(rule, column="planned_area_km2", value=ids[row], severity="warning")
    known = np.isfinite(planned)
    if known.any():
        total = f"{shapes[known].sum() / 1e6:.5g} of {planned[known].sum():g} km2 planned"
        findings.note(f"the shapes have {total}", column="planned_area_km2")
