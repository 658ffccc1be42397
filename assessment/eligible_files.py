"""Files in and out of the rule engine on its own: any vector or raster format, any CRS."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj

from assessment.run import write_file_atomically
from faults import Fault, InputError
from gis.crs import metric_crs_at, metric_problem
from gis.shapes import KINDS, repair
from layers.files import READERS, read_file
from layers.rule_rasters import RuleRaster, read_raster, terrain_layers

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from pathlib import Path

    from layers.eligibility import Eligibility

Layers = dict[str, gpd.GeoDataFrame | RuleRaster]

RASTER_ENDINGS = (".tif", ".tiff")
DRIVERS = {".gpkg": "GPKG", ".geojson": "GeoJSON", ".fgb": "FlatGeobuf", ".shp": "ESRI Shapefile"}
ENDINGS = (*DRIVERS, ".parquet")
"""Endings of the files that can be written."""
MOST_DISTORTION = 0.002
"""Largest relative error of areas in a projection that is used as it is."""
_WGS84 = "EPSG:4326"
_SHAPEFILE_NAMES = {"available_m2": "avail_m2"}


def read_area(path: Path, kind: str) -> tuple[gpd.GeoDataFrame, str, int]:
    """Return the areas in a metric CRS with id and type, their own CRS, and how many shapes were mended.

    Raises
    ------
    InputError
        The file, its CRS or shapes in it cannot be used; all faulty shapes at once.
    """
    frame = _read(path)
    if frame.empty:
        raise InputError([Fault(path.name, None, None, None, "has no rows", file=path.name)])
    own = frame.crs.to_string()
    frame, mended = _usable(frame.to_crs(measuring_crs(frame)), path.name, ("polygon", "point"))
    if frame.geometry.isna().any():
        rows = np.flatnonzero(frame.geometry.isna())
        raise InputError(Fault(path.name, int(row) + 1, "geometry", None, "is missing") for row in rows)
    ids = frame["id"] if "id" in frame else pd.Series(None, index=frame.index, dtype=object)
    if ids.isna().any() or not ids.is_unique:
        ids = pd.Series([str(number) for number in range(1, len(frame) + 1)], index=frame.index)
    types = frame["type"].fillna(kind) if "type" in frame else kind
    return frame.assign(id=ids, type=types).reset_index(drop=True), own, mended


def read_layers(folder: Path, crs: str, wanted: Collection[str]) -> tuple[Layers, int]:
    """Return the layers that rules want, by file name, in the given CRS, and how many shapes were mended.

    `terrain.tif` becomes elevation, slope and aspect; any other raster is a layer of its name.

    Raises
    ------
    InputError
        The folder or a file cannot be used, or two files claim one layer.
    """
    if not folder.is_dir():
        raise InputError([Fault("layers", None, None, str(folder), "is no folder")])
    layers: Layers = {}
    mended = 0
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() in RASTER_ENDINGS:
            layers |= (
                terrain_layers(path, crs) if path.stem == "terrain" else {path.stem: read_raster(path, crs)}
            )
        elif path.suffix.lower() in READERS and path.stem in wanted:
            if path.stem in layers:
                raise InputError(
                    [Fault("layers", None, None, path.name, "another file has this layer's name")]
                )
            layers[path.stem], count = _usable(_read(path).to_crs(crs), path.name, KINDS)
            mended += count
    return layers, mended


def measuring_crs(frame: gpd.GeoDataFrame) -> str:
    """Return the CRS to measure in: the frame's own if metric and true to area, else a local one.

    Examples
    --------
    >>> import shapely
    >>> plot = gpd.GeoDataFrame(geometry=[shapely.box(108.6, 34.3, 108.7, 34.4)], crs=4326)
    >>> measuring_crs(plot), measuring_crs(plot.to_crs(3857)), measuring_crs(plot.to_crs(32649))
    ('EPSG:4545', 'EPSG:4545', 'EPSG:32649')
    """
    west, south, east, north = frame.to_crs(_WGS84).total_bounds
    lon, lat = (west + east) / 2, (south + north) / 2
    own = frame.crs.to_string()
    if metric_problem(own) is None:
        scale = pyproj.Proj(frame.crs).get_factors(lon, lat).areal_scale
        if abs(scale - 1.0) <= MOST_DISTORTION:
            return str(own)
    return metric_crs_at(lon, lat)


def write_outcome(outcome: Eligibility, steps: pd.DataFrame, out: Path, crs: str) -> list[str]:
    """Write eligible and excluded polygons, reasons and waterfall; returns the names of the files."""
    excluded = out.with_name(f"{out.stem}_excluded{out.suffix}")
    reasons = out.with_name(f"{out.stem}_reasons.csv")
    cascade = out.with_name(f"{out.stem}_waterfall.csv")
    _write_vector(outcome.eligible, out, crs)
    _write_vector(outcome.excluded, excluded, crs)
    for table, file in ((outcome.touches, reasons), (steps, cascade)):
        write_file_atomically(file, _csv(table))
    return [file.name for file in (out, excluded, reasons, cascade)]


def check_ending(out: Path) -> None:
    """Refuse a file that cannot be written, before any work is done."""
    if out.suffix.lower() not in ENDINGS:
        raise InputError([Fault("out", None, None, out.name, f"must end in {', '.join(ENDINGS)}")])


def _read(path: Path) -> gpd.GeoDataFrame:
    frame, _ = read_file(path)
    if frame.crs is None:
        rule = "is missing; it is never guessed"
        raise InputError([Fault(path.name, None, "crs", None, rule, file=path.name)])
    return frame


def _usable(frame: gpd.GeoDataFrame, name: str, kinds: Sequence[str]) -> tuple[gpd.GeoDataFrame, int]:
    """Mend shapes; refuse the file if one cannot be mended: a lost restriction would pass as free land."""
    found = repair(frame.geometry.to_numpy(), kinds)
    rows = np.flatnonzero([reason is not None for reason in found.refused])
    if len(rows):
        raise InputError(Fault(name, int(r) + 1, "geometry", None, str(found.refused[r])) for r in rows)
    mended = sum(reason is not None for reason in found.repaired)
    return frame.set_geometry(gpd.GeoSeries(found.geometry, index=frame.index, crs=frame.crs)), mended


def _write_vector(frame: gpd.GeoDataFrame, file: Path, crs: str) -> None:
    ending = file.suffix.lower()
    frame = frame.to_crs(_WGS84 if ending == ".geojson" else crs)
    if ending == ".parquet":
        write_file_atomically(file, frame.to_parquet)
        return
    if ending == ".shp":
        # A shapefile is several files, so it cannot appear by one rename; its names end at ten characters.
        file.parent.mkdir(parents=True, exist_ok=True)
        frame.rename(columns=_SHAPEFILE_NAMES).to_file(file, driver=DRIVERS[ending], encoding="utf-8")
        return
    layer = re.sub(r"\W", "_", file.stem)
    write_file_atomically(file, lambda path: frame.to_file(path, driver=DRIVERS[ending], layer=layer))


def _csv(table: pd.DataFrame) -> Callable[[Path], None]:
    return lambda path: table.to_csv(path, index=False, encoding="utf-8-sig", float_format="%.3f")
