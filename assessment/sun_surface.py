"""Surface rasters read and written: heights in, irradiation out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import rasterio
from pyproj import CRS, Transformer

from faults import Fault, InputError
from gis.north import convergence_deg

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Singles = NDArray[np.float32]
    Ints = NDArray[np.int32]

MONTHS = 12
NODATA = -9999.0
STEPS_PER_KWH = 32
"""Irradiation is rounded to 1/32 kWh/m2, far below its error, so that files stay small."""
STEPS_OF_VIEW = 4096
LEAST_PIXELS = 2


@dataclass(frozen=True)
class SurfaceRaster:
    """A surface as read: heights in metres, NaN where unknown."""

    heights_m: Floats
    profile: dict[str, Any]
    crs: CRS
    resolution_m: float
    lat: float
    lon: float
    convergence_deg: float
    """Grid north east of true north."""


def read_surface(path: Path) -> SurfaceRaster:
    """Read a surface model and where it lies.

    Raises
    ------
    InputError
        Not a raster, no CRS, not in metres, pixels not square, or no heights.
    """

    def fault(rule: str, column: str | None = None, value: str | None = None) -> InputError:
        return InputError([Fault("surface", None, column, value, rule, file=path.name)])

    try:
        with rasterio.open(path) as source:
            if source.crs is None:
                raise fault("has no CRS", "crs")
            crs = CRS.from_user_input(source.crs)
            if not crs.is_projected or crs.axis_info[0].unit_name != "metre":
                raise fault("must be in a projected CRS in metres", "crs", crs.name)
            pixel, skew, _, other_skew, height, _ = tuple(source.transform)[:6]
            if skew or other_skew or abs(pixel + height) > 1e-6 * pixel:
                raise fault("pixels must be square and north up", "transform", f"{pixel} x {height}")
            if min(source.shape) < LEAST_PIXELS:
                raise fault("must have at least 2 x 2 pixels", "shape", str(source.shape))
            heights = source.read(1, masked=True).astype(np.float64).filled(np.nan)
            profile, (x, y) = source.profile, source.xy(source.height // 2, source.width // 2)
    except rasterio.errors.RasterioError as error:
        raise fault(f"cannot be read: {error}") from error
    if not np.isfinite(heights).any():
        raise fault("has no heights")
    lon, lat = Transformer.from_crs(crs, "EPSG:4326", always_xy=True).transform(x, y)
    turn = float(convergence_deg(crs, x, y))
    return SurfaceRaster(heights, dict(profile), crs, float(pixel), lat, lon, turn)


def write_rasters(
    out: Path, surface: SurfaceRaster, month: Singles, view: Singles, *, row: Ints, column: Ints
) -> None:
    """Write annual.tif, monthly.tif and skyview.tif of pixels of a surface.

    Parameters
    ----------
    out
        Folder that is there.
    surface
        Whose pixels they are.
    month, view
        kWh/m2 of the months, shape (pixels, 12), and sky view, shape (pixels,).
    row, column
        Of the pixels.
    """
    profile = {
        "driver": "GTiff",
        "dtype": "float32",
        "nodata": NODATA,
        "crs": surface.profile["crs"],
        "transform": surface.profile["transform"],
        "width": surface.profile["width"],
        "height": surface.profile["height"],
        "tiled": True,
        "blockxsize": 512,
        "blockysize": 512,
        "compress": "zstd",
        "zstd_level": 1,
        "predictor": 2,
        "num_threads": "all_cpus",
    }

    def raster(values: Singles, steps: int) -> Singles:
        band = np.full(surface.heights_m.shape, NODATA, np.float32)
        band[row, column] = np.rint(values * np.float32(steps)) / np.float32(steps)
        return band

    with rasterio.open(out / "annual.tif", "w", count=1, **profile) as target:
        target.write(raster(month.sum(axis=1), STEPS_PER_KWH), 1)
        target.set_band_unit(1, "kWh/m2")
        target.set_band_description(1, "year")
    with rasterio.open(out / "monthly.tif", "w", count=MONTHS, interleave="band", **profile) as target:
        for number in range(MONTHS):
            target.write(raster(month[:, number], STEPS_PER_KWH), number + 1)
            target.set_band_unit(number + 1, "kWh/m2")
            target.set_band_description(number + 1, f"month {number + 1}")
    with rasterio.open(out / "skyview.tif", "w", count=1, **profile) as target:
        target.write(raster(view, STEPS_OF_VIEW), 1)
