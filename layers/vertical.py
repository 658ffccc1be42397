"""What the heights of a raster are measured in, and which of its empty cells are holes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pyproj import CRS
from scipy import ndimage

if TYPE_CHECKING:
    import rasterio
    from numpy.typing import NDArray

UNITS_M = {
    "m": 1.0,
    "metre": 1.0,
    "meter": 1.0,
    "metres": 1.0,
    "meters": 1.0,
    "米": 1.0,
    "cm": 0.01,
    "centimetre": 0.01,
    "dm": 0.1,
    "mm": 0.001,
    "ft": 0.3048,
    "foot": 0.3048,
    "feet": 0.3048,
    "us survey foot": 1200 / 3937,
    "us-ft": 1200 / 3937,
    "ftus": 1200 / 3937,
}
"""Unit that a file may declare for its heights -> metres."""


def declared_unit(source: rasterio.DatasetReader) -> str | None:
    """Return the unit of height that a file declares: at its band, or in a vertical CRS; None: neither."""
    if source.units and source.units[0]:
        return str(source.units[0]).strip().casefold()
    crs = None if source.crs is None else CRS.from_wkt(source.crs.to_wkt())
    for part in crs.sub_crs_list if crs is not None else ():
        if part.is_vertical:
            return part.axis_info[0].unit_name.casefold()
    return None


def suspected_unit(
    source: rasterio.DatasetReader, known: NDArray[np.float64], highest_m: float
) -> str | None:
    """Return a unit that the heights look like where the file declares none, or None.

    Heights beyond the earth's that fit it as centimetres are those. A horizontal CRS in feet makes feet
    likely.
    """
    if not len(known):
        return None
    low, high = float(known.min()), float(known.max())
    if high > highest_m and low >= -100 * highest_m and high <= 100 * highest_m:
        return "cm"
    crs = CRS.from_wkt(source.crs.to_wkt())
    if not crs.is_geographic and any("foot" in axis.unit_name.casefold() for axis in crs.axis_info):
        return "foot"
    return None


def enclosed(empty: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the empty cells that no path of empty cells joins to the edge of the raster."""
    labels, _ = ndimage.label(empty, structure=np.ones((3, 3)))
    rim = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    holes: NDArray[np.bool_] = empty & ~np.isin(labels, rim)
    return holes
