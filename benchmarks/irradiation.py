"""Annual and twelve monthly sums of a surface against GRASS r.horizon + r.sun on the same surface.

    python benchmarks/irradiation.py                    this project: roofs only, and every pixel
    python benchmarks/irradiation.py --grass            also r.horizon (36 directions) + r.sun (12 days)
    python benchmarks/irradiation.py --save dsm.npy     also keep the surface, for other programs

The surface: 1024 pixels of 1 m, 691 boxes of 6 to 100 m turned by 25 degrees on a slope, roofs on 23 % of it.
CPU seconds of one thread, least and median of the repeats; us per raster pixel, ns per pixel and direction.
"""
# ruff: noqa: PLC0415 - imports are not part of what is measured

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).parents[1]))  # the scene lives with the tests, which are not installed
from tests.solar_scenes import town_scene

NORMALS = Path(__file__).parents[1] / "data" / "xixian" / "climate_normals.csv"
SIZE, SEED, TURN_DEG = 1024, 26, 25.0
DAYS = (17, 47, 75, 105, 135, 162, 198, 228, 258, 288, 318, 344)
"""The mean day of each month (Klein 1977)."""


def _cpu(work) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def ours(surface: np.ndarray, roof: np.ndarray, *, directions: int, levels: int, repeats: int) -> dict:
    from assessment.solar import weather_table
    from assessment.sun import Pixels, irradiate
    from gis.heights import fixed_point
    from gis.horizon import Blocks, sweeps
    from layers.climate import read_climate
    from potential.solar.irradiation import normals

    weather = read_climate(NORMALS, lat=34.35, lon=108.8)
    table = weather_table(weather, directions=directions, levels=levels)
    plane = normals(np.zeros(1), np.zeros(1))
    every, roofs = Pixels.of(np.ones(surface.shape, bool)), Pixels.of(roof)
    answer = {"directions": directions, "levels": levels, "roof_share": roof.mean()}
    for continuous, kind in ((False, "walls"), (True, "continuous")):
        heights = fixed_point(surface, resolution_m=1.0, continuous=continuous)
        blocks = Blocks.everywhere(heights)
        angles = {"levels_deg": table.levels_deg, "blocks": blocks}

        def swept(heights=heights, angles=angles) -> None:
            for _ in sweeps(heights, table.azimuths_deg, **angles):
                pass

        swept()
        per_direction = [_cpu(swept) / surface.size / directions * 1e9 for _ in range(repeats)]
        answer[f"{kind}_horizon_ns"] = [min(per_direction), float(np.median(per_direction))]
        for which, pixels in (("roofs", roofs), ("every_pixel", every)):
            for how, lying in (("level", plane), ("as_it_lies", None)):

                def light(heights=heights, pixels=pixels, lying=lying) -> None:
                    irradiate(heights, table, pixels, plane=lying, workers=1)

                light()
                us = [_cpu(light) / surface.size * 1e6 for _ in range(repeats)]
                answer[f"{kind}_{which}_{how}_us"] = [min(us), float(np.median(us))]
    return answer


def _run(command: list[str], environment: dict[str, str]) -> float:
    """Return the CPU seconds of a command and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def grass(surface: np.ndarray) -> dict[str, float]:
    import rasterio

    with tempfile.TemporaryDirectory() as folder:
        path, place = Path(folder) / "dsm.tif", f"{folder}/place"
        transform = rasterio.transform.from_origin(500_000, 3_800_000, 1.0, 1.0)
        profile = {"dtype": "float32", "count": 1, "crs": "EPSG:32649", "transform": transform}
        height, width = surface.shape
        with rasterio.open(path, "w", driver="GTiff", width=width, height=height, **profile) as target:
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
        start = _run([*base, "g.region", "-p"], environment)
        horizon = _run([*base, "r.horizon", "elevation=dsm", "step=10", "output=h"], environment) - start
        print(json.dumps({"r_horizon_s": round(horizon, 1)}), flush=True)
        sun = ["r.sun", "elevation=dsm", "slope=slope", "aspect=aspect", "horizon_basename=h"]
        sun += ["horizon_step=10", "step=0.5", "glob_rad=g", "--overwrite"]
        days = sum(_run([*base, *sun, f"day={day}"], environment) - start for day in DAYS)
    return {
        "r_horizon_ns": horizon / surface.size / 36 * 1e9,
        "r_horizon_us": horizon / surface.size * 1e6,
        "r_sun_12_days_us": days / surface.size * 1e6,
        "r_horizon_r_sun_us": (horizon + days) / surface.size * 1e6,
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--grass", action="store_true")
    parser.add_argument("--save", type=Path)
    parser.add_argument("--directions", type=int, default=72)
    parser.add_argument("--levels", type=int, default=24)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    surface, roof = town_scene(SIZE, seed=SEED, turn_deg=TURN_DEG)
    if options.save:
        np.save(options.save, surface)
    answer = ours(
        surface, roof, directions=options.directions, levels=options.levels, repeats=options.repeats
    )
    if options.grass:
        peer = grass(surface)
        answer |= peer
        for kind in ("walls", "continuous"):
            answer[f"{kind}_ratio_horizon"] = peer["r_horizon_ns"] / answer[f"{kind}_horizon_ns"][1]
            for which in ("roofs", "every_pixel"):
                median = answer[f"{kind}_{which}_as_it_lies_us"][1]
                answer[f"{kind}_ratio_{which}"] = peer["r_horizon_r_sun_us"] / median
    print(json.dumps(answer, default=float, indent=1))


if __name__ == "__main__":
    main()
