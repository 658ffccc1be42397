"""Hourly weather of a place from PVGIS or NASA POWER, kept as it comes and read by pvlib."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from faults import Fault, InputError
from layers.climate import read_climate
from layers.demo_source import NO_PROGRESS
from layers.fetch.download import FetchError, download
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
    lat: str
    lon: str
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
    "lat",
    "lon",
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
        ("start", "{year}0101"),
        ("end", "{year}1231"),
        ("format", "CSV"),
        ("time-standard", "UTC"),
    ),
    "latitude",
    "longitude",
)
SERVICES = {"pvgis": PVGIS, "nasa_power": NASA_POWER}


def fetch_climate(
    lat: float,
    lon: float,
    out: Path,
    *,
    source: str = "pvgis",
    year: int = 2023,
    url: str | None = None,
    progress: Callable[[float, str], None] = NO_PROGRESS,
) -> Fetched:
    """Fetch a year of hourly weather; what does not read as weather is not kept.

    Parameters
    ----------
    lat, lon
        Place in degrees.
    source
        `pvgis` (a typical year) or `nasa_power` (the `year`).

    Raises
    ------
    FetchError
        No connection, or the answer is no weather.
    InputError
        The place or the source is none.
    """
    service = _service(lat, lon, source)
    query = {service.lat: f"{lat:.5f}", service.lon: f"{lon:.5f}"}
    query |= {name: value.format(year=year) for name, value in service.query}
    address = f"{url or service.url}?{urlencode(query)}"
    answer = download(address, progress=progress)
    try:
        read_climate(answer.path, lat=lat, lon=lon)
    except InputError as error:
        answer.path.unlink()
        raise FetchError(
            f"{service.origin.title} answers no weather for {lat:g}, {lon:g}: {error}"
        ) from error
    out.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(answer.path, out)
    told = service.origin
    origin = Origin(told.title, told.licence, told.attribution, (address,), told.notes)
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
