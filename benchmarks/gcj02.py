"""Offset datums found: random draws of a shifted layer against its reference, and of an unshifted one.

Every draw takes another town, other buildings, another share of them known to both sources, and
other errors of the outlines. Each draw also moves the layer plainly, by 60 to 600 m to
any side, and draws a second town of street blocks with buildings in them: layers of different things, as a
region has them. Run: `python benchmarks/gcj02.py [draws] [first]`.
"""

from __future__ import annotations

import sys
import time

import geopandas as gpd
import numpy as np
import shapely
from pyproj import Transformer

from gis.crs import FROM_WGS84
from layers.datum import suspect_datum
from layers.fit import offset_faults

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


def moved_plainly(shapes: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Move shapes by 60 to 600 m to any side; return them and by how much."""
    side, metres = rng.uniform(0, 2 * np.pi), rng.uniform(60, 600)
    shift = metres * np.array([np.cos(side), np.sin(side)])
    return shapely.transform(shapes, lambda xy: xy + shift), shift


def blocks(rng: np.random.Generator, flush: float) -> tuple[np.ndarray, np.ndarray]:
    """Draw street blocks and the buildings in them, of which a share stands flush with its block's edge."""
    count, turn = int(rng.integers(12, 30)), rng.uniform(0, np.pi / 2)
    steps, streets = rng.uniform(80, 220, (2, count)), rng.uniform(12, 40, (2, count))
    lines = np.cumsum(steps, axis=1) - steps.sum(axis=1, keepdims=True) / 2
    column, row = (index.ravel() for index in np.meshgrid(*[np.arange(count - 1)] * 2))
    low = np.column_stack([lines[0, column] + streets[0, column] / 2, lines[1, row] + streets[1, row] / 2])
    high = np.column_stack(
        [lines[0, column + 1] - streets[0, column + 1] / 2, lines[1, row + 1] - streets[1, row + 1] / 2]
    )
    there = ((high - low) > 20).all(axis=1) & (rng.random(len(low)) < rng.uniform(0.4, 0.95))
    low, high = low[there], high[there]
    of = np.repeat(np.arange(len(low)), rng.integers(1, 6, len(low)))
    size = np.minimum(rng.lognormal(np.log(16), 0.4, (len(of), 2)), high[of] - low[of])
    place = low[of] + rng.random((len(of), 2)) * (high[of] - low[of] - size)
    stuck, axis, end = rng.random(len(of)) < flush, rng.integers(2, size=len(of)), rng.random(len(of)) < 0.5
    edge = np.where(end[:, None], high[of] - size, low[of])
    which = stuck[:, None] & (np.arange(2) == axis[:, None])
    place = np.where(which, edge, place)
    cos, sin = np.cos(turn), np.sin(turn)
    centre = np.array([500_000.0, 3_800_000.0])

    def turned(start: np.ndarray, stop: np.ndarray) -> np.ndarray:
        boxes = shapely.box(*start.T, *stop.T)
        return shapely.transform(boxes, lambda xy: xy @ np.array([[cos, sin], [-sin, cos]]) + centre)

    return turned(low, high), turned(place, place + size)


def draw_region(seed: int) -> dict[str, object]:
    """Compare blocks and buildings as a region does: moved plainly, and in place."""
    rng = np.random.default_rng(10_000 + seed)
    flush = float(rng.choice([0.2, 0.5, 0.8, 0.95]))
    parcels, houses = blocks(rng, flush)
    moved, shift = moved_plainly(houses, rng)

    def told(buildings: np.ndarray) -> list[object]:
        frames = {
            name: gpd.GeoDataFrame(geometry=shapes, crs=CRS)
            for name, shapes in (("municipal", parcels), ("buildings", buildings))
        }
        return list(offset_faults(frames, {name: name for name in frames}, crs=CRS))

    found = suspect_datum(moved, parcels, crs=CRS)
    right = found is not None and np.hypot(found.east_m - shift[0], found.north_m - shift[1]) <= 20
    said = bool(told(moved))
    return {"flush": flush, "said": said, "wrong": said and not right, "false": bool(told(houses))}


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
    elsewhere, shift = moved_plainly(layer, rng)
    plain = suspect_datum(elsewhere, reference, crs=CRS)
    off = np.inf if plain is None else float(np.hypot(plain.east_m - shift[0], plain.north_m - shift[1]))
    return {
        "plain_m": off,
        "seed": seed,
        "error_m": error,
        "named": named,
        "false": false is not None,
        "seconds": seconds,
    }


def main(draws: int, first: int = 0) -> int:
    seeds = range(first, first + draws)
    results = [draw(seed) for seed in seeds]
    errors = np.array([result["error_m"] for result in results], dtype=float)
    good = sum(bool(result["named"]) and float(str(result["error_m"])) <= 20 for result in results)
    alarms = sum(bool(result["false"]) for result in results)
    print(f"found and named within 20 m: {good} of {draws}")
    print(f"error of the offset: median {np.median(errors):.1f} m, worst {errors.max():.1f} m")
    print(f"false alarms on unshifted copies: {alarms} of {draws}")
    print(f"seconds per measurement: {np.mean([float(str(result['seconds'])) for result in results]):.2f}")
    plain = np.array([result["plain_m"] for result in results], dtype=float)
    near = int((plain <= 20).sum())
    print(f"plain shifts found within 20 m: {near} of {draws}, worst {plain.max():.1f} m")
    pairs = [draw_region(seed) for seed in seeds]
    for flush in sorted({float(str(pair["flush"])) for pair in pairs}):
        of = [bool(pair["said"]) for pair in pairs if pair["flush"] == flush]
        print(f"  layers of different things, {flush:.0%} on edges: {sum(of)} of {len(of)} shifts reported")
    wrong, false = (sum(bool(pair[key]) for pair in pairs) for key in ("wrong", "false"))
    print(f"  reported with another offset: {wrong}; reported though in place: {false} of {draws}")
    return 0 if good == draws == near and alarms == 0 and wrong == 0 and false == 0 else 1


if __name__ == "__main__":
    sys.exit(main(*(int(text) for text in sys.argv[1:] or ["100"])))
