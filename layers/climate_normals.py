"""A typical year from a table of monthly climate normals of one or more stations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pvlib

from faults import Fault, InputError
from layers.climate import HOURS_PER_YEAR, Weather
from potential.solar.sun import interval_minutes, substep_angles, sun_angles, sunlit_middle_minutes
from potential.solar.sun_year import sun_year, true_solar_hour
from potential.solar.typical_year import Normals, synthesise

if TYPE_CHECKING:
    from pathlib import Path

    from potential.solar.sun_year import SunYear

COLUMNS = ("ghi_kwh_m2", "diffuse_fraction", "temp_air_c", "wind_m_s")
TYPICAL_YEAR = 2023
"""A calendar year without a leap day; a typical year belongs to none."""
CHINA_LON = (73.0, 135.5)
CHINA_LAT = (18.0, 53.6)
CHINA_OFFSET_H = 8
MONTHS = 12


@dataclass(frozen=True)
class PlaceNormals:
    """Monthly normals brought to a place."""

    normals: Normals
    lat: float
    lon: float
    altitude_m: float
    stations: tuple[str, ...]


def normals_at(path: Path, *, lat: float | None = None, lon: float | None = None) -> PlaceNormals:
    """Read a table of monthly normals and weight its stations to a place; None: the middle of the stations.

    Raises
    ------
    InputError
        A column is missing, a value is no number, or a station has not each month once.
    """
    table = _checked(_table(path), path.name)
    stations = table.drop_duplicates("station").set_index("station")
    middle = stations[["lat", "lon"]].to_numpy(float).mean(axis=0)
    lat = float(middle[0]) if lat is None else lat
    lon = float(middle[1]) if lon is None else lon
    weights = station_weights(stations, lat=lat, lon=lon)
    altitude_m = float(weights.to_numpy() @ stations["alt"].to_numpy(float))
    try:
        normals = blended(table, weights)
    except ValueError as error:
        raise InputError([Fault(path.name, None, None, None, str(error))]) from error
    return PlaceNormals(normals, lat, lon, altitude_m, tuple(map(str, stations.index)))


def _table(path: Path) -> pd.DataFrame:
    try:
        return pd.read_csv(path, dtype={"station": str})
    except (OSError, ValueError) as error:
        raise InputError([Fault(path.name, None, None, None, f"cannot be read: {error}")]) from error


def read_normals(
    path: Path, lat: float | None, lon: float | None, altitude_m: float | None, seed: int
) -> Weather:
    """Synthesise a typical year from the normals; see `potential.solar.typical_year`."""
    place = normals_at(path, lat=lat, lon=lon)
    height = place.altitude_m if altitude_m is None else altitude_m
    offset_h = utc_offset_h(place.lat, place.lon)
    times = pd.date_range(
        f"{TYPICAL_YEAR}-01-01", periods=HOURS_PER_YEAR, freq="h", tz=f"Etc/GMT{-offset_h:+d}"
    )
    try:
        year = synthesise(place.normals, _sun(times, place.lat, place.lon, height), seed=seed)
    except ValueError as error:
        raise InputError([Fault(path.name, None, None, None, str(error))]) from error
    names = ", ".join(place.stations)
    source = f"typical year synthesised from monthly normals ({path.name}: stations {names})"
    series = (year["ghi"], year["dni"], year["dhi"], year["temp_air"], year["wind_speed"])
    return Weather(times, *series, place.lat, place.lon, height, source, synthetic=True)


def utc_offset_h(lat: float, lon: float) -> int:
    """Return the whole hours the clock runs ahead of UTC: 8 in China, else the nearest time zone of the sea.

    Examples
    --------
    >>> utc_offset_h(34.3, 108.7), utc_offset_h(48.1, 11.6), utc_offset_h(40.0, -105.0)
    (8, 1, -7)
    """
    in_china = CHINA_LAT[0] <= lat <= CHINA_LAT[1] and CHINA_LON[0] <= lon <= CHINA_LON[1]
    return CHINA_OFFSET_H if in_china else round(lon / 15)


def station_weights(stations: pd.DataFrame, *, lat: float, lon: float) -> pd.Series[float]:
    """Return the weight of each station: inverse square distance, all on a station within 100 m."""
    east = (stations["lon"] - lon) * np.cos(np.radians(lat)) * 111.32
    north = (stations["lat"] - lat) * 111.13
    distance_km = np.hypot(east, north)
    if distance_km.min() < 0.1:  # noqa: PLR2004 - the docstring's 100 m
        weights = (distance_km == distance_km.min()).astype(float)
    else:
        weights = 1 / distance_km**2
    return weights / weights.sum()


def blended(table: pd.DataFrame, weights: pd.Series[float]) -> Normals:
    """Return the weighted normals; diffuse is weighted as energy."""
    frame = table.assign(weight=table["station"].map(weights))
    frame["diffuse_fraction"] = frame["diffuse_fraction"] * frame["ghi_kwh_m2"]
    sums = frame[list(COLUMNS)].mul(frame["weight"], axis=0).groupby(frame["month"]).sum()
    return Normals(
        ghi_kwh_m2=sums["ghi_kwh_m2"].to_numpy(float),
        diffuse_fraction=(sums["diffuse_fraction"] / sums["ghi_kwh_m2"]).to_numpy(float),
        temp_air_c=sums["temp_air_c"].to_numpy(float),
        wind_m_s=sums["wind_m_s"].to_numpy(float),
    )


def _checked(table: pd.DataFrame, name: str) -> pd.DataFrame:
    needed = ("station", "lat", "lon", "alt", "month", *COLUMNS)
    missing = [column for column in needed if column not in table]
    if missing:
        raise InputError([Fault(name, None, column, None, "column is missing") for column in missing])
    numbers = table[list(needed[1:])].apply(pd.to_numeric, errors="coerce")
    faults = [
        Fault(name, int(row) + 1, str(column), str(table.loc[row, column]), "must be a number")
        for row, column in zip(*np.nonzero(numbers.isna().to_numpy()), strict=True)
        for row, column in [(table.index[row], numbers.columns[column])]
    ]
    for station, months in numbers["month"].groupby(table["station"]):
        if sorted(months) != list(range(1, MONTHS + 1)):
            faults.append(
                Fault(name, None, "month", str(station), "a station must have each month 1 to 12 once")
            )
    if faults:
        raise InputError(faults)
    return table.assign(**{column: numbers[column] for column in numbers}).sort_values(["station", "month"])


def _sun(times: pd.DatetimeIndex, lat: float, lon: float, altitude_m: float) -> SunYear:
    steps, _ = substep_angles(times, lat=lat, lon=lon, altitude_m=altitude_m)
    middles = interval_minutes(times, sunlit_middle_minutes(steps))
    zenith, _ = sun_angles(middles, lat=lat, lon=lon, altitude_m=altitude_m)
    utc = interval_minutes(times, np.full(len(times), 30.0)).tz_convert("UTC")
    hour = utc.hour.to_numpy(float) + utc.minute.to_numpy(float) / 60
    return sun_year(
        times.month.to_numpy(np.int64) - 1,
        steps,
        pvlib.irradiance.get_extra_radiation(middles).to_numpy(float),
        zenith,
        true_solar_hour(hour, utc.dayofyear.to_numpy(float), lon=lon),
    )
