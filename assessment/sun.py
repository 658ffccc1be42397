"""Irradiation rasters for any surface, anywhere."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from assessment.solar import ALBEDO, weather_table
from assessment.sun_surface import SurfaceRaster, read_surface, write_rasters
from faults import Fault, InputError
from gis.heights import Heights, fixed_point
from gis.horizon import LEVELS, SECTORS, Blocks, Codes, sweeps
from gis.sweep import WANTED
from layers.climate import read_climate
from potential.solar.irradiation import normals, own_levels, plane_tables
from potential.solar.lanes import CHANNELS, SECTORS_AT_ONCE
from potential.solar.pixels import add_as_it_lies, add_on_plane, by_tiles, collect, surface_normals

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from layers.climate import Weather
    from potential.solar.sky import SkyTable

    Floats = NDArray[np.float64]
    Singles = NDArray[np.float32]

MONTHS = 12
VIEW = 12
"""Channel of the sky view, behind the twelve months."""


def sun_rasters(
    dsm: Path,
    climate: Path | Weather,
    *,
    out: Path,
    tilt_deg: float | None = None,
    azimuth_deg: float | None = None,
    mask: NDArray[np.bool_] | None = None,
    directions: int = SECTORS,
    levels: int = LEVELS,
    albedo: float = ALBEDO,
    workers: int = 2,
    progress: Callable[[float, str], None] | None = None,
    shift_min: float = 0.0,
) -> dict[str, Any]:
    """Write annual.tif, monthly.tif (12 bands) and skyview.tif of a surface.

    Irradiation is in kWh/m2 on the surface as it lies, or on a plane of one tilt and azimuth set up on every
    pixel. Sky view is the share of the sky a pixel's plane sees, weighted with the cosine.

    Parameters
    ----------
    dsm
        GeoTIFF of heights in metres, in a projected CRS in metres with square pixels.
    climate
        Climate file of any kind `read_climate` takes, or a year already read.
    out
        Folder; made where it does not exist.
    tilt_deg, azimuth_deg
        A plane on every pixel; tilt alone faces the equator.
    mask
        Pixels to average and write, of the shape of the surface; None: all.
    directions, levels, albedo, workers, progress
        Sectors, horizon levels, ground reflection, threads, report.
    shift_min
        See `read_climate`.

    Returns
    -------
    pixels, seconds, annual_mean_kwh_m2 and ghi_kwh_m2.

    Raises
    ------
    InputError
        The surface or the climate cannot be used.
    """
    began = time.perf_counter()
    surface = read_surface(dsm)
    weather = climate_at(climate, surface, shift_min=shift_min)
    table = weather_table(
        weather, directions=directions, levels=levels, convergence_deg=surface.convergence_deg
    )
    known = np.isfinite(surface.heights_m)
    filled = np.where(known, surface.heights_m, np.nanmin(surface.heights_m))
    heights = fixed_point(filled, resolution_m=surface.resolution_m)
    plane = _plane(tilt_deg, azimuth_deg, surface)
    pixels = Pixels.of(known if mask is None else known & mask)
    if not pixels.row.size:
        raise InputError([Fault("surface", None, None, None, "no pixel to work on", file=dsm.name)])
    light = irradiate(heights, table, pixels, plane=plane, workers=workers, progress=progress)
    month, view = finished(light, heights, table, pixels, plane=plane, albedo=albedo)
    out.mkdir(parents=True, exist_ok=True)
    write_rasters(out, surface, month, view, row=pixels.row, column=pixels.column)
    return {
        "pixels": int(pixels.row.size),
        "seconds": round(time.perf_counter() - began, 3),
        "annual_mean_kwh_m2": float(month.sum(axis=1).mean(dtype=np.float64)),
        "ghi_kwh_m2": float(table.ghi.sum() / 1000),
    }


def climate_at(climate: Path | Weather, surface: SurfaceRaster, *, shift_min: float = 0.0) -> Weather:
    """Read the climate of a surface; a table of monthly normals is taken to its place."""
    from layers.climate import Weather as Year  # noqa: PLC0415 - the name is a type elsewhere

    if isinstance(climate, Year):
        return climate
    try:
        return read_climate(climate, shift_min=shift_min)
    except InputError:
        return read_climate(climate, lat=surface.lat, lon=surface.lon, shift_min=shift_min)


def _plane(tilt_deg: float | None, azimuth_deg: float | None, surface: SurfaceRaster) -> Floats | None:
    """Return the normal of a plane on the grid; its azimuth is a true one."""
    if tilt_deg is None:
        if azimuth_deg is not None:
            raise InputError([Fault("plane", None, "azimuth", str(azimuth_deg), "needs a tilt beside it")])
        return None
    if not 0 <= tilt_deg <= 90:  # noqa: PLR2004 - upright
        raise InputError([Fault("plane", None, "tilt", str(tilt_deg), "must lie between 0 and 90 degrees")])
    facing = (180.0 if surface.lat >= 0 else 0.0) if azimuth_deg is None else azimuth_deg
    return normals(np.array([tilt_deg]), np.array([facing - surface.convergence_deg]))


@dataclass(frozen=True)
class Pixels:
    """Pixels of a raster, row by row."""

    row: NDArray[np.int32]
    column: NDArray[np.int32]

    @classmethod
    def of(cls, mask: NDArray[np.bool_]) -> Pixels:
        """List the pixels of a mask."""
        row, column = np.nonzero(mask)
        return cls(row.astype(np.int32), column.astype(np.int32))


def irradiate(
    heights: Heights,
    table: SkyTable,
    pixels: Pixels,
    *,
    plane: Floats | None = None,
    workers: int = 2,
    progress: Callable[[float, str], None] | None = None,
) -> Singles:
    """Return what pixels receive from the sky: twelve months (Wh/m2) and sky view, shape (pixels, 13).

    Parameters
    ----------
    heights
        The surface.
    table
        The year.
    pixels
        Where light is wanted; everything else only casts shade.
    plane
        Normal of a plane on every pixel, shape (1, 3); None: the surface as it lies.
    workers
        Threads.
    progress
        Called with the share done and what is being done.
    """
    order = by_tiles(pixels.row, pixels.column)
    row, column = pixels.row[order], pixels.column[order]
    out = np.zeros((row.size, CHANNELS), np.float32)
    add = _adder(heights, table, plane, row, column)
    edges = np.linspace(0, row.size, workers + 1).astype(int)
    parts = [slice(low, high) for low, high in pairwise(edges)]
    blocks = Blocks.standing(heights)
    blocks.mark(row, column, WANTED)
    codes = np.zeros((row.size, SECTORS_AT_ONCE), np.uint8)
    angles = {"azimuths_deg": table.azimuths_deg, "levels_deg": table.levels_deg}
    count = table.azimuths_deg.size

    def taken(code: Codes, place: int, part: slice) -> None:
        where = (column[part], row[part]) if code.transposed else (row[part], column[part])
        collect(code.values, *where, place, codes[part])

    with ThreadPoolExecutor(workers) as pool:
        for sector, code in enumerate(sweeps(heights, **angles, blocks=blocks, workers=workers)):
            place = sector % SECTORS_AT_ONCE
            list(pool.map(lambda part, code=code, place=place: taken(code, place, part), parts))
            if place + 1 < SECTORS_AT_ONCE and sector + 1 < count:
                continue
            batch = sector - place
            list(pool.map(lambda part, batch=batch: add(batch, part, codes[part], out[part]), parts))
            if progress is not None:
                progress((sector + 1) / count, f"direction {sector + 1} of {count}")
    if (order[1:] > order[:-1]).all():  # they came tile by tile
        return out[:, : MONTHS + 1]
    result = np.empty((row.size, MONTHS + 1), np.float32)
    result[order] = out[:, : MONTHS + 1]
    return result


def _adder(
    heights: Heights,
    table: SkyTable,
    plane: Floats | None,
    row: NDArray[np.int32],
    column: NDArray[np.int32],
) -> Callable[[int, slice, NDArray[np.uint8], Singles], None]:
    """Return what adds the light of eight sectors, from one on, to a part of the pixels."""
    vectors = np.concatenate([table.light, table.view[:, :, None, :]], axis=2)
    if plane is not None:
        own = own_levels(plane, table.azimuths_deg, table.levels_deg)
        light = _whole_batches(plane_tables(vectors, plane, own)[0])
        return lambda first, _part, codes, out: add_on_plane(codes, light[first:][:SECTORS_AT_ONCE], out)
    lying = _whole_batches(vectors.transpose(0, 1, 3, 2))
    azimuth = np.radians(table.azimuths_deg)
    aims = np.column_stack([np.sin(azimuth), np.cos(azimuth), np.tan(np.radians(table.levels_deg))])
    aims = np.concatenate([aims, np.zeros((len(lying) - len(aims), aims.shape[1]))]).astype(np.float32)
    normal = surface_normals(heights.rows, row, column, heights.quantum_m / heights.resolution_m)
    return lambda first, part, codes, out: add_as_it_lies(
        codes, normal[part], lying[first:][:SECTORS_AT_ONCE], aims[first:][:SECTORS_AT_ONCE], out
    )


def _whole_batches(light: Floats) -> Singles:
    """Return a table by sector with empty channels and empty sectors up to whole vectors and batches."""
    more = [(0, -len(light) % SECTORS_AT_ONCE), *[(0, 0)] * (light.ndim - 2), (0, CHANNELS - light.shape[-1])]
    return np.ascontiguousarray(np.pad(light, more), np.float32)


def finished(
    light: Singles, heights: Heights, table: SkyTable, pixels: Pixels, *, plane: Floats | None, albedo: float
) -> tuple[Singles, Singles]:
    """Add ground light to what `irradiate` returns; return months in kWh/m2 and sky view per pixel."""
    view = light[:, VIEW]
    slope = heights.quantum_m / heights.resolution_m
    up = (
        surface_normals(heights.rows, pixels.row, pixels.column, slope)[:, 2]
        if plane is None
        else np.full(view.size, plane[0, 2], np.float32)
    )
    reflected = albedo * (1 - view) * np.minimum(view / ((1 + up) / 2), 1)
    month = light[:, :MONTHS] + reflected[:, None] * table.ghi.astype(np.float32)
    return np.asarray(month / 1000, np.float32), view
