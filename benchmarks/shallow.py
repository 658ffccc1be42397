"""Time the shallow capacity of 100,000 parcels, and judge the table by exact g-functions.

Run `python benchmarks/shallow.py [--fields 20]`.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from assessment.heat_shallow import load_responses
from potential.geothermal.exact import exact_heating_w_m
from potential.geothermal.shallow import Borefield, Duty, capacity_w_m

DUTY = Duty(full_load_hours=2221.0, month_share=0.85)


def parcels(count: int) -> None:
    responses, rng = load_responses(), np.random.default_rng(1)
    given = {
        "boreholes": rng.integers(1, 1600, count),
        "temp_ground_c": rng.uniform(14, 18, count),
        "conductivity_w_mk": rng.uniform(1.2, 2.2, count),
    }
    capacity_w_m(responses, Borefield(), DUTY, boreholes=4, temp_ground_c=16.0, conductivity_w_mk=1.7)
    started, worked = time.perf_counter(), time.process_time()
    capacity_w_m(responses, Borefield(), DUTY, **given)
    wall, processor = time.perf_counter() - started, time.process_time() - worked
    print(f"{count} parcels, heating and cooling: {wall:.2f} s ({processor:.2f} s of processor)")


def against_exact(fields: int) -> None:
    responses, rng = load_responses(), np.random.default_rng(2)
    errors = []
    for _ in range(fields):
        field = Borefield(depth_m=float(rng.uniform(80, 150)), spacing_m=float(rng.uniform(4, 7)))
        boreholes, conductivity = int(rng.integers(1, 400)), float(rng.uniform(1.2, 2.4))
        ground = {"temp_ground_c": 16.5, "conductivity_w_mk": conductivity, "volumetric_j_m3k": 2.4e6}
        ours = capacity_w_m(responses, field, DUTY, boreholes=boreholes, years=30, **ground).heating_w_m
        exact = exact_heating_w_m(boreholes, field, DUTY, years=30, **ground)
        errors.append(100 * abs(float(ours) / exact - 1))
    print(f"{fields} random fields: median error {np.median(errors):.2f} %, worst {max(errors):.2f} %")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--fields", type=int, default=20)
    parcels(100_000)
    against_exact(parser.parse_args().fields)
