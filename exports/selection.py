"""Which sites go into a file, and how they are read: batch by batch, never the whole table at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pyproj
import shapely

from assessment.run import HEAT, HEAT_TECHNOLOGIES, PV_TYPES, SITES, STATUSES
from faults import Fault, InputError, RunError
from layers.expression import Expression, compile_expression

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from assessment.run import Run

    Progress = Callable[[float, str], None]

KINDS = ("sites", "heat")
COLUMNS = {"sites": SITES, "heat": HEAT}
BATCH_ROWS = 8_192
_TYPES = {"sites": PV_TYPES, "heat": HEAT_TECHNOLOGIES}
_TYPE_COLUMN = {"sites": "type", "heat": "technology"}


@dataclass(frozen=True)
class Selection:
    """A choice of rows of one table of a run; empty choices let everything pass."""

    kind: str
    """`sites` or `heat`."""
    where: Expression | None = None
    """Condition on the columns."""
    towns: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    """PV types, or geothermal technologies."""
    status: tuple[str, ...] = ()
    area: shapely.Geometry | None = None
    """Only what touches this geometry (CRS of the run)."""
    ids: frozenset[str] = frozenset()
    """Only these rows, by id."""

    @property
    def file(self) -> str:
        """Name of the table in the run folder."""
        return f"{self.kind}.parquet"

    def of_town(self, town: str) -> Selection:
        """Return the part of the selection that lies in one town."""
        return replace(self, towns=(town,))

    def apply(self, table: pa.Table) -> pa.Table:
        """Return the rows of the table that the selection takes."""
        choices = {"town": self.towns, _TYPE_COLUMN[self.kind]: self.types, "status": self.status}
        for column, values in choices.items():
            if values and table.num_rows:
                table = table.filter(pc.is_in(table[column], pa.array(values)))
        if self.ids and table.num_rows:
            table = table.filter(pc.is_in(table["id"], pa.array(sorted(self.ids))))
        if self.where is not None and table.num_rows:
            frame = table.drop_columns(["geometry"]).to_pandas()
            table = table.filter(pa.array(np.asarray(self.where(frame), dtype=bool)))
        if self.area is not None and table.num_rows:
            shapes = shapely.from_wkb(table["geometry"].to_numpy())
            table = table.filter(pa.array(shapely.intersects(shapes, self.area)))
        return table


def make_selection(
    run: Run,
    kind: str,
    *,
    where: str | None = None,
    town: str | Iterable[str] | None = None,
    types: Iterable[str] = (),
    status: Iterable[str] = (),
    area: shapely.Geometry | None = None,
    ids: Iterable[str] = (),
) -> Selection:
    """Check the choices against the run and return the selection.

    `area` is in longitude and latitude (WGS-84), as drawn on a map.

    Raises
    ------
    InputError
        A town, type, status or column is not known; all such faults at once.
    """
    if kind not in KINDS:
        raise InputError([Fault("export", None, "kind", kind, f"must be one of {', '.join(KINDS)}")])
    towns = (town,) if isinstance(town, str) else tuple(town or ())
    chosen = {"town": towns, "types": tuple(types), "status": tuple(status)}
    known = {"town": tuple(run.towns["town"]), "types": _TYPES[kind], "status": STATUSES}
    faults = [
        Fault("export", None, name, value, f"must be one of {', '.join(known[name])}")
        for name, values in chosen.items()
        for value in values
        if value not in known[name]
    ]
    if faults:
        raise InputError(faults)
    shape = None if area is None else _to_run_crs(run, area)
    condition = compile_expression(where) if where and where.strip() else None
    selection = Selection(kind, condition, towns, chosen["types"], chosen["status"], shape, frozenset(ids))
    if condition is not None:
        condition(
            read_schema(run, selection).empty_table().to_pandas()
        )  # names and types, before work begins
    return selection


def _to_run_crs(run: Run, area: shapely.Geometry) -> shapely.Geometry:
    if not shapely.is_valid(area):
        rule = f"is no valid area: {shapely.is_valid_reason(area)}"
        raise InputError([Fault("area", None, None, None, rule)])
    transformer = pyproj.Transformer.from_crs("EPSG:4326", run.manifest["crs"], always_xy=True)
    moved = shapely.transform(area, lambda xy: np.column_stack(transformer.transform(xy[:, 0], xy[:, 1])))
    shapely.prepare(moved)
    return moved


def _known(kind: str) -> frozenset[str]:
    """Return the columns of the contract; others, such as the boxes that speed up readers, stay behind."""
    return frozenset(column.name for column in COLUMNS[kind]) | {"geometry"}


def read_batches(
    run: Run, selection: Selection, *, progress: Progress | None = None, rows: int = BATCH_ROWS
) -> Iterator[pa.Table]:
    """Yield the selected rows in batches; geometry is WKB in the run's CRS.

    Raises
    ------
    RunError
        The table is missing or cannot be read.
    """
    path = run.path / selection.file
    try:
        file = pq.ParquetFile(path, pre_buffer=False)  # else what was read stays in memory
    except (OSError, pa.ArrowInvalid) as error:
        raise RunError(f"{path} cannot be read: {error}") from error
    with file:
        total, done = max(file.metadata.num_rows, 1), 0
        columns = [name for name in file.schema_arrow.names if name in _known(selection.kind)]
        for batch in file.iter_batches(batch_size=rows, columns=columns):
            done += batch.num_rows
            table = selection.apply(pa.Table.from_batches([batch]))
            if table.num_rows:
                yield table
            if progress is not None:
                progress(done / total, selection.kind)


def read_schema(run: Run, selection: Selection) -> Any:  # noqa: ANN401 - an Arrow schema
    """Return the schema of the table, with the metadata of the file, without reading the table."""
    try:
        file = pq.read_metadata(run.path / selection.file)
        schema = file.schema.to_arrow_schema()
        columns = [field for field in schema if field.name in _known(selection.kind)]
        return pa.schema(columns, file.metadata)
    except (OSError, pa.ArrowInvalid) as error:
        raise RunError(f"{run.path / selection.file} cannot be read: {error}") from error
