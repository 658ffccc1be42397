"""A file put right: the usable rows in their schema in a new file, with a log of every change beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from faults import Fault, InputError
from layers.findings import Findings
from layers.mapping import load_synonyms, plan_columns
from layers.opened import open_file
from layers.schema import SCHEMAS
from layers.sources import new_findings, prepared

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    import geopandas as gpd
    from numpy.typing import NDArray

    from layers.opened import OpenedFile
    from layers.region import Region

CHANGE_COLUMNS = ("row", "id", "column", "before", "after", "why")
_FORMULA_STARTS = ("=", "@", "+", "-", "\t")


@dataclass(frozen=True)
class Fixed:
    """What was written."""

    out: Path
    changes_file: Path
    rejected_file: Path
    rows: int
    """Rows in the new file."""
    changes: int
    """Lines of the log."""
    rejected: int
    left_out: int
    faults: tuple[Fault, ...]


def fix_file(
    path: Path,
    out: Path,
    *,
    as_layer: str | None = None,
    region: Region | None = None,
    told: Iterable[str] = (),
) -> Fixed:
    """Write the usable rows of a file to a new one, in the columns and words of the schema.

    Beside `out` come `<name>.changes.csv` (row, id, column, before, after, why) and
    `<name>.rejected.csv` (rows that cannot be used, with the reason). What cannot be put right
    without a decision (overlaps, offsets, values that nobody knows) stays as it is and is in the faults.

    Parameters
    ----------
    told
        What somebody decided, as `layers.told.told` takes it: units.height_m=ft, convert=gcj02.

    Raises
    ------
    InputError
        The file cannot be used at all, or `out` is the file itself or of an unknown kind.
    """
    writer = _writer(path, out)
    opened = open_file(path, as_layer=as_layer, region=region, told=told)
    findings = new_findings(opened.spec, path, opened.remarks, rows=len(opened.raw))
    frame = prepared(opened.raw, opened.spec, region=opened.region, findings=findings)
    positions = np.flatnonzero(findings.kept)
    changes = _changes(opened, frame, positions)
    rejected = findings.rejected_table(opened.raw)
    beside = (out.with_name(f"{out.stem}.changes.csv"), out.with_name(f"{out.stem}.rejected.csv"))
    out.parent.mkdir(parents=True, exist_ok=True)
    writer(frame, out)
    for table, file in zip((changes, rejected), beside, strict=True):
        table.map(_harmless).to_csv(file, index=False, encoding="utf-8-sig")
    return Fixed(
        out=out,
        changes_file=beside[0],
        rejected_file=beside[1],
        rows=len(frame),
        changes=len(changes),
        rejected=int(findings.rejected.sum()),
        left_out=int(findings.left_out.sum()),
        faults=tuple(findings.faults),
    )


def _writer(path: Path, out: Path) -> Callable[[gpd.GeoDataFrame, Path], None]:
    if out.resolve() == path.resolve():
        raise InputError([Fault(out.name, None, None, str(out), "is the file itself; name another one")])
    writer = WRITERS.get(out.suffix.lower())
    if writer is None:
        rule = f"is no kind of file that is written; these are: {', '.join(WRITERS)}"
        raise InputError([Fault(out.name, None, None, out.suffix, rule)])
    return writer


def _write_parquet(frame: gpd.GeoDataFrame, out: Path) -> None:
    frame.to_parquet(out, index=False)


def _write_geopackage(frame: gpd.GeoDataFrame, out: Path) -> None:
    out.unlink(missing_ok=True)
    frame.to_file(out, driver="GPKG", layer=out.stem)


def _write_geojson(frame: gpd.GeoDataFrame, out: Path) -> None:
    frame.to_crs(4326).to_file(out, driver="GeoJSON", COORDINATE_PRECISION=8)


WRITERS: dict[str, Callable[[gpd.GeoDataFrame, Path], None]] = {
    ".gpkg": _write_geopackage,
    ".parquet": _write_parquet,
    ".geojson": _write_geojson,
}
"""Writer by file ending; GeoJSON is in WGS-84, the others in the metric CRS."""


def _changes(opened: OpenedFile, frame: gpd.GeoDataFrame, positions: NDArray[np.intp]) -> pd.DataFrame:
    """Compare every value of the new file with the one it came from."""
    schema = SCHEMAS[opened.spec.name]
    plan = plan_columns(
        schema,
        opened.raw.columns.drop(opened.raw.geometry.name),
        opened.spec,
        synonyms=load_synonyms(opened.region.catalogs["columns"]),
        findings=Findings(schema.name, "", 0),
    )
    parts = [_geometry_changes(opened.raw, frame, positions)]
    for column in ("id", *schema.names):
        theirs = plan.columns.get(column)
        before = None if theirs is None else opened.raw[theirs].iloc[positions]
        parts.append(_column_changes(column, theirs, before, frame, positions))
    log = pd.concat([part.astype(object) for part in parts], ignore_index=True)
    return log.sort_values(["row", "column"], kind="stable", na_position="first").reset_index(drop=True)


def _column_changes(
    column: str,
    theirs: str | None,
    before: pd.Series | None,
    frame: gpd.GeoDataFrame,
    positions: NDArray[np.intp],
) -> pd.DataFrame:
    after = _texts(frame[column])
    old = np.full(len(frame), "", dtype=object) if before is None else _texts(before)
    changed = old != after
    why = "the file has no such column" if theirs is None else f"from {theirs}"
    return pd.DataFrame(
        {
            "row": positions[changed] + 1,
            "id": frame["id"].to_numpy()[changed],
            "column": column,
            "before": old[changed],
            "after": after[changed],
            "why": why,
        }
    )


def _texts(values: pd.Series) -> NDArray[np.object_]:
    """Return values as text, whole numbers without a point, unknown as nothing."""
    codes, unique = pd.factorize(values.astype(object))
    texts = []
    for value in unique:
        whole = isinstance(value, float | np.floating) and float(value).is_integer()
        texts.append(str(int(value)) if whole else str(value))
    return np.array([*texts, ""], dtype=object)[codes]


def _geometry_changes(
    raw: gpd.GeoDataFrame, frame: gpd.GeoDataFrame, positions: NDArray[np.intp]
) -> pd.DataFrame:
    before = raw.geometry.to_numpy()[positions]
    broken, high = ~shapely.is_valid(before), shapely.has_z(before)
    changed = (broken | high) & ~shapely.is_missing(before)
    reasons = np.where(broken, shapely.is_valid_reason(before), "heights of vertices dropped")
    return pd.DataFrame(
        {
            "row": positions[changed] + 1,
            "id": frame["id"].to_numpy()[changed],
            "column": "geometry",
            "before": [f"{count} vertices" for count in shapely.get_num_coordinates(before[changed])],
            "after": [
                f"{count} vertices"
                for count in shapely.get_num_coordinates(frame.geometry.to_numpy()[changed])
            ],
            "why": reasons[changed],
        }
    )


def _harmless(value: object) -> object:
    """Keep spreadsheet programs from running text of a file as a formula."""
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS) and not _is_number(value):
        return f"'{value}"
    return value


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
