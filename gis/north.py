"""True north and grid north: by how much they differ at a place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pyproj import CRS, Proj, Transformer

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def convergence_deg(crs: CRS | str, x: ArrayLike, y: ArrayLike) -> NDArray[np.float64]:
    """Return by how much grid north lies east of true north, degrees.

    A true azimuth is the azimuth on the grid plus this angle.

    Parameters
    ----------
    crs
        Projected system of the coordinates.
    x, y
        Places, m.

    Examples
    --------
    1.5 degrees east of the central meridian at 34.4 N: 1.5 sin(34.4).

    >>> x, y = Transformer.from_crs(4490, 4545, always_xy=True).transform(109.5, 34.4)
    >>> convergence_deg("EPSG:4545", [x], [y]).round(3)
    array([0.848])
    """
    known = CRS(crs)
    to_degrees = Transformer.from_crs(known, known.geodetic_crs, always_xy=True)
    lon, lat = to_degrees.transform(np.asarray(x, float), np.asarray(y, float))
    return np.asarray(Proj(known).get_factors(lon, lat).meridian_convergence, float)
