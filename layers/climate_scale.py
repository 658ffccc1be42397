"""An hourly year brought to the level that stations measured: GHI, diffuse share, temperature by month."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from layers.climate import DNI_SHARE_MAX, Weather, closed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

MONTHS = 12
ROUNDS = 30
"""Rounds in which what an hour cannot take is given to the others of its month."""


def scaled(
    weather: Weather,
    ghi_kwh_m2: Floats,
    *,
    diffuse_fraction: Floats | None = None,
    temp_air_c: Floats | None = None,
    level: str,
) -> Weather:
    """Return a year whose months have the GHI, the diffuse share and the temperature they are given.

    GHI of each hour is multiplied by its month's ratio; an hour that would exceed what the sky can let
    through keeps to that, and the rest goes to the other hours of the month. Diffuse irradiance is multiplied
    so that the month has the diffuse share asked for (the share of the file where none is), never above GHI;
    direct irradiance is what closes. Temperature is shifted by the month's difference, wind stays.

    Parameters
    ----------
    ghi_kwh_m2, diffuse_fraction, temp_air_c
        Of the twelve months, shape (12,); NaN leaves a month as it is.
    level
        Whose level it is, for the note.

    Notes
    -----
    Monthly ratios of a satellite or reanalysis series to a ground station are the simplest site adaptation:
    Polo et al. 2016, "Preliminary survey on site-adaptation techniques for satellite-derived and reanalysis
    solar radiation datasets", Solar Energy 132, 25-37, section 3 (bias removal by a ratio).
    """
    month = weather.sky.month
    before, diffuse = weather.ghi_kwh_m2_month, weather.dhi_kwh_m2_month
    wanted = np.where(np.isfinite(ghi_kwh_m2) & (before > 0), ghi_kwh_m2, before)
    extra = weather.sky.dni_extra * np.maximum(np.cos(np.radians(weather.sky.zenith_deg)), 0)
    ghi = _filled(weather.ghi, np.maximum(weather.ghi, DNI_SHARE_MAX * extra), wanted * 1000, month)
    own = np.divide(diffuse, before, out=np.ones(MONTHS), where=before > 0)
    share = (
        own if diffuse_fraction is None else np.where(np.isfinite(diffuse_fraction), diffuse_fraction, own)
    )
    start = weather.dhi * np.divide(wanted, before, out=np.ones(MONTHS), where=before > 0)[month]
    dhi = _filled(np.minimum(start, ghi), ghi, share * np.bincount(month, ghi, MONTHS), month)
    shift = np.zeros(MONTHS)
    if temp_air_c is not None:
        mean = np.bincount(month, weather.temp_air, MONTHS) / np.bincount(month, minlength=MONTHS)
        shift = np.where(np.isfinite(temp_air_c), temp_air_c - mean, 0.0)
    ratio = np.divide(wanted.sum(), before.sum()) if before.sum() > 0 else 1.0
    note = (
        f"scaled to {level}: GHI {before.sum():.0f} -> {wanted.sum():.0f} kWh/m2 a year "
        f"({ratio - 1:+.1%}), temperature {float(shift.mean()):+.1f} K on average"
    )
    made = closed(replace(weather, ghi=ghi, dhi=dhi, dni=_direct(weather, ghi, dhi), notes=()))
    told = tuple(dict.fromkeys((*weather.notes, note, *made.notes)))
    return replace(made, temp_air=weather.temp_air + shift[month], notes=told)


def _direct(weather: Weather, ghi: Floats, dhi: Floats) -> Floats:
    cosine = np.maximum(np.cos(np.radians(weather.sky.zenith_deg)), 0)
    dni = np.divide(ghi - dhi, cosine, out=np.zeros_like(ghi), where=cosine > 0)
    most: Floats = DNI_SHARE_MAX * weather.sky.dni_extra
    return np.minimum(dni, most)


def _filled(values: Floats, most: Floats, wanted: Floats, month: NDArray[np.int64]) -> Floats:
    """Multiply the hours of each month until they sum to what is wanted, none above its most."""
    result = values.copy()
    for _ in range(ROUNDS):
        sums = np.bincount(month, result, MONTHS)
        held = np.bincount(month, np.where(result >= most, result, 0.0), MONTHS)
        loose = sums - held
        factor = np.divide(wanted - held, loose, out=np.ones(MONTHS), where=loose > 0)
        down = wanted < sums
        factor = np.where(
            down, np.divide(wanted, sums, out=np.ones(MONTHS), where=sums > 0), np.maximum(factor, 0)
        )
        loose_hours = (result < most) | down[month]
        result = np.where(loose_hours, np.minimum(result * factor[month], most), result)
        if np.allclose(np.bincount(month, result, MONTHS), wanted, rtol=1e-9, atol=1e-9):
            break
    return result
