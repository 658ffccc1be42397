"""Columns for files that know no lists: months spread out, rules as text, names in ten bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from assessment.run import HEAT, SITES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assessment.run import Column

MONTHS = 12
COLUMNS: Mapping[str, tuple[Column, ...]] = {"sites": SITES, "heat": HEAT}
LISTS = ("kwh_month", "rules", "not_checked")
SEPARATOR = "; "
_TEXT, _NUMBER, _FLAG = pa.string(), pa.float64(), pa.bool_()
_WHOLE = {"wells"}
_FLAGS = {"demo"}
_TEXTS = {"binding", "suitability"}
# Names of at most ten bytes, for dBASE tables; where the full name fits it is kept.
_SHORT = {
    "kwp_dc_low": "kwp_low",
    "kwp_dc_central": "kwp_mid",
    "kwp_dc_high": "kwp_high",
    "azimuth_deg": "azimuth",
    "shading_loss": "shade_loss",
    "kwh_year_p50": "kwh_p50",
    "kwh_year_p90": "kwh_p90",
    "payback_years": "payback_a",
    "co2_t_year": "co2_t_a",
    "not_checked": "unchecked",
    "grid_distance_m": "grid_m",
    "confidence": "confid",
    "technology": "technol",
    "kw_year30": "kw_year30",
    "heatable_m2": "heat_m2",
    "heatable_m2_p10": "heat_p10",
    "heatable_m2_p90": "heat_p90",
    "demand_mwh_year": "demand_mwh",
    "suitability": "suitabil",
}


@dataclass(frozen=True)
class Field:
    """One column of a flat file."""

    name: str
    short: str
    """The name in at most ten bytes."""
    type: Any
    """Arrow type."""
    unit: str
    zh: str
    en: str

    @property
    def header(self) -> str:
        """The name with its unit, as headers of text files show it.

        Examples
        --------
        >>> Field("area_m2", "area_m2", None, "m2", "面积", "area").header
        'area_m2 [m2]'
        """
        return f"{self.name} [{self.unit}]" if self.unit else self.name

    @property
    def label(self) -> str:
        """Both names with the unit."""
        unit = f" ({self.unit})" if self.unit else ""
        return f"{self.zh} {self.en}{unit}"


def fields(kind: str) -> tuple[Field, ...]:
    """Return the flat columns of a table, in order, geometry aside."""
    found: list[Field] = []
    for column in COLUMNS[kind]:
        if column.name == "kwh_month":
            found += [_month(column, month) for month in range(1, MONTHS + 1)]
        else:
            found.append(
                Field(column.name, _short(column.name), _type(column), column.unit, column.zh, column.en)
            )
    return tuple(found)


def flatten(table: pa.Table, kind: str) -> pa.Table:
    """Return the table with flat columns only (and geometry), in the order of `fields`.

    Columns the table lacks are unknown (null), never zero.
    """
    columns: dict[str, Any] = {}
    for column in COLUMNS[kind]:
        values = _values(table, column.name)
        if column.name == "kwh_month":
            columns |= _months(values, table.num_rows)
        elif column.name == "rules":
            columns["rules"] = _rules_text(values)
        elif column.name == "not_checked":
            columns["not_checked"] = _joined(values)
        else:
            columns[column.name] = _known(values)
    arrays = [
        pa.nulls(table.num_rows, field.type)
        if columns[field.name] is None
        else _cast(columns[field.name], field.type)
        for field in fields(kind)
    ]
    names = [field.name for field in fields(kind)]
    return pa.table([*arrays, _values(table, "geometry")], names=[*names, "geometry"])


def _short(name: str) -> str:
    return _SHORT.get(name, name)


def _month(column: Column, month: int) -> Field:
    name = f"kwh_{month:02d}"
    zh, en = column.zh.removesuffix("(12)"), column.en.removesuffix(" (12)")
    return Field(name, name, _NUMBER, column.unit, f"{zh}{month}月", f"{en}, month {month}")


def _type(column: Column) -> Any:  # noqa: ANN401 - an Arrow type
    if column.name in _WHOLE:
        return pa.int64()
    if column.name in _FLAGS:
        return _FLAG
    return _NUMBER if column.unit else _TEXT


def _values(table: pa.Table, name: str) -> Any:  # noqa: ANN401 - an Arrow array
    return table[name].combine_chunks() if name in table.column_names else None


def _known(values: Any) -> Any:  # noqa: ANN401 - an Arrow array
    """Turn NaN into null: unknown has one spelling in files."""
    if values is None or not pa.types.is_floating(values.type):
        return values
    return pc.if_else(pc.is_finite(values), values, pa.scalar(None, values.type))


def _cast(values: Any, kind: Any) -> Any:  # noqa: ANN401 - Arrow array and type
    """Return the values in the file's type; counts that a run keeps as floats become whole numbers."""
    if pa.types.is_integer(kind) and pa.types.is_floating(values.type):
        values = pc.round(values)
    return values.cast(kind)


def _months(values: Any, rows: int) -> dict[str, Any]:  # noqa: ANN401 - an Arrow array
    if values is None or pa.types.is_null(values.type):
        return {f"kwh_{month:02d}": pa.nulls(rows, _NUMBER) for month in range(1, MONTHS + 1)}
    full = pc.if_else(pc.equal(pc.list_value_length(values), MONTHS), values, pa.scalar(None, values.type))
    return {f"kwh_{index + 1:02d}": _known(_element(full, index)) for index in range(MONTHS)}


def _element(lists: Any, index: int) -> Any:  # noqa: ANN401 - an Arrow array
    """Return one element of each list; null where the list is null."""
    starts = pc.add(pa.array(lists.offsets[:-1]), index)
    where = pc.if_else(lists.is_valid(), starts, pa.scalar(None, starts.type))
    return lists.values.take(where)


def _joined(values: Any) -> Any:  # noqa: ANN401 - an Arrow array
    if values is None or pa.types.is_string(values.type):
        return values
    items = values.values.cast(_TEXT)
    return pc.binary_join(pa.ListArray.from_arrays(values.offsets, items), SEPARATOR)


def _rules_text(values: Any) -> Any:  # noqa: ANN401 - an Arrow array
    """Return `id verdict m2` of every rule that touched the site, as one text."""
    if values is None or pa.types.is_string(values.type):
        return values
    items = values.values
    if pa.types.is_null(items.type):
        return pc.binary_join(pa.ListArray.from_arrays(values.offsets, items.cast(_TEXT)), SEPARATOR)
    area = pc.round(items.field("m2").cast(_NUMBER), ndigits=1).cast(_TEXT)
    area = pc.binary_join_element_wise(area, "m2", " ")
    parts = (items.field("id"), items.field("verdict"), area)
    words = pc.binary_join_element_wise(*parts, " ", null_handling="skip")
    return pc.binary_join(pa.ListArray.from_arrays(values.offsets, words), SEPARATOR)
