"""The module plane of every building: its tilt and azimuth, and which pixels of the roof carry it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis.north import convergence_deg
from gis.roof_shape import FLAT, GABLED, HIPPED, SIDES, Roofs, boxes_of
from potential.solar.irradiation import normals

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from gis.roof_pixels import RoofPixels

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

FORMS = {"flat": FLAT, "unknown": FLAT, "metal": GABLED, "gabled": GABLED, "hipped": HIPPED}
SLOPES_DEG = {"flat": 0.0, "unknown": 0.0, "metal": 5.0, "gabled": 25.0, "hipped": 25.0}
"""Tilt of a roof by its form, where its own is not known."""
TILT_STEP_DEG, AZIMUTH_STEP_DEG = 2.5, 5.0
"""Planes are sorted into kinds of this width for shading; yield uses their own angles."""


@dataclass(frozen=True)
class ModulePlanes:
    """One module plane per building; arrays in the order of the footprints."""

    polygons: NDArray[np.object_]
    height_m: Floats
    form: NDArray[np.uint8]
    slope: Floats
    box: Floats
    tilt_deg: Floats
    azimuth_deg: Floats
    """On the grid: the azimuth that the map shows."""

    @cached_property
    def centres(self) -> Floats:
        """Middle of each footprint's bounds, shape (n, 2)."""
        bounds = self.bounds
        return np.column_stack([bounds[:, 0] + bounds[:, 2], bounds[:, 1] + bounds[:, 3]]) / 2

    @cached_property
    def bounds(self) -> Floats:
        """Bounds of each footprint."""
        return np.asarray(shapely.bounds(self.polygons))

    @cached_property
    def _kinds(self) -> tuple[Floats, Ints]:
        steps = np.array([TILT_STEP_DEG, AZIMUTH_STEP_DEG])
        angles = np.round(np.column_stack([self.tilt_deg, np.mod(self.azimuth_deg, 360)]) / steps) * steps
        angles[:, 1] = np.where(angles[:, 0] == 0, 0.0, np.mod(angles[:, 1], 360))
        kinds, index = np.unique(angles, axis=0, return_inverse=True)
        return kinds, index.ravel()

    @property
    def kind(self) -> Ints:
        """Kind of each plane."""
        return self._kinds[1]

    @property
    def kind_normals(self) -> Floats:
        """Normal of each kind."""
        kinds = self._kinds[0]
        return normals(kinds[:, 0], kinds[:, 1])

    def centred_in(self, bounds: tuple[float, float, float, float]) -> NDArray[np.bool_]:
        """Say which footprints have their centre in [west, east) x (south, north]."""
        x, y = self.centres.T
        return (x >= bounds[0]) & (x < bounds[2]) & (y > bounds[1]) & (y <= bounds[3])

    def touching(self, bounds: tuple[float, float, float, float]) -> Ints:
        """Return the rows of footprints whose bounds meet the given ones."""
        low, high = self.bounds[:, :2], self.bounds[:, 2:]
        meets = (low <= np.array(bounds[2:])).all(axis=1) & (high >= np.array(bounds[:2])).all(axis=1)
        return np.flatnonzero(meets)

    def roofs(self, rows: Ints) -> Roofs:
        """Return the roofs of some buildings."""
        return Roofs(self.height_m[rows], self.form[rows], self.slope[rows], self.box[rows])

    def pixel_ranges(self, pixels: RoofPixels, place: Ints, buildings: Ints) -> tuple[Ints, Ints]:
        """Return first and last pixel of each building's plane.

        Parameters
        ----------
        pixels
            Of a surface built from some of the buildings.
        place
            Where the wanted buildings stand among those.
        buildings
            Their rows in these planes.
        """
        side = self._side(buildings)
        whole = self.form[buildings] == FLAT
        first = pixels.starts[place * SIDES + np.where(whole, 0, side)]
        last = pixels.starts[place * SIDES + np.where(whole, SIDES, side + 1)]
        # a side without a pixel of its own takes the roof as a whole
        empty = first == last
        first = np.where(empty, pixels.starts[place * SIDES], first)
        return first, np.where(empty, pixels.starts[place * SIDES + SIDES], last)

    def _side(self, buildings: Ints) -> Ints:
        """Return the side of each roof that looks most nearly where the modules look."""
        along = self.box[buildings, 2:4]
        left = np.degrees(np.arctan2(-along[:, 1], along[:, 0]))
        ends = np.degrees(np.arctan2(along[:, 0], along[:, 1]))
        azimuths = np.column_stack([left, left + 180, ends + 180, ends])
        away = np.abs(np.mod(azimuths - self.azimuth_deg[buildings, None] + 180, 360) - 180)
        away[self.form[buildings] != HIPPED, 2:] = np.inf
        return np.asarray(away.argmin(axis=1), np.int64)


def module_planes(footprints: gpd.GeoDataFrame) -> ModulePlanes:
    """Return the module planes of footprints; see `assessment.solar.shade_buildings` for the columns."""
    polygons = np.asarray(footprints.geometry.array, dtype=object)
    count = len(footprints)
    roof = footprints["roof_form"].fillna("unknown") if "roof_form" in footprints else None
    names = np.full(count, "flat") if roof is None else roof.to_numpy(str)
    slope_deg = np.array([SLOPES_DEG.get(name, 0.0) for name in names])

    def column(name: str, default: Floats) -> Floats:
        if name not in footprints:
            return default
        values = footprints[name].to_numpy(float, na_value=np.nan)
        return np.where(np.isfinite(values), values, default)

    azimuth_deg = np.full(count, 180.0)
    if "azimuth_deg" in footprints and count:
        bounds = shapely.bounds(polygons)
        middle = (bounds[:, :2] + bounds[:, 2:]) / 2
        turn_deg = convergence_deg(footprints.crs, middle[:, 0], middle[:, 1])
        azimuth_deg = column("azimuth_deg", azimuth_deg + turn_deg) - turn_deg
    return ModulePlanes(
        polygons=polygons,
        height_m=footprints["height_m"].to_numpy(float, na_value=np.nan),
        form=np.array([FORMS.get(name, FLAT) for name in names], np.uint8),
        slope=np.tan(np.radians(slope_deg)),
        box=boxes_of(polygons),
        tilt_deg=column("tilt_deg", slope_deg),
        azimuth_deg=azimuth_deg,
    )
