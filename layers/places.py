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
    from collections.abc import Callable

    from numpy.typing import NDArray

    from layers.columns import Schema
    from layers.findings import Findings
    from layers.rows import Rows, Shapes
    from layers.spec import LayerSpec

    Geometries = NDArray[np.object_]
    Move = Callable[[slice, Geometries], Geometries]

MARGIN_DEG = 3.0
"""How far beyond the area of use of the metric CRS positions may lie; further out they are wrong."""
HALF = 0.5
ZONE_EASTING_M = 1e7
"""An easting beyond this carries the number of its Gauss-Krueger zone in front."""


def to_metric(rows: Rows, spec: LayerSpec, schema: Schema, *, crs_metric: str, findings: Findings) -> Shapes:
    """Return the shapes of a file in the metric CRS, None where there is no usable one.

    Whether most positions are wrong is known from the boxes of all rows; the shapes themselves are moved and
    mended batch by batch.

    Raises
    ------
    InputError
        The file has no CRS, or most of its positions cannot be in it.
    """
    gone = _refuse_too_large(rows.shapes, findings)

    def as_read(where: slice, shapes: Geometries) -> Geometries:
        return _as_read(shapes, gone[where], spec)

    crs = _usable(_crs(rows.crs, spec, findings), findings)
    bounds = _boxes(rows.shapes, as_read)
    _check_extent(bounds, crs, gone, findings)
    move: Move = as_read
    bounds[gone] = np.nan
    if spec.convert is not None:
        move, crs = _converted(as_read, crs, spec.convert, findings), CRS.from_epsg(4326)
        bounds = _boxes(rows.shapes, move)
    centre = bounds.reshape(-1, 2, 2).mean(axis=1)
    del bounds  # the largest that is known of every row
    _check_place(centre, crs, CRS.from_user_input(crs_metric), gone, findings)

    def to_crs(where: slice, shapes: Geometries) -> Geometries:
        moved = move(where, shapes)
        if crs.equals(crs_metric):
            return moved
        return np.array(gpd.GeoSeries(moved, crs=crs).to_crs(crs_metric), dtype=object)

    return _mend(rows.shapes, to_crs, schema, findings)


def _refuse_too_large(shapes: Shapes, findings: Findings) -> NDArray[np.bool_]:
    """Refuse them first: every later step would take minutes on one of them."""
    many = np.zeros(len(shapes), dtype=bool)
    for where, batch in shapes.batches():
        many[where] = too_large(batch)
    findings.reject(many, "geometry", None, TOO_LARGE)
    return many


def _as_read(shapes: Geometries, gone: NDArray[np.bool_], spec: LayerSpec) -> Geometries:
    """Return shapes without those that are gone, x before y."""
    shapes = shapes.copy()
    shapes[gone] = None
    if spec.axis == "yx":
        shapes = shapely.transform(shapes, lambda xy: xy[:, ::-1])
    return shapes


def _boxes(shapes: Shapes, move: Move) -> NDArray[np.float64]:
    bounds = np.full((len(shapes), 4), np.nan)
    for where, batch in shapes.batches():
        bounds[where] = shapely.bounds(move(where, batch))
    return bounds


def _crs(declared: CRS | None, spec: LayerSpec, findings: Findings) -> CRS:
    try:
        told = None if spec.crs is None else CRS.from_user_input(spec.crs)
    except CRSError as error:
        raise findings.stop("crs in region.toml is no known CRS", value=spec.crs) from error
    if declared is None and told is None:
        raise findings.stop("has no CRS; give crs (for example EPSG:4490) in region.toml, it is not guessed")
    if told is None:
        return CRS.from_user_input(declared)
    if declared is not None and not told.equals(declared, ignore_axis_order=True):
        rule = f"the file declares {_named(declared)}; read as {_named(told)}, as region.toml says"
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


def _check_extent(bounds: NDArray[np.float64], crs: CRS, gone: NDArray[np.bool_], findings: Findings) -> None:
    """Hold the coordinates against what the CRS can hold; stop where most of them do not fit."""
    there = np.isfinite(bounds).all(axis=1)
    if not there.any():
        return
    x, y = np.abs(bounds[:, ::2]).max(axis=1), np.abs(bounds[:, 1::2]).max(axis=1)
    bad = there & (((x > 180) | (y > 90)) if crs.is_geographic else ((x <= 180) & (y <= 180)))  # noqa: PLR2004
    if bad.sum() > HALF * there.sum():
        box = (*bounds[bad, :2].min(axis=0), *bounds[bad, 2:].max(axis=0))
        raise findings.stop(str(extent_problem(crs, box)), column="geometry", value=_named(crs))
    reasons = np.full(len(bounds), None, dtype=object)
    reasons[bad] = [extent_problem(crs, tuple(box)) for box in bounds[bad]]
    findings.reject(bad, "geometry", None, reasons)
    gone |= bad


def _converted(as_read: Move, crs: CRS, datum: str, findings: Findings) -> Move:
    if not crs.is_geographic:
        raise findings.stop("only coordinates in degrees can be converted", column="convert", value=datum)
    inverse = TO_WGS84[datum]
    findings.note(f"coordinates converted from {datum} to WGS-84, as region.toml says", severity="warning")

    def move(where: slice, shapes: Geometries) -> Geometries:
        moved: Geometries = shapely.transform(
            as_read(where, shapes), lambda xy: np.column_stack(inverse(xy[:, 0], xy[:, 1]))
        )
        return moved

    return move


def _check_place(
    centre: NDArray[np.float64], crs: CRS, metric: CRS, gone: NDArray[np.bool_], findings: Findings
) -> None:
    """Hold the positions against the area that the metric CRS is made for."""
    area = metric.area_of_use
    if area is None:
        return
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
    values = np.full(len(centre), None, dtype=object)
    values[out] = [f"{x:.4f}, {y:.4f}" for x, y in zip(lon[out], lat[out], strict=True)]
    findings.reject(out, "geometry", values, f"lies {place}")
    gone |= out


def _hint(swapped: NDArray[np.bool_], centre: NDArray[np.float64], out: NDArray[np.bool_]) -> str:
    if swapped[out].all():
        return '; the order looks like latitude, longitude: give axis = "yx"'
    if (centre[out, 0] > ZONE_EASTING_M).all():
        return "; eastings carry a zone number in front: declare the CRS with the zone (such as EPSG:4524)"
    return "; is the CRS right?"


def _mend(shapes: Shapes, to_crs: Move, schema: Schema, findings: Findings) -> Shapes:
    missing, flattened = np.zeros((2, len(shapes)), dtype=bool)
    refused, repaired = np.full((2, len(shapes)), None, dtype=object)
    area_change = np.zeros(len(shapes))

    def mend(where: slice, batch: Geometries) -> Geometries:
        found = repair(to_crs(where, batch), schema.geometry)
        missing[where], flattened[where] = found.missing, found.flattened
        refused[where], repaired[where] = found.refused, found.repaired
        area_change[where] = found.area_change
        return found.geometry

    mended = shapes.mapped(mend)
    fine = ~findings.rejected
    if schema.place_required:
        findings.reject(missing & fine, "geometry", None, "has no geometry")
    else:
        findings.rows(missing & fine, "geometry", None, "has no position; it stays unknown", "info")
    findings.reject(refused != None, "geometry", None, refused)  # noqa: E711 - elementwise
    changed = repaired != None  # noqa: E711 - elementwise
    reasons = np.full(len(shapes), None, dtype=object)
    reasons[changed] = [
        f"was not valid ({why}); repaired, area changed by {change:+.2f} m2"
        for why, change in zip(repaired[changed], area_change[changed], strict=True)
    ]
    findings.rows(changed, "geometry", None, reasons)
    if flattened.any():
        findings.note(f"heights of vertices dropped in {flattened.sum()} shapes", column="geometry")
    return mended
