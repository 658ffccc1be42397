"""Rasters of heights put right: metres, one band, a nodata value, and holes filled from their edges."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import rasterio
from rasterio.fill import fillnodata

from faults import Fault, InputError
from layers.rasters import check_raster
from layers.vertical import UNITS_M, declared_unit, enclosed

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Heights = NDArray[np.float32]

NODATA = -9999.0
PLACEHOLDERS = (-9999.0, -99999.0, -32768.0, -32767.0, -3.4028234663852886e38)
"""Numbers that stand for no height where a file does not say so."""
REACH_CELLS = 100
"""Holes are filled from edges that lie no further away."""


def put_right(path: Path, out: Path, layer: str, *, unit: str | None = None, fill: bool = True) -> list[str]:
    """Write a raster of heights in metres with its holes filled; return what was changed, in words.

    Parameters
    ----------
    unit
        Unit of the heights where the file declares none; one that it declares is converted in any case.
    fill
        False: holes stay.

    Raises
    ------
    InputError
        The file cannot be used as it is: no CRS, no heights, heights that cannot be in the unit it is said to
        have.
    """
    changes: list[str] = []
    try:
        with rasterio.open(path) as source:
            heights, profile = _read(source, changes)
            factor = _factor(source, unit, layer, path)
    except InputError:
        raise
    except Exception as error:  # libraries raise anything on damaged bytes
        rule = f"cannot be read as a raster, it may be damaged or cut off: {error}"
        raise InputError([Fault(layer, None, None, None, rule, file=path.name)]) from error
    if factor != 1.0:
        heights *= np.float32(factor)
        changes.append(f"heights multiplied by {factor:g}: metres")
    filled = fill_holes(heights) if fill else heights
    count = int(np.isnan(heights).sum() - np.isnan(filled).sum())
    if count:
        changes.append(f"{count} cells in holes filled from their edges ({count / heights.size:.2%} of all)")
    _write(filled, profile, out)
    _, faults = check_raster(out, layer)
    if errors := [fault for fault in faults if fault.severity == "error"]:
        out.unlink()
        raise InputError(errors)
    return changes


def fill_holes(heights: Heights) -> Heights:
    """Fill cells without a height that cells with one enclose; NaN outside stays.

    By inverse distance from the edges, up to `REACH_CELLS` away (GDAL's fillnodata); wider holes stay in
    their middle.

    Examples
    --------
    >>> heights = np.full((5, 5), 400.0, dtype="float32")
    >>> heights[2, 2] = np.nan
    >>> float(fill_holes(heights)[2, 2])
    400.0
    """
    holes = enclosed(np.isnan(heights))
    if not holes.any():
        return heights
    start = np.where(np.isnan(heights), np.float32(NODATA), heights)
    filled = fillnodata(start, mask=~np.isnan(heights), max_search_distance=REACH_CELLS)
    filled[filled == NODATA] = np.nan
    result: Heights = np.where(holes, filled, heights)
    return result


def _read(source: rasterio.DatasetReader, changes: list[str]) -> tuple[Heights, dict[str, object]]:
    if source.crs is None:
        raise InputError(
            [Fault("raster", None, None, None, "has no CRS; it is not guessed", file=source.name)]
        )
    heights = np.ma.filled(source.read(1, masked=True).astype(np.float32), np.nan)
    if source.count != 1:
        changes.append(f"the first of {source.count} bands taken")
    if source.nodata is None:
        placed = np.isin(heights, np.array(PLACEHOLDERS, dtype=np.float32))
        if placed.any():
            changes.append(f"{int(placed.sum())} cells of {heights[placed][0]:g} taken as no height")
            heights[placed] = np.nan
    heights[~np.isfinite(heights)] = np.nan
    profile = {"crs": source.crs, "transform": source.transform}
    return heights, profile


def _factor(source: rasterio.DatasetReader, unit: str | None, layer: str, path: Path) -> float:
    told = declared_unit(source) or unit
    if told is None:
        return 1.0
    factor = UNITS_M.get(told.casefold())
    if factor is None:
        rule = f"is no known unit of height; known are {', '.join(UNITS_M)}"
        raise InputError([Fault(layer, None, "unit", told, rule, file=path.name)])
    return factor


def _write(heights: Heights, profile: dict[str, object], out: Path) -> None:
    band = np.where(np.isnan(heights), np.float32(NODATA), heights)
    height, width = band.shape
    with rasterio.open(
        out,
        "w",
        driver="GTiff",
        dtype="float32",
        count=1,
        height=height,
        width=width,
        nodata=NODATA,
        tiled=True,
        blockxsize=256,
        blockysize=256,
        compress="deflate",
        predictor=3,
        **profile,
    ) as target:
        target.write(band, 1)
        target.set_band_unit(1, "m")
