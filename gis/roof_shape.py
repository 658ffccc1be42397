"""The shape of roofs: flat, gabled or hipped over the smallest rectangle of a footprint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from jit import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

FLAT, GABLED, HIPPED = 0, 1, 2
SIDES = 4
"""Planes of a hipped roof; a gabled one has two, a flat one one."""


@dataclass(frozen=True)
class Roofs:
    """Shape of the roof over each footprint; arrays of one value per building."""

    height_m: Floats
    """Mean of eaves and ridge above the ground; NaN: unknown, the building is left out."""
    form: NDArray[np.uint8]
    """FLAT, GABLED or HIPPED."""
    slope: Floats
    """Tangent of the roof's tilt; 0 for flat roofs."""
    box: Floats
    """Smallest rectangle: centre x, y, unit vector along the ridge x, y, half length, half width."""

    @classmethod
    def flat(cls, height_m: Floats) -> Roofs:
        """Return flat roofs."""
        count = height_m.size
        return cls(height_m, np.zeros(count, np.uint8), np.zeros(count), np.zeros((count, 6)))


def boxes_of(polygons: NDArray[np.object_]) -> Floats:
    """Return the smallest rectangle of each polygon as `Roofs.box` wants it."""
    corners = shapely.get_coordinates(shapely.normalize(shapely.oriented_envelope(polygons)))
    if corners.shape[0] != 5 * len(polygons):
        raise ValueError("a footprint has no area")
    corners = corners.reshape(-1, 5, 2)
    first, second = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 1]
    lengths = np.stack([np.hypot(*first.T), np.hypot(*second.T)], axis=1)
    longer = np.where((lengths[:, :1] >= lengths[:, 1:]), first, second)
    along = longer / np.maximum(np.hypot(*longer.T), 1e-9)[:, None]
    centre = 0.5 * (corners[:, 0] + corners[:, 2])
    return np.column_stack([centre, along, lengths.max(axis=1) / 2, lengths.min(axis=1) / 2])


@njit(cache=True, nogil=True)
def roof_at(  # noqa: PLR0917 - a kernel
    x: float, y: float, eave: float, form: int, slope: float, box: Floats
) -> tuple[float, int]:
    """Return the height of a roof above sea level at a point, and the side it belongs to.

    Sides: 0 and 1 look away from the ridge to its left and right (seen along the ridge), 2 and 3 are the hips
    at its start and end. A flat roof is side 0.
    """
    if form == FLAT:
        return eave, 0
    dx, dy = x - box[0], y - box[1]
    along = dx * box[2] + dy * box[3]
    left = dy * box[2] - dx * box[3]
    inward = box[5] - abs(left)
    side = 0 if left >= 0.0 else 1
    if form == HIPPED:
        end = box[4] - abs(along)
        if end < inward:
            inward = end
            side = 2 if along < 0.0 else 3
    return eave + slope * max(inward, 0.0), side
