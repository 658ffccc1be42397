"""Roof planes out of measured heights: robust, with what stands on them found as obstacles.

Each pixel proposes the plane of its own neighbourhood; the plane that most pixels of one piece agree with is
taken, fitted to them by least squares, and the rest is asked again (sequential consensus after Fischler and
Bolles 1981, with local fits as proposals instead of random triples, as suits a grid).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Mask = NDArray[np.bool_]

NO_PLANE, OBSTACLE = -1, -2
PROPOSALS = 60
"""Pixels that are heard in each round, spread evenly over what is left."""
FITS = 3
"""Least-squares fits of a plane to those who agree with it."""
LEAST_PIXELS = 3
"""Fewer say nothing of a plane."""
LEVEL_DEG = 3.0
"""Flatter planes are taken as level: their direction is that of noise."""


@dataclass(frozen=True)
class RoofSegments:
    """Planes of one roof, largest first."""

    labels: Ints
    """Number of each pixel's plane; NO_PLANE outside the roof or where none fits, OBSTACLE where something
    stands on one."""
    tilt_deg: Floats
    azimuth_deg: Floats
    """Where water would run, 0 = north, clockwise; 180 for level planes."""
    area_m2: Floats
    """Area along the slope, without obstacles."""
    residual_m: Floats
    """Root mean square distance of a plane's pixels from it, up and down."""


def roof_segments(
    heights_m: Floats,
    roof: Mask,
    *,
    resolution_m: float,
    tolerance_m: float = 0.25,
    least_m2: float = 8.0,
) -> RoofSegments:
    """Split the measured heights of one roof into planes.

    Parameters
    ----------
    heights_m
        Heights around the roof; rows go south, columns east.
    roof
        Pixels of the roof.
    resolution_m
        Pixel size.
    tolerance_m
        How far a pixel may lie from its plane: about three times the noise of the heights.
    least_m2
        Smallest plane, seen from above.

    Raises
    ------
    ValueError
        Shapes differ, the tolerance is not positive, or a pixel of the roof has no height.
    """
    if heights_m.shape != roof.shape:
        raise ValueError(f"heights have shape {heights_m.shape}, the roof {roof.shape}")
    if not tolerance_m > 0:
        raise ValueError(f"tolerance_m must be positive, got {tolerance_m}")
    if not np.isfinite(heights_m[roof]).all():
        raise ValueError(f"{int((~np.isfinite(heights_m[roof])).sum())} pixels of the roof have no height")
    labels = np.full(roof.shape, NO_PLANE, np.int64)
    left = roof.copy()
    planes: list[Floats] = []
    least = max(round(least_m2 / resolution_m**2), LEAST_PIXELS)
    while left.sum() >= least:
        found = _largest(heights_m, left, tolerance_m)
        if found is None or found[1].sum() < least:
            break
        plane, agree = found
        labels[agree] = len(planes)
        planes.append(plane)
        left &= ~agree
    return _described(heights_m, roof, labels, np.array(planes).reshape(-1, 3), resolution_m, tolerance_m)


def _largest(heights_m: Floats, left: Mask, tolerance_m: float) -> tuple[Floats, Mask] | None:
    """Return the plane (a column + b row + c) that most pixels of one piece agree with, and these pixels."""
    best: tuple[Floats, Mask] | None = None
    rows, columns = np.nonzero(ndimage.binary_erosion(left, np.ones((3, 3), dtype=bool)))
    if not rows.size:
        return None
    for seed in np.unique(np.linspace(0, rows.size - 1, PROPOSALS).astype(int)):
        near = np.zeros_like(left)
        near[rows[seed] - 1 : rows[seed] + 2, columns[seed] - 1 : columns[seed] + 2] = True
        plane, agree = _fitted(heights_m, near), near
        for fit in range(FITS):
            # a neighbourhood of nine pixels tells the slope roughly: what is near counts first
            agree = _agreeing(heights_m, left, plane, tolerance_m, (rows[seed], columns[seed]), 4 * 3**fit)
            if agree.sum() < LEAST_PIXELS:
                break
            plane = _fitted(heights_m, agree)
        if best is None or agree.sum() > best[1].sum():
            best = plane, agree
    if best is None:
        return None
    whole = _piece(left & (np.abs(heights_m - _heights_of(best[0], left.shape)) <= tolerance_m), best[1])
    return _fitted(heights_m, whole), whole


def _agreeing(  # noqa: PLR0917 - heights, then the question
    heights_m: Floats,
    left: Mask,
    plane: Floats,
    tolerance_m: float,
    seed: tuple[np.int64, np.int64],
    reach: int,
) -> Mask:
    """Return the piece around a pixel that lies on a plane, up to some pixels away."""
    near = np.zeros_like(left)
    near[max(seed[0] - reach, 0) : seed[0] + reach + 1, max(seed[1] - reach, 0) : seed[1] + reach + 1] = True
    on = near & left & (np.abs(heights_m - _heights_of(plane, left.shape)) <= tolerance_m)
    start = np.zeros_like(left)
    start[seed] = True
    return _piece(on, start)


def _piece(on: Mask, start: Mask) -> Mask:
    """Return the connected pieces that hold most of a start."""
    numbered, count = ndimage.label(on)
    if count == 0:
        return on
    inside = np.bincount(numbered[start & on], minlength=count + 1)
    inside[0] = 0
    return np.asarray((numbered == inside.argmax()) & on) if inside.any() else np.zeros_like(on)


def _fitted(heights_m: Floats, pixels: Mask) -> Floats:
    rows, columns = np.nonzero(pixels)
    basis = np.column_stack([columns, rows, np.ones(rows.size)])
    return np.asarray(np.linalg.lstsq(basis, heights_m[pixels], rcond=None)[0], np.float64)


def _heights_of(plane: Floats, shape: tuple[int, ...]) -> Floats:
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    return np.asarray(plane[0] * columns + plane[1] * rows + plane[2], np.float64)


def _described(  # noqa: PLR0917 - what was found
    heights_m: Floats, roof: Mask, labels: Ints, planes: Floats, resolution_m: float, tolerance_m: float
) -> RoofSegments:
    size = np.bincount(labels[labels >= 0], minlength=len(planes))
    east, north = planes[:, 0] / resolution_m, -planes[:, 1] / resolution_m
    tilt = np.degrees(np.arctan(np.hypot(east, north)))
    azimuth = np.mod(np.degrees(np.arctan2(-east, -north)), 360.0)
    residual = [
        np.sqrt(np.mean((heights_m - _heights_of(plane, roof.shape))[labels == number] ** 2))
        for number, plane in enumerate(planes)
    ]
    return RoofSegments(
        labels=_with_obstacles(heights_m, roof, labels, planes, tolerance_m),
        tilt_deg=tilt,
        azimuth_deg=np.where(tilt < LEVEL_DEG, 180.0, azimuth),
        area_m2=size * resolution_m**2 / np.cos(np.radians(tilt)),
        residual_m=np.array(residual),
    )


def _with_obstacles(heights_m: Floats, roof: Mask, labels: Ints, planes: Floats, tolerance_m: float) -> Ints:
    """Mark what belongs to no plane but stands above the one next to it."""
    open_ = roof & (labels == NO_PLANE)
    if not len(planes) or not open_.any():
        return labels
    nearest = ndimage.distance_transform_edt(labels < 0, return_distances=False, return_indices=True)
    beside = labels[tuple(nearest)]
    rows, columns = np.nonzero(open_)
    own = planes[beside[open_]]
    under = own[:, 0] * columns + own[:, 1] * rows + own[:, 2]
    marked = labels.copy()
    marked[rows, columns] = np.where(heights_m[open_] - under > tolerance_m, OBSTACLE, NO_PLANE)
    return marked
