"""Read a rule pack: TOML in, checked rules out, every fault with its line."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from typing import TYPE_CHECKING, Any, NamedTuple

from faults import Fault, InputError
from layers.expression import Expression, compile_expression
from layers.rule_model import Distance, Exemption, Rule, Scope, expand_types
from layers.rule_ranges import Ranges, compile_ranges

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_ID = re.compile(r"[a-z][a-z0-9_]*")
_PACK_FIELDS = {"id", "title_zh", "title_en"}


def read_pack(file: Path) -> tuple[Rule, ...]:
    """Read the rules of one pack file.

    Raises
    ------
    InputError
        The file or rules in it are malformed; all faults at once.
    """
    text = _text(file)
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError([Fault(file.name, None, None, None, f"is not valid TOML: {error}")]) from error
    pack: Any = tree.get("pack")
    tables: Any = tree.get("rule")
    faults = [*_head_faults(file.name, pack, tables, set(tree) - {"pack", "rule"})]
    if faults:
        raise InputError(faults)
    lines = _Lines(text)
    readers = [_Reader(table, pack["id"], file.name, lines, number) for number, table in enumerate(tables)]
    rules = [reader.rule() for reader in readers]
    faults += [fault for reader in readers for fault in reader.faults]
    if faults:
        raise InputError(faults)
    return tuple(rule for rule in rules if rule is not None)


def pack_titles(file: Path) -> tuple[str, str]:
    """Return the pack's Chinese and English title."""
    pack = tomllib.loads(_text(file)).get("pack", {})
    return str(pack.get("title_zh", file.stem)), str(pack.get("title_en", file.stem))


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        others = ", ".join(sorted(path.stem for path in file.parent.glob("*.toml"))) or "none"
        rule = f"there is no such rule pack; packs beside it: {others}"
        raise InputError([Fault(file.name, None, None, str(file), rule)]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError([Fault(file.name, None, None, str(file), f"cannot be read: {error}")]) from error


def _head_faults(name: str, pack: object, tables: object, others: set[str]) -> Iterator[Fault]:
    if not isinstance(pack, dict) or _PACK_FIELDS - set(pack):
        yield Fault(name, None, "pack", None, "a table [pack] with id, title_zh and title_en is needed")
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        yield Fault(name, None, "rule", None, "at least one table [[rule]] is needed")
    for other in sorted(others):
        yield Fault(name, None, other, None, "is unknown; a pack holds [pack] and [[rule]]")


class _Lines:
    """Finds the line of a field in the file, for messages."""

    def __init__(self, text: str) -> None:
        self._lines = text.splitlines()
        self._starts = [n for n, line in enumerate(self._lines) if re.match(r"\s*\[\[\s*rule\s*\]\]", line)]

    def find(self, number: int, name: str | None) -> int | None:
        if number >= len(self._starts):
            return None
        start, end = self._starts[number], [*self._starts, len(self._lines)][number + 1]
        if name is not None:
            named = re.compile(rf"\s*(\[+\s*rule\.)?{re.escape(name)}\b")
            for line in range(start + 1, end):
                if named.match(self._lines[line]):
                    return line + 1
        return start + 1


class _Field(NamedTuple):
    convert: Callable[[Any], Any]
    default: Any = None
    required: bool = False


class _Reader:
    """Turns one table into one rule and collects what is wrong with it."""

    def __init__(self, table: dict[str, Any], pack: str, file: str, lines: _Lines, number: int) -> None:
        self.table, self.pack, self.file = table, pack, file
        self.lines, self.number = lines, number
        self.faults: list[Fault] = []

    def rule(self) -> Rule | None:
        for name in sorted(set(self.table) - set(_FIELDS)):
            self._fault(name, self.table[name], "is no field of a rule")
        values = {name: self._value(name, kind) for name, kind in _FIELDS.items()}
        if self.faults:
            return None
        try:
            return Rule(
                pack=self.pack, **{_PARAMETERS.get(name, name): value for name, value in values.items()}
            )
        except ValueError as error:
            self._fault(None, values["id"], str(error))
            return None

    def _value(self, name: str, kind: _Field) -> Any:  # noqa: ANN401 - each field has its own type
        if name not in self.table:
            if kind.required:
                self._fault(name, None, "is missing")
            return kind.default
        raw = self.table[name]
        try:
            return kind.convert(raw)
        except InputError as error:
            self._fault(name, raw, error.faults[0].rule)
        except (TypeError, ValueError) as error:
            self._fault(name, raw, str(error))
        return kind.default

    def _fault(self, name: str | None, value: object, rule: str) -> None:
        shown = self.table.get("id", f"rule {self.number + 1}")
        column = str(shown) if name is None else f"{shown}.{name}"
        text = None if value is None else str(value)
        line = self.lines.find(self.number, name)
        self.faults.append(Fault(self.file, line, column, text, rule, file=self.file))


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


_PARAMETERS = {"buffer_m": "buffer", "line_half_width_m": "line_half_width", "kind": "kinds"}
_FIELDS = {
    "id": _Field(_identifier, required=True),
    "title_zh": _Field(_filled, required=True),
    "title_en": _Field(_filled, required=True),
    "document": _Field(_filled, required=True),
    "article": _Field(_text_field, ""),
    "source": _Field(_filled, required=True),
    "confidence": _Field(_filled, required=True),
    "unverified": _Field(_flag, default=False),
    "layer": _Field(_identifier, required=True),
    "where": _Field(_expression),
    "kind": _Field(_texts, ()),
    "values": _Field(_ranges),
    "buffer_m": _Field(_distance, Distance()),
    "line_half_width_m": _Field(_distance, Distance()),
    "applies_to": _Field(_types, required=True),
    "verdict": _Field(_filled, required=True),
    "share": _Field(_number, 1.0),
    "exemptions": _Field(_exemptions, ()),
    "weight": _Field(_not_negative, 1.0),
    "decisive": _Field(_flag, default=True),
    "note_zh": _Field(_text_field, ""),
    "note_en": _Field(_text_field, ""),
    "invert": _Field(_flag, default=False),
    "within": _Field(_scope),
    "min_area_m2": _Field(_not_negative, 0.0),
    "min_width_m": _Field(_not_negative, 0.0),
    "bridges": _Field(_texts, ()),
    "tags": _Field(lambda value: frozenset(_texts(value)), frozenset()),
}
