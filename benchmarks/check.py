"""How long a check of many buildings takes, with every fault found: `python benchmarks/check.py [rows]`.

The file has buildings on a lattice with every kind of fault in some rows: broken rings, overlaps,
doubles, words for numbers, placeholders, values that nobody knows.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from layers.checks import check_path


def buildings(rows: int) -> gpd.GeoDataFrame:
    rng = np.random.default_rng(882)
    side = int(np.ceil(np.sqrt(rows)))
    row, column = np.divmod(np.arange(rows), side)
    x, y = 480_000 + 45.0 * column, 3_780_000 + 45.0 * row
    shapes = shapely.box(x, y, x + rng.uniform(8, 44, rows), y + rng.uniform(8, 44, rows))
    broken = rng.random(rows) < 0.001
    ring = np.stack([(x, y), (x + 20, y + 20), (x + 20, y), (x, y + 20), (x, y)]).transpose(2, 0, 1)
    shapes[broken] = shapely.polygons(ring[broken])
    wide = rng.random(rows) < 0.01
    shapes[wide] = shapely.box(x[wide], y[wide], x[wide] + 60, y[wide] + 30)
    double = np.flatnonzero(rng.random(rows) < 0.001)[1:]
    shapes[double] = shapes[double - 1]
    words = np.array(["厂房", "住宅", "学校", "仓库", "飞碟", "未知"])
    heights = rng.uniform(3, 60, rows).round(1).astype(str)
    heights[rng.random(rows) < 0.05] = "0"
    heights[rng.random(rows) < 0.001] = "高"
    table = {"编号": np.arange(rows), "建筑用途": rng.choice(words, rows), "高度": heights}
    return gpd.GeoDataFrame(table, geometry=shapes, crs="EPSG:4545")


def main(rows: int) -> int:
    with tempfile.TemporaryDirectory() as folder:
        for name in ("buildings.parquet", "buildings.gpkg"):
            file = Path(folder) / name
            frame = buildings(rows)
            frame.to_parquet(file) if file.suffix == ".parquet" else frame.to_file(file)
            start, began = time.perf_counter(), time.process_time()
            report = check_path(file)
            text = json.dumps(report.as_dict(), ensure_ascii=False)
            seconds, cpu = time.perf_counter() - start, time.process_time() - began
            check = report.layers[0]
            print(
                f"{name}: {check.rows} rows, {check.usable} usable, "
                f"{seconds:.1f} s ({cpu:.1f} s of processor time)"
            )
            print(f"  {len(report.faults)} faults, report of {len(text) / 1e6:.1f} MB, score {check.score}")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GB")
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 500_000))
