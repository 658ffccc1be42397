"""What each technology can give in each block: wells, capacity in year 1 and 30, range, cost, carbon."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from potential.geothermal.economy import levelised_cost_cny_gj

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from assessment.heat_demand import Demand
    from layers.catalog import Catalog
    from potential.geothermal.demand import Season


@dataclass(frozen=True)
class Supply:
    """One technology in every block; heat as delivered to buildings; arrays of shape (blocks,)."""

    technology: str
    wells: NDArray[np.float64]
    """Wells or boreholes that fit (and, for boreholes, that the block's demand asks for)."""
    kw_well_year1: NDArray[np.float64]
    kw_well_year30: NDArray[np.float64]
    kw_well_p10: NDArray[np.float64]
    """In year 30, exceeded with 90 %."""
    kw_well_p90: NDArray[np.float64]
    hours: float
    """Hours per season a well can run at its capacity."""
    cop: NDArray[np.float64]
    """Heat delivered per electricity, pumps of the wells included."""
    lcoh_cny_gj: NDArray[np.float64]
    land_share: NDArray[np.float64]
    """Part of the block's drillable land that one well takes."""
    ground_share: NDArray[np.float64]
    """Part of the block's deep ground that one well draws on; 0 for boreholes."""
    limit: NDArray[np.object_]
    """What bounds the number of wells or their capacity, as a code."""
    module: int = 1
    """Wells that are built together: 2 for a doublet."""

    def only(self, technologies: Sequence[str]) -> Supply:
        """Return the supply, without wells if its technology is not asked for."""
        return self if self.technology in technologies else replace(self, wells=np.zeros_like(self.wells))

    @property
    def capacity_kw(self) -> NDArray[np.float64]:
        """Heat in year 30 with all wells, kW."""
        return self.wells * self.kw_well_year30


def levelised(
    catalog: Catalog,
    *,
    capex_kw: NDArray[np.float64],
    cop: NDArray[np.float64] | float,
    season: Season,
    demand: Demand | None,
) -> NDArray[np.float64]:
    """Return the levelised cost of heat of one kW that carries the season's load, CNY/GJ.

    Wells and station, the network of the block where a demand is given, upkeep and electricity.
    """
    value = catalog.value
    heat_mwh = season.full_load_hours / 1000
    capex = capex_kw + value("station.surface_cny_kw")
    if demand is not None:
        dense = np.maximum(demand.linear_mwh_m, value("station.linear_density_min_mwh_m"))
        capex = capex + heat_mwh / dense * value("station.pipe_cny_m")
    return levelised_cost_cny_gj(
        capex_cny=capex,
        heat_mwh_year=np.full(np.shape(capex), heat_mwh),
        electricity_mwh_year=heat_mwh / np.asarray(cop),
        price_cny_kwh=value("station.price_cny_kwh"),
        upkeep_share=value("station.upkeep_share"),
        rate=value("station.discount_rate"),
        years=value("station.life_years"),
    )
