"""Heat pump, cost and carbon of a geothermal heat source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

KELVIN = 273.15
Baseline = Literal["coal_chp", "gas_boiler"]
BASELINES: tuple[Baseline, ...] = get_args(Baseline)


def heat_pump_cop(
    *, temp_condenser_c: ArrayLike, temp_evaporator_c: ArrayLike, quality: float = 0.5, cop_max: float = 7.0
) -> NDArray[np.float64]:
    r"""Return the coefficient of performance :math:`\eta\,T_c/(T_c - T_e)`, at most `cop_max`.

    Examples
    --------
    >>> round(float(heat_pump_cop(temp_condenser_c=45.0, temp_evaporator_c=10.0)), 2)
    4.54
    """
    hot, cold = np.asarray(temp_condenser_c, float), np.asarray(temp_evaporator_c, float)
    lift = np.maximum(hot - cold, 1e-6)
    return np.asarray(np.minimum(quality * (hot + KELVIN) / lift, cop_max))


def building_heat(ground_heat: ArrayLike, cop: ArrayLike) -> NDArray[np.float64]:
    """Return the heat delivered for a heat taken from the ground: ground / (1 - 1/COP), same unit."""
    return np.asarray(np.asarray(ground_heat, float) / (1 - 1 / np.asarray(cop, float)))


def annuity(rate: float, years: float) -> float:
    """Return the capital recovery factor, 1/a.

    Examples
    --------
    >>> round(annuity(0.06, 30), 4)
    0.0726
    """
    if rate == 0:
        return 1 / years
    return rate / (1 - (1 + rate) ** -years)


def levelised_cost_cny_gj(
    *,
    capex_cny: ArrayLike,
    heat_mwh_year: ArrayLike,
    electricity_mwh_year: ArrayLike,
    price_cny_kwh: float,
    upkeep_share: float,
    rate: float,
    years: float,
) -> NDArray[np.float64]:
    """Return the levelised cost of heat, CNY/GJ; NaN where no heat is delivered."""
    heat_gj = 3.6 * np.asarray(heat_mwh_year, float)
    yearly = np.asarray(capex_cny, float) * (annuity(rate, years) + upkeep_share)
    yearly = yearly + 1000 * price_cny_kwh * np.asarray(electricity_mwh_year, float)
    yearly, heat_gj = np.broadcast_arrays(yearly, heat_gj)
    return np.asarray(np.divide(yearly, heat_gj, out=np.full(yearly.shape, np.nan), where=heat_gj > 0))


def carbon_saved_t(
    *,
    heat_mwh_year: ArrayLike,
    electricity_mwh_year: ArrayLike,
    baseline_kg_gj: float,
    grid_kg_kwh: float,
) -> NDArray[np.float64]:
    """Return the CO2 saved per year against a baseline, t; negative where the pumps emit more than it.

    Examples
    --------
    1 GWh at a COP of 4 against coal heat (110 kg/GJ) and a grid of 0.6558 kg/kWh:

    >>> pumps = {"heat_mwh_year": 1000, "electricity_mwh_year": 250, "grid_kg_kwh": 0.6558}
    >>> round(float(carbon_saved_t(baseline_kg_gj=110, **pumps)))
    232
    """
    heat_gj = 3.6 * np.asarray(heat_mwh_year, float)
    return np.asarray(heat_gj * baseline_kg_gj / 1000 - np.asarray(electricity_mwh_year, float) * grid_kg_kwh)
