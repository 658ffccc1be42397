"""What a demo.toml must hold: every fault of the description at once, before anything is generated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from faults import Fault, InputError
from layers.demo.municipal import WORKS_BUILDINGS
from layers.demo.places import FILL, OPEN_USES
from layers.demo.site import RAIL_WIDTH_M, ROAD_WIDTH_M

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Tables = Mapping[str, Any]

SHAPES = ("line", "polygon", "at", "wells")


class Section(NamedTuple):
    """One kind of feature: its shape and the keys it cannot do without."""

    shape: str | None
    keys: tuple[str, ...]


SECTIONS = {
    "river": Section("line", ("name", "width_m", "management_m", "redline_m")),
    "lake": Section("polygon", ("name",)),
    "road": Section("line", ("class",)),
    "rail": Section("line", ("class", "name")),
    "runway": Section("line", ("name", "width_m")),
    "zone": Section("polygon", ("name", "angle_deg", "block_m", "mix")),
    "growing": Section("polygon", ("name",)),
    "heritage": Section("at", ("name", "protection_m", "control_m", "mound_m")),
    "works": Section("at", ("name", "facility", "size_m")),
    "plant": Section("at", ("name", "size_m", "halls", "hall_m2")),
    "substation": Section("at", ("name", "kv")),
    "ehv": Section("line", ("kv",)),
    "water_source": Section("wells", ("name",)),
    "wetland": Section(None, ("name", "river", "from_to", "width_m")),
    "fissure": Section("line", ("name",)),
    "subsidence": Section("polygon", ("name",)),
    "no_abstraction": Section("polygon", ("name",)),
    "heat": Section(None, ("name", "source_at", "zones")),
}
"""Features of a description, `[[section]]`."""

SETTINGS = {
    "terrain": ("low_m", "high_m", "cell_m", "margin_m", "summit_at", "main_river", "side_river"),
    "fields": ("block_east_m", "block_north_m"),
    "villages": ("spacing_m",),
    "mix": ("protected",),
}
"""Tables a description cannot do without, `[table]`, and their keys."""
AIRPORT = ("name", "clear_m", "glare_m", "terminals_at", "cargo_at", "hangars_at")
"""Keys of `[airport]`, needed where there are runways."""


def check_plan(tables: Tables, file: str) -> None:
    """Raise every fault of a description, with its section, number and key."""
    settings = SETTINGS | ({"airport": AIRPORT} if "runway" in tables else {})
    wrong = [*_unknown(tables), *_incomplete(tables, settings), *_misshapen(tables)]
    if not wrong:
        wrong = list(_dangling(tables))
    if wrong:
        raise InputError([Fault("demo", row, key, value, rule, file=file) for row, key, value, rule in wrong])


Wrong = tuple[int | None, str, str | None, str]


def _rows(tables: Tables, section: str) -> Iterator[tuple[int, Tables]]:
    yield from enumerate(tables.get(section, ()), start=1)


def _unknown(tables: Tables) -> Iterator[Wrong]:
    known = (*SECTIONS, *SETTINGS, "airport")
    for name in tables:
        if name not in known:
            yield None, name, None, f"is no section of a description; known are {', '.join(known)}"


def _incomplete(tables: Tables, settings: Mapping[str, tuple[str, ...]]) -> Iterator[Wrong]:
    for name, keys in settings.items():
        for key in keys:
            if key not in tables.get(name, {}):
                yield None, f"{name}.{key}", None, "is missing"
    for name, section in SECTIONS.items():
        for number, row in _rows(tables, name):
            for key in section.keys:
                if key not in row:
                    yield number, f"{name}.{key}", None, "is missing"


def _misshapen(tables: Tables) -> Iterator[Wrong]:
    for name, section in SECTIONS.items():
        for number, row in _rows(tables, name):
            found = [shape for shape in SHAPES if shape in row]
            if found != ([section.shape] if section.shape else []):
                yield (
                    number,
                    name,
                    ", ".join(found) or None,
                    f"must have {section.shape or 'no shape'} as its shape",
                )


def _dangling(tables: Tables) -> Iterator[Wrong]:
    """Find names that point to nothing."""
    names = {section: {row["name"] for _, row in _rows(tables, section)} for section in ("river", "zone")}
    levelled = {row["name"] for _, row in _rows(tables, "river") if "water_m" in row}
    choices = {
        ("road", "class"): set(ROAD_WIDTH_M), ("rail", "class"): set(RAIL_WIDTH_M),
        ("works", "facility"): set(WORKS_BUILDINGS), ("zone", "mix"): set(tables["mix"]),
        ("wetland", "river"): names["river"], ("heat", "zones"): names["zone"],
    }  # fmt: skip
    for (section, key), allowed in choices.items():
        for number, row in _rows(tables, section):
            for value in row[key] if isinstance(row[key], list) else [row[key]]:
                if value not in allowed:
                    yield (
                        number,
                        f"{section}.{key}",
                        str(value),
                        f"must be one of {', '.join(sorted(allowed))}",
                    )
    for key in ("main_river", "side_river"):
        if tables["terrain"][key] not in levelled:
            yield None, f"terrain.{key}", tables["terrain"][key], "must be a river with water_m"
    for mix, uses in tables["mix"].items():
        for use in sorted(set(uses) - {*FILL, *OPEN_USES}):
            yield (
                None,
                f"mix.{mix}.{use}",
                None,
                f"is no use of a block; known are {', '.join([*FILL, *OPEN_USES])}",
            )
