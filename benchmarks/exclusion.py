"""Eight exclusion criteria over 200,000 buildings on 9 million cells, side by side with other engines.

    python benchmarks/exclusion.py                          this project, and shapely + rasterio as the judge
    python benchmarks/exclusion.py --atlite PYTHON          also atlite, with an interpreter that has it

Each engine runs in a process of its own on the same files. `seconds` is CPU time in process without reading;
`whole` is the CPU time of the whole process with imports and reading.
"""
# ruff: noqa: PLC0415 - each engine imports only what it needs: imports are part of what is measured

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

SIZE, RESOLUTION = 30_000, 10.0
CELLS = int(SIZE / RESOLUTION)
DISTANCES = {
    "buildings": 10.0,
    "parcels": 0.0,
    "rivers": 200.0,
    "roads": 30.0,
    "heritage": 100.0,
    "lines": 15.0,
}
MOST_SLOPE, LAND_CODES, LAND_BUFFER = 10.0, (3,), 100.0


def make(folder: Path, buildings: int) -> None:
    import geopandas as gpd
    import shapely

    rng = np.random.default_rng(7)
    layers = {
        "buildings": _houses(rng, buildings, (6, 40)),
        "parcels": _houses(rng, 26_000, (40, 200)),
        "rivers": np.array([line.buffer(80) for line in _lines(rng, 3, 300)]),
        "roads": _lines(rng, 100, 300),
        "heritage": shapely.buffer(shapely.points(rng.uniform(0, SIZE, (300, 2))), rng.uniform(30, 300, 300)),
        "lines": _lines(rng, 60, 60),
    }
    for name, geometry in layers.items():
        gpd.GeoDataFrame(geometry=geometry, crs=4545).to_parquet(folder / f"{name}.parquet")
    _raster(folder / "slope.tif", (np.hypot(*np.gradient(_relief(rng))) * 4).astype(np.float32))
    _raster(folder / "land.tif", (_relief(rng) > 2.2).astype(np.uint8) * 3)


def _houses(rng, count, sizes):
    import shapely

    x, y = rng.uniform(0, SIZE, (2, count))
    w, h, turn = rng.uniform(*sizes, count) / 2, rng.uniform(*sizes, count) / 2, rng.uniform(0, np.pi, count)
    c, s = np.cos(turn), np.sin(turn)
    signs = ((-1, -1), (1, -1), (1, 1), (-1, 1))
    corners = [(x + a * w * c - b * h * s, y + a * w * s + b * h * c) for a, b in signs]
    return shapely.polygons(np.stack([np.stack(corner, -1) for corner in corners], 1))


def _lines(rng, count, corners):
    import shapely

    along = np.cumsum(rng.uniform(50, 200, (count, corners)), axis=1)
    across = rng.uniform(0, SIZE, (count, 1)) + np.cumsum(rng.normal(0, 20, (count, corners)), axis=1)
    xy = np.stack([along, across], -1)
    xy[::2] = xy[::2, :, ::-1]
    return shapely.linestrings(xy)


def _relief(rng):
    from scipy.ndimage import zoom

    return zoom(rng.normal(0, 1.5, (101, 101)), CELLS / 101, order=3)[:CELLS, :CELLS]


def _raster(path, values):
    import rasterio
    from rasterio.transform import from_origin

    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=CELLS,
        width=CELLS,
        count=1,
        dtype=values.dtype,
        crs="EPSG:4545",
        transform=from_origin(0, SIZE, RESOLUTION, RESOLUTION),
        tiled=True,
    ) as file:
        file.write(values, 1)


def _read(folder):
    import geopandas as gpd
    import rasterio

    rasters = {}
    for name in ("slope", "land"):
        with rasterio.open(folder / f"{name}.tif") as file:
            rasters[name] = file.read(1)
    return rasters, {name: gpd.read_parquet(folder / f"{name}.parquet") for name in DISTANCES}


def _read_shapes(folder):
    """Return rasters and shapes: this project's engine takes arrays and needs no frames."""
    import pyarrow.parquet as pq
    import rasterio
    import shapely

    rasters = {}
    for name in ("slope", "land"):
        with rasterio.open(folder / f"{name}.tif") as file:
            rasters[name] = file.read(1)
    columns = {name: pq.read_table(folder / f"{name}.parquet", columns=["geometry"]) for name in DISTANCES}
    return rasters, {
        name: shapely.from_wkb(table["geometry"].to_numpy(zero_copy_only=False))
        for name, table in columns.items()
    }


def ours(folder: Path):
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    from gis.exclusion import Exclusions
    from gis.grid import Grid

    rasters, shapes = _read_shapes(folder)
    tiny = Exclusions.empty(Grid(0.0, 10.0, 10.0, 1, 1), criteria=1)
    tiny.burn(shapes["roads"][:1], criterion=0, distance_m=1.0)
    tiny.burn_cells(np.ones((1, 1), dtype=bool), criterion=0)
    start = time.process_time()
    exclusions = Exclusions.empty(Grid(0.0, float(SIZE), RESOLUTION, CELLS, CELLS), criteria=8)
    exclusions.burn_cells(rasters["slope"] > MOST_SLOPE, criterion=0)
    exclusions.burn_cells(np.isin(rasters["land"], LAND_CODES), criterion=1, distance_m=LAND_BUFFER)
    for criterion, (name, distance) in enumerate(DISTANCES.items(), start=2):
        exclusions.burn(shapes[name], criterion=criterion, distance_m=distance)
    out = exclusions.met_any(range(8))
    return time.process_time() - start, ~out


def vectors(folder: Path):
    import shapely
    from rasterio.features import rasterize
    from rasterio.transform import from_origin
    from scipy.ndimage import distance_transform_edt

    rasters, frames = _read(folder)
    start = time.process_time()
    out = rasters["slope"] > MOST_SLOPE
    out |= distance_transform_edt(~np.isin(rasters["land"], LAND_CODES)) * RESOLUTION <= LAND_BUFFER
    place = from_origin(0, SIZE, RESOLUTION, RESOLUTION)
    for name, distance in DISTANCES.items():
        shapes = frames[name].geometry.to_numpy()
        for first in range(0, len(shapes), 20_000):
            part = shapes[first : first + 20_000]
            part = shapely.buffer(part, distance, quad_segs=64) if distance else part
            out |= rasterize(part, out_shape=out.shape, transform=place, default_value=1) == 1
    return time.process_time() - start, ~out


def atlite(folder: Path):
    import geopandas as gpd
    import shapely
    from atlite.gis import ExclusionContainer, shape_availability

    frames = {name: gpd.read_parquet(folder / f"{name}.parquet") for name in DISTANCES}
    # A metre less, because atlite adds a row and a column to an area that fits the cells exactly.
    area = gpd.GeoSeries([shapely.box(0, 0, SIZE - 1, SIZE - 1)], crs=4545)
    start = time.process_time()
    excluder = ExclusionContainer(crs=4545, res=RESOLUTION)
    excluder.add_raster(str(folder / "slope.tif"), codes=lambda values: values > MOST_SLOPE, crs=4545)
    excluder.add_raster(
        str(folder / "land.tif"),
        codes=list(LAND_CODES),
        buffer=LAND_BUFFER,
        buffer_geometry="circular",
        crs=4545,
    )
    for name, distance in DISTANCES.items():
        excluder.add_geometry(frames[name].geometry, buffer=distance)
    masked, _ = shape_availability(area, excluder)
    return time.process_time() - start, masked


def run(engine: str, folder: Path, python: str) -> dict[str, float]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [python, __file__, "--engine", engine, "--folder", str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    whole = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return json.loads(done.stdout.splitlines()[-1]) | {"whole": round(whole, 2)}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--buildings", type=int, default=200_000)
    parser.add_argument("--atlite", metavar="PYTHON")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--engine", choices=("ours", "vectors", "atlite"), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.engine:
        seconds, free = globals()[options.engine](options.folder)
        np.save(options.folder / f"{options.engine}.npy", np.asarray(free, dtype=bool))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"seconds": round(seconds, 3), "peak_mb": round(peak)}))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make(folder, options.buildings)
        engines = {"ours": sys.executable, "vectors": sys.executable}
        if options.atlite:
            engines["atlite"] = options.atlite
        for engine, python in engines.items():
            runs = [run(engine, folder, python) for _ in range(options.repeat if engine != "vectors" else 1)]
            middle = {key: sorted(one[key] for one in runs)[len(runs) // 2] for key in runs[0]}
            free = np.load(folder / f"{engine}.npy")
            mine = np.load(folder / "ours.npy")
            unlike = (free != mine).mean()
            print(engine, middle, f"eligible {free.mean():.4%}, cells unlike ours {unlike:.5%}")


if __name__ == "__main__":
    main()
