"""Time the ranges of 88,200 cells by 200 samples each.

Run `python benchmarks/hydro.py`.
"""

from __future__ import annotations

import time

import numpy as np

from potential.geothermal.hydrothermal import Doublet, Reservoir, doublet_flow, doublet_power_w
from potential.geothermal.montecarlo import Spread, normal_scores, resource_percentiles

CELLS, SAMPLES = 88_200, 200


def main() -> None:
    rng = np.random.default_rng(1)
    reservoir = Reservoir(
        temp_c=rng.uniform(75, 110, CELLS),
        thickness_net_m=rng.uniform(100, 250, CELLS),
        porosity=np.full(CELLS, 0.25),
        permeability_md=rng.uniform(100, 600, CELLS),
    )
    doublet = Doublet()

    def mw_km2(drawn: Reservoir) -> np.ndarray:
        flow, _, spacing = doublet_flow(drawn, doublet)
        return doublet_power_w(drawn, doublet, flow) / (2 * spacing**2)

    spread = Spread(ln_permeability_sd=0.7, thickness_sd_m=40.0, temp_sd_k=8.0)
    started, worked = time.perf_counter(), time.process_time()
    scores = normal_scores(SAMPLES, seed=1)
    low, middle, high = resource_percentiles(mw_km2, reservoir, spread, scores=scores)
    wall, processor = time.perf_counter() - started, time.process_time() - worked
    print(f"{CELLS} cells x {SAMPLES} samples: {wall:.2f} s ({processor:.2f} s of processor)")
    print(f"median: P90 {np.median(low):.1f}, P50 {np.median(middle):.1f}, P10 {np.median(high):.1f} MW/km2")


if __name__ == "__main__":
    main()
