"""Bringing a table of projects into the ledger: look at it first, then apply all of it or nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from faults import Fault, InputError
from tracking.database import writing
from tracking.duplicates import Suspicion, suspected
from tracking.ledger_rows import KEPT, existing, insert_records, update_record
from tracking.records import LAYER, Record, check_record, parse_record
from tracking.tables import read_table
from tracking.units import clean_text
from tracking.words import folded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tracking.ledger import Ledger
    from tracking.tables import Table

Action = Literal["add", "set", "same"]


@dataclass(frozen=True)
class Step:
    """What applying would do with one row."""

    row: int
    """Row of the file, from 1 without the heading."""
    action: Action
    record: Record
    """All values of a new project, or the values that differ."""
    project_id: str | None
    """The project that is changed; None for a new one."""
    version: int | None = None
    """Its version when looked at."""


@dataclass(frozen=True)
class Preview:
    """What an import would do; nothing has been changed."""

    file: str
    steps: tuple[Step, ...]
    faults: tuple[Fault, ...]
    """Errors keep it from being applied; warnings do not."""
    suspicions: tuple[Suspicion, ...]
    """New rows that may be in the ledger, or in the file, already; rows are named `row N`."""
    mapping: Mapping[str, str]
    """Heading by field, as it was understood."""
    ignored: tuple[str, ...]
    """Headings that no field was found for; their columns are not imported."""

    @property
    def counts(self) -> dict[str, int]:
        """How many rows would be added, changed, and left as they are."""
        found = Counter(step.action for step in self.steps)
        return {name: found[name] for name in ("add", "set", "same")}

    @property
    def applicable(self) -> bool:
        """Whether there is no error in the file."""
        return not any(fault.severity == "error" for fault in self.faults)

    def frame(self) -> pd.DataFrame:
        """Return the preview as a table: row, action, id, name, and the fields with their new values."""
        rows = [
            {"row": step.row, "action": step.action, "id": step.project_id, **step.record}
            for step in self.steps
        ]
        return pd.DataFrame(rows, columns=["row", "action", *KEPT])


def preview_import(
    ledger: Ledger,
    path: Path,
    *,
    mapping: Mapping[str, str] | None = None,
    defaults: Mapping[str, str] | None = None,
) -> Preview:
    """Read a file and compare it with the ledger.

    A row is an existing project if it names its id, or if exactly one project and exactly one row have its
    kind, town and name. Cells that are empty or say "unknown" leave what the ledger knows.

    Parameters
    ----------
    mapping
        Heading by field, see `tracking.tables.read_table`.
    defaults
        Values of fields for rows that leave them empty: ``{"kind": "pv", "status": "approved"}``.

    Raises
    ------
    InputError
        The file cannot be read at all; faults of its rows are in the preview.
    """
    table = read_table(path, mapping=mapping)
    given, faults = _parse_rows(table, defaults or {}, ledger.towns)
    with ledger.engine.connect() as connection:
        known = existing(connection)
    steps = _steps(given, known)
    by_id = {project["id"]: project for project in known}
    for step in steps:
        if step.action != "same":
            faults += check_record({**by_id.get(step.project_id or "", {}), **step.record}, step.row)
    faults += _twice(steps)
    faults += [
        Fault(LAYER, None, head, None, "no field found for this column: not imported", "warning", table.file)
        for head in table.ignored
    ]
    order = sorted(faults, key=lambda fault: (fault.row or 0, fault.column or ""))
    suspicions = _suspicions(steps, known)
    return Preview(table.file, steps, tuple(order), suspicions, table.mapping, table.ignored)


def apply_import(ledger: Ledger, preview: Preview, *, who: str) -> dict[str, int]:
    """Apply a preview in one transaction; return how many rows were added, changed and left.

    Raises
    ------
    InputError
        The preview has errors; nothing is changed.
    ConflictError
        A project was changed since the preview; nothing is changed.
    """
    if not preview.applicable:
        raise InputError(fault for fault in preview.faults if fault.severity == "error")
    if not who.strip():
        raise InputError([Fault(LAYER, None, "who", who, "must name who imports")])
    fresh = [step.record for step in preview.steps if step.action == "add"]
    with writing(ledger.engine) as connection:
        if fresh:
            insert_records(connection, fresh, who.strip(), "import")
        for step in preview.steps:
            if step.action == "set" and step.project_id is not None:
                key, record, version = step.project_id, step.record, step.version
                update_record(connection, key, record, who.strip(), "import", version=version)
    return preview.counts


def _parse_rows(
    table: Table, defaults: Mapping[str, str], towns: Mapping[str, tuple[str, ...]]
) -> tuple[list[Record], list[Fault]]:
    records: list[Record] = []
    faults: list[Fault] = []
    for number, raw in enumerate(table.rows, start=1):
        filled = {name: value for name, value in raw.items() if clean_text(value) is not None}
        filled = {**{name: text for name, text in defaults.items() if name not in filled}, **filled}
        record, wrong = parse_record(filled, row=number, units=table.units, towns=towns)
        if table.outlines and table.outlines[number - 1] is not None:
            record["geometry_wkt"] = table.outlines[number - 1]
        records.append(record)
        faults += wrong
    return records, faults


def _steps(given: Sequence[Record], known: Sequence[Record]) -> tuple[Step, ...]:
    by_id = {project["id"]: project for project in known}
    known_keys = Counter(_key(project) for project in known)
    given_keys = Counter(_key(record) for record in given)
    by_key = {_key(project): project for project in known}
    steps = []
    for row, record in enumerate(given, start=1):
        key = _key(record)
        old = by_id.get(record["id"]) if record.get("id") else None
        if old is None and not record.get("id") and known_keys[key] == given_keys[key] == 1:
            old = by_key[key]
        if old is None:
            steps.append(Step(row, "add", record, None))
            continue
        changed = {name: value for name, value in record.items() if value is not None and old[name] != value}
        steps.append(Step(row, "set" if changed else "same", changed, old["id"], int(old["version"])))
    return tuple(steps)


def _key(record: Mapping[str, Any]) -> tuple[Any, ...]:
    return record.get("kind"), record.get("town"), folded(record.get("name") or "")


def _twice(steps: Sequence[Step]) -> list[Fault]:
    """Find ids that several rows of the file claim."""
    ids = [step.project_id or step.record.get("id") for step in steps]
    counts = Counter(name for name in ids if name is not None)
    return [
        Fault(LAYER, step.row, "id", name, "appears twice in the file")
        for step, name in zip(steps, ids, strict=True)
        if name is not None and counts[name] > 1
    ]


def _suspicions(steps: Sequence[Step], known: Sequence[Record]) -> tuple[Suspicion, ...]:
    fresh = [
        {**dict.fromkeys(KEPT), **step.record, "id": f"row {step.row}"}
        for step in steps
        if step.action == "add" and step.record.get("name") and step.record.get("kind")
    ]
    return tuple(suspected([*known, *fresh], among=[record["id"] for record in fresh]))
