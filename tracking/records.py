"""One project from the words of a table, a form or a command; every fault of it at once."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from faults import Fault
from tracking.projects import BY_NAME, FIELDS, Field
from tracking.units import clean_text, parse_date, parse_degrees, parse_m2, parse_mw
from tracking.words import parse_choice, parse_town

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

Record = dict[str, Any]
"""Values by field name; None is unknown."""
Towns = dict[str, tuple[str, ...]]
"""Names of each town by its id."""

LAYER = "projects"
OWN_UNIT = {"mw": "MW", "m2": "m2"}
"""Unit in which the ledger keeps, and forms take, the numbers of a field."""
LONGEST_KEY = 64
_LIMITS = {"lon": 180.0, "lat": 90.0}
_ORDER = ("date_proposed", "date_approved", "date_started", "date_operating", "date_retired")
_SIZES = ("capacity_mw_dc", "capacity_mw_ac", "capacity_mw_unstated")


def parse_record(
    raw: Mapping[str, object],
    *,
    row: int | None = None,
    units: Mapping[str, str] | None = None,
    towns: Mapping[str, tuple[str, ...]] | None = None,
) -> tuple[Record, list[Fault]]:
    """Read the given fields of a project; a field that is not given is not in the result.

    Parameters
    ----------
    raw
        Values as written, by field name.
    units
        Unit of bare numbers by field; a field without one refuses bare numbers.
    towns
        Names of the towns by id; None or empty: any name is taken.

    Returns
    -------
    The values that could be read, and the faults of all others.
    """
    record: Record = {}
    faults: list[Fault] = []
    for name, value in raw.items():
        field = BY_NAME.get(name)
        if field is None:
            faults.append(Fault(LAYER, row, name, None, "is no field of a project"))
            continue
        try:
            record[name] = _parse(value, field, (units or {}).get(name), towns or {})
        except ValueError as error:
            faults.append(Fault(LAYER, row, name, str(value), str(error)))
    return record, faults


def _parse(value: object, field: Field, unit: str | None, towns: Mapping[str, tuple[str, ...]]) -> object:
    if field.kind == "mw":
        return parse_mw(value, unit)
    if field.kind == "m2":
        return parse_m2(value, unit)
    if field.kind == "date":
        return parse_date(value)
    if field.kind == "degrees":
        return parse_degrees(value)
    if field.kind == "choice":
        return parse_choice(value, field)
    return parse_town(value, towns) if field.name == "town" else clean_text(value)


def check_record(record: Mapping[str, Any], row: int | None = None) -> list[Fault]:
    """Check a complete project: what is required, and what does not go together."""
    return [*_required(record, row), *_placed(record, row), *_sized(record, row), *_dated(record, row)]


def _required(record: Mapping[str, Any], row: int | None) -> Iterator[Fault]:
    for field in FIELDS:
        if field.required and record.get(field.name) is None:
            yield Fault(LAYER, row, field.name, None, f"is required ({field.zh})")
    for name in ("id", "town"):
        text = record.get(name)
        if text is not None and len(text) > LONGEST_KEY:
            yield Fault(LAYER, row, name, text, f"must have at most {LONGEST_KEY} characters")


def _placed(record: Mapping[str, Any], row: int | None) -> Iterator[Fault]:
    lon, lat = record.get("lon"), record.get("lat")
    if (lon is None) != (lat is None):
        yield Fault(LAYER, row, "lon" if lon is None else "lat", None, "lon and lat go together")
    for name, limit in _LIMITS.items():
        value = record.get(name)
        if value is not None and not -limit <= value <= limit:
            yield Fault(LAYER, row, name, str(value), f"must be from {-limit:g} to {limit:g} degrees")


def _sized(record: Mapping[str, Any], row: int | None) -> Iterator[Fault]:
    kind = record.get("kind")
    given = [name for name in (*_SIZES, "pv_type") if record.get(name) is not None]
    if kind in {"geothermal", "heat"}:
        for name in given:
            yield Fault(LAYER, row, name, str(record[name]), f"a project of kind {kind} has none")
    if kind is not None and kind not in {"geothermal", "heat"}:
        for name in ("heated_m2", "technology"):
            if record.get(name) is not None:
                yield Fault(LAYER, row, name, str(record[name]), f"a project of kind {kind} has none")
    if record.get("capacity_mw_unstated") is not None and len([name for name in given if name in _SIZES]) > 1:
        value = str(record["capacity_mw_unstated"])
        rule = "must be empty where the DC or AC capacity is given"
        yield Fault(LAYER, row, "capacity_mw_unstated", value, rule)


def _dated(record: Mapping[str, Any], row: int | None) -> Iterator[Fault]:
    given: list[tuple[str, date]] = [(name, record[name]) for name in _ORDER if record.get(name) is not None]
    for (earlier, first), (later, second) in pairwise(given):
        if second < first:
            yield Fault(LAYER, row, later, str(second), f"must not be before {earlier} ({first})")
