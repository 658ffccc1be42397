"""Offset datums found: random draws of a shifted layer against its reference, and of an unshifted one.

Every draw takes another town, other buildings, another share of them known to both sources, and
other errors of the outlines. Run: `python benchmarks/gcj02.py [draws]`.
"""

from __future__ import annotations

import sys
import time

import numpy as np
import shapely
from pyproj import Transformer

from gis.crs import FROM_WGS84
from layers.datum import suspect_datum

CRS = "EPSG:4545"


def town(rng: np.random.Generator) -> np.ndarray:
    """Draw the blocks of a town: streets on a turned lattice, buildings of any size along them."""
    centre = np.array([rng.uniform(465_000, 535_000), rng.uniform(3_770_000, 3_830_000)])
    count, turn = int(rng.integers(400, 4000)), rng.uniform(0, np.pi / 2)
    places = rng.normal(0, rng.uniform(600, 2500), (count, 2))
    street = rng.uniform(40, 120)
    places[:, 0] = np.round(places[:, 0] / street) * street + rng.normal(0, 5, count)
    size = rng.lognormal(np.log(14), 0.5, (count, 2))
    boxes = shapely.box(*(places - size / 2).T, *(places + size / 2).T)
    cos, sin = np.cos(turn), np.sin(turn)
    return shapely.transform(boxes, lambda xy: xy @ np.array([[cos, sin], [-sin, cos]]) + centre)


def two_sources(shapes: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return what two sources hold of the same buildings: shares of them, each off by some metres."""
    views = []
    for _ in range(2):
        seen = shapes[rng.random(len(shapes)) < rng.uniform(0.5, 1.0)]
        noise = rng.normal(0, rng.uniform(0, 3), (len(seen), 2))
        coordinates, index = shapely.get_coordinates(seen, return_index=True)
        views.append(shapely.set_coordinates(seen.copy(), coordinates + noise[index]))
    return views[0], views[1]


def shifted(shapes: np.ndarray, datum: str) -> np.ndarray:
    """Return shapes as they appear where a file in an offset datum is taken for WGS-84."""
    to_degrees = Transformer.from_crs(CRS, 4326, always_xy=True)

    def move(xy: np.ndarray) -> np.ndarray:
        lon, lat = to_degrees.transform(xy[:, 0], xy[:, 1])
        there = to_degrees.transform(*FROM_WGS84[datum](lon, lat), direction="INVERSE")
        return np.column_stack(there)

    return shapely.transform(shapes, move)


def draw(seed: int) -> dict[str, object]:
    """Measure one draw: how far off the found offset is, and what the unshifted copy is taken for."""
    rng = np.random.default_rng(seed)
    layer, reference = two_sources(town(rng), rng)
    datum = ("gcj02", "bd09")[seed % 2]
    moved = shifted(layer, datum)
    start = time.perf_counter()
    found = suspect_datum(moved, reference, crs=CRS)
    seconds = time.perf_counter() - start
    true = np.mean(shapely.get_coordinates(moved) - shapely.get_coordinates(layer), axis=0)
    error = np.inf
    if found is not None:
        error = float(np.hypot(found.east_m - true[0], found.north_m - true[1]))
    false = suspect_datum(layer, reference, crs=CRS)
    named = found is not None and found.datum == datum and not found.of_reference
    return {"seed": seed, "error_m": error, "named": named, "false": false is not None, "seconds": seconds}


def main(draws: int) -> int:
    results = [draw(seed) for seed in range(draws)]
    errors = np.array([result["error_m"] for result in results], dtype=float)
    good = sum(bool(result["named"]) and float(str(result["error_m"])) <= 20 for result in results)
    alarms = sum(bool(result["false"]) for result in results)
    print(f"found and named within 20 m: {good} of {draws}")
    print(f"error of the offset: median {np.median(errors):.1f} m, worst {errors.max():.1f} m")
    print(f"false alarms on unshifted copies: {alarms} of {draws}")
    print(f"seconds per measurement: {np.mean([float(str(result['seconds'])) for result in results]):.2f}")
    return 0 if good == draws and alarms == 0 else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100))
