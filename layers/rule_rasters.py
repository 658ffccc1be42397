"""Rasters that rules ask: terrain height, slope and aspect, or any raster file, and their cells as zones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import rasterio
import shapely
from rasterio.features import shapes
from rasterio.transform import Affine
from rasterio.vrt import WarpedVRT
from rasterio.warp import Resampling, calculate_default_transform

from faults import Fault, InputError
from gis.grid import Grid
from gis.terrain import aspect_deg, slope_deg

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from pyproj import CRS

    from layers.rule_ranges import Ranges

TERRAIN_LAYERS = ("elevation", "slope", "aspect")
"""Layers made from the terrain: height (m), slope (deg), aspect (deg from north, clockwise)."""


@dataclass(frozen=True)
class RuleRaster:
    """Values on a grid; NaN where unknown."""

    values: NDArray[np.floating]
    grid: Grid
    crs: CRS | str

    def zones(self, ranges: Ranges) -> NDArray[Any]:
        """Return the cells whose values lie in the ranges, as polygons along the cells' edges."""
        cells = ranges(self.values)
        place = Affine(*self.grid.transform)
        found = shapes(cells.astype(np.uint8), mask=cells, connectivity=4, transform=place)
        outlines = [shapely.geometry.shape(shape) for shape, _ in found]
        return np.array(outlines, dtype=object)

    def at(self, grid: Grid) -> NDArray[np.floating]:
        """Return the value of the cell at each cell centre of another grid; NaN outside."""
        column = np.floor((grid.x_of(np.arange(grid.columns)) - self.grid.west) / self.grid.resolution_m)
        row = np.floor((self.grid.north - grid.y_of(np.arange(grid.rows))) / self.grid.resolution_m)
        inside = np.outer(_among(row, self.grid.rows), _among(column, self.grid.columns))
        rows = np.clip(row, 0, self.grid.rows - 1).astype(int)
        columns = np.clip(column, 0, self.grid.columns - 1).astype(int)
        return np.where(inside, self.values[np.ix_(rows, columns)], np.nan)


def read_raster(path: Path, crs: Any) -> RuleRaster:  # noqa: ANN401 - whatever names a CRS
    """Read the first band of a raster in the given metric CRS.

    A raster in another CRS, or with cells that are no squares, is resampled bilinearly.

    Raises
    ------
    InputError
        The file cannot be read or has no CRS.
    """
    try:
        with rasterio.open(path) as file:
            if file.crs is None:
                raise InputError([Fault(path.name, None, "crs", None, "is missing; it is never guessed")])
            target = rasterio.crs.CRS.from_user_input(crs)
            square = np.isclose(file.transform.a, -file.transform.e) and file.transform.b == 0
            if file.crs == target and square:
                return _raster(file, crs)
            with WarpedVRT(
                file, crs=target, resampling=Resampling.bilinear, nodata=np.nan, dtype="float32"
            ) as warped:
                return _raster(warped, crs)
    except rasterio.errors.RasterioError as error:
        raise InputError([Fault(path.name, None, None, str(path), f"cannot be read: {error}")]) from error


def terrain_layers(path: Path, crs: Any) -> dict[str, RuleRaster]:  # noqa: ANN401
    """Return elevation, slope and aspect of a height raster, as rules ask for them."""
    height = read_raster(path, crs)
    size = height.grid.resolution_m
    return {
        "elevation": height,
        "slope": RuleRaster(slope_deg(height.values, size).astype(np.float32), height.grid, crs),
        "aspect": RuleRaster(aspect_deg(height.values, size).astype(np.float32), height.grid, crs),
    }


def _warped(file: Any, target: Any) -> WarpedVRT:  # noqa: ANN401 - rasterio's types
    place, width, height = calculate_default_transform(
        file.crs, target, file.width, file.height, *file.bounds
    )
    return WarpedVRT(
        file,
        crs=target,
        transform=place,
        width=width,
        height=height,
        resampling=Resampling.bilinear,
        nodata=np.nan,
        dtype="float32",
    )


def _raster(file: Any, crs: Any) -> RuleRaster:  # noqa: ANN401 - a dataset or a warped one
    values = file.read(1, masked=True).astype(np.float32).filled(np.nan)
    place = file.transform
    return RuleRaster(values, Grid(place.c, place.f, place.a, *values.shape), crs)


def _among(position: NDArray[np.floating], count: int) -> NDArray[np.bool_]:
    return (position >= 0) & (position < count)
