"""Geothermal heat of a region: three technologies, one demand, no land and no heat counted twice."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from scipy.spatial import cKDTree

from assessment.heat_blocks import Blocks, make_blocks, open_cells
from assessment.heat_check import check_table
from assessment.heat_demand import Demand, block_demand, place_demand, season_of
from assessment.heat_doublets import groups, hydrothermal_supply
from assessment.heat_ground import Ground, ground_under
from assessment.heat_judgement import block_frame, judge_blocks
from assessment.heat_maps import HeatMaps, heat_maps
from assessment.heat_networks import piped_blocks, zone_gap
from assessment.heat_rules import HeatRules, Touched, sort_rules, touch
from assessment.heat_suitability import read_schemes
from assessment.heat_supply import ShallowModel, Supply, deep_supply, shallow_model, shallow_supply
from assessment.heat_table import heat_frame, heat_summary, only_heat
from assessment.run import HEAT_TECHNOLOGIES
from faults import Fault, InputError
from potential.geothermal.economy import BASELINES, Baseline
from potential.geothermal.matching import Matching, Network, match

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    from layers.catalog import Catalog
    from layers.region import Region
    from layers.rule_model import Rule

Goal = Literal["cost", "carbon", "capacity"]


@dataclass(frozen=True)
class HeatResult:
    """Heat sites of a region and what they add up to."""

    frame: gpd.GeoDataFrame
    """One row per block and technology that is part of the best supply; columns HEAT and geometry."""
    blocks: gpd.GeoDataFrame
    """One row per block: demand, what each technology could give alone, what is left unmet."""
    summary: pd.DataFrame
    """Town x technology."""
    zones: pd.DataFrame
    """Heat zones of the region: demand, what geothermal heat can carry, the gap."""
    maps: HeatMaps
    """Rasters of suitability, temperature and capacities."""
    not_checked: tuple[str, ...]
    """Ids of rules whose layer is missing."""
    parameters: dict[str, Any]
    """What the numbers stand on, with units."""
    errors: dict[str, Any] = field(default_factory=dict)
    """Measured errors of approximations."""


def assess_heat(
    *,
    region: Region,
    towns: gpd.GeoDataFrame,
    townships: gpd.GeoDataFrame | None,
    buildings: gpd.GeoDataFrame | None,
    farmland: gpd.GeoDataFrame | None,
    municipal: gpd.GeoDataFrame | None,
    restrictions: gpd.GeoDataFrame | None,
    heat: gpd.GeoDataFrame | None = None,
    wells: gpd.GeoDataFrame | None = None,
    zones: gpd.GeoDataFrame | None = None,
    ground: Catalog,
    catalog: Catalog,
    baseline: Baseline,
    rules: Sequence[Rule] = (),
    covers: frozenset[str] | None = None,
    goal: Goal = "cost",
    verify: int = 50,
    progress: Callable[[float, str], None] = lambda _share, _text: None,
) -> HeatResult:
    """Find where geothermal heat can serve buildings, with which technology and how much.

    Parameters
    ----------
    region : Region
        Names and seed.
    towns, townships, buildings, farmland, municipal, restrictions, heat, wells : GeoDataFrame or None
        Layers in the metric CRS; None where the region has none.
    zones : GeoDataFrame, optional
        Ground zones (polygons) that replace or scale what the wells say; see `ground_under`.
    ground, catalog : Catalog
        The ground of the region, and the numbers of heat.toml.
    baseline : {"coal_chp", "gas_boiler"}
        What geothermal heat replaces; required, since it decides the carbon saved.
    rules : sequence of Rule
        Those about heat are applied; without a layer they count as not checked.
    covers : frozenset of str, optional
        Kinds for which the restrictions are complete; None: the kinds present.
    goal : {"cost", "carbon", "capacity"}
        By what the technology of a block is chosen, once all that can be served is served.
    verify : int
        Blocks drawn at random whose borefield is reckoned again with its exact g-function.
    progress : callable
        Called with the share done and a text.

    Raises
    ------
    InputError
        No buildings, hence no demand; or an unknown baseline.
    """
    if baseline not in BASELINES:
        rule = f"must be one of {', '.join(BASELINES)}"
        raise InputError([Fault("scenario", None, "heat.baseline", str(baseline), rule)])
    if buildings is None or not len(buildings):
        raise InputError([Fault("buildings", None, None, None, "heat needs buildings: no demand is known")])
    progress(0.0, "rules")
    blocks = make_blocks(towns, townships, size_m=catalog.value("block.size_m"))
    layers = {"restrictions": restrictions, "farmland": farmland, "municipal": municipal}
    checked = sort_rules(rules, layers, covers=covers)
    geometry = blocks.frame.geometry.to_numpy()
    touched = {technology: touch(checked, technology, geometry) for technology in HEAT_TECHNOLOGIES}
    progress(0.1, "demand")
    placed = place_demand(buildings, towns=towns, townships=townships, catalog=catalog)
    demand = block_demand(blocks, placed, catalog=catalog)
    progress(0.2, "land for wells")
    land = open_cells(
        blocks,
        buildings=buildings,
        farmland=farmland,
        municipal=municipal,
        restrictions=restrictions,
        vetoes=[*checked.vetoes("shallow"), *checked.vetoes("deep")],
        catalog=catalog,
    )
    progress(0.6, "ground")
    under = ground_under(blocks.middle_m, wells, ground, catalog, zones=zones)
    shallow = shallow_model(demand, under, ground_catalog=ground, catalog=catalog, season=season_of(catalog))
    supplies = _supplies(
        blocks, land.per_block, touched, demand,
        under=under, shallow=shallow, ground=ground, catalog=catalog, seed=region.seed,
    )  # fmt: skip
    judged = judge_blocks(
        blocks, land, demand, under=under, touched=touched, rules=checked,
        restrictions=restrictions, schemes=read_schemes(), ground=ground, catalog=catalog, seed=region.seed,
    )  # fmt: skip
    progress(0.7, "matching")
    piped = piped_blocks(blocks, heat)
    network, matching = match_blocks(blocks, supplies, demand, piped=piped, catalog=catalog, goal=goal)
    zones_gap = zone_gap(blocks, heat, demand, matching.served_kw)
    frame = heat_frame(
        blocks, supplies, demand, network, matching,
        touched=touched, rules=checked, judged=judged, buildings=buildings, catalog=catalog,
        baseline=baseline,
    )  # fmt: skip
    progress(0.8, "maps")
    maps = heat_maps(
        blocks, land, placed, checked,
        towns=towns, wells=wells, zones=zones, restrictions=restrictions, schemes=read_schemes(),
        ground=ground, catalog=catalog, seed=region.seed,
    )  # fmt: skip
    progress(0.9, "check against exact borefields")
    errors = {"shallow_g_table": check_table(shallow, supplies[0].wells, seed=region.seed, sample=verify)}
    progress(1.0, "heat done")
    return HeatResult(
        frame=only_heat(frame),
        blocks=block_frame(blocks, supplies, demand, matching, table=frame, under=under, judged=judged),
        summary=heat_summary(frame, blocks, demand),
        zones=zones_gap,
        maps=maps,
        not_checked=tuple(sorted({rule.id for rule in checked.not_checked})),
        parameters={
            "heat": {
                "zones": zones_gap.round(1).replace({np.nan: None}).to_dict("records"),
                **_parameters(catalog, ground, baseline=baseline, goal=goal, demand=demand),
                "errors": errors,
            }
        },
        errors=errors,
    )


def _supplies(
    blocks: Blocks,
    cells: NDArray[np.float64],
    touched: dict[str, Touched],
    demand: Demand,
    *,
    under: Ground,
    shallow: ShallowModel,
    ground: Catalog,
    catalog: Catalog,
    seed: int,
) -> tuple[Supply, ...]:
    season = season_of(catalog)
    return (
        shallow_supply(shallow, cells, demand, catalog=catalog, season=season),
        deep_supply(cells, blocks, demand, under, catalog=catalog, season=season),
        hydrothermal_supply(
            blocks, touched["hydrothermal"].free_share, demand, under,
            ground_catalog=ground, catalog=catalog, season=season, seed=seed,
        ),
    )  # fmt: skip


def match_blocks(
    blocks: Blocks,
    supplies: Sequence[Supply],
    demand: Demand,
    *,
    piped: NDArray[np.bool_],
    catalog: Catalog,
    goal: Goal,
) -> tuple[Network, Matching]:
    """Choose the technology of every block: serve all that can be served, at the least price."""
    size = len(blocks.frame)
    loss = 1 + catalog.value("station.network_loss")
    source, target = [], []
    for number, supply in enumerate(supplies):
        a, b = _links(blocks, supply, demand, piped=piped, catalog=catalog)
        source.append(a + number * size)
        target.append(b)
    group = groups(blocks)
    land = [(np.arange(size), np.arange(size) + n * size, s.land_share / np.maximum(s.kw_well_year30, 1e-9))
            for n, s in enumerate(supplies[:2])]  # fmt: skip
    area = blocks.frame["area_m2"].to_numpy()
    whole = np.bincount(group, weights=area)[group]
    deep, doublets = supplies[1], supplies[2]
    deep_part = deep.ground_share * area / whole / np.maximum(deep.kw_well_year30, 1e-9)
    doublet_part = doublets.ground_share / np.maximum(doublets.kw_well_year30, 1e-9)
    network = Network(
        capacity_kw=np.concatenate([supply.capacity_kw for supply in supplies]),
        price=np.concatenate([_price(supply, goal, catalog) for supply in supplies]),
        demand_kw=demand.design_kw * loss * catalog.value("station.base_share_power"),
        source=np.concatenate(source),
        demand=np.concatenate(target),
        shared=(
            tuple(np.concatenate(part) for part in zip(*land, strict=True)),  # type: ignore[arg-type]
            (
                np.concatenate([group, group]),
                np.concatenate([np.arange(size) + size, np.arange(size) + 2 * size]),
                np.concatenate([deep_part, doublet_part]),
            ),
        ),
    )
    return network, match(network)


def _price(supply: Supply, goal: Goal, catalog: Catalog) -> NDArray[np.float64]:
    """Price of heat by the goal, above 0: CNY/GJ, kg CO2/GJ, or 1."""
    if goal == "cost":
        return np.nan_to_num(supply.lcoh_cny_gj, nan=1e3)
    if goal == "carbon":
        return 1000 / 3.6 * catalog.value("carbon.grid") / np.maximum(supply.cop, 1.0)
    return np.ones(len(supply.wells))


def _links(
    blocks: Blocks, supply: Supply, demand: Demand, *, piped: NDArray[np.bool_], catalog: Catalog
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Pair source and demand blocks within reach; across blocks only where a network pays."""
    able = np.flatnonzero(supply.capacity_kw > 0)
    needy = demand.design_kw > 0
    own = able[needy[able]]
    reach_m = catalog.value(f"{supply.technology}.reach_m")
    worth = demand.linear_mwh_m >= catalog.value("station.linear_density_min_mwh_m")
    dense = np.flatnonzero(needy & (worth | piped))
    if supply.technology == "shallow" or not len(able) or not len(dense):
        return own, own
    middle = blocks.middle_m
    near = cKDTree(middle[able]).sparse_distance_matrix(
        cKDTree(middle[dense]), reach_m, output_type="coo_matrix"
    )
    source, target = able[near.row], dense[near.col]
    other = source != target
    keep = own if supply.technology == "deep" else own[np.isin(own, dense)]
    return np.concatenate([keep, source[other]]), np.concatenate([keep, target[other]])


def _parameters(
    catalog: Catalog, ground: Catalog, *, baseline: Baseline, goal: Goal, demand: Demand
) -> dict[str, Any]:
    """Everything the numbers stand on: every quantity with unit, range, source and confidence."""
    listed = {
        name: {"value": q.value, "low": q.low, "high": q.high, "unit": q.unit, "source": q.source,
               "confidence": q.confidence, "unverified": q.unverified}
        for part in (catalog, ground) for name, q in part.items()
    }  # fmt: skip
    return {
        "baseline": baseline,
        "goal": goal,
        "assumed_floors_m2": round(demand.assumed_floors_m2, 1),
        "quantities": listed,
    }


__all__ = ["HeatResult", "HeatRules", "assess_heat", "match_blocks"]
