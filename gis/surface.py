"""A surface from terrain, footprints and heights, with the list of roof pixels of every building.

A pixel belongs to a footprint that holds its centre; a footprint too small to hold one gets the pixel its
first corner lies in, so none is lost. Where footprints overlap the higher roof is seen. Edges are therefore
off by at most half a pixel, without bias over many buildings. A gabled or hipped roof rises from its eaves to
a ridge along the longer side of its rectangle; the height given is the mean of eaves and ridge.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gis.ground import fill_terrain, flag_near, ground_at_corners
from gis.heights import FLAG, Heights, no_flags, quantum_for, transposed_near
from gis.roof_pixels import Scene, burn, list_pixels
from gis.roof_shape import FLAT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gis.grid import Grid
    from gis.rings import Rings
    from gis.roof_pixels import RoofPixels
    from gis.roof_shape import Roofs

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

_MARGIN_M = 1.0


@dataclass(frozen=True)
class Surface:
    """A surface and its roofs."""

    grid: Grid
    heights: Heights
    roofs: RoofPixels


def build_surface(
    grid: Grid, terrain_m: Floats, terrain_grid: Grid, rings: Rings, roofs: Roofs, *, whole: bool = False
) -> Surface:
    """Burn roofs into terrain.

    Parameters
    ----------
    grid
        Pixels of the surface.
    terrain_m, terrain_grid
        Ground heights on a coarser (or equal) grid of the same CRS; interpolated bilinearly.
    rings, roofs
        Buildings; one whose height is NaN is not burnt and has no pixels.
    whole
        True: fill in the ground everywhere, not only beside buildings.

    Returns
    -------
    Heights are set in the pieces of rows that hold a building and in those beside them; elsewhere the ground
    is plain, which a sweep passes over without looking.
    """
    known = np.isfinite(roofs.height_m)
    tallest = float(roofs.height_m[known].max(initial=0.0)) * 2 + _MARGIN_M
    base = float(np.min(terrain_m)) - _MARGIN_M
    quantum = quantum_for(float(np.max(terrain_m)) - base + tallest, grid.resolution_m)
    place = np.array([grid.west, grid.north, grid.resolution_m])
    terrain_place = np.array([terrain_grid.west, terrain_grid.north, terrain_grid.resolution_m])
    ground = np.ascontiguousarray(terrain_m, np.float64)
    near = no_flags(grid.shape)
    near[:] = whole
    flag_near(rings.points, rings.ring_starts[rings.polygon_starts], place, grid.columns, FLAG, near)
    rows = np.zeros(grid.shape, np.int16)
    fill_terrain(ground, terrain_place, np.array([*place, base, quantum, FLAG]), near, rows)
    scene = Scene(
        points=rings.points,
        ring_starts=rings.ring_starts,
        polygon_starts=rings.polygon_starts,
        eaves=_eaves(rings, roofs, ground, terrain_place),
        form=roofs.form,
        slope=roofs.slope,
        box=roofs.box,
        place=place,
        base=base,
        quantum=quantum,
        most=int(_points_of(rings).max(initial=0)) + 1,
    )
    burn(scene, rows)
    pixels = list_pixels(scene, rows)
    origin = (round(-grid.north / grid.resolution_m), round(grid.west / grid.resolution_m))
    heights = Heights(rows, transposed_near(rows, near), base, quantum, grid.resolution_m, origin)
    return Surface(grid, heights, pixels)


def _points_of(rings: Rings) -> Ints:
    """Return how many points the rings of each polygon have."""
    return np.diff(rings.ring_starts[rings.polygon_starts])


def _eaves(rings: Rings, roofs: Roofs, terrain_m: Floats, place: Floats) -> Floats:
    """Return the eaves above sea level: ground at the corners, plus height, less half the rise."""
    rise = np.where(roofs.form == FLAT, 0.0, roofs.slope * roofs.box[:, 5])
    ground = np.empty(roofs.height_m.size)
    ground_at_corners(rings.points, rings.ring_starts[rings.polygon_starts], terrain_m, place, ground)
    return ground + roofs.height_m - rise / 2
