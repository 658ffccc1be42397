"""Hydrothermal doublets, laid out over groups of blocks: one doublet is larger than a block."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from assessment.heat_ground import P10_Z
from assessment.heat_supply import Supply, levelised
from potential.geothermal.economy import building_heat, heat_pump_cop
from potential.geothermal.hydrothermal import Doublet, Reservoir, doublet_yield, heat_in_place_j
from potential.geothermal.line_source import SECONDS_PER_DAY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from assessment.heat_blocks import Blocks
    from assessment.heat_demand import Demand
    from assessment.heat_ground import Ground
    from layers.catalog import Catalog
    from potential.geothermal.demand import Season

LIMITS = np.array(["permeability", "reinjection", "casing", "heat_in_place"], dtype=object)
"""What can bound the heat of a doublet."""
GROUP_BLOCKS = 2
"""Blocks per side of a group: with blocks of 500 m a group is 1 km2."""


def groups(blocks: Blocks) -> NDArray[np.intp]:
    """Return the group of each block: squares of blocks within one town."""
    row, column = blocks.cell
    _, town = np.unique(blocks.frame["town"].to_numpy(str), return_inverse=True)
    keys = np.stack([row // GROUP_BLOCKS, column // GROUP_BLOCKS, town])
    _, group = np.unique(keys, axis=1, return_inverse=True)
    return np.asarray(group.ravel(), dtype=np.intp)


def doublet_from(catalog: Catalog, season: Season, depth_m: float) -> Doublet:
    """Return the doublet of the catalogue."""
    value = catalog.value
    return Doublet(
        temp_injection_c=value("hydrothermal.temp_injection_c"),
        drawdown_pa=1e5 * value("hydrothermal.drawdown_bar"),
        flow_casing_m3_h=value("hydrothermal.flow_casing_m3_h"),
        flow_injection_m3_h=value("hydrothermal.flow_injection_m3_h"),
        skin=value("hydrothermal.skin"),
        season_days=season.days,
        life_years=value("hydrothermal.life_years"),
        spacing_min_m=value("hydrothermal.spacing_min_m"),
        depth_m=depth_m,
    )


def reservoir_under(
    ground: Ground, *, ground_catalog: Catalog, catalog: Catalog, depth_m: float, z: float = 0.0
) -> Reservoir:
    """Return the reservoir under the blocks, all that is uncertain `z` standard deviations off."""
    size = len(ground.nearest_well_m)
    net = ground_catalog["hydrothermal.net_to_gross"]
    gross = catalog.value("hydrothermal.thickness_gross_m")
    spread = (net.high - net.low) / (2 * P10_Z)
    permeability = ground_catalog.value("formation.lantian_bahe.permeability_md")
    log_sd = catalog.value("hydrothermal.permeability_log_sd")
    return Reservoir(
        temp_c=ground.temperature_c(depth_m, z=z),
        thickness_net_m=np.full(size, gross * (net.value + z * spread)),
        porosity=np.full(size, ground_catalog.value("formation.lantian_bahe.porosity")),
        permeability_md=np.full(size, permeability * np.exp(z * log_sd)),
        volumetric_rock_j_m3k=1e6 * catalog.value("hydrothermal.rock_mj_m3k"),
    )


def hydrothermal_supply(
    blocks: Blocks,
    free_share: NDArray[np.float64],
    demand: Demand,
    ground: Ground,
    *,
    ground_catalog: Catalog,
    catalog: Catalog,
    season: Season,
) -> Supply:
    """Doublets of each group of blocks, put into the group's block with most free area."""
    value = catalog.value
    depth_m = ground_catalog.value("hydrothermal.depth_m")
    doublet = doublet_from(catalog, season, depth_m)

    def delivered(z: float) -> _Delivered:
        reservoir = reservoir_under(
            ground, ground_catalog=ground_catalog, catalog=catalog, depth_m=depth_m, z=z
        )
        return _delivered(reservoir, doublet, catalog)

    central = delivered(0.0)
    anchor, wells = _laid_out(blocks, free_share, central.area_m2)
    capex = 2 * value("hydrothermal.cny_well") / np.maximum(central.kw, 1e-9)
    return Supply(
        technology="hydrothermal",
        wells=np.where(anchor, wells, 0.0),
        kw_well_year1=central.kw,
        kw_well_year30=central.kw,
        kw_well_p10=delivered(-P10_Z).kw,
        kw_well_p90=delivered(P10_Z).kw,
        hours=24 * season.days,
        cop=central.cop,
        lcoh_cny_gj=levelised(catalog, capex_kw=capex, cop=central.cop, season=season, demand=demand),
        land_share=np.zeros(len(wells)),
        ground_share=np.divide(1.0, wells, out=np.ones(len(wells)), where=wells > 0),
        limit=LIMITS[central.limit],
    )


def _laid_out(
    blocks: Blocks, free_share: NDArray[np.float64], area_m2: NDArray[np.float64]
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Whole doublets per group, and the block of the group that carries them."""
    group = groups(blocks)
    free_m2 = blocks.frame["area_m2"].to_numpy() * free_share
    wells = np.bincount(group, weights=free_m2 / area_m2)[group]
    order = np.lexsort((-free_m2, group))
    first = np.unique(group[order], return_index=True)[1]
    anchor = np.zeros(len(group), dtype=bool)
    anchor[order[first]] = True
    return anchor, np.floor(wells + 1e-9)


@dataclass(frozen=True)
class _Delivered:
    """One doublet as the buildings see it; arrays of shape (blocks,)."""

    kw: NDArray[np.float64]
    cop: NDArray[np.float64]
    area_m2: NDArray[np.float64]
    limit: NDArray[np.intp]
    """Index into LIMITS."""


def _delivered(reservoir: Reservoir, doublet: Doublet, catalog: Catalog) -> _Delivered:
    """Heat and electricity of a doublet: direct above the network's return, pumped below."""
    value = catalog.value
    found = doublet_yield(reservoir, doublet)
    in_place = heat_in_place_j(
        reservoir, area_m2=found.area_m2, temp_reference_c=value("hydrothermal.temp_reference_c")
    )
    seconds = value("hydrothermal.recovery_years") * doublet.season_days * SECONDS_PER_DAY
    by_heat_w = value("hydrothermal.recovery") * in_place / seconds
    power = np.minimum(found.power_w, by_heat_w)
    warm = reservoir.temp_c - doublet.temp_loss_k - doublet.temp_injection_c
    lukewarm = value("hydrothermal.direct_temp_c") - doublet.temp_injection_c
    pumped = power * np.clip(np.divide(lukewarm, warm, out=np.ones_like(warm), where=warm > 0), 0.0, 1.0)
    pump_cop = heat_pump_cop(
        temp_condenser_c=value("hydrothermal.temp_condenser_c"),
        temp_evaporator_c=doublet.temp_injection_c,
        quality=value("station.pump_quality"),
    )
    heat = power - pumped + building_heat(pumped, pump_cop)
    electricity = pumped / (pump_cop - 1) + found.pump_w
    return _Delivered(
        kw=heat / 1000,
        cop=np.divide(heat, electricity, out=np.full_like(heat, np.nan), where=electricity > 0),
        area_m2=found.area_m2,
        limit=np.where(found.power_w > by_heat_w, 3, found.bound).astype(np.intp),
    )
