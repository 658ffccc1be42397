"""Maps of a region's sun: what a level surface receives in each month, shaded by terrain and buildings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import rasterio
import shapely
from rasterio.features import rasterize

from assessment.cog import write_cog
from assessment.solar import ALBEDO, grid_convergence_deg, weather_table
from assessment.solar_terrain import read_terrain
from assessment.sun import Pixels, finished, irradiate
from gis.grid import Grid
from gis.rings import rings_of
from gis.roof_shape import Roofs
from gis.surface import build_surface
from potential.solar.irradiation import normals
from potential.solar.pixels import by_tiles

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import geopandas as gpd
    from numpy.typing import NDArray

    from layers.climate import Weather

FINEST_M = 10.0
MOST_PIXELS = 20_000_000
"""Larger regions have larger pixels, so that the map never costs more than the sites."""
AROUND_M = 2000.0
"""How far around the towns terrain casts shade on the map."""
STEPS_PER_KWH = 4
"""Months are rounded to 1/4 kWh/m2, below their error, so that files stay small."""
AT_ONCE = 1_000_000
"""Pixels finished at a time."""
POLYGONS = (3, 6)


@dataclass(frozen=True)
class IrradiationMaps:
    """Global irradiation of a level surface, as high as ground or roof, kWh/m2; NaN outside the towns."""

    month: NDArray[np.float32]
    """Shape (12, rows, columns), north up."""
    grid: Grid
    crs: str
    shaded: bool
    """False: no terrain is known, so the map is the open horizon's everywhere."""

    @property
    def year(self) -> NDArray[np.float32]:
        """Sum of the months."""
        return np.asarray(self.month.sum(axis=0, dtype=np.float32))


def irradiation_maps(
    towns: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame | None,
    terrain: Path | None,
    weather: Weather,
    *,
    workers: int,
    finest_m: float = FINEST_M,
) -> IrradiationMaps:
    """Map what a level surface receives: the sky table of the shading engine, on the region's surface.

    A pixel is as high as the roof over its middle, or as the ground. Buildings of unknown height are left
    out. Without terrain nothing is shaded.

    Parameters
    ----------
    towns
        Where the map is wanted; a metric CRS.
    buildings
        Footprints with height_m; None: there are none.
    terrain
        GeoTIFF of ground heights.
    weather
        One year of hours.
    workers
        Threads.
    finest_m
        Pixel size, doubled until the map has no more than `MOST_PIXELS`.
    """
    grid = _grid(towns, finest_m)
    mask = _inside(towns, grid)
    table = weather_table(weather, convergence_deg=grid_convergence_deg(towns))
    pixels = _as_swept(Pixels.of(mask))
    if terrain is None:
        month = np.full((12, *grid.shape), np.nan, np.float32)
        open_month = (table.ghi / 1000).astype(np.float32)
        month[:, pixels.row, pixels.column] = open_month[:, None]
        return IrradiationMaps(month, grid, str(towns.crs), shaded=False)
    ground = read_terrain(terrain, towns)
    polygons, height_m = _roofs(buildings)
    surface = build_surface(
        grid, ground.heights_m, ground.grid, rings_of(polygons), Roofs.flat(height_m), whole=True
    )
    level = normals(np.array([0.0]), np.array([0.0]))
    light = irradiate(surface.heights, table, pixels, plane=level, workers=workers)
    month = np.full((12, *grid.shape), np.nan, np.float32)
    for start in range(0, pixels.row.size, AT_ONCE):
        some = slice(start, start + AT_ONCE)
        here = Pixels(pixels.row[some], pixels.column[some])
        found, _ = finished(light[some], surface.heights, table, here, plane=level, albedo=ALBEDO)
        month[:, here.row, here.column] = np.rint(found.T * STEPS_PER_KWH) / STEPS_PER_KWH
    return IrradiationMaps(month, grid, str(towns.crs), shaded=True)


def _as_swept(pixels: Pixels) -> Pixels:
    """Return pixels in the order in which they are swept, so that none is held twice to be put in order."""
    order = by_tiles(pixels.row, pixels.column)
    return Pixels(pixels.row[order], pixels.column[order])


def pixel_m(towns: gpd.GeoDataFrame, finest_m: float = FINEST_M) -> float:
    """Return the pixel size of a region's map: the finest, doubled until there are no more than allowed."""
    west, south, east, north = _extent(towns)
    size_m = finest_m
    while (east - west) * (north - south) / size_m**2 > MOST_PIXELS:
        size_m *= 2
    return size_m


def _extent(towns: gpd.GeoDataFrame) -> tuple[float, float, float, float]:
    west, south, east, north = (float(value) for value in towns.total_bounds)
    return west - AROUND_M, south - AROUND_M, east + AROUND_M, north + AROUND_M


def _grid(towns: gpd.GeoDataFrame, finest_m: float) -> Grid:
    return Grid.around(_extent(towns), resolution_m=pixel_m(towns, finest_m))


def _inside(towns: gpd.GeoDataFrame, grid: Grid) -> NDArray[np.bool_]:
    shapes = [shape for shape in towns.geometry if shape is not None and not shape.is_empty]
    burnt = rasterize(shapes, out_shape=grid.shape, transform=rasterio.Affine(*grid.transform), dtype="uint8")
    return np.asarray(burnt, bool)


def _roofs(buildings: gpd.GeoDataFrame | None) -> tuple[NDArray[np.object_], NDArray[np.float64]]:
    """Return footprints and heights of the buildings whose height is known."""
    if buildings is None or "height_m" not in buildings:
        return np.zeros(0, object), np.zeros(0)
    polygons = np.asarray(buildings.geometry.array, object)
    height_m = buildings["height_m"].to_numpy(float, na_value=np.nan)
    known = np.isfinite(height_m) & np.isin(shapely.get_type_id(polygons), POLYGONS)
    return polygons[known], height_m[known]


def write_irradiation(folder: Path, maps: IrradiationMaps, *, tags: Mapping[str, str]) -> None:
    """Write irradiation_annual.tif and irradiation_monthly.tif (12 bands) as cloud-optimised GeoTIFF."""
    said = dict(tags) | {
        "resolution_m": f"{maps.grid.resolution_m:g}",
        "shaded_by": "terrain and buildings of known height" if maps.shaded else "nothing, terrain unknown",
    }
    layers = {
        "irradiation_annual": (maps.year[None], ("year",)),
        "irradiation_monthly": (maps.month, tuple(f"month {number}" for number in range(1, 13))),
    }
    for name, (bands, words) in layers.items():
        write_cog(
            bands,
            folder / f"{name}.tif",
            bounds=maps.grid.bounds,
            crs=maps.crs,
            unit="kWh/m2",
            descriptions=words,
            tags=said,
        )
