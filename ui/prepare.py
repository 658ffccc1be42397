"""Turns a run's GeoParquet tables into the memory-mapped files the app serves from.

Runs in a process of its own (`python -m ui.prepare RUN OUT`), so that the memory it needs is given back.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from assessment.run import HEAT_TECHNOLOGIES, PV_TYPES, SECTORS, STATUSES, Run, write_atomically
from faults import RunError
from ui.background import BACKGROUND_KINDS, background_frame
from ui.shapes import Shapes, lonlat

if TYPE_CHECKING:
    from numpy.typing import NDArray

STORE_FORMAT = 5
"""Raise it when the files change: older caches are then built anew."""
LAYERS = ("sites", "excluded", "heat", "background")
UNKNOWN = 255
"""Code of a name that is not in its list."""
REPEATED = (
    "town",
    "township",
    "type",
    "sector",
    "use",
    "owner",
    "status",
    "source",
    "confidence",
    "technology",
    "binding",
    "suitability",
    "rule",
    "kind",
)
"""Columns stored as a dictionary: few different texts."""


def store_key(run: Run) -> str:
    """Return a short name that changes whenever the run's tables or the store format change."""
    digest = hashlib.sha256(f"store {STORE_FORMAT}".encode())
    digest.update((run.path / "manifest.json").read_bytes())
    for name in ("sites", "excluded", "heat", "restrictions"):
        file = run.path / f"{name}.parquet"
        if file.is_file():
            stat = file.stat()
            digest.update(f"{name} {stat.st_size} {stat.st_mtime_ns}".encode())
    return digest.hexdigest()[:16]


def ensure_store(run: Run, home: Path) -> Path:
    """Return the folder of the run's store, building it in a child process if it is missing.

    Raises
    ------
    RunError
        When the child process fails; its last line says why.
    """
    folder = home / "cache" / store_key(run)
    if folder.is_dir():
        return folder
    project = Path(__file__).resolve().parent.parent
    command = [sys.executable, "-m", "ui.prepare", str(run.path.resolve()), str(folder.resolve())]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise RunError(f"{run.path}: the map's files could not be prepared: {reason}")
    return folder


def prepare(run: Run, target: Path) -> None:
    """Write every layer's shapes, table and tile attributes below `target`, atomically."""
    towns = tuple(run.towns["town" if "town" in run.towns else "id"].astype(str))

    def fill(folder: Path) -> None:
        for name in LAYERS:
            frame = background_frame(run) if name == "background" else _geometry(run, name)
            if frame is not None and len(frame):
                _write_layer(folder / name, name, frame, _attributes(run, name, frame), towns)

    write_atomically(target, fill)


def _geometry(run: Run, name: str) -> gpd.GeoDataFrame | None:
    file = run.path / f"{name}.parquet"
    return gpd.read_parquet(file, columns=["geometry"]) if file.is_file() else None


def _attributes(run: Run, name: str, frame: gpd.GeoDataFrame) -> pa.Table:
    if name == "background":
        return pa.Table.from_pandas(pd.DataFrame(frame.drop(columns="geometry")), preserve_index=False)
    file = pq.ParquetFile(run.path / f"{name}.parquet")
    return file.read([column for column in file.schema_arrow.names if column != "geometry"])


def _write_layer(
    folder: Path, name: str, frame: gpd.GeoDataFrame, table: pa.Table, towns: tuple[str, ...]
) -> None:
    shapes = Shapes.of(frame)
    shapes.save(folder / "shapes")
    for column in REPEATED:
        if column in table.column_names:
            index = table.column_names.index(column)
            texts = table[column].cast(pa.string())
            table = table.set_column(index, column, texts.combine_chunks().dictionary_encode())
    places = lonlat(shapes.centre)
    table = table.append_column("lon", pa.array(places[:, 0])).append_column("lat", pa.array(places[:, 1]))
    table = table.replace_schema_metadata(None).combine_chunks()
    with pa.OSFile(str(folder / "table.arrow"), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    for key, values in tile_columns(name, table, towns).items():
        np.save(folder / f"{key}.npy", values)


def tile_columns(name: str, table: pa.Table, towns: tuple[str, ...]) -> dict[str, NDArray[np.generic]]:
    """Return what a tile carries per shape: three numbers (float32) and four codes (uint8).

    Land that a rule takes carries that rule in place of a status, by its number in `rules_of`.
    """
    kinds = {
        "sites": ("type", PV_TYPES),
        "excluded": ("type", PV_TYPES),
        "heat": ("technology", HEAT_TECHNOLOGIES),
    }
    column, names = kinds.get(name, ("kind", BACKGROUND_KINDS))
    value = {"sites": "kwp_dc_central", "excluded": "m2", "heat": "heatable_m2"}.get(name, "width")
    cost = {"sites": "lcoe", "heat": "lcoh"}.get(name, "")
    energy = numbers(table, "kwh_year_p50")
    with np.errstate(divide="ignore", invalid="ignore"):
        specific = energy / numbers(table, value)
    return {
        "value": numbers(table, value),
        "cost": numbers(table, cost),
        "specific": np.where(np.isfinite(specific), specific, np.nan).astype("float32"),
        "kind": codes(table, column, names),
        "status": codes(table, *(("rule", rules_of(table)) if name == "excluded" else ("status", STATUSES))),
        "sector": codes(table, "sector", SECTORS),
        "town": codes(table, "town", towns),
    }


def rules_of(table: pa.Table) -> tuple[str, ...]:
    """Return the rules that take land, in the order tiles count them."""
    return tuple(sorted(pc.unique(table["rule"].cast(pa.string())).drop_null().to_pylist()))


def numbers(table: pa.Table, column: str) -> NDArray[np.float32]:
    """Return a column as float32 with NaN for unknown; all unknown where the table has no such column."""
    if column not in table.column_names:
        return np.full(table.num_rows, np.nan, dtype="float32")
    return table[column].to_numpy().astype("float32")


def codes(table: pa.Table, column: str, names: tuple[str, ...]) -> NDArray[np.uint8]:
    """Return each text's place in `names`, UNKNOWN where it has none."""
    if column not in table.column_names:
        return np.full(table.num_rows, UNKNOWN, dtype="uint8")
    encoded = table[column].combine_chunks()
    if not pa.types.is_dictionary(encoded.type):
        encoded = encoded.dictionary_encode()
    place = {text: index for index, text in enumerate(names)}
    lookup = np.array([*(place.get(text, UNKNOWN) for text in encoded.dictionary.to_pylist()), UNKNOWN])
    index = encoded.indices.fill_null(len(lookup) - 1).to_numpy(zero_copy_only=False)
    return lookup[index].astype("uint8")


if __name__ == "__main__":
    prepare(Run(Path(sys.argv[1])), Path(sys.argv[2]))
