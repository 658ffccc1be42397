"""The infinite line source, alone, through heating seasons, and with neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import exp1

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

SECONDS_PER_DAY = 86_400.0
SECONDS_PER_YEAR = 365.0 * SECONDS_PER_DAY


def line_source(
    time_s: ArrayLike, *, distance_m: ArrayLike, diffusivity_m2_s: ArrayLike
) -> NDArray[np.float64]:
    r"""Return the response :math:`G = \tfrac12 E_1(r^2 / 4 \alpha t)` of an infinite line source.

    The temperature change at distance r is :math:`q G / (2 \pi \lambda)` for a constant load q (W/m) since
    t = 0. Valid at the borehole wall after about five :math:`r_b^2/\alpha` (some hours). Vertical
    conduction is neglected: fine for boreholes of 500 m and more.

    Parameters
    ----------
    time_s : array_like
        Time since the load began, s; at or before 0 the response is 0.
    distance_m : array_like
        Distance from the line (the borehole radius for its own wall), m.
    diffusivity_m2_s : array_like
        Thermal diffusivity of the ground, m2/s.

    Returns
    -------
    numpy.ndarray
        G, dimensionless, broadcast over the arguments.

    Notes
    -----
    Carslaw & Jaeger 1959, Conduction of Heat in Solids, section 10.4.

    Examples
    --------
    >>> round(float(line_source(120 * 86400, distance_m=0.12, diffusivity_m2_s=1e-6)), 3)
    3.694
    """
    reach = 4 * np.asarray(diffusivity_m2_s, float) * np.maximum(np.asarray(time_s, float), 0.0)
    with np.errstate(divide="ignore"):  # at time 0 the argument is infinite and the response 0
        return np.asarray(0.5 * exp1(np.asarray(distance_m, float) ** 2 / reach))


def seasonal_response(
    *,
    distance_m: ArrayLike,
    diffusivity_m2_s: ArrayLike,
    season: int,
    season_days: float,
    elapsed_days: float,
) -> NDArray[np.float64]:
    r"""Return the line-source response in the n-th heating season, earlier seasons included.

    .. math:: G_n = G(t) + \sum_{j=1}^{n-1} [G(t + j\,\mathrm{yr}) - G(t + j\,\mathrm{yr} - t_{on})]

    with t the time since the present season began. Each season carries the same load (W/m); between seasons
    it is zero.

    Parameters
    ----------
    distance_m, diffusivity_m2_s : array_like
        As in `line_source`.
    season : int
        Number of the season, 1 the first.
    season_days : float
        Length of every season, d.
    elapsed_days : float
        Time since the present season began, d; at most `season_days`.

    Returns
    -------
    numpy.ndarray
        Response, dimensionless.
    """
    if season < 1 or not 0 < elapsed_days <= season_days <= 365:  # noqa: PLR2004 - days of a year
        raise ValueError(
            f"season {season}, elapsed {elapsed_days} d of {season_days} d: the season counts from 1 and "
            "0 < elapsed <= season <= 365 d must hold"
        )
    elapsed, on = elapsed_days * SECONDS_PER_DAY, season_days * SECONDS_PER_DAY
    before = elapsed + SECONDS_PER_YEAR * np.arange(1, season)
    times = np.concatenate([[elapsed], before, before - on])
    signs = np.repeat([1.0, 1.0, -1.0], [1, season - 1, season - 1])
    shape = np.broadcast_shapes(np.shape(distance_m), np.shape(diffusivity_m2_s))
    steps = times.reshape(-1, *(1,) * len(shape))
    responses = line_source(steps, distance_m=distance_m, diffusivity_m2_s=diffusivity_m2_s)
    return np.asarray(np.tensordot(signs, responses, axes=1))


def season_mean_response(
    *, distance_m: ArrayLike, diffusivity_m2_s: ArrayLike, season: int, season_days: float
) -> NDArray[np.float64]:
    """Return the response averaged over the n-th season.

    By five-point Gauss-Legendre quadrature in the square root of time.
    The square root takes the steep start of a season out of the integrand, so that five points are enough
    (below 0.1 %).
    """
    nodes, weights = np.polynomial.legendre.leggauss(5)
    root = 0.5 * (nodes + 1)
    shares = weights * root  # d(t/t_on) = 2 s ds, and the interval 0..1 halves the weights
    responses = [
        seasonal_response(
            distance_m=distance_m,
            diffusivity_m2_s=diffusivity_m2_s,
            season=season,
            season_days=season_days,
            elapsed_days=float(s**2) * season_days,
        )
        for s in root
    ]
    return np.asarray(np.tensordot(shares, np.array(responses), axes=1))
