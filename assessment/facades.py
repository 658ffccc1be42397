"""Irradiation of walls by bands of height: what a facade receives near the ground and at the top."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from assessment.solar import ALBEDO, grid_convergence_deg, weather_table
from assessment.solar_planes import module_planes
from assessment.solar_site import surroundings
from assessment.solar_terrain import read_terrain
from assessment.solar_tiles import HALO_M
from faults import Fault, InputError
from gis.far import far_horizon_tangent
from gis.grid import Grid
from gis.rings import rings_of
from gis.surface import build_surface
from potential.solar.irradiation import ground_light, normals, own_levels

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    from numpy.typing import NDArray

    from layers.climate import Weather
    from potential.solar.sky import SkyTable

    Floats = NDArray[np.float64]

UPRIGHT_DEG = 90.0
OUT_PIXELS = 1.5
"""A wall is looked at from this far before it, where its own roof no longer stands in the way."""
LEAST_WALL_M = 3.0


def facade_bands(
    footprints: gpd.GeoDataFrame,
    building: str,
    terrain: Path,
    weather: Weather,
    *,
    band_m: float = 6.0,
    spacing_m: float = 6.0,
    resolution_m: float = 1.0,
) -> pd.DataFrame:
    """Return what each wall of a building receives, by band of height.

    Rays are walked over the surface from points along the middle of each band, in the sectors of the shading
    engine; the wall hides what lies behind it.

    Parameters
    ----------
    footprints, terrain, weather
        As for `shade_buildings`.
    building
        Id of the building.
    band_m
        Height of a band; the last one ends at the eaves.
    spacing_m
        Distance between points along a wall.
    resolution_m
        Pixels of the surface.

    Returns
    -------
    One row per wall and band: wall, azimuth_deg (true), length_m, from_m, to_m (above the ground), area_m2,
    irradiation_kwh_m2 (year), irradiation_month (12), sky_view (share of what the wall would see were it
    alone).

    Raises
    ------
    InputError
        No such building, its height is unknown, or it has no wall of three metres.
    """
    near, row = surroundings(footprints, building)
    walls = _walls(near.geometry.iloc[row], float(near["height_m"].iloc[row]), band_m)
    if walls.empty:
        rule = f"{building} has no wall of {LEAST_WALL_M:g} m"
        raise InputError([Fault("buildings", None, "geometry", building, rule)])
    turn = grid_convergence_deg(near)
    table = weather_table(weather, convergence_deg=turn)
    planes, ground = module_planes(near), read_terrain(terrain, near)
    bounds = near.geometry.iloc[row].buffer(HALO_M, cap_style="square").bounds
    grid = Grid.around(bounds, resolution_m=resolution_m)
    roofs = planes.roofs(np.arange(len(near)))
    surface = build_surface(grid, ground.heights_m, ground.grid, rings_of(planes.polygons), roofs, whole=True)
    heights = surface.heights.metres()
    parts = [_wall_light(wall, heights, grid, table, spacing_m) for wall in walls.itertuples()]
    month = np.stack([part[0] for part in parts])
    return walls.drop(columns=["start", "end"]).assign(
        azimuth_deg=np.mod(walls["azimuth_deg"] + turn, 360.0),
        irradiation_kwh_m2=month.sum(axis=1),
        irradiation_month=list(month),
        sky_view=[p[1] for p in parts],
    )


def _walls(outline: shapely.Polygon, height_m: float, band_m: float) -> pd.DataFrame:
    """Return the walls of the outer ring, cut into bands: one row each."""
    ring = shapely.orient_polygons(shapely.get_parts(outline)[0]).exterior
    corners = np.asarray(ring.coords)[:, :2]
    edges = np.append(np.arange(0.0, height_m - 1e-9, band_m), height_m)
    rows = []
    for number, (start, end) in enumerate(itertools.pairwise(corners)):
        along = end - start
        length = float(np.hypot(*along))
        if length < LEAST_WALL_M:
            continue
        # the ring runs against the clock: outside lies to its right
        azimuth = float(np.mod(np.degrees(np.arctan2(along[1], -along[0])), 360.0))
        for low, high in itertools.pairwise(edges):
            rows.append((number, azimuth, length, low, high, length * (high - low), start, end))
    names = ["wall", "azimuth_deg", "length_m", "from_m", "to_m", "area_m2", "start", "end"]
    return pd.DataFrame(rows, columns=names)


def _wall_light(
    wall: Any,  # noqa: ANN401 - a row of `_walls`
    heights: Floats,
    grid: Grid,
    table: SkyTable,
    spacing_m: float,
) -> tuple[Floats, float]:
    """Return twelve months (kWh/m2) of one band of one wall and its share of sky."""
    count = max(round(wall.length_m / spacing_m), 1)
    places = (np.arange(count) + 0.5) / count
    angle = np.radians(wall.azimuth_deg)
    outward = np.array([np.sin(angle), np.cos(angle)]) * OUT_PIXELS * grid.resolution_m
    points = wall.start + places[:, None] * (wall.end - wall.start) + outward
    row = np.floor((grid.north - points[:, 1]) / grid.resolution_m).astype(int)
    column = np.floor((points[:, 0] - grid.west) / grid.resolution_m).astype(int)
    eye_m = heights[row, column] + (wall.from_m + wall.to_m) / 2
    tangent = far_horizon_tangent(
        heights, grid, points, eye_m, azimuths_deg=table.azimuths_deg, beyond_m=grid.resolution_m
    )
    normal = normals(np.array([UPRIGHT_DEG]), np.array([wall.azimuth_deg]))
    return _received(tangent, normal, table)


def _received(tangent: Floats, normal: Floats, table: SkyTable) -> tuple[Floats, float]:
    """Return the mean light of points on one plane under their horizons, kWh/m2 by month, and sky view."""
    own = own_levels(normal, table.azimuths_deg, table.levels_deg)[0].astype(np.int64)
    levels = np.tan(np.radians(table.levels_deg))
    codes = np.stack(
        [np.searchsorted(one, seen) for one, seen in zip(levels, tangent.T, strict=True)], axis=1
    )
    sectors = np.arange(own.size)
    light = np.maximum(table.light @ normal[0], 0)
    sky = np.maximum(table.view @ normal[0], 0)
    code = np.maximum(codes, own)
    month, view = light[sectors, code].sum(axis=1).mean(axis=0), sky[sectors, code].sum(axis=1).mean()
    open_view = sky[sectors, own].sum()
    reflected = ground_light(table, np.array([view]), np.array([open_view]), ALBEDO)[0]
    return np.asarray((month + reflected) / 1000, np.float64), float(view / open_view)
