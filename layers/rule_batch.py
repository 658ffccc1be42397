"""What rules did to sites, entry by entry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Geometries = NDArray[Any]


@dataclass(frozen=True)
class Batch:
    """What rules did to sites: one entry per site and rule."""

    index: NDArray[np.intp]
    """Position of the site."""
    rule: NDArray[np.intp]
    """Position of the rule."""
    m2: NDArray[np.float64]
    alone_m2: NDArray[np.float64]
    touched_m2: NDArray[np.float64]
    geometry: Geometries | None
    """The part taken; None where nothing is taken."""

    def first(self, count: int) -> Batch:
        """Return what was done to the first so many sites."""
        kept = self.index < count
        geometry = None if self.geometry is None else self.geometry[kept]
        numbers = (self.m2[kept], self.alone_m2[kept], self.touched_m2[kept])
        return Batch(self.index[kept], self.rule[kept], *numbers, geometry)


def nothing() -> Batch:
    """Return that nothing was done."""
    none = np.zeros(0, dtype=np.intp)
    return Batch(none, none, np.zeros(0), np.zeros(0), np.zeros(0), np.zeros(0, dtype=object))
