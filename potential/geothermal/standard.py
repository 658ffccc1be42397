"""The Chinese standard methods (规范法), to stand beside the physics: no time, no interference.

DZ/T 0225-2009 for shallow heat; formulas as quoted in the literature, not checked against the standard's own
text. They overstate what a field gives for decades; show them with that remark.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, kw_only=True)
class ShallowGround:
    """Ground of a shallow resource for the heat-capacity method."""

    porosity: float = 0.4
    water_depth_m: float = 20.0
    """Depth of the water table, m."""
    volumetric_solid_mj_m3k: float = 2.2
    volumetric_water_mj_m3k: float = 4.18
    volumetric_air_mj_m3k: float = 0.0013

    def __post_init__(self) -> None:
        """Refuse a porosity without meaning."""
        if not 0 <= self.porosity < 1:
            raise ValueError(f"porosity {self.porosity} must lie in 0..1")


def heat_capacity_gj_k(ground: ShallowGround, *, area_m2: ArrayLike, depth_m: float) -> NDArray[np.float64]:
    r"""Return the heat capacity of the ground, :math:`Q_R = Q_S + Q_W + Q_A`, GJ/K.

    Solid over the whole depth, water in the pores below the water table, air above it.

    Examples
    --------
    >>> round(float(heat_capacity_gj_k(ShallowGround(), area_m2=1e6, depth_m=120.0)))
    325610
    """
    wet = max(depth_m - ground.water_depth_m, 0.0)
    dry = min(ground.water_depth_m, depth_m)
    solid = ground.volumetric_solid_mj_m3k * (1 - ground.porosity) * depth_m
    water = ground.volumetric_water_mj_m3k * ground.porosity * wet
    air = ground.volumetric_air_mj_m3k * ground.porosity * dry
    return np.asarray(np.asarray(area_m2, float) * (solid + water + air) / 1000)


def borehole_exchange_w(
    *,
    depth_m: float,
    temp_fluid_c: ArrayLike,
    temp_ground_c: ArrayLike,
    radii_m: tuple[float, float, float, float],
    conductivities_w_mk: tuple[float, ArrayLike, ArrayLike],
) -> NDArray[np.float64]:
    r"""Return the exchange of one borehole in steady state, W.

    .. math:: D = \frac{2 \pi L |t_1 - t_4|}{\ln(r_2/r_1)/\lambda_1 + \ln(r_3/r_2)/\lambda_2 +
    \ln(r_4/r_3)/\lambda_3}

    Parameters
    ----------
    depth_m : float
        L, m.
    temp_fluid_c, temp_ground_c : array_like
        t_1 and t_4, degC.
    radii_m : tuple of float
        Equivalent inner and outer radius of the pipe, radius of the borehole, radius at which the ground is
        undisturbed, m.
    conductivities_w_mk : tuple
        Of pipe, grout and ground, W/(m K).
    """
    if not all(a < b for a, b in itertools.pairwise(radii_m)):
        raise ValueError(f"radii {radii_m} m must grow from the pipe to the undisturbed ground")
    path = sum(
        np.log(outer / inner) / np.asarray(conductivity, float)
        for inner, outer, conductivity in zip(radii_m, radii_m[1:], conductivities_w_mk, strict=False)
    )
    lift = np.abs(np.asarray(temp_fluid_c, float) - np.asarray(temp_ground_c, float))
    return np.asarray(2 * np.pi * depth_m * lift / path)


def groundwater_exchange_kw(*, flow_m3_d: ArrayLike, drop_k: ArrayLike) -> NDArray[np.float64]:
    r"""Return the heat of pumped groundwater, :math:`q_w \Delta T \rho_w c_w \cdot 1.16 \times 10^{-5}`, kW.

    Examples
    --------
    >>> round(float(groundwater_exchange_kw(flow_m3_d=1000, drop_k=5)))
    242
    """
    return np.asarray(np.asarray(flow_m3_d, float) * np.asarray(drop_k, float) * 4180 * 1.16e-5)
