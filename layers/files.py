"""Files as they come: one reader per format, into a frame with the file's own columns and CRS."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from faults import Fault, InputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LON_NAMES = ("lon", "lng", "longitude", "经度", "x")
LAT_NAMES = ("lat", "latitude", "纬度", "y")
WKT_NAMES = ("wkt", "geometry", "geom", "the_geom")


def read_file(path: Path, *, layer: str | None = None, encoding: str | None = None) -> gpd.GeoDataFrame:
    """Read a vector file or a table with positions; the CRS is the file's own or None.

    Raises
    ------
    InputError
        The file is missing, of an unknown kind, or cannot be read as what it says it is.
    """
    if not path.exists():
        raise InputError([Fault(path.name, None, None, str(path), "file not found")])
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        rule = f"unknown kind of file; known are {', '.join(READERS)}"
        raise InputError([Fault(path.name, None, None, path.suffix, rule)])
    try:
        return reader(path, layer, encoding)
    except InputError:
        raise
    except (OSError, ValueError, RuntimeError, KeyError, UnicodeError) as error:
        raise InputError([Fault(path.name, None, None, None, f"cannot be read: {error}")]) from error


def _read_parquet(path: Path, _layer: str | None, _encoding: str | None) -> gpd.GeoDataFrame:
    return gpd.read_parquet(path)


def _read_ogr(path: Path, layer: str | None, encoding: str | None) -> gpd.GeoDataFrame:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        frame = pyogrio.read_dataframe(path, layer=layer, encoding=encoding)
    if not isinstance(frame, gpd.GeoDataFrame):
        raise InputError([Fault(path.name, None, None, layer, "has no geometry")])
    return frame


def _read_csv(path: Path, _layer: str | None, encoding: str | None) -> gpd.GeoDataFrame:
    frame = pd.read_csv(path, encoding=encoding or "utf-8-sig", dtype=str, keep_default_na=False)
    frame = frame.mask(frame == "")
    by_lower = {str(name).strip().lower(): name for name in frame.columns}
    if wkt := next((by_lower[name] for name in WKT_NAMES if name in by_lower), None):
        geometry = shapely.from_wkt(frame[wkt].fillna("").tolist(), on_invalid="ignore")
        return gpd.GeoDataFrame(frame.drop(columns=wkt), geometry=geometry, crs=None)
    lon = next((by_lower[name] for name in LON_NAMES if name in by_lower), None)
    lat = next((by_lower[name] for name in LAT_NAMES if name in by_lower), None)
    if lon is None or lat is None:
        rule = f"needs a WKT column ({', '.join(WKT_NAMES)}) or columns lon and lat"
        raise InputError([Fault(path.name, None, None, ", ".join(map(str, frame.columns)), rule)])
    x, y = (pd.to_numeric(frame[name], errors="coerce").to_numpy(dtype=float) for name in (lon, lat))
    geometry = shapely.points(x, y)
    geometry[pd.isna(x) | pd.isna(y)] = None
    return gpd.GeoDataFrame(frame, geometry=geometry, crs=None)


READERS: dict[str, Callable[[Path, str | None, str | None], gpd.GeoDataFrame]] = {
    ".parquet": _read_parquet,
    ".geoparquet": _read_parquet,
    ".geojson": _read_ogr,
    ".json": _read_ogr,
    ".gpkg": _read_ogr,
    ".shp": _read_ogr,
    ".csv": _read_csv,
}
"""Reader by file ending."""
