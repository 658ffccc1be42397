"""Kill an assessment at random moments, resume it, and compare every byte with a run that nobody disturbed.

Run `python benchmarks/kills.py [--kills 100] [--seed 1]`. Each trial begins anew in an empty folder, is
killed (SIGKILL) at a moment drawn evenly over the duration of a whole run, and is then resumed to its end; in
between, no run folder may be there, or a whole one. Processes are forked from a server that has loaded the
program and its kernels, so that moments fall into the work and not into the loading. Prints one line per
trial and where the kills fell.
"""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from assessment.assess import Settings, assess_region
from assessment.run import Run
from layers.region import load_region
from tests.small_region import BLOCK_EDGE, EAST, make_region


def work(region: Path, out: Path, diary: Path) -> None:
    """Assess, and keep in a diary what is being done, so that it is known where a kill fell."""

    def tell(_share: float, what: str) -> None:
        diary.write_text(what, encoding="utf-8")

    assess_region(
        load_region(region), out=out, settings=Settings(only="sites", workers=1, resume=True), progress=tell
    )


def digest(folder: Path) -> str:
    files = sorted(file for file in folder.rglob("*") if file.is_file() and file.name != "timings.json")
    found = hashlib.sha256()
    for file in files:
        found.update(str(file.relative_to(folder)).encode() + hashlib.sha256(file.read_bytes()).digest())
    return found.hexdigest()


def whole_or_absent(out: Path) -> bool:
    return not out.exists() or bool(Run(out).manifest["run_id"])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["__main__", "assessment.assess", "pyogrio", "rasterio", "warmed"])
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        region = make_region(home / "region", east_m=BLOCK_EDGE - EAST - 1010.0)
        diary = home / "diary"

        def run(out: Path, kill_after: float | None = None) -> float:
            begin = time.perf_counter()
            process = context.Process(target=work, args=(region, out, diary))
            process.start()
            process.join(kill_after)
            if process.is_alive():
                os.kill(process.pid, signal.SIGKILL)
                process.join()
            elif process.exitcode:
                raise SystemExit(f"the assessment failed with code {process.exitcode}")
            return time.perf_counter() - begin

        run(home / "warm")
        duration = run(home / "reference")
        wanted = digest(home / "reference")
        if digest(home / "warm") != wanted:
            raise SystemExit("two undisturbed runs differ: nothing can be compared")
        moments = np.random.default_rng(given.seed).uniform(0, duration, given.kills)
        fell: Counter[str] = Counter()
        bad = 0
        for number, moment in enumerate(moments, start=1):
            out = home / f"run{number}"
            diary.write_text("starting", encoding="utf-8")
            run(out, kill_after=moment)
            where = "after the end" if out.exists() else diary.read_text(encoding="utf-8")
            fell[where] += 1
            clean = whole_or_absent(out)
            run(out)
            same = digest(out) == wanted
            left = [path.name for path in home.iterdir() if path.name.startswith(f".run{number}.")]
            bad += not (clean and same)
            print(
                f"{number:4d} {moment:6.2f} s {where:28s} whole={clean} same={same} left={left}", flush=True
            )
        print(f"{given.kills} kills over {duration:.1f} s, {bad} not resumed to the same bytes; they fell:")
        for where, count in fell.most_common():
            print(f"{count:5d}  {where}")
        raise SystemExit(bool(bad))


if __name__ == "__main__":
    main()
