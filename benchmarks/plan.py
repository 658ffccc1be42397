"""How long the plan takes for 200,000 roofs and 10,000 parcels, and how good it is."""

from __future__ import annotations

import argparse
import resource
import time

import numpy as np
import pandas as pd

from tracking.plan import make_plan
from tracking.plan_model import OBJECTIVES, PlanOptions
from tracking.plan_words import InfeasiblePlanError

TOWNS = ("fengdong", "fengxi", "jinghe", "konggang", "qinhan")
STATIONS = 24


def made_up_sites(roofs, parcels, seed=0):
    rng = np.random.default_rng(seed)
    count = roofs + parcels
    roof = np.arange(count) < roofs
    kind = np.where(
        roof,
        rng.choice(["roof_flat", "roof_metal", "roof_pitched"], count, p=[0.3, 0.1, 0.6]),
        rng.choice(["agrivoltaic_orchard", "ground", "carport", "fish_pond"], count),
    )
    kwp = np.where(roof, rng.lognormal(2.7, 1.0, count), rng.lognormal(5.5, 1.3, count))
    per_kwp = rng.normal(1080, 60, count)
    capex = kwp * 1000 * rng.normal(2.9, 0.25, count)
    kwh = kwp * per_kwp
    return pd.DataFrame(
        {
            "id": [f"s{index}" for index in range(count)],
            "town": rng.choice(TOWNS, count),
            "type": kind,
            "status": rng.choice(["allowed", "conditional"], count, p=[0.9, 0.1]),
            "kwp_dc_central": kwp,
            "kw_ac": kwp / 1.2,
            "kwh_year_p50": kwh,
            "capex": capex,
            "lcoe": (capex * 0.0782 + kwp * 45) / kwh,
        }
    ), rng.choice([f"S{index}" for index in range(STATIONS)], count).astype(object)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--roofs", type=int, default=200_000)
    parser.add_argument("--parcels", type=int, default=10_000)
    parser.add_argument("--target-mw", type=float, default=390.0)
    arguments = parser.parse_args()
    sites, station = made_up_sites(arguments.roofs, arguments.parcels)
    print(f"{len(sites):,} sites, {sites['kwp_dc_central'].sum() / 1000:,.0f} MW")
    for objective in OBJECTIVES:
        options = PlanOptions(
            target_mw=arguments.target_mw,
            by=2030,
            start_year=2026,
            objective=objective,
            build_rate_mw_year=120,
            headroom_mw={f"S{index}": 8.0 + index for index in range(STATIONS - 4)},
            town_min_mw=dict.fromkeys(TOWNS, 40.0),
            type_share_max={"ground": 0.2, "roof_metal": 0.3},
        )
        start = time.perf_counter()
        plan = make_plan(sites, options, substation=station)
        seconds = time.perf_counter() - start
        print(
            f"{objective:<6} {seconds:6.1f} s  {plan.totals['mw']:.3f} MW  {plan.totals['sites']:,.0f} sites"
            f"  {plan.totals['capex'] / 1e6:,.1f} M CNY  gap at most {plan.gap:.4%}  notes {len(plan.notes)}"
        )
    start = time.perf_counter()
    try:
        make_plan(sites, PlanOptions(target_mw=9e4, by=2030, start_year=2026, budget_cny=1e9))
    except InfeasiblePlanError as error:
        print(f"infeasible, explained in {time.perf_counter() - start:.1f} s: {error}")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


main()
