"""What every kind of module plane receives from each part of the sky."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from potential.solar.irradiation import own_levels, plane_tables

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from assessment.solar_planes import ModulePlanes
    from potential.solar.sky import SkyTable

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


@dataclass(frozen=True)
class PlaneLight:
    """What every kind of plane receives, per sector and level."""

    table: SkyTable
    kind: Ints
    """Kind of each building's plane."""
    sectors: NDArray[np.float32]
    """Shape (sectors, kinds, levels, 25): sun and dome by month (Wh/m2), sky view."""
    open: Floats
    """With an open horizon, shape (kinds, 25)."""

    @classmethod
    def of(cls, table: SkyTable, planes: ModulePlanes) -> PlaneLight:
        """Reckon it for the kinds that planes are of."""
        own = own_levels(planes.kind_normals, table.azimuths_deg, table.levels_deg)
        parts = [plane_tables(vectors, planes.kind_normals, own) for vectors in (table.sun, table.dome)]
        view = plane_tables(table.view, planes.kind_normals, own)[..., None]
        joined = np.concatenate([*parts, view], axis=3).transpose(1, 0, 2, 3)
        return cls(table, planes.kind, np.ascontiguousarray(joined, np.float32), joined[:, :, 0].sum(axis=0))
