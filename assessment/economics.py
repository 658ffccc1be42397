"""Cost, value and carbon of sites: catalogue numbers by PV type and sector, joined to the arrays of money."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from assessment.run import PV_TYPES, SECTORS
from potential.carbon import pv_t_year
from potential.money import Finance, capex_by_type, mean_price, site_economics

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from layers.catalog import Catalog

    Floats = NDArray[np.float64]

M2_PER_MU = 2000.0 / 3.0
SIZE_CLASSES = ("small", "medium", "large", "very_large")
GRID_FACTOR = "grid.shaanxi.2022"
"""Provincial average factor of the newest year that was published: what avoided carbon is counted with."""


def add_economics(sites: gpd.GeoDataFrame, *, costs: Catalog, carbon: Catalog) -> gpd.GeoDataFrame:
    """Add lcoe (CNY/kWh), capex (CNY), payback_years (a) and co2_t_year (t/a) to sites.

    The value of a kWh is the mean of self-use and feed-in by the sector's share of self-use; a sector without
    a share (unknown) sells everything. Rent is paid for the land that the rules left.
    """
    kwp, kwh = sites["kwp_dc_central"].to_numpy(float), sites["kwh_year_p50"].to_numpy(float)
    result = site_economics(
        kwp,
        kwh,
        capex_cny_per_w=_capex_cny_per_w(sites, costs),
        om_cny_per_w_year=_by_type(sites, costs, "om"),
        price_cny_kwh=_price_cny_kwh(sites, costs),
        land_rent_cny_year=_by_type(sites, costs, "rent", missing=0.0) * sites["area_m2"] / M2_PER_MU,
        finance=finance(costs),
        with_irr=False,
    )
    return sites.assign(
        lcoe=result.lcoe,
        capex=result.capex,
        payback_years=result.payback_years,
        co2_t_year=pv_t_year(kwh, grid_kg_per_kwh=carbon.value(GRID_FACTOR)),
    )


def finance(costs: Catalog) -> Finance:
    """Return the financial terms of the cost catalogue."""
    return Finance(
        life_years=round(costs.value("finance.life_years")),
        discount_rate=costs.value("finance.discount_rate"),
        degradation=costs.value("finance.degradation"),
        inverter_cny_per_w=costs.value("inverter.cny_per_w"),
        inverter_year=round(costs.value("inverter.year")),
        loan_share=costs.value("finance.loan_share"),
        loan_rate=costs.value("finance.loan_rate"),
        loan_years=round(costs.value("finance.loan_years")),
    )


def _capex_cny_per_w(sites: gpd.GeoDataFrame, costs: Catalog) -> Floats:
    codes = sites["type"].map({name: index for index, name in enumerate(PV_TYPES)})
    return capex_by_type(
        codes.to_numpy(np.intp),
        sites["kwp_dc_central"].to_numpy(float),
        cny_per_w=[costs.value(f"capex.{name}") for name in PV_TYPES],
        size_limits_kw=[costs.value(f"size_limit_kw.{name}") for name in SIZE_CLASSES[:-1]],
        size_factors=[costs.value(f"size_factor.{name}") for name in SIZE_CLASSES],
    )


def _price_cny_kwh(sites: gpd.GeoDataFrame, costs: Catalog) -> Floats:
    def by_sector(name: str, unknown: float) -> Floats:
        table = {sector: costs.value(f"{name}.{sector}") for sector in SECTORS}
        return sites["sector"].map(table).fillna(unknown).to_numpy(float)

    feed_in = costs.value("price.feed_in")
    return mean_price(by_sector("self_use_share", 0.0), by_sector("self_use_price", feed_in), feed_in)


def _by_type(sites: gpd.GeoDataFrame, costs: Catalog, name: str, *, missing: float | None = None) -> Floats:
    table = {
        kind: costs.value(f"{name}.{kind}") if missing is None or f"{name}.{kind}" in costs else missing
        for kind in PV_TYPES
    }
    return sites["type"].map(table).to_numpy(float)
