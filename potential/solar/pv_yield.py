"""Energy per kWp: monthly for planes, hourly for one; see `yields` for what comes out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pvlib

from potential.solar.chain import STEPS, hour_table, run_chain
from potential.solar.hour import conversion
from potential.solar.rear import rear_irradiance
from potential.solar.system import System
from potential.solar.transposition import beam_polynomial, diffuse_modifiers
from potential.solar.yields import HourlyYield, UnitYield, unit_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from potential.solar.chain import Shade
    from potential.solar.sun import HourlySky

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

MONTHS = 12


def unit_yield(
    sky: HourlySky, tilt_deg: float, azimuth_deg: float, system: System | None = None
) -> UnitYield:
    """Return the first-year energy of one kWp on one plane.

    Perez 1990 transposition, physical incidence-angle modifier (beam by table, diffuse after Marion), Sandia
    cell temperature, PVWatts DC, named losses, PVWatts inverter with clipping.

    Parameters
    ----------
    sky
        Hourly weather with the sun.
    tilt_deg, azimuth_deg
        The plane: 0 = level to 90 = upright; 0 = north, 90 = east, 180 = south.
    system
        Module, mounting, losses, inverter; the default is a monofacial module on an open rack.
    """
    return _unit_yields(sky, np.array([tilt_deg]), np.array([azimuth_deg]), system or System())[0]


def hourly_yield(
    sky: HourlySky,
    tilt_deg: float,
    azimuth_deg: float,
    system: System | None = None,
    *,
    shade: Shade | None = None,
) -> HourlyYield:
    """Return every hour of one kWp on one plane, and the sums; see `unit_yield`.

    With `shade` the sun is dimmed hour by hour and the sky as a whole; irradiation on the plane and the
    waterfall's transposition then hold the shade.
    """
    hours = np.zeros((sky.ghi.size, 3))
    planes = np.array([tilt_deg]), np.array([azimuth_deg])
    total = _unit_yields(sky, *planes, system or System(), hours, shade=shade)[0]
    return HourlyYield(hours[:, 0], hours[:, 1], hours[:, 2], total)


def monthly_sums(
    sky: HourlySky,
    tilt_deg: Floats,
    azimuth_deg: Floats,
    system: System,
    hourly: Floats | None = None,
    *,
    shade: Shade | None = None,
    cover: Floats | None = None,
) -> Floats:
    """Run the chain; returns W h sums of shape (planes, steps of `chain.STEPS`, 12).

    `cover` is the ground cover ratio of each plane's rows where they differ from the system's.
    """
    _check_planes(tilt_deg, azimuth_deg)
    month, hours = hour_table(sky, system)
    left, lit = (1.0, np.zeros((0, 0))) if shade is None else (shade.sky_view, shade.lit[None, :])
    planes = plane_columns(tilt_deg, azimuth_deg, system, np.full(tilt_deg.size, left), cover=cover)
    sums = np.zeros((tilt_deg.size, len(STEPS), MONTHS))
    run_chain(
        month,
        hours,
        planes,
        lit,
        beam_polynomial(system.glass),
        np.asarray(system.losses.soiling),
        _rear(sky, tilt_deg, azimuth_deg, system),
        conversion(system),
        sums,
        np.zeros((0, 3)) if hourly is None else hourly,
    )
    return sums


def plane_columns(
    tilt_deg: Floats, azimuth_deg: Floats, system: System, sky_left: Floats, *, cover: Floats | None = None
) -> Floats:
    """Return planes as the loop takes them, shape (planes, 7).

    Tilt and azimuth (radians), modifiers of sky and ground light, share of the sky that rows in front leave,
    and that surroundings leave, ground cover ratio of the rows: that of each plane, or the system's.
    """
    rows = np.full(tilt_deg.size, system.rows.ground_cover_ratio) if cover is None else cover
    kinds, index = np.unique(tilt_deg, return_inverse=True)
    modifiers = np.array([diffuse_modifiers(float(tilt), system.glass) for tilt in kinds])[index.ravel()]
    angles = np.radians(np.stack([tilt_deg, azimuth_deg], axis=1))
    return np.column_stack([angles, modifiers, _sky_seen(tilt_deg, rows), sky_left, rows])


def _check_planes(tilt_deg: Floats, azimuth_deg: Floats) -> None:
    if not ((tilt_deg >= 0) & (tilt_deg <= 90)).all():  # noqa: PLR2004 - upright
        raise ValueError(f"tilt must lie between 0 and 90 degrees, got {tilt_deg}")
    if not np.isfinite(azimuth_deg).all():
        raise ValueError("azimuth must be a finite angle in degrees")


def _sky_seen(tilt_deg: Floats, cover: Floats) -> Floats:
    """Return the share of the plane's own sky that the row in front leaves (Passias and Kallback 1984)."""
    seen = np.ones(tilt_deg.size)
    rows = cover > 0
    masking = pvlib.shading.masking_angle_passias(np.maximum(tilt_deg[rows], 1e-6), cover[rows])
    seen[rows] = 1 - pvlib.shading.sky_diffuse_passias(masking)
    return seen


def _rear(sky: HourlySky, tilt_deg: Floats, azimuth_deg: Floats, system: System) -> Floats:
    """Return rear irradiance (W/m2) of bifacial rows, (planes, hours); no planes for monofacial modules."""
    if system.bifaciality <= 0:
        return np.zeros((0, sky.ghi.size))
    planes = zip(tilt_deg, azimuth_deg, strict=True)
    return np.asarray([rear_irradiance(sky, tilt, azimuth, system) for tilt, azimuth in planes])


def _unit_yields(
    sky: HourlySky,
    tilt_deg: Floats,
    azimuth_deg: Floats,
    system: System,
    hourly: Floats | None = None,
    *,
    shade: Shade | None = None,
) -> list[UnitYield]:
    sums = monthly_sums(sky, tilt_deg, azimuth_deg, system, hourly, shade=shade) / 1000
    ghi = float(sky.ghi.sum() / 1000)
    planes = zip(tilt_deg, azimuth_deg, sums, strict=True)
    return [unit_of(plane, float(tilt), float(azimuth), ghi, system) for tilt, azimuth, plane in planes]
