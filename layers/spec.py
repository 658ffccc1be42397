"""How region.toml describes one layer, and how its keys are taken and checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from faults import Fault, InputError
from layers.schema import SCHEMAS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

LAYER_NAMES = (
    "towns",
    "townships",
    "buildings",
    "farmland",
    "municipal",
    "restrictions",
    "grid",
    "heat",
    "wells",
    "facilities",
    "ground",
    "terrain",
    "surface",
)
"""Every layer a region can have."""
RASTERS = ("terrain", "surface")
"""The layers that are rasters."""
DEMO_NAMES = ("buildings", "farmland", "municipal", "restrictions", "grid", "heat", "terrain")
"""The layers that can be generated."""
AXES = ("xy", "yx")
DATUMS = ("gcj02", "bd09")

_T = TypeVar("_T")


@dataclass(frozen=True)
class LayerSpec:
    """One layer of a region: where it is, and how its columns become the columns of the schema.

    Examples
    --------
    >>> LayerSpec("buildings", demo=True).demo
    True
    >>> LayerSpec("buildings")
    Traceback (most recent call last):
    ValueError: give either path or demo = true
    """

    name: str
    path: Path | None = None
    demo: bool = False
    """True: generated, not read."""
    layer: str | None = None
    """Layer inside a file that holds several."""
    crs: str | None = None
    """CRS of a file that declares none, as authority:code."""
    convert: str | None = None
    """Offset datum of the coordinates (gcj02, bd09) that is to be undone on reading."""
    encoding: str | None = None
    """Text encoding of a file that does not declare its own."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """Column of the schema -> column of the file."""
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Column of the schema -> value in the file -> value of the schema."""
    units: Mapping[str, str] = field(default_factory=dict)
    """Column of the schema -> unit in the file, where it is another one (mu, km2, cm, ...)."""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """Column of the schema -> value where the file has none."""
    covers: frozenset[str] | None = None
    """Kinds the layer is complete for; None: those that occur in it."""
    source: str = ""
    licence: str = ""
    confidence: str = ""
    """H, M, L; empty: not stated."""
    axis: str = "xy"
    """Order of the coordinates in the file; yx swaps them on reading."""

    def __post_init__(self) -> None:
        """Check that there is one origin and that the choices are known ones."""
        if self.demo == (self.path is not None):
            raise ValueError("give either path or demo = true")
        if self.axis not in AXES:
            raise ValueError(f"axis {self.axis!r} is none of {', '.join(AXES)}")
        if self.convert is not None and self.convert not in DATUMS:
            raise ValueError(f"convert {self.convert!r} is none of {', '.join(DATUMS)}")
        if self.confidence not in ("", "H", "M", "L"):
            raise ValueError(f"confidence {self.confidence!r} is none of H, M, L")
        for name in ("columns", "values", "units", "defaults"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))


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

    def known(self, name: str) -> bool:
        """Say whether a layer has this name; note a fault where none has."""
        if name not in LAYER_NAMES:
            self._asked.add(name)
            self.fault(name, None, f"is no layer; the layers are {', '.join(LAYER_NAMES)}")
        return name in LAYER_NAMES

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


def parse_layer(keys: Keys, name: str) -> LayerSpec:
    """Read one `[layers.<name>]` table; faults are noted in `keys`."""
    covers = keys.texts("covers") if "covers" in keys.names() else None
    fields: dict[str, Any] = {
        "path": keys.file("path"),
        "demo": keys.flag("demo"),
        "layer": keys.text("layer"),
        "crs": keys.text("crs"),
        "convert": keys.text("convert"),
        "encoding": keys.text("encoding"),
        "columns": keys.mapping("columns"),
        "values": _tables(keys, "values"),
        "units": keys.mapping("units"),
        "defaults": keys.mapping("defaults"),
        "covers": None if covers is None else frozenset(covers),
        "source": keys.text("source") or "",
        "licence": keys.text("licence") or "",
        "confidence": keys.text("confidence") or "",
        "axis": keys.text("axis") or "xy",
    }
    _check_columns(keys, name, fields)
    if fields["demo"] and name not in DEMO_NAMES:
        keys.fault("demo", "true", f"{name} cannot be generated; give a path")
    try:
        return LayerSpec(name, **fields)
    except ValueError as error:
        keys.fault("path", None, str(error))
        return LayerSpec(name, demo=True)


def _tables(keys: Keys, key: str) -> dict[str, dict[str, str]]:
    """Take a table of tables; entries that are none are faults and left out."""
    found = keys.mapping(key)
    for column, table in list(found.items()):
        if not isinstance(table, dict) or not all(isinstance(value, str) for value in table.values()):
            keys.fault(f"{key}.{column}", table, "must be a table of texts: their value = our value")
            del found[column]
    return found


def _check_columns(keys: Keys, name: str, fields: dict[str, Any]) -> None:
    """Note columns that the schema of the layer does not have, and values that it does not allow."""
    if name in RASTERS:
        return
    schema = SCHEMAS[name]
    for key in ("columns", "values", "units", "defaults"):
        for column in fields[key]:
            if column not in ("id", *schema.names):
                known = ", ".join(schema.names)
                keys.fault(f"{key}.{column}", None, f"is no column of {name}; its columns are id, {known}")
    for key, column, value in _set_values(fields):
        if (
            column in schema.names
            and (allowed := schema.column(column).allowed)
            and value not in (*allowed, "-")
        ):
            keys.fault(f"{key}.{column}", value, f"must be one of {', '.join(allowed)}")
    for key in ("columns", "units"):
        for column, value in list(fields[key].items()):
            if not isinstance(value, str):
                keys.fault(f"{key}.{column}", value, "must be a text")
                del fields[key][column]


def _set_values(fields: dict[str, Any]) -> Iterator[tuple[str, str, object]]:
    yield from (("defaults", column, value) for column, value in fields["defaults"].items())
    for column, table in fields["values"].items():
        yield from (("values", column, value) for value in table.values())
