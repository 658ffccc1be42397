"""Zonal sums of 200,000 footprints on a 2 m raster against exactextract.

    python benchmarks/zonal.py
    python benchmarks/zonal.py --exactextract PYTHON     an interpreter that has exactextract

CPU microseconds per polygon without reading.
"""
# ruff: noqa: PLC0415 - each engine imports only what it needs

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

SIZE, RESOLUTION = 15_000, 2.0


def make(folder: Path, count: int, size: int) -> None:
    import geopandas as gpd
    import rasterio
    import shapely

    rng = np.random.default_rng(3)
    extent = size * RESOLUTION
    x, y = rng.uniform(60, extent - 60, (2, count))
    w, h, turn = rng.uniform(3, 20, count), rng.uniform(3, 20, count), rng.uniform(0, np.pi, count)
    corners = np.stack(
        [np.stack([-w, -h], 1), np.stack([w, -h], 1), np.stack([w, h], 1), np.stack([-w, h], 1)], 1
    )
    c, s = np.cos(turn)[:, None], np.sin(turn)[:, None]
    turned = np.stack(
        [
            corners[..., 0] * c - corners[..., 1] * s + x[:, None],
            corners[..., 0] * s + corners[..., 1] * c + y[:, None],
        ],
        -1,
    )
    gpd.GeoDataFrame(geometry=shapely.polygons(turned), crs=32649).to_file(folder / "houses.gpkg")
    values = (1200 + 200 * rng.random((size, size), np.float32)).astype(np.float32)
    transform = rasterio.transform.from_origin(0, extent, RESOLUTION, RESOLUTION)
    profile = {"dtype": "float32", "count": 1, "crs": "EPSG:32649", "transform": transform, "tiled": True}
    with rasterio.open(
        folder / "values.tif", "w", driver="GTiff", width=size, height=size, **profile
    ) as target:
        target.write(values, 1)


def read(folder: Path):
    import geopandas as gpd
    import rasterio

    houses = gpd.read_file(folder / "houses.gpkg")
    with rasterio.open(folder / "values.tif") as source:
        return houses, source.read(1)


def ours(folder: Path) -> dict[str, object]:
    from gis.grid import Grid
    from gis.rings import rings_of
    from gis.zonal import zonal_sums

    houses, values = read(folder)
    grid = Grid(0.0, values.shape[0] * RESOLUTION, RESOLUTION, *values.shape)
    zonal_sums(rings_of(houses.geometry.to_numpy()[:10]), values, grid)
    began = time.process_time()
    rings = rings_of(houses.geometry.to_numpy())
    prepared = time.process_time()
    sums = zonal_sums(rings, values, grid)
    ended = time.process_time()
    np.save(folder / "ours.npy", sums.mean)
    count = len(houses)
    return {
        "us": (ended - prepared) / count * 1e6,
        "us_with_rings": (ended - began) / count * 1e6,
        "lost": int(np.isnan(sums.mean).sum()),
    }


def theirs(folder: Path) -> dict[str, object]:
    import exactextract
    from exactextract.raster import NumPyRasterSource

    houses, values = read(folder)
    side = values.shape[0] * RESOLUTION
    raster = NumPyRasterSource(values, 0, 0, side, side)
    began = time.process_time()
    found = exactextract.exact_extract(
        raster, houses, ["mean"], strategy="raster-sequential", output="pandas"
    )
    ended = time.process_time()
    np.save(folder / "theirs.npy", found["mean"].to_numpy())
    return {"us": (ended - began) / len(houses) * 1e6}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--exactextract", type=str)
    parser.add_argument("--count", type=int, default=200_000)
    parser.add_argument("--size", type=int, default=SIZE)
    parser.add_argument("--engine", choices=["ours", "theirs"])
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    if options.engine:
        print(json.dumps({"ours": ours, "theirs": theirs}[options.engine](options.folder)))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make(folder, options.count, options.size)
        engines = {"ours": sys.executable}
        if options.exactextract:
            engines["theirs"] = options.exactextract
        answer: dict[str, object] = {}
        for engine, python in engines.items():
            command = [python, __file__, "--engine", engine, "--folder", name]
            answer[engine] = json.loads(
                subprocess.run(command, check=True, capture_output=True, text=True).stdout
            )
        if options.exactextract:
            a, b = np.load(folder / "ours.npy"), np.load(folder / "theirs.npy")
            answer["rmse_percent"] = float(np.sqrt(np.nanmean((a / b - 1) ** 2)) * 100)
            answer["ratio"] = answer["theirs"]["us"] / answer["ours"]["us"]
        print(json.dumps(answer))


if __name__ == "__main__":
    main()
