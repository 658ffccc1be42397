"""Modules on one site as rectangles: as many as the outline holds, the site's own capacity among them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from faults import Fault, InputError
from potential.solar.layout import pack_modules

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from potential.solar.density import ModuleSize

VERTICAL_DEG = 80.0
"""From this tilt on a plan view shows nothing: facades have no layout."""
W_PER_KW = 1000.0


@dataclass(frozen=True)
class Layout:
    """Modules of one site, in the CRS of the site."""

    corners: NDArray[np.float64]
    """Corners of each module seen from above, row by row, shape (modules, 4, 2)."""
    row: NDArray[np.int64]
    """Number of the row of each module, from 1."""
    planned: NDArray[np.bool_]
    """Whether the module belongs to the site's central capacity; the others would also fit the outline."""
    module_kwp: float

    @property
    def modules(self) -> NDArray[np.object_]:
        """Plan views of the modules, as polygons."""
        return np.asarray(shapely.polygons(self.corners), dtype=object)

    @property
    def kwp_planned(self) -> float:
        """Capacity of the planned modules, kWp."""
        return float(np.count_nonzero(self.planned) * self.module_kwp)

    @property
    def kwp_fitting(self) -> float:
        """Capacity of all modules that fit, kWp."""
        return len(self.corners) * self.module_kwp


def lay_modules(
    outline: shapely.Geometry,
    *,
    tilt_deg: float,
    azimuth_deg: float,
    module: ModuleSize,
    ground_cover_ratio: float,
    setback_m: float,
    kwp: float,
) -> Layout:
    """Lay modules in rows on an outline (metres).

    The rows are those of `potential.solar.layout.pack_modules`: they run across the azimuth and repeat every
    module length / `ground_cover_ratio` (flush where the ratio is 0), upright or lying, whichever holds more.
    Only modules wholly inside the outline less `setback_m` count. The longest rows are planned first, until
    they carry `kwp`.

    Raises
    ------
    InputError
        The modules are vertical, or the outline is no polygon.

    Examples
    --------
    >>> from potential.solar.density import ModuleSize
    >>> roof, module = shapely.box(0, 0, 12.3, 10), ModuleSize(500.0, 2.0, 1.0)
    >>> laid = lay_modules(roof, tilt_deg=0, azimuth_deg=180, module=module, ground_cover_ratio=0.0,
    ...                    setback_m=0.0, kwp=10.0)
    >>> len(laid.corners), laid.kwp_planned
    (54, 10.0)
    """
    if tilt_deg > VERTICAL_DEG:
        raise InputError([Fault("layout", None, "tilt_deg", f"{tilt_deg:g}", "is vertical: no plan view")])
    if outline.geom_type not in ("Polygon", "MultiPolygon"):
        raise InputError([Fault("layout", None, "geometry", outline.geom_type, "must be a polygon")])
    inside = outline.buffer(-setback_m, join_style="mitre") if setback_m else outline
    pitch = max(1 / ground_cover_ratio, np.cos(np.radians(tilt_deg))) if ground_cover_ratio > 0 else None
    corners, rows = [np.zeros((0, 4, 2))], [np.zeros(0, dtype=np.int64)]
    for part in shapely.get_parts(inside):
        points, starts, origin = _rings(part)
        laid = pack_modules(
            points, starts, module=module, azimuth_deg=azimuth_deg, tilt_deg=tilt_deg, pitch_ratio=pitch
        )
        corners.append(laid.corners + origin)
        rows.append(_numbered(laid.row) + max(map(_last, rows)))
    row = np.concatenate(rows)
    module_kwp = module.power_w / W_PER_KW
    wanted = int(np.floor(kwp / module_kwp + 1e-9))
    return Layout(np.concatenate(corners), row, _longest_rows(row, wanted), module_kwp)


def _rings(part: Any) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:  # noqa: ANN401
    """Return points and ring starts of a polygon around an origin of its own, and that origin."""
    rings = [shapely.get_coordinates(ring) for ring in (part.exterior, *part.interiors) if not ring.is_empty]
    if not rings:
        return np.zeros((0, 2)), np.zeros(1, dtype=np.int64), np.zeros(2)
    origin = rings[0].mean(axis=0)
    starts = np.cumsum([0, *map(len, rings)])
    return np.concatenate(rings) - origin, starts, origin


def _numbered(row: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return row numbers from 1 without gaps."""
    return np.unique(row, return_inverse=True)[1].astype(np.int64) + 1


def _last(row: NDArray[np.int64]) -> int:
    return int(row.max(initial=0))


def _longest_rows(row: NDArray[np.int64], wanted: int) -> NDArray[np.bool_]:
    """Mark `wanted` modules, longest rows first."""
    counts = np.bincount(row, minlength=1)
    order = np.lexsort((np.arange(len(row)), row, -counts[row]))
    planned = np.zeros(len(row), dtype=bool)
    planned[order[:wanted]] = True
    return planned
