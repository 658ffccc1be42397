"""The database of the ledger: an SQLite file by default, PostgreSQL by URL; brought up to date on opening."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from faults import Fault, InputError, YijianError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_SECONDS = 30
_LOCK = 0x59696A69
"""Number of the advisory lock that lets one process at a time bring PostgreSQL tables up to date."""
_DRIVERS = {"sqlite": "sqlite+pysqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}


class LedgerError(YijianError):
    """The ledger cannot be opened or used."""


def open_engine(url: str) -> Engine:
    """Connect to a ledger and bring its tables up to date.

    Parameters
    ----------
    url
        `sqlite:///file`, `postgresql://user:secret@host/name`, or the plain path of an SQLite file.

    Raises
    ------
    InputError
        The URL is none, or names a kind of database that is not supported.
    LedgerError
        The database does not answer, or is newer than this program.
    """
    engine = _engine(url)
    try:
        with writing(engine) as connection:
            _upgrade(connection)
    except DBAPIError as error:
        shown = engine.url.render_as_string(hide_password=True)
        engine.dispose()
        raise LedgerError(f"the ledger at {shown} cannot be opened: {_first_line(error)}") from error
    except LedgerError:
        engine.dispose()
        raise
    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Give a transaction that may write; committed at the end, rolled back on any error.

    On SQLite it takes the write lock at once, so that what is read in it cannot change before it writes.
    """
    with engine.connect().execution_options(yijian_writing=True) as connection, connection.begin():
        yield connection


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url if "://" in url else f"sqlite:///{url}")
    except ArgumentError as error:
        raise InputError([Fault("ledger", None, "url", url, "is no database URL")]) from error
    driver = _DRIVERS.get(parsed.drivername.partition("+")[0])
    if driver is None:
        rule = "must be sqlite:/// with a path, or postgresql://"
        raise InputError([Fault("ledger", None, "url", parsed.render_as_string(hide_password=True), rule)])
    try:
        engine = create_engine(parsed.set(drivername=driver), pool_pre_ping=driver.startswith("postgresql"))
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise LedgerError("PostgreSQL needs the package psycopg: install yijian[postgresql]") from error
    if driver.startswith("sqlite"):
        if parsed.database and parsed.database != ":memory:":
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    """Set a connection up so that a crash loses nothing and readers never wait for a writer.

    The driver's own handling of transactions is off: it would start them too late.
    """
    raw: Any = connection
    raw.isolation_level = None
    cursor = raw.cursor()
    for pragma in (
        f"busy_timeout = {BUSY_SECONDS * 1000}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("yijian_writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise LedgerError(f"the ledger was written by a newer program: {error}") from error


def _first_line(error: DBAPIError) -> str:
    return str(error.orig).strip().splitlines()[0]
