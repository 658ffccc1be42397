"""Shading of every roof of a region: surface, horizon sweeps and sky table joined."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from assessment.solar_light import PlaneLight
from assessment.solar_planes import ModulePlanes, module_planes
from assessment.solar_terrain import Terrain, read_terrain, terrain_codes
from assessment.solar_tiles import Tile, tiles_of
from gis.horizon import LEVELS, SECTORS, Blocks, sweeps, thresholds_deg
from gis.north import convergence_deg
from gis.rings import rings_of
from gis.surface import Surface, build_surface
from gis.sweep import STANDING, WANTED
from potential.solar.irradiation import PlanePixels, add_sector, ground_light
from potential.solar.sky import SkyTable, sky_table
from potential.solar.sun import substep_angles

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import geopandas as gpd
    from numpy.typing import NDArray

    from layers.climate import Weather

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

MONTHS = 12
ALBEDO = 0.2


def weather_table(
    weather: Weather, *, directions: int = SECTORS, levels: int = LEVELS, convergence_deg: float = 0.0
) -> SkyTable:
    """Fold a weather year into the table of the shading engine.

    Parameters
    ----------
    weather
        The year.
    directions, levels
        Azimuth sectors and horizon levels.
    convergence_deg
        By how much grid north lies east of true north: the sun's azimuth is turned to the grid.
    """
    zenith_deg, azimuth_deg = substep_angles(
        weather.times, lat=weather.lat, lon=weather.lon, altitude_m=weather.altitude_m
    )
    return sky_table(
        weather.sky,
        zenith_deg,
        azimuth_deg - convergence_deg,
        azimuths_deg=np.arange(directions) * 360.0 / directions,
        levels_deg=thresholds_deg(directions, levels),
    )


def grid_convergence_deg(footprints: gpd.GeoDataFrame) -> float:
    """Return by how much grid north lies east of true north in the middle of footprints, degrees."""
    west, south, east, north = footprints.total_bounds
    return float(convergence_deg(footprints.crs, (west + east) / 2, (south + north) / 2))


def shade_buildings(
    footprints: gpd.GeoDataFrame,
    terrain: Path | Terrain,
    weather: Weather,
    *,
    resolution_m: float = 2.0,
    directions: int = 72,
    levels: int = LEVELS,
    workers: int = 2,
    tiles: Sequence[Tile] | None = None,
    progress: Callable[[float, str], None] | None = None,
    horizons: bool = False,
    table: SkyTable | None = None,
) -> pd.DataFrame:
    """Return the shading of every building's module plane by terrain and all other buildings.

    Parameters
    ----------
    footprints
        Columns id, geometry, height_m; optional roof_form (flat, gabled, hipped, metal), tilt_deg and
        azimuth_deg (true) of the modules. Without them roofs are flat and modules lie level.
    terrain
        GeoTIFF of ground heights, metres; brought to the CRS of the footprints where it differs. Or what
        `read_terrain` made of one.
    weather
        One year of hours.
    resolution_m, directions, levels
        Pixel size, azimuth sectors, horizon levels.
    workers
        Threads.
    tiles
        Parts to work through; None: the whole extent, cut where it is large. Buildings outside every core
        only cast shadows; their own results are unknown.
    progress
        Called with the share done and what is being done.
    horizons
        True: also return each plane's horizon.
    table
        The year folded before, from `weather_table`; directions and levels are then its own.

    Returns
    -------
    One row per footprint: id; shading_loss (share of the year's irradiation that the horizon takes);
    shading_loss_month (12); sky_view (share of the open plane's sky); irradiation_kwh_m2 (year, on the
    plane, with shade); irradiation_month (12); sun_month and dome_month (12 each, kWh/m2, no ground
    light); pixels; horizon where asked, the share of the plane's pixels with each level, 32-bit, shape
    (sectors, levels + 1). Unknown (NaN) where height_m is unknown.
    """
    if table is None:
        turn = grid_convergence_deg(footprints)
        table = weather_table(weather, directions=directions, levels=levels, convergence_deg=turn)
    planes = module_planes(footprints)
    ground = terrain if isinstance(terrain, Terrain) else read_terrain(terrain, footprints)
    sums = np.full((len(footprints), 2 * MONTHS + 1), np.nan)
    pixels = np.zeros(len(footprints), np.int64)
    light = PlaneLight.of(table, planes)
    shares = np.zeros((len(footprints) if horizons else 0, *table.view.shape[:2]), np.float32)
    job = _Job(planes, ground, light, workers, sums, pixels, shares)
    chosen = list(tiles_of(footprints.total_bounds, resolution_m=resolution_m) if tiles is None else tiles)
    for number, tile in enumerate(chosen):
        if progress is not None:
            progress(number / len(chosen), f"shading, tile {number + 1} of {len(chosen)}")
        _shade_tile(tile, job)
    frame = _results(footprints, light, sums, pixels)
    return frame.assign(horizon=list(shares)) if horizons else frame


@dataclass(frozen=True)
class _Job:
    """What all tiles share; `sums` and `pixels` are filled tile by tile."""

    planes: ModulePlanes
    ground: Terrain
    light: PlaneLight
    workers: int
    sums: Floats
    pixels: Ints
    shares: NDArray[np.float32]
    """Horizons, shape (buildings, sectors, levels); no buildings: not wanted."""


def _shade_tile(tile: Tile, job: _Job) -> None:
    inside = job.planes.centred_in(tile.core)
    if not inside.any():
        return
    near = job.planes.touching(tile.grid.bounds)
    surface = build_surface(
        tile.grid,
        job.ground.heights_m,
        job.ground.grid,
        rings_of(job.planes.polygons[near]),
        job.planes.roofs(near),
    )
    place = np.flatnonzero(inside[near])
    buildings = near[place]
    first, last = job.planes.pixel_ranges(surface.roofs, place, buildings)
    pixels = PlanePixels(surface.roofs.row, surface.roofs.column, first, last, job.light.kind[buildings])
    far = terrain_codes(job.ground, job.planes.centres[buildings], job.light.table, workers=job.workers)
    found, shares = _sum_sectors(
        surface, pixels, job.light, far, workers=job.workers, horizons=job.shares.size > 0
    )
    count = last - first
    job.sums[buildings] = np.where(count[:, None] > 0, found / np.maximum(count, 1)[:, None], np.nan)
    job.pixels[buildings] = count
    if job.shares.size:
        job.shares[buildings] = shares


def _sum_sectors(
    surface: Surface,
    pixels: PlanePixels,
    light: PlaneLight,
    far: NDArray[np.uint8],
    *,
    workers: int,
    horizons: bool,
) -> tuple[Floats, NDArray[np.float32]]:
    """Return what planes receive, summed over their pixels, and their horizons where asked."""
    sectors, _, levels, channels = light.sectors.shape
    out = np.zeros((pixels.first.size, channels))
    shares = np.zeros((pixels.first.size if horizons else 0, sectors, levels), np.float32)
    edges = np.linspace(0, pixels.first.size, workers + 1).astype(int)
    parts = [slice(low, high) for low, high in pairwise(edges)]
    turned = pixels._replace(row=pixels.column, column=pixels.row)
    blocks = Blocks.on_plain(surface.heights)
    blocks.mark(pixels.row, pixels.column, STANDING)
    blocks.mark(*_pixels_of(pixels), WANTED)
    angles = {"azimuths_deg": light.table.azimuths_deg, "levels_deg": light.table.levels_deg}
    with ThreadPoolExecutor(workers) as pool:
        for sector, code in enumerate(sweeps(surface.heights, **angles, blocks=blocks, workers=workers)):
            planes = turned if code.transposed else pixels
            table = light.sectors[sector]
            jobs = [
                pool.submit(
                    add_sector,
                    code.values,
                    planes.part(part),
                    far[part, sector],
                    table,
                    out[part],
                    shares[part, sector],
                )
                for part in parts
            ]
            for job in jobs:
                job.result()
    return out, shares


def _pixels_of(pixels: PlanePixels) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the pixels that belong to some plane."""
    edges = np.zeros(pixels.row.size + 1, np.int64)
    np.add.at(edges, pixels.first, 1)
    np.add.at(edges, pixels.last, -1)
    chosen = np.cumsum(edges[:-1]) > 0
    return pixels.row[chosen], pixels.column[chosen]


def _results(footprints: gpd.GeoDataFrame, light: PlaneLight, sums: Floats, pixels: Ints) -> pd.DataFrame:
    open_sky = light.open[light.kind]
    view, open_view = sums[:, -1], open_sky[:, -1]
    ground = ground_light(light.table, view, open_view, ALBEDO)
    open_ground = ground_light(light.table, open_view, open_view, ALBEDO)
    sun, dome = sums[:, :MONTHS], sums[:, MONTHS : 2 * MONTHS]
    month = sun + dome + ground
    open_month = open_sky[:, :MONTHS] + open_sky[:, MONTHS : 2 * MONTHS] + open_ground
    frame = pd.DataFrame({"id": footprints["id"].to_numpy()})
    frame["shading_loss"] = 1 - month.sum(axis=1) / open_month.sum(axis=1)
    frame["shading_loss_month"] = list(1 - month / open_month)
    frame["sky_view"] = view / open_view
    frame["irradiation_kwh_m2"] = month.sum(axis=1) / 1000
    frame["irradiation_month"] = list(month / 1000)
    frame["sun_month"] = list(sun / 1000)
    frame["dome_month"] = list(dome / 1000)
    frame["pixels"] = pixels
    return frame
