"""Land-eligibility cases that atlite publishes with their random seed, through this engine cell by cell.

    python benchmarks/published.py                    against the digests of atlite's masks in tests/published
    python benchmarks/published.py --atlite PYTHON    against atlite itself, with an interpreter that has it
    python benchmarks/published.py --atlite PYTHON --write     write the digests anew

The scenes are those of test/test_gis.py of atlite 0.7.0 (MIT): flat availability, a quarter excluded, the
same inverted, a raster drawn with `default_rng(42)` of which a quarter is excluded, its inverse, codes, a
raster over half of the area with and without a value outside, and a raster in EPSG:3035. Degrees are taken as
plane units. atlite reads a raster only where the centres of its cells lie in the area, and takes the rest as
excluded (its value outside, 255); where cells are 1 km wide the raster is clipped the same way before the
rules see it.
"""
# ruff: noqa: PLC0415 - each interpreter imports only what it has

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

X0, Y0, X1, Y1 = -4.0, 56.0, 1.5, 61.0
SIZE = 0.01
CLIP = 0.25
DIGESTS = Path(__file__).resolve().parent.parent / "tests" / "published" / "atlite.json"
SCENES = (
    "flat",
    "geometry",
    "geometry_inverted",
    "raster",
    "raster_inverted",
    "codes",
    "codes_inverted",
    "half_codes",
    "half_outside_0",
    "half_outside_1",
    "reprojected_south",
    "reprojected_north",
)


def drawn(shape: tuple[int, int], name: str) -> np.ndarray:
    """Return the raster of a scene as its authors draw it."""
    random = np.random.default_rng(42).random(shape)
    return (random * 100).astype(np.int32) if name == "codes" else (random < CLIP).astype(np.int32)


def shape_and_transform(bounds, size):
    """Return rows, columns and upper left corner of the cells that cover bounds (atlite's padding)."""
    west, south = (np.floor(value / size) * size for value in bounds[:2])
    east, north = (np.ceil(value / size) * size for value in bounds[2:])
    return (round((north - south) / size), round((east - west) / size)), (west, north)


def digest(mask: np.ndarray) -> dict[str, object]:
    """Return what identifies a mask: its shape, the cells left, and the SHA-256 of its bits."""
    bits = np.packbits(mask.astype(bool).ravel()).tobytes()
    return {"shape": list(mask.shape), "cells": int(mask.sum()), "sha256": hashlib.sha256(bits).hexdigest()}


def atlite_masks(folder: Path) -> None:
    """Run every scene in atlite and save its mask, with the place of its first cell."""
    import geopandas as gpd
    import rasterio
    from atlite.gis import ExclusionContainer, padded_transform_and_shape, shape_availability
    from rasterio.warp import transform_bounds
    from shapely.geometry import box

    def raster(name: str, bounds, size: float, crs: int) -> Path:
        transform, shape = padded_transform_and_shape(bounds, size)
        values = drawn(shape, name)
        options = {
            "driver": "GTiff",
            "width": shape[1],
            "height": shape[0],
            "count": 1,
            "dtype": values.dtype,
        }
        with rasterio.open(folder / f"{name}.tif", "w", transform=transform, crs=crs, **options) as file:
            file.write(values, 1)
        return folder / f"{name}.tif"

    bounds = (X0, Y0, X1, Y1)
    mask_file, codes_file = raster("mask", bounds, SIZE, 4326), raster("codes", bounds, SIZE, 4326)
    far = raster("far", transform_bounds(4326, 3035, *bounds), 1000, 3035)
    quarter = gpd.GeoSeries([box(X0 / 2 + X1 / 2, Y0 / 2 + Y1 / 2, X1, Y1)], crs=4326)
    area = gpd.GeoSeries([box(*bounds)], crs=4326)
    half = gpd.GeoSeries([box(X0 - 2, Y0, X0 + 2, Y1)], crs=4326)
    middle = Y0 / 2 + Y1 / 2
    south = gpd.GeoSeries([box(X0 + 1, Y0 + 1, X1 - 1, middle)], crs=4326).to_crs(3035)
    north = gpd.GeoSeries([box(X0 + 1, middle, X1 - 1, Y1 - 1)], crs=4326).to_crs(3035)
    inner = gpd.GeoSeries([box(X0 + 1, Y0 + 1, X1 - 1, Y1 - 1)], crs=4326)
    asked = {
        "flat": (inner, None, {}),
        "geometry": (area, quarter, {}),
        "geometry_inverted": (area, quarter, {"invert": True}),
        "raster": (area, mask_file, {}),
        "raster_inverted": (area, mask_file, {"invert": True}),
        "codes": (area, codes_file, {"codes": range(20)}),
        "codes_inverted": (area, codes_file, {"codes": range(20), "invert": True}),
        "half_codes": (half, mask_file, {"codes": [0, 1]}),
        "half_outside_0": (half, mask_file, {"nodata": 0}),
        "half_outside_1": (half, mask_file, {"nodata": 1}),
        "reprojected_south": (south, far, {}),
        "reprojected_north": (north, far, {}),
    }
    for name, (shapes, source, options) in asked.items():
        metric = name.startswith("reprojected")
        excluder = ExclusionContainer(3035 if metric else 4326, res=100 if metric else SIZE)
        if isinstance(source, Path):
            excluder.add_raster(source, **options)
        elif source is not None:
            excluder.add_geometry(source, **options)
        mask, transform = shape_availability(shapes, excluder)
        np.savez(folder / f"{name}.npz", mask=mask, corner=[transform.c, transform.f])


def our_masks() -> dict[str, np.ndarray]:
    """Return the mask of every scene by this engine."""
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    import geopandas as gpd
    import shapely
    from rasterio.warp import transform_bounds

    from gis.exclusion import Exclusions
    from gis.grid import Grid
    from layers.rule_maps import map_rules
    from layers.rule_ranges import compile_ranges
    from layers.rule_rasters import RuleRaster
    from tests.eligibility_cases import CRS, layer, rule

    def grid_of(bounds, size: float) -> Grid:
        shape, (west, north) = shape_and_transform(bounds, size)
        return Grid(west, north, size, *shape)

    def raster(name: str, bounds, size: float) -> RuleRaster:
        grid = grid_of(bounds, size)
        return RuleRaster(drawn(grid.shape, name).astype(np.float32), grid, f"EPSG:{CRS}")

    def clipped(whole: RuleRaster, shape) -> dict[str, RuleRaster]:
        inside = Exclusions.empty(whole.grid, criteria=1)
        inside.burn(np.array([shape]), criterion=0)
        values = np.where(inside.met(0), whole.values, 255).astype(np.float32)
        return {"zones": RuleRaster(values, whole.grid, whole.crs)}

    def left(shape, size: float, rules, layers) -> np.ndarray:
        grid = grid_of(shape.bounds, size)
        inside = Exclusions.empty(grid, criteria=1)
        inside.burn(np.array([shape]), criterion=0)
        return inside.met(0) & (map_rules(rules, layers, grid, kind="ground", crs=CRS).free > 0)

    bounds = (X0, Y0, X1, Y1)
    area, quarter = shapely.box(*bounds), shapely.box(X0 / 2 + X1 / 2, Y0 / 2 + Y1 / 2, X1, Y1)
    half, middle = shapely.box(X0 - 2, Y0, X0 + 2, Y1), Y0 / 2 + Y1 / 2
    parts = gpd.GeoSeries(
        [shapely.box(X0 + 1, Y0 + 1, X1 - 1, middle), shapely.box(X0 + 1, middle, X1 - 1, Y1 - 1)], crs=4326
    ).to_crs(3035)
    inner = shapely.box(X0 + 1, Y0 + 1, X1 - 1, Y1 - 1)
    ones, low = compile_ranges("1"), compile_ranges("[-20)")
    touched = compile_ranges("1,255")
    mask, codes = {"zones": raster("mask", bounds, SIZE)}, {"zones": raster("codes", bounds, SIZE)}
    far = raster("far", transform_bounds(4326, 3035, *bounds), 1000.0)
    zones = {"zones": layer([quarter]), "covered": layer([shapely.box(*mask["zones"].grid.bounds)])}
    outside = rule("outside", layer="covered", invert=True)
    return {
        "flat": left(inner, SIZE, [], {}),
        "geometry": left(area, SIZE, [rule()], zones),
        "geometry_inverted": left(area, SIZE, [rule(invert=True)], zones),
        "raster": left(area, SIZE, [rule(values=ones)], mask),
        "raster_inverted": left(area, SIZE, [rule(values=ones, invert=True)], mask),
        "codes": left(area, SIZE, [rule(values=low)], codes),
        "codes_inverted": left(area, SIZE, [rule(values=low, invert=True)], codes),
        "half_codes": left(half, SIZE, [rule(values=compile_ranges("0,1"))], mask),
        "half_outside_0": left(half, SIZE, [rule(values=ones)], mask),
        "half_outside_1": left(half, SIZE, [rule(values=ones), outside], zones | mask),
        "reprojected_south": left(parts.iloc[0], 100.0, [rule(values=touched)], clipped(far, parts.iloc[0])),
        "reprojected_north": left(parts.iloc[1], 100.0, [rule(values=touched)], clipped(far, parts.iloc[1])),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--atlite", metavar="PYTHON")
    parser.add_argument("--write", action="store_true", help="Write the digests of atlite's masks.")
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.folder:
        atlite_masks(options.folder)
        return
    ours = our_masks()
    if not options.atlite:
        known = json.loads(DIGESTS.read_text(encoding="utf-8"))["scenes"]
        for name in SCENES:
            print(
                f"{name}: {ours[name].sum():,} cells left,",
                "same" if digest(ours[name]) == known[name] else "DIFFERS",
            )
        return
    with tempfile.TemporaryDirectory() as place:
        subprocess.run([options.atlite, __file__, "--folder", place], check=True)
        theirs = {name: np.load(Path(place) / f"{name}.npz")["mask"] for name in SCENES}
    for name in SCENES:
        unlike = (ours[name] != theirs[name]).sum() if ours[name].shape == theirs[name].shape else "shape"
        print(f"{name}: {theirs[name].shape}, {theirs[name].sum():,} left, {unlike} cells differ")
    if options.write:
        DIGESTS.parent.mkdir(exist_ok=True)
        source = (
            "masks of atlite 0.7.0 (MIT), scenes of its test/test_gis.py; benchmarks/published.py --atlite"
        )
        table = {"source": source, "scenes": {name: digest(theirs[name]) for name in SCENES}}
        DIGESTS.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
