"""The fields of a rule in a pack file: which there are, which are needed, and how each is read."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from layers.expression import Expression, compile_expression
from layers.rule_model import Distance, Exemption, Scope, expand_types
from layers.rule_ranges import Ranges, compile_ranges

if TYPE_CHECKING:
    from collections.abc import Callable

_ID = re.compile(r"[a-z][a-z0-9_]*")


class Field(NamedTuple):
    """How one field of a rule is read."""

    convert: Callable[[Any], Any]
    default: Any = None
    required: bool = False


def _text_field(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("must be a text")
    return value


def _filled(value: object) -> str:
    if not _text_field(value).strip():
        raise ValueError("must not be empty")
    return str(value)


def _identifier(value: object) -> str:
    if not _ID.fullmatch(_text_field(value)):
        raise ValueError("must be lower-case letters, digits and _, a letter first")
    return str(value)


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError("must be true or false")
    return value


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError("must be a number")
    return float(value)


def _not_negative(value: object) -> float:
    if not 0 <= _number(value) < float("inf"):
        raise ValueError("must not be negative")
    return _number(value)


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise TypeError("must be a text or a list of texts")
    return tuple(value)


def _types(value: object) -> frozenset[str]:
    if not (names := _texts(value)):
        raise ValueError("must name at least one type")
    return expand_types(names)


def _expression(value: object) -> Expression:
    return compile_expression(_text_field(value))


def _ranges(value: object) -> Ranges:
    return compile_ranges(_text_field(value))


def _distance(value: object) -> Distance:
    if not isinstance(value, dict):
        return Distance(_number(value))
    if unknown := set(value) - {"default", "attribute", "up_to", "values"}:
        raise ValueError(f"unknown fields {', '.join(sorted(unknown))}")
    if "default" not in value:
        raise ValueError("default is missing: the distance where the attribute is unknown")
    return Distance(
        default=_number(value["default"]),
        attribute=_filled(value.get("attribute", "")),
        up_to=tuple((_number(limit), _number(metres)) for limit, metres in value.get("up_to", [])),
        values=tuple((str(word), _number(metres)) for word, metres in value.get("values", {}).items()),
    )


def _exemptions(value: object) -> tuple[Exemption, ...]:
    if not isinstance(value, list):
        raise TypeError("must be a list of tables")
    return tuple(_exemption(table) for table in value)


def _exemption(table: dict[str, Any]) -> Exemption:
    if unknown := set(table) - {"where", "approved_before", "layer", "document"}:
        raise ValueError(f"unknown fields {', '.join(sorted(unknown))}")
    day = table.get("approved_before")
    if day is not None and type(day) is not dt.date:
        raise TypeError(f"approved_before {day!r} must be a date such as 2023-03-20, without quotes")
    return Exemption(
        where=_expression(table["where"]) if "where" in table else None,
        approved_before=day,
        layer=table.get("layer"),
        document=str(table.get("document", "")),
    )


def _scope(value: object) -> Scope:
    if not isinstance(value, dict) or "layer" not in value or set(value) - {"layer", "where"}:
        raise TypeError("must be a table with layer and, if wanted, where")
    where = _expression(value["where"]) if "where" in value else None
    return Scope(_identifier(value["layer"]), where)


PARAMETERS = {"buffer_m": "buffer", "line_half_width_m": "line_half_width", "kind": "kinds"}
"""Fields whose name in a file differs from that of the parameter."""
FIELDS = {
    "id": Field(_identifier, required=True),
    "title_zh": Field(_filled, required=True),
    "title_en": Field(_filled, required=True),
    "document": Field(_filled, required=True),
    "article": Field(_text_field, ""),
    "source": Field(_filled, required=True),
    "confidence": Field(_filled, required=True),
    "unverified": Field(_flag, default=False),
    "layer": Field(_identifier, required=True),
    "where": Field(_expression),
    "kind": Field(_texts, ()),
    "values": Field(_ranges),
    "buffer_m": Field(_distance, Distance()),
    "line_half_width_m": Field(_distance, Distance()),
    "applies_to": Field(_types, required=True),
    "verdict": Field(_filled, required=True),
    "share": Field(_number, 1.0),
    "exemptions": Field(_exemptions, ()),
    "weight": Field(_not_negative, 1.0),
    "decisive": Field(_flag, default=True),
    "note_zh": Field(_text_field, ""),
    "note_en": Field(_text_field, ""),
    "invert": Field(_flag, default=False),
    "within": Field(_scope),
    "min_area_m2": Field(_not_negative, 0.0),
    "min_width_m": Field(_not_negative, 0.0),
    "edge_m": Field(_not_negative, 0.0),
    "walkway_m": Field(_not_negative, 0.0),
    "block_m": Field(_not_negative, 0.0),
    "bridges": Field(_texts, ()),
    "tags": Field(lambda value: frozenset(_texts(value)), frozenset()),
}
"""Every field a rule can have."""
