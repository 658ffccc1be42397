"""The ledger of projects: read, add, change, merge; who changed what and when; nobody's edit is lost."""

from __future__ import annotations

import json
import uuid
from collections import Counter
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, cast

import pandas as pd
from sqlalchemy import Date, Text, func, insert, select, type_coerce, update
from sqlalchemy.exc import IntegrityError

from faults import Fault, InputError, YijianError
from tracking.database import open_engine, writing
from tracking.models import Change, Project, UtcTime
from tracking.projects import FIELDS, projects_frame
from tracking.records import LAYER, OWN_UNIT, Record, check_record, parse_record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection, Table

PROJECTS = cast("Table", Project.__table__)
CHANGES = cast("Table", Change.__table__)
KEPT = (*(field.name for field in FIELDS), "geometry_wkt")
"""What a project says of itself, and what the audit trail follows."""
_WITH_BASIS = ("capacity_mw_dc", "capacity_mw_ac")
_RAW = tuple(
    type_coerce(column, Text).label(column.key) if isinstance(column.type, (Date, UtcTime)) else column
    for column in PROJECTS.c
    if column.key != "merged_into"
)
"""Columns as the driver gives them: dates of ten thousand rows are turned all at once, not one by one."""
OWN_UNITS = {field.name: OWN_UNIT[field.kind] for field in FIELDS if field.kind in OWN_UNIT}


class ConflictError(YijianError):
    """Somebody else changed the project since it was read."""


class Ledger:
    """A ledger in a database; several people and processes may use the same one.

    Parameters
    ----------
    url
        See `tracking.database.open_engine`.
    towns
        Names of the towns by id; where given, a project's town must be one of them.

    Examples
    --------
    >>> ledger = Ledger("sqlite://")
    >>> project = {"name": "屋顶一期", "kind": "光伏", "status": "在建", "capacity_mw_dc": "0.6万千瓦"}
    >>> key = ledger.add(project, who="Li")
    >>> ledger.set(key, {"status": "operating"}, who="Wang")
    2
    >>> now = ledger.get(key)
    >>> now["name"], now["status"], now["capacity_mw_dc"], now["version"]
    ('屋顶一期', 'operating', 6.0, 2)
    """

    def __init__(self, url: str, *, towns: Mapping[str, tuple[str, ...]] | None = None) -> None:
        self.engine = open_engine(url)
        self.towns = dict(towns or {})

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()

    def frame(
        self, *, town: str | None = None, kind: str | None = None, status: str | None = None
    ) -> pd.DataFrame:
        """Return the projects as a table, by name; merged ones are left out.

        Columns as `tracking.projects.FIELDS`, then geometry_wkt, version, updated_at, updated_by.
        """
        query = select(*_RAW).where(PROJECTS.c.merged_into.is_(None))
        for column, wanted in (("town", town), ("kind", kind), ("status", status)):
            if wanted is not None:
                query = query.where(PROJECTS.c[column] == wanted)
        with self.engine.connect() as connection:
            result = connection.execute(query.order_by(PROJECTS.c.id))
            rows = [tuple(row) for row in result.fetchall()]
        table = pd.DataFrame(rows, columns=[column.key for column in _RAW], dtype=object)
        table["version"] = table["version"].astype("int64")
        table["updated_at"] = pd.to_datetime(table["updated_at"], utc=True, format="ISO8601")
        return projects_frame(table)

    def get(self, project_id: str) -> Record:
        """Return one project with its version; unknown values are None."""
        with self.engine.connect() as connection:
            return _read(connection, project_id)

    def add(self, values: Mapping[str, object], *, who: str) -> str:
        """Add a project from values as written; return its id (made up where none is given).

        Raises
        ------
        InputError
            Values are wrong or missing, or the id is taken; all faults at once.
        """
        return self.add_many([values], who=who)[0]

    def add_many(self, projects: Iterable[Mapping[str, object]], *, who: str) -> list[str]:
        """Add several projects in one transaction, all or none; return their ids."""
        records = [self._parsed(values) for values in projects]
        if not records:
            return []
        with writing(self.engine) as connection:
            return insert_records(connection, records, _who(who), "add")

    def set(
        self, project_id: str, values: Mapping[str, object], *, who: str, version: int | None = None
    ) -> int:
        """Change fields of a project; return its new version.

        Parameters
        ----------
        version
            Version that was read before editing; if the project has another by now, nothing is changed.
            None: change whatever stands there now.

        Raises
        ------
        ConflictError
            Somebody else changed the project since `version`; says who, when and what.
        """
        if "id" in values:
            raise InputError([Fault(LAYER, None, "id", str(values["id"]), "cannot be changed")])
        record = self._parsed(values)
        with writing(self.engine) as connection:
            return update_record(connection, project_id, record, _who(who), "set", version=version)

    def merge(self, keep: str, drop: str, *, who: str) -> int:
        """Make two entries of the same project one: `keep` takes what only `drop` knows; return its version.

        The dropped entry stays in the database, marked, with its history; it is no longer listed or counted.
        """
        if keep == drop:
            raise InputError([Fault(LAYER, None, "id", keep, "cannot be merged with itself")])
        with writing(self.engine) as connection:
            both = {name: _read(connection, name, lock=True) for name in sorted((keep, drop))}
            kept, dropped = both[keep], both[drop]
            missing = _what_only_the_other_knows(kept, dropped)
            version = update_record(connection, keep, missing, _who(who), "merge")
            changed = update(PROJECTS).where(PROJECTS.c.id == drop)
            connection.execute(changed.values(merged_into=keep, version=PROJECTS.c.version + 1))
            entry = (drop, int(dropped["version"]) + 1, _who(who), "merge")
            _log(connection, entry, {"merged_into": [None, keep]})
        return version

    def history(self, project_id: str | None = None) -> pd.DataFrame:
        """Return every change, oldest first: at, who, action, id, version, field, old, new."""
        query = select(CHANGES).order_by(CHANGES.c.id)
        if project_id is not None:
            query = query.where(CHANGES.c.project_id == project_id)
        with self.engine.connect() as connection:
            changes = connection.execute(query).all()
        rows = [
            (row.at, row.who, row.action, row.project_id, row.version, field, old, new)
            for row in changes
            for field, (old, new) in (row.fields or {"": (None, None)}).items()
        ]
        return pd.DataFrame(
            rows, columns=["at", "who", "action", "id", "version", "field", "old", "new"]
        ).astype({"old": object, "new": object})

    def count(self) -> int:
        """Count the projects that are listed."""
        query = select(func.count()).select_from(PROJECTS).where(PROJECTS.c.merged_into.is_(None))
        with self.engine.connect() as connection:
            return int(connection.execute(query).scalar_one())

    def is_untouched(self) -> bool:
        """Say whether nothing was ever written to the ledger."""
        with self.engine.connect() as connection:
            return connection.execute(select(CHANGES.c.id).limit(1)).first() is None

    def _parsed(self, values: Mapping[str, object]) -> Record:
        record, faults = parse_record(values, units=OWN_UNITS, towns=self.towns)
        if faults:
            raise InputError(faults)
        return record


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
    old = _read(connection, project_id, lock=True)
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
    _log(connection, (project_id, new_version, who, action), pairs)
    return new_version


def _what_only_the_other_knows(kept: Record, dropped: Record) -> Record:
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


def _read(connection: Connection, project_id: str, *, lock: bool = False) -> Record:
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


def _log(
    connection: Connection, entry: tuple[str, int, str, str], fields: Mapping[str, Iterable[Any]]
) -> None:
    """Add to the audit trail: (project, version, who, action) and what changed."""
    named = dict(zip(("project_id", "version", "who", "action"), entry, strict=True))
    connection.execute(insert(CHANGES).values(**named, at=datetime.now(UTC), fields=dict(fields)))


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _who(who: str) -> str:
    if not who.strip():
        raise InputError([Fault(LAYER, None, "who", who, "must name who makes the change")])
    return who.strip()
