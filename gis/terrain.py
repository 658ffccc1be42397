"""Slope and aspect of a height raster, by Horn's third-order differences.

References
----------
Horn, B. K. P. (1981), Hill shading and the reflectance map, Proc. IEEE 69(1), 14-47,
https://doi.org/10.1109/PROC.1981.11918, section "Estimating the gradient".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.floating]

FLAT_DEG = 0.05
"""Below this slope a cell faces nowhere (deg): its aspect is unknown."""


def slope_deg(heights_m: Floats, resolution_m: float) -> Floats:
    """Return the slope from 0 (level) to 90 (deg); unknown where a neighbour's height is unknown.

    `tan(slope) = sqrt(p^2 + q^2)` with Horn's gradients p (east) and q (north). The outermost cells use their
    edge value as the missing neighbour.

    Examples
    --------
    >>> ramp = np.tile(np.arange(5.0), (4, 1))
    >>> slope_deg(ramp, 1.0)[1, 1:4].round(3).tolist()
    [45.0, 45.0, 45.0]
    """
    east, north = gradient(heights_m, resolution_m)
    return np.degrees(np.arctan(np.hypot(east, north)))


def aspect_deg(heights_m: Floats, resolution_m: float) -> Floats:
    """Return the direction of steepest descent, clockwise from north (deg); NaN where it is level.

    Examples
    --------
    >>> ramp = np.tile(np.arange(5.0), (4, 1))
    >>> float(aspect_deg(ramp, 1.0)[1, 2]), float(aspect_deg(ramp.T, 1.0)[2, 1])
    (270.0, 0.0)
    """
    east, north = gradient(heights_m, resolution_m)
    aspect = np.degrees(np.arctan2(-east, -north)) % 360
    level = np.degrees(np.arctan(np.hypot(east, north))) < FLAT_DEG
    return np.where(level, np.nan, aspect)


def gradient(heights_m: Floats, resolution_m: float) -> tuple[Floats, Floats]:
    """Return the rise to the east and to the north (m/m); rows go south."""
    if min(heights_m.shape) < 2:  # noqa: PLR2004 - a difference takes two cells
        raise ValueError(f"a height raster of {heights_m.shape} cells has no slope")
    z = np.pad(heights_m, 1, mode="edge")
    west, east = _weighted(z[:, :-2], axis=0), _weighted(z[:, 2:], axis=0)
    north, south = _weighted(z[:-2], axis=1), _weighted(z[2:], axis=1)
    # At the border one neighbour is the cell itself, so the step is half as long.
    step = np.full(heights_m.shape[1], 2.0)
    step[[0, -1]] = 1.0
    down = np.full((heights_m.shape[0], 1), 2.0)
    down[[0, -1]] = 1.0
    return (east - west) / (step * resolution_m), (north - south) / (down * resolution_m)


def _weighted(z: Floats, *, axis: int) -> Floats:
    """Return the mean of three neighbours, the middle one counting twice."""
    first, middle, last = (np.take(z, range(k, z.shape[axis] - 2 + k), axis=axis) for k in range(3))
    return (first + 2 * middle + last) / 4
