"""Positions of one file: its CRS is checked, never guessed; shapes are moved to the metric CRS and mended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from gis.crs import TO_WGS84, extent_problem
from gis.shapes import TOO_LARGE, repair, too_large

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layers.columns import Schema
    from layers.findings import Findings
    from layers.spec import LayerSpec

MARGIN_DEG = 3.0
"""How far beyond the area of use of the metric CRS positions may lie; further out they are wrong."""
HALF = 0.5
ZONE_EASTING_M = 1e7
"""An easting beyond this carries the number of its Gauss-Krueger zone in front."""


def to_metric(
    frame: gpd.GeoDataFrame, spec: LayerSpec, schema: Schema, *, crs_metric: str, findings: Findings
) -> NDArray[np.object_]:
    """Return the shapes of a file in the metric CRS, None where there is no usable one.

    Raises
    ------
    InputError
        The file has no CRS, or most of its positions cannot be in it.
    """
    geometry = np.array(frame.geometry.to_numpy(), dtype=object, copy=True)
    _refuse_too_large(geometry, findings)
    if spec.axis == "yx":
        geometry = shapely.transform(geometry, lambda xy: xy[:, ::-1])
    crs = _usable(_crs(frame, spec, findings), findings)
    _check_extent(geometry, crs, findings)
    if spec.convert is not None:
        geometry, crs = _convert(geometry, crs, spec.convert, findings)
    _check_place(geometry, crs, CRS.from_user_input(crs_metric), findings)
    if not crs.equals(crs_metric):
        geometry = np.array(gpd.GeoSeries(geometry, crs=crs).to_crs(crs_metric), dtype=object)
    return _mend(geometry, schema, findings)


def _refuse_too_large(geometry: NDArray[np.object_], findings: Findings) -> None:
    """Refuse them first: every later step would take minutes on one of them."""
    many = too_large(geometry)
    findings.reject(many, "geometry", None, TOO_LARGE)
    geometry[many] = None


def _crs(frame: gpd.GeoDataFrame, spec: LayerSpec, findings: Findings) -> CRS:
    try:
        told = None if spec.crs is None else CRS.from_user_input(spec.crs)
    except CRSError as error:
        raise findings.stop("crs in region.toml is no known CRS", value=spec.crs) from error
    if frame.crs is None and told is None:
        raise findings.stop("has no CRS; give crs (for example EPSG:4490) in region.toml, it is not guessed")
    if told is None:
        return CRS.from_user_input(frame.crs)
    if frame.crs is not None and not told.equals(frame.crs, ignore_axis_order=True):
        rule = f"the file declares {_named(frame.crs)}; read as {_named(told)}, as region.toml says"
        findings.note(rule, severity="warning")
    return told


def _usable(crs: CRS, findings: Findings) -> CRS:
    try:
        Transformer.from_crs(crs, 4326, always_xy=True)
    except ProjError as error:
        raise findings.stop("the definition of the CRS is broken", column="crs", value=crs.name) from error
    return crs


def _named(crs: CRS) -> str:
    authority = crs.to_authority()
    return ":".join(authority) if authority else crs.name


def _check_extent(geometry: NDArray[np.object_], crs: CRS, findings: Findings) -> None:
    """Hold the coordinates against what the CRS can hold; stop where most of them do not fit."""
    bounds = shapely.bounds(geometry)
    there = np.isfinite(bounds).all(axis=1)
    if not there.any():
        return
    x, y = np.abs(bounds[:, ::2]).max(axis=1), np.abs(bounds[:, 1::2]).max(axis=1)
    bad = there & (((x > 180) | (y > 90)) if crs.is_geographic else ((x <= 180) & (y <= 180)))  # noqa: PLR2004
    if bad.sum() > HALF * there.sum():
        box = (*bounds[bad, :2].min(axis=0), *bounds[bad, 2:].max(axis=0))
        raise findings.stop(str(extent_problem(crs, box)), column="geometry", value=_named(crs))
    reasons = np.full(len(geometry), None, dtype=object)
    reasons[bad] = [extent_problem(crs, tuple(box)) for box in bounds[bad]]
    findings.reject(bad, "geometry", None, reasons)
    geometry[bad] = None


def _convert(
    geometry: NDArray[np.object_], crs: CRS, datum: str, findings: Findings
) -> tuple[NDArray[np.object_], CRS]:
    if not crs.is_geographic:
        raise findings.stop("only coordinates in degrees can be converted", column="convert", value=datum)
    inverse = TO_WGS84[datum]
    moved = shapely.transform(geometry, lambda xy: np.column_stack(inverse(xy[:, 0], xy[:, 1])))
    findings.note(f"coordinates converted from {datum} to WGS-84, as region.toml says", severity="warning")
    return moved, CRS.from_epsg(4326)


def _check_place(geometry: NDArray[np.object_], crs: CRS, metric: CRS, findings: Findings) -> None:
    """Hold the positions against the area that the metric CRS is made for."""
    area = metric.area_of_use
    if area is None:
        return
    centre = shapely.bounds(geometry).reshape(-1, 2, 2).mean(axis=1)
    there = np.isfinite(centre).all(axis=1)
    lon, lat = Transformer.from_crs(crs, 4326, always_xy=True).transform(centre[:, 0], centre[:, 1])
    west, south = area.west - MARGIN_DEG, area.south - MARGIN_DEG
    east, north = area.east + MARGIN_DEG, area.north + MARGIN_DEG
    out = there & ~((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))
    span = f"{west:g} to {east:g} E, {south:g} to {north:g} N"
    place = f"outside the area that {_named(metric)} is made for ({span})"
    if out.sum() > HALF * there.sum():
        where = f"longitude {np.nanmedian(lon[out]):.4f}, latitude {np.nanmedian(lat[out]):.4f}"
        swapped = crs.is_geographic & (lat >= west) & (lat <= east) & (lon >= south) & (lon <= north)
        raise findings.stop(f"lies {place}{_hint(swapped, centre, out)}", column="geometry", value=where)
    values = np.full(len(geometry), None, dtype=object)
    values[out] = [f"{x:.4f}, {y:.4f}" for x, y in zip(lon[out], lat[out], strict=True)]
    findings.reject(out, "geometry", values, f"lies {place}")
    geometry[out] = None


def _hint(swapped: NDArray[np.bool_], centre: NDArray[np.float64], out: NDArray[np.bool_]) -> str:
    if swapped[out].all():
        return '; the order looks like latitude, longitude: give axis = "yx"'
    if (centre[out, 0] > ZONE_EASTING_M).all():
        return "; eastings carry a zone number in front: declare the CRS with the zone (such as EPSG:4524)"
    return "; is the CRS right?"


def _mend(geometry: NDArray[np.object_], schema: Schema, findings: Findings) -> NDArray[np.object_]:
    found = repair(geometry, schema.geometry)
    fine = ~findings.rejected
    if schema.place_required:
        findings.reject(found.missing & fine, "geometry", None, "has no geometry")
    else:
        findings.rows(found.missing & fine, "geometry", None, "has no position; it stays unknown", "info")
    findings.reject(found.refused != None, "geometry", None, found.refused)  # noqa: E711 - elementwise
    changed = found.repaired != None  # noqa: E711 - elementwise
    reasons = np.full(len(geometry), None, dtype=object)
    reasons[changed] = [
        f"was not valid ({why}); repaired, area changed by {change:+.2f} m2"
        for why, change in zip(found.repaired[changed], found.area_change[changed], strict=True)
    ]
    findings.rows(changed, "geometry", None, reasons)
    if found.flattened.any():
        findings.note(f"heights of vertices dropped in {found.flattened.sum()} shapes", column="geometry")
    return found.geometry
