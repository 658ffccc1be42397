"""Time the whole heat assessment of a region and print what it finds.

Run `python benchmarks/heat_region.py [REGION] [--goal cost|carbon|capacity]`.
"""

from __future__ import annotations

import argparse
import resource
import time
from pathlib import Path

import pandas as pd

from assessment.heat import HeatResult, assess_heat
from assessment.heat_catalog import heat_catalog
from assessment.heat_wells import wells_for_area
from layers.catalog import load_catalog
from layers.region import EMBEDDED, load_region
from layers.rules import load_rules
from layers.sources import read_layer

LAYERS = ("towns", "townships", "buildings", "farmland", "municipal", "restrictions", "heat", "wells")


def assess(path: Path, goal: str) -> HeatResult:
    region = load_region(path)
    started = time.perf_counter()
    layers = {name: read_layer(region, name) for name in LAYERS}
    frames = {
        name: None
        if layer is None
        else layer.frame.assign(demo=layer.demo, source=layer.source, confidence=layer.confidence)
        for name, layer in layers.items()
    }
    print(f"reading: {time.perf_counter() - started:.1f} s")
    started, worked = time.perf_counter(), time.process_time()
    result = assess_heat(
        region=region,
        **frames,
        ground=load_catalog(region.ground),
        catalog=heat_catalog({name: load_catalog(file) for name, file in region.catalogs.items()}),
        rules=load_rules(region.rule_packs),
        covers=layers["restrictions"].covers,
        baseline="coal_chp",
        goal=goal,
        progress=lambda share, text: print(f"  {time.perf_counter() - started:5.1f} s {share:4.0%} {text}"),
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    wall, processor = time.perf_counter() - started, time.process_time() - worked
    print(f"heat assessment: {wall:.1f} s ({processor:.1f} s of processor time), peak {peak:.0f} MB")
    return result


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("region", type=Path, nargs="?", default=EMBEDDED)
    parser.add_argument("--goal", default="cost")
    given = parser.parse_args()
    result = assess(given.region, given.goal)
    columns = ["town", "technology", "wells", "kw_year1", "kw_year30", "heatable_m2_year1", "heatable_m2",
               "heatable_m2_p10", "heatable_m2_p90", "binding"]  # fmt: skip
    with pd.option_context("display.width", 200, "display.max_columns", 20):
        print(result.summary[columns].round(0).to_string())
        print("each technology as if it were the only one:")
        print(result.alone[columns].round(0).to_string())
    print("demand, million m2:", round(result.blocks["demand_m2"].sum() / 1e6, 1))
    print("check of the table:", result.errors)
    for supply, order in result.orders.groupby("supply", sort=False):
        print(f"30 million m2, {supply}:", wells_for_area(order.reset_index(drop=True), 30e6))


if __name__ == "__main__":
    main()
