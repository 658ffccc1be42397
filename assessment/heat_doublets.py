"""Hydrothermal doublets, laid out over groups of blocks: one doublet is larger than a block."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from assessment.heat_blocks import VETO_SHARE
from assessment.heat_ground import P10_Z
from assessment.heat_supply import Supply, levelised
from potential.geothermal.economy import building_heat, heat_pump_cop
from potential.geothermal.hydrothermal import (
    Doublet,
    Reservoir,
    doublet_flow,
    doublet_power_w,
    doublet_yield,
    heat_in_place_j,
)
from potential.geothermal.line_source import SECONDS_PER_DAY
from potential.geothermal.montecarlo import Spread, normal_scores, resource_percentiles

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from assessment.heat_blocks import Blocks
    from assessment.heat_demand import Demand
    from assessment.heat_ground import Ground
    from layers.catalog import Catalog
    from potential.geothermal.demand import Season

LIMITS = np.array(["ground", "reinjection", "casing"], dtype=object)
"""What can bound the flow of a doublet."""
GROUP_BLOCKS = 4
"""Blocks per side of a group: with blocks of 500 m a group is 4 km2, and rounding to whole doublets loses
little."""
WELLS_PER_DOUBLET = 2
SAMPLES = 200


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
    ground: Ground, *, ground_catalog: Catalog, catalog: Catalog, depth_m: float
) -> tuple[Reservoir, Spread]:
    """Return the reservoir under the blocks, and what is uncertain about it."""
    size = len(ground.nearest_well_m)
    net = ground_catalog["hydrothermal.net_to_gross"]
    gross = catalog.value("hydrothermal.thickness_gross_m")
    reservoir = Reservoir(
        temp_c=ground.temperature_c(depth_m),
        thickness_net_m=np.full(size, gross * net.value),
        porosity=np.full(size, ground_catalog.value("formation.lantian_bahe.porosity")),
        permeability_md=np.full(size, ground_catalog.value("formation.lantian_bahe.permeability_md")),
        volumetric_rock_j_m3k=1e6 * catalog.value("hydrothermal.rock_mj_m3k"),
    )
    spread = Spread(
        ln_permeability_sd=catalog.value("hydrothermal.permeability_log_sd"),
        thickness_sd_m=gross * (net.high - net.low) / (2 * P10_Z),
        temp_sd_k=ground.gradient_sd_k_m * depth_m,
    )
    return reservoir, spread


def hydrothermal_supply(
    blocks: Blocks,
    free_share: NDArray[np.float64],
    demand: Demand,
    ground: Ground,
    *,
    ground_catalog: Catalog,
    catalog: Catalog,
    season: Season,
    seed: int,
) -> Supply:
    """Doublets of each group of blocks, put where the demand is; wells count both wells of a doublet."""
    depth_m = ground_catalog.value("hydrothermal.depth_m")
    doublet = doublet_from(catalog, season, depth_m)
    reservoir, spread = reservoir_under(
        ground, ground_catalog=ground_catalog, catalog=catalog, depth_m=depth_m
    )
    found = doublet_yield(reservoir, doublet)
    per_m2 = heat_limit_w_m2(reservoir, catalog, season)
    area_m2 = np.maximum(found.area_m2, found.power_w / np.maximum(per_m2, 1e-9))
    heat_w, cop = _delivered(found.power_w, found.pump_w, reservoir, doublet, catalog)
    share = heat_w / np.maximum(found.power_w, 1e-9)

    # The ground laid out for a doublet stays as planned, whatever the rock turns out to be.
    planned_m2 = float(np.median(area_m2))

    def power_w(drawn: Reservoir) -> NDArray[np.float64]:
        flow, _, _ = doublet_flow(drawn, doublet)
        by_heat = planned_m2 * heat_limit_w_m2(drawn, catalog, season)
        return np.minimum(doublet_power_w(drawn, doublet, flow), by_heat)

    low, _, high = resource_percentiles(power_w, reservoir, spread, scores=normal_scores(SAMPLES, seed=seed))
    anchor, doublets = _laid_out(blocks, free_share, demand, area_m2)
    capex = WELLS_PER_DOUBLET * catalog.value("hydrothermal.cny_well") / np.maximum(heat_w / 1000, 1e-9)
    kw = heat_w / 1000 / WELLS_PER_DOUBLET
    return Supply(
        technology="hydrothermal",
        wells=np.where(anchor, WELLS_PER_DOUBLET * doublets, 0.0),
        kw_well_year1=kw,
        kw_well_year30=kw,
        kw_well_p10=share * low / 1000 / WELLS_PER_DOUBLET,
        kw_well_p90=share * high / 1000 / WELLS_PER_DOUBLET,
        hours=24 * season.days,
        cop=cop,
        lcoh_cny_gj=levelised(catalog, capex_kw=capex, cop=cop, season=season, demand=demand),
        land_share=np.zeros(len(kw)),
        ground_share=np.divide(1.0 / WELLS_PER_DOUBLET, doublets, out=np.ones(len(kw)), where=doublets > 0),
        limit=np.where(anchor & (doublets > 0), "spacing", LIMITS[found.bound]).astype(object),
        module=WELLS_PER_DOUBLET,
    )


def heat_limit_w_m2(reservoir: Reservoir, catalog: Catalog, season: Season) -> NDArray[np.float64]:
    """Heat that may be taken per area of ground, so that the recovery factor lasts for its years."""
    in_place = heat_in_place_j(
        reservoir, area_m2=1.0, temp_reference_c=catalog.value("hydrothermal.temp_reference_c")
    )
    seconds = catalog.value("hydrothermal.recovery_years") * season.days * SECONDS_PER_DAY
    return np.asarray(catalog.value("hydrothermal.recovery") * in_place / seconds)


def _laid_out(
    blocks: Blocks, free_share: NDArray[np.float64], demand: Demand, area_m2: NDArray[np.float64]
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Lay out whole doublets per group, in the free block with most demand.

    Wells are deviated from one pad, so a group needs one free block only.
    """
    group = groups(blocks)
    free_m2 = blocks.frame["area_m2"].to_numpy() * free_share
    doublets = np.bincount(group, weights=free_m2 / area_m2)[group]
    rank = np.where(free_share >= 1 - VETO_SHARE, demand.design_kw, -1.0)
    order = np.lexsort((-rank, group))
    first = np.unique(group[order], return_index=True)[1]
    anchor = np.zeros(len(group), dtype=bool)
    anchor[order[first]] = True
    anchor &= free_share >= 1 - VETO_SHARE
    return anchor, np.floor(doublets + 1e-9)


def _delivered(
    power_w: NDArray[np.float64],
    pump_w: NDArray[np.float64],
    reservoir: Reservoir,
    doublet: Doublet,
    catalog: Catalog,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Heat delivered (W) and its COP: direct above the network's return, through the heat pump below it."""
    value = catalog.value
    warm = reservoir.temp_c - doublet.temp_loss_k - doublet.temp_injection_c
    lukewarm = value("hydrothermal.direct_temp_c") - doublet.temp_injection_c
    part = np.clip(np.divide(lukewarm, warm, out=np.ones_like(warm), where=warm > 0), 0.0, 1.0)
    pump_cop = heat_pump_cop(
        temp_condenser_c=value("hydrothermal.temp_condenser_c"),
        temp_evaporator_c=doublet.temp_injection_c,
        quality=value("station.pump_quality"),
    )
    heat = power_w * (1 - part) + building_heat(power_w * part, pump_cop)
    electricity = power_w * part / (pump_cop - 1) + pump_w
    return heat, np.divide(heat, electricity, out=np.ones_like(heat), where=electricity > 0)
