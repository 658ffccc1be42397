"""One photovoltaic system, hour by hour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from faults import Fault, InputError
from layers.climate import Weather, read_climate
from potential.solar.pv_yield import hourly_yield
from potential.solar.system import System
from potential.solar.tracker import Tracker, tracker_yield

if TYPE_CHECKING:
    from pathlib import Path

    from potential.solar.yields import HourlyYield

FAR_KM = 50.0
"""Beyond this distance between system and weather station the answer carries a note."""
LEAST_TURN_DEG = 1e-3


@dataclass(frozen=True)
class OneSystem:
    """What one system yields in its first year."""

    kwh_year: float
    kwh_month: list[float]
    poa_kwh_m2_year: float
    kwp_dc: float
    kw_ac: float
    performance_ratio: float
    waterfall: dict[str, float]
    """kWh a year gained and lost by name, of the whole system."""
    notes: tuple[str, ...]
    hourly: pd.DataFrame
    """time (aware, interval start), poa_w_m2, dc_kw, ac_kw, temp_air, ghi."""

    def as_dict(self) -> dict[str, Any]:
        """Return what the command prints, without the hours."""
        names = (
            "kwh_year",
            "kwh_month",
            "poa_kwh_m2_year",
            "kwp_dc",
            "kw_ac",
            "performance_ratio",
            "waterfall",
        )
        return {name: getattr(self, name) for name in names} | {"notes": list(self.notes)}


def one_system(
    *,
    lat: float,
    lon: float,
    tilt_deg: float,
    azimuth_deg: float,
    kwp: float,
    climate: Path | Weather,
    system: System | None = None,
    tracker: bool = False,
    shift_min: float = 0.0,
) -> OneSystem:
    """Return the first year of one system.

    Parameters
    ----------
    lat, lon
        Where, degrees.
    tilt_deg, azimuth_deg
        The plane: 0 = level; 0 = north, clockwise.
    kwp
        DC capacity.
    climate
        Climate file of any kind `read_climate` takes, or a year already read. A table of monthly normals is
        brought to the place; an hourly file keeps the place it was made for.
    system
        Module, mounting, losses and inverter; None: the defaults of `potential.solar.system`.
    tracker
        True: rows turn after the sun, up to tilt_deg from level, about an axis that points to azimuth_deg.

    shift_min
        See `read_climate`.

    Raises
    ------
    InputError
        A number cannot be, or the climate cannot be used; all faults of the numbers at once.
    """
    _check(lat=lat, lon=lon, tilt_deg=tilt_deg, azimuth_deg=azimuth_deg, kwp=kwp)
    weather = climate if isinstance(climate, Weather) else _climate(climate, lat, lon, shift_min)
    system = system or System()
    if tracker:
        turning = Tracker(axis_azimuth_deg=azimuth_deg, max_angle_deg=max(tilt_deg, LEAST_TURN_DEG))
        hours = tracker_yield(weather.sky, system, turning)
    else:
        hours = hourly_yield(weather.sky, tilt_deg, azimuth_deg, system)
    year = hours.total
    return OneSystem(
        kwh_year=year.ac_kwh_kwp * kwp,
        kwh_month=[float(value) for value in year.ac_kwh_kwp_month * kwp],
        poa_kwh_m2_year=year.poa_kwh_m2,
        kwp_dc=kwp,
        kw_ac=kwp / system.dc_ac_ratio,
        performance_ratio=year.performance_ratio,
        waterfall={name: value * kwp for name, value in year.waterfall.items()},
        notes=weather.notes + _far_note(weather, lat, lon),
        hourly=_frame(weather, hours, kwp),
    )


def _check(**values: float) -> None:
    ranges = {
        "lat": (-90.0, 90.0),
        "lon": (-180.0, 180.0),
        "tilt_deg": (0.0, 90.0),
        "azimuth_deg": (-360.0, 360.0),
        "kwp": (1e-6, 1e7),
    }
    faults = [
        Fault("pv", None, name.removesuffix("_deg"), f"{value:g}", f"must lie between {low:g} and {high:g}")
        for name, value in values.items()
        for low, high in [ranges[name]]
        if not low <= value <= high
    ]
    if faults:
        raise InputError(faults)


def _climate(path: Path, lat: float, lon: float, shift_min: float) -> Weather:
    """Read the climate at its own place; a file that names none, and normals, take the system's."""
    weather = read_climate(path, lat=lat, lon=lon, shift_min=shift_min)
    if weather.synthetic:
        return weather
    try:
        return read_climate(path, shift_min=shift_min)
    except InputError:
        return weather


def _far_note(weather: Weather, lat: float, lon: float) -> tuple[str, ...]:
    from pyproj import Geod  # noqa: PLC0415 - only to measure one distance

    distance_km = Geod(ellps="WGS84").inv(lon, lat, weather.lon, weather.lat)[2] / 1000
    if distance_km <= FAR_KM:
        return ()
    return (f"the climate is of a place {distance_km:.0f} km away ({weather.lat:.2f}, {weather.lon:.2f})",)


def _frame(weather: Weather, hours: HourlyYield, kwp: float) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "time": weather.times,
            "poa_w_m2": hours.poa_w_m2,
            "dc_kw": hours.dc_w_kwp * kwp / 1000,
            "ac_kw": hours.ac_w_kwp * kwp / 1000,
            "temp_air": weather.temp_air,
            "ghi": weather.ghi,
        }
    )
