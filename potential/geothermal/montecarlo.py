"""Ranges of a hydrothermal resource by sampling: permeability lognormal, thickness and temperature normal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import norm, qmc

from potential.geothermal.hydrothermal import Reservoir

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_BLOCK = 512
"""Sites sampled at a time: 512 x 200 numbers stay in the cache."""
EXCEEDED = (0.90, 0.50, 0.10)
"""P90, P50 and P10 in the sense of a resource: exceeded with this probability."""


@dataclass(frozen=True, kw_only=True)
class Spread:
    """What is uncertain about a reservoir, one value per site or one for all."""

    ln_permeability_sd: NDArray[np.float64] | float
    """Standard deviation of the natural logarithm of the permeability."""
    thickness_sd_m: NDArray[np.float64] | float
    temp_sd_k: NDArray[np.float64] | float

    def __post_init__(self) -> None:
        """Refuse negative spreads."""
        for name in ("ln_permeability_sd", "thickness_sd_m", "temp_sd_k"):
            if np.min(getattr(self, name)) < 0:
                raise ValueError(f"{name} = {np.min(getattr(self, name))} must not be negative")


def normal_scores(samples: int, *, seed: int) -> NDArray[np.float64]:
    """Return standard normal scores of three quantities, evenly spread (scrambled Sobol), shape (samples, 3).

    The same scores serve every site: the map has no noise of its own, and a seed gives the same numbers.
    """
    if samples < 10:  # noqa: PLR2004 - fewer have no 10 % point
        raise ValueError(f"samples = {samples} must be 10 or more")
    engine = qmc.Sobol(3, seed=np.random.default_rng(seed))
    drawn = engine.random_base2(int(np.ceil(np.log2(samples))))[:samples]
    return np.asarray(norm.ppf(np.clip(drawn, 1e-6, 1 - 1e-6)))


def resource_percentiles(
    value: Callable[[Reservoir], NDArray[np.float64]],
    reservoir: Reservoir,
    spread: Spread,
    *,
    scores: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return P90, P50 and P10 of a function of the reservoir at every site.

    Parameters
    ----------
    value : callable
        Takes a reservoir with arrays of shape (sites, samples), returns the same shape.
    reservoir : Reservoir
        Medians, arrays of shape (sites,).
    spread : Spread
        Around them.
    scores : numpy.ndarray
        From `normal_scores`, shape (samples, 3).

    Returns
    -------
    numpy.ndarray
        Shape (3, sites), in the order of EXCEEDED.
    """
    sites = reservoir.temp_c.size
    spreads = np.broadcast_arrays(
        np.zeros(sites), spread.ln_permeability_sd, spread.thickness_sd_m, spread.temp_sd_k
    )[1:]
    found = np.empty((len(EXCEEDED), sites))
    places = [round((1 - p) * (len(scores) - 1)) for p in EXCEEDED]
    for start in range(0, sites, _BLOCK):
        rows = slice(start, start + _BLOCK)
        ln_k, thickness, temp = (s[rows, None] * scores[:, i] for i, s in enumerate(spreads))
        drawn = Reservoir(
            temp_c=reservoir.temp_c[rows, None] + temp,
            thickness_net_m=np.maximum(reservoir.thickness_net_m[rows, None] + thickness, 1.0),
            porosity=np.broadcast_to(reservoir.porosity[rows, None], temp.shape),
            permeability_md=reservoir.permeability_md[rows, None] * np.exp(ln_k),
            volumetric_rock_j_m3k=reservoir.volumetric_rock_j_m3k,
        )
        ordered = np.partition(value(drawn), places, axis=1)
        found[:, rows] = ordered[:, places].T
    return found
