"""Geometries as plain arrays of corners, for kernels that walk along edges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Edges:
    """Chains of corners: the rings of polygons first, then lines and points.

    Examples
    --------
    >>> shapes = np.array([shapely.LineString([(0, 0), (9, 0)]), shapely.box(0, 0, 1, 1)])
    >>> edges = edges_of(shapes, np.array([2.0, 0.0]))
    >>> edges.ring.tolist(), edges.polygon.tolist(), edges.distance_m.tolist()
    ([0, 5, 7], [0, 1], [0.0, 2.0])
    """

    xy: NDArray[np.float64]
    """Easting and northing of each corner (m), shape (corners, 2)."""
    ring: NDArray[np.int64]
    """Chain r has the corners ring[r] to ring[r + 1]."""
    polygon: NDArray[np.int64]
    """Polygon p has the chains polygon[p] to polygon[p + 1]; later chains are lines and points."""
    distance_m: NDArray[np.float64]
    """Distance of the geometry that each chain is of (m)."""


def edges_of(geometries: NDArray[Any], distance_m: NDArray[np.float64]) -> Edges:
    """Take geometries of any kind apart; `distance_m` has one value per geometry."""
    geometries = np.asarray(geometries, dtype=object)
    # Most features are polygons of one ring: their corners are read as they are, without an object per ring.
    plain = (shapely.get_type_id(geometries) == shapely.GeometryType.POLYGON) & (
        shapely.get_num_interior_rings(geometries) == 0
    )
    parts, origin = shapely.get_parts(geometries[~plain], return_index=True)
    is_polygon = shapely.get_dimensions(parts) == 2  # noqa: PLR2004 - polygons
    rings, owner = shapely.get_rings(parts[is_polygon], return_index=True)
    chains = np.concatenate([geometries[plain], rings, parts[~is_polygon]])
    source = np.concatenate([origin[is_polygon][owner], origin[~is_polygon]])
    rings_of = np.concatenate([np.ones(plain.sum(), int), np.bincount(owner, minlength=is_polygon.sum())])
    return Edges(
        xy=np.ascontiguousarray(shapely.get_coordinates(chains)),
        ring=_starts(shapely.get_num_coordinates(chains)),
        polygon=_starts(rings_of),
        distance_m=np.concatenate([distance_m[plain], distance_m[~plain][source]]),
    )


def _starts(count: NDArray[Any]) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
