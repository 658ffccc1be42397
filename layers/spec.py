"""How region.toml describes one layer."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from layers.schema import SCHEMAS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from layers.keys import Keys

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
OSM_SUFFIXES = (".pbf", ".osm")
"""Endings of extracts of OpenStreetMap."""
AXES = ("xy", "yx")
DATUMS = ("gcj02", "bd09")


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

    @property
    def sublayer(self) -> str | None:
        """What is read of a file that holds several layers; an extract of OpenStreetMap holds all of ours."""
        osm = self.path is not None and self.path.suffix.lower() in OSM_SUFFIXES
        return self.layer or (self.name if osm else None)

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
