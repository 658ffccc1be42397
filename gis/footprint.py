"""Which way a footprint faces: its main axis and the walls that look to a direction."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

_RECTANGLE_POINTS = 5


def facing_azimuth_deg(footprints: NDArray[np.object_]) -> NDArray[np.float64]:
    """Return the azimuth nearest to south that is square to a side of each footprint.

    The sides are those of the smallest rectangle around the footprint, so the result lies within
    45 degrees of south: (135, 225].

    Parameters
    ----------
    footprints
        Polygons in metres, shape (n,).

    Returns
    -------
    Azimuth in degrees, 0 = north, clockwise, shape (n,); 180 where a footprint has no extent.

    Examples
    --------
    >>> facing_azimuth_deg(np.array([shapely.box(0, 0, 20, 10)]))
    array([180.])
    >>> turned = shapely.affinity.rotate(shapely.box(0, 0, 20, 10), -30)
    >>> facing_azimuth_deg(np.array([turned])).round(6)
    array([210.])
    """
    azimuth_deg = np.full(len(footprints), 180.0)
    boxes = shapely.oriented_envelope(footprints)
    whole = shapely.get_type_id(boxes) == shapely.GeometryType.POLYGON
    whole &= shapely.get_num_coordinates(boxes) == _RECTANGLE_POINTS
    if whole.any():
        corners = shapely.get_coordinates(boxes[whole]).reshape(-1, _RECTANGLE_POINTS, 2)
        side = corners[:, 1] - corners[:, 0]
        along_deg = np.degrees(np.arctan2(side[:, 0], side[:, 1]))
        azimuth_deg[whole] = 180.0 + (along_deg + 45.0) % 90.0 - 45.0
    azimuth_deg[np.isclose(azimuth_deg, 135.0)] = 225.0
    return azimuth_deg


def longer_side_azimuth_deg(footprints: NDArray[np.object_]) -> NDArray[np.float64]:
    """Return the azimuth of the longer side of each footprint's smallest rectangle, in [0, 180).

    Examples
    --------
    >>> longer_side_azimuth_deg(np.array([shapely.box(0, 0, 20, 10), shapely.box(0, 0, 10, 20)]))
    array([90.,  0.])
    """
    azimuth_deg = np.zeros(len(footprints))
    boxes = shapely.oriented_envelope(footprints)
    whole = shapely.get_type_id(boxes) == shapely.GeometryType.POLYGON
    whole &= shapely.get_num_coordinates(boxes) == _RECTANGLE_POINTS
    if whole.any():
        corners = shapely.get_coordinates(boxes[whole]).reshape(-1, _RECTANGLE_POINTS, 2)
        sides = np.diff(corners[:, :3], axis=1)
        longer = np.hypot(sides[:, 1, 0], sides[:, 1, 1]) > np.hypot(sides[:, 0, 0], sides[:, 0, 1])
        side = sides[np.arange(len(sides)), longer.astype(int)]
        azimuth_deg[whole] = np.degrees(np.arctan2(side[:, 0], side[:, 1])) % 180.0
    azimuth_deg[np.isclose(azimuth_deg, 180.0)] = 0.0
    return azimuth_deg


def facing_wall_length_m(
    footprints: NDArray[np.object_], *, azimuth_deg: float, within_deg: float
) -> NDArray[np.float64]:
    """Return how many metres of outer wall of each footprint look towards a direction.

    Parameters
    ----------
    footprints
        Polygons or multipolygons in metres, shape (n,).
    azimuth_deg
        Direction looked at, 0 = north, clockwise.
    within_deg
        A wall counts when its outward normal is within this angle of the direction.

    Examples
    --------
    >>> facing_wall_length_m(np.array([shapely.box(0, 0, 20, 10)]), azimuth_deg=180, within_deg=45)
    array([20.])
    """
    parts, owner = shapely.get_parts(footprints, return_index=True)
    rings = shapely.get_exterior_ring(shapely.orient_polygons(parts))
    points, ring = shapely.get_coordinates(rings, return_index=True)
    side = points[1:] - points[:-1]
    same = ring[1:] == ring[:-1]
    # Counter-clockwise rings keep the inside on the left, so the outward normal is on the right.
    normal_deg = np.degrees(np.arctan2(side[:, 1], -side[:, 0]))
    off_deg = np.abs((normal_deg - azimuth_deg + 180.0) % 360.0 - 180.0)
    counts = same & (off_deg <= within_deg)
    length_m = np.where(counts, np.hypot(side[:, 0], side[:, 1]), 0.0)
    total_m = np.bincount(owner[ring[:-1]], weights=length_m, minlength=len(footprints))
    return total_m.astype(np.float64)
