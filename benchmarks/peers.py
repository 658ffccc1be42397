"""The same land-eligibility cases through reV and through this engine, cell by cell.

    python benchmarks/peers.py --rev PYTHON          an interpreter that has NREL-reV

Cases: values and ranges excluded, a layer inside the extent of another, forced inclusion, smallest
contiguous area by queen's moves, a weight, and the four scenarios that reV publishes for its own tests (urban
and rural photovoltaics, wind, weighted). reV multiplies or takes the least where weights overlap,
this engine adds up what is lost; the case with a weight has one partial layer, where both mean the same.
"""
# ruff: noqa: PLC0415 - each interpreter imports only what it has

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROWS, COLUMNS, SIZE = 1500, 1800, 90.0
REV_CASES = {
    "ranges": {"layers": {"slope": {"include_range": [None, 5]}, "land": {"exclude_values": [3, 4, 11]}}},
    "extent": {
        "layers": {
            "slope": {"include_range": [None, 5]},
            "land": {"exclude_range": [2, 6], "extent": {"layer": "park", "include_values": [1]}},
        }
    },
    "forced": {"layers": {"slope": {"include_range": [None, 5]}, "park": {"force_include_values": [1]}}},
    "contiguous": {"layers": {"slope": {"include_range": [None, 5]}}, "min_area": 0.5, "kernel": "queen"},
    "weight": {
        "layers": {"slope": {"include_range": [None, 5]}, "park": {"include_weights": {0: 1.0, 1: 0.4}}}
    },
    # The four exclusion dictionaries of reV's tests/test_supply_curve_exclusions.py, on these layers.
    "urban_pv": {
        "layers": {"park": {"exclude_values": [1]}, "slope": {"include_range": [0, 5]}},
        "min_area": 0.018,
    },
    "rural_pv": {
        "layers": {"park": {"include_values": [1]}, "slope": {"include_range": [0, 5]}},
        "min_area": 1,
    },
    "wind": {
        "layers": {
            "park": {"include_values": [1]},
            "land": {"exclude_values": [1]},
            "slope": {"include_range": [0, 20]},
        }
    },
    "weighted": {
        "layers": {
            "park": {"include_values": [1]},
            "land": {"exclude_values": [1], "weight": 0.5},
            "slope": {"include_range": [0, 20]},
        }
    },
}


def make() -> dict[str, np.ndarray]:
    from scipy.ndimage import gaussian_filter, zoom

    rng = np.random.default_rng(11)
    slope = gaussian_filter(rng.gamma(2.0, 3.0, (ROWS, COLUMNS)), 2.0).astype(np.float32)
    land = rng.integers(0, 15, (ROWS // 4, COLUMNS // 4)).repeat(4, 0).repeat(4, 1).astype(np.uint8)
    park = (zoom(rng.normal(size=(21, 25)), (ROWS / 21, COLUMNS / 25), order=1) > 0.5).astype(np.uint8)
    return {"slope": slope, "land": land, "park": park[:ROWS, :COLUMNS]}


def rev(folder: Path) -> None:
    """Run all cases in reV and save its masks."""
    import h5py
    from reV.supply_curve.exclusions import ExclusionMaskFromDict

    layers = dict(np.load(folder / "layers.npz"))
    profile = {"transform": [SIZE, 0, 0, 0, -SIZE, ROWS * SIZE], "crs": "EPSG:5070", "nodata": None}
    with h5py.File(folder / "layers.h5", "w") as file:
        file.attrs["profile"] = json.dumps(profile)
        for name in ("latitude", "longitude"):
            file[name] = np.zeros((ROWS, COLUMNS), dtype=np.float32)
        for name, values in layers.items():
            file[name] = values[None]
            file[name].attrs["profile"] = json.dumps(profile)
    for name, case in REV_CASES.items():
        options = {key: value for key, value in case.items() if key != "layers"}
        with ExclusionMaskFromDict(str(folder / "layers.h5"), layers_dict=case["layers"], **options) as mask:
            start = time.process_time()
            np.save(folder / f"{name}.npy", mask.mask)
            print(json.dumps({"case": name, "seconds": round(time.process_time() - start, 3)}))


def ours(layers: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the same masks by this engine."""
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    import geopandas as gpd
    import shapely

    from gis.grid import Grid
    from layers.rule_maps import map_rules
    from layers.rule_model import Rule, Scope
    from layers.rule_ranges import compile_ranges
    from layers.rule_rasters import RuleRaster
    from tests.eligibility_cases import CRS, rule

    grid = Grid(0.0, ROWS * SIZE, SIZE, ROWS, COLUMNS)
    given = {
        name: RuleRaster(values.astype(np.float32), grid, f"EPSG:{CRS}") for name, values in layers.items()
    }
    park = gpd.GeoDataFrame(geometry=given["park"].zones(compile_ranges("1")), crs=CRS)
    given["parks"] = park
    steep = rule("slope", layer="slope", values=compile_ranges("(5-]"))
    urban = rule("urban", layer="park", values=compile_ranges("1"))
    rural = rule("rural", layer="park", values=compile_ranges("0"))
    land_one = rule("land", layer="land", values=compile_ranges("1"))
    given["all"] = gpd.GeoDataFrame(geometry=[shapely.box(*grid.bounds)], crs=CRS)

    def level(most: int) -> Rule:
        return rule("level", layer="slope", values=compile_ranges(f"[-0),({most}-]"))

    cases = {
        "ranges": ([steep, rule("land", layer="land", values=compile_ranges("3,4,11"))], None),
        "extent": (
            [steep, rule("land", layer="land", values=compile_ranges("[2-6]"), within=Scope("parks"))],
            None,
        ),
        "forced": ([steep], park),
        "contiguous": ([steep, rule("small", layer="candidate", min_area_m2=0.5e6)], None),
        "weight": ([steep, rule("park", layer="park", values=compile_ranges("1"), share=0.6)], None),
        "urban_pv": ([urban, level(5), rule("small", layer="candidate", min_area_m2=0.018e6)], None),
        "rural_pv": ([rural, level(5), rule("small", layer="candidate", min_area_m2=1e6)], None),
        "wind": ([rural, level(20), rule("land", layer="land", values=compile_ranges("1"))], None),
        "weighted": ([rural, level(20), rule("half", layer="all", share=0.5), land_one], None),
    }
    found = {}
    for name, (rules, forced) in cases.items():
        start = time.process_time()
        found[name] = map_rules(rules, given, grid, kind="ground", crs=CRS, forced=forced).free
        print(json.dumps({"case": name, "engine": "ours", "seconds": round(time.process_time() - start, 3)}))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rev", metavar="PYTHON")
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.folder:
        rev(options.folder)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        layers = make()
        np.savez(folder / "layers.npz", **layers)
        if options.rev:
            subprocess.run([options.rev, __file__, "--folder", name], check=True)
        for case, free in ours(layers).items():
            theirs = np.load(folder / f"{case}.npy") if options.rev else free
            unlike = np.abs(free - theirs) > 1e-6
            print(f"{case}: eligible {free.mean():.4%} and {theirs.mean():.4%}, {unlike.sum()} cells differ")


if __name__ == "__main__":
    main()
