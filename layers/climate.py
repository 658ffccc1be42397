"""The climate of a place: one hourly year, whatever file it came from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from faults import Fault, InputError
from layers.climate_clock import clock_notes
from potential.solar.diffuse_share import clean_beam_horizontal
from potential.solar.sun import HourlySky, hourly_sky

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from layers.climate_points import ClimateField

    Floats = NDArray[np.float64]

HOURS_PER_YEAR = 8760
GHI_MAX = 1500.0
LAT_MAX, LON_MAX = 90.0, 180.0
TEMPERATURE_RANGE = (-60.0, 60.0)
WIND_MAX = 75.0
DNI_SHARE_MAX = 0.90
"""Largest direct normal irradiance an hour may carry, as a share of the extraterrestrial."""
CLOSURE_TOLERANCE_W = 20.0
CLOSURE_SHARE = 0.02
SERIES = ("ghi", "dni", "dhi", "temp_air", "wind_speed")


@dataclass(frozen=True)
class Weather:
    """One year of hours; irradiance closes: GHI = DHI + DNI cos(zenith) in every hour."""

    times: pd.DatetimeIndex
    """Starts of the 8760 intervals, time-zone aware."""
    ghi: Floats
    """Global horizontal irradiance, mean of the interval, W/m2."""
    dni: Floats
    """Direct normal irradiance, W/m2."""
    dhi: Floats
    """Diffuse horizontal irradiance, W/m2."""
    temp_air: Floats
    """Air temperature, degC."""
    wind_speed: Floats
    """Wind speed at 10 m, m/s."""
    lat: float
    lon: float
    altitude_m: float
    source: str
    """Where the numbers are from, for reports."""
    synthetic: bool
    """True: synthesised from monthly normals, not measured hour by hour."""
    sun_minute: float | None = None
    """Minute of the interval at which irradiance was taken; None: means of the interval."""
    notes: tuple[str, ...] = ()
    """What was repaired on the way in, in words."""
    annual_ghi: tuple[tuple[int, float], ...] = ()
    """Year and GHI in kWh/m2 of the years behind a typical year; empty: only this one is known."""
    field: ClimateField | None = None
    """How the months of other places differ, where several were given."""

    def __post_init__(self) -> None:
        """Check lengths, the time axis and physical ranges; all faults at once."""
        faults = [*_time_faults(self.times), *_value_faults(self)]
        if abs(self.lat) > LAT_MAX:
            faults.append(Fault("climate", None, "lat", str(self.lat), "must lie between -90 and 90 degrees"))
        if abs(self.lon) > LON_MAX:
            faults.append(
                Fault("climate", None, "lon", str(self.lon), "must lie between -180 and 180 degrees")
            )
        if faults:
            raise InputError([replace(fault, file=self.source) for fault in faults])

    @cached_property
    def sky(self) -> HourlySky:
        """The hours with the sun, as the solar kernels take them."""
        return hourly_sky(
            self.times,
            self.ghi,
            self.dni,
            self.dhi,
            self.temp_air,
            self.wind_speed,
            lat=self.lat,
            lon=self.lon,
            altitude_m=self.altitude_m,
            sun_minute=self.sun_minute,
        )

    @property
    def ghi_kwh_m2_month(self) -> Floats:
        """GHI of the twelve months, kWh/m2."""
        return np.bincount(self.sky.month, self.ghi, 12) / 1000

    @property
    def dhi_kwh_m2_month(self) -> Floats:
        """DHI of the twelve months, kWh/m2."""
        return np.bincount(self.sky.month, self.dhi, 12) / 1000


def _time_faults(times: pd.DatetimeIndex) -> list[Fault]:
    faults = []
    if times.tz is None:
        faults.append(Fault("climate", None, "time", None, "times must carry a time zone"))
    if len(times) != HOURS_PER_YEAR:
        faults.append(Fault("climate", None, "time", str(len(times)), "a year must have 8760 hourly rows"))
    elif (np.diff(times.asi8) != np.diff(times[:2].asi8)[0]).any() or times[1] - times[0] != pd.Timedelta(
        "1h"
    ):
        faults.append(Fault("climate", None, "time", None, "rows must follow each other hour by hour"))
    return faults


def _value_faults(weather: Weather) -> list[Fault]:
    ranges = {
        "ghi": (0.0, GHI_MAX),
        "dni": (0.0, GHI_MAX),
        "dhi": (0.0, GHI_MAX),
        "temp_air": TEMPERATURE_RANGE,
        "wind_speed": (0.0, WIND_MAX),
    }
    faults = []
    for name, (low, high) in ranges.items():
        values = getattr(weather, name)
        if len(values) != len(weather.times):
            faults.append(Fault("climate", None, name, str(len(values)), "must have one value per hour"))
            continue
        bad = ~((values >= low) & (values <= high))
        if bad.any():
            row = int(np.argmax(bad))
            rule = f"must lie between {low:g} and {high:g} ({int(bad.sum())} rows do not)"
            faults.append(Fault("climate", row + 1, name, f"{values[row]:g}", rule))
    return faults


def read_climate(
    path: Path,
    *,
    lat: float | None = None,
    lon: float | None = None,
    altitude_m: float | None = None,
    seed: int = 0,
    shift_min: float = 0.0,
) -> Weather:
    """Read one year of weather from EPW, TMY3, PVGIS, NASA POWER, a plain hourly CSV, or monthly normals.

    Parameters
    ----------
    path
        The file; its kind is told from its content, not from its name.
    lat, lon
        The place in degrees; taken from the file where it says so. For monthly normals of several stations
        the place decides their weights (inverse square distance).
    altitude_m
        Metres above sea level; taken from the file where it says so, else 0.
    seed
        Order of days and hours of a year synthesised from normals.
    shift_min
        Minutes by which an hourly file is moved against its own clock, later where positive; the energy of
        the year stays. For files whose clock is wrong: the notes of a year measure that.

    Raises
    ------
    InputError
        The file cannot be read, is of no known kind, or has numbers that cannot be.
    """
    years = read_climate_years(path, lat=lat, lon=lon, altitude_m=altitude_m, seed=seed, shift_min=shift_min)
    if len(years) > 1:
        rule = f"holds {len(years)} years; one year (or a typical year) is expected"
        raise InputError([Fault(path.name, None, "time", str(len(years)), rule)])
    return years[0]


def climate_kind(path: Path) -> str:
    """Return the kind of a climate file, told from its content.

    Raises
    ------
    InputError
        It cannot be read, or is of no known kind.
    """
    from layers.climate_files import kind_of  # noqa: PLC0415 - the readers return Weather

    kind = kind_of(_head(path))
    if kind is None:
        rule = "is no EPW, TMY3, PVGIS, NASA POWER or hourly CSV and no table of monthly normals"
        raise InputError([Fault(path.name, None, None, None, rule)])
    return kind


def read_climate_years(
    path: Path,
    *,
    lat: float | None = None,
    lon: float | None = None,
    altitude_m: float | None = None,
    seed: int = 0,
    shift_min: float = 0.0,
) -> tuple[Weather, ...]:
    """Read every whole calendar year of a climate file; parameters and errors as in `read_climate`."""
    from layers.climate_files import read_years  # noqa: PLC0415 - the readers return Weather

    kind = climate_kind(path)
    try:
        return read_years(path, kind, lat=lat, lon=lon, altitude_m=altitude_m, seed=seed, shift_min=shift_min)
    except InputError:
        raise
    except Exception as error:  # libraries raise anything on damaged text
        raise InputError(
            [Fault(path.name, None, None, None, f"cannot be read as {kind}: {error}")]
        ) from error


def _head(path: Path, size: int = 4096) -> str:
    try:
        with path.open("rb") as file:
            return file.read(size).decode("utf-8-sig", errors="replace")
    except OSError as error:
        raise InputError([Fault(path.name, None, None, str(path), "cannot be read")]) from error


def closed(weather: Weather) -> Weather:
    """Return the weather with irradiance that closes, saying what had to be repaired.

    Rule: GHI is trusted first and DHI second, as the two that stations measure. DHI is cut to GHI and the
    direct normal becomes (GHI - DHI) / cos(zenith). Where the file's own three numbers contradict each other
    by more than 20 W/m2 and 2 % of GHI, direct irradiance is held to what a very clean sky lets through,
    elsewhere to 90 % of the extraterrestrial; the rest becomes diffuse. With the sun down all is diffuse.
    """
    sky = weather.sky
    cosine = np.maximum(np.cos(np.radians(sky.zenith_deg)), 0)
    gap = np.abs(weather.ghi - weather.dhi - weather.dni * cosine)
    broken = gap > np.maximum(CLOSURE_TOLERANCE_W, CLOSURE_SHARE * weather.ghi)
    clean = clean_beam_horizontal(cosine, sky.dni_extra, altitude_m=weather.altitude_m)
    most = np.where(broken, clean, DNI_SHARE_MAX * sky.dni_extra * cosine)
    beam = np.minimum(np.maximum(weather.ghi - weather.dhi, 0), most)
    dni = np.divide(beam, cosine, out=np.zeros_like(beam), where=cosine > 0)
    notes = list(weather.notes)
    if broken.any():
        energy = float((weather.ghi - weather.dhi - weather.dni * cosine).sum() / 1000)
        where = f"in {int(broken.sum())} hours ({energy:+.1f} kWh/m2 a year)"
        notes.append(f"GHI = DHI + DNI cos z did not hold {where}; DNI recomputed from GHI and DHI")
    return replace(weather, dni=dni, dhi=weather.ghi - beam, notes=(*notes, *clock_notes(weather)))
