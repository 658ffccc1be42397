"""The engine's error against the slow judge: walked rays, every ten-minute sun, Perez' sky without tables.

    python benchmarks/accuracy.py                                1,000 roof pixels of four generated towns
    python benchmarks/accuracy.py --surface dsm.tif              also 1,000 pixels of a measured surface
    python benchmarks/accuracy.py --region data/xixian           also 1,000 roof pixels of its densest km2
    python benchmarks/accuracy.py --directions 144               another number of directions

Shares of the unobstructed value. Prints one JSON object per case.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import rasterio

from assessment.solar import weather_table
from assessment.solar_planes import module_planes
from assessment.solar_terrain import read_terrain
from assessment.sun import Pixels, irradiate
from gis.grid import Grid
from gis.heights import fixed_point
from gis.surface import build_surface, rings_of
from layers.climate import read_climate
from layers.region import load_region
from layers.sources import raster_path, read_layer
from potential.solar.irradiation import normals
from potential.solar.sun import substep_angles

sys.path.append(str(Path(__file__).parents[1]))  # the judge lives with the tests, which are not installed
from tests.solar_scenes import blocks_scene, walked_horizons, walked_irradiation

NORMALS = Path(__file__).parents[1] / "data" / "xixian" / "climate_normals.csv"
WALKS = np.arange(720) * 0.5
PLANES = {"level": (0.0, 0.0), "25 south": (25.0, 180.0), "30 east": (30.0, 90.0)}


class Judge:
    def __init__(self, directions: int) -> None:
        self.directions = directions
        self.weather = read_climate(NORMALS, lat=34.35, lon=108.8)
        place = {"lat": self.weather.lat, "lon": self.weather.lon, "altitude_m": self.weather.altitude_m}
        self.sun = substep_angles(self.weather.times, **place)

    def compare(self, heights, pixels, *, resolution_m: float, levels: int = 24) -> None:
        directions = self.directions
        table = weather_table(self.weather, directions=directions, levels=levels)
        stored = fixed_point(heights, resolution_m=resolution_m)
        listed = Pixels(*pixels.T.astype(np.int32))
        angles = np.radians(WALKS)
        horizons = walked_horizons(heights, pixels[:, 0], pixels[:, 1], angles, resolution_m, 1500)
        flat = fixed_point(np.zeros((2, 2)), resolution_m=1.0)
        for name, (tilt, azimuth) in PLANES.items():
            plane = normals(np.array([tilt]), np.array([azimuth]))
            ours = irradiate(stored, table, listed, plane=plane)[:, :12]
            theirs = walked_irradiation(horizons, WALKS, self.weather.sky, *self.sun, plane[0])
            free = irradiate(flat, table, Pixels.of(np.ones((1, 1), bool)), plane=plane)[0, :12]
            year, month = (ours - theirs).sum(axis=1) / free.sum(), (ours - theirs) / free
            figures = {
                "bias": year.mean(),
                "rmse": np.sqrt((year**2).mean()),
                "p95": np.percentile(np.abs(year), 95),
                "worst_month_bias": np.abs(month.mean(axis=0)).max(),
                "month_rmse": np.sqrt((month**2).mean()),
            }
            rounded = {key: round(float(value) * 100, 3) for key, value in figures.items()}
            print(
                json.dumps(
                    {"plane": name, "directions": directions, "pixels": len(pixels), "percent": rounded}
                )
            )


def densest(folder: Path, count: int, side_m: float = 1000.0, around_m: float = 700.0):
    """Heights around the square kilometre with most buildings above 15 m, and some of its roof pixels."""
    region = load_region(folder)
    houses = read_layer(region, "buildings").frame
    x, y = (np.floor(part / side_m).astype(int) for part in (houses.centroid.x, houses.centroid.y))
    column, row = (houses["height_m"] > 15).groupby([x, y]).sum().idxmax()
    west, south = column * side_m, row * side_m
    edges = (west - around_m, south - around_m, west + side_m + around_m, south + side_m + around_m)
    near = houses.cx[edges[0] : edges[2], edges[1] : edges[3]].reset_index(drop=True)
    planes, ground = module_planes(near), read_terrain(raster_path(region, "terrain"), near)
    surface = build_surface(
        Grid.around(edges, resolution_m=1.0), ground.heights_m, ground.grid, rings_of(planes.polygons),
        planes.roofs(np.arange(len(near))), whole=True,
    )  # fmt: skip
    pixels = np.column_stack([surface.roofs.row, surface.roofs.column]).astype(np.int64)
    inside = ((pixels > around_m) & (pixels < around_m + side_m)).all(axis=1)
    chosen = np.random.default_rng(0).choice(np.flatnonzero(inside), count, replace=False)
    return np.round(surface.heights.metres() * 64) / 64, pixels[chosen]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--surface", type=Path)
    parser.add_argument("--pixels", type=int, default=1000)
    parser.add_argument("--region", type=Path)
    parser.add_argument("--directions", type=int, default=72)
    options = parser.parse_args()
    judge = Judge(options.directions)
    for turn in (0, 25, 45, 70):
        heights, roof = blocks_scene(700, seed=turn + 1, turn_deg=turn)
        chosen = np.random.default_rng(turn).choice(roof.sum(), options.pixels // 4, replace=False)
        print(json.dumps({"scene": f"generated town turned by {turn} degrees, 1 m"}))
        judge.compare(np.round(heights * 64) / 64, np.argwhere(roof)[chosen], resolution_m=1.0)
    if options.region:
        heights, pixels = densest(options.region, options.pixels)
        print(json.dumps({"scene": f"densest square kilometre of {options.region.name}, 1 m"}))
        judge.compare(heights, pixels, resolution_m=1.0)
    if options.surface:
        with rasterio.open(options.surface) as source:
            heights, resolution_m = np.round(source.read(1).astype(float) * 64) / 64, source.res[0]
        rng = np.random.default_rng(1)
        pixels = np.column_stack([rng.integers(0, size, options.pixels) for size in heights.shape])
        print(json.dumps({"scene": f"{options.surface.name}, {resolution_m:g} m, any pixel"}))
        judge.compare(heights, pixels, resolution_m=resolution_m)


if __name__ == "__main__":
    main()
