"""The sky above a tilted plane: Perez all-weather coefficients and angle-of-incidence tables."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pvlib

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from potential.solar.sun import HourlySky

    Floats = NDArray[np.float64]

KAPPA = 1.041
CLEARNESS_EDGES = np.array([1.065, 1.23, 1.5, 1.95, 2.8, 4.5, 6.2])
F1_COEFFICIENTS = np.array(
    [
        [-0.008, 0.588, -0.062],
        [0.130, 0.683, -0.151],
        [0.330, 0.487, -0.221],
        [0.568, 0.187, -0.295],
        [0.873, -0.392, -0.362],
        [1.132, -1.237, -0.412],
        [1.060, -1.600, -0.359],
        [0.678, -0.327, -0.250],
    ]
)
F2_COEFFICIENTS = np.array(
    [
        [-0.060, 0.072, -0.022],
        [-0.019, 0.066, -0.029],
        [0.055, -0.064, -0.026],
        [0.109, -0.152, -0.014],
        [0.226, -0.462, 0.001],
        [0.288, -0.823, 0.056],
        [0.264, -1.127, 0.131],
        [0.156, -1.377, 0.251],
    ]
)
"""Perez et al. 1990, Table 6 (all sites composite), doi:10.1016/0038-092X(90)90055-H."""
MIN_COS_ZENITH = float(np.cos(np.radians(85)))
IAM_NODES = 4097
IAM_DEGREE = 16


def perez_brightness(sky: HourlySky) -> tuple[Floats, Floats]:
    """Return the circumsolar F1 and horizon F2 brightness coefficients of every hour.

    F1 = max(0, f11 + f12 delta + f13 z), F2 = f21 + f22 delta + f23 z with the sky's clearness epsilon and
    brightness delta (Perez et al. 1990, eq. 1-3 and 6); zero where there is no diffuse light or no sun.
    """
    zenith = np.radians(sky.zenith_deg)
    up = (sky.dhi > 0) & np.isfinite(sky.airmass) & (sky.zenith_deg < 90)  # noqa: PLR2004 - the horizon
    dhi = np.where(up, sky.dhi, 1.0)
    delta = np.where(up, dhi * np.nan_to_num(sky.airmass) / sky.dni_extra, 0.0)
    clearness = ((dhi + sky.dni) / dhi + KAPPA * zenith**3) / (1 + KAPPA * zenith**3)
    row = np.searchsorted(CLEARNESS_EDGES, clearness, side="right")
    basis = np.stack([np.ones_like(delta), delta, zenith], axis=1)
    circumsolar = np.maximum((F1_COEFFICIENTS[row] * basis).sum(axis=1), 0)
    horizon = (F2_COEFFICIENTS[row] * basis).sum(axis=1)
    return np.where(up, circumsolar, 0.0), np.where(up, horizon, 0.0)


@dataclass(frozen=True)
class Glass:
    """The front of a module: physical incidence-angle model (De Soto et al. 2006, eq. 2-5)."""

    refraction_index: float = 1.526
    extinction_per_m: float = 4.0
    thickness_m: float = 0.002
    coating_index: float | None = None
    """Refraction index of an anti-reflective coating; None without one."""


STANDARD_GLASS = Glass()
COATED_GLASS = Glass(coating_index=1.3)


@lru_cache(maxsize=8)
def beam_table(glass: Glass) -> Floats:
    """Return the beam modifier at 4097 equal steps of cos(incidence) from 0 to 1.

    Examples
    --------
    >>> float(beam_table(STANDARD_GLASS)[-1])
    1.0
    """
    aoi_deg = np.degrees(np.arccos(np.linspace(0, 1, IAM_NODES)))
    table = pvlib.iam.physical(
        aoi_deg, glass.refraction_index, glass.extinction_per_m, glass.thickness_m, n_ar=glass.coating_index
    )
    table = np.asarray(table, float)
    table.setflags(write=False)
    return table


@lru_cache(maxsize=8)
def beam_polynomial(glass: Glass) -> Floats:
    """Return the beam modifier as a polynomial in 2 cos(incidence) - 1, highest power first.

    Least squares on Chebyshev's basis, then as powers: a loop over planes needs no look-up. Within 1e-7 of
    `beam_table`, held by a test.
    """
    basis = np.polynomial.chebyshev
    fitted = basis.Chebyshev.fit(np.linspace(-1, 1, IAM_NODES), beam_table(glass), IAM_DEGREE, domain=[-1, 1])
    powers = np.array(basis.cheb2poly(fitted.coef)[::-1], np.float64)
    powers.setflags(write=False)
    return powers


@lru_cache(maxsize=4096)
def diffuse_modifiers(tilt_deg: float, glass: Glass) -> tuple[float, float]:
    """Return the modifiers of isotropic sky light and of ground light on a tilted plane.

    The beam modifier integrated over the visible dome (Marion 2017, doi:10.1016/j.solener.2017.03.027).
    """

    def beam(aoi_deg: Floats) -> Floats:
        return np.interp(np.cos(np.radians(aoi_deg)), np.linspace(0, 1, IAM_NODES), beam_table(glass))

    sky = float(pvlib.iam.marion_integrate(beam, tilt_deg, "sky", num=180))
    # nothing of the ground is seen from a level plane: its modifier does not matter and is not defined
    ground = 1.0 if tilt_deg < 1.0 else float(pvlib.iam.marion_integrate(beam, tilt_deg, "ground", num=180))
    return sky, ground
