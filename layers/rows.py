"""The rows of a file as a check takes them: values by column, shapes in memory or, in batches, on disk."""

from __future__ import annotations

import os
import tempfile
import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from faults import RunError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import geopandas as gpd
    from numpy.typing import NDArray
    from pyproj import CRS

    Geometries = NDArray[np.object_]


class Held:
    """Shapes in memory: one batch."""

    def __init__(self, shapes: Geometries) -> None:
        self._shapes = shapes
        self.batch_rows = max(len(shapes), 1)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._shapes)

    def batches(self) -> Iterator[tuple[slice, Geometries]]:
        """Give all shapes and where they stand."""
        yield slice(0, len(self._shapes)), self._shapes

    def taken(self, rows: NDArray[np.intp]) -> Geometries:
        """Return the shapes of some rows."""
        return self._shapes[rows]

    def chosen(self, which: NDArray[np.bool_]) -> Held:
        """Return some of the shapes."""
        return Held(self._shapes[which])

    def mapped(self, change: Callable[[slice, Geometries], Geometries]) -> Held:
        """Return other shapes in their place."""
        return Held(change(slice(0, len(self._shapes)), self._shapes))


class _Spool:
    """A file without a name, which goes when nobody needs it any more."""

    def __init__(self) -> None:
        with tempfile.TemporaryFile() as file:
            self._handle = os.dup(file.fileno())
        weakref.finalize(self, os.close, self._handle)

    def write(self, binary: bytes) -> None:
        """Write at the end.

        Raises
        ------
        RunError
            The disk does not take it.
        """
        left = memoryview(binary)
        try:
            while left:  # the system takes no more than 2 GB at a time
                left = left[os.write(self._handle, left) :]
        except OSError as error:
            folder = tempfile.gettempdir()
            why = f"does not take the shapes of a large file: {error.strerror}"
            raise RunError(f"{folder} {why}; make room there or set TMPDIR") from error

    def read(self, start: int, size: int) -> bytes:
        """Return some bytes from a place."""
        os.lseek(self._handle, start, os.SEEK_SET)
        parts = []
        while size and (part := os.read(self._handle, size)):
            parts.append(part)
            size -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)


class Stored:
    """Shapes on disk, read a batch at a time; what is known of a row in memory is where its shape stands."""

    def __init__(
        self, spool: _Spool, starts: NDArray[np.int64], sizes: NDArray[np.int64], batch_rows: int
    ) -> None:
        self._spool = spool
        self._starts = starts
        self._sizes = sizes
        self.batch_rows = batch_rows

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._starts)

    def __reduce__(self) -> tuple[type[Held], tuple[Geometries]]:
        """Travel between processes in memory."""
        return Held, (self.taken(np.arange(len(self))),)

    def batches(self) -> Iterator[tuple[slice, Geometries]]:
        """Give the shapes of one batch after the other and where they stand."""
        for start in range(0, len(self), self.batch_rows):
            where = slice(start, min(start + self.batch_rows, len(self)))
            yield where, self._read(self._starts[where], self._sizes[where])

    def taken(self, rows: NDArray[np.intp]) -> Geometries:
        """Return the shapes of some rows."""
        each, where = np.unique(rows, return_inverse=True)
        return self._read(self._starts[each], self._sizes[each])[where]

    def chosen(self, which: NDArray[np.bool_]) -> Stored:
        """Return some of the shapes."""
        return Stored(self._spool, self._starts[which], self._sizes[which], self.batch_rows)

    def mapped(self, change: Callable[[slice, Geometries], Geometries]) -> Stored:
        """Return other shapes in their place."""
        return stored((change(where, shapes) for where, shapes in self.batches()), self.batch_rows)

    def _read(self, starts: NDArray[np.int64], sizes: NDArray[np.int64]) -> Geometries:
        binary = np.full(len(starts), None, dtype=object)
        there = np.flatnonzero(sizes)
        if len(there) and starts[there[-1]] + sizes[there[-1]] - starts[there[0]] == sizes.sum():
            first = int(starts[there[0]])
            block = self._spool.read(first, int(sizes.sum()))
            cuts = zip((starts[there] - first).tolist(), sizes[there].tolist(), strict=True)
            binary[there] = [block[start : start + size] for start, size in cuts]
        else:
            spans = zip(sizes[there].tolist(), starts[there].tolist(), strict=True)
            binary[there] = [self._spool.read(start, size) for size, start in spans]
        with np.errstate(invalid="ignore"):  # coordinates that are no numbers are reported row by row
            shapes: Geometries = shapely.from_wkb(binary)
        return shapes


Shapes = Held | Stored


def stored(batches: Iterator[Geometries], batch_rows: int) -> Stored:
    """Lay shapes down on disk, one batch after the other.

    Raises
    ------
    ValueError
        A shape would come back as another one: rings of their own, points that are no numbers.
    """
    spool = _Spool()
    sizes = [np.zeros(0, dtype=np.int64)]
    for shapes in batches:
        _refuse_changing(shapes)
        binary = [shape or b"" for shape in shapely.to_wkb(shapes).tolist()]
        sizes.append(np.array([len(shape) for shape in binary], dtype=np.int64))
        spool.write(b"".join(binary))
    size = np.concatenate(sizes)
    return Stored(spool, np.cumsum(size) - size, size, batch_rows)


def _refuse_changing(shapes: Geometries) -> None:
    kinds = shapely.get_type_id(shapes)
    points = shapes[(kinds == shapely.GeometryType.POINT) & ~shapely.is_empty(shapes)]
    if (kinds == shapely.GeometryType.LINEARRING).any() or np.isnan(shapely.get_coordinates(points)).any():
        raise ValueError("shapes that binary does not keep")


def boxes(shapes: Shapes) -> NDArray[np.float64]:
    """Return the bounding box of every shape, NaN where there is none, shape (n, 4)."""
    found = np.full((len(shapes), 4), np.nan)
    for where, batch in shapes.batches():
        found[where] = shapely.bounds(batch)
    return found


@dataclass(frozen=True)
class Rows:
    """The rows of a file as they came."""

    names: tuple[str, ...]
    """The file's columns beside its shapes."""
    table: pd.DataFrame
    """Values of the columns, or of those that a check needs."""
    shapes: Shapes
    crs: CRS | None
    raw: gpd.GeoDataFrame | None = None
    """All of it, where it is in memory."""

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.shapes)


def rows_of(raw: gpd.GeoDataFrame) -> Rows:
    """Return the rows of a file that is in memory."""
    table = pd.DataFrame(raw.drop(columns=raw.geometry.name)).reset_index(drop=True)
    shapes = Held(np.array(raw.geometry.to_numpy(), dtype=object, copy=True))
    return Rows(tuple(table.columns), table, shapes, raw.crs, raw)


__all__ = ["Held", "Rows", "Shapes", "Stored", "boxes", "rows_of", "stored"]
