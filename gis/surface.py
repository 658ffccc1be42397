"""A surface from terrain, footprints and heights, with the list of roof pixels of every building.

A pixel belongs to a footprint that holds its centre; a footprint too small to hold one gets the pixel its
first corner lies in, so none is lost. Where footprints overlap the higher roof is seen. Edges are therefore
off by at most half a pixel, without bias over many buildings. A gabled or hipped roof rises from its eaves to
a ridge along the longer side of its rectangle; the height given is the mean of eaves and ridge.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from gis.heights import FLAG, Heights, no_flags, quantum_for, transposed_near
from jit import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gis.grid import Grid

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Shorts = NDArray[np.int16]
    Pixels = NDArray[np.int32]
    Bytes = NDArray[np.uint8]

FLAT, GABLED, HIPPED = 0, 1, 2
SIDES = 4
"""Planes of a hipped roof; a gabled one has two, a flat one one."""
_MARGIN_M = 1.0


@dataclass(frozen=True)
class Rings:
    """Polygons as flat arrays; rings of one polygon follow each other, holes as they come (even-odd)."""

    points: Floats
    """Shape (points, 2)."""
    ring_starts: Ints
    """First point of each ring, and the end."""
    polygon_starts: Ints
    """First ring of each polygon, and the end."""


def rings_of(polygons: NDArray[np.object_]) -> Rings:
    """Return polygons and multipolygons as flat arrays.

    Raises
    ------
    TypeError
        A geometry is no polygon.
    """
    kinds = np.unique(shapely.get_type_id(polygons))
    if not np.isin(kinds, [3, 6]).all():
        raise TypeError("only polygons and multipolygons have an inside")
    if polygons.size == 0:
        return Rings(np.zeros((0, 2)), np.zeros(1, np.int64), np.zeros(1, np.int64))
    parts, owner = shapely.get_parts(polygons, return_index=True)
    multi = shapely.multipolygons(parts, indices=owner)
    _, points, (ring_starts, part_starts, whole_starts) = shapely.to_ragged_array(multi)
    return Rings(
        np.ascontiguousarray(points[:, :2]),
        np.asarray(ring_starts, np.int64),
        np.asarray(part_starts, np.int64)[np.asarray(whole_starts, np.int64)],
    )


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


@dataclass(frozen=True)
class RoofPixels:
    """Pixels that see the sky from a roof, building by building and side by side."""

    row: NDArray[np.int32]
    column: NDArray[np.int32]
    starts: Ints
    """First pixel of each side of each building, shape (buildings x 4 + 1)."""


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
    _flag_near(rings.points, rings.ring_starts[rings.polygon_starts], place, grid.columns, FLAG, near)
    rows = np.zeros(grid.shape, np.int16)
    _fill_terrain(ground, terrain_place, np.array([*place, base, quantum, FLAG]), near, rows)
    scene = _Scene(
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
    _burn(scene, rows)
    pixels = _list_pixels(scene, rows)
    origin = (round(-grid.north / grid.resolution_m), round(grid.west / grid.resolution_m))
    heights = Heights(rows, transposed_near(rows, near), base, quantum, grid.resolution_m, origin)
    return Surface(grid, heights, pixels)


class _Scene(NamedTuple):
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
def bilinear(raster: Floats, place: Floats, x: float, y: float) -> float:
    """Return the raster's value at a point, held constant beyond the outer pixel centres."""
    column = (x - place[0]) / place[2] - 0.5
    row = (place[1] - y) / place[2] - 0.5
    column = min(max(column, 0.0), raster.shape[1] - 1.0)
    row = min(max(row, 0.0), raster.shape[0] - 1.0)
    j, i = min(int(column), max(raster.shape[1] - 2, 0)), min(int(row), max(raster.shape[0] - 2, 0))
    right, down = min(j + 1, raster.shape[1] - 1), min(i + 1, raster.shape[0] - 1)
    u, v = column - j, row - i
    top = raster[i, j] * (1 - u) + raster[i, right] * u
    return top * (1 - v) + (raster[down, j] * (1 - u) + raster[down, right] * u) * v


@njit(cache=True, nogil=True)
def _stored(height_m: float, base: float, quantum: float) -> int:
    return int(np.floor((height_m - base) / quantum + 0.5))


@njit(cache=True, nogil=True)
def _flag_near(  # noqa: PLR0917 - a kernel
    points: Floats, starts: Ints, place: Floats, columns: int, side: int, near: Bytes
) -> None:
    """Mark the pieces of `side` pixels that the bounds of a polygon meet, and those beside them."""
    west, north, resolution = place
    for polygon in range(starts.size - 1):
        left, right, low, high = np.inf, -np.inf, np.inf, -np.inf
        for point in range(starts[polygon], starts[polygon + 1]):
            left, right = min(left, points[point, 0]), max(right, points[point, 0])
            low, high = min(low, points[point, 1]), max(high, points[point, 1])
        top, bottom = int(np.floor((north - high) / resolution)), int(np.floor((north - low) / resolution))
        first, last = int(np.floor((left - west) / resolution)), int(np.floor((right - west) / resolution))
        if last < 0 or first >= columns:
            continue
        first, last = max(first, 0) // side - 1, min(last, columns - 1) // side + 1
        for i in range(max(top - 2, 0), min(bottom + 3, near.shape[0])):
            for piece in range(max(first, 0), min(last + 1, near.shape[1])):
                near[i, piece] = 1


@njit(cache=True, nogil=True)
def _fill_terrain(terrain: Floats, terrain_place: Floats, target: Floats, near: Bytes, out: Shorts) -> None:
    """Interpolate terrain in the marked pieces; target: west, north, resolution, base, quantum, piece."""
    west, north, resolution, base, quantum, side = target
    last_row, last_column = terrain.shape[0] - 1, terrain.shape[1] - 1
    scale = resolution / terrain_place[2]
    start = (west - terrain_place[0]) / terrain_place[2] + 0.5 * scale - 0.5
    for i in range(out.shape[0]):
        y = north - (i + 0.5) * resolution
        row = min(max((terrain_place[1] - y) / terrain_place[2] - 0.5, 0.0), float(last_row))
        r = min(int(row), max(last_row - 1, 0))
        below = min(r + 1, last_row)
        v = row - r
        for piece in range(near.shape[1]):
            if near[i, piece] == 0:
                continue
            for j in range(piece * int(side), min((piece + 1) * int(side), out.shape[1])):
                column = min(max(start + j * scale, 0.0), float(last_column))
                c = min(int(column), max(last_column - 1, 0))
                right = min(c + 1, last_column)
                u = column - c
                top = terrain[r, c] + (terrain[r, right] - terrain[r, c]) * u
                bottom = terrain[below, c] + (terrain[below, right] - terrain[below, c]) * u
                height = (top + (bottom - top) * v - base) / quantum + 0.5
                out[i, j] = np.int16(int(height))


@njit(cache=True, nogil=True)
def _ground_at_corners(points: Floats, starts: Ints, terrain: Floats, place: Floats, out: Floats) -> None:
    """Write the mean ground height at the corners of each polygon."""
    for building in range(out.size):
        total = 0.0
        for point in range(starts[building], starts[building + 1]):
            total += bilinear(terrain, place, points[point, 0], points[point, 1])
        out[building] = total / max(starts[building + 1] - starts[building], 1)


def _points_of(rings: Rings) -> Ints:
    """Return how many points the rings of each polygon have."""
    return np.diff(rings.ring_starts[rings.polygon_starts])


def _eaves(rings: Rings, roofs: Roofs, terrain_m: Floats, place: Floats) -> Floats:
    """Return the eaves above sea level: ground at the corners, plus height, less half the rise."""
    rise = np.where(roofs.form == FLAT, 0.0, roofs.slope * roofs.box[:, 5])
    ground = np.empty(roofs.height_m.size)
    _ground_at_corners(rings.points, rings.ring_starts[rings.polygon_starts], terrain_m, place, ground)
    return ground + roofs.height_m - rise / 2


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


@njit(cache=True, nogil=True)
def crossings(  # noqa: PLR0917 - a kernel
    points: Floats, ring_starts: Ints, first: int, last: int, y: float, out: Floats
) -> int:
    """Write the ascending x at which rings first to last cross the level y; return how many there are."""
    count = 0
    for ring in range(first, last):
        for point in range(ring_starts[ring], ring_starts[ring + 1] - 1):
            y0, y1 = points[point, 1], points[point + 1, 1]
            if (y0 <= y) != (y1 <= y):
                x = points[point, 0] + (y - y0) / (y1 - y0) * (points[point + 1, 0] - points[point, 0])
                at = count
                while at > 0 and out[at - 1] > x:
                    out[at] = out[at - 1]
                    at -= 1
                out[at] = x
                count += 1
    return count


@njit(cache=True, nogil=True)
def row_span(points: Floats, first: int, last: int, place: Floats, rows: int) -> tuple[int, int]:
    """Return the rows whose centres the points span, cut to the grid; the second is exclusive."""
    low, high = points[first, 1], points[first, 1]
    for point in range(first, last):
        low = min(low, points[point, 1])
        high = max(high, points[point, 1])
    top = int(np.ceil((place[1] - high) / place[2] - 0.5))
    bottom = int(np.floor((place[1] - low) / place[2] - 0.5))
    return max(top, 0), min(bottom + 1, rows)


@njit(cache=True, nogil=True)
def column_span(left: float, right: float, place: Floats, columns: int) -> tuple[int, int]:
    """Return the columns whose centres lie in [left, right), cut to the grid; the second is exclusive."""
    first = int(np.ceil((left - place[0]) / place[2] - 0.5))
    last = int(np.ceil((right - place[0]) / place[2] - 0.5))
    return max(first, 0), min(last, columns)


@njit(cache=True, nogil=True)
def _pixel_of_corner(scene: _Scene, building: int) -> tuple[int, int]:
    """Return row and column of the pixel that holds a building's first corner."""
    point = scene.points[scene.ring_starts[scene.polygon_starts[building]]]
    west, north, resolution = scene.place
    return int(np.floor((north - point[1]) / resolution)), int(np.floor((point[0] - west) / resolution))


@njit(cache=True, nogil=True)
def _burn(scene: _Scene, out: Shorts) -> None:
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
    scene: _Scene, surface: Shorts, building: int, x: Floats, row: Pixels, column: Pixels, side: Pixels
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
def _room(scene: _Scene, shape: tuple[int, int]) -> int:
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
def _list(scene: _Scene, surface: Shorts, starts: Ints, row: Pixels, column: Pixels) -> None:
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


def _list_pixels(scene: _Scene, surface: Shorts) -> RoofPixels:
    none = np.zeros(0, np.int32)
    counts = np.zeros(scene.eaves.size * SIDES + 1, np.int64)
    _list(scene, surface, counts, none, none)
    starts = np.cumsum(counts)
    row, column = np.empty(starts[-1], np.int32), np.empty(starts[-1], np.int32)
    if row.size:
        _list(scene, surface, starts, row, column)
    return RoofPixels(row, column, starts)
