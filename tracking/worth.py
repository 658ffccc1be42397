"""What the energy of many sites is worth: value of a kWh, present value and payback, from sums alone.

Cash flows are linear in capital cost, value of a year, yearly costs and inverters: a town or a type is one
large site, so another price table is arithmetic on some hundred rows, whatever the number of sites.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from assessment.tariff_choice import prices_of
from potential.money import cash_flow, present_worth
from potential.money_return import npv, payback_years
from potential.money_tariff import HOURS, production_weighted_price

if TYPE_CHECKING:
    from pathlib import Path

    from layers.catalog import Catalog
    from potential.money import Finance
    from potential.money_costs import PvCosts

LOCAL = "Asia/Shanghai"
WORTH_SUMS = ("value_year", "running_year", "inverter")
"""Worth of a year's energy, O&M and rent of a year, inverters when they are replaced; CNY, additive."""
_KEYS = ["town", "type"]
_KW_PER_MW = 1000.0
_WATTS = 1000.0


def day_by_town(path: Path) -> pd.DataFrame | None:
    """Return a run's energy by town, type (index) and hour of the day (24 columns), kWh; None: no hours."""
    if not (file := path / "hourly.parquet").is_file():
        return None
    hourly = pd.read_parquet(file)
    hourly = hourly.assign(hour=pd.DatetimeIndex(hourly["time"]).tz_convert(LOCAL).hour)
    table = hourly.pivot_table(index=_KEYS, columns="hour", values="kwh", aggfunc="sum", observed=True)
    return table.reindex(columns=range(HOURS)).fillna(0.0)


def met_prices(day: pd.DataFrame, prices: list[float]) -> pd.Series:
    """Return the price that the energy of each row meets, CNY/kWh; unknown where it makes none.

    Examples
    --------
    >>> noon = pd.DataFrame([[float(hour == 12) for hour in range(24)]], index=["a"])
    >>> met_prices(noon, [0.3 if hour == 12 else 0.6 for hour in range(24)]).to_dict()
    {'a': 0.3}
    """
    rows = day.to_numpy(dtype="float64")
    found = [production_weighted_price(prices, row) if row.sum() > 0 else np.nan for row in rows]
    return pd.Series(found, index=day.index, dtype="float64")


def add_worth(
    sums: pd.DataFrame,
    costs: PvCosts,
    *,
    tariffs: Catalog | None,
    tariff: str | None,
    day: pd.DataFrame | None,
) -> pd.DataFrame:
    """Add WORTH_SUMS to sums by town, type and sector.

    Parameters
    ----------
    sums
        town, type, sector, mw_dc, gwh_costed, capex, cost_year (the levelised cost of a year).
    costs
        Its last sector stands for sites whose sector is not known.
    tariff
        24-hour price table of the tariff catalogue; None: that of the run, else one price by sector.
    day
        See `day_by_town`; without it the price of a table is unknown.
    """
    prices = None if tariffs is None else prices_of(tariffs, tariff)
    sector = pd.Categorical(sums["sector"], categories=costs.sectors).codes
    kwh_value = costs.kwh_value(sector, None if prices is None else _met(sums, prices, day))
    inverter = sums["mw_dc"] * _KW_PER_MW * _WATTS * costs.finance.inverter_cny_per_w
    return sums.assign(
        value_year=np.where(sums["gwh_costed"] > 0, sums["gwh_costed"] * 1e6 * kwh_value, 0.0),
        running_year=_running(sums, inverter, costs.finance),
        inverter=inverter,
    )


def _met(sums: pd.DataFrame, prices: list[float], day: pd.DataFrame | None) -> pd.Series:
    if day is None:
        return pd.Series(np.nan, index=sums.index)
    met = met_prices(day, prices)
    return pd.Series(met.reindex(pd.MultiIndex.from_frame(sums[_KEYS])).to_numpy(), index=sums.index)


def _running(sums: pd.DataFrame, inverter: pd.Series, terms: Finance) -> pd.Series:
    """Return O&M and rent of a year: what the levelised cost holds beside capital and inverters."""
    rate, years = terms.discount_rate, terms.life_years
    all_costs = sums["cost_year"] * present_worth(rate, years, -terms.degradation)
    replaced = inverter / (1 + rate) ** terms.inverter_year if terms.inverter_year <= years else 0.0
    return (all_costs - sums["capex"] - replaced) / present_worth(rate, years)


def with_worth(table: pd.DataFrame, terms: Finance) -> pd.DataFrame:
    """Add kwh_value (CNY/kWh), npv (CNY) and payback_years of each row taken as one site.

    Parameters
    ----------
    table
        capex, gwh_costed and WORTH_SUMS of each row.
    """
    energy = table["gwh_costed"].where(table["gwh_costed"] > 0) * 1e6
    flows = cash_flow(
        table["capex"],
        1.0,
        price_cny_kwh=table["value_year"],
        costs_year=table["running_year"],
        inverter=table["inverter"],
        finance=terms,
    )
    known = np.isfinite(flows).all(axis=1) & energy.notna().to_numpy()
    payback = np.where(known, payback_years(np.where(known[:, None], flows, 0.0)), np.nan)
    return table.assign(
        kwh_value=table["value_year"] / energy,
        npv=np.where(known, npv(flows, terms.discount_rate), np.nan),
        payback_years=payback,
    )
