"""From a file as it came to a layer in its schema: columns, values, places, ids, in this order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from layers.identity import reject_duplicates, unique_ids
from layers.mapping import plan_columns
from layers.numbers import read_numbers
from layers.places import to_metric
from layers.rows import rows_of
from layers.values import read_choices, read_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from layers.columns import LayerColumn, Schema
    from layers.findings import Findings
    from layers.identity import Ids
    from layers.mapping import ColumnPlan
    from layers.rows import Rows, Shapes
    from layers.spec import LayerSpec


@dataclass(frozen=True)
class Ready:
    """All rows of a file in their schema; `findings` say which of them can be used."""

    ids: Ids
    columns: Mapping[str, NDArray[Any]]
    """Values by column: those of the schema in their order, then the file's own further ones."""
    shapes: Shapes
    """Shapes in the metric CRS."""

    def usable(self, kept: NDArray[np.bool_], names: Iterable[str]) -> dict[str, NDArray[Any]]:
        """Return the values of the rows that can be used in some columns."""
        return {name: self.columns[name][kept] for name in names if name in self.columns}


def prepare(
    raw: gpd.GeoDataFrame,
    spec: LayerSpec,
    schema: Schema,
    *,
    crs_metric: str,
    synonyms: Mapping[str, Any],
    findings: Findings,
) -> gpd.GeoDataFrame:
    """Return the usable rows of a file in the columns of its schema, in the metric CRS.

    Columns: `id`, those of the schema in their order, then the file's own further ones, then
    `geometry`. What is wrong is noted in `findings`.

    Raises
    ------
    InputError
        The file as a whole cannot be used.
    """
    ready = prepare_rows(
        rows_of(raw), spec, schema, crs_metric=crs_metric, synonyms=synonyms, findings=findings
    )
    return as_frame(ready, crs_metric, findings)


def as_frame(ready: Ready, crs_metric: str, findings: Findings) -> gpd.GeoDataFrame:
    """Return the usable rows as a frame."""
    geometry = ready.shapes.taken(np.arange(len(ready.shapes)))
    frame = gpd.GeoDataFrame({"id": ready.ids.texts(), **ready.columns}, geometry=geometry, crs=crs_metric)
    return frame[findings.kept].reset_index(drop=True)


def prepare_rows(
    rows: Rows,
    spec: LayerSpec,
    schema: Schema,
    *,
    crs_metric: str,
    synonyms: Mapping[str, Any],
    findings: Findings,
) -> Ready:
    """Return the rows of a file in the columns of its schema and the metric CRS, see `prepare`.

    Raises
    ------
    InputError
        The file as a whole cannot be used.
    """
    if not len(rows):
        findings.note("has no rows", severity="warning")
    plan = plan_columns(schema, rows.names, spec, synonyms=synonyms, findings=findings)
    shapes = to_metric(rows, spec, schema, crs_metric=crs_metric, findings=findings)
    table = rows.table
    columns: dict[str, Any] = {}
    for column in schema.columns:
        columns[column.name] = _read(table, column, plan, spec, findings)
    _note_needed(columns, schema, findings)
    ids = _flat(table[plan.columns["id"]]) if "id" in plan.columns else None
    names = unique_ids(
        ids, len(rows), layer=schema.name, findings=findings, batch_rows=rows.shapes.batch_rows
    )
    kind = next((column.name for column in schema.columns if column.kind == "choice"), None)
    if kind is not None:
        findings.rejected_kinds = frozenset(columns[kind][findings.rejected]) - {None}
    apart = columns[kind] if kind is not None and "line" in schema.geometry else None
    reject_duplicates(shapes, apart, schema, findings=findings)
    used = set(plan.columns.values()) | {"id", *columns}
    further = {str(name): table[name].to_numpy() for name in table if name not in used}
    return Ready(names, columns | further, shapes)


def _note_needed(columns: Mapping[str, Any], schema: Schema, findings: Findings) -> None:
    """Note values that are missing where another column makes them needed."""
    for column in schema.columns:
        if column.where is None:
            continue
        other, values = column.where
        missing = np.isin(columns[other].astype(str), values) & pd.isna(columns[column.name])
        rule = (
            f"is missing; needed where {other} is {' or '.join(values)}: rules that ask for it cannot decide"
        )
        findings.rows(missing & findings.kept, column.name, columns[other], rule)


def _read(
    table: pd.DataFrame, column: LayerColumn, plan: ColumnPlan, spec: LayerSpec, findings: Findings
) -> NDArray[Any]:
    default = plan.defaults.get(column.name)
    if column.name not in plan.columns:
        return _absent(len(table), column, default, findings)
    raw = _flat(table[plan.columns[column.name]])
    if default is not None:
        raw = raw.astype(object).where(raw.notna(), default)
    if column.is_number:
        return read_numbers(raw, column, unit=spec.units.get(column.name), findings=findings)
    if column.kind == "choice":
        return read_choices(raw, column, plan, findings=findings)
    return read_texts(raw, column, plan, findings=findings)


def _flat(raw: pd.Series) -> pd.Series:
    """Write values that are lists or records (GeoJSON, GeoParquet) as text."""
    if raw.dtype != object or raw.map(pd.api.types.is_hashable).all():
        return raw
    return raw.map(lambda value: value if pd.api.types.is_hashable(value) else str(value))


def _absent(rows: int, column: LayerColumn, default: object, findings: Findings) -> NDArray[Any]:
    if default is None and column.required:
        raise findings.stop(
            f"the column is missing; name yours in columns = {{{column.name} = ...}}", column=column.name
        )
    if default is None:
        findings.note("the file has no such column; unknown in all rows", column=column.name)
    value = column.default if default is None else default
    unknown = np.nan if column.is_number else None
    same = np.array(unknown if value is None else value, dtype=float if column.is_number else object)
    return np.broadcast_to(same, rows)  # one value, however many rows
