"""Shading of every building of a region: wall time, CPU, peak memory.

python benchmarks/region_sun.py data/xixian --resolution 2 --workers 2
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from pathlib import Path

from assessment.solar import shade_buildings
from layers.climate import read_climate
from layers.region import load_region
from layers.sources import raster_path, read_layer

LAT, LON = 34.35, 108.8


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("region", type=Path)
    parser.add_argument("--resolution", type=float, default=2.0)
    parser.add_argument("--directions", type=int, default=72)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    region = load_region(options.region)
    buildings = read_layer(region, "buildings").frame
    terrain = raster_path(region, "terrain")
    weather = read_climate(region.climate.normals, lat=LAT, lon=LON)
    wall, cpu = time.perf_counter(), time.process_time()
    found = shade_buildings(
        buildings, terrain, weather,
        resolution_m=options.resolution, directions=options.directions, workers=options.workers,
    )  # fmt: skip
    print(
        json.dumps(
            {
                "buildings": len(found),
                "roof_pixels": int(found["pixels"].sum()),
                "wall_s": round(time.perf_counter() - wall, 1),
                "cpu_s": round(time.process_time() - cpu, 1),
                "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
                "mean_loss": round(float(found["shading_loss"].mean()), 5),
                "mean_kwh_m2": round(float(found["irradiation_kwh_m2"].mean()), 2),
            }
        )
    )


if __name__ == "__main__":
    main()
