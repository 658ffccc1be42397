"""Which part of the light of an hour is diffuse, and how much beam clean air lets through."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import brentq

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from potential.solar.sun_year import SunYear

    Floats = NDArray[np.float64]

CLEAN_LINKE_TURBIDITY = 2.0
"""Clean, cold air: the upper bound of direct irradiance in a synthesised hour."""
MONTHS = 12


def split_diffuse(ghi: Floats, sun: SunYear, diffuse_fraction: Floats) -> tuple[Floats, Floats]:
    """Split hourly GHI into DNI and DHI whose monthly diffuse share is the given one.

    The diffuse fraction of Erbs et al. 1982 (doi:10.1016/0038-092X(82)90302-4) is raised to a power per
    month, found by bisection; direct irradiance above a clean sky's (Linke turbidity 2) becomes diffuse.

    Returns
    -------
    dni, dhi
        W/m2; GHI = DHI + DNI sin(elevation) holds in every hour.
    """
    kt = np.divide(ghi, sun.extra_horizontal, out=np.zeros_like(ghi), where=sun.extra_horizontal > 0)
    cloudy, clear = 1 - 0.09 * kt, np.full_like(kt, 0.165)
    between = 0.9511 - 0.1604 * kt + 4.388 * kt**2 - 16.638 * kt**3 + 12.336 * kt**4
    erbs = np.select([kt <= 0.22, kt <= 0.8], [cloudy, between], clear)  # noqa: PLR2004 - the paper's bounds
    most = clean_beam_horizontal(sun.sin_elevation, sun.extra_normal)
    dhi = np.zeros_like(ghi)
    for month, share in enumerate(diffuse_fraction):
        here = (sun.month == month) & (ghi > 0)
        dhi[here] = _bent(ghi[here], erbs[here], np.minimum(most[here], ghi[here]), share)
    up = sun.sin_elevation > 0
    dhi = np.where(up, dhi, ghi)
    dni = np.divide(ghi - dhi, sun.sin_elevation, out=np.zeros_like(ghi), where=up)
    return dni, dhi


def _bent(ghi: Floats, erbs: Floats, most_beam: Floats, share: float) -> Floats:
    wanted = share * ghi.sum()

    def diffuse(log_power: float) -> Floats:
        return np.maximum(ghi * erbs ** np.exp(log_power), ghi - most_beam)

    def excess(log_power: float) -> float:
        return float(diffuse(log_power).sum() - wanted)

    if excess(5.0) > 0:
        raise ValueError(f"diffuse fraction {share:.3f} is lower than the cleanest sky allows")
    return diffuse(brentq(excess, -12.0, 5.0, xtol=1e-14, rtol=1e-14))


def clean_beam_horizontal(sin_elevation: Floats, extra_normal: Floats, *, altitude_m: float = 0.0) -> Floats:
    """Return the direct irradiance on the horizontal under a very clean sky, W/m2 (ESRA, Rigollier 2000).

    Parameters
    ----------
    sin_elevation
        Sine of the solar elevation; below the horizon gives 0.
    extra_normal
        Extraterrestrial irradiance normal to the rays, W/m2.
    altitude_m
        Metres above sea level: thinner air.
    """
    elevation = np.degrees(np.arcsin(np.clip(sin_elevation, 0, 1)))
    airmass = 1 / (np.maximum(sin_elevation, 0) + 0.50572 * (elevation + 6.07995) ** -1.6364)
    airmass = airmass * np.exp(-altitude_m / 8434.5)
    polynomial = 6.6296 + 1.7513 * airmass - 0.1202 * airmass**2 + 0.0065 * airmass**3 - 0.00013 * airmass**4
    high = airmass <= 20  # noqa: PLR2004 - the paper's bound
    rayleigh = np.where(high, 1 / polynomial, 1 / (10.4 + 0.718 * airmass))
    beam = extra_normal * np.exp(-0.8662 * CLEAN_LINKE_TURBIDITY * airmass * rayleigh)
    return np.asarray(beam * np.maximum(sin_elevation, 0))
