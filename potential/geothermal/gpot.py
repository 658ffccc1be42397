r"""G.POT: the shallow potential of one isolated borehole, as a quick map layer.

Casasso & Sethi 2016, Energy 106:765-773. The heat taken over a season each year, so that the fluid stays at
its limit after the lifetime:

.. math::
    \bar P = \frac{8 (T_0 - T_{lim}) \lambda L t_c'}{G_{max}(u_s, u_c, t_c') + 4 \pi \lambda R_b}, \quad
    u = \frac{r_b^2}{4 \alpha t}, \quad t_c' = t_c / 1\,\mathrm{a}

One borehole alone: never to be multiplied by a number of boreholes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from potential.geothermal.line_source import SECONDS_PER_DAY, SECONDS_PER_YEAR

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def g_max(*, u_lifetime: ArrayLike, u_season: ArrayLike, season_share: ArrayLike) -> NDArray[np.float64]:
    """Return the fitted maximum response (eq. 10), dimensionless.

    Examples
    --------
    >>> alpha, r = 2.0 / 2.5e6, 0.075
    >>> u_s, u_c = (r**2 / (4 * alpha * days * 86400) for days in (50 * 365, 180))
    >>> round(float(g_max(u_lifetime=u_s, u_season=u_c, season_share=180 / 365)), 4)
    8.699
    """
    share = np.asarray(season_share, float)
    lifetime, season = np.log(np.asarray(u_lifetime, float)), np.log(np.asarray(u_season, float))
    return np.asarray(-0.619 * share * lifetime + (0.532 * share - 0.962) * season - 0.455 * share - 1.619)


def gpot_mwh(
    *,
    conductivity_w_mk: ArrayLike,
    volumetric_j_m3k: ArrayLike,
    temp_ground_c: ArrayLike,
    temp_limit_c: float = -2.0,
    depth_m: ArrayLike = 100.0,
    radius_m: float = 0.075,
    resistance_mk_w: float = 0.1,
    season_days: float = 180.0,
    years: float = 50.0,
) -> NDArray[np.float64]:
    """Return the heat of one isolated borehole, MWh per year.

    Parameters
    ----------
    conductivity_w_mk, volumetric_j_m3k, temp_ground_c : array_like
        Ground, averaged over the depth: W/(m K), J/(m3 K), degC.
    temp_limit_c : float
        Lowest fluid temperature, degC.
    depth_m, radius_m, resistance_mk_w
        Of the borehole: m, m, m K/W.
    season_days, years : float
        Length of the season (d) and lifetime (a).
    """
    conductivity = np.asarray(conductivity_w_mk, float)
    alpha = conductivity / np.asarray(volumetric_j_m3k, float)
    share = season_days * SECONDS_PER_DAY / SECONDS_PER_YEAR

    def u(seconds: float) -> NDArray[np.float64]:
        return np.asarray(radius_m**2 / (4 * alpha * seconds))

    response = g_max(
        u_lifetime=u(years * SECONDS_PER_YEAR), u_season=u(season_days * SECONDS_PER_DAY), season_share=share
    )
    room = np.asarray(temp_ground_c, float) - temp_limit_c
    watts = 8 * room * conductivity * np.asarray(depth_m, float) * share
    watts = watts / (response + 4 * np.pi * conductivity * resistance_mk_w)
    return np.asarray(watts * 8.76e-3)


def grout_resistance_mk_w(
    *, radius_m: float, pipe_radius_m: float, pipes: int, conductivity_grout_w_mk: float
) -> float:
    r"""Return the simple borehole resistance :math:`\ln(r_b / \sqrt{n} r_p) / 2 \pi \lambda_g`, m K/W.

    Examples
    --------
    >>> round(grout_resistance_mk_w(
    ...     radius_m=0.075, pipe_radius_m=0.016, pipes=4, conductivity_grout_w_mk=2.0), 6)
    0.06778
    """
    return float(np.log(radius_m / (np.sqrt(pipes) * pipe_radius_m)) / (2 * np.pi * conductivity_grout_w_mk))
