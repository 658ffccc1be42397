"""Time and peak memory of each export format: `python benchmarks/exports.py [SITES] [--check]`.

Every format runs in a process of its own, so that its peak memory is its own. `--check` then reads each file
with another program (GDAL, openpyxl) and compares its rows, the sum of `area_m2` and the area of the outlines
with the run: relative differences, null where the format does not carry the number.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
import openpyxl  # noqa: E402
import pyarrow as pa  # noqa: E402
import pyarrow.compute as pc  # noqa: E402
import pyarrow.parquet as pq  # noqa: E402
import pyogrio  # noqa: E402
import shapely  # noqa: E402
from pyproj import Transformer  # noqa: E402

from exports.sites import FORMATS, export_table  # noqa: E402
from tests.runs import make_run  # noqa: E402


def peak_mb() -> int:
    """Peak of this program alone; `ru_maxrss` would also count what its parent held before."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) // 1024


def one(run: str, name: str, out: str) -> None:
    before = peak_mb()
    start = time.perf_counter()
    result = export_table(Path(run), "sites", Path(out) / name, format=name)
    print(
        json.dumps(
            {
                "format": name,
                "rows": result.rows,
                "seconds": round(time.perf_counter() - start, 1),
                "cpu_s": round(time.process_time(), 1),
                "file_mb": round(sum(path.stat().st_size for path in result.files) / 1e6, 1),
                "peak_mb": peak_mb(),
                "imports_mb": before,
            }
        )
    )


def totals(batches, area: str | None, shape: str | None, to_metres) -> tuple[int, float, float]:
    """Return rows, the sum of a column and the area of the outlines; NaN for what is not asked for."""
    rows, column, outlines = 0, 0.0 if area else np.nan, 0.0 if shape else np.nan
    for batch in batches:
        rows += batch.num_rows
        if area:
            column += pc.sum(batch[area].cast(pa.float64())).as_py() or 0.0
        if shape:
            shapes = shapely.from_wkb(batch[shape].to_numpy(zero_copy_only=False))
            outlines += shapely.area(shapely.transform(shapes, to_metres)).sum()
    return rows, column, outlines


def read_again(path: Path, to_metres) -> tuple[int, float, float]:
    """Return the totals of a file as another program reads it."""
    if path.suffix == ".xlsx":
        book = openpyxl.load_workbook(path, read_only=True)
        sheets = [book[name] for name in book.sheetnames if name.startswith("场址")]
        values = [
            row[0]
            for sheet in sheets
            for at in [
                [cell.value for cell in next(sheet.iter_rows(min_row=2, max_row=2))].index("area_m2 [m2]") + 1
            ]
            for row in sheet.iter_rows(min_row=3, min_col=at, max_col=at, values_only=True)
        ]
        return len(values), float(sum(values)), np.nan
    if path.suffix == ".parquet":
        with pq.ParquetFile(path, pre_buffer=False) as file:
            return totals(
                file.iter_batches(columns=["area_m2", "geometry"]), "area_m2", "geometry", to_metres
            )
    options = {"AUTODETECT_TYPE": "YES"} if path.suffix == ".csv" else {}
    parts = [str(path), *map(str, sorted(path.parent.glob(f"{path.stem}-part*{path.suffix}")))]
    if path.suffix == ".kmz":
        parts = [f"/vsizip/{path}/doc.kml"]
    found = np.zeros(3)
    for part in parts:
        layers = [name for name, kind in pyogrio.list_layers(part) if kind or path.suffix == ".csv"]
        for layer in layers if path.suffix.startswith(".km") else layers[:1]:
            with pyogrio.open_arrow(part, layer=layer, use_pyarrow=True, **options) as (_, reader):
                area = next(name for name in reader.schema.names if name.startswith("area_m2"))
                area = None if path.suffix.startswith(".km") else area  # balloons are rounded and have units
                shape = None if path.suffix == ".csv" else reader.schema.names[-1]
                found += totals(reader, area, shape, to_metres)
    return int(found[0]), found[1], found[2]


def check(run: str, path: Path) -> dict[str, object]:
    """Compare a file with the run it comes from."""
    move = Transformer.from_crs("EPSG:4490", "EPSG:4545", always_xy=True).transform
    own = pq.ParquetFile(Path(run) / "sites.parquet", pre_buffer=False)
    want = totals(own.iter_batches(columns=["area_m2", "geometry"]), "area_m2", "geometry", lambda xy: xy)
    got = read_again(path, lambda xy: np.column_stack(move(xy[:, 0], xy[:, 1])))
    apart = [None if np.isnan(a) else abs(a / b - 1) for a, b in zip(got[1:], want[1:], strict=True)]
    return {
        "same_rows": got[0] == want[0],
        "area_m2_apart": apart[0],
        "outlines_apart": apart[1],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sites", nargs="?", type=int, default=200_000)
    parser.add_argument("--formats", nargs="*")
    parser.add_argument("--check", action="store_true", help="read each file with another program")
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        one(*options.one)
        return
    with tempfile.TemporaryDirectory() as folder:
        run = make_run(Path(folder) / "run", n_sites=options.sites, hourly=False)
        for name in options.formats or FORMATS:
            command = [sys.executable, __file__, "--one", str(run), name, str(Path(folder) / name)]
            subprocess.run(command, check=True)
            if options.check:
                (path,) = Path(folder).glob(f"{name}/{name}{FORMATS[name].suffix}")
                print(json.dumps({"format": name, **check(str(run), path)}))


if __name__ == "__main__":
    main()
