"""Cost, value and carbon of sites: the cost catalogue joined to the arrays of money."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from assessment.carbon_choice import CHOSEN, GRID_FACTOR, LIFE, life_factor
from assessment.run import PV_TYPES, SECTORS
from potential.carbon import pv_t_year
from potential.money_costs import pv_costs

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from layers.catalog import Catalog
    from potential.money_costs import PvCosts

UNKNOWN = "unknown"
KW_PER_MW = 1000.0


def cost_table(costs: Catalog) -> PvCosts:
    """Return the cost table of all types and sectors; the last sector is the unknown one, which sells all."""
    values = {name: quantity.value for name, quantity in costs.items()}
    values |= {f"self_use_share.{UNKNOWN}": 0.0, f"self_use_price.{UNKNOWN}": values["price.feed_in"]}
    return pv_costs(values, types=PV_TYPES, sectors=(*SECTORS, UNKNOWN))


def add_economics(
    sites: gpd.GeoDataFrame, *, costs: Catalog, carbon: Catalog, met: Mapping[str, float] | None = None
) -> gpd.GeoDataFrame:
    """Add lcoe (CNY/kWh), capex (CNY), payback_years (a) and co2_t_year (t/a) to sites.

    The value of a kWh is the mean of self-use and feed-in by the sector's share of self-use; a site of
    unknown sector sells everything. Rent is paid for the land that the rules left. Carbon is that of year 1
    at the provincial average factor, unless a scenario put another choice into the carbon catalogue.

    Parameters
    ----------
    met
        Price that the energy of each type meets in a scenario's 24-hour table, CNY/kWh
        (`assessment.tariff_choice.met_by_type`); None: one price by sector.
    """
    table = cost_table(costs)
    known = sites["sector"].where(sites["sector"].isin(SECTORS), UNKNOWN)
    kinds = pd.Categorical(sites["type"], categories=PV_TYPES).codes
    by_hour = None if met is None else np.array([met.get(kind, np.nan) for kind in PV_TYPES])[kinds]
    result = table.economics(
        kinds,
        pd.Categorical(known, categories=table.sectors).codes,
        sites["kwp_dc_central"],
        sites["kwh_year_p50"],
        land_m2=sites["area_m2"],
        hourly_cny_kwh=by_hour,
    )
    saved = pv_t_year(
        sites["kwh_year_p50"], grid_kg_per_kwh=carbon.value(CHOSEN if CHOSEN in carbon else GRID_FACTOR)
    )
    if LIFE in carbon and carbon.value(LIFE):
        share, embodied = life_factor(carbon, costs)
        saved = saved * share - sites["kwp_dc_central"].to_numpy() / KW_PER_MW * embodied
    return sites.assign(
        lcoe=result.lcoe, capex=result.capex, payback_years=result.payback_years, co2_t_year=saved
    )
