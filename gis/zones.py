"""Zones around features, and the parts of areas in them: exact vectors, buffered first and cut later.

Round buffers are polygons whose corners lie on the circle. The number of corners grows with the distance,
so that no chord is further than `SAGITTA_M` from its arc; whether an area is within the distance at all is
decided on the true distance. Pieces smaller than `SLIVER_M2`, or thinner than `SLIVER_WIDTH_M` on average,
are slivers of the digitisation or of the arcs: they neither count as touched nor stay as remainders.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import acos, ceil, pi
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Geometries = NDArray[Any]

SAGITTA_M = 0.01
"""Largest distance between a round buffer and the polygon that stands for it (m)."""
SLIVER_M2 = 0.1
"""Pieces of less area are dropped (m2)."""
SLIVER_WIDTH_M = 0.01
"""Pieces of less mean width, twice the area by the perimeter, are dropped (m)."""
SNAP_M = 1e-6
"""Grid on which doubtful overlays are reckoned again (m)."""
LEAST_BUFFER_M = 0.001
"""Shorter distances leave a feature as it is: the buffer of so little may come out empty."""
_CHUNK = 32
_POINTS = (0, 4)
_COLLECTION = 7


@dataclass(frozen=True)
class Parts:
    """The parts of areas that lie in a zone, at most one per area.

    Examples
    --------
    >>> squares = shapely.box([0, 20, 40], 0, [10, 30, 50], 10)
    >>> road = np.array([shapely.LineString([(22, -5), (22, 15), (60, 15)])])
    >>> parts = parts_in_zones(squares, shapely.STRtree(squares), road, np.array([6.0]))
    >>> parts.index.tolist(), parts.area_m2.round(2).tolist()
    ([1, 2], [82.0, 10.0])
    """

    index: NDArray[np.intp]
    """Positions of the areas, ascending."""
    geometry: Geometries
    """The part of each."""
    whole: NDArray[np.bool_]
    """True where the part is the whole area."""
    area_m2: NDArray[np.float64]
    """Area of each part (m2)."""

    def take(self, mask: NDArray[np.bool_]) -> Parts:
        """Return the parts where the mask is true."""
        return Parts(self.index[mask], self.geometry[mask], self.whole[mask], self.area_m2[mask])


def quad_segs(distance_m: float, *, sagitta_m: float = SAGITTA_M) -> int:
    """Return the segments of a quarter circle whose chords stay within `sagitta_m` of it.

    A chord over the angle 2a departs from its arc by r (1 - cos a).

    Examples
    --------
    >>> quad_segs(20.0), quad_segs(200.0)
    (25, 79)
    """
    if distance_m <= sagitta_m:
        return 1
    return ceil(pi / 4 / acos(1 - sagitta_m / distance_m))


def buffered(geometries: Geometries, distances_m: NDArray[np.float64]) -> Geometries:
    """Return the Euclidean buffer of each geometry; below a millimetre it stays as it is."""
    zones = np.array(geometries, dtype=object)
    for distance in np.unique(distances_m[distances_m >= LEAST_BUFFER_M]):
        same = distances_m == distance
        zones[same] = shapely.buffer(zones[same], distance, quad_segs=quad_segs(float(distance)))
    return zones


def cut_lines(geometries: Geometries) -> tuple[Geometries, NDArray[np.intp]]:
    """Cut long lines into chains of at most 32 segments; other geometries stay.

    The buffers of the chains together are the buffer of the line, but each is small and quick to cut with.

    Returns
    -------
    tuple
        The geometries and, for each, the position of the geometry it is from.
    """
    parts, origin = shapely.get_parts(geometries, return_index=True)
    is_line = shapely.get_dimensions(parts) == 1
    long = is_line & (shapely.get_num_coordinates(parts) > _CHUNK + 1)
    chains = [_chains(line) for line in parts[long]]
    cut = np.concatenate([parts[~long], *chains]) if chains else parts
    counts = np.array([len(chain) for chain in chains], dtype=np.intp)
    return cut, np.concatenate([origin[~long], np.repeat(origin[long], counts)])


def _chains(line: object) -> Geometries:
    xy = shapely.get_coordinates(line)
    starts = range(0, len(xy) - 1, _CHUNK)
    return np.array([shapely.LineString(xy[start : start + _CHUNK + 1]) for start in starts], dtype=object)


def parts_in_zones(
    areas: Geometries,
    tree: shapely.STRtree,
    features: Geometries,
    distances_m: NDArray[np.float64],
    *,
    among: NDArray[np.bool_] | None = None,
) -> Parts:
    """Return the part of each area within the given distance of any of the features.

    Parameters
    ----------
    areas
        Valid polygons, or points (a point lies in a zone or does not).
    tree
        Index over `areas`.
    features
        Points, lines or polygons.
    distances_m
        Buffer of each feature (m).
    among
        Which areas are asked for; all where None.
    """
    zone, area = _near(tree, features, distances_m)
    if among is not None:
        zone, area = zone[among[area]], area[among[area]]
    used, zone = np.unique(zone, return_inverse=True)
    zones = buffered(features[used], distances_m[used])
    inside = _covered(zones, zone, areas, area)
    whole = np.zeros(len(areas), dtype=bool)
    whole[area[inside]] = True
    cut = ~whole[area]
    index, pieces = _cut(areas, area[cut], zones[zone[cut]])
    return _parts(areas, np.flatnonzero(whole), index, pieces)


def _near(
    tree: shapely.STRtree, features: Geometries, distances_m: NDArray[np.float64]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    wide = distances_m > 0
    plain = np.flatnonzero(~wide)
    zone, area = tree.query(features[plain], predicate="intersects")
    found = [(plain[zone], area)]
    if wide.any():
        buffers = np.flatnonzero(wide)
        zone, area = tree.query(features[buffers], predicate="dwithin", distance=distances_m[buffers])
        found.append((buffers[zone], area))
    return np.concatenate([z for z, _ in found]), np.concatenate([a for _, a in found])


def _covered(
    zones: Geometries, zone: NDArray[np.intp], areas: Geometries, area: NDArray[np.intp]
) -> NDArray[np.bool_]:
    shapely.prepare(zones)
    covered: NDArray[np.bool_] = shapely.covers(zones[zone], areas[area])
    # The circle decides for a point, not the polygon that stands for it.
    return covered | np.isin(shapely.get_type_id(areas[area]), _POINTS)


def _cut(areas: Geometries, area: NDArray[np.intp], zones: Geometries) -> tuple[NDArray[np.intp], Geometries]:
    pieces = intersected(areas[area], zones)
    kept = shapely.area(pieces) > 0
    return union_by_group(area[kept], pieces[kept])


def union_by_group(group: NDArray[np.intp], geometries: Geometries) -> tuple[NDArray[np.intp], Geometries]:
    """Unite the geometries of each group; returns the groups, ascending, and their unions."""
    order = np.argsort(group, kind="stable")
    group, geometries = group[order], geometries[order]
    groups, start, count = np.unique(group, return_index=True, return_counts=True)
    united = geometries[start]
    for position in np.flatnonzero(count > 1):
        first = start[position]
        united[position] = shapely.union_all(geometries[first : first + count[position]])
    return groups, polygonal(united)


def _parts(areas: Geometries, whole: NDArray[np.intp], index: NDArray[np.intp], pieces: Geometries) -> Parts:
    solid = ~slivers(pieces)
    index, pieces = index[solid], pieces[solid]
    everything = np.concatenate([whole, index])
    geometry = np.concatenate([areas[whole], pieces])
    is_whole = np.arange(len(everything)) < len(whole)
    order = np.argsort(everything, kind="stable")
    geometry = geometry[order]
    return Parts(everything[order], geometry, is_whole[order], shapely.area(geometry))


def intersected(one: Geometries, other: Geometries) -> Geometries:
    """Return the polygons that two geometries share, pair by pair.

    Where two polygons only share a part of an edge, the overlay (seen in GEOS 3.14) may hand back one of them
    whole beside the edge. A result that mixes polygons and lines is therefore reckoned again on a grid of
    `SNAP_M`, where it comes out right.

    Examples
    --------
    >>> left, right = shapely.box(0, 0, 2, 2), shapely.box([1, 2], 0, 4, 2)
    >>> shapely.area(intersected(np.array([left, left]), right)).tolist()
    [2.0, 0.0]
    """
    shared = shapely.intersection(one, other)
    mixed = shapely.get_type_id(shared) == _COLLECTION
    shared[mixed] = shapely.intersection(polygonal(one[mixed]), polygonal(other[mixed]), grid_size=SNAP_M)
    return polygonal(shared)


def polygonal(geometries: Geometries) -> Geometries:
    """Return only the polygons of mixed collections, as a cut along an edge leaves them."""
    mixed = np.flatnonzero(shapely.get_type_id(geometries) == _COLLECTION)
    if len(mixed) == 0:
        return geometries
    geometries = geometries.copy()
    for position in mixed:
        parts = shapely.get_parts(geometries[position])
        geometries[position] = shapely.union_all(parts[shapely.get_dimensions(parts) == 2])  # noqa: PLR2004
    return geometries


def slivers(geometries: Geometries) -> NDArray[np.bool_]:
    """Say which polygons are too small or too thin to count."""
    area = shapely.area(geometries)
    return (area < SLIVER_M2) | (2 * area < SLIVER_WIDTH_M * shapely.length(geometries))


def without_slivers(geometries: Geometries) -> Geometries:
    """Drop the sliver parts of polygons; an area of slivers only becomes empty."""
    geometries = polygonal(geometries)
    several = np.flatnonzero(shapely.get_num_geometries(geometries) > 1)
    geometries = geometries.copy()
    for position in several:
        parts = shapely.get_parts(geometries[position])
        solid = parts[~slivers(parts)]
        geometries[position] = solid[0] if len(solid) == 1 else shapely.MultiPolygon(list(solid))
    lone = ~np.isin(shapely.get_type_id(geometries), _POINTS) & ~shapely.is_empty(geometries)
    thin = np.flatnonzero(lone & (shapely.get_num_geometries(geometries) == 1))
    geometries[thin[slivers(geometries[thin])]] = shapely.Polygon()
    return geometries
