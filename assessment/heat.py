"""Geothermal heat of a region: three technologies, one demand, no land and no heat counted twice."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from assessment.heat_blocks import make_blocks, open_cells
from assessment.heat_check import check_table
from assessment.heat_deep import deep_supply
from assessment.heat_demand import block_demand, place_demand, season_of
from assessment.heat_doublets import hydrothermal_supply
from assessment.heat_ground import ground_under
from assessment.heat_judgement import block_frame, judge_blocks
from assessment.heat_maps import heat_maps
from assessment.heat_match import match_blocks
from assessment.heat_networks import piped_blocks, zone_gap
from assessment.heat_rules import sort_rules, touch
from assessment.heat_shallow import shallow_model, shallow_supply
from assessment.heat_suitability import read_schemes
from assessment.heat_table import heat_frame, heat_summary, only_heat
from assessment.run import HEAT_TECHNOLOGIES
from faults import Fault, InputError
from potential.geothermal.economy import BASELINES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from assessment.heat_blocks import Blocks, OpenLand
    from assessment.heat_demand import Demand, Placed
    from assessment.heat_ground import Ground
    from assessment.heat_judgement import Judged
    from assessment.heat_maps import HeatMaps
    from assessment.heat_match import Goal
    from assessment.heat_rules import HeatRules, Touched
    from assessment.heat_shallow import ShallowModel
    from assessment.heat_suitability import Scheme
    from assessment.heat_supply import Supply
    from layers.catalog import Catalog
    from layers.region import Region
    from layers.rule_model import Rule
    from potential.geothermal.economy import Baseline
    from potential.geothermal.matching import Matching


@dataclass(frozen=True)
class HeatResult:
    """Heat sites of a region and what they add up to."""

    frame: gpd.GeoDataFrame
    """One row per block and technology that is part of the best supply; columns HEAT and geometry."""
    blocks: gpd.GeoDataFrame
    """One row per block: demand, what each technology could give alone, what is left unmet."""
    summary: pd.DataFrame
    """Town x technology."""
    alone: pd.DataFrame
    """The same columns as `summary`, each technology as if it were the only one: not to be added up."""
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
    ready = _prepare(
        region=region, towns=towns, townships=townships, buildings=buildings, farmland=farmland,
        municipal=municipal, restrictions=restrictions, heat=heat, wells=wells, zones=zones, ground=ground,
        catalog=catalog, rules=rules, covers=covers, progress=progress,
    )  # fmt: skip

    def share_out(technologies: Sequence[str]) -> tuple[Matching, gpd.GeoDataFrame]:
        supplies = [supply.only(technologies) for supply in ready.supplies]
        network, matching = match_blocks(
            ready.blocks, supplies, ready.demand, piped=ready.piped, catalog=catalog, goal=goal
        )
        table = heat_frame(
            ready.blocks, supplies, ready.demand, network, matching,
            touched=ready.touched, rules=ready.rules, judged=ready.judged, buildings=buildings,
            catalog=catalog, baseline=baseline,
        )  # fmt: skip
        return matching, table

    progress(0.5, "matching")
    matching, table = share_out(HEAT_TECHNOLOGIES)
    alone = pd.concat([share_out([name])[1] for name in HEAT_TECHNOLOGIES], ignore_index=True)
    progress(0.65, "maps")
    maps = heat_maps(
        ready.blocks, ready.land, ready.placed, ready.rules,
        towns=towns, wells=wells, zones=zones, restrictions=restrictions, schemes=ready.schemes,
        ground=ground, catalog=catalog, seed=region.seed,
    )  # fmt: skip
    progress(0.85, "check against exact borefields")
    boreholes = ready.supplies[0].wells
    errors = {"shallow_g_table": check_table(ready.shallow, boreholes, seed=region.seed, sample=verify)}
    gap = zone_gap(ready.blocks, heat, ready.demand, matching.served_kw)
    progress(1.0, "heat done")
    return HeatResult(
        frame=only_heat(table),
        blocks=block_frame(
            ready.blocks, ready.supplies, ready.demand, matching,
            table=table, under=ready.under, judged=ready.judged,
        ),
        summary=heat_summary(table, ready.blocks, ready.demand),
        alone=heat_summary(alone, ready.blocks, ready.demand),
        zones=gap,
        maps=maps,
        not_checked=tuple(sorted({rule.id for rule in ready.rules.not_checked})),
        parameters={
            "heat": {
                "zones": gap.round(1).replace({np.nan: None}).to_dict("records"),
                **_parameters(catalog, ground, baseline=baseline, goal=goal, demand=ready.demand),
                "errors": errors,
            }
        },
        errors=errors,
    )  # fmt: skip


@dataclass(frozen=True)
class _Ready:
    """What is known before the demand is shared out."""

    blocks: Blocks
    rules: HeatRules
    touched: dict[str, Touched]
    placed: Placed
    demand: Demand
    land: OpenLand
    under: Ground
    shallow: ShallowModel
    supplies: tuple[Supply, ...]
    schemes: dict[str, Scheme]
    judged: dict[str, Judged]
    piped: NDArray[np.bool_]


def _prepare(
    *,
    region: Region,
    towns: gpd.GeoDataFrame,
    townships: gpd.GeoDataFrame | None,
    buildings: gpd.GeoDataFrame,
    farmland: gpd.GeoDataFrame | None,
    municipal: gpd.GeoDataFrame | None,
    restrictions: gpd.GeoDataFrame | None,
    heat: gpd.GeoDataFrame | None,
    wells: gpd.GeoDataFrame | None,
    zones: gpd.GeoDataFrame | None,
    ground: Catalog,
    catalog: Catalog,
    rules: Sequence[Rule],
    covers: frozenset[str] | None,
    progress: Callable[[float, str], None],
) -> _Ready:
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
    progress(0.35, "ground")
    under = ground_under(blocks.middle_m, wells, ground, catalog, zones=zones)
    season = season_of(catalog)
    shallow = shallow_model(demand, under, ground_catalog=ground, catalog=catalog, season=season)
    schemes = read_schemes()
    places = {technology: land.outside(told.free_share) for technology, told in touched.items()}
    return _Ready(
        blocks=blocks,
        rules=checked,
        touched=touched,
        placed=placed,
        demand=demand,
        land=land,
        under=under,
        shallow=shallow,
        supplies=(
            shallow_supply(shallow, places["shallow"], demand, catalog=catalog, season=season),
            deep_supply(places["deep"], blocks, demand, under, catalog=catalog, season=season),
            hydrothermal_supply(
                blocks, touched["hydrothermal"].free_share, demand, under,
                ground_catalog=ground, catalog=catalog, season=season, seed=region.seed,
            ),
        ),
        schemes=schemes,
        judged=judge_blocks(
            blocks, land, demand, under=under, touched=touched, rules=checked,
            restrictions=restrictions, schemes=schemes, ground=ground, catalog=catalog, seed=region.seed,
        ),
        piped=piped_blocks(blocks, heat),
    )  # fmt: skip


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
