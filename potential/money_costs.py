"""The cost table of photovoltaics: what each type costs, by size; read from named values."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from potential.money import Finance, SiteEconomics, lcoe, site_economics

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

SIZE_CLASSES = ("small", "medium", "large", "very_large")
M2_PER_MU = 2000 / 3


@dataclass(frozen=True)
class PvCosts:
    """Costs by PV type and size, prices by sector, and the financial terms.

    Built by `pv_costs` from the values of `costs.toml`: the central ones, or the low or high for a range.
    """

    types: tuple[str, ...]
    """Order of the type codes."""
    sectors: tuple[str, ...]
    """Order of the sector codes."""
    capex_cny_per_w: tuple[float, ...]
    om_cny_per_w_year: tuple[float, ...]
    rent_cny_per_mu_year: tuple[float, ...]
    """Land rent by type; 0 for types that stand on a roof."""
    self_use_share: tuple[float, ...]
    """By sector."""
    self_use_cny_kwh: tuple[float, ...]
    """Retail price saved, by sector."""
    hourly_priced: tuple[float, ...]
    """Share of what is used on site that pays the price of the hour where there is one, by sector."""
    feed_in_cny_kwh: float
    size_limits_kw: tuple[float, ...]
    size_factors: tuple[float, ...]
    finance: Finance

    def economics(
        self,
        type_code: ArrayLike,
        sector_code: ArrayLike,
        kwp_dc: ArrayLike,
        kwh_year: ArrayLike,
        *,
        land_m2: ArrayLike = 0.0,
        connection_cny: ArrayLike = 0.0,
        hourly_cny_kwh: ArrayLike | None = None,
        with_irr: bool = False,
    ) -> SiteEconomics:
        """Economics of many sites, by the codes of their type and sector.

        Parameters
        ----------
        type_code, sector_code
            Index into `types` and `sectors`.
        land_m2
            Land that is rented, m2; counts only for types with a rent.
        connection_cny
            Grid connection, paid in year 0.
        hourly_cny_kwh
            See `kwh_value`.
        """
        kind = np.asarray(type_code, dtype=np.intp)
        sector = np.asarray(sector_code, dtype=np.intp)
        rent = np.asarray(self.rent_cny_per_mu_year)[kind] * np.asarray(land_m2, dtype=float) / M2_PER_MU
        return site_economics(
            kwp_dc,
            kwh_year,
            capex_cny_per_w=capex_by_type(
                kind,
                kwp_dc,
                cny_per_w=self.capex_cny_per_w,
                size_limits_kw=self.size_limits_kw,
                size_factors=self.size_factors,
            ),
            om_cny_per_w_year=np.asarray(self.om_cny_per_w_year)[kind],
            price_cny_kwh=self.kwh_value(sector, hourly_cny_kwh),
            land_rent_cny_year=rent,
            connection_cny=connection_cny,
            finance=self.finance,
            with_irr=with_irr,
        )

    def kwh_value(self, sector_code: ArrayLike, hourly_cny_kwh: ArrayLike | None = None) -> Floats:
        """Return what a kWh is worth, CNY: the mean of self-use and feed-in by the sector's share.

        Parameters
        ----------
        hourly_cny_kwh
            Price that the production meets in a 24-hour table, weighted by its hours: counts for the part of
            self-use that is priced by the hour. What is used is taken to be made at the same hours as all.
            None: the sector's one price.
        """
        sector = np.asarray(sector_code, dtype=np.intp)
        retail = np.asarray(self.self_use_cny_kwh)[sector]
        if hourly_cny_kwh is not None:
            by_hour = np.asarray(self.hourly_priced)[sector]
            hourly = np.asarray(hourly_cny_kwh, dtype=float)
            retail = np.where(by_hour > 0, by_hour * hourly + (1 - by_hour) * retail, retail)
        return mean_price(np.asarray(self.self_use_share)[sector], retail, self.feed_in_cny_kwh)


@dataclass(frozen=True)
class UnitCosts:
    """What one kW and one m2 add to the cost of a site: all costs are in proportion within a size class."""

    size_limits_kw: Floats
    capex_per_kwp: Floats
    """(types, size classes), CNY per kWp."""
    cost_per_kwp: Floats
    """(types, size classes), levelised cost of a year's energy, CNY per kWp."""
    cost_per_m2: Floats
    """By type: levelised rent of a year, CNY per m2."""


def unit_costs(costs: PvCosts) -> UnitCosts:
    """Split the cost table into costs per kWp and per m2.

    The levelised cost of a year is `lcoe` times the energy of year 1: what the energy of a year costs over
    the life, discounted like the energy.
    """
    terms = costs.finance
    capex = 1000.0 * np.outer(costs.capex_cny_per_w, costs.size_factors)
    om = 1000.0 * np.asarray(costs.om_cny_per_w_year)[:, None]
    rent = np.asarray(costs.rent_cny_per_mu_year) / M2_PER_MU
    per_year = partial(
        lcoe,
        kwh_year=1.0,
        life_years=terms.life_years,
        discount_rate=terms.discount_rate,
        degradation=terms.degradation,
        one_off_year=terms.inverter_year,
    )
    return UnitCosts(
        np.asarray(costs.size_limits_kw, dtype=float),
        capex,
        per_year(capex, om_year=om, one_off=1000.0 * terms.inverter_cny_per_w),
        per_year(0.0, om_year=rent),
    )


def mean_price(self_use_share: ArrayLike, self_use_price: ArrayLike, feed_in_price: ArrayLike) -> Floats:
    """Value of a kWh: what is used on site saves the retail price, the rest earns the market price.

    Examples
    --------
    >>> float(mean_price(0.8, 0.60, 0.30))
    0.54
    """
    share = np.asarray(self_use_share, dtype=float)
    return share * np.asarray(self_use_price, dtype=float) + (1 - share) * np.asarray(
        feed_in_price, dtype=float
    )


def capex_by_type(
    type_code: ArrayLike,
    kwp_dc: ArrayLike,
    *,
    cny_per_w: ArrayLike,
    size_limits_kw: ArrayLike = (),
    size_factors: ArrayLike = (1.0,),
) -> Floats:
    """Capital cost per watt by PV type, times the factor of the size class, CNY/W.

    Parameters
    ----------
    type_code
        Index of each site's type in `cny_per_w`.
    size_limits_kw, size_factors
        Rising upper limits (exclusive) of the size classes and one factor more than limits.

    Examples
    --------
    >>> capex_by_type([0, 0, 1], [10, 900, 900], cny_per_w=[3.0, 4.0],
    ...               size_limits_kw=[50], size_factors=[1.2, 1])
    array([3.6, 3. , 4. ])
    """
    limits, factors = np.asarray(size_limits_kw, dtype=float), np.asarray(size_factors, dtype=float)
    if factors.size != limits.size + 1:
        raise ValueError(f"{factors.size} size factors for {limits.size} limits: must be one more")
    if np.any(np.diff(limits) <= 0):
        raise ValueError(f"size_limits_kw = {limits.tolist()}: must rise")
    size = np.searchsorted(limits, np.asarray(kwp_dc, dtype=float), side="right")
    return np.asarray(cny_per_w, dtype=float)[np.asarray(type_code, dtype=np.intp)] * factors[size]


def pv_costs(values: Mapping[str, float], *, types: tuple[str, ...], sectors: tuple[str, ...]) -> PvCosts:
    """Build the cost table from values by dotted name (`capex.roof_flat`, `om.roof_flat`, …).

    Raises
    ------
    KeyError
        A value is missing; a missing rent means no rent, a missing hourly_priced no price by the hour.
    """
    return PvCosts(
        types=types,
        sectors=sectors,
        capex_cny_per_w=tuple(values[f"capex.{name}"] for name in types),
        om_cny_per_w_year=tuple(values[f"om.{name}"] for name in types),
        rent_cny_per_mu_year=tuple(values.get(f"rent.{name}", 0.0) for name in types),
        self_use_share=tuple(values[f"self_use_share.{name}"] for name in sectors),
        self_use_cny_kwh=tuple(values[f"self_use_price.{name}"] for name in sectors),
        hourly_priced=tuple(values.get(f"hourly_priced.{name}", 0.0) for name in sectors),
        feed_in_cny_kwh=values["price.feed_in"],
        size_limits_kw=tuple(values[f"size_limit_kw.{name}"] for name in SIZE_CLASSES[:-1]),
        size_factors=tuple(values[f"size_factor.{name}"] for name in SIZE_CLASSES),
        finance=Finance(
            life_years=int(values["finance.life_years"]),
            discount_rate=values["finance.discount_rate"],
            degradation=values["finance.degradation"],
            inverter_cny_per_w=values["inverter.cny_per_w"],
            inverter_year=int(values["inverter.year"]),
            loan_share=values["finance.loan_share"],
            loan_rate=values["finance.loan_rate"],
            loan_years=int(values["finance.loan_years"]),
        ),
    )
