"""Read a rule pack: TOML in, checked rules out, every fault with its line."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any

from faults import Fault, InputError
from layers.rule_fields import FIELDS, PARAMETERS, Field
from layers.rule_model import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

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


class _Reader:
    """Turns one table into one rule and collects what is wrong with it."""

    def __init__(self, table: dict[str, Any], pack: str, file: str, lines: _Lines, number: int) -> None:
        self.table, self.pack, self.file = table, pack, file
        self.lines, self.number = lines, number
        self.faults: list[Fault] = []

    def rule(self) -> Rule | None:
        for name in sorted(set(self.table) - set(FIELDS)):
            self._fault(name, self.table[name], "is no field of a rule")
        values = {name: self._value(name, kind) for name, kind in FIELDS.items()}
        if self.faults:
            return None
        try:
            return Rule(
                pack=self.pack, **{PARAMETERS.get(name, name): value for name, value in values.items()}
            )
        except ValueError as error:
            self._fault(None, values["id"], str(error))
            return None

    def _value(self, name: str, kind: Field) -> Any:  # noqa: ANN401 - each field has its own type
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
