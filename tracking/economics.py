"""The economics of one site in full: its range, its cash year by year, and what it saves by the hour."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from assessment.run import PV_TYPES, SECTORS
from faults import Fault, InputError
from potential.money import cash_flow
from potential.money_costs import M2_PER_MU, PvCosts, pv_costs
from potential.money_tariff import (
    SelfUse,
    by_hour_of_day,
    production_weighted_price,
    self_use,
    typical_load_kwh,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike

    from layers.catalog import Catalog

ENDS = ("favourable", "central", "adverse")
_HIGH_IS_GOOD = ("price.feed_in", "self_use_share.", "self_use_price.", "finance.life_years", "inverter.year")
_CHOSEN = ("size_limit_kw.", "finance.discount_rate", "finance.loan")
"""Terms that are a choice, not an uncertainty."""
_WATTS = 1000.0


def costs_at(costs: Catalog, end: str) -> PvCosts:
    """Return the cost table at one end of the range: favourable, central or adverse for the owner."""
    values = {name: _at(name, number, end) for name, number in costs.items()}
    return pv_costs(values, types=PV_TYPES, sectors=SECTORS)


def _at(name: str, number: Any, end: str) -> float:  # noqa: ANN401 - a Quantity
    if end == "central" or name.startswith(_CHOSEN):
        return float(number.value)
    good = number.high if name.startswith(_HIGH_IS_GOOD) else number.low
    bad = number.low if name.startswith(_HIGH_IS_GOOD) else number.high
    return float(good if end == "favourable" else bad)


def site_range(site: Mapping[str, Any], costs: Catalog, *, connection_cny: float = 0.0) -> pd.DataFrame:
    """Return capex, lcoe, payback_years, npv and irr of a site at each end of the range.

    All numbers of the catalogue are at the same end together: the range is wide on purpose, the truth lies
    within unless a number is wrong.

    Parameters
    ----------
    site
        A row of the table of sites: type, sector, kwp_dc_central, kwh_year_p50, area_m2.
    """
    rows = {}
    for end in ENDS:
        found = costs_at(costs, end).economics(
            _type_of(site),
            _sector_of(site),
            site["kwp_dc_central"],
            site["kwh_year_p50"],
            land_m2=site["area_m2"],
            connection_cny=connection_cny,
            with_irr=True,
        )
        names = ("capex", "lcoe", "payback_years", "npv", "irr")
        rows[end] = {name: float(getattr(found, name)) for name in names}
    return pd.DataFrame(rows).T.rename_axis("end")


def site_cash_flow(
    site: Mapping[str, Any],
    costs: Catalog,
    *,
    price_cny_kwh: float | None = None,
    connection_cny: float = 0.0,
) -> pd.DataFrame:
    """Return the cash of a site year by year, as a table for people.

    Parameters
    ----------
    price_cny_kwh
        Value of a kWh; None: by the sector's self-use share and prices.

    Returns
    -------
    year, kwh, revenue, om, rent, inverter, loan, net and cumulative, CNY; year 0 holds the outlay.
    """
    table, kind = costs_at(costs, "central"), _type_of(site)
    terms, kwp, kwh = table.finance, float(site["kwp_dc_central"]), float(site["kwh_year_p50"])
    capex = float(table.economics(kind, _sector_of(site), kwp, kwh, connection_cny=connection_cny).capex)
    price = _price(table, _sector_of(site)) if price_cny_kwh is None else price_cny_kwh
    om = kwp * _WATTS * table.om_cny_per_w_year[kind]
    rent = table.rent_cny_per_mu_year[kind] * float(site["area_m2"]) / M2_PER_MU
    inverter = kwp * _WATTS * terms.inverter_cny_per_w
    year = np.arange(terms.life_years + 1)
    energy = np.where(year > 0, kwh * (1 - terms.degradation) ** (year - 1.0), 0.0)
    net = cash_flow(capex, kwh, price_cny_kwh=price, costs_year=om + rent, inverter=inverter, finance=terms)
    replaced = np.where(year == terms.inverter_year, inverter, 0.0)
    running = np.where(year > 0, 1.0, 0.0)
    before_loan = energy * price - (om + rent) * running - replaced - np.where(year == 0, capex, 0.0)
    return pd.DataFrame(
        {
            "year": year,
            "kwh": energy,
            "revenue": energy * price,
            "om": -om * running,
            "rent": -rent * running,
            "inverter": -replaced,
            "capex": np.where(year == 0, -capex, 0.0),
            "loan": np.round(net - before_loan, 6),  # a difference of large numbers
            "net": net,
            "cumulative": np.cumsum(net),
        }
    )


def site_self_use(
    kwh_by_hour: ArrayLike,
    times: pd.DatetimeIndex,
    *,
    use: str,
    floor_area_m2: float,
    load: Catalog,
    tariffs: Catalog,
    tariff: str,
    feed_in_cny_kwh: float,
) -> SelfUse:
    """Settle a roof's hours against the typical demand of its building, at prices by the hour.

    Parameters
    ----------
    kwh_by_hour, times
        Production of each hour of a year, and when it starts, in local time.
    use
        Use of the building, as in the load catalogue.
    tariff
        Name of the price table in the tariff catalogue: until_2024, midday_valley or flat.

    Raises
    ------
    InputError
        There is no demand profile for the use, or no such price table.
    """
    prices = _table(tariffs, tariff, "tariff")
    shape = _table(load, f"{use}.hour", "use")
    demand = typical_load_kwh(
        shape,
        kwh_year=load.value(f"{use}.kwh_m2_year") * floor_area_m2,
        weekend_factor=load.value(f"{use}.weekend_factor"),
        hour_of_day=times.hour,
        is_weekend=times.dayofweek >= 5,  # noqa: PLR2004 - Saturday
    )
    retail = by_hour_of_day(prices, times.hour)
    return self_use(kwh_by_hour, demand, retail_cny_kwh=retail, feed_in_cny_kwh=feed_in_cny_kwh)


def tariff_values(kwh_by_hour: ArrayLike, times: pd.DatetimeIndex, tariffs: Catalog) -> dict[str, float]:
    """Return the mean price that a production meets in every price table, CNY/kWh.

    The difference between `until_2024` and `midday_valley` is what the mid-day valley takes.
    """
    by_hour = np.bincount(times.hour, np.asarray(kwh_by_hour, dtype=float), 24)
    names = dict.fromkeys(key.partition(".")[0] for key in tariffs)
    return {name: production_weighted_price(_table(tariffs, name, "tariff"), by_hour) for name in names}


def _table(catalog: Catalog, name: str, column: str) -> list[float]:
    values = [number.value for number in catalog.section(name).values()]
    if not values:
        known = dict.fromkeys(key.partition(".")[0] for key in catalog)
        raise InputError(
            [Fault(catalog.name, None, column, name.partition(".")[0], f"must be one of {', '.join(known)}")]
        )
    return values


def _type_of(site: Mapping[str, Any]) -> int:
    return PV_TYPES.index(site["type"])


def _sector_of(site: Mapping[str, Any]) -> int:
    return SECTORS.index(site["sector"])


def _price(table: PvCosts, sector: int) -> float:
    share = table.self_use_share[sector]
    return share * table.self_use_cny_kwh[sector] + (1 - share) * table.feed_in_cny_kwh
