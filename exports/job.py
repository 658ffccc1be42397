"""What a format writer gets: the stream of tables, the coordinates, the notices."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import shapely

from exports.flat import fields, flatten
from exports.selection import BATCH_ROWS, read_batches, read_schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from assessment.run import Run
    from exports.flat import Field
    from exports.provenance import Provenance
    from exports.selection import Progress, Selection
    from exports.target import Target


@dataclass
class Counter:
    """Counts the rows that went through."""

    rows: int = 0


@dataclass(frozen=True)
class Job:
    """One export: what goes in, in which coordinates, and what must be said."""

    run: Run
    selection: Selection
    target: Target
    provenance: Provenance
    progress: Progress | None = None
    batch_rows: int = BATCH_ROWS
    counter: Counter = field(default_factory=Counter)

    @property
    def kind(self) -> str:
        """`sites` or `heat`."""
        return self.selection.kind

    @property
    def fields(self) -> tuple[Field, ...]:
        """The flat columns."""
        return fields(self.kind)

    def raw_tables(self) -> Iterator[pa.Table]:
        """Yield the selected rows once more, uncounted, geometry in the run's CRS."""
        return read_batches(self.run, self.selection, rows=self.batch_rows)

    def tables(self, selection: Selection | None = None) -> Iterator[pa.Table]:
        """Yield the selected rows as they are in the run, geometry (WKB) in the target CRS."""
        chosen = selection or self.selection
        for table in read_batches(self.run, chosen, progress=self.progress, rows=self.batch_rows):
            self.counter.rows += table.num_rows
            yield with_shapes(table, self.target.transform(shapes_of(table)))

    def flat_tables(self, selection: Selection | None = None) -> Iterator[pa.Table]:
        """Yield the selected rows with flat columns, geometry (WKB) in the target CRS."""
        for table in self.tables(selection):
            yield flatten(table, self.kind)


def stream_into(write: Callable[[Any], None], schema: Any, batches: Iterable[Any]) -> None:  # noqa: ANN401
    """Give a writer the batches as an Arrow stream.

    The C interface between the two turns every error into its own; what went wrong while the batches
    were made is raised as it was.
    """
    failures: list[Exception] = []

    def watched() -> Iterator[Any]:
        try:
            yield from batches
        except Exception as failure:
            failures.append(failure)
            raise

    try:
        write(pa.RecordBatchReader.from_batches(schema, watched()))
    except RuntimeError as error:
        if failures:
            raise failures[0] from error
        raise


def shapes_of(table: pa.Table) -> Any:  # noqa: ANN401 - an array of geometries
    """Return the geometries of a table as an array."""
    return shapely.from_wkb(table["geometry"].to_numpy())


def with_shapes(table: pa.Table, shapes: Any) -> pa.Table:  # noqa: ANN401 - an array of geometries
    """Return the table with these geometries."""
    index = table.column_names.index("geometry")
    return table.set_column(index, "geometry", pa.array(shapely.to_wkb(shapes), pa.binary()))


def as_multi(shapes: Any) -> Any:  # noqa: ANN401 - an array of geometries
    """Return polygons as multipolygons, so that a layer has one geometry type."""
    shapes = shapes.copy()
    single = np.flatnonzero(shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON)
    if single.size:
        shapes[single] = shapely.multipolygons(shapes[single], indices=np.arange(single.size))
    return shapes


def is_polygonal(job: Job) -> bool:
    """Say whether the run declares its geometries to be polygons; decides the type of a layer beforehand."""
    declared = (read_schema(job.run, job.selection).metadata or {}).get(b"geo", b"{}")
    columns = json.loads(declared).get("columns", {})
    kinds = {kind for column in columns.values() for kind in column.get("geometry_types", ())}
    return bool(kinds) and kinds <= {"Polygon", "MultiPolygon"}
