"""First-year yield of planes and of shaded roofs against pvlib's ModelChain on the same weather.

    python benchmarks/yield.py

CPU of one thread, least and median of the repeats. Every roof has a horizon of its own, 72 sectors x 24
levels, and yields its 8760 hours under it; under an open sky it must yield what pvlib's functions give, with
Marion's integral of the glass over diffuse light, which ModelChain leaves out.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pvlib

from gis.horizon import LEVELS, SECTORS, thresholds_deg
from layers.climate import read_climate
from potential.solar.pv_yield import unit_yield
from potential.solar.roof_hours import roof_yields, sun_terms
from potential.solar.sun import substep_angles
from potential.solar.system import NO_LOSSES, OPEN_RACK, System
from potential.solar.yield_table import yield_table

sys.path.append(str(Path(__file__).parents[1]))  # the judge lives with the tests, which are not installed
from tests.test_solar_yield import pvlib_ac

ROOFS = 2000
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


def timed(work, repeats: int) -> np.ndarray:
    """Return CPU milliseconds of repeats, after one to warm up."""
    work()
    found = []
    for _ in range(repeats):
        began = time.process_time()
        work()
        found.append((time.process_time() - began) * 1000)
    return np.array(found)


def two(values: np.ndarray, digits: int = 3) -> list[float]:
    return [round(float(values.min()), digits), round(float(np.median(values)), digits)]


def horizons(count: int) -> np.ndarray:
    """Return shares of pixels by sector and level: low horizons often, high ones seldom."""
    rng = np.random.default_rng(0)
    codes = rng.random((count, SECTORS, LEVELS + 1)) * np.exp(-0.3 * np.arange(LEVELS + 1))
    return (codes / codes.sum(axis=2, keepdims=True)).astype(np.float32)


def main() -> None:
    weather = read_climate(NORMALS, lat=34.35, lon=108.8)
    sky, system = weather.sky, System(losses=NO_LOSSES)
    tilts, azimuths = np.arange(0, 91, 5.0), np.arange(0, 360, 10.0)
    table_ms = timed(lambda: yield_table(sky, tilts, azimuths, system), 5) / (tilts.size * azimuths.size)
    chain_ms = timed(lambda: model_chain(weather), 5)
    sun = substep_angles(weather.times, lat=weather.lat, lon=weather.lon, altitude_m=weather.altitude_m)
    terms = sun_terms(
        *sun, azimuths_deg=np.arange(SECTORS) * 360.0 / SECTORS, levels_deg=thresholds_deg(SECTORS, LEVELS)
    )
    hour = weather.times.hour.to_numpy(np.int64)
    rng = np.random.default_rng(1)
    codes, left = horizons(ROOFS), rng.uniform(0.7, 1.0, ROOFS)
    tilt, azimuth = rng.uniform(0, 35, ROOFS), rng.uniform(0, 360, ROOFS)
    shaded = timed(lambda: roof_yields(sky, hour, terms, codes, left, tilt, azimuth, system), 5) / ROOFS
    bare = np.zeros((1, SECTORS, LEVELS + 1), np.float32)
    bare[:, :, 0] = 1.0
    open_roof = roof_yields(sky, hour, terms, bare, np.ones(1), np.array([25.0]), np.array([180.0]), system)
    functions_kwh, plane_kwh = (
        pvlib_ac(sky, 25.0, 180.0, system).sum() / 1000,
        unit_yield(sky, 25, 180, system).ac_kwh_kwp,
    )
    print(
        json.dumps(
            {
                "model_chain_ms": two(chain_ms, 2),
                "one_plane_ms": two(timed(lambda: unit_yield(sky, 25, 180, system), 20)),
                "table_ms_per_plane": two(table_ms, 4),
                "shaded_us_per_roof": two(shaded * 1000, 1),
                "ratio_table": round(float(np.median(chain_ms) / np.median(table_ms))),
                "ratio_shaded": round(float(np.median(chain_ms) / np.median(shaded))),
                "pvlib_kwh_kwp": round(functions_kwh, 4),
                "plane_less_pvlib_kwh_kwp": round(plane_kwh - functions_kwh, 6),
                "open_roof_less_pvlib_kwh_kwp": round(float(open_roof.sum()) - functions_kwh, 6),
            }
        )
    )


if __name__ == "__main__":
    main()
