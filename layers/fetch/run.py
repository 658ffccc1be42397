"""One door to all connectors: what, where, from whom, into which file."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from faults import Fault, InputError
from layers.demo_source import NO_PROGRESS
from layers.fetch.climate import fetch_climate, fetch_weather_file
from layers.fetch.download import download, forget
from layers.fetch.footprints import fetch_microsoft
from layers.fetch.horizon import fetch_horizon
from layers.fetch.inventory import fetch_inventory
from layers.fetch.osm import fetch_osm, read_extract
from layers.fetch.overture import fetch_overture
from layers.fetch.rasters import LANDCOVER, TERRAIN, farmland_of, fetch_raster
from layers.fetch.written import check_bbox

if TYPE_CHECKING:
    from collections.abc import Callable

    from layers.fetch.written import Fetched

SOURCES: dict[str, tuple[str, ...]] = {
    "buildings": ("osm", "overture", "microsoft"),
    "farmland": ("osm", "worldcover"),
    "restrictions": ("osm",),
    "grid": ("osm",),
    "terrain": ("copernicus",),
    "landcover": ("worldcover",),
    "climate": ("pvgis", "pvgis_hourly", "nasa_power", "address"),
    "horizon": ("pvgis",),
    "pv": ("osm", "address"),
}
"""What can be fetched, and from whom; the first is taken where none is named."""
FOR_REGIONS = ("buildings", "farmland", "restrictions", "grid", "terrain")
"""Layers of a region that can be fetched where nobody has them."""


def fetch(
    what: str,
    bbox: tuple[float, ...],
    out: Path,
    *,
    source: str | None = None,
    extract: Path | str | None = None,
    year: int = 2023,
    first: int | None = None,
    url: str | None = None,
    checksum: str | None = None,
    progress: Callable[[float, str], None] = NO_PROGRESS,
) -> Fetched:
    """Fetch open data for a box and write it with its origin beside it.

    Parameters
    ----------
    what
        Key of `SOURCES`.
    bbox
        West, south, east, north in degrees; for climate its middle is the place.
    out
        File: .gpkg, .geojson or .parquet for vectors, .tif for rasters, .csv for climate.
    source
        One of `SOURCES[what]`; None: the first.
    extract
        OpenStreetMap extract (.osm.pbf) on disk or by its address, instead of the Overpass service.
    year, first
        Last and first year of a series (PVGIS hourly, NASA POWER); without `first` one year.
    url, checksum
        Address of the file or service of the source `address`, and the SHA-256 its publisher gives.

    Raises
    ------
    InputError
        What, source, box or file cannot be.
    FetchError
        No connection, or no data there.
    """
    box = check_bbox(bbox)
    name = _source(what, source or ("address" if url is not None and extract is None else None))
    if name == "osm":
        return _osm(what, box, out, extract, checksum, progress)
    if name == "address":
        return _by_address(what, box, out, url, checksum, progress)
    if what in ("climate", "horizon"):
        lon, lat = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        if what == "horizon":
            return fetch_horizon(lat, lon, out, progress=progress)
        return fetch_climate(lat, lon, out, source=name, year=year, first=first, progress=progress)
    return _in_box(what, name, box, out, progress)


def _in_box(
    what: str,
    name: str,
    box: tuple[float, float, float, float],
    out: Path,
    progress: Callable[[float, str], None],
) -> Fetched:
    if what == "farmland":
        return _farmland(box, out, progress)
    if what in ("terrain", "landcover"):
        return fetch_raster(TERRAIN if what == "terrain" else LANDCOVER, box, out, progress=progress)
    connector = fetch_overture if name == "overture" else fetch_microsoft
    return connector(box, out, progress=progress)


def _by_address(  # noqa: PLR0917 - one caller, right above
    what: str,
    box: tuple[float, float, float, float],
    out: Path,
    url: str | None,
    checksum: str | None,
    progress: Callable[[float, str], None],
) -> Fetched:
    if url is None:
        raise InputError([Fault("fetch", None, "url", None, "is missing: the source is an address")])
    if what == "climate":
        return fetch_weather_file(url, out, checksum=checksum, progress=progress)
    return fetch_inventory(box, out, url=url, checksum=checksum, progress=progress)


def _osm(  # noqa: PLR0917 - one caller, right above
    what: str,
    box: tuple[float, float, float, float],
    out: Path,
    extract: Path | str | None,
    checksum: str | None,
    progress: Callable[[float, str], None],
) -> Fetched:
    """Ask the service, or take the layer out of an extract that is here or is fetched first."""
    if extract is None:
        return fetch_osm(what, box, out, progress=progress)
    file = Path(extract)
    if str(extract).startswith(("http://", "https://")):
        file = download(str(extract), checksum=checksum, progress=progress).path
    try:
        return read_extract(what, file, box, out)
    except InputError:
        if file != Path(extract):
            forget(file)  # what came is no extract; the next try must not take it from the cache
        raise


def _source(what: str, source: str | None) -> str:
    if what not in SOURCES:
        rule = f"cannot be fetched; these can: {', '.join(SOURCES)}"
        raise InputError([Fault("fetch", None, "what", what, rule)])
    if source is not None and source not in SOURCES[what]:
        rule = f"has no {what}; these have: {', '.join(SOURCES[what])}"
        raise InputError([Fault("fetch", None, "source", source, rule)])
    return source or SOURCES[what][0]


def _farmland(
    box: tuple[float, float, float, float], out: Path, progress: Callable[[float, str], None]
) -> Fetched:
    with tempfile.TemporaryDirectory() as folder:
        raster = Path(folder) / "landcover.tif"
        return farmland_of(raster, out, fetch_raster(LANDCOVER, box, raster, progress=progress))
