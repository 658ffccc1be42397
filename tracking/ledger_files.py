"""The ledger as files: tables for people, and the whole of it as a backup that any database takes back."""

from __future__ import annotations

import gzip
import json
import math
import zlib
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import shapely
from sqlalchemy import Date, delete, func, insert, select
from sqlalchemy.exc import IntegrityError, StatementError

from assessment.run import write_file_atomically
from faults import Fault, InputError
from tracking.database import writing
from tracking.ledger_rows import CHANGES, PROJECTS
from tracking.models import UtcTime
from tracking.projects import FIELDS
from tracking.records import LAYER
from tracking.tables import CRS_LEDGER, RISKY

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Table
    from sqlalchemy.types import TypeEngine

    from tracking.ledger import Ledger

BACKUP_FORMAT = 1
TABLES = (PROJECTS, CHANGES)
_ROWS = 1000
_UNREADABLE = (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError, RecursionError, zlib.error)


def export_ledger(ledger: Ledger, path: Path, *, town: str | None = None, kind: str | None = None) -> int:
    """Write the projects as CSV, XLSX or GeoPackage (by the suffix); return how many.

    CSV and XLSX have the field names as headings, so that the file can be imported again; text that a
    spreadsheet would take for a formula is written as text.
    """
    writers = {".csv": _write_csv, ".xlsx": _write_xlsx, ".gpkg": _write_gpkg}
    writer = writers.get(path.suffix.lower())
    if writer is None:
        raise InputError([Fault(LAYER, None, None, path.name, f"must end with {', '.join(writers)}")])
    frame = ledger.frame(town=town, kind=kind)
    write_file_atomically(path, lambda fresh: writer(frame, fresh))
    return len(frame)


def _plain_table(frame: pd.DataFrame) -> pd.DataFrame:
    table = frame[[field.name for field in FIELDS]].copy()
    for field in FIELDS:
        if field.kind == "date":
            table[field.name] = table[field.name].dt.strftime("%Y-%m-%d")
    return table


def _write_csv(frame: pd.DataFrame, path: Path) -> None:
    table = _plain_table(frame)
    for field in FIELDS:
        if field.kind == "text":
            table[field.name] = table[field.name].map(_harmless, na_action="ignore")
    table.to_csv(path, index=False, encoding="utf-8-sig")


def _harmless(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would run; the import takes it off again."""
    return f"'{text}" if text.startswith(RISKY) else text


def _write_xlsx(frame: pd.DataFrame, path: Path) -> None:
    options = {"strings_to_formulas": False, "strings_to_urls": False}
    with (
        path.open("wb") as file,
        pd.ExcelWriter(file, engine="xlsxwriter", engine_kwargs={"options": options}) as writer,
    ):
        _plain_table(frame).to_excel(writer, sheet_name="projects", index=False, freeze_panes=(1, 2))
        writer.sheets["projects"].set_column(0, len(FIELDS) - 1, 16)


def _write_gpkg(frame: pd.DataFrame, path: Path) -> None:
    shapes = [
        shapely.from_wkt(wkt) if isinstance(wkt, str) else _point(lon, lat)
        for wkt, lon, lat in zip(frame["geometry_wkt"], frame["lon"], frame["lat"], strict=True)
    ]
    table = _plain_table(frame).drop(columns=["lon", "lat"])
    gpd.GeoDataFrame(table, geometry=shapes, crs=CRS_LEDGER).to_file(path, layer="projects", driver="GPKG")


def _point(lon: float, lat: float) -> shapely.Point | None:
    return None if math.isnan(lon) or math.isnan(lat) else shapely.Point(lon, lat)


def backup(ledger: Ledger, path: Path) -> dict[str, int]:
    """Write the whole ledger with its history to one file (gzipped JSON lines); return the rows by table."""
    with ledger.engine.connect() as connection:
        rows = {
            table.name: [
                dict(row) for row in connection.execute(select(table).order_by(table.c.id)).mappings()
            ]
            for table in TABLES
        }
    counts = {name: len(found) for name, found in rows.items()}

    def fill(fresh: Path) -> None:
        with gzip.open(fresh, "wt", encoding="utf-8") as file:
            file.write(json.dumps({"format": BACKUP_FORMAT, "rows": counts}) + "\n")
            for name, found in rows.items():
                for row in found:
                    line = {"table": name, **{key: _to_json(value) for key, value in row.items()}}
                    file.write(json.dumps(line, ensure_ascii=False) + "\n")

    write_file_atomically(path, fill)
    return counts


def restore(ledger: Ledger, path: Path, *, replace: bool = False) -> dict[str, int]:
    """Bring a backup back, in one transaction; return the rows by table.

    Raises
    ------
    InputError
        The file is no complete backup, or the ledger is not empty and `replace` is not said.
    """
    rows = _read_backup(path)
    try:
        _put_back(ledger, rows, path.name, replace=replace)
    except (IntegrityError, StatementError) as error:
        raise InputError([_unreadable(path, f"its rows do not fit together: {error.orig}")]) from error
    return {name: len(found) for name, found in rows.items()}


def _put_back(ledger: Ledger, rows: dict[str, list[dict[str, Any]]], file: str, *, replace: bool) -> None:
    with writing(ledger.engine) as connection:
        filled = connection.execute(select(func.count()).select_from(PROJECTS)).scalar_one()
        if filled and not replace:
            rule = f"the ledger has {filled} projects already: restoring must be told to replace them"
            raise InputError([Fault(LAYER, None, None, file, rule)])
        connection.execute(delete(CHANGES))
        connection.execute(PROJECTS.update().values(merged_into=None))
        connection.execute(delete(PROJECTS))
        merged = sorted(rows[PROJECTS.name], key=lambda row: row["merged_into"] is not None)
        plain = [{**row, "merged_into": None} for row in merged]
        for table, found in ((PROJECTS, plain), (CHANGES, rows[CHANGES.name])):
            for start in range(0, len(found), _ROWS):
                connection.execute(insert(table), found[start : start + _ROWS])
        for row in merged:
            if row["merged_into"] is not None:
                mine = PROJECTS.update().where(PROJECTS.c.id == row["id"])
                connection.execute(mine.values(merged_into=row["merged_into"]))
        if connection.dialect.name == "postgresql":
            top = select(func.setval(func.pg_get_serial_sequence("changes", "id"), func.max(CHANGES.c.id)))
            connection.execute(top.select_from(CHANGES))


def _read_backup(path: Path) -> dict[str, list[dict[str, Any]]]:
    """Read and check a backup completely before anything is touched."""
    rows: dict[str, list[dict[str, Any]]] = {table.name: [] for table in TABLES}
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            head = json.loads(file.readline())
            for line in file:
                row = json.loads(line)
                rows[row.pop("table")].append(row)
        found, wanted = head["format"], head["rows"]
        typed = {table.name: [_from_json(row, table) for row in rows[table.name]] for table in TABLES}
    except _UNREADABLE as error:
        raise InputError([_unreadable(path, str(error))]) from error
    if found != BACKUP_FORMAT:
        rule = f"has backup format {found}, this version reads {BACKUP_FORMAT}"
        raise InputError([Fault(LAYER, None, None, path.name, rule)])
    if (counts := {name: len(table) for name, table in rows.items()}) != wanted:
        rule = f"is incomplete: it has {counts}, and should have {wanted}"
        raise InputError([Fault(LAYER, None, None, path.name, rule)])
    return typed


def _unreadable(path: Path, why: str) -> Fault:
    return Fault(LAYER, None, None, path.name, f"is no readable backup: {why}")


def _to_json(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _from_json(row: dict[str, Any], table: Table) -> dict[str, Any]:
    return {name: _typed(row.get(name), column.type) for name, column in table.c.items()}


def _typed(value: Any, kind: TypeEngine[Any]) -> Any:  # noqa: ANN401 - as JSON and the database have it
    if value is None or not isinstance(kind, (Date, UtcTime)):
        return value
    return datetime.fromisoformat(value) if isinstance(kind, UtcTime) else date.fromisoformat(value)
