"""How far one layer lies beside another that shows the same things: a vector, and how sure it is.

Edges of both layers are counted on one raster; broad differences in density are taken off, and the
peak of the cross-correlation (by FFT) is the offset. Neither layer needs to be complete.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy import fft, ndimage

if TYPE_CHECKING:
    from numpy.typing import NDArray

CELL_M = 8.0
SEARCH_M = 1600.0
"""Offsets are looked for up to this far; BD-09 lies about 1.3 km off."""
WINDOW_M = 6000.0
"""Side of the square that is compared, where both layers are dense."""
BLUR_M = 120.0
"""Density that changes more slowly than this is no evidence of an offset."""
PEAK_M = 60.0
"""What lies within this distance of the peak belongs to it."""
MIN_POINTS = 50
BIN_M = 1000.0
"""Side of the squares in which shapes are counted to find the densest place."""


@dataclass(frozen=True)
class Offset:
    """How far a layer lies from a reference."""

    east_m: float
    north_m: float
    confidence: float
    """1 minus the next best peak over the peak, 0 to 1: how unique the offset is."""
    match: float
    """Height of the peak as correlation coefficient: how much of the two is the same."""

    @property
    def distance_m(self) -> float:
        """Length of the offset."""
        return float(np.hypot(self.east_m, self.north_m))


def measure_offset(layer: NDArray[np.object_], reference: NDArray[np.object_]) -> Offset | None:
    """Measure how far a layer lies from a reference.

    Parameters
    ----------
    layer, reference
        Shapes in metres in one CRS, shapes (n,) and (m,); both show the same things, each perhaps
        only some of them.

    Returns
    -------
    The offset of the layer, or None where the two have too little in one place to compare.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x, y = rng.uniform(0, 3000, (2, 300))
    >>> here = shapely.box(x, y, x + rng.uniform(10, 40, 300), y + rng.uniform(10, 40, 300))
    >>> found = measure_offset(shapely.transform(here, lambda xy: xy + [428, -163]), here)
    >>> print(f"{found.east_m:.0f} {found.north_m:.0f}")
    428 -163
    """
    centre = _densest(layer, reference)
    if centre is None:
        return None
    near = shapely.box(*(centre - WINDOW_M / 2), *(centre + WINDOW_M / 2))
    around = shapely.buffer(near, SEARCH_M, join_style="mitre")
    ours, theirs = _edge_points(layer, near), _edge_points(reference, around)
    if min(len(ours), len(theirs)) < MIN_POINTS:
        return None
    origin = centre - WINDOW_M / 2 - SEARCH_M
    size = int((WINDOW_M + 2 * SEARCH_M) / CELL_M)
    return _peak(_raster(ours, origin, size), _raster(theirs, origin, size))


def _densest(layer: NDArray[np.object_], reference: NDArray[np.object_]) -> NDArray[np.float64] | None:
    """Return the centre of the square kilometre where both layers have most, blurred by the search."""
    bounds = np.array([shapely.total_bounds(layer), shapely.total_bounds(reference)])
    low, high = bounds[:, :2].max(axis=0) - SEARCH_M, bounds[:, 2:].min(axis=0) + SEARCH_M
    if not np.isfinite(bounds).all() or (high <= low).any():
        return None
    bins = (np.arange(low[0], high[0] + BIN_M, BIN_M), np.arange(low[1], high[1] + BIN_M, BIN_M))
    both = np.ones((len(bins[0]) - 1, len(bins[1]) - 1))
    for shapes in (layer, reference):
        x, y = _centres(shapes).T
        count: NDArray[np.float64] = np.histogram2d(x, y, bins=bins)[0]
        both *= ndimage.uniform_filter(count, round(WINDOW_M / BIN_M), mode="constant")
    best = np.unravel_index(np.argmax(both), both.shape)
    return np.array([bins[axis][best[axis]] + BIN_M / 2 for axis in (0, 1)])


def _centres(shapes: NDArray[np.object_]) -> NDArray[np.float64]:
    centres = shapely.bounds(shapes).reshape(-1, 2, 2).mean(axis=1)
    return centres[np.isfinite(centres).all(axis=1)]


def _edge_points(shapes: NDArray[np.object_], window: shapely.Geometry) -> NDArray[np.float64]:
    near = shapes[shapely.intersects(shapes, window)]
    return shapely.get_coordinates(shapely.segmentize(near, CELL_M / 2))


def _raster(points: NDArray[np.float64], origin: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    cells = np.floor((points - origin) / CELL_M).astype(int)
    cells = cells[((cells >= 0) & (cells < size)).all(axis=1)]
    raster = np.zeros((size, size))
    raster[cells[:, 1], cells[:, 0]] = 1.0
    return raster - ndimage.uniform_filter(raster, round(BLUR_M / CELL_M), mode="constant")


def _peak(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> Offset:
    size = fft.next_fast_len(ours.shape[0])
    product = fft.rfft2(ours, (size, size)) * np.conj(fft.rfft2(theirs, (size, size)))
    reach = int(SEARCH_M / CELL_M)
    around = np.roll(fft.irfft2(product, (size, size)), (reach, reach), axis=(0, 1))
    surface = ndimage.gaussian_filter(around[: 2 * reach + 1, : 2 * reach + 1], 1.0)
    row, column = np.unravel_index(np.argmax(surface), surface.shape)
    rows, columns = np.indices(surface.shape)
    beside = np.hypot(rows - row, columns - column) * CELL_M > PEAK_M
    top = surface[row, column]
    confidence = 0.0 if top <= 0 else float(np.clip(1 - surface[beside].max() / top, 0, 1))
    north, east = (_fine(surface, row, column) - reach) * CELL_M
    match = float(top / np.sqrt((ours**2).sum() * (theirs**2).sum()))
    return Offset(float(east), float(north), confidence, match)


def _fine(surface: NDArray[np.float64], row: np.intp, column: np.intp) -> NDArray[np.float64]:
    """Place the peak between the cells by a parabola through its neighbours, axis by axis."""
    place = np.array([row, column], dtype=float)
    for axis, step in enumerate(((1, 0), (0, 1))):
        if not 0 < (row, column)[axis] < surface.shape[axis] - 1:
            continue
        before, after = surface[row - step[0], column - step[1]], surface[row + step[0], column + step[1]]
        bend = before - 2 * surface[row, column] + after
        place[axis] += 0.0 if bend == 0 else 0.5 * (before - after) / bend
    return place
