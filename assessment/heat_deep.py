"""Closed-loop deep wells of the blocks: as many as find a place, with their interference."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from assessment.heat_ground import P10_Z
from assessment.heat_supply import Supply, levelised
from potential.geothermal.deep import DeepWell, Operation, deep_heat
from potential.geothermal.economy import building_heat, heat_pump_cop

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from assessment.heat_blocks import Blocks
    from assessment.heat_demand import Demand
    from assessment.heat_ground import Ground
    from layers.catalog import Catalog
    from potential.geothermal.demand import Season


def deep_well_from(catalog: Catalog) -> DeepWell:
    """Return the coaxial well of the catalogue; water taken at half its rise in temperature."""
    value = catalog.value
    return DeepWell(
        depth_m=value("deep.depth_m"),
        flow_m3_h=value("deep.flow_m3_h"),
        conductivity_inner_w_mk=value("deep.inner_conductivity_w_mk"),
        borehole_radius_m=value("deep.borehole_radius_m"),
        temp_fluid_c=value("deep.temp_in_c") + 5.0,
    )


def deep_supply(
    cells: NDArray[np.float64],
    blocks: Blocks,
    demand: Demand,
    ground: Ground,
    *,
    catalog: Catalog,
    season: Season,
) -> Supply:
    """Closed-loop wells in each block: as many as find a place, with their interference."""
    value = catalog.value
    well = deep_well_from(catalog)
    area = cells * value("block.raster_m") ** 2 * value("deep.land_share")
    land = np.floor(area / value("deep.well_area_m2"))
    layers = round(value("ground.layers"))
    in_station = np.clip(land, 1.0, value("deep.cluster_wells"))
    cop_pump = heat_pump_cop(
        temp_condenser_c=value("station.temp_supply_c"),
        temp_evaporator_c=value("deep.temp_in_c"),
        quality=value("station.pump_quality"),
    )

    def kw_well(number: int, *, z: float = 0.0) -> NDArray[np.float64]:
        found = np.empty(len(land))
        rock = ground.rock(well.depth_m, layers=layers, z=z)
        for size in np.unique(in_station):
            operation = Operation(
                temp_in_c=value("deep.temp_in_c"),
                season_days=season.days,
                neighbours_m=lattice_distances_m(int(size), value("deep.spacing_m")),
            )
            rows = in_station == size
            found[rows] = deep_heat(well, rock.take(rows), operation, season=number).heat_w / 1000
        return building_heat(np.maximum(found, 0.0), cop_pump)

    kw30 = kw_well(30)
    cop = 1 / (1 / cop_pump + well.pump_w() / 1000 / np.maximum(kw30, 1e-9))
    price = levelised(
        catalog,
        capex_kw=well.depth_m * value("deep.cny_m") / np.maximum(kw30, 1e-9),
        cop=cop,
        season=season,
        demand=demand,
    )
    return Supply(
        technology="deep",
        wells=land,
        kw_well_year1=kw_well(1),
        kw_well_year30=kw30,
        kw_well_p10=kw_well(30, z=-P10_Z),
        kw_well_p90=kw_well(30, z=P10_Z),
        hours=24 * season.days,
        cop=cop,
        lcoh_cny_gj=price,
        land_share=1 / np.maximum(land, 1.0),
        ground_share=value("deep.well_area_m2") / blocks.frame["area_m2"].to_numpy(),
        limit=np.full(len(land), "land", dtype=object),
    )


def lattice_distances_m(wells: int, spacing_m: float) -> tuple[float, ...]:
    """Return the distances from the middle well of a compact square group of wells to the others, m.

    Examples
    --------
    >>> lattice_distances_m(4, 50.0)
    (50.0, 50.0, 50.0)
    """
    reach = np.arange(-8, 9)
    distances = np.sort(np.hypot(*np.meshgrid(reach, reach)).ravel())[1:wells]
    return tuple((distances * spacing_m).tolist())
