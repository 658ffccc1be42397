"""Parts of sites against other parts of the same sites: what lies outside them, what inside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gis.zones import Parts, intersected, polygonal, slivers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


def outside(parts: Parts, lifted: Parts) -> Parts:
    """Return the parts outside the lifted areas."""
    freed = np.isin(parts.index, lifted.index[lifted.whole])
    parts = parts.take(~freed)
    both, here, there = np.intersect1d(parts.index, lifted.index, return_indices=True)
    if len(both) == 0:
        return parts
    geometry, whole = parts.geometry.copy(), parts.whole.copy()
    geometry[here] = polygonal(shapely.difference(geometry[here], lifted.geometry[there]))
    whole[here] = False
    solid = np.ones(len(geometry), dtype=bool)
    solid[here] = ~slivers(geometry[here])
    return Parts(parts.index, geometry, whole, shapely.area(geometry)).take(solid)


def inside(parts: Parts, scope: Parts) -> Parts:
    """Return the parts inside the scope."""
    _, here, there = np.intersect1d(parts.index, scope.index, return_indices=True)
    whole, geometry = parts.whole[here], parts.geometry[here].copy()
    geometry[whole] = scope.geometry[there][whole]
    cut = ~whole & ~scope.whole[there]
    geometry[cut] = intersected(geometry[cut], scope.geometry[there][cut])
    solid = ~cut | ~slivers(geometry)
    kept = Parts(parts.index[here], geometry, whole & scope.whole[there], shapely.area(geometry))
    return kept.take(solid)


def join(arrays: Sequence[NDArray[Any]], dtype: Any) -> NDArray[Any]:  # noqa: ANN401 - any numpy type
    """Join arrays, also none at all, to one of the type."""
    return np.concatenate(arrays).astype(dtype) if arrays else np.zeros(0, dtype=dtype)
