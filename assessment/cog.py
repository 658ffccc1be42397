"""Rasters for other programs: cloud-optimised GeoTIFF with unit, nodata, CRS and origin inside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import rasterio
from rasterio.shutil import copy as copy_raster
from rasterio.transform import from_bounds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray


def write_cog(
    array: NDArray[np.float32],
    file: Path,
    *,
    bounds: tuple[float, float, float, float],
    crs: str,
    unit: str,
    descriptions: Sequence[str],
    tags: Mapping[str, str],
) -> None:
    """Write bands as a cloud-optimised GeoTIFF.

    Parameters
    ----------
    array
        Shape (bands, rows, columns), north up; NaN is nodata.
    bounds
        (west, south, east, north) in `crs`.
    unit, descriptions
        Unit of all bands and a name for each, kept in the file.
    tags
        Provenance, kept in the file.
    """
    bands, rows, columns = array.shape
    profile = {
        "driver": "GTiff",
        "height": rows,
        "width": columns,
        "count": bands,
        "dtype": "float32",
        "crs": crs,
        "nodata": float("nan"),
        "transform": from_bounds(*bounds, columns, rows),
    }
    plain = file.with_name(f".{file.name}")  # on disk: a raster as large as a region is not held twice
    try:
        with rasterio.open(plain, "w", **profile) as raster:
            for number, band in enumerate(array, start=1):
                raster.write(band.astype(np.float32, copy=False), number)
            raster.units = (unit,) * bands
            raster.descriptions = tuple(descriptions)
            raster.update_tags(**tags)
        with rasterio.open(plain) as raster, rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True):
            copy_raster(raster, file, driver="COG", compress="ZSTD", predictor="YES", blocksize=256)
    finally:
        plain.unlink(missing_ok=True)
