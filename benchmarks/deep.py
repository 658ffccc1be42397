"""Time the deep coaxial kernel on a map of 88,200 cells with 50 layers, seasons included.

Run `python benchmarks/deep.py`.
"""

from __future__ import annotations

import time

import numpy as np

from potential.geothermal.deep import DeepWell, Operation, Rock, deep_heat

CELLS, LAYERS = 88_200, 50


def main() -> None:
    rng = np.random.default_rng(1)
    well = DeepWell()
    lengths = np.full(LAYERS, well.depth_m / LAYERS)
    conductivity = rng.uniform(1.6, 3.2, (CELLS, LAYERS))
    rise = np.cumsum(0.071 / conductivity * lengths, axis=1)
    edges = 15.5 + np.concatenate([np.zeros((CELLS, 1)), rise], axis=1)
    rock = Rock(temp_edges_c=edges, lengths_m=lengths, conductivity_w_mk=conductivity)
    deep_heat(well, rock.take(np.arange(CELLS) < 10), Operation(), season=1)  # compile
    started, worked = time.perf_counter(), time.process_time()
    found = deep_heat(well, rock, Operation(neighbours_m=(50.0, 50.0, 70.7)), season=30)
    wall, processor = time.perf_counter() - started, time.process_time() - worked
    print(f"{CELLS} cells x {LAYERS} layers, season 30, 3 neighbours:", end=" ")
    print(f"{wall:.2f} s ({processor:.2f} s of processor)")
    print(f"median {np.median(found.heat_w) / 1000:.0f} kW")


if __name__ == "__main__":
    main()
