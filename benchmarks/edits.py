"""One changed building, changed PV parameters and prices in a region of 200,000: wall and CPU seconds.

python benchmarks/edits.py data/xixian [--resolution 2]
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from assessment.candidates import SECTOR_BY_USE, roof_plan
from assessment.economics import add_economics
from assessment.energy import planes, unshaded_kwh_kwp_month
from assessment.solar_edit import Prepared, shade_changed
from assessment.solar_types import CATALOGS, type_defaults
from layers.catalog import Catalog, load_catalog
from layers.climate import read_climate
from layers.region import DATA, load_region
from layers.sources import raster_path, read_layer

LAT, LON = 34.35, 108.8


def best(work, repeats: int = 5) -> dict[str, float]:
    walls, cpus = [], []
    for _ in range(repeats):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return {"wall_s": round(min(walls), 3), "cpu_s": round(min(cpus), 3)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("region", type=Path)
    parser.add_argument("--resolution", type=float, default=2.0)
    options = parser.parse_args()
    region = load_region(options.region)
    buildings = read_layer(region, "buildings").frame
    weather = read_climate(region.climate.normals, lat=LAT, lon=LON)
    catalogs = {name: load_catalog(DATA / "catalog" / f"{name}.toml") for name in CATALOGS}
    types = type_defaults(catalogs, lat=LAT)
    sites = planes(buildings.assign(**roof_plan(buildings)), types=types)
    prepared = Prepared.of(sites, raster_path(region, "terrain"), weather)
    typical = int((buildings["height_m"] - 18).abs().argmin())
    changed = str(sites["id"].iloc[typical])
    after = sites.copy()
    after.loc[after.index[typical], "height_m"] += 12.0
    found = shade_changed(sites, after, [changed], prepared, resolution_m=options.resolution)
    other = {
        kind: replace(plan, system=replace(plan.system, gamma_pdc_per_k=-0.0035, dc_ac_ratio=1.3))
        for kind, plan in types.items()
    }
    loss = np.full((len(sites), 12), 0.05)

    def parameters() -> None:
        (unshaded_kwh_kwp_month(sites, weather=weather, types=other) * (1 - loss)).sum(axis=1)

    kwp = 0.09 * sites.geometry.area
    priced = sites[["type"]].assign(
        sector=sites["use"].map(SECTOR_BY_USE).fillna("unknown"),
        kwp_dc_central=kwp,
        kwh_year_p50=1100.0 * kwp,
        area_m2=sites.geometry.area,
    )
    costs, carbon = (load_catalog(DATA / "catalog" / f"{name}.toml") for name in ("costs", "carbon"))
    dearer = {
        name: replace(costs[name], value=costs[name].high) for name in ("price.feed_in", "capex.roof_flat")
    }
    dearer = Catalog({**costs, **dearer}, name=costs.name)
    met = dict.fromkeys(types, 0.42)

    def prices() -> None:
        add_economics(priced, costs=dearer, carbon=carbon)

    def tariff() -> None:
        add_economics(priced, costs=dearer, carbon=carbon, met=met)

    def edit() -> None:
        shade_changed(sites, after, [changed], prepared, resolution_m=options.resolution)

    print(
        json.dumps(
            {
                "roofs_in_reach": len(found),
                "edit": best(edit),
                "sites": len(sites),
                "parameters": best(parameters),
                "prices": best(prices),
                "tariff": best(tariff),
            }
        )
    )


if __name__ == "__main__":
    main()
