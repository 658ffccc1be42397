"""Partial exclusion: zones that take a share of what lies in them, shares adding up to at most the whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gis.zones import intersected

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gis.zones import Parts

    Geometries = NDArray[Any]
    Areas = NDArray[np.float64]


def taken_by_shares(
    areas: Geometries, parts: Sequence[Parts], shares: Sequence[float]
) -> tuple[Areas, Areas]:
    """Return what each zone takes of each area.

    Where zones with the shares s1, s2, ... overlap, `min(1, s1 + s2 + ...)` is lost; in their order, each
    takes what it adds to that sum.

    Parameters
    ----------
    areas
        Polygons.
    parts
        For each zone the parts of the areas in it.
    shares
        Share that each zone takes, 0 to 1.

    Returns
    -------
    tuple
        Two arrays (area x zone): taken in order (m2), and what comes back if only that zone were lifted (m2).

    Examples
    --------
    >>> from gis.zones import parts_in_zones
    >>> field = np.array([shapely.box(0, 0, 10, 10)])
    >>> tree, at_once = shapely.STRtree(field), np.zeros(1)
    >>> west = parts_in_zones(field, tree, np.array([shapely.box(-5, 0, 6, 10)]), at_once)
    >>> south = parts_in_zones(field, tree, np.array([shapely.box(0, -5, 10, 5)]), at_once)
    >>> taken, alone = taken_by_shares(field, [west, south], [0.7, 0.5])
    >>> taken.tolist(), alone.tolist()
    ([[42.0, 19.0]], [[36.0, 19.0]])
    """
    index, geometry, inside = arranged(areas, parts)
    share = inside * np.asarray(shares, dtype=float)
    total = share.sum(axis=1, keepdims=True)
    upto = np.minimum(np.cumsum(share, axis=1), 1.0)
    area = shapely.area(geometry)[:, None]
    in_order = area * np.diff(upto, axis=1, prepend=0.0)
    alone = area * (np.minimum(total, 1.0) - np.minimum(total - share, 1.0))
    return _sum(in_order, index, len(areas)), _sum(alone, index, len(areas))


def arranged(
    areas: Geometries, parts: Sequence[Parts]
) -> tuple[NDArray[np.intp], Geometries, NDArray[np.bool_]]:
    """Cut the touched areas into cells that lie in the same zones throughout.

    Returns
    -------
    tuple
        For each cell the position of its area, its geometry, and in which zones it lies (cell x zone).
    """
    index = np.unique(np.concatenate([part.index for part in parts])).astype(np.intp)
    geometry = areas[index]
    inside = np.zeros((len(index), len(parts)), dtype=bool)
    for number, part in enumerate(parts):
        place = np.full(len(areas), -1)
        place[part.index] = np.arange(len(part.index))
        touched = np.flatnonzero(place[index] >= 0)
        mine = place[index[touched]]
        whole = part.whole[mine]
        inside[touched[whole], number] = True
        split, zone = touched[~whole], part.geometry[mine[~whole]]
        within = intersected(geometry[split], zone)
        geometry[split] = shapely.difference(geometry[split], zone)
        flags = inside[split].copy()
        flags[:, number] = True
        index = np.concatenate([index, index[split]])
        geometry = np.concatenate([geometry, within])
        inside = np.concatenate([inside, flags])
    return index, geometry, inside


def _sum(values: Areas, index: NDArray[np.intp], count: int) -> Areas:
    total = np.zeros((count, values.shape[1]))
    np.add.at(total, index, values)
    return total
