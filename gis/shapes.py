"""Geometry as it comes, made usable: flattened, of one kind, valid; what changed is said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

MAX_VERTICES = 1_000_000
"""A single shape with more is refused: no town, river or zone needs them, and one stalls every step."""
TOO_LARGE = f"has more than {MAX_VERTICES} vertices; split or simplify it"
NOT_FINITE = "has coordinates that are not numbers or lie outside the CRS"
KINDS = ("point", "line", "polygon")
_DIMENSION = {"point": 0, "line": 1, "polygon": 2}
_TYPE_NAMES = {
    -1: "nothing",
    0: "Point",
    1: "LineString",
    2: "LinearRing",
    3: "Polygon",
    4: "MultiPoint",
    5: "MultiLineString",
    6: "MultiPolygon",
    7: "GeometryCollection",
}


@dataclass(frozen=True)
class Repaired:
    """Shapes after repair; all arrays have one entry per shape, shape (n,)."""

    geometry: NDArray[np.object_]
    """Valid 2D shapes of the wanted kinds; None where there is none."""
    missing: NDArray[np.bool_]
    """There was nothing: null or empty."""
    refused: NDArray[np.object_]
    """Why a shape that is there cannot be used, as text; None where it can."""
    repaired: NDArray[np.object_]
    """What was wrong with a shape that was made valid, as text; None where nothing was."""
    area_change: NDArray[np.float64]
    """Area after minus area before, in square units of the coordinates; 0 where nothing changed."""
    flattened: NDArray[np.bool_]
    """Heights of the vertices were dropped."""


def repair(geometry: NDArray[np.object_], kinds: Sequence[str]) -> Repaired:
    """Make shapes usable: 2D, finite, of the wanted kinds, valid by the OGC rules.

    Invalid shapes go through `shapely.make_valid` by structure: each ring is mended, shells are joined,
    holes are taken off. Of what comes out, the parts of the wanted kinds stay. Nothing is moved or
    simplified.

    Parameters
    ----------
    geometry
        Shapes or None, shape (n,).
    kinds
        The kinds that are wanted, of `KINDS`.

    Examples
    --------
    >>> bow = shapely.from_wkt("POLYGON ((0 0, 2 2, 2 0, 0 2, 0 0))")
    >>> found = repair(np.array([bow]), ["polygon"])
    >>> found.geometry[0].geom_type, found.geometry[0].area, found.repaired[0]
    ('MultiPolygon', 2.0, 'Self-intersection[1 1]')
    """
    result = np.array(geometry, dtype=object, copy=True)
    missing = shapely.is_missing(result) | shapely.is_empty(result)
    result[missing] = None
    flattened = shapely.has_z(result) | shapely.has_m(result)
    result[flattened] = shapely.force_2d(result[flattened])
    refused = np.full(len(result), None, dtype=object)
    _refuse(result, refused, too_large(result), TOO_LARGE)
    _refuse(result, refused, ~_finite(result) & ~missing, NOT_FINITE)
    before = shapely.area(result)
    repaired = np.full(len(result), None, dtype=object)
    broken = ~shapely.is_valid(result) & ~shapely.is_missing(result)
    repaired[broken] = shapely.is_valid_reason(result[broken])
    result[broken] = _made_valid(result[broken])
    _refuse(result, refused, broken & shapely.is_empty(result), "collapses to nothing when made valid")
    _keep_kinds(result, refused, kinds)
    repaired[shapely.is_missing(result)] = None
    change = np.where(shapely.is_missing(result), 0.0, shapely.area(result) - before)
    return Repaired(result, missing, refused, repaired, np.nan_to_num(change), flattened)


def too_large(geometry: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Say which shapes have too many vertices to work with."""
    many: NDArray[np.bool_] = shapely.get_num_coordinates(geometry) > MAX_VERTICES
    return many


def _made_valid(broken: NDArray[np.object_]) -> NDArray[np.object_]:
    """Mend by structure; the few that this leaves invalid (shells that share an edge) by their lines."""
    mended: NDArray[np.object_] = shapely.make_valid(broken, method="structure", keep_collapsed=False)
    still = ~shapely.is_valid(mended)
    mended[still] = shapely.make_valid(mended[still])
    return mended


def _refuse(
    geometry: NDArray[np.object_], refused: NDArray[np.object_], which: NDArray[np.bool_], why: str
) -> None:
    refused[which] = why
    geometry[which] = None


def _finite(geometry: NDArray[np.object_]) -> NDArray[np.bool_]:
    coordinates, index = shapely.get_coordinates(geometry, return_index=True)
    finite = np.ones(len(geometry), dtype=bool)
    finite[index[~np.isfinite(coordinates).all(axis=1)]] = False
    return finite


def _keep_kinds(geometry: NDArray[np.object_], refused: NDArray[np.object_], kinds: Sequence[str]) -> None:
    """Reduce collections to the wanted kinds and refuse shapes that have no such part."""
    wanted = np.array([_DIMENSION[kind] for kind in kinds])
    types = shapely.get_type_id(geometry)
    collections = np.flatnonzero(types == shapely.GeometryType.GEOMETRYCOLLECTION)
    for position in collections:
        geometry[position] = _parts_of(geometry[position], wanted)
    wrong = ~np.isin(shapely.get_dimensions(geometry), wanted) & (types >= 0)
    for type_id in np.unique(types[wrong]):
        why = f"is a {_TYPE_NAMES[int(type_id)]} where a {' or '.join(kinds)} is needed"
        _refuse(geometry, refused, wrong & (types == type_id), why)


def _parts_of(collection: shapely.Geometry, wanted: NDArray[np.int64]) -> shapely.Geometry | None:
    parts = shapely.get_parts(shapely.get_parts(np.array([collection])))
    parts = parts[np.isin(shapely.get_dimensions(parts), wanted)]
    if not len(parts):
        return None
    return shapely.union_all(parts[shapely.get_dimensions(parts) == shapely.get_dimensions(parts).max()])
