"""Modules on one site as rectangles: rows along the module azimuth, as many as the outline holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from shapely import affinity

from faults import Fault, InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

GAP_M = 0.02
"""Between modules of a row, and between rows that lie flush."""
VERTICAL_DEG = 80.0
"""From this tilt on a plan view shows nothing: facades have no layout."""


@dataclass(frozen=True)
class Layout:
    """Modules of one site, in the CRS of the site."""

    modules: NDArray[np.object_]
    """Plan views of the modules (polygons), row by row."""
    row: NDArray[np.int64]
    """Number of the row of each module, from 1."""
    planned: NDArray[np.bool_]
    """Whether the module belongs to the site's central capacity; the others would also fit the outline."""
    module_kwp: float

    @property
    def kwp_planned(self) -> float:
        """Capacity of the planned modules, kWp."""
        return float(np.count_nonzero(self.planned) * self.module_kwp)

    @property
    def kwp_fitting(self) -> float:
        """Capacity of all modules that fit, kWp."""
        return len(self.modules) * self.module_kwp


def lay_modules(
    outline: shapely.Geometry,
    *,
    tilt_deg: float,
    azimuth_deg: float,
    length_m: float,
    width_m: float,
    module_kwp: float,
    ground_cover_ratio: float,
    setback_m: float,
    kwp: float,
) -> Layout:
    """Lay modules in rows on an outline (metres).

    Modules stand upright in their rows, which run across the azimuth; in plan a module is `width_m` by
    `length_m` cos(tilt), rows repeat every `length_m` / `ground_cover_ratio` (flush where the ratio is 0).
    Only modules wholly inside the outline less `setback_m` count. The densest rows are planned first, until
    they carry `kwp`.

    Raises
    ------
    InputError
        The modules are vertical, or the outline is no polygon.

    Examples
    --------
    >>> roof = shapely.box(0, 0, 12, 10)
    >>> laid = lay_modules(roof, tilt_deg=0, azimuth_deg=180, length_m=2.0, width_m=1.0, module_kwp=0.5,
    ...                    ground_cover_ratio=0.0, setback_m=0.0, kwp=10.0)
    >>> len(laid.modules), laid.kwp_planned
    (44, 10.0)
    """
    if tilt_deg > VERTICAL_DEG:
        raise InputError([Fault("layout", None, "tilt_deg", f"{tilt_deg:g}", "is vertical: no plan view")])
    if outline.geom_type not in ("Polygon", "MultiPolygon"):
        raise InputError([Fault("layout", None, "geometry", outline.geom_type, "must be a polygon")])
    centre = outline.centroid
    turned = affinity.rotate(outline, azimuth_deg - 180.0, origin=centre)
    inside = turned.buffer(-setback_m, join_style="mitre") if setback_m else turned
    depth_m = length_m * float(np.cos(np.radians(tilt_deg)))
    pitch_m = max(length_m / ground_cover_ratio if ground_cover_ratio > 0 else 0.0, depth_m + GAP_M)
    corners, row = _grid(inside, depth_m=depth_m, width_m=width_m, pitch_m=pitch_m)
    held = _held(inside, corners)
    boxes = _turned_back(corners[held], centre, azimuth_deg - 180.0)
    row = _numbered(row[held])
    wanted = int(np.floor(kwp / module_kwp + 1e-9))
    return Layout(boxes, row, _densest_rows(row, wanted), module_kwp)


def _grid(
    shape: shapely.Geometry, *, depth_m: float, width_m: float, pitch_m: float
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return west, south, east, north of all places in the bounds, and the row of each."""
    if shape.is_empty:
        return np.zeros((0, 4)), np.zeros(0, dtype=np.int64)
    west, south, east, north = shape.bounds
    x = np.arange(west, east - width_m + 1e-9, width_m + GAP_M)
    y = np.arange(south, north - depth_m + 1e-9, pitch_m)
    left, bottom = (axis.ravel() for axis in np.meshgrid(x, y))
    row = np.repeat(np.arange(len(y)), len(x))
    return np.column_stack([left, bottom, left + width_m, bottom + depth_m]), row


def _held(shape: shapely.Geometry, corners: NDArray[np.float64]) -> NDArray[np.bool_]:
    shapely.prepare(shape)
    held: NDArray[np.bool_] = shapely.covers(shape, shapely.box(*corners.T))
    return held


def _turned_back(corners: NDArray[np.float64], centre: Any, angle_deg: float) -> NDArray[np.object_]:  # noqa: ANN401
    """Turn the boxes back around the centre (shapely turns counter-clockwise)."""
    west, south, east, north = corners.T
    rings = np.stack([[west, east, east, west, west], [south, south, north, north, south]], axis=-1)
    rings = rings.transpose(1, 0, 2) - (centre.x, centre.y)
    angle = np.radians(-angle_deg)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return np.asarray(shapely.polygons(rings @ turn + (centre.x, centre.y)))


def _numbered(row: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.unique(row, return_inverse=True)[1].astype(np.int64) + 1


def _densest_rows(row: NDArray[np.int64], wanted: int) -> NDArray[np.bool_]:
    """Mark `wanted` modules, longest rows first."""
    counts = np.bincount(row, minlength=1)
    order = np.lexsort((np.arange(len(row)), row, -counts[row]))
    planned = np.zeros(len(row), dtype=bool)
    planned[order[:wanted]] = True
    return planned
