"""The engine's error against the slow judge: walked rays, every ten-minute sun, Perez' sky without tables.

    python benchmarks/accuracy.py                                2,500 and 1,000 roof pixels of made towns
    python benchmarks/accuracy.py --surface dsm.tif              also 1,000 pixels of a measured surface
    python benchmarks/accuracy.py --region data/xixian           also 1,000 roof pixels of its densest km2
    python benchmarks/accuracy.py --directions 144               another number of directions

The first towns are those by which engines are compared: 1024 pixels of 1 m, 691 separate boxes of 6 to 100 m
on a slope, roofs on a quarter of the ground, five orientations. They are judged twice: read as a continuous
surface, whose heights run straight from pixel centre to pixel centre, and with walls midway between pixels.
The other towns are closer than any real one. Shares of the unobstructed value; one JSON object per case.
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
from gis.rings import rings_of
from gis.surface import build_surface
from layers.climate import read_climate
from layers.region import load_region
from layers.sources import raster_path, read_layer
from potential.solar.irradiation import normals
from potential.solar.sun import substep_angles

sys.path.append(str(Path(__file__).parents[1]))  # the judge lives with the tests, which are not installed
from tests.solar_scenes import blocks_scene, town_scene, walked_horizons, walked_irradiation

NORMALS = Path(__file__).parents[1] / "data" / "xixian" / "climate_normals.csv"
WALKS = np.arange(720) * 0.5
PLANES = {"level": (0.0, 0.0), "25 south": (25.0, 180.0), "30 east": (30.0, 90.0)}


REACH_PX = 1500
WALL = {False: 1.5, True: np.inf}
"""Slope that is a wall to the judge, by whether the surface is continuous."""


class Judge:
    def __init__(self, directions: int, levels: int) -> None:
        self.directions, self.levels = directions, levels
        self.weather = read_climate(NORMALS, lat=34.35, lon=108.8)
        place = {"lat": self.weather.lat, "lon": self.weather.lon, "altitude_m": self.weather.altitude_m}
        self.sun = substep_angles(self.weather.times, **place)

    def errors(self, heights, pixels, *, resolution_m: float, continuous: bool = False) -> dict[str, tuple]:
        """Return what we and the judge find by plane, Wh/m2 by pixel and month, and the open plane's."""
        table = weather_table(self.weather, directions=self.directions, levels=self.levels)
        stored = fixed_point(heights, resolution_m=resolution_m, continuous=continuous)
        listed = Pixels(*pixels.T.astype(np.int32))
        angles = np.radians(WALKS)
        horizons = walked_horizons(
            heights, pixels[:, 0], pixels[:, 1], angles, resolution_m, REACH_PX, WALL[continuous]
        )
        flat = fixed_point(np.zeros((2, 2)), resolution_m=1.0)
        found = {}
        for name, (tilt, azimuth) in PLANES.items():
            plane = normals(np.array([tilt]), np.array([azimuth]))
            ours = irradiate(stored, table, listed, plane=plane)[:, :12]
            theirs = walked_irradiation(horizons, WALKS, self.weather.sky, *self.sun, plane[0])
            free = irradiate(flat, table, Pixels.of(np.ones((1, 1), bool)), plane=plane)[0, :12]
            found[name] = (ours, theirs, free)
        return found

    def compare(self, scene: str, parts: list[dict[str, tuple]]) -> None:
        """Print the errors over the pixels of some scenes together."""
        for name in PLANES:
            ours, theirs = (np.concatenate([part[name][place] for part in parts]) for place in (0, 1))
            free = parts[0][name][2]
            year, month = (ours - theirs).sum(axis=1) / free.sum(), (ours - theirs) / free
            figures = {
                "loss": 1 - theirs.sum() / free.sum() / len(theirs),
                "bias": year.mean(),
                "rmse": np.sqrt((year**2).mean()),
                "p95": np.percentile(np.abs(year), 95),
                "worst_month_bias": np.abs(month.mean(axis=0)).max(),
                "month_rmse": np.sqrt((month**2).mean()),
                "month_rmse_of_mean_month": np.sqrt((((ours - theirs) / free.mean()) ** 2).mean()),
            }
            rounded = {key: round(float(value) * 100, 3) for key, value in figures.items()}
            named = {"scene": scene, "plane": name, "directions": self.directions, "levels": self.levels}
            print(json.dumps({**named, "pixels": len(ours), "percent": rounded}), flush=True)


def chosen(roof, count: int, seed: int):
    """Return some roof pixels."""
    return np.argwhere(roof)[np.random.default_rng(seed).choice(roof.sum(), count, replace=False)]


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
    some = np.random.default_rng(0).choice(np.flatnonzero(inside), count, replace=False)
    return np.round(surface.heights.metres() * 64) / 64, pixels[some]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--surface", type=Path)
    parser.add_argument("--pixels", type=int, default=1000)
    parser.add_argument("--region", type=Path)
    parser.add_argument("--directions", type=int, default=72)
    parser.add_argument("--levels", type=int, default=24)
    options = parser.parse_args()
    judge = Judge(options.directions, options.levels)
    towns = []
    for turn in (0.0, 25.0, 45.0, 70.0, None):
        heights, roof = town_scene(1024, seed=int(turn or 0) + 1, turn_deg=turn)
        towns.append((heights, chosen(roof, options.pixels // 2, 5)))
    for continuous, name in ((True, "towns of 691, continuous"), (False, "towns of 691, walls")):
        parts = [judge.errors(*town, resolution_m=1.0, continuous=continuous) for town in towns]
        judge.compare(name, parts)
    for turn in (0, 25, 45, 70):
        heights, roof = blocks_scene(700, seed=turn + 1, turn_deg=turn)
        pixels = chosen(roof, options.pixels // 4, turn)
        part = judge.errors(np.round(heights * 64) / 64, pixels, resolution_m=1.0)
        judge.compare(f"crowded town turned by {turn} degrees, 1 m", [part])
    if options.region:
        heights, pixels = densest(options.region, options.pixels)
        part = judge.errors(heights, pixels, resolution_m=1.0)
        judge.compare(f"densest square kilometre of {options.region.name}, 1 m", [part])
    if options.surface:
        with rasterio.open(options.surface) as source:
            heights, resolution_m = np.round(source.read(1).astype(float) * 64) / 64, source.res[0]
        rng = np.random.default_rng(1)
        pixels = np.column_stack([rng.integers(0, size, options.pixels) for size in heights.shape])
        for continuous, name in ((True, "continuous"), (False, "walls")):
            part = judge.errors(heights, pixels, resolution_m=resolution_m, continuous=continuous)
            judge.compare(f"{options.surface.name}, {resolution_m:g} m, any pixel, {name}", [part])


if __name__ == "__main__":
    main()
