"""Candidate sites as files: one call, any format, bounded memory, complete or not at all."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pyogrio.errors import DataLayerError, DataSourceError
from xlsxwriter.exceptions import XlsxWriterException

from assessment.run import Run
from exports.formats.geojson import write_geojson
from exports.formats.geoparquet import write_geoparquet
from exports.formats.gpkg import write_gpkg
from exports.formats.kml import write_kml, write_kmz
from exports.formats.shapefile import write_shapefile
from exports.formats.text import write_csv
from exports.formats.xlsx import write_xlsx
from exports.job import Job
from exports.provenance import provenance_of
from exports.selection import make_selection
from exports.target import GCJ02, target_crs
from faults import Fault, InputError, RunError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import shapely

    from exports.selection import Progress

_WRITE_ERRORS = (
    OSError,
    sqlite3.Error,
    DataSourceError,
    DataLayerError,
    XlsxWriterException,
)
"""How the libraries say that a file cannot be written."""


@dataclass(frozen=True)
class Format:
    """One file format."""

    write: Callable[[Path, Job], None]
    suffix: str
    degrees_only: bool = False
    """The format's own standard knows longitude and latitude only."""


FORMATS = {
    "gpkg": Format(write_gpkg, ".gpkg"),
    "geojson": Format(write_geojson, ".geojson", degrees_only=True),
    "parquet": Format(write_geoparquet, ".parquet"),
    "csv": Format(write_csv, ".csv"),
    "kml": Format(write_kml, ".kml", degrees_only=True),
    "kmz": Format(write_kmz, ".kmz", degrees_only=True),
    "shp": Format(write_shapefile, ".shp"),
    "shp-gbk": Format(partial(write_shapefile, encoding="gbk"), ".shp"),
    "xlsx": Format(write_xlsx, ".xlsx"),
}


@dataclass(frozen=True)
class ExportResult:
    """What was written."""

    path: Path
    """The main file."""
    rows: int
    """Sites in it."""
    files: tuple[Path, ...] = field(default=())
    """Every file, the main one first."""


def export_table(
    run: Run | Path,
    kind: str,
    out: Path,
    *,
    format: str,  # noqa: A002 - the word users know
    where: str | None = None,
    town: str | Iterable[str] | None = None,
    types: Iterable[str] = (),
    status: Iterable[str] = (),
    area: shapely.Geometry | None = None,
    ids: Iterable[str] = (),
    crs: str = "EPSG:4490",
    progress: Progress | None = None,
) -> ExportResult:
    """Write the candidate sites of a run, or a choice of them, into one file.

    Parameters
    ----------
    run
        A run or its folder.
    kind
        `sites` (photovoltaics) or `heat` (geothermal).
    out
        The file to write; a missing suffix is added, and a GCJ-02 file is marked in its name.
    format
        One of `FORMATS`.
    where
        Condition on the columns, in the language of `layers.expression`.
    town, types, status
        Keep only these; empty keeps all. For heat, `types` are technologies.
    area
        Keep only what touches this geometry (WGS-84 longitude and latitude).
    ids
        Keep only these rows; empty keeps all.
    crs
        `EPSG:<code>`, `wgs84`, `cgcs2000`, `utm` or `gcj02`.
    progress
        Called with the share done (0 to 1) and what is being done.

    Returns
    -------
    ExportResult
        The old files are replaced only once all new ones are complete.

    Raises
    ------
    InputError
        A choice is not known or does not fit the format.
    RunError
        The run lacks the table, or the file cannot be written (a full disk, no permission).
    """
    opened = run if isinstance(run, Run) else Run(Path(run))
    chosen = _format(format)
    selection = make_selection(
        opened, kind, where=where, town=town, types=types, status=status, area=area, ids=ids
    )
    target = target_crs(crs, source=opened.manifest["crs"])
    if chosen.degrees_only and not target.is_geographic:
        rule = f"{format} is in longitude and latitude only; use EPSG:4326, EPSG:4490 or gcj02, or gpkg"
        raise InputError([Fault("export", None, "crs", crs, rule)])
    job = Job(opened, selection, target, provenance_of(opened), progress)
    path = _named(out, chosen.suffix, gcj02=target.label == GCJ02)
    files = publish(path, lambda fresh: chosen.write(fresh, job))
    return ExportResult(path, job.counter.rows, files)


def format_of(path: Path) -> str:
    """Return the format that the ending of a name asks for; GeoPackage where it asks for none.

    Examples
    --------
    >>> format_of(Path("a.CSV")), format_of(Path("sites"))
    ('csv', 'gpkg')
    """
    known = {form.suffix: name for name, form in reversed(FORMATS.items())}
    return known.get(path.suffix.lower(), "gpkg")


def _format(name: str) -> Format:
    try:
        return FORMATS[name]
    except KeyError:
        rule = f"must be one of {', '.join(FORMATS)}"
        raise InputError([Fault("export", None, "format", name, rule)]) from None


def _named(out: Path, suffix: str, *, gcj02: bool) -> Path:
    """Return the name with its suffix, and with the mark of offset coordinates."""
    path = out if out.suffix.lower() == suffix else out.with_name(out.name + suffix)
    return path.with_stem(f"{path.stem}-gcj02") if gcj02 and "gcj02" not in path.stem.lower() else path


def publish(path: Path, write: Callable[[Path], None]) -> tuple[Path, ...]:
    """Write a file and those beside it in a folder of their own, then move them to their place.

    Anything that goes wrong before the last move leaves the old files as they were.

    Raises
    ------
    RunError
        The disk is full, or the place cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{path.stem}.", dir=path.parent) as folder:
            write(Path(folder) / path.name)
            fresh = sorted(Path(folder).iterdir(), key=lambda file: (file.name == path.name, file.name))
            moved = [Path(shutil.move(file, path.parent / file.name)) for file in fresh]
    except _WRITE_ERRORS as error:
        raise RunError(f"{path} cannot be written: {error}") from error
    return tuple(reversed(moved))
