"""How much memory a check of one large file takes: `python benchmarks/check_memory.py [rows ...]`.

The files are the demonstration buildings of the embedded region, laid side by side until there are enough;
each check runs in a process of its own.
"""

from __future__ import annotations

import io
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyarrow.parquet as pq
import shapely

from layers.checks import check_path
from layers.demo_source import demo_file
from layers.region import EMBEDDED, load_region

APART_M = 1000.0
ACROSS = 4
"""Copies side by side from west to east."""


def write_tiled(rows: int, file: Path) -> None:
    """Write as many buildings, one copy of the demonstration layer in memory at a time."""
    frame = gpd.read_parquet(demo_file(load_region(EMBEDDED), "buildings"))
    west, south, east, north = frame.total_bounds
    step = np.array([east - west + APART_M, north - south + APART_M])
    writer, written = None, 0
    while written < rows:
        copy = written // len(frame)
        part = frame.iloc[: rows - written].copy()
        place = step * np.array([copy % ACROSS, copy // ACROSS])
        part["id"] = part["id"].astype(str) + f"-{copy}"
        moved = shapely.transform(part.geometry.to_numpy(), lambda xy, place=place: xy + place)
        part = part.set_geometry(gpd.GeoSeries(moved, index=part.index, crs=frame.crs))
        buffer = io.BytesIO()
        part.to_parquet(buffer, index=False)
        table = pq.read_table(buffer)
        writer = writer or pq.ParquetWriter(file, table.schema)
        writer.write_table(table.cast(writer.schema))
        written += len(part)
    if writer is not None:
        writer.close()


def check_one(file: Path) -> None:
    """Check in this process and say what it took."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    start, began = time.perf_counter(), time.process_time()
    report = check_path(file, as_layer="buildings")
    seconds, cpu = time.perf_counter() - start, time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{report.layers[0].rows} rows, {file.stat().st_size / 1e6:.0f} MB, {len(report.faults)} faults:")
    print(f"  peak {peak:.0f} MB ({before:.0f} MB before), {seconds:.1f} s ({cpu:.1f} s of processor time)")


def main(arguments: list[str]) -> int:
    match arguments:
        case ["write", rows, file]:
            write_tiled(int(rows), Path(file))
        case ["check", file]:
            check_one(Path(file))
        case _:
            for rows in arguments or ["500000", "2000000"]:
                _measured(rows)
    return 0


def _measured(rows: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder) / "buildings.parquet")
        for step in (["write", rows, file], ["check", file]):  # a process counts its own peak
            subprocess.run([sys.executable, __file__, *step], check=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
