"""All rule packs on exact vectors over a region: time, memory, the waterfall, and one project explained.

python benchmarks/eligibility.py [REGION] [--township 太平 --mw 150 --ha-per-mw 1.5 2.2]
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from assessment.candidates import find_candidates
from layers.eligibility import evaluate
from layers.region import load_region
from layers.rule_reasons import explain_site
from layers.rule_scenarios import load_rule_scenarios
from layers.rules import load_rules
from layers.sources import read_layer
from layers.waterfall import FIRST, LAST, largest, waterfall

NAMES = ("towns", "townships", "buildings", "municipal", "farmland", "restrictions")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("region", type=Path, nargs="?", default=Path("data/xixian"))
    parser.add_argument("--township", default="太平")
    parser.add_argument("--mw", type=float, default=150.0)
    parser.add_argument("--ha-per-mw", type=float, nargs=2, default=(1.5, 2.2))
    options = parser.parse_args()
    region = load_region(options.region)
    layers = {name: read_layer(region, name) for name in NAMES}
    sites = candidates(layers)
    rules = load_rules(region.rule_packs)
    before, cpu = time.perf_counter(), time.process_time()
    outcome = evaluate(sites, rules, layers)
    print(f"{len(sites):,} candidates, {len(rules)} rules: {time.perf_counter() - before:.1f} s,", end=" ")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"CPU {time.process_time() - cpu:.1f} s, peak of the process {peak:,.0f} MB")
    tell(waterfall(outcome, sites.set_index("id")["town"], rules))
    scenarios(sites, region.rule_packs, layers)
    explain(sites, rules, layers, options)


def candidates(layers):
    frames = {
        name: None
        if layer is None
        else layer.frame.assign(demo=layer.demo, source=layer.source, confidence="")
        for name, layer in layers.items()
    }
    return find_candidates(**{name: frames.get(name) for name in NAMES[:-1]}).frame


def tell(steps):
    ground = steps[~steps["type"].str.startswith(("roof", "facade"))]
    print("\nland, km2 by rule in order and alone:")
    sums = ground.groupby("rule", sort=False)[["taken_m2", "alone_m2", "remaining_m2"]].sum() / 1e6
    print(largest(ground, 12).set_index("rule")[["taken_m2", "alone_m2"]].div(1e6).round(3))
    print({name: round(float(sums.loc[name, "remaining_m2"]), 2) for name in (FIRST, LAST)})
    by_town = ground[ground["rule"].isin([FIRST, LAST])]
    print(
        by_town.pivot_table(index="town", columns="rule", values="remaining_m2", aggfunc="sum")
        .div(1e6)
        .round(2)
    )


def scenarios(sites, packs, layers) -> None:
    for name, scenario in load_rule_scenarios().items():
        rules = scenario.apply(load_rules(scenario.packs(packs)))
        left = evaluate(sites, rules, layers, keep_reasons=False).areas
        ground = left[~left["type"].str.startswith(("roof", "facade"))]
        print(f"{name}: land {ground['available_m2'].sum() / 1e6:.2f} km2,", end=" ")
        print(f"roofs {left['available_m2'].sum() / 1e6 - ground['available_m2'].sum() / 1e6:.2f} km2")


def explain(sites, rules, layers, options) -> None:
    townships = layers["townships"].frame
    township = townships.loc[townships["name_zh"] == options.township, "id"]
    land = ~sites["type"].str.startswith(("roof", "facade"))
    place = sites[land & sites["township"].isin([options.township, *township])]
    for share in options.ha_per_mw:
        found = explain_site(place, rules, layers, needed_m2=options.mw * share * 1e4)
        print(f"\n{options.township}, {options.mw:g} MW at {share} ha/MW: {found.outcome}")
    print(*found.lines("zh"), *found.lines("en"), sep="\n")


if __name__ == "__main__":
    main()
