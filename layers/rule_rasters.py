"""Rasters that rules ask: terrain height, slope and aspect, or any raster file, and their cells as zones."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor
from typing import TYPE_CHECKING, Any

import numpy as np
import rasterio
import shapely
from rasterio.features import shapes
from rasterio.transform import Affine
from rasterio.vrt import WarpedVRT
from rasterio.warp import Resampling
from rasterio.windows import Window

from faults import Fault, InputError
from gis.grid import Grid
from gis.terrain import aspect_deg, slope_deg

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from pyproj import CRS

    from layers.rule_ranges import Ranges

    Bounds = tuple[float, float, float, float]

MARGIN = 2
"""Cells read beyond a window: the slope of a cell asks its neighbours."""
TERRAIN_LAYERS = ("elevation", "slope", "aspect")
"""Layers made from the terrain: height (m), slope (deg), aspect (deg from north, clockwise)."""


@dataclass(frozen=True)
class RuleRaster:
    """Values on a grid; NaN where there is none."""

    values: NDArray[np.floating]
    grid: Grid
    crs: CRS | str
    known: NDArray[np.bool_] | None = None
    """Cells that were measured; by default those with a value. Level ground is known to face nowhere."""

    def zones(self, ranges: Ranges) -> NDArray[Any]:
        """Return the cells whose values lie in the ranges, as polygons along the cells' edges."""
        return self._outlines(ranges(self.values))

    def _outlines(self, cells: NDArray[np.bool_]) -> NDArray[Any]:
        place = Affine(*self.grid.transform)
        found = shapes(cells.astype(np.uint8), mask=cells, connectivity=4, transform=place)
        outlines = [shapely.geometry.shape(shape) for shape, _ in found]
        return np.array(outlines, dtype=object)

    def unknown(self) -> NDArray[Any]:
        """Return the cells that were not measured, as polygons; what lies outside is not among them."""
        return self._outlines(~self._measured)

    @property
    def extent(self) -> shapely.Polygon:
        """The area that the raster covers."""
        return shapely.box(*self.grid.bounds)

    def at(self, grid: Grid) -> NDArray[np.floating]:
        """Return the value of the cell at each cell centre of another grid; NaN outside."""
        inside, cells = self._cells_at(grid)
        return np.where(inside, self.values[cells], np.nan)

    def known_at(self, grid: Grid) -> NDArray[np.bool_]:
        """Say at which cell centres of another grid this raster was measured."""
        inside, cells = self._cells_at(grid)
        known: NDArray[np.bool_] = inside & self._measured[cells]
        return known

    @property
    def _measured(self) -> NDArray[np.bool_]:
        return ~np.isnan(self.values) if self.known is None else self.known

    def _cells_at(self, grid: Grid) -> tuple[NDArray[np.bool_], tuple[NDArray[np.intp], ...]]:
        column = np.floor((grid.x_of(np.arange(grid.columns)) - self.grid.west) / self.grid.resolution_m)
        row = np.floor((self.grid.north - grid.y_of(np.arange(grid.rows))) / self.grid.resolution_m)
        inside = np.outer(_among(row, self.grid.rows), _among(column, self.grid.columns))
        rows = np.clip(row, 0, self.grid.rows - 1).astype(int)
        columns = np.clip(column, 0, self.grid.columns - 1).astype(int)
        return inside, np.ix_(rows, columns)


def read_raster(path: Path, crs: Any, bounds: Bounds | None = None) -> RuleRaster:  # noqa: ANN401 - names a CRS
    """Read the first band of a raster in the given metric CRS, whole or the cells that reach into a window.

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
                return _raster(file, crs, bounds)
            with WarpedVRT(
                file, crs=target, resampling=Resampling.bilinear, nodata=np.nan, dtype="float32"
            ) as warped:
                return _raster(warped, crs, bounds)
    except rasterio.errors.RasterioError as error:
        raise InputError([Fault(path.name, None, None, str(path), f"cannot be read: {error}")]) from error


def terrain_layers(path: Path, crs: Any, bounds: Bounds | None = None) -> dict[str, RuleRaster]:  # noqa: ANN401
    """Return elevation, slope and aspect of a height raster, as rules ask for them.

    With a window two cells more are read on each side, so that every cell in it has the slope it has in the
    whole raster.
    """
    height = read_raster(path, crs, bounds)
    size = height.grid.resolution_m
    slope = slope_deg(height.values, size).astype(np.float32)
    aspect = aspect_deg(height.values, size).astype(np.float32)
    return {
        "elevation": height,
        "slope": RuleRaster(slope, height.grid, crs),
        "aspect": RuleRaster(aspect, height.grid, crs, known=~np.isnan(slope)),
    }


def _raster(file: Any, crs: Any, bounds: Bounds | None) -> RuleRaster:  # noqa: ANN401 - a dataset or a warped one
    window = _window(file, bounds)
    values = file.read(1, masked=True, window=window).astype(np.float32).filled(np.nan)
    place = file.window_transform(window)
    return RuleRaster(values, Grid(place.c, place.f, place.a, *values.shape), crs)


def _window(file: Any, bounds: Bounds | None) -> Window:  # noqa: ANN401
    """Return the cells that reach into the bounds and a margin around them, at least two by two."""
    if bounds is None:
        return Window(0, 0, file.width, file.height)
    west, south, east, north = bounds
    size = file.transform.a
    rows = _span((file.transform.f - north) / size, (file.transform.f - south) / size, file.height)
    columns = _span((west - file.transform.c) / size, (east - file.transform.c) / size, file.width)
    return Window(columns[0], rows[0], columns[1] - columns[0], rows[1] - rows[0])


def _span(first: float, last: float, count: int) -> tuple[int, int]:
    start = min(max(floor(first) - MARGIN, 0), max(count - 2, 0))
    return start, max(min(ceil(last) + MARGIN, count), min(start + 2, count))


def _among(position: NDArray[np.floating], count: int) -> NDArray[np.bool_]:
    return (position >= 0) & (position < count)
