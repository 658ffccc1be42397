"""How fast a ledger of 10,000 projects answers; run as `python benchmarks/ledger.py [url]`."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from tracking.ledger import Ledger
from tracking.ledger_files import backup, export_ledger, restore
from tracking.ledger_import import apply_import, preview_import
from tracking.progress import progress
from tracking.targets import load_targets

ROWS = 10_000
TARGETS = Path(__file__).parents[1] / "data" / "xixian" / "targets.toml"


def timed(what, work, repeat=5):
    seconds, busy = [], []
    for _ in range(repeat):
        start, cpu = time.perf_counter(), time.process_time()
        result = work()
        seconds.append(time.perf_counter() - start)
        busy.append(time.process_time() - cpu)
    wall, cpu = np.median(seconds) * 1000, np.median(busy) * 1000
    print(f"{what:<32}{wall:9.1f} ms, of it computing {cpu:9.1f} ms  (median of {repeat})")
    return result


def table(path):
    rng = np.random.default_rng(1)
    lines = ["项目名称,类别,新城,直流容量(MW),状态,投运日期,经度,纬度"]
    for number in range(ROWS):
        status = ("拟建", "已批准", "在建", "已投运")[number % 4]
        town = ("fengdong", "fengxi", "jinghe", "konggang", "qinhan")[number % 5]
        lon, lat = rng.uniform(108.6, 108.9), rng.uniform(34.2, 34.5)
        name = f"{number * 7919 % 99991:05d}号厂房"
        date = "2024-05-01" if status == "已投运" else ""
        lines.append(f"{name},光伏,{town},{number % 90 / 10 + 0.1},{status},{date},{lon},{lat}")
    path.write_text("\n".join(lines), encoding="utf-8")


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ledger = Ledger(sys.argv[1] if len(sys.argv) > 1 else str(folder / "ledger.sqlite"))
        table(folder / "table.csv")
        preview = timed("preview an import", lambda: preview_import(ledger, folder / "table.csv"), 1)
        timed("apply it", lambda: apply_import(ledger, preview, who="benchmark"), 1)
        frame = timed("list all", ledger.frame)
        timed("list one town", lambda: ledger.frame(town="jinghe"))
        key = frame["id"].iloc[ROWS // 2]
        timed("read one", lambda: ledger.get(key))
        counter = iter(range(99))
        timed("change one", lambda: ledger.set(key, {"note": str(next(counter))}, who="benchmark"), 20)
        timed("history of one", lambda: ledger.history(key))
        targets = load_targets(TARGETS)
        timed("progress against all targets", lambda: progress(targets, frame))
        timed("list and progress", lambda: progress(targets, ledger.frame()))
        timed("export CSV", lambda: export_ledger(ledger, folder / "out.csv"), 1)
        timed("export XLSX", lambda: export_ledger(ledger, folder / "out.xlsx"), 1)
        timed("backup", lambda: backup(ledger, folder / "backup.gz"), 1)
        timed("restore", lambda: restore(ledger, folder / "backup.gz", replace=True), 1)
        ledger.close()


main()
