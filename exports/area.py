"""An area drawn by someone: any vector file, any CRS, as one shape in longitude and latitude."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from faults import Fault, InputError
from gis.crs import gcj02_to_wgs84
from layers.files import read_file

if TYPE_CHECKING:
    from pathlib import Path

GCJ02 = "gcj02"
_LARGEST_LON, _LARGEST_LAT = 180, 90


def read_area(path: Path, *, datum: str | None = None) -> shapely.Geometry:
    """Return the polygons of a file as one shape, WGS-84 longitude and latitude.

    Parameters
    ----------
    path
        GeoJSON, GeoPackage, GeoParquet, Shapefile, KML … of polygons.
    datum
        CRS of the coordinates: `gcj02` (which undoes the offset), or `wgs84` or `EPSG:<code>` where the file
        names none. None: what the file names, WGS-84 where it names none.

    Raises
    ------
    InputError
        The file cannot be read, holds no polygon, or its coordinates are none of that CRS.
    """
    frame, _ = read_file(path)
    shapes = np.asarray(frame.geometry)
    polygons = shapes[np.isin(shapely.get_type_id(shapes), [3, 6])]
    if not len(polygons):
        kinds = ", ".join(sorted({shape.geom_type for shape in shapes if shape is not None})) or "nothing"
        raise InputError([_fault(path, "geometry", kinds, "must hold polygons")])
    merged = shapely.union_all(shapely.make_valid(shapely.force_2d(polygons)))
    area = _to_wgs84(merged, _crs(path, frame.crs, datum))
    bounds = shapely.bounds(area)
    if not np.all(np.abs(bounds) <= (_LARGEST_LON, _LARGEST_LAT) * 2):
        rule = "is no longitude and latitude; the file names no CRS: say it"
        raise InputError([_fault(path, "geometry", np.array2string(bounds, precision=1), rule)])
    return area


def _crs(path: Path, own: CRS | None, datum: str | None) -> CRS | None:
    """Return the CRS the coordinates are in; None for GCJ-02."""
    name = (datum or "").strip().lower()
    if name in (GCJ02, "gcj-02"):
        return None
    if own is not None:
        return CRS(own)
    try:
        return CRS.from_user_input("EPSG:4326" if name in ("", "wgs84", "wgs-84") else name)
    except CRSError as error:
        rule = "must be wgs84, gcj02 or EPSG:<code>"
        raise InputError([_fault(path, "datum", str(datum), rule)]) from error


def _to_wgs84(shape: shapely.Geometry, source: CRS | None) -> shapely.Geometry:
    def move(xy: Any) -> Any:  # noqa: ANN401 - arrays of points
        if source is None:
            return np.column_stack(gcj02_to_wgs84(xy[:, 0], xy[:, 1]))
        to = Transformer.from_crs(source, "EPSG:4326", always_xy=True)
        return np.column_stack(to.transform(xy[:, 0], xy[:, 1]))

    return shapely.transform(shape, move)


def _fault(path: Path, column: str, value: str, rule: str) -> Fault:
    return Fault("area", None, column, value, rule, file=path.name)
