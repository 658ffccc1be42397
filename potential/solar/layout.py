"""Module rectangles packed into a plane: rows aligned with the array, the best of portrait and landscape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from jit import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from potential.solar.density import ModuleSize

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

TOUCH_M = 1e-9
"""Modules may touch an edge: coordinates are no more exact than this."""
OFFSETS = 24
"""Starts of the first row that are tried within one pitch."""


@dataclass(frozen=True)
class Layout:
    """Modules on one plane."""

    corners: Floats
    """Corners of each module seen from above, metres, shape (modules, 4, 2)."""
    row: Ints
    """Row of each module, counted from the one that lies furthest behind."""
    portrait: bool
    """True: the long side runs up the slope."""
    azimuth_deg: float
    tilt_deg: float
    kwp: float


def pack_modules(
    points: Floats,
    ring_starts: Ints,
    *,
    module: ModuleSize,
    azimuth_deg: float,
    tilt_deg: float,
    pitch_ratio: float | None = None,
    gap_m: float = 0.02,
) -> Layout:
    """Fill a polygon with as many modules as its rows hold.

    Rows run square to the azimuth. Within a row modules are laid edge to edge into every free stretch; the
    start of the first row is tried in 24 places, portrait and landscape, and the fullest layout is kept.

    Parameters
    ----------
    points, ring_starts
        Outline and holes seen from above, metres, each ring closed; edges already drawn in for set-backs.
    module
        Rectangle and power.
    azimuth_deg, tilt_deg
        Where the modules face, 0 = north, clockwise; and their tilt.
    pitch_ratio
        Row pitch over module length up the slope, from `density.row_pitch_ratio`; None: rows follow
        each other without a gap for shade, flush on the roof.
    gap_m
        Joint between modules.

    Raises
    ------
    ValueError
        The tilt is no tilt, or the pitch is shorter than a row is deep.
    """
    if not 0 <= tilt_deg < 90:  # noqa: PLR2004 - upright modules have no place seen from above
        raise ValueError(f"tilt_deg must lie in [0, 90), got {tilt_deg}")
    cosine = float(np.cos(np.radians(tilt_deg)))
    if pitch_ratio is not None and pitch_ratio < cosine - 1e-9:
        raise ValueError(f"pitch_ratio {pitch_ratio} is less than a row is deep ({cosine:.3f})")
    turned = _turned(points, azimuth_deg)
    layouts = []
    for portrait in (True, False):
        along, across = (module.length_m, module.width_m) if portrait else (module.width_m, module.length_m)
        depth = along * cosine
        pitch = depth + gap_m if pitch_ratio is None else max(along * pitch_ratio, depth + gap_m)
        layouts.append((_fullest(turned, ring_starts, across + gap_m, depth, pitch), across, depth, portrait))
    places, across, depth, portrait = max(layouts, key=lambda layout: len(layout[0]))
    return Layout(
        corners=_corners(places, across, depth, azimuth_deg),
        row=places[:, 2].astype(np.int64),
        portrait=portrait,
        azimuth_deg=azimuth_deg,
        tilt_deg=tilt_deg,
        kwp=len(places) * module.power_w / 1000,
    )


def _turned(points: Floats, azimuth_deg: float) -> Floats:
    """Return points with x along the rows (to the left of where they face) and y towards where they face."""
    facing = np.radians(azimuth_deg)
    x = points[:, 0] * np.cos(facing) - points[:, 1] * np.sin(facing)
    y = points[:, 0] * np.sin(facing) + points[:, 1] * np.cos(facing)
    return np.ascontiguousarray(np.stack([x, y], axis=1))


def _corners(places: Floats, across: float, depth: float, azimuth_deg: float) -> Floats:
    box = np.array([[0.0, 0.0], [across, 0.0], [across, depth], [0.0, depth]])
    corners = places[:, None, :2] + box
    facing = np.radians(azimuth_deg)
    x = corners[..., 0] * np.cos(facing) + corners[..., 1] * np.sin(facing)
    y = -corners[..., 0] * np.sin(facing) + corners[..., 1] * np.cos(facing)
    return np.stack([x, y], axis=2)


def _fullest(points: Floats, ring_starts: Ints, width: float, depth: float, pitch: float) -> Floats:
    best = np.zeros((0, 3))
    if points.size == 0:
        return best
    for offset in np.arange(OFFSETS) * pitch / OFFSETS:
        places = fill_rows(points, ring_starts, width, depth, pitch, offset)
        if len(places) > len(best):
            best = places
    return best


@njit(cache=True)
def _free_stretches(points: Floats, ring_starts: Ints, low: float, high: float, out: Floats) -> int:
    """Write the x-intervals whose whole band from low to high lies inside; return how many there are.

    Inside at the middle of the band, less the extent of every edge within it.
    """
    middle = 0.5 * (low + high)
    crossing, blocked = np.empty(points.shape[0]), np.empty((points.shape[0], 2))
    crossings, blocks = 0, 0
    for ring in range(ring_starts.size - 1):
        for point in range(ring_starts[ring], ring_starts[ring + 1] - 1):
            x0, y0, x1, y1 = points[point, 0], points[point, 1], points[point + 1, 0], points[point + 1, 1]
            if (y0 <= middle) != (y1 <= middle):
                crossing[crossings] = x0 + (middle - y0) / (y1 - y0) * (x1 - x0)
                crossings += 1
            if max(y0, y1) > low + TOUCH_M and min(y0, y1) < high - TOUCH_M:
                slope = (x1 - x0) / (y1 - y0) if y1 != y0 else 0.0
                first = x0 + (min(max(low, y0), high) - y0) * slope if y1 != y0 else x0
                last = x0 + (min(max(low, y1), high) - y0) * slope if y1 != y0 else x1
                blocked[blocks, 0], blocked[blocks, 1] = min(first, last), max(first, last)
                blocks += 1
    crossing = np.sort(crossing[:crossings])
    order = np.argsort(blocked[:blocks, 0])
    found = 0
    for pair in range(0, crossings - 1, 2):
        left = crossing[pair]
        for index in order:
            if blocked[index, 1] <= left or blocked[index, 0] >= crossing[pair + 1]:
                continue
            if blocked[index, 0] > left:
                out[found, 0], out[found, 1] = left, blocked[index, 0]
                found += 1
            left = max(left, blocked[index, 1])
        if crossing[pair + 1] > left:
            out[found, 0], out[found, 1] = left, crossing[pair + 1]
            found += 1
    return found


@njit(cache=True)
def fill_rows(  # noqa: PLR0917 - a kernel
    points: Floats, ring_starts: Ints, width: float, depth: float, pitch: float, offset: float
) -> Floats:
    """Return left, near side and row of every module of rows that start at an offset, shape (modules, 3)."""
    low, high = points[:, 1].min(), points[:, 1].max()
    left, right = points[:, 0].min(), points[:, 0].max()
    rows = int((high - low) / pitch) + 1
    out = np.empty((rows * (int((right - left) / width) + 1), 3))
    free = np.empty((2 * points.shape[0] + 2, 2))
    count = 0
    for row in range(rows):
        start = low + offset + row * pitch
        if start + depth > high + 1e-9:
            break
        for stretch in range(_free_stretches(points, ring_starts, start, start + depth, free)):
            for module in range(int((free[stretch, 1] - free[stretch, 0]) / width + 1e-9)):
                out[count, 0], out[count, 1], out[count, 2] = free[stretch, 0] + module * width, start, row
                count += 1
    return out[:count]
