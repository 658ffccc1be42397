"""Terrain for the shading engine: read, brought to the metric CRS, and seen from afar."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import rasterio
from rasterio.enums import Resampling
from rasterio.errors import WindowError
from rasterio.vrt import WarpedVRT
from rasterio.windows import Window, from_bounds

from faults import Fault, InputError
from gis.far import far_horizon_tangent
from gis.grid import Grid
from gis.ground import bilinear

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    from numpy.typing import NDArray

    from potential.solar.sky import SkyTable

    Floats = NDArray[np.float64]

CELL_M = 100.0
"""Buildings of one cell share the horizon that terrain makes."""
EYE_M = 5.0
FAR_M = 50_000.0
"""Terrain further away is not looked at: 2,000 m of height stand 2.3 degrees above the horizon there."""
BEYOND_PIXELS = 1.5
"""Terrain nearer than this many of its own pixels is left to the surface."""


@dataclass(frozen=True)
class Terrain:
    """Ground heights on a grid of square pixels in the metric CRS."""

    heights_m: Floats
    grid: Grid


def read_terrain(path: Path, footprints: gpd.GeoDataFrame) -> Terrain:
    """Read ground heights around the footprints, in their CRS; holes are filled with the mean height.

    Terrain further than `FAR_M` from the footprints is left out, so that memory does not grow with the file.

    Raises
    ------
    InputError
        The file cannot be read, has no CRS or no heights.
    """
    try:
        with rasterio.open(path) as source:
            if source.crs is None:
                raise InputError([Fault("terrain", None, "crs", None, "the file has no CRS", file=path.name)])
            with WarpedVRT(source, crs=footprints.crs, resampling=Resampling.bilinear) as view:
                window = _around(view, footprints)
                heights = view.read(1, masked=True, window=window).astype(np.float64)
                transform = view.window_transform(window)
    except rasterio.errors.RasterioError as error:
        raise InputError(
            [Fault("terrain", None, None, None, f"cannot be read: {error}", file=path.name)]
        ) from error
    heights_m = heights.filled(np.nan)
    if not np.isfinite(heights_m).any():
        raise InputError([Fault("terrain", None, None, None, "has no heights", file=path.name)])
    heights_m = np.where(np.isfinite(heights_m), heights_m, np.nanmean(heights_m))
    grid = Grid(transform.c, transform.f, transform.a, heights_m.shape[0], heights_m.shape[1])
    return Terrain(heights_m, grid)


def _around(view: WarpedVRT, footprints: gpd.GeoDataFrame) -> Window:
    """Return the pixels within reach of the footprints; all of them where none is."""
    west, south, east, north = footprints.total_bounds
    whole = Window(0, 0, view.width, view.height)
    asked = from_bounds(west - FAR_M, south - FAR_M, east + FAR_M, north + FAR_M, view.transform)
    try:
        near = asked.round_offsets().round_lengths().intersection(whole)
    except WindowError:
        return whole
    least = 2  # bilinear needs four corners
    return near if min(near.width, near.height) >= least else whole


def terrain_codes(ground: Terrain, points: Floats, table: SkyTable, *, workers: int) -> NDArray[np.uint8]:
    """Return the horizon code that terrain gives each point per sector, shape (points, sectors).

    Reckoned once per 100 m cell, from 5 m above its ground, with curvature and refraction.
    """
    cells, index = np.unique(np.floor(points / CELL_M), axis=0, return_inverse=True)
    centres = (cells + 0.5) * CELL_M
    place = np.array([ground.grid.west, ground.grid.north, ground.grid.resolution_m])
    eye_m = np.array([bilinear(ground.heights_m, place, x, y) for x, y in centres]) + EYE_M

    def part(rows: slice) -> NDArray[np.uint8]:
        tangent = far_horizon_tangent(
            ground.heights_m,
            ground.grid,
            centres[rows],
            eye_m[rows],
            azimuths_deg=table.azimuths_deg,
            beyond_m=BEYOND_PIXELS * ground.grid.resolution_m,
        )
        levels = np.tan(np.radians(table.levels_deg))
        codes = [np.searchsorted(level, found) for level, found in zip(levels, tangent.T, strict=True)]
        return np.stack(codes, axis=1).astype(np.uint8)

    edges = np.linspace(0, len(cells), workers + 1).astype(int)
    with ThreadPoolExecutor(workers) as pool:
        parts = list(pool.map(part, [slice(low, high) for low, high in itertools.pairwise(edges)]))
    return np.concatenate(parts)[index.ravel()]
