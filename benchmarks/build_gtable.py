"""Compute the table of borefield g-functions that the shallow model interpolates in.

For near-square and 1:4 fields of 1 to 1600 boreholes, spacings of 2 to 12 % of the depth and times from
hours to centuries: pygfunction's equivalent-borehole method with a uniform borehole wall temperature
(UBWT). A uniform heat extraction (UHTR) would be wrong by tens of percent for dense fields.

Run `python benchmarks/build_gtable.py`; it writes `data/geothermal/gfunctions.npz` (some minutes on one
core).
"""

from __future__ import annotations

import time
import warnings
from pathlib import Path

import numpy as np
import pygfunction as gt

TARGET = Path(__file__).parents[1] / "data" / "geothermal" / "gfunctions.npz"

DEPTH_M = 120.0
BURIED_M = 2.0
RADIUS_M = 0.075
DIFFUSIVITY_M2_S = 1e-6
SQUARE = (
    (1, 1),
    (1, 2),
    (2, 2),
    (2, 3),
    (3, 3),
    (4, 4),
    (5, 5),
    (7, 7),
    (10, 10),
    (14, 14),
    (20, 20),
    (28, 28),
    (40, 40),
)
SLENDER = (
    (1, 1),
    (1, 2),
    (1, 3),
    (1, 4),
    (1, 5),
    (2, 8),
    (3, 12),
    (4, 16),
    (5, 20),
    (7, 28),
    (10, 40),
    (14, 56),
    (20, 80),
)
SPACING_RATIO = np.array([0.02, 0.027, 0.036, 0.048, 0.065, 0.09, 0.12])
LN_TIME = np.linspace(-13.0, 3.0, 49)


def g_function(columns: int, rows: int, spacing_m: float) -> np.ndarray:
    """Return g at the times of the table."""
    field = gt.borefield.Borefield.rectangle_field(
        columns, rows, spacing_m, spacing_m, DEPTH_M, BURIED_M, RADIUS_M
    )
    seconds = np.exp(LN_TIME) * DEPTH_M**2 / (9 * DIFFUSIVITY_M2_S)
    options = {"nSegments": 8, "disp": False}
    return gt.gfunction.gFunction(
        field, DIFFUSIVITY_M2_S, time=seconds, method="equivalent", boundary_condition="UBWT", options=options
    ).gFunc


def main() -> None:
    """Build and write the table."""
    warnings.simplefilter("ignore")
    started = time.perf_counter()
    table = np.array(
        [
            [[g_function(*shape, ratio * DEPTH_M) for ratio in SPACING_RATIO] for shape in shapes]
            for shapes in (SQUARE, SLENDER)
        ]
    )
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        TARGET,
        g=table.astype(np.float32),
        aspect=np.array([1.0, 4.0]),
        boreholes=np.array([[a * b for a, b in shapes] for shapes in (SQUARE, SLENDER)], dtype=float),
        spacing_ratio=SPACING_RATIO,
        ln_time=LN_TIME,
        radius_ratio=RADIUS_M / DEPTH_M,
        buried_ratio=BURIED_M / DEPTH_M,
    )
    print(
        f"{TARGET.name}: {table.shape}, {TARGET.stat().st_size / 1e3:.0f} kB",
        f"{time.perf_counter() - started:.0f} s",
    )


if __name__ == "__main__":
    main()
