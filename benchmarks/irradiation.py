"""Annual and twelve monthly sums of a surface against GRASS r.horizon + r.sun on the same surface.

    python benchmarks/irradiation.py             this project: roofs only, and every pixel
    python benchmarks/irradiation.py --grass     also r.horizon (36 directions) + r.sun (one day, times 12)

CPU seconds of one thread; us per raster pixel.
"""
# ruff: noqa: PLC0415 - imports are not part of what is measured

from __future__ import annotations

import argparse
import json
import os
import resource
import tempfile
import time
from pathlib import Path

import numpy as np
from horizon import _run, scene

SIZE, CROP = 2048, 512
NORMALS = Path(__file__).parents[1] / "data" / "xixian" / "climate_normals.csv"


def ours(size: int) -> dict[str, float]:
    from assessment.solar import weather_table
    from assessment.sun import Pixels, irradiate
    from gis.heights import fixed_point
    from layers.climate import read_climate
    from potential.solar.irradiation import normals

    surface = scene(size)
    table = weather_table(read_climate(NORMALS, lat=34.35, lon=108.8))
    heights = fixed_point(surface, resolution_m=1.0)
    plane = normals(np.zeros(1), np.zeros(1))
    ground = np.add.outer(np.arange(size) * 0.01, np.arange(size) * 0.02)
    small = scene(64)
    every, roofs = Pixels.of(np.ones(surface.shape, bool)), Pixels.of(surface - ground > 3)
    for lying in (None, plane):
        irradiate(fixed_point(small, resolution_m=1.0), table, Pixels.of(small > 1), plane=lying, workers=1)

    def us(pixels: Pixels, lying: np.ndarray | None) -> float:
        return _timed(lambda: irradiate(heights, table, pixels, plane=lying, workers=1)) / size**2 * 1e6

    return {
        "roof_share": roofs.row.size / size**2,
        "roofs_level_us": us(roofs, plane),
        "roofs_as_they_lie_us": us(roofs, None),
        "every_pixel_level_us": us(every, plane),
        "every_pixel_as_it_lies_us": us(every, None),
    }


def _timed(work) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def grass(size: int) -> dict[str, float]:
    import rasterio

    surface = scene(size)
    with tempfile.TemporaryDirectory() as folder:
        path, place = Path(folder) / "dsm.tif", f"{folder}/place"
        transform = rasterio.transform.from_origin(500_000, 3_800_000, 1.0, 1.0)
        profile = {"dtype": "float32", "count": 1, "crs": "EPSG:32649", "transform": transform}
        with rasterio.open(path, "w", driver="GTiff", width=size, height=size, **profile) as target:
            target.write(surface.astype("float32"), 1)
        environment = {**os.environ, "HOME": folder}
        _run(["grass", "-c", str(path), "-e", place], environment)
        base = ["grass", f"{place}/PERMANENT", "--exec"]
        for command in (
            ["r.in.gdal", f"input={path}", "output=dsm"],
            ["g.region", "raster=dsm"],
            ["r.slope.aspect", "elevation=dsm", "slope=slope", "aspect=aspect"],
        ):
            _run([*base, *command], environment)
        horizon = _children(
            lambda: _run([*base, "r.horizon", "elevation=dsm", "step=10", "output=h"], environment)
        )
        day = _children(
            lambda: _run(
                [*base, "r.sun", "elevation=dsm", "slope=slope", "aspect=aspect", "horizon_basename=h",
                 "horizon_step=10", "day=80", "step=0.5", "glob_rad=g"],
                environment,
            )
        )  # fmt: skip
    return {"r_horizon_r_sun_12_days_us": (horizon + 12 * day) / size**2 * 1e6}


def _children(work) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    work()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--grass", action="store_true")
    options = parser.parse_args()
    answer = ours(SIZE)
    if options.grass:
        answer |= grass(CROP)
        answer["ratio_every_pixel"] = (
            answer["r_horizon_r_sun_12_days_us"] / answer["every_pixel_as_it_lies_us"]
        )
        answer["ratio_roofs"] = answer["r_horizon_r_sun_12_days_us"] / answer["roofs_as_they_lie_us"]
    print(json.dumps({name: round(value, 3) for name, value in answer.items()}))


if __name__ == "__main__":
    main()
