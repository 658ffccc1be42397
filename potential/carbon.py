"""Avoided carbon dioxide: of photovoltaics against the grid, of geothermal heat against what it replaces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

GJ_PER_MWH = 3.6
KG_PER_T = 1000.0


@dataclass(frozen=True)
class HeatBaseline:
    """What geothermal heat replaces. There is no default: the baseline decides sign and size of the saving.

    Examples
    --------
    >>> HeatBaseline("gas_boiler", kg_per_gj=-1)
    Traceback (most recent call last):
    ValueError: gas_boiler: kg_per_gj = -1: must not be negative
    """

    name: str
    kg_per_gj: float
    """CO2 per GJ of heat delivered."""

    def __post_init__(self) -> None:
        """Refuse a negative factor."""
        if not self.kg_per_gj >= 0:
            raise ValueError(f"{self.name}: kg_per_gj = {self.kg_per_gj}: must not be negative")


def boiler_kg_per_gj(*, fuel_kg_co2_per_unit: float, fuel_mj_per_unit: float, efficiency: float) -> float:
    """CO2 per GJ of heat from a boiler: carbon of the fuel over its heat, over the efficiency.

    Examples
    --------
    Natural gas, 2.1622 kg and 38.931 MJ per m3, at 92 %:

    >>> boiler_kg_per_gj(fuel_kg_co2_per_unit=2.1622, fuel_mj_per_unit=38.931, efficiency=0.92)
    60.37
    """
    if not 0 < efficiency <= 1.1:  # noqa: PLR2004 - condensing boilers pass 1 on the lower heating value
        raise ValueError(f"efficiency = {efficiency}: must be above 0 and at most 1.1")
    return fuel_kg_co2_per_unit / fuel_mj_per_unit * 1000 / efficiency


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


def heat_t_year(
    mwh_year: ArrayLike,
    *,
    baseline: HeatBaseline,
    system_cop: ArrayLike,
    grid_kg_per_kwh: float,
) -> Floats:
    """CO2 avoided per year by geothermal heat, t/a: the baseline's less that of the electricity it needs.

    Negative where the electricity carries more carbon than the baseline.

    Parameters
    ----------
    mwh_year
        Heat delivered, MWh/a.
    system_cop
        Heat delivered per electricity used, pumps included (SCOP).

    Examples
    --------
    1 GJ from a gas boiler at 60.4 kg against SCOP 4 on the Shaanxi grid of 2022 (45.5 kg):

    >>> gas = HeatBaseline("gas_boiler", kg_per_gj=60.4)
    >>> 1000 * float(heat_t_year(1 / 3.6, baseline=gas, system_cop=4.0, grid_kg_per_kwh=0.6558))
    14.86
    """
    heat = np.asarray(mwh_year, dtype=float)
    cop = np.asarray(system_cop, dtype=float)
    if np.any(cop <= 0):
        raise ValueError(f"system_cop = {float(np.min(cop))}: must be above 0")
    per_mwh = baseline.kg_per_gj * GJ_PER_MWH - grid_kg_per_kwh * 1000 / cop
    return heat * per_mwh / KG_PER_T
