"""Which pixels of a surface lie inside footprints."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import rasterio
from rasterio.features import geometry_mask

from faults import Fault, InputError
from layers.files import read_file

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


def footprint_mask(footprints: Path, surface: Path) -> NDArray[np.bool_]:
    """Return True for the pixels of a raster whose centre lies inside a polygon.

    Raises
    ------
    InputError
        The file has no CRS, or none of its polygons lies on the raster.
    """
    frame, _ = read_file(footprints)
    if frame.crs is None:
        raise InputError([Fault(footprints.name, None, None, None, "has no CRS; polygons cannot be placed")])
    with rasterio.open(surface) as raster:
        shapes = frame.to_crs(raster.crs).geometry
        shapes = shapes[~shapes.is_empty & shapes.notna()]
        if len(shapes):
            mask = geometry_mask(shapes, raster.shape, raster.transform, invert=True)
            if mask.any():
                return np.asarray(mask, dtype=bool)
    rule = f"no polygon covers a pixel of {surface.name}"
    raise InputError([Fault(footprints.name, None, None, None, rule)])
