"""What a single calculation costs and saves: capital, levelised cost, carbon against a named baseline."""

from __future__ import annotations

from dataclasses import dataclass

from potential.geothermal.economy import carbon_saved_t, levelised_cost_cny_gj


@dataclass(frozen=True, kw_only=True)
class Prices:
    """Prices and emissions of a heat station."""

    surface_cny_kw: float
    """Heat pumps and station per kW delivered."""
    price_cny_kwh: float
    upkeep_share: float
    """Yearly upkeep over capital cost."""
    discount_rate: float
    life_years: float
    grid_kg_kwh: float

    def __post_init__(self) -> None:
        """Refuse prices below nothing and a life without years."""
        for name in ("surface_cny_kw", "price_cny_kwh", "upkeep_share", "discount_rate", "grid_kg_kwh"):
            if not getattr(self, name) >= 0:
                raise ValueError(f"{name} = {getattr(self, name)} must not be negative")
        if not self.life_years > 0:
            raise ValueError(f"life_years = {self.life_years} must be positive")


def money(
    prices: Prices,
    *,
    wells_cny: float,
    kw: float,
    mwh_year: float,
    electricity_mwh_year: float,
    baselines_kg_gj: dict[str, float],
) -> dict[str, float]:
    """Return capex_cny, lcoh_cny_gj and, for every baseline, the CO2 saved per year.

    Parameters
    ----------
    prices : Prices
        Of the station, without the network.
    wells_cny : float
        Wells or boreholes, complete.
    kw, mwh_year, electricity_mwh_year : float
        Heat delivered in year 30, per season, and the electricity of heat pumps and pumps.
    baselines_kg_gj : dict
        Emissions of the heat replaced, by name; the name decides the saving, so none is taken by itself.

    Examples
    --------
    >>> p = Prices(surface_cny_kw=0.0, price_cny_kwh=0.5, upkeep_share=0.0, discount_rate=0.0,
    ...     life_years=10, grid_kg_kwh=0.6)
    >>> found = money(p, wells_cny=3.6e6, kw=100.0, mwh_year=1000.0, electricity_mwh_year=200.0,
    ...     baselines_kg_gj={"gas_boiler": 60.0})
    >>> round(found["lcoh_cny_gj"], 2), round(found["co2_saved_gas_boiler_t_year"])
    (127.78, 96)
    """
    capex = wells_cny + prices.surface_cny_kw * kw
    cost = levelised_cost_cny_gj(
        capex_cny=capex,
        heat_mwh_year=mwh_year,
        electricity_mwh_year=electricity_mwh_year,
        price_cny_kwh=prices.price_cny_kwh,
        upkeep_share=prices.upkeep_share,
        rate=prices.discount_rate,
        years=prices.life_years,
    )
    saved = {
        f"co2_saved_{name}_t_year": float(
            carbon_saved_t(
                heat_mwh_year=mwh_year,
                electricity_mwh_year=electricity_mwh_year,
                baseline_kg_gj=kg_gj,
                grid_kg_kwh=prices.grid_kg_kwh,
            )
        )
        for name, kg_gj in baselines_kg_gj.items()
    }
    return {"capex_cny": float(capex), "lcoh_cny_gj": float(cost), **saved}
