"""The weather of a region from all that its region.toml names: files, years, places, measured level."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faults import Fault, InputError
from layers.climate import Weather, read_climate, read_climate_years
from layers.climate_normals import normals_at
from layers.climate_points import by_place, interpolated
from layers.climate_scale import scaled
from layers.climate_years import typical_year

if TYPE_CHECKING:
    from pathlib import Path

    from layers.region import ClimateSpec


def region_climate(spec: ClimateSpec, *, lat: float, lon: float, seed: int = 0) -> Weather:
    """Return the one year that a region is assessed with.

    Hourly files come first: several years of one place become a typical year (`climate_years`), each place is
    then brought to the level of the station normals where there are any (`climate_scale`), and several places
    are weighted to the middle of the region (`climate_points`). One place is taken as it is, with its own
    sun. Without hourly files a year is synthesised from the normals.

    Parameters
    ----------
    spec
        The `[climate]` of region.toml.
    lat, lon
        Middle of the region in degrees.
    seed
        Of a synthesised year.

    Raises
    ------
    InputError
        No climate is named, or a file of it cannot be used; all faults at once.
    """
    files = tuple(path for path in (spec.epw, *spec.hourly) if path is not None)
    if not files:
        if spec.normals is None:
            rule = "needs a climate: normals, epw or hourly"
            raise InputError([Fault("region", None, "climate", None, rule, file="region.toml")])
        return read_climate(spec.normals, lat=lat, lon=lon, seed=seed)
    points = [typical_year(years) for years in by_place(_years(files, spec.shift_min))]
    if spec.station_normals is not None:
        points = [_measured(point, spec.station_normals) for point in points]
    return points[0] if len(points) == 1 else interpolated(points, lat=lat, lon=lon)


def _years(files: tuple[Path, ...], shift_min: float) -> list[Weather]:
    years: list[Weather] = []
    faults: list[Fault] = []
    for file in files:
        try:
            years += read_climate_years(file, shift_min=shift_min)
        except InputError as error:
            faults += error.faults
    if faults:
        raise InputError(faults)
    return years


def _measured(weather: Weather, file: Path) -> Weather:
    """Bring a place to the normals of the stations around it."""
    near = normals_at(file, lat=weather.lat, lon=weather.lon)
    level = f"station normals of {file.name} ({', '.join(near.stations)})"
    wanted = near.normals
    return scaled(
        weather,
        wanted.ghi_kwh_m2,
        diffuse_fraction=wanted.diffuse_fraction,
        temp_air_c=wanted.temp_air_c,
        level=level,
    )
