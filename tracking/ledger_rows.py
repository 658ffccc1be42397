"""The rows of the ledger in one transaction: read, insert, change, and the audit trail of each change."""

from __future__ import annotations

import json
import uuid
from collections import Counter
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from faults import Fault, InputError, YijianError
from tracking.models import Change, Project
from tracking.projects import FIELDS
from tracking.records import LAYER, Record, check_record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection, Table

PROJECTS = cast("Table", Project.__table__)
CHANGES = cast("Table", Change.__table__)
KEPT = (*(field.name for field in FIELDS), "geometry_wkt")
"""What a project says of itself, and what the audit trail follows."""
_WITH_BASIS = ("capacity_mw_dc", "capacity_mw_ac")


class ConflictError(YijianError):
    """Somebody else changed the project since it was read."""


def insert_records(connection: Connection, records: Sequence[Record], who: str, action: str) -> list[str]:
    """Write checked new projects and their first changes in the transaction of `connection`; return the ids.

    Raises
    ------
    InputError
        Projects are incomplete or contradict themselves, or ids are taken; all faults at once.
    """
    full = [
        {name: record.get(name) for name in KEPT} | {"id": record.get("id") or f"p-{uuid.uuid4().hex[:12]}"}
        for record in records
    ]
    faults = [fault for row, record in enumerate(full, start=1) for fault in check_record(record, row)]
    if faults := [*faults, *_taken(connection, full)]:
        raise InputError(faults)
    stamp = {"version": 1, "updated_at": datetime.now(UTC), "updated_by": who}
    try:
        connection.execute(insert(PROJECTS), [{**record, **stamp} for record in full])
    except IntegrityError as error:
        rule = "an id was taken by somebody else just now; nothing was saved"
        raise InputError([Fault(LAYER, None, "id", None, rule)]) from error
    entry = {"version": 1, "who": who, "action": action, "at": stamp["updated_at"]}
    logged = [{**entry, "project_id": record["id"], "fields": _first_values(record)} for record in full]
    connection.execute(insert(CHANGES), logged)
    return [str(record["id"]) for record in full]


def _first_values(record: Record) -> dict[str, list[Any]]:
    return {
        name: [None, _plain(value)] for name, value in record.items() if value is not None and name != "id"
    }


def _taken(connection: Connection, records: Sequence[Record]) -> list[Fault]:
    ids = set(connection.execute(select(PROJECTS.c.id)).scalars())
    counts = Counter(record["id"] for record in records)
    return [
        Fault(LAYER, row, "id", record["id"], "is taken")
        for row, record in enumerate(records, start=1)
        if record["id"] in ids or counts[record["id"]] > 1
    ]


def update_record(
    connection: Connection,
    project_id: str,
    record: Record,
    who: str,
    action: str,
    *,
    version: int | None = None,
) -> int:
    """Write the fields of `record` that differ, in the transaction of `connection`; return the version.

    The row is locked from the reading on (SQLite: the whole database), so nobody writes in between.
    """
    old = read_record(connection, project_id, lock=True)
    if version is not None and version != old["version"]:
        raise ConflictError(_conflict(connection, old, version))
    changed = {name: value for name, value in record.items() if old[name] != value}
    if not changed:
        return int(old["version"])
    if faults := check_record({**old, **changed}):
        raise InputError(faults)
    new_version = int(old["version"]) + 1
    stamp = {"version": new_version, "updated_at": datetime.now(UTC), "updated_by": who}
    connection.execute(update(PROJECTS).where(PROJECTS.c.id == project_id).values(**changed, **stamp))
    pairs = {name: [_plain(old[name]), _plain(value)] for name, value in changed.items()}
    log_change(connection, (project_id, new_version, who, action), pairs)
    return new_version


def what_only_the_other_knows(kept: Record, dropped: Record) -> Record:
    """Return the fields that `kept` lacks; of sizes with and without basis the kept stays."""
    missing = {name: dropped[name] for name in KEPT if kept[name] is None}
    if kept["capacity_mw_unstated"] is not None:
        return {name: value for name, value in missing.items() if name not in _WITH_BASIS}
    if any(kept[name] is not None or missing.get(name) is not None for name in _WITH_BASIS):
        missing.pop("capacity_mw_unstated")
    return missing


def existing(connection: Connection) -> list[Record]:
    """Return all listed projects of a transaction as records."""
    rows = connection.execute(select(PROJECTS).where(PROJECTS.c.merged_into.is_(None)))
    return [dict(row) for row in rows.mappings()]


def read_record(connection: Connection, project_id: str, *, lock: bool = False) -> Record:
    """Read one listed project, locked against others where it is about to be written."""
    query = select(PROJECTS).where(PROJECTS.c.id == project_id)
    row = connection.execute(query.with_for_update() if lock else query).mappings().first()
    if row is None:
        raise InputError([Fault(LAYER, None, "id", project_id, "is not in the ledger")])
    if row["merged_into"] is not None:
        raise InputError([Fault(LAYER, None, "id", project_id, f"was merged into {row['merged_into']}")])
    return dict(row)


def _conflict(connection: Connection, now: Record, version: int) -> str:
    """Say who changed what since the version that the editor had read."""
    query = select(CHANGES).where((CHANGES.c.project_id == now["id"]) & (CHANGES.c.version > version))
    done = [
        f"{row.who} at {row.at:%Y-%m-%d %H:%M} UTC: "
        + ", ".join(f"{name} {_shown(old)} -> {_shown(new)}" for name, (old, new) in row.fields.items())
        for row in connection.execute(query.order_by(CHANGES.c.id))
    ]
    head = f"{now['name']} ({now['id']}) was changed since version {version} was read (now {now['version']})"
    return f"{head}; nothing was saved. Read it again, then edit. " + "; ".join(done)


def _shown(value: object) -> str:
    return "unknown" if value is None else json.dumps(value, ensure_ascii=False)


def log_change(
    connection: Connection, entry: tuple[str, int, str, str], fields: Mapping[str, Iterable[Any]]
) -> None:
    """Add to the audit trail: (project, version, who, action) and what changed."""
    named = dict(zip(("project_id", "version", "who", "action"), entry, strict=True))
    connection.execute(insert(CHANGES).values(**named, at=datetime.now(UTC), fields=dict(fields)))


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
