"""One run, opened for reading by all sessions: shapes, tables and tile attributes, memory-mapped."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from assessment.run import Run
from ui.prepare import LAYERS, ensure_store
from ui.shapes import UNIT_M, Shapes

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

TILE_COLUMNS = ("value", "cost", "specific", "kind", "status", "sector", "town")


@dataclass(frozen=True)
class LayerStore:
    """One layer: shapes, the full table, and the columns every tile carries."""

    name: str
    shapes: Shapes
    table: pa.Table
    columns: dict[str, NDArray[Any]]

    @classmethod
    def load(cls, folder: Path) -> LayerStore:
        """Map the files of one layer."""
        with pa.memory_map(str(folder / "table.arrow")) as source:
            table = pa.ipc.open_file(source).read_all()
        columns = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in TILE_COLUMNS}
        return cls(folder.name, Shapes.load(folder / "shapes"), table, columns)

    def __len__(self) -> int:
        """Return the number of rows."""
        return self.table.num_rows

    @cached_property
    def centre(self) -> NDArray[np.float64]:
        """(n, 2): centre of every shape in Web Mercator metres."""
        return self.shapes.centre

    def row(self, index: int) -> dict[str, Any]:
        """Return one row as plain Python values.

        Raises
        ------
        IndexError
            When the layer has no such row.
        """
        if not 0 <= index < len(self):
            raise IndexError(f"{self.name} has no row {index}; it has {len(self)}")
        return {name: values[0] for name, values in self.table.slice(index, 1).to_pydict().items()}

    def find(self, column: str, text: str) -> int | None:
        """Return the first row whose column is this text, or None."""
        index = pc.index(self.table[column], pa.scalar(text)).as_py()
        return None if index < 0 else int(index)

    def number(self, column: str) -> NDArray[np.float64]:
        """Return one numeric column, NaN where unknown."""
        return self.table[column].to_numpy().astype("float64")

    def bounds_m(self) -> tuple[float, float, float, float]:
        """Return the bounds of all shapes, Web Mercator metres."""
        bounds = self.shapes.bounds[self.shapes.bounds[:, 0] <= self.shapes.bounds[:, 2]] * UNIT_M
        west, south = bounds[:, :2].min(axis=0)
        east, north = bounds[:, 2:].max(axis=0)
        return float(west), float(south), float(east), float(north)


@dataclass(frozen=True)
class Store:
    """One run and its layers."""

    run: Run
    key: str
    """Changes with the content: part of every tile's address, so that browsers may keep tiles for ever."""
    layers: dict[str, LayerStore]

    @cached_property
    def towns(self) -> tuple[str, ...]:
        """Codes of the towns, in the order the tile column `town` counts them."""
        frame = self.run.towns
        return tuple(frame["town" if "town" in frame else "id"].astype(str))


def open_store(path: Path, home: Path) -> Store:
    """Open a run folder; its map files are made on first use and kept under `home`."""
    run = Run(path)
    folder = ensure_store(run, home)
    layers = {name: LayerStore.load(folder / name) for name in LAYERS if (folder / name).is_dir()}
    return Store(run, folder.name, layers)
