"""One building in detail: its horizon, its shade hour by hour, and the shadows of one hour around it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from shapely import box

from assessment.solar import grid_convergence_deg, weather_table
from assessment.solar_planes import module_planes
from assessment.solar_terrain import read_terrain, terrain_codes
from assessment.solar_tiles import HALO_M
from faults import Fault, InputError
from gis.grid import Grid
from gis.heights import STEEPEST_DEG
from gis.horizon import LEVELS, SECTORS, Blocks, sweeps
from gis.north import convergence_deg
from gis.rings import rings_of
from gis.surface import build_surface
from gis.sweep import STANDING, WANTED
from potential.solar.chain import Shade
from potential.solar.hourly_shade import hourly_lit, lit_shares, month_hour_means
from potential.solar.irradiation import normals, own_levels
from potential.solar.sun import substep_angles

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    from numpy.typing import NDArray

    from gis.surface import Surface
    from layers.climate import Weather
    from potential.solar.sky import SkyTable

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class SiteShade:
    """The shade on one building's module plane."""

    lit: Floats
    """Share of the sun that reaches the plane, 8760 hours, 1 at night."""
    month_hour_loss: Floats
    """Share of direct irradiance lost by month and hour of the day, shape (12, 24), NaN at night."""
    sky_view: float
    """Share of the open plane's sky that is left."""
    azimuths_deg: Floats
    horizon_deg: Floats
    """Mean elevation of the horizon over the plane's pixels, per azimuth."""

    @property
    def shade(self) -> Shade:
        """The shade as the yield chain takes it."""
        return Shade(self.lit, self.sky_view)


def site_shade(
    footprints: gpd.GeoDataFrame,
    building: str,
    terrain: Path,
    weather: Weather,
    *,
    resolution_m: float = 1.0,
    directions: int = SECTORS,
    workers: int = 2,
) -> SiteShade:
    """Return the shade on one building, reckoned from its surroundings.

    Parameters
    ----------
    footprints
        As for `shade_buildings`; only what lies within 1200 m is looked at.
    building
        Id of the building.
    terrain, weather, resolution_m, directions, workers
        As for `shade_buildings`, finer by default.

    Raises
    ------
    InputError
        No such building, or its height is unknown.
    """
    near, row = surroundings(footprints, building)
    turn = grid_convergence_deg(near)
    table = weather_table(weather, directions=directions, levels=LEVELS, convergence_deg=turn)
    codes = _codes(near, row, terrain, table, resolution_m=resolution_m, workers=workers)
    zenith, azimuth = substep_angles(
        weather.times, lat=weather.lat, lon=weather.lon, altitude_m=weather.altitude_m
    )
    angles = {"azimuths_deg": table.azimuths_deg, "levels_deg": table.levels_deg}
    lit = hourly_lit(lit_shares(codes, zenith, azimuth - turn, **angles), zenith)
    direct = weather.dni * np.maximum(np.cos(np.radians(weather.sky.zenith_deg)), 0)
    hour = weather.times.hour.to_numpy(np.int64)
    return SiteShade(
        lit=lit,
        month_hour_loss=1 - month_hour_means(lit, direct, weather.sky.month, hour),
        sky_view=_sky_view(codes, table, near, row),
        azimuths_deg=table.azimuths_deg,
        horizon_deg=_mean_horizon_deg(codes, table.levels_deg),
    )


def shadows(
    footprints: gpd.GeoDataFrame,
    terrain: Path,
    bounds: tuple[float, float, float, float],
    *,
    sun_zenith_deg: float,
    sun_azimuth_deg: float,
    resolution_m: float = 2.0,
    workers: int = 2,
) -> tuple[NDArray[np.bool_], Grid]:
    """Return which pixels lie in shadow with the sun at one place, and their grid.

    One sweep with one level, the sun's own elevation; buildings within 1200 m cast shadows too.

    Parameters
    ----------
    footprints, terrain, resolution_m, workers
        As for `shade_buildings`.
    bounds
        West, south, east, north of the picture.
    sun_zenith_deg, sun_azimuth_deg
        The sun, its azimuth from true north; below the horizon everything is dark.
    """
    grid = Grid.around(bounds, resolution_m=resolution_m)
    elevation_deg = 90.0 - sun_zenith_deg
    if elevation_deg <= 0:
        return np.ones(grid.shape, bool), grid
    reach = box(*bounds).buffer(HALO_M, cap_style="square")
    near = footprints[footprints.intersects(reach)].reset_index(drop=True)
    planes, ground = module_planes(near), read_terrain(terrain, near)
    middle_x, middle_y = (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2
    turn = float(convergence_deg(footprints.crs, middle_x, middle_y))
    around = Grid.around(reach.bounds, resolution_m=resolution_m)
    roofs = planes.roofs(np.arange(len(near)))
    surface = build_surface(
        around, ground.heights_m, ground.grid, rings_of(planes.polygons), roofs, whole=True
    )
    levels = np.array([[min(elevation_deg, STEEPEST_DEG)]])
    (code,) = sweeps(
        surface.heights,
        np.array([np.mod(sun_azimuth_deg - turn, 360.0)]),
        blocks=Blocks.everywhere(surface.heights),
        levels_deg=levels,
        workers=workers,
    )
    top = round((around.north - grid.north) / resolution_m)
    left = round((grid.west - around.west) / resolution_m)
    return code.raster()[top : top + grid.rows, left : left + grid.columns] > 0, grid


def surroundings(footprints: gpd.GeoDataFrame, building: str) -> tuple[gpd.GeoDataFrame, int]:
    """Return the footprints within 1200 m of a building, and its row among them."""
    chosen = footprints["id"].astype(str).to_numpy() == building
    if not chosen.any():
        raise InputError([Fault("buildings", None, "id", building, "no building has this id")])
    own = footprints[chosen].iloc[0]
    if not np.isfinite(float(own["height_m"])):
        raise InputError([Fault("buildings", None, "height_m", None, f"the height of {building} is unknown")])
    reach = box(*own.geometry.bounds).buffer(HALO_M, cap_style="square")
    near = footprints[footprints.intersects(reach)].reset_index(drop=True)
    return near, int(np.flatnonzero(near["id"].astype(str) == building)[0])


def _codes(
    near: gpd.GeoDataFrame, row: int, terrain: Path, table: SkyTable, *, resolution_m: float, workers: int
) -> Floats:
    """Return the share of the plane's pixels with each horizon level, shape (sectors, levels + 1)."""
    planes, ground = module_planes(near), read_terrain(terrain, near)
    grid = Grid.around(tuple(near.total_bounds), resolution_m=resolution_m)
    surface = build_surface(
        grid, ground.heights_m, ground.grid, rings_of(planes.polygons), planes.roofs(np.arange(len(near)))
    )
    first, last = (
        int(edge[0]) for edge in planes.pixel_ranges(surface.roofs, np.array([row]), np.array([row]))
    )
    if first == last:
        raise InputError([Fault("buildings", None, "id", str(near["id"][row]), "lies under a higher roof")])
    least = terrain_codes(ground, planes.centres[[row]], table, workers=workers)[0]
    return _shares(surface, slice(first, last), table, least, workers=workers)


def _shares(
    surface: Surface, pixels: slice, table: SkyTable, least: NDArray[np.uint8], *, workers: int
) -> Floats:
    roofs = surface.roofs
    blocks = Blocks.on_plain(surface.heights)
    blocks.mark(roofs.row, roofs.column, STANDING)
    row, column = roofs.row[pixels], roofs.column[pixels]
    blocks.mark(row, column, WANTED)
    levels = table.levels_deg.shape[1] + 1
    out = np.zeros((table.azimuths_deg.size, levels))
    angles = {"azimuths_deg": table.azimuths_deg, "levels_deg": table.levels_deg}
    for sector, code in enumerate(sweeps(surface.heights, **angles, blocks=blocks, workers=workers)):
        found = code.values[column, row] if code.transposed else code.values[row, column]
        out[sector] = np.bincount(np.maximum(found, least[sector]), minlength=levels) / row.size
    return out


def _sky_view(codes: Floats, table: SkyTable, near: gpd.GeoDataFrame, row: int) -> float:
    planes = module_planes(near.iloc[[row]])
    normal = normals(planes.tilt_deg, planes.azimuth_deg)
    own = own_levels(normal, table.azimuths_deg, table.levels_deg)[0]
    towards = np.maximum(table.view @ normal[0], 0)
    sectors = np.arange(own.size)
    level = np.maximum(np.arange(codes.shape[1])[None, :], own[:, None])
    seen = (codes * towards[sectors[:, None], level]).sum()
    return float(seen / towards[sectors, own].sum())


def _mean_horizon_deg(codes: Floats, levels_deg: Floats) -> Floats:
    low = np.concatenate([np.zeros((len(levels_deg), 1)), levels_deg], axis=1)
    high = np.concatenate(
        [np.zeros((len(levels_deg), 1)), levels_deg[:, 1:], np.full((len(levels_deg), 1), 90.0)], axis=1
    )
    return (codes * (low + high) / 2).sum(axis=1)
