"""Keys of region.toml, taken one by one; those nobody asks for are faults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from faults import Fault, InputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_T = TypeVar("_T")


class Keys:
    """Keys of a TOML table that are taken one by one; those never asked for are faults."""

    def __init__(
        self, table: Mapping[str, Any], *, file: Path, prefix: str = "", faults: list[Fault] | None = None
    ) -> None:
        self.file_path = file
        self._table = table
        self._prefix = prefix
        self._asked: set[str] = set()
        self._children: list[Keys] = []
        self.faults: list[Fault] = [] if faults is None else faults

    def fault(self, key: str, value: object, rule: str) -> None:
        """Note a fault of one key."""
        text = None if value is None else str(value)
        self.faults.append(
            Fault("region", None, f"{self._prefix}{key}", text, rule, file=self.file_path.name)
        )

    def names(self) -> tuple[str, ...]:
        """Return the keys of the table as they are written."""
        return tuple(self._table)

    def one_of(self, name: str, allowed: tuple[str, ...], what: str) -> bool:
        """Say whether a key is one of those allowed; note a fault where it is not."""
        if name not in allowed:
            self._asked.add(name)
            self.fault(name, None, f"is no {what}; the {what}s are {', '.join(allowed)}")
        return name in allowed

    def take(self, key: str, kind: type[_T], what: str, *, required: bool = False) -> _T | None:
        """Take a value of a kind; another kind, or none where one is required, is a fault."""
        self._asked.add(key)
        value = self._table.get(key)
        if value is None:
            if required:
                self.fault(key, None, "is missing")
            return None
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            self.fault(key, value, f"must be {what}")
            return None
        return value

    def text(self, key: str, *, required: bool = False) -> str | None:
        """Take a text."""
        return self.take(key, str, "a text", required=required)

    def texts(self, key: str) -> tuple[str, ...]:
        """Take a list of texts; none is an empty one."""
        found = self.take(key, list, "a list of texts") or []
        if not all(isinstance(item, str) for item in found):
            self.fault(key, found, "must be a list of texts")
            return ()
        return tuple(found)

    def integer(self, key: str) -> int:
        """Take a whole number; none is 0."""
        return self.take(key, int, "a whole number") or 0

    def flag(self, key: str) -> bool:
        """Take true or false; none is false."""
        return self.take(key, bool, "true or false") or False

    def mapping(self, key: str) -> dict[str, Any]:
        """Take a table whose keys are free."""
        return dict(self.take(key, dict, "a table") or {})

    def file(self, key: str) -> Path | None:
        """Take a path, relative to the file; one that does not exist is a fault."""
        text = self.text(key)
        if text is None:
            return None
        path = (self.file_path.parent / text).resolve()
        if not path.exists():
            self.fault(key, text, f"file not found: {path}")
        return path

    def files(self, key: str) -> tuple[Path, ...]:
        """Take one path or a list of them, as in `file`; none is an empty one."""
        if not isinstance(self._table.get(key), list):
            one = self.file(key)
            return () if one is None else (one,)
        paths = tuple((self.file_path.parent / text).resolve() for text in self.texts(key))
        for path in paths:
            if not path.exists():
                self.fault(key, path.name, f"file not found: {path}")
        return paths

    def table(self, key: str) -> Keys:
        """Take a table of keys; none is an empty one."""
        found = self.take(key, dict, "a table") or {}
        child = Keys(found, file=self.file_path, prefix=f"{self._prefix}{key}.", faults=self.faults)
        self._children.append(child)
        return child

    def unknown(self) -> None:
        """Note a fault for each key that nobody asked for, here and below."""
        for key in self._table:
            if key not in self._asked:
                self.fault(key, None, f"is an unknown key; known are {', '.join(sorted(self._asked))}")
        for child in self._children:
            child.unknown()

    def finish(self) -> None:
        """Raise every fault found."""
        self.unknown()
        if self.faults:
            raise InputError(self.faults)
