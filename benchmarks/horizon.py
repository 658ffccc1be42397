"""Horizon angles: this project's level sweep and exact hull against GRASS r.horizon on the same surface.

    python benchmarks/horizon.py                 this project
    python benchmarks/horizon.py --grass         also r.horizon, where GRASS is installed

CPU seconds of one thread, best of the repeats; ns per pixel and direction; ratios on the same crop.
"""
# ruff: noqa: PLC0415 - imports are not part of what is measured

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np

SIZE, CROP = 2048, 512


def scene(size: int, seed: int = 0) -> np.ndarray:
    """A sloping plain with boxes of 6 to 100 m on a quarter of it, 1 m pixels."""
    rng = np.random.default_rng(seed)
    surface = np.add.outer(np.arange(size) * 0.01, np.arange(size) * 0.02)
    for _ in range(size * size // 1450):
        i, j = rng.integers(0, size - 40, 2)
        a, b = rng.integers(8, 40, 2)
        surface[i : i + a, j : j + b] = surface[i, j] + rng.uniform(6, 100)
    return np.round(surface * 64) / 64


def sweep_seconds(surface: np.ndarray, directions: int, repeats: int) -> float:
    from gis.heights import fixed_point
    from gis.horizon import Blocks, sweeps, thresholds_deg

    heights = fixed_point(surface, resolution_m=1.0)
    blocks = Blocks.everywhere(heights)
    azimuths = np.arange(directions) * 360.0 / directions + 0.01
    levels = thresholds_deg(directions)
    for _ in sweeps(heights, azimuths[:4], blocks=blocks, levels_deg=levels[:4]):
        pass
    return min(
        _timed(lambda: list(map(_count, sweeps(heights, azimuths, blocks=blocks, levels_deg=levels))))
        for _ in range(repeats)
    )


def _count(_codes: object) -> int:
    return 1


def _timed(work) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def hull_seconds(surface: np.ndarray, directions: int) -> float:
    from gis.hull import horizon_tangents

    azimuths = np.arange(directions) * 360.0 / directions + 0.01
    list(horizon_tangents(surface[:64, :64], azimuths[:3], resolution_m=1.0))
    return _timed(lambda: list(map(_count, horizon_tangents(surface, azimuths, resolution_m=1.0))))


def grass_seconds(surface: np.ndarray, directions: int) -> float:
    import rasterio

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "dsm.tif"
        transform = rasterio.transform.from_origin(500_000, 3_800_000, 1.0, 1.0)
        height, width = surface.shape
        profile = {"dtype": "float32", "count": 1, "crs": "EPSG:32649", "transform": transform}
        with rasterio.open(path, "w", driver="GTiff", width=width, height=height, **profile) as target:
            target.write(surface.astype("float32"), 1)
        place = f"{folder}/place"
        environment = {**os.environ, "HOME": folder}
        _run(["grass", "-c", str(path), "-e", place], environment)
        base = ["grass", f"{place}/PERMANENT", "--exec"]
        _run([*base, "r.in.gdal", f"input={path}", "output=dsm"], environment)
        _run([*base, "g.region", "raster=dsm"], environment)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        _run([*base, "r.horizon", "elevation=dsm", f"step={360 / directions}", "output=h"], environment)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _run(command: list[str], environment: dict[str, str]) -> None:
    subprocess.run(command, check=True, capture_output=True, env=environment)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--grass", action="store_true")
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    whole, crop = scene(SIZE), scene(CROP)
    answer: dict[str, float] = {}
    for directions in (36, 72):
        seconds = sweep_seconds(whole, directions, options.repeats)
        answer[f"sweep_{SIZE}_{directions}_ns"] = seconds / SIZE**2 / directions * 1e9
    answer[f"hull_{SIZE}_12_ns"] = hull_seconds(whole, 12) / SIZE**2 / 12 * 1e9
    if options.grass:
        ours = sweep_seconds(crop, 36, options.repeats)
        theirs = grass_seconds(crop, 36)
        answer["r_horizon_ns"] = theirs / CROP**2 / 36 * 1e9
        answer["crop_sweep_ns"] = ours / CROP**2 / 36 * 1e9
        answer["ratio_same_crop"] = theirs / ours
    print(json.dumps({name: round(value, 2) for name, value in answer.items()}))


if __name__ == "__main__":
    main()
