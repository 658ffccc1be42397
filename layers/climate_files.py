"""From hourly files to weather: one year of hours, or one per calendar year."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from faults import Fault, InputError
from layers.climate import HOURS_PER_YEAR, SERIES, Weather, closed
from layers.climate_clock import MOST_MIN, shifted
from layers.climate_formats import FORMATS, Hours, kind_of
from layers.climate_normals import TYPICAL_YEAR, read_normals, utc_offset_h

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

MIN_COSINE = 0.02
NORMALS = "monthly normals"


def read_years(
    path: Path,
    kind: str,
    *,
    lat: float | None = None,
    lon: float | None = None,
    altitude_m: float | None = None,
    seed: int = 0,
    shift_min: float = 0.0,
) -> tuple[Weather, ...]:
    """Read every calendar year of a file of a known kind; a typical year, or normals, is one.

    Years that are not whole are left out, and the notes of the others say so.

    Raises
    ------
    InputError
        Not one whole year, or numbers that cannot be.
    """
    if not abs(shift_min) <= MOST_MIN or (shift_min and kind == NORMALS):
        rule = f"must lie between -{MOST_MIN:g} and {MOST_MIN:g}"
        rule = "monthly normals have no clock to shift" if kind == NORMALS else rule
        raise InputError([Fault(path.name, None, "shift_min", f"{shift_min:g}", rule)])
    if kind == NORMALS:
        return (read_normals(path, lat, lon, altitude_m, seed),)
    hours = FORMATS[kind](path, lat, lon, altitude_m)
    index = pd.DatetimeIndex(hours.data.index)
    data = hours.data[~((index.month == 2) & (index.day == 29))]  # noqa: PLR2004 - the leap day
    index = pd.DatetimeIndex(data.index)
    if len(data) == HOURS_PER_YEAR or not len(data):
        one = _weather(replace(hours, data=_one_year(data, path.name)), path, shift_min)
        same = len(set(index.year)) == 1  # the months of a typical year are of several
        return (_labelled(one, int(index.year[0])) if same else one,)
    parts = {int(year): part for year, part in data.groupby(index.year)}
    whole = {year: part for year, part in parts.items() if len(part) == HOURS_PER_YEAR}
    if not whole:
        rule = "a year must have 8760 hourly rows"
        raise InputError([Fault(path.name, None, "time", str(len(data)), rule)])
    years = (
        _labelled(_weather(replace(hours, data=_same_year(part)), path, shift_min), year)
        for year, part in whole.items()
    )
    lost = sorted(set(parts) - set(whole))
    notes = tuple(f"{year}: {len(parts[year])} of 8760 hours; the year is left out" for year in lost)
    return tuple(replace(year, notes=(*year.notes, *notes)) for year in years)


def _labelled(weather: Weather, year: int) -> Weather:
    """Note which calendar year it is: the hours of a leap year cannot say so without their 29 February."""
    return replace(weather, annual_ghi=((year, round(float(weather.ghi.sum()) / 1000, 3)),))


def _one_year(data: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return 8760 hours in calendar order: months of several years become one year."""
    if len(data) != HOURS_PER_YEAR:
        raise InputError([Fault(name, None, "time", str(len(data)), "a year must have 8760 hourly rows")])
    return _same_year(data)


def _same_year(data: pd.DataFrame) -> pd.DataFrame:
    """Return consecutive hours: a typical year's months of several years become one calendar year."""
    hours = pd.DatetimeIndex(data.index).as_unit("ns").asi8
    return data if (np.diff(hours) == pd.Timedelta("1h").value).all() else _calendar_year(data, TYPICAL_YEAR)


def _calendar_year(data: pd.DataFrame, year: int) -> pd.DataFrame:
    stamps = [stamp.replace(year=year) for stamp in pd.DatetimeIndex(data.index)]
    return data.set_axis(pd.DatetimeIndex(stamps), axis=0).sort_index()


def _local(data: pd.DataFrame, lat: float, lon: float) -> pd.DataFrame:
    """Return hours of local time from 1 January 00:00: UTC is brought to the place's clock.

    The few hours that fall into the neighbouring year take its place at the other end of this one.
    """
    index = pd.DatetimeIndex(data.index)
    offset_h = utc_offset_h(lat, lon)
    if offset_h and index[0].utcoffset() == pd.Timedelta(0):
        data = data.set_axis(index.tz_convert(f"Etc/GMT{-offset_h:+d}"), axis=0)
    index = pd.DatetimeIndex(data.index)
    year = int(index[len(index) // 2].year)
    return data if (index.year == year).all() else _calendar_year(data, year)


def _weather(hours: Hours, path: Path, shift_min: float) -> Weather:
    lat, lon, altitude_m = hours.place
    data = _local(_complete(hours.data, path.name), lat, lon)
    series = {name: shifted(data[name].to_numpy(float), shift_min) for name in SERIES}
    known = {name: np.where(np.isfinite(values).all(), values, 0.0) for name, values in series.items()}
    weather = Weather(
        times=pd.DatetimeIndex(data.index),
        ghi=known["ghi"],
        dni=known["dni"],
        dhi=known["dhi"],
        temp_air=known["temp_air"],
        wind_speed=known["wind_speed"],
        lat=lat,
        lon=lon,
        altitude_m=altitude_m,
        source=path.name,
        synthetic=False,
        sun_minute=hours.sun_minute,
        notes=(f"moved by {shift_min:+g} minutes against the file's clock",) if shift_min else (),
    )
    return closed(_with_both_parts(weather, series))


def _with_both_parts(weather: Weather, series: Mapping[str, Floats]) -> Weather:
    """Derive the diffuse or the direct part from the other where the file has only one."""
    cosine = np.maximum(np.cos(np.radians(weather.sky.zenith_deg)), 0)
    lacks = {name: bool(np.isnan(series[name]).any()) for name in ("dni", "dhi")}
    if lacks["dhi"]:
        return replace(weather, dhi=np.clip(weather.ghi - weather.dni * cosine, 0, weather.ghi))
    if lacks["dni"]:
        beam = weather.ghi - np.minimum(weather.dhi, weather.ghi)
        dni = np.divide(beam, cosine, out=np.zeros_like(beam), where=cosine > MIN_COSINE)
        return replace(weather, dni=np.minimum(dni, weather.sky.dni_extra))
    return weather


def _complete(data: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the five series, deriving DHI or DNI where only one of them is there."""
    if "wind_speed" not in data and "WS10m" in data:
        data = data.rename(columns={"WS10m": "wind_speed"})
    needed = {"ghi", "temp_air", "wind_speed"}
    missing = sorted(needed - set(data))
    if "dhi" not in data and "dni" not in data:
        missing.append("dhi")
    if missing:
        raise InputError([Fault(name, None, column, None, "column is missing") for column in missing])
    frame = data.reindex(columns=list(SERIES)).apply(pd.to_numeric, errors="coerce")
    gaps = [
        Fault(
            name, int(np.argmax(frame[column].isna())) + 1, column, None, f"{int(count)} hours have no number"
        )
        for column, count in frame.isna().sum().items()
        if count and column not in ("dni", "dhi")
    ]
    if gaps:
        raise InputError(gaps)
    return frame


__all__ = ["kind_of", "read_years"]
