"""The layers of one assessment as files that can be read by the window, whatever form they came in."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from assessment.blocks import Block, owners
from assessment.inputs import SHARED_OUT
from assessment.merge import merge_geoparquet
from assessment.run import write_file_atomically
from assessment.write import write_geo, write_json
from faults import RunError
from layers.sources import Layer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from assessment.blocks import Bounds
    from assessment.inputs import Inputs

ROWS = 262144
"""Rows written at a time."""
ORIGIN = ("demo", "source", "licence", "confidence")


@dataclass(frozen=True)
class Store:
    """A folder with one GeoParquet file per layer, sorted by block, with a bounding box per row."""

    folder: Path

    def put(self, inputs: Inputs) -> tuple[Block, ...]:
        """Write the layers; return the blocks that own something, in order."""
        blocks: set[Block] = set()
        for name, layer in inputs.layers.items():
            frame, cells = layer.frame, owners(layer.frame)
            order = np.lexsort((frame["id"].astype(str), cells["row"], cells["column"]))
            write_file_atomically(self._file(name), partial(_write_in_order, frame, order))
            if name in SHARED_OUT:
                pairs = cells.drop_duplicates().itertuples(index=False, name=None)
                blocks |= {Block(int(column), int(row)) for column, row in pairs}
        write_file_atomically(self._list, lambda file: write_json(_described(inputs), file))
        return tuple(sorted(blocks))

    def layers(self, bounds: Bounds | None = None, *, whole: tuple[str, ...] = ()) -> dict[str, Layer]:
        """Return the layers, each cut down to the objects that reach into a window.

        Objects come whole, however far they reach beyond it; None, or a name in `whole`: all objects.
        """
        described = json.loads(self._list.read_text(encoding="utf-8"))
        return {
            name: Layer(
                name=name,
                frame=self.read(name, None if name in whole else bounds),
                covers=frozenset(told["covers"]),
                **{key: told[key] for key in ORIGIN},
                rejected=pd.DataFrame(),
                faults=(),
                files=(),
            )
            for name, told in described.items()
        }

    def read(self, name: str, bounds: Bounds | None) -> gpd.GeoDataFrame:
        """Return the rows of a layer that reach into a window; None: all of them.

        Raises
        ------
        RunError
            The file is missing or damaged; resuming writes it anew.
        """
        file = self._file(name)
        try:
            frame = gpd.read_parquet(file, bbox=bounds)
        except (OSError, ValueError) as error:
            raise RunError(f"{file} is missing or damaged, start again with --resume: {error}") from error
        return frame.drop(columns="bbox", errors="ignore")

    @property
    def _list(self) -> Path:
        return self.folder / "layers.json"

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}.parquet"


def _write_in_order(frame: gpd.GeoDataFrame, order: NDArray[np.intp], file: Path) -> None:
    """Write rows in an order, some at a time: as bytes they take as much memory as the frame itself."""
    with TemporaryDirectory(dir=file.parent) as scratch:
        pieces = []
        for start in range(0, max(len(order), 1), ROWS):
            piece = frame.iloc[order[start : start + ROWS]].reset_index(drop=True)
            pieces.append(Path(scratch) / f"{start}.parquet")
            write_geo(piece, pieces[-1])
        if len(pieces) == 1:
            pieces[0].rename(file)
        else:
            merge_geoparquet(pieces, file)


def _described(inputs: Inputs) -> dict[str, dict[str, object]]:
    return {
        name: {"covers": sorted(layer.covers), **inputs.origin(name)} for name, layer in inputs.layers.items()
    }
