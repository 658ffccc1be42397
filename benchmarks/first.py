"""The first result of a fresh process, kernels kept on disk: the light of a surface and one site's yield.

    python benchmarks/first.py

Starts new interpreters one after the other; seconds from start to result and to exit, and of each part. The
first start may compile (after a change of sources) and is told apart from the others.
"""
# ruff: noqa: PLC0415 - imports are part of what is measured

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

SIZE = 512
NORMALS = Path(__file__).parents[1] / "data" / "xixian" / "climate_normals.csv"


def first_result() -> dict[str, float]:
    """Reckon the light of a surface by month and the yield of one plane; return what each part took."""
    times = [_now()]
    import numpy as np

    from assessment.solar import weather_table
    from assessment.sun import Pixels, irradiate
    from gis.heights import fixed_point
    from layers.climate import read_climate
    from potential.solar.pv_yield import unit_yield

    times.append(_now())
    weather = read_climate(NORMALS, lat=34.35, lon=108.8)
    table = weather_table(weather)
    times.append(_now())
    rng = np.random.default_rng(0)
    surface = np.add.outer(np.arange(SIZE) * 0.01, np.arange(SIZE) * 0.02)
    for _ in range(170):
        i, j = rng.integers(0, SIZE - 24, 2)
        surface[i : i + 20, j : j + 20] = surface[i, j] + rng.uniform(6, 60)
    light = irradiate(fixed_point(surface, resolution_m=1.0), table, Pixels.of(np.ones(surface.shape, bool)))
    times.append(_now())
    yielded = unit_yield(weather.sky, 25.0, 180.0).ac_kwh_kwp
    times.append(_now())
    parts = {}
    for name, (wall, cpu), (wall_after, cpu_after) in zip(
        ("imports", "year", "light", "yield"), times, times[1:], strict=False
    ):
        parts |= {f"{name}_s": wall_after - wall, f"{name}_cpu_s": cpu_after - cpu}
    parts["result_cpu_s"] = times[-1][1]
    mean = float(light[:, :12].sum(axis=1).mean()) / 1000
    return {**parts, "mean_kwh_m2": mean, "kwh_kwp": yielded, "ended": time.time()}


def _now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def started() -> dict[str, float]:
    """Run a fresh interpreter; return wall and CPU seconds of all of it."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command, asked = [sys.executable, __file__, "--once"], time.time()
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    found = json.loads(done.stdout)
    return {"result_s": found.pop("ended") - asked, "wall_s": wall, "cpu_s": cpu, **found}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--once", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    if options.once:
        print(json.dumps(first_result()))
        return
    cold = started()
    warm = [started() for _ in range(options.repeats)]
    for name, one in (("first", cold), ("best", min(warm, key=lambda run: run["result_s"]))):
        print(json.dumps({"start": name, **{key: round(value, 3) for key, value in one.items()}}))
    waits = sorted(run["result_s"] for run in warm)
    print(json.dumps({"median_result_s": round(waits[len(waits) // 2], 3)}))


if __name__ == "__main__":
    main()
