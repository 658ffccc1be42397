"""Irradiation rasters for any surface, anywhere."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import rasterio
from pyproj import CRS, Proj, Transformer

from assessment.solar import ALBEDO, weather_table
from faults import Fault, InputError
from gis.horizon import LEVELS, SECTORS, Blocks, Codes, Heights, fixed_point, sweeps
from layers.climate import read_climate
from potential.solar.irradiation import (
    add_sector_pixels,
    add_sector_planes,
    normals,
    own_levels,
    plane_tables,
    surface_normal_z,
)

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
NODATA = -9999.0
STEPS_PER_KWH = 32
"""Irradiation is rounded to 1/32 kWh/m2, far below its error, so that files stay small."""
STRIP_ROWS = 512
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
    weather = climate_at(climate, surface)
    table = weather_table(
        weather, directions=directions, levels=levels, convergence_deg=surface.convergence_deg
    )
    known = np.isfinite(surface.heights_m)
    filled = np.where(known, surface.heights_m, np.nanmin(surface.heights_m))
    heights = fixed_point(filled, resolution_m=surface.resolution_m)
    plane = _plane(tilt_deg, azimuth_deg, surface.lat)
    light = irradiate(heights, table, plane=plane, workers=workers, progress=progress)
    month, view = _finished(light, heights, table, plane, albedo)
    chosen = known if mask is None else known & mask
    out.mkdir(parents=True, exist_ok=True)
    _write(out, surface, month, view, chosen)
    annual = month.sum(axis=2)
    return {
        "pixels": int(chosen.sum()),
        "seconds": round(time.perf_counter() - began, 3),
        "annual_mean_kwh_m2": float(annual[chosen].mean(dtype=np.float64)),
        "ghi_kwh_m2": float(table.ghi.sum() / 1000),
    }


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
    return SurfaceRaster(heights, dict(profile), crs, float(pixel), lat, lon, convergence_deg(crs, lon, lat))


def convergence_deg(crs: CRS, lon: float, lat: float) -> float:
    """Return by how much grid north lies east of true north at a place, degrees."""
    return float(Proj(crs).get_factors(lon, lat).meridian_convergence)


def climate_at(climate: Path | Weather, surface: SurfaceRaster) -> Weather:
    """Read the climate of a surface; a table of monthly normals is taken to its place."""
    from layers.climate import Weather as Year  # noqa: PLC0415 - the name is a type elsewhere

    if isinstance(climate, Year):
        return climate
    try:
        return read_climate(climate)
    except InputError:
        return read_climate(climate, lat=surface.lat, lon=surface.lon)


def _plane(tilt_deg: float | None, azimuth_deg: float | None, lat: float) -> Floats | None:
    if tilt_deg is None:
        if azimuth_deg is not None:
            raise InputError([Fault("plane", None, "azimuth", str(azimuth_deg), "needs a tilt beside it")])
        return None
    if not 0 <= tilt_deg <= 90:  # noqa: PLR2004 - upright
        raise InputError([Fault("plane", None, "tilt", str(tilt_deg), "must lie between 0 and 90 degrees")])
    facing = (180.0 if lat >= 0 else 0.0) if azimuth_deg is None else azimuth_deg
    return normals(np.array([tilt_deg]), np.array([facing]))


def irradiate(
    heights: Heights,
    table: SkyTable,
    *,
    plane: Floats | None = None,
    workers: int = 2,
    progress: Callable[[float, str], None] | None = None,
) -> Singles:
    """Return what every pixel receives from the sky: twelve months (Wh/m2) and sky view, (rows, columns, 13).

    Parameters
    ----------
    heights
        The surface.
    table
        The year.
    plane
        Normal of a plane on every pixel, shape (1, 3); None: the surface as it lies.
    """
    rows, columns = heights.rows.shape
    out = np.zeros((rows, columns, MONTHS + 1), np.float32)
    edges = np.linspace(0, rows, workers + 1).astype(int)
    add = _adder(heights, table, plane, out)
    angles = {"azimuths_deg": table.azimuths_deg, "levels_deg": table.levels_deg}
    with ThreadPoolExecutor(workers) as pool:
        found = sweeps(heights, **angles, blocks=Blocks.everywhere(heights), workers=workers)
        for sector, code in enumerate(found):
            if progress is not None:
                progress(
                    sector / table.azimuths_deg.size, f"direction {sector + 1} of {table.azimuths_deg.size}"
                )
            for job in [pool.submit(add, sector, code, first, last) for first, last in pairwise(edges)]:
                job.result()
    return out


def _adder(
    heights: Heights, table: SkyTable, plane: Floats | None, out: Singles
) -> Callable[[int, Codes, int, int], None]:
    vectors = np.concatenate([table.light, table.view[:, :, None, :]], axis=2)
    if plane is not None:
        own = own_levels(plane, table.azimuths_deg, table.levels_deg)
        light = plane_tables(vectors, plane, own)[0].astype(np.float32)
        return lambda sector, code, first, last: add_sector_planes(
            code.values, code.transposed, light[sector], first, last, out
        )
    sectors = _with_directions(vectors, table)
    slope = heights.quantum_m / heights.resolution_m
    return lambda sector, code, first, last: add_sector_pixels(
        code.values, code.transposed, heights.rows, sectors[sector], slope, first, last, out
    )


def _with_directions(vectors: Floats, table: SkyTable) -> list[tuple[Singles, Floats]]:
    """Return per sector the vectors (levels, 3, 13), and its direction and tangents for the kernel."""
    light = np.ascontiguousarray(vectors.transpose(0, 1, 3, 2), np.float32)
    azimuth = np.radians(table.azimuths_deg)
    aim = np.column_stack([np.sin(azimuth), np.cos(azimuth), np.tan(np.radians(table.levels_deg))])
    return list(zip(light, aim, strict=True))


def _finished(
    light: Singles, heights: Heights, table: SkyTable, plane: Floats | None, albedo: float
) -> tuple[Singles, Singles]:
    """Add ground light; return months in kWh/m2 and sky view."""
    view = light[:, :, VIEW]
    slope = heights.quantum_m / heights.resolution_m
    up = surface_normal_z(heights.rows, slope) if plane is None else np.float32(plane[0, 2])
    open_view = (1 + up) / 2
    reflected = albedo * (1 - view) * np.minimum(view / open_view, 1)
    month = light[:, :, :MONTHS]
    for number in range(MONTHS):
        month[:, :, number] += reflected * np.float32(table.ghi[number])
    month /= 1000
    return month, view


def _write(
    out: Path, surface: SurfaceRaster, month: Singles, view: Singles, chosen: NDArray[np.bool_]
) -> None:
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
    irradiation = "kWh/m2"
    with rasterio.open(out / "annual.tif", "w", count=1, **profile) as target:
        target.write(_rounded(month.sum(axis=2), chosen, STEPS_PER_KWH), 1)
        target.set_band_unit(1, f"{irradiation} a year")
    with rasterio.open(out / "monthly.tif", "w", count=MONTHS, interleave="band", **profile) as target:
        for number in range(MONTHS):
            target.write(_rounded(month[:, :, number], chosen, STEPS_PER_KWH), number + 1)
            target.set_band_unit(number + 1, irradiation)
            target.set_band_description(number + 1, f"month {number + 1}")
    with rasterio.open(out / "skyview.tif", "w", count=1, **profile) as target:
        target.write(_rounded(view, chosen, 4096), 1)


def _rounded(values: Singles, chosen: NDArray[np.bool_], steps: int) -> Singles:
    return np.where(chosen, np.rint(values * np.float32(steps)) / np.float32(steps), np.float32(NODATA))
