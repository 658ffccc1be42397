"""Cost, value and carbon of sites: the cost catalogue joined to the arrays of money."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from assessment.run import PV_TYPES, SECTORS
from potential.carbon import pv_t_year
from potential.money_costs import pv_costs

if TYPE_CHECKING:
    import geopandas as gpd

    from layers.catalog import Catalog

GRID_FACTOR = "grid.shaanxi.2022"
"""Provincial average factor of the newest year that was published: what avoided carbon is counted with."""
UNKNOWN = "unknown"


def add_economics(sites: gpd.GeoDataFrame, *, costs: Catalog, carbon: Catalog) -> gpd.GeoDataFrame:
    """Add lcoe (CNY/kWh), capex (CNY), payback_years (a) and co2_t_year (t/a) to sites.

    The value of a kWh is the mean of self-use and feed-in by the sector's share of self-use; a site of
    unknown sector sells everything. Rent is paid for the land that the rules left.
    """
    values = {name: quantity.value for name, quantity in costs.items()}
    values |= {f"self_use_share.{UNKNOWN}": 0.0, f"self_use_price.{UNKNOWN}": values["price.feed_in"]}
    sectors = (*SECTORS, UNKNOWN)
    known = sites["sector"].where(sites["sector"].isin(SECTORS), UNKNOWN)
    result = pv_costs(values, types=PV_TYPES, sectors=sectors).economics(
        pd.Categorical(sites["type"], categories=PV_TYPES).codes,
        pd.Categorical(known, categories=sectors).codes,
        sites["kwp_dc_central"],
        sites["kwh_year_p50"],
        land_m2=sites["area_m2"],
    )
    return sites.assign(
        lcoe=result.lcoe,
        capex=result.capex,
        payback_years=result.payback_years,
        co2_t_year=pv_t_year(sites["kwh_year_p50"], grid_kg_per_kwh=carbon.value(GRID_FACTOR)),
    )
