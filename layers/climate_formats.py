"""Formats of hourly weather: each reader settles the interval label and the clock once, here."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pvlib

from faults import Fault, InputError
from layers.climate import HOURS_PER_YEAR
from layers.climate_normals import TYPICAL_YEAR

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

MINUTES = 60.0
WH_PER_MJ = 1e6 / 3600


@dataclass(frozen=True)
class Hours:
    """What an hourly file holds: one year or several, indexed by the starts of the intervals."""

    data: pd.DataFrame
    place: tuple[float, float, float]
    """Latitude, longitude in degrees, metres above sea level."""
    sun_minute: float | None = None
    """Minute of the interval at which irradiance was taken; None: means of the interval."""


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


def _read_epw(path: Path, lat: float | None, lon: float | None, altitude_m: float | None) -> Hours:
    # pvlib moves the hours 1..24, which end the interval, to its start
    data, meta = pvlib.iotools.read_epw(path, coerce_year=TYPICAL_YEAR)
    return Hours(data, _place(meta, lat, lon, altitude_m))


def _read_tmy3(path: Path, lat: float | None, lon: float | None, altitude_m: float | None) -> Hours:
    # pvlib keeps TMY3's interval ends (01:00 is the first hour)
    data, meta = pvlib.iotools.read_tmy3(path, coerce_year=TYPICAL_YEAR, map_variables=True)
    data = data.set_axis(_typical_index(data.index[0].tz), axis=0)
    return Hours(data, _place(meta, lat, lon, altitude_m))


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


def _read_pvgis(path: Path, lat: float | None, lon: float | None, altitude_m: float | None) -> Hours:
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
    return Hours(data, _place(names, lat, lon, altitude_m), minute)


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


def _read_nasa_power(path: Path, lat: float | None, lon: float | None, altitude_m: float | None) -> Hours:
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
    return Hours(data, where)


_SHIFT = {"start": 0.0, "end": -MINUTES, "middle": -MINUTES / 2}


def _read_hourly(path: Path, lat: float | None, lon: float | None, altitude_m: float | None) -> Hours:
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
    return Hours(data, _place(meta, lat, lon, altitude_m))


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


FORMATS: dict[str, Callable[[Path, float | None, float | None, float | None], Hours]] = {
    "EPW": _read_epw,
    "TMY3": _read_tmy3,
    "PVGIS JSON": _read_pvgis,
    "PVGIS CSV": _read_pvgis,
    "NASA POWER CSV": _read_nasa_power,
    "hourly CSV": _read_hourly,
}
"""What reads each kind of hourly file."""
