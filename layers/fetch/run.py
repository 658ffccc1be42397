"""One door to all connectors: what, where, from whom, into which file."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from faults import Fault, InputError
from layers.demo_source import NO_PROGRESS
from layers.fetch.climate import fetch_climate
from layers.fetch.footprints import fetch_microsoft, fetch_overture
from layers.fetch.osm import fetch_osm, read_extract
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
    "climate": ("pvgis", "nasa_power"),
}
"""What can be fetched, and from whom; the first is taken where none is named."""


def fetch(
    what: str,
    bbox: tuple[float, ...],
    out: Path,
    *,
    source: str | None = None,
    extract: Path | None = None,
    year: int = 2023,
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
        OpenStreetMap extract (.osm.pbf) on disk, instead of the Overpass service.
    year
        Year of a series (NASA POWER).

    Raises
    ------
    InputError
        What, source, box or file cannot be.
    FetchError
        No connection, or no data there.
    """
    box = check_bbox(bbox)
    name = _source(what, source)
    if name == "osm":
        return (
            fetch_osm(what, box, out, progress=progress)
            if extract is None
            else read_extract(what, extract, box, out)
        )
    if what == "climate":
        lon, lat = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        return fetch_climate(lat, lon, out, source=name, year=year, progress=progress)
    if what == "farmland":
        return _farmland(box, out, progress)
    if what in ("terrain", "landcover"):
        return fetch_raster(TERRAIN if what == "terrain" else LANDCOVER, box, out, progress=progress)
    return fetch_overture(box, out) if name == "overture" else fetch_microsoft(box, out, progress=progress)


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
