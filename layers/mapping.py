"""Which column of a file is which column of the schema, and which value means which."""

from __future__ import annotations

import tomllib
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from faults import Fault, InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from layers.columns import Schema
    from layers.findings import Findings
    from layers.spec import LayerSpec

ASKED = frozenset({"use", "height_m", "floors", "class", "facility", "kind", "kv", "planned_area_km2"})
"""Columns whose choice changes results: where several columns may be one of these, the user is asked."""
LEAVE_OUT = "-"
"""Value for rows that are no part of the layer."""


@dataclass(frozen=True)
class ColumnPlan:
    """How the columns and values of one file are read."""

    columns: Mapping[str, str]
    """Column of the schema -> column of the file."""
    words: Mapping[str, Mapping[str, str]]
    """Column of the schema -> normal form of a value -> value of the schema."""
    rest: Mapping[str, str] = field(default_factory=dict)
    """Column of the schema -> what a value becomes that is in no table."""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """Column of the schema -> value where the file has none."""


def normal(text: object) -> str:
    """Return the form in which names and values are compared.

    Examples
    --------
    >>> normal(" Ｈｅｉｇｈｔ  (M) ")
    'height (m)'
    """
    return " ".join(unicodedata.normalize("NFKC", str(text)).casefold().split())


@lru_cache(maxsize=8)
def load_synonyms(path: Path) -> dict[str, Any]:
    """Read the catalogue of column names, values and products."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError([Fault(path.name, None, None, None, f"cannot be read: {error}")]) from error


def plan_columns(
    schema: Schema,
    names: Iterable[str],
    spec: LayerSpec,
    *,
    synonyms: Mapping[str, Any],
    findings: Findings,
) -> ColumnPlan:
    """Find the columns of a layer in those of a file.

    What region.toml says comes first, then a known product, then the names of the schema itself,
    then known other names. Everything that region.toml does not say is noted.
    """
    names = [str(name) for name in names]
    by_normal = {normal(name): name for name in reversed(names)}
    product = _recognise(schema.name, by_normal, synonyms)
    if product:
        note = f"recognised as {product['title']}"
        findings.note(f"{note}: {product['note']}" if "note" in product else note)
    columns: dict[str, str] = {}
    for column in ("id", *schema.names):
        if column in spec.columns:
            columns[column] = _explicit(spec.columns[column], column, names, findings)
            continue
        found = [
            name
            for name in _known(schema, column, by_normal, product, synonyms)
            if name not in spec.columns.values()
        ]
        if found:
            columns[column] = found[0]
            if found[0] != column:
                findings.note(f"read as {column}", column=found[0])
            _note_ambiguous(column, found, product, findings)
    return ColumnPlan(
        columns,
        {column: _values(schema, column, spec, product, synonyms) for column in schema.names},
        dict.fromkeys(product.get("values", {}), product["rest"]) if "rest" in product else {},
        {**product.get("defaults", {}), **spec.defaults},
    )


def recognised_layer(names: Iterable[str], synonyms: Mapping[str, Any]) -> str | None:
    """Return the layer of the product that has these columns, or None where none is known."""
    by_normal = {normal(name): str(name) for name in names}
    found = {
        layer: len(product["recognise"])
        for layer in sorted({product["layer"] for product in synonyms["products"].values()})
        if (product := _recognise(layer, by_normal, synonyms))
    }
    return max(found, key=lambda layer: found[layer], default=None)


def _explicit(wanted: str, column: str, names: list[str], findings: Findings) -> str:
    if wanted not in names:
        has = ", ".join(names)
        raise findings.stop(f"the file has no such column for {column}; it has {has}", column=wanted)
    return wanted


def _note_ambiguous(column: str, found: list[str], product: Mapping[str, Any], findings: Findings) -> None:
    """Ask which column is meant where several may be, and neither its name nor its product says so."""
    if len(found) < 2 or column in product.get("columns", {}) or normal(found[0]) == column:  # noqa: PLR2004
        return
    if column in ASKED:
        rule = (
            f"several columns may be {column}: {', '.join(found)}; say which in columns = {{{column} = ...}}"
        )
        findings.note(rule, column=found[0], severity="warning")


def ambiguities(
    schema: Schema, names: Iterable[str], spec: LayerSpec, *, synonyms: Mapping[str, Any]
) -> dict[str, list[str]]:
    """Return the columns of a schema that several columns of a file may be, the first to be taken first."""
    by_normal = {normal(name): str(name) for name in reversed([str(name) for name in names])}
    product = _recognise(schema.name, by_normal, synonyms)
    found = {}
    told = set(spec.columns) | set(product.get("columns", {}))
    for column in (name for name in schema.names if name in ASKED and name not in told):
        fitting = _known(schema, column, by_normal, product, synonyms)
        if len(fitting) > 1 and normal(fitting[0]) != column:
            found[column] = fitting
    return found


def _known(
    schema: Schema,
    column: str,
    by_normal: Mapping[str, str],
    product: Mapping[str, Any],
    synonyms: Mapping[str, Any],
) -> list[str]:
    if column in product.get("defaults", {}):
        return []
    own = [product["columns"][column]] if column in product.get("columns", {}) else []
    tables = (synonyms["synonyms"].get(schema.name, {}), synonyms["synonyms"]["common"])
    others = [name for table in tables for name in table.get(column, ())]
    fitting = (by_normal.get(normal(name)) for name in (*own, column, *others))
    return list(dict.fromkeys(name for name in fitting if name is not None))


def _recognise(layer: str, by_normal: Mapping[str, str], synonyms: Mapping[str, Any]) -> Mapping[str, Any]:
    fitting = [
        product
        for product in synonyms["products"].values()
        if product["layer"] == layer
        and set(product["recognise"]) <= set(by_normal)
        and ("only" not in product or set(by_normal) <= set(product["only"]))
    ]
    return max(fitting, key=lambda product: len(product["recognise"]), default={})


def _values(
    schema: Schema, column: str, spec: LayerSpec, product: Mapping[str, Any], synonyms: Mapping[str, Any]
) -> dict[str, str]:
    """Return normal form -> value, from the least to the most binding source."""
    table: dict[str, str] = {}
    own = product.get("values", {}).get(column)
    if own is None:
        general = synonyms["values"].get(schema.name, {}).get(column, {})
        table = {normal(word): value for value, words in general.items() for word in words}
    table |= {normal(value): value for value in schema.column(column).allowed}
    table |= {normal(theirs): value for theirs, value in (own or {}).items()}
    return table | {normal(theirs): value for theirs, value in spec.values.get(column, {}).items()}
