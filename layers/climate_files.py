"""Readers of hourly weather files; each settles the interval label and the time zone once, here."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pvlib

from faults import Fault, InputError
from layers.climate import HOURS_PER_YEAR, SERIES, Weather, closed
from layers.climate_normals import TYPICAL_YEAR, read_normals, utc_offset_h

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Reader = Callable[[Path, float | None, float | None, float | None, int], Weather]

MINUTES = 60.0
MIN_COSINE = 0.02
WH_PER_MJ = 1e6 / 3600


def kind_of(head: str) -> str | None:
    """Tell the kind of a climate file from its first lines.

    Examples
    --------
    >>> kind_of("LOCATION,Xian,Shaanxi,CHN,CSWD,570360,34.30,108.93,8.0,397.5")
    'EPW'
    >>> kind_of("time,ghi,dni,dhi,temp_air,wind_speed")
    'hourly CSV'
    """
    for kind, pattern in _SIGNATURES.items():
        if re.search(pattern, head):
            return kind
    return None


_SIGNATURES = {
    "EPW": r"\ALOCATION,",
    "NASA POWER CSV": r"\A-BEGIN HEADER-",
    "PVGIS JSON": r"\A\s*\{\s*\"inputs\"",
    "PVGIS CSV": r"\A(Latitude \(decimal degrees\)|\s*Irradiance Time Offset)",
    "TMY3": r"\A[^\n]*\n\s*Date \(MM/DD/YYYY\)",
    "monthly normals": r"(?m)^(?=[^\n]*\bmonth\b)(?=[^\n]*\bghi_kwh_m2\b)",
    "hourly CSV": r"(?m)^(?=[^\n]*\btime\b)(?=[^\n]*\bghi\b)",
}


def _read_epw(
    path: Path, lat: float | None, lon: float | None, altitude_m: float | None, _seed: int
) -> Weather:
    # pvlib moves the hours 1..24, which end the interval, to its start
    data, meta = pvlib.iotools.read_epw(path, coerce_year=TYPICAL_YEAR)
    return _weather(data, _place(meta, lat, lon, altitude_m), path)


def _read_tmy3(
    path: Path, lat: float | None, lon: float | None, altitude_m: float | None, _seed: int
) -> Weather:
    # pvlib keeps TMY3's interval ends (01:00 is the first hour)
    data, meta = pvlib.iotools.read_tmy3(path, coerce_year=TYPICAL_YEAR, map_variables=True)
    data = data.set_axis(_typical_index(data.index[0].tz), axis=0)
    return _weather(data, _place(meta, lat, lon, altitude_m), path)


def _read_pvgis_tmy(path: Path, text: str) -> tuple[pd.DataFrame, Mapping[str, Any], float]:
    kind = "json" if text.lstrip().startswith("{") else "csv"
    data, meta = pvlib.iotools.read_pvgis_tmy(path, pvgis_format=kind, map_variables=True)
    place = meta["inputs"].get("location", meta["inputs"])
    offset = re.search(r"[Ii]rradiance[_ ][Tt]ime[_ ][Oo]ffset[^-\d]*(-?[\d.]+)", text)
    minute = float(offset.group(1)) * MINUTES if offset else 0.0
    return data, place, minute


def _read_pvgis_hourly(path: Path, text: str) -> tuple[pd.DataFrame, Mapping[str, Any], float]:
    kind = "json" if text.lstrip().startswith("{") else "csv"
    data, meta = pvlib.iotools.read_pvgis_hourly(path, pvgis_format=kind, map_variables=True)
    place = meta["inputs"].get("location", meta["inputs"])
    if "poa_direct" not in data and "ghi" not in data:
        raise InputError(
            [Fault(path.name, None, "Gb(i)", None, "hourly PVGIS files need the components of irradiance")]
        )
    horizontal = _pvgis_horizontal(data)
    stamps = pd.DatetimeIndex(horizontal.index)
    minute = float(stamps[0].minute)
    return horizontal.set_axis(stamps.floor("h"), axis=0), place, minute


def _pvgis_horizontal(data: pd.DataFrame) -> pd.DataFrame:
    if "ghi" in data:
        return data
    diffuse = data["poa_sky_diffuse"] + data.get("poa_ground_diffuse", 0.0)
    return data.assign(ghi=data["poa_direct"] + diffuse, dhi=diffuse, dni=np.nan)


def _read_pvgis(
    path: Path, lat: float | None, lon: float | None, altitude_m: float | None, _seed: int
) -> Weather:
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    tmy = "tmy_hourly" in text or "T2m,RH" in text or "months_selected" in text
    if not tmy:
        _refuse_tilted(path, text)
    data, place, minute = _read_pvgis_tmy(path, text) if tmy else _read_pvgis_hourly(path, text)
    names = {
        "latitude": place.get("latitude"),
        "longitude": place.get("longitude"),
        "altitude": place.get("elevation"),
    }
    data = _one_year(data, path.name)
    return _weather(data, _place(names, lat, lon, altitude_m), path, sun_minute=minute)


def _refuse_tilted(path: Path, text: str) -> None:
    slope = re.search(r'(?:Slope:\s*|"slope":\s*\{\s*"value":\s*)(-?\d+)', text)
    if slope and int(slope.group(1)) != 0:
        rule = "hourly PVGIS data must be for the horizontal plane (slope 0)"
        raise InputError([Fault(path.name, None, "slope", slope.group(1), rule)])


_POWER_COLUMNS = {
    "ALLSKY_SFC_SW_DWN": "ghi",
    "ALLSKY_SFC_SW_DIFF": "dhi",
    "ALLSKY_SFC_SW_DNI": "dni",
    "T2M": "temp_air",
    "WS10M": "wind_speed",
}


def _read_nasa_power(
    path: Path, lat: float | None, lon: float | None, altitude_m: float | None, _seed: int
) -> Weather:
    header, _, body = path.read_text(encoding="utf-8-sig").partition("-END HEADER-")
    data = pd.read_csv(io.StringIO(body.lstrip())).replace(-999.0, np.nan)
    days = pd.to_datetime(data[["YEAR", "MO", "DY"]].set_axis(["year", "month", "day"], axis=1))
    stamps = pd.DatetimeIndex(days + pd.to_timedelta(data["HR"], unit="h"))
    place = re.search(r"[Ll]atitude\s+(-?[\d.]+)\s+[Ll]ongitude\s+(-?[\d.]+)", header)
    elevation = re.search(r"[Ee]levation[^=\n]*=\s*(-?[\d.]+)", header)
    meta = {
        "latitude": place.group(1) if place else None,
        "longitude": place.group(2) if place else None,
        "altitude": elevation.group(1) if elevation else None,
    }
    where = _place(meta, lat, lon, altitude_m)
    # local solar time is the sea's time zone of the longitude
    tz = "UTC" if "UTC" in header else f"Etc/GMT{-round(where[1] / 15):+d}"
    data = data.rename(columns=_POWER_COLUMNS).set_axis(stamps.tz_localize(tz), axis=0)
    if "MJ/hr" in header:
        data[["ghi", "dhi", "dni"]] *= WH_PER_MJ
    return _weather(_one_year(data, path.name), where, path)


_SHIFT = {"start": 0.0, "end": -MINUTES, "middle": -MINUTES / 2}


def _read_hourly(
    path: Path, lat: float | None, lon: float | None, altitude_m: float | None, _seed: int
) -> Weather:
    """Read columns time, ghi, dni, dhi, temp_air, wind_speed; `# interval: end` in a first line is heeded."""
    text = path.read_text(encoding="utf-8-sig")
    options = dict(re.findall(r"(?m)^#\s*(\w+)\s*:\s*(\S+)", text))
    data = pd.read_csv(io.StringIO(text), comment="#")
    try:
        times = pd.DatetimeIndex(pd.to_datetime(data["time"]))
    except ValueError as error:
        raise InputError(
            [Fault(path.name, None, "time", None, f"cannot be read as times: {error}")]
        ) from error
    if times.tz is None:
        if "tz" not in options:
            rule = "must carry its offset (2023-01-01T00:00+08:00), or a first line say '# tz: Asia/Shanghai'"
            raise InputError([Fault(path.name, 1, "time", str(data["time"].iloc[0]), rule)])
        times = times.tz_localize(options["tz"])
    label = options.get("interval", "start")
    if label not in _SHIFT:
        raise InputError([Fault(path.name, None, "interval", label, "must be start, middle or end")])
    data = data.set_axis(times + pd.Timedelta(minutes=_SHIFT[label]), axis=0)
    meta = {
        "latitude": options.get("lat"),
        "longitude": options.get("lon"),
        "altitude": options.get("altitude"),
    }
    return _weather(_one_year(data, path.name), _place(meta, lat, lon, altitude_m), path)


def _place(
    meta: Mapping[str, Any], lat: float | None, lon: float | None, altitude_m: float | None
) -> tuple[float, float, float]:
    lat = meta.get("latitude") if lat is None else lat
    lon = meta.get("longitude") if lon is None else lon
    altitude_m = meta.get("altitude") if altitude_m is None else altitude_m
    if lat is None or lon is None:
        raise InputError(
            [Fault("climate", None, "lat, lon", None, "the file does not say where it is: give lat and lon")]
        )
    return float(lat), float(lon), float(altitude_m or 0.0)


def _typical_index(tz: Any) -> pd.DatetimeIndex:  # noqa: ANN401 - whatever kind of tzinfo the reader made
    return pd.date_range(f"{TYPICAL_YEAR}-01-01", periods=HOURS_PER_YEAR, freq="h", tz=tz)


def _one_year(data: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return 8760 hours in calendar order: 29 February left out, months of several years made one year."""
    index = pd.DatetimeIndex(data.index)
    data = data[~((index.month == 2) & (index.day == 29))]  # noqa: PLR2004 - the leap day
    if len(data) % HOURS_PER_YEAR:
        raise InputError([Fault(name, None, "time", str(len(data)), "a year must have 8760 hourly rows")])
    if len(data) > HOURS_PER_YEAR:
        years = len(data) // HOURS_PER_YEAR
        rule = f"holds {years} years; one year (or a typical year) is expected"
        raise InputError([Fault(name, None, "time", str(len(data)), rule)])
    return _same_year(data)


def _same_year(data: pd.DataFrame) -> pd.DataFrame:
    """Return consecutive hours: a typical year's months of several years become one calendar year."""
    index = pd.DatetimeIndex(data.index)
    hour = pd.Timedelta("1h").as_unit(index.unit).value
    return data if (np.diff(index.asi8) == hour).all() else _calendar_year(data, TYPICAL_YEAR)


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


def _weather(
    data: pd.DataFrame, place: tuple[float, float, float], path: Path, *, sun_minute: float | None = None
) -> Weather:
    lat, lon, altitude_m = place
    data = _local(_complete(data, path.name), lat, lon)
    series = {name: data[name].to_numpy(float) for name in SERIES}
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
        sun_minute=sun_minute,
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


READERS: dict[str, Reader] = {
    "EPW": _read_epw,
    "TMY3": _read_tmy3,
    "PVGIS JSON": _read_pvgis,
    "PVGIS CSV": _read_pvgis,
    "NASA POWER CSV": _read_nasa_power,
    "hourly CSV": _read_hourly,
    "monthly normals": read_normals,
}
"""What reads each kind of file."""
