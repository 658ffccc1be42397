"""The horizon of far terrain: long rays over a coarse surface, with curvature and refraction."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jit import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gis.grid import Grid

    Floats = NDArray[np.float64]

EARTH_RADIUS_M = 6_371_000.0
REFRACTION = 0.13
"""Share of the curvature that standard refraction takes back (surveyors' coefficient)."""
STEP_GROWTH = 0.02
"""A ray's step grows by this share of its distance: detail matters less the further it is."""


def curvature_drop_m(distance_m: Floats | float, *, refraction: float = REFRACTION) -> Floats | float:
    """Return by how much a far point lies lower as seen: (1 - k) d^2 / 2 R.

    Examples
    --------
    >>> round(curvature_drop_m(10_000.0), 2)
    6.83
    """
    return (1 - refraction) * distance_m**2 / (2 * EARTH_RADIUS_M)


@njit(cache=True, nogil=True)
def _ray(terrain: Floats, place: Floats, eye: Floats, azimuth: float, rule: Floats) -> float:
    """Return the tangent of the highest point on one ray; rule holds start, curvature and step growth."""
    rows, columns = terrain.shape
    east, north = np.sin(azimuth) / place[2], np.cos(azimuth) / place[2]
    column_0, row_0 = (eye[0] - place[0]) / place[2] - 0.5, (place[1] - eye[1]) / place[2] - 0.5
    best, distance = -np.inf, rule[0]
    while True:
        column, row = column_0 + distance * east, row_0 - distance * north
        if column < 0 or row < 0 or column > columns - 1 or row > rows - 1:
            return best
        j, i = min(int(column), columns - 2), min(int(row), rows - 2)
        u, v = column - j, row - i
        top = terrain[i, j] * (1 - u) + terrain[i, j + 1] * u
        height = top * (1 - v) + (terrain[i + 1, j] * (1 - u) + terrain[i + 1, j + 1] * u) * v
        best = max(best, (height - rule[1] * distance * distance - eye[2]) / distance)
        distance += max(0.5 * place[2], rule[2] * distance)


@njit(cache=True, nogil=True)
def _rays(terrain: Floats, place: Floats, eyes: Floats, azimuths: Floats, rule: Floats, out: Floats) -> None:  # noqa: PLR0917
    for point in range(eyes.shape[0]):
        for direction in range(azimuths.size):
            out[point, direction] = _ray(terrain, place, eyes[point], azimuths[direction], rule)


def far_horizon_tangent(
    terrain_m: Floats,
    grid: Grid,
    points: Floats,
    eye_m: Floats,
    *,
    azimuths_deg: Floats,
    beyond_m: float,
    refraction: float = REFRACTION,
) -> Floats:
    """Return the tangent of the horizon that terrain further than a distance makes, -inf where there is none.

    Parameters
    ----------
    terrain_m, grid
        Heights above sea level on a grid of at least 2 x 2 pixels.
    points, eye_m
        Where one looks from, shape (n, 2), and how high, metres above sea level.
    azimuths_deg
        Directions, 0 = north, clockwise.
    beyond_m
        Terrain nearer than this is left to finer methods.
    refraction
        Share of curvature taken back; 0 for none.

    Returns
    -------
    Shape (points, directions).
    """
    if min(grid.shape) < 2:  # noqa: PLR2004 - bilinear needs four corners
        raise ValueError(f"terrain needs at least 2 x 2 pixels, got {grid.shape}")
    out = np.empty((points.shape[0], azimuths_deg.size))
    place = np.array([grid.west, grid.north, grid.resolution_m])
    rule = np.array([max(beyond_m, grid.resolution_m), (1 - refraction) / (2 * EARTH_RADIUS_M), STEP_GROWTH])
    eyes = np.column_stack([points, eye_m]).astype(np.float64)
    terrain = np.ascontiguousarray(terrain_m, np.float64)
    _rays(terrain, place, eyes, np.radians(azimuths_deg), rule, out)
    return out
