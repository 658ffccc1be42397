"""The ledger of projects: read, add, change, merge; who changed what and when; nobody's edit is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from sqlalchemy import Date, Text, func, select, type_coerce, update

from faults import Fault, InputError
from tracking.database import open_engine, writing
from tracking.ledger_rows import (
    CHANGES,
    PROJECTS,
    insert_records,
    log_change,
    read_record,
    update_record,
    what_only_the_other_knows,
)
from tracking.models import UtcTime
from tracking.projects import FIELDS, projects_frame
from tracking.records import LAYER, OWN_UNIT, Record, parse_record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_RAW = tuple(
    type_coerce(column, Text).label(column.key) if isinstance(column.type, (Date, UtcTime)) else column
    for column in PROJECTS.c
    if column.key != "merged_into"
)
"""Columns as the driver gives them: dates of ten thousand rows are turned all at once, not one by one."""
OWN_UNITS = {field.name: OWN_UNIT[field.kind] for field in FIELDS if field.kind in OWN_UNIT}


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
            return read_record(connection, project_id)

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
            both = {name: read_record(connection, name, lock=True) for name in sorted((keep, drop))}
            kept, dropped = both[keep], both[drop]
            missing = what_only_the_other_knows(kept, dropped)
            version = update_record(connection, keep, missing, _who(who), "merge")
            changed = update(PROJECTS).where(PROJECTS.c.id == drop)
            connection.execute(changed.values(merged_into=keep, version=PROJECTS.c.version + 1))
            entry = (drop, int(dropped["version"]) + 1, _who(who), "merge")
            log_change(connection, entry, {"merged_into": [None, keep]})
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

    def stamp(self) -> str:
        """Return a short text that is another one after every change, import, undoing or restoring."""
        query = select(func.count(), func.max(CHANGES.c.id), func.max(CHANGES.c.at))
        with self.engine.connect() as connection:
            return " ".join(map(str, connection.execute(query).one()))

    def _parsed(self, values: Mapping[str, object]) -> Record:
        record, faults = parse_record(values, units=OWN_UNITS, towns=self.towns)
        if faults:
            raise InputError(faults)
        return record


def _who(who: str) -> str:
    if not who.strip():
        raise InputError([Fault(LAYER, None, "who", who, "must name who makes the change")])
    return who.strip()
