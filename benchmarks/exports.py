"""Time and peak memory of each export format: `python benchmarks/exports.py [SITES]`.

Every format runs in a process of its own, so that its peak memory is its own.
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sites", nargs="?", type=int, default=200_000)
    parser.add_argument("--formats", nargs="*")
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


if __name__ == "__main__":
    main()
