"""The layers of one assessment as files that can be read by the window, whatever form they came in."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from assessment.blocks import Block, owners
from assessment.run import write_file_atomically
from assessment.write import write_geo, write_json
from layers.sources import Layer

if TYPE_CHECKING:
    from pathlib import Path

    from assessment.blocks import Bounds
    from assessment.inputs import Inputs

SITES_OF = ("buildings", "municipal", "farmland")
"""Layers whose objects become candidates, and that blocks share out."""
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
            ordered = frame.iloc[order].reset_index(drop=True)
            write_file_atomically(self._file(name), partial(write_geo, ordered))
            if name in SITES_OF:
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
        """Return the rows of a layer that reach into a window; None: all of them."""
        frame = gpd.read_parquet(self._file(name), bbox=bounds)
        return frame.drop(columns="bbox", errors="ignore")

    @property
    def _list(self) -> Path:
        return self.folder / "layers.json"

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}.parquet"


def _described(inputs: Inputs) -> dict[str, dict[str, object]]:
    return {
        name: {"covers": sorted(layer.covers), **inputs.origin(name)} for name, layer in inputs.layers.items()
    }
