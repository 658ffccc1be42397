"""First-year yield of planes against pvlib's ModelChain and functions on the same weather.

    python benchmarks/yield.py

CPU milliseconds per plane, one thread.
"""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pvlib

from layers.climate import read_climate
from potential.solar.pv_yield import unit_yield
from potential.solar.system import NO_LOSSES, OPEN_RACK, System
from potential.solar.yield_table import yield_table

NORMALS = Path(__file__).parents[1] / "data" / "xixian" / "climate_normals.csv"


def model_chain(weather) -> float:
    location = pvlib.location.Location(weather.lat, weather.lon, altitude=weather.altitude_m)
    parameters = {"a": OPEN_RACK.a, "b": OPEN_RACK.b, "deltaT": OPEN_RACK.delta_t}
    system = pvlib.pvsystem.PVSystem(
        surface_tilt=25, surface_azimuth=180, albedo=0.2,
        module_parameters={"pdc0": 1000.0, "gamma_pdc": -0.0029},
        inverter_parameters={"pdc0": 1000 / 1.15 / 0.98, "eta_inv_nom": 0.98},
        temperature_model_parameters=parameters,
    )  # fmt: skip
    chain = pvlib.modelchain.ModelChain(
        system, location, transposition_model="perez", aoi_model="physical", spectral_model="no_loss",
        dc_model="pvwatts", ac_model="pvwatts", losses_model="no_loss",
    )  # fmt: skip
    names = ("ghi", "dni", "dhi", "temp_air", "wind_speed")
    frame = pd.DataFrame({name: getattr(weather, name) for name in names}, index=weather.times)
    frame.index = frame.index + pd.Timedelta("30min")
    chain.run_model(frame)
    return float(chain.results.ac.sum() / 1000)


def timed(work, repeats: int) -> float:
    work()
    began = time.process_time()
    for _ in range(repeats):
        work()
    return (time.process_time() - began) / repeats * 1000


def main() -> None:
    weather = read_climate(NORMALS, lat=34.35, lon=108.8)
    sky, system = weather.sky, System(losses=NO_LOSSES)
    tilts, azimuths = np.arange(0, 91, 5.0), np.arange(0, 360, 10.0)
    table_ms = timed(lambda: yield_table(sky, tilts, azimuths, system), 3) / (tilts.size * azimuths.size)
    chain_ms = timed(lambda: model_chain(weather), 3)
    print(
        json.dumps(
            {
                "model_chain_ms": round(chain_ms, 2),
                "one_plane_ms": round(timed(lambda: unit_yield(sky, 25, 180, system), 20), 3),
                "table_ms_per_plane": round(table_ms, 4),
                "ratio_table": round(chain_ms / table_ms),
                "ours_kwh_kwp": round(unit_yield(sky, 25, 180, system).ac_kwh_kwp, 3),
                "model_chain_kwh_kwp": round(model_chain(weather), 3),
            }
        )
    )


if __name__ == "__main__":
    main()
