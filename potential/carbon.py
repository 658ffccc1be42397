"""Avoided carbon dioxide of photovoltaics against the grid; of heat: `potential.geothermal.economy`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

KG_PER_T = 1000.0


def combined_margin(operating: float, build: float, *, operating_weight: float = 0.75) -> float:
    """Marginal grid factor: weighted operating and build margin (0.75 / 0.25 for wind and sun).

    References
    ----------
    UNFCCC CDM TOOL07, Tool to calculate the emission factor for an electricity system, version 7.0, para. 86.

    Examples
    --------
    >>> combined_margin(0.8, 0.4)
    0.7
    """
    return operating_weight * operating + (1 - operating_weight) * build


def pv_t_year(
    kwh_year: ArrayLike,
    *,
    grid_kg_per_kwh: ArrayLike,
    kwp_dc: ArrayLike = 0.0,
    embodied_kg_per_kwp: float = 0.0,
    life_years: int = 25,
) -> Floats:
    """CO2 avoided in year 1, t/a; the embodied carbon, if given, is spread evenly over the life.

    Examples
    --------
    >>> float(pv_t_year(1130, grid_kg_per_kwh=0.6558))
    0.741
    """
    gross = np.asarray(kwh_year, dtype=float) * np.asarray(grid_kg_per_kwh, dtype=float)
    return (gross - np.asarray(kwp_dc, dtype=float) * embodied_kg_per_kwp / life_years) / KG_PER_T


def pv_t_life(
    kwh_year: ArrayLike,
    *,
    grid_kg_per_kwh: ArrayLike,
    life_years: int = 25,
    degradation: float = 0.004,
    kwp_dc: ArrayLike = 0.0,
    embodied_kg_per_kwp: float = 0.0,
) -> Floats:
    """CO2 avoided over the life, t: degrading energy times the grid factor of each year, less embodied.

    Parameters
    ----------
    grid_kg_per_kwh
        One factor for all years, or `life_years` factors for a grid that gets cleaner.

    Raises
    ------
    ValueError
        The number of factors is neither 1 nor `life_years`.

    Examples
    --------
    >>> float(pv_t_life(1000, grid_kg_per_kwh=0.5, life_years=2, degradation=0.1))
    0.95
    """
    factors = np.atleast_1d(np.asarray(grid_kg_per_kwh, dtype=float))
    if factors.shape not in {(1,), (life_years,)}:
        raise ValueError(f"{factors.size} grid factors for {life_years} years: give 1 or one per year")
    kg_per_first_kwh = float(np.sum((1 - degradation) ** np.arange(life_years) * factors))
    kg = np.asarray(kwh_year, dtype=float) * kg_per_first_kwh
    return (kg - np.asarray(kwp_dc, dtype=float) * embodied_kg_per_kwp) / KG_PER_T
