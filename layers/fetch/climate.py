"""Hourly weather of a place from PVGIS or NASA POWER, kept as it comes and read by pvlib."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from faults import Fault, InputError
from layers.climate import read_climate_years
from layers.demo_source import NO_PROGRESS
from layers.fetch.download import FetchError, download, forget
from layers.fetch.written import LAT_LIMIT, LON_LIMIT, Fetched, Origin, write_origin

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@dataclass(frozen=True)
class ClimateService:
    """Where hourly weather is asked for."""

    origin: Origin
    url: str
    query: tuple[tuple[str, str], ...]
    """Parameters beside the place; {year} stands for the year."""
    lat: str = "lat"
    lon: str = "lon"
    """Names of the parameters for the place."""


PVGIS = ClimateService(
    Origin(
        "PVGIS typical meteorological year",
        "free with attribution",
        "PVGIS © European Union, 2001-2025",
        notes=("satellite data reads higher than stations under heavy aerosol",),
    ),
    "https://re.jrc.ec.europa.eu/api/v5_3/tmy",
    (("outputformat", "csv"), ("usehorizon", "0")),
)
PVGIS_HOURLY = ClimateService(
    Origin(
        "PVGIS hourly radiation",
        "free with attribution",
        "PVGIS © European Union, 2001-2025",
        notes=("satellite data reads higher than stations under heavy aerosol",),
    ),
    "https://re.jrc.ec.europa.eu/api/v5_3/seriescalc",
    (
        ("startyear", "{first}"),
        ("endyear", "{year}"),
        ("components", "1"),
        ("angle", "0"),
        ("aspect", "0"),
        ("usehorizon", "0"),
        ("outputformat", "csv"),
    ),
)
NASA_POWER = ClimateService(
    Origin(
        "NASA POWER hourly",
        "free with attribution",
        "NASA Langley Research Center POWER Project",
        notes=("reanalysis reads higher than stations under heavy aerosol",),
    ),
    "https://power.larc.nasa.gov/api/temporal/hourly/point",
    (
        ("parameters", "ALLSKY_SFC_SW_DWN,ALLSKY_SFC_SW_DIFF,ALLSKY_SFC_SW_DNI,T2M,WS10M"),
        ("community", "RE"),
        ("start", "{first}0101"),
        ("end", "{year}1231"),
        ("format", "CSV"),
        ("time-standard", "UTC"),
    ),
    "latitude",
    "longitude",
)
SERVICES = {"pvgis": PVGIS, "pvgis_hourly": PVGIS_HOURLY, "nasa_power": NASA_POWER}
ADDRESS = Origin("weather file by address", "see its publisher", "see its publisher")


def fetch_climate(
    lat: float,
    lon: float,
    out: Path,
    *,
    source: str = "pvgis",
    year: int = 2023,
    first: int | None = None,
    url: str | None = None,
    progress: Callable[[float, str], None] = NO_PROGRESS,
) -> Fetched:
    """Fetch a year of hourly weather; what does not read as weather is not kept.

    Parameters
    ----------
    lat, lon
        Place in degrees.
    source
        `pvgis` (a typical year), `pvgis_hourly` or `nasa_power` (years).
    year, first
        Last and first year of a series; without `first` one year.
    url
        Another address of the service.

    Raises
    ------
    FetchError
        No connection, or the answer is no weather.
    InputError
        The place or the source is none.
    """
    service = _service(lat, lon, source)
    query = {service.lat: f"{lat:.5f}", service.lon: f"{lon:.5f}"}
    span = {"year": year, "first": year if first is None else first}
    query |= {name: value.format(**span) for name, value in service.query}
    address = f"{url or service.url}?{urlencode(query)}"
    return _kept_weather(address, out, service.origin, (lat, lon), None, progress)


def fetch_weather_file(
    url: str,
    out: Path,
    *,
    checksum: str | None = None,
    progress: Callable[[float, str], None] = NO_PROGRESS,
) -> Fetched:
    """Fetch a weather file (EPW, TMY3, ...) by its address; what does not read as weather is not kept.

    Raises
    ------
    FetchError
        No connection, another checksum than the publisher's, or no weather.
    """
    return _kept_weather(url, out, ADDRESS, None, checksum, progress)


def _kept_weather(  # noqa: PLR0917 - two callers, side by side
    url: str,
    out: Path,
    told: Origin,
    place: tuple[float, float] | None,
    checksum: str | None,
    progress: Callable[[float, str], None],
) -> Fetched:
    answer = download(url, checksum=checksum, progress=progress)
    lat, lon = place or (None, None)
    try:
        read_climate_years(answer.path, lat=lat, lon=lon)
    except InputError as error:
        forget(answer.path)
        where = "" if place is None else f" for {place[0]:g}, {place[1]:g}"
        raise FetchError(f"{told.title} answers no weather{where}: {error}") from error
    out.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(answer.path, out)
    origin = Origin(told.title, told.licence, told.attribution, (url,), told.notes)
    return write_origin(out, origin, rows=None, bbox=None)


def _service(lat: float, lon: float, source: str) -> ClimateService:
    faults = []
    if not (abs(lat) <= LAT_LIMIT and abs(lon) <= LON_LIMIT):
        rule = "must be a latitude and a longitude in degrees"
        faults.append(Fault("fetch", None, "place", f"{lat:g}, {lon:g}", rule))
    if source not in SERVICES:
        faults.append(Fault("fetch", None, "source", source, f"must be one of {', '.join(SERVICES)}"))
    if faults:
        raise InputError(faults)
    return SERVICES[source]
