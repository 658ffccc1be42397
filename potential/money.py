"""What a photovoltaic system costs and earns: levelised cost, cash flow, present value, return, payback.

Every function takes floats or arrays (one entry per site) and broadcasts. Money is CNY of the base year,
constant prices; `discount_rate` and `degradation` are shares per year. Year 0 is the year of building, years
1 to `life_years` are operation, paid at the end of each year.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from potential.money_return import worth_of_sites

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

W_PER_KW = 1000.0


@dataclass(frozen=True)
class Finance:
    """Terms that hold for all sites of one calculation.

    Examples
    --------
    >>> Finance(life_years=0)
    Traceback (most recent call last):
    ValueError: life_years = 0: must be at least 1
    """

    life_years: int = 25
    discount_rate: float = 0.06
    degradation: float = 0.004
    """Share of the energy lost per year from year 2 on; year 1 yields `kwh_year`."""
    inverter_cny_per_w: float = 0.0
    """Cost of replacing the inverters; 0 leaves the replacement out."""
    inverter_year: int = 13
    loan_share: float = 0.0
    """Share of the capital cost that is borrowed."""
    loan_rate: float = 0.04
    loan_years: int = 10

    def __post_init__(self) -> None:
        """Check every term; say which one is wrong and what it must be."""
        for name, ok, rule in (
            ("life_years", self.life_years >= 1, "must be at least 1"),
            ("discount_rate", self.discount_rate > -1, "must be above -1"),
            ("degradation", 0 <= self.degradation < 1, "must be from 0 to below 1"),
            ("inverter_cny_per_w", self.inverter_cny_per_w >= 0, "must not be negative"),
            ("inverter_year", self.inverter_year >= 1, "must be at least 1"),
            ("loan_share", 0 <= self.loan_share < 1, "must be from 0 to below 1"),
            ("loan_rate", self.loan_rate > -1, "must be above -1"),
            ("loan_years", self.loan_years >= 1, "must be at least 1"),
        ):
            if not ok:
                raise ValueError(f"{name} = {getattr(self, name)}: {rule}")


@dataclass(frozen=True)
class SiteEconomics:
    """Results per site; NaN where a site has no capacity or no energy, or never pays back."""

    lcoe: Floats = field(repr=False)
    """CNY/kWh over the life, before any loan."""
    capex: Floats = field(repr=False)
    """CNY."""
    payback_years: Floats = field(repr=False)
    """Years until the outlay is earned back, not discounted; NaN: not within the life."""
    npv: Floats = field(repr=False)
    """CNY in year 0; of the owner's own money where a loan is taken."""
    irr: Floats = field(repr=False)
    """Internal rate of return, share per year; NaN where none exists."""


def annuity_factor(rate: ArrayLike, years: int) -> Floats:
    """Return the constant yearly payment that repays 1 over `years` at `rate`.

    ``a = r (1 + r)^n / ((1 + r)^n - 1)``, and ``1 / n`` at rate 0.

    Examples
    --------
    >>> float(annuity_factor(0.08, 25))
    0.0936787790
    """
    r = np.asarray(rate, dtype=float)
    return np.where(r == 0, 1 / years, -r / np.expm1(-years * np.log1p(np.where(r == 0, 1.0, r))))


def present_worth(rate: float, years: int, growth: float = 0.0) -> float:
    """Return the sum over years 1..n of ``(1 + growth)^(t - 1) / (1 + rate)^t``.

    Examples
    --------
    >>> present_worth(0.0, 25), round(present_worth(0.08, 25) * 0.0936787790, 6)
    (25.0, 1.0)
    """
    t = np.arange(1, years + 1)
    return float(np.sum((1 + growth) ** (t - 1) / (1 + rate) ** t))


def lcoe(
    capex: ArrayLike,
    kwh_year: ArrayLike,
    *,
    om_year: ArrayLike,
    life_years: int,
    discount_rate: float,
    degradation: float = 0.0,
    one_off: ArrayLike = 0.0,
    one_off_year: int = 1,
) -> Floats:
    """Levelised cost of energy: discounted cost over discounted energy, CNY/kWh.

    Without degradation and one-off costs this is the annuity form ``(capex * a + om_year) / kwh_year``.
    Sites that yield nothing get NaN.

    Parameters
    ----------
    capex, om_year, one_off
        CNY, CNY per year, and CNY once in `one_off_year` (counted only within the life).
    kwh_year
        Energy of year 1, kWh.
    degradation
        Share of the energy lost per year.

    References
    ----------
    Short, Packey, Holt: A manual for the economic evaluation of energy efficiency and renewable energy
    technologies, NREL/TP-462-5173, 1995, eq. 4-7. The case below is the published one of RESKit.

    Examples
    --------
    >>> float(lcoe(1100, 2300, om_year=0.02 * 1100, life_years=25, discount_rate=0.08))
    0.05436811172
    """
    costs = np.asarray(capex, dtype=float) + np.asarray(om_year, dtype=float) * present_worth(
        discount_rate, life_years
    )
    if one_off_year <= life_years:
        costs = costs + np.asarray(one_off, dtype=float) / (1 + discount_rate) ** one_off_year
    energy = np.asarray(kwh_year, dtype=float) * present_worth(discount_rate, life_years, -degradation)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(energy > 0, costs / energy, np.nan)


def _by_year(finance: Finance) -> Floats:
    """Rows: what a CNY of capital, of first-year revenue, of yearly costs, of inverters adds to each year.

    Every cash flow is the sum of the four rows times four amounts; year 0 is the owner's own money, a loan is
    repaid in equal yearly payments.
    """
    years = np.arange(finance.life_years + 1)
    running = years > 0
    instalment = finance.loan_share * float(annuity_factor(finance.loan_rate, finance.loan_years))
    capital = np.where(years == 0, finance.loan_share - 1, 0.0)
    return np.stack(
        [
            capital - np.where(running & (years <= finance.loan_years), instalment, 0.0),
            np.where(running, (1 - finance.degradation) ** (years - 1.0), 0.0),
            np.where(running, -1.0, 0.0),
            np.where(years == finance.inverter_year, -1.0, 0.0),
        ]
    )


def cash_flow(
    capex: ArrayLike,
    kwh_year: ArrayLike,
    *,
    price_cny_kwh: ArrayLike,
    costs_year: ArrayLike,
    inverter: ArrayLike = 0.0,
    finance: Finance,
) -> Floats:
    """Net cash by year, last axis 0 … `life_years`; what the card of a site shows as a table.

    Examples
    --------
    >>> terms = Finance(life_years=3, degradation=0.1)
    >>> cash_flow(100, 100, price_cny_kwh=1, costs_year=10, finance=terms)
    array([-100.,   90.,   80.,   71.])
    """
    amounts = np.broadcast_arrays(
        np.asarray(capex, dtype=float),
        np.asarray(kwh_year, dtype=float) * np.asarray(price_cny_kwh, dtype=float),
        np.asarray(costs_year, dtype=float),
        np.asarray(inverter, dtype=float),
    )
    return np.stack(amounts, axis=-1) @ _by_year(finance)


def site_economics(
    kwp_dc: ArrayLike,
    kwh_year: ArrayLike,
    *,
    capex_cny_per_w: ArrayLike,
    om_cny_per_w_year: ArrayLike,
    price_cny_kwh: ArrayLike,
    land_rent_cny_year: ArrayLike = 0.0,
    connection_cny: ArrayLike = 0.0,
    finance: Finance | None = None,
    with_irr: bool = True,
) -> SiteEconomics:
    """Economics of many sites at once.

    Parameters
    ----------
    kwp_dc, kwh_year
        DC capacity in kW and energy of year 1 in kWh.
    capex_cny_per_w, om_cny_per_w_year
        Per watt DC; see `potential.money_costs`.
    price_cny_kwh
        Value of a kWh (see `potential.money_costs.mean_price`), constant over the life.
    land_rent_cny_year, connection_cny
        Rent per year and grid connection paid in year 0.
    with_irr
        False leaves `irr` NaN (the one result that needs iteration).

    Examples
    --------
    >>> one = site_economics(100, 113e3, capex_cny_per_w=2.76, om_cny_per_w_year=0.045, price_cny_kwh=0.45)
    >>> round(float(one.lcoe), 4), round(float(one.payback_years), 2), round(float(one.irr), 4)
    (0.2394, 6.02, 0.1598)
    """
    terms = finance or Finance()
    kwp, kwh, per_w, om, price, rent, connection = np.broadcast_arrays(
        *(
            np.asarray(value, dtype=float)
            for value in (
                kwp_dc,
                kwh_year,
                capex_cny_per_w,
                om_cny_per_w_year,
                price_cny_kwh,
                land_rent_cny_year,
                connection_cny,
            )
        )
    )
    capex = kwp * W_PER_KW * per_w + connection
    costs_year = kwp * W_PER_KW * om + rent
    inverter = kwp * (W_PER_KW * terms.inverter_cny_per_w)
    years = np.arange(terms.life_years + 1.0)
    built = (kwp > 0) & (kwh > 0)
    levelised = lcoe(
        capex,
        kwh,
        om_year=costs_year,
        life_years=terms.life_years,
        discount_rate=terms.discount_rate,
        degradation=terms.degradation,
        one_off=inverter,
        one_off_year=terms.inverter_year,
    )
    amounts = np.stack([capex.ravel(), (kwh * price).ravel(), costs_year.ravel(), inverter.ravel()])
    results = worth_of_sites(amounts, _by_year(terms), (1 + terms.discount_rate) ** -years, with_irr)
    worth, payback, rate = (np.where(built, row.reshape(kwp.shape), np.nan) for row in results)
    return SiteEconomics(np.where(built, levelised, np.nan), capex, payback, worth, rate)
