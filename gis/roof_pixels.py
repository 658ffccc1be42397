"""Roofs burnt into a surface, and the pixels that see the sky from each side of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gis.rings import column_span, crossings, row_span
from gis.roof_shape import SIDES, roof_at
from jit import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Shorts = NDArray[np.int16]
    Pixels = NDArray[np.int32]


@dataclass(frozen=True)
class RoofPixels:
    """Pixels that see the sky from a roof, building by building and side by side."""

    row: NDArray[np.int32]
    column: NDArray[np.int32]
    starts: Ints
    """First pixel of each side of each building, shape (buildings x 4 + 1)."""


class Scene(NamedTuple):
    """Buildings and grid as the kernels take them."""

    points: Floats
    ring_starts: Ints
    polygon_starts: Ints
    eaves: Floats
    """Metres above sea level; NaN: leave the building out."""
    form: NDArray[np.uint8]
    slope: Floats
    box: Floats
    place: Floats
    """West, north, resolution."""
    base: float
    quantum: float
    most: int
    """Room for the crossings of one row with one building."""


@njit(cache=True, nogil=True)
def _stored(height_m: float, base: float, quantum: float) -> int:
    return int(np.floor((height_m - base) / quantum + 0.5))


@njit(cache=True, nogil=True)
def _pixel_of_corner(scene: Scene, building: int) -> tuple[int, int]:
    """Return row and column of the pixel that holds a building's first corner."""
    point = scene.points[scene.ring_starts[scene.polygon_starts[building]]]
    west, north, resolution = scene.place
    return int(np.floor((north - point[1]) / resolution)), int(np.floor((point[0] - west) / resolution))


@njit(cache=True, nogil=True)
def burn(scene: Scene, out: Shorts) -> None:
    """Raise the surface to the roofs."""
    points, ring_starts, polygon_starts, eaves, form, slope, box, place, base, quantum, most = scene
    x = np.empty(most)
    for building in range(eaves.size):
        if np.isnan(eaves[building]):
            continue
        first, last = polygon_starts[building], polygon_starts[building + 1]
        top, bottom = row_span(points, ring_starts[first], ring_starts[last], place, out.shape[0])
        hit = False
        for i in range(top, bottom):
            y = place[1] - (i + 0.5) * place[2]
            count = crossings(points, ring_starts, first, last, y, x)
            for pair in range(0, count - 1, 2):
                left, right = column_span(x[pair], x[pair + 1], place, out.shape[1])
                for j in range(left, right):
                    hit = True
                    centre = place[0] + (j + 0.5) * place[2]
                    height, _ = roof_at(
                        centre, y, eaves[building], form[building], slope[building], box[building]
                    )
                    out[i, j] = max(out[i, j], np.int16(_stored(height, base, quantum)))
        i, j = _pixel_of_corner(scene, building)
        if not hit and 0 <= i < out.shape[0] and 0 <= j < out.shape[1]:
            out[i, j] = max(out[i, j], np.int16(_stored(eaves[building], base, quantum)))


@njit(cache=True, nogil=True)
def _visit(  # noqa: PLR0917 - a kernel
    scene: Scene, surface: Shorts, building: int, x: Floats, row: Pixels, column: Pixels, side: Pixels
) -> int:
    """Write the pixels that see the sky from one building, with their sides; return how many there are."""
    points, ring_starts, polygon_starts, eaves, form, slope, box, place, base, quantum, _ = scene
    first, last = polygon_starts[building], polygon_starts[building + 1]
    top, bottom = row_span(points, ring_starts[first], ring_starts[last], place, surface.shape[0])
    found, hit = 0, False
    for i in range(top, bottom):
        y = place[1] - (i + 0.5) * place[2]
        count = crossings(points, ring_starts, first, last, y, x)
        for pair in range(0, count - 1, 2):
            left, right = column_span(x[pair], x[pair + 1], place, surface.shape[1])
            for j in range(left, right):
                hit = True
                centre = place[0] + (j + 0.5) * place[2]
                height, which = roof_at(
                    centre, y, eaves[building], form[building], slope[building], box[building]
                )
                if surface[i, j] <= _stored(height, base, quantum):
                    row[found], column[found], side[found] = i, j, which
                    found += 1
    i, j = _pixel_of_corner(scene, building)
    if not hit and 0 <= i < surface.shape[0] and 0 <= j < surface.shape[1]:
        row[0], column[0], side[0] = i, j, 0
        return 1
    return found


@njit(cache=True, nogil=True)
def _room(scene: Scene, shape: tuple[int, int]) -> int:
    """Return how many pixels the largest bounds of a building hold, at least 1."""
    most = 1
    for building in range(scene.eaves.size):
        first = scene.ring_starts[scene.polygon_starts[building]]
        last = scene.ring_starts[scene.polygon_starts[building + 1]]
        top, bottom = row_span(scene.points, first, last, scene.place, shape[0])
        low, high = scene.points[first, 0], scene.points[first, 0]
        for point in range(first, last):
            low, high = min(low, scene.points[point, 0]), max(high, scene.points[point, 0])
        left, right = column_span(low, high, scene.place, shape[1])
        most = max(most, (bottom - top) * (right - left + 1))
    return most


@njit(cache=True, nogil=True)
def _list(scene: Scene, surface: Shorts, starts: Ints, row: Pixels, column: Pixels) -> None:
    """Count the visible pixels of each side into `starts`, or list them by side where `row` has room."""
    room = _room(scene, surface.shape)
    i, j, side = np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room, np.int32)
    x = np.empty(scene.most)
    fill = starts.copy()
    for building in range(scene.eaves.size):
        if np.isnan(scene.eaves[building]):
            continue
        for pixel in range(_visit(scene, surface, building, x, i, j, side)):
            slot = building * SIDES + side[pixel]
            if row.size > 0:
                row[fill[slot]], column[fill[slot]] = i[pixel], j[pixel]
                fill[slot] += 1
            else:
                starts[slot + 1] += 1


def list_pixels(scene: Scene, surface: Shorts) -> RoofPixels:
    """Return the pixels that see the sky from each building, by side."""
    none = np.zeros(0, np.int32)
    counts = np.zeros(scene.eaves.size * SIDES + 1, np.int64)
    _list(scene, surface, counts, none, none)
    starts = np.cumsum(counts)
    row, column = np.empty(starts[-1], np.int32), np.empty(starts[-1], np.int32)
    if row.size:
        _list(scene, surface, starts, row, column)
    return RoofPixels(row, column, starts)
