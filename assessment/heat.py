"""Geothermal heat of a region: three technologies, one demand, no land and no heat counted twice."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from assessment.heat_check import check_table
from assessment.heat_goals import GOALS, goal_rows
from assessment.heat_judgement import block_frame, factor_frame
from assessment.heat_layers import HeatLayers
from assessment.heat_maps import heat_maps
from assessment.heat_match import match_blocks
from assessment.heat_networks import zone_gap
from assessment.heat_parcels import heat_parcels
from assessment.heat_prepare import prepare
from assessment.heat_table import heat_frame, heat_summary, only_heat
from assessment.heat_wells import drill_orders
from assessment.run import HEAT_TECHNOLOGIES
from faults import Fault, InputError
from potential.geothermal.economy import BASELINES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import geopandas as gpd

    from assessment.heat_maps import HeatMaps
    from assessment.heat_match import Goal
    from assessment.heat_prepare import Ready
    from layers.catalog import Catalog
    from layers.region import Region
    from layers.rule_model import Rule
    from potential.geothermal.economy import Baseline
    from potential.geothermal.matching import Matching, Network


@dataclass(frozen=True)
class HeatResult:
    """Heat sites of a region and what they add up to."""

    frame: gpd.GeoDataFrame
    """One row per block and technology that is part of the best supply; columns HEAT and geometry."""
    blocks: gpd.GeoDataFrame
    """One row per block: demand, what each technology could give alone, what is left unmet."""
    parcels: gpd.GeoDataFrame
    """One row per parcel that could take boreholes: how many, how much, and why."""
    drilling: gpd.GeoDataFrame
    """The land of those parcels left for drilling; columns id and geometry."""
    factors: pd.DataFrame
    """The values behind the suitability of the blocks."""
    summary: pd.DataFrame
    """Town x technology."""
    alone: pd.DataFrame
    """The same columns as `summary`, each technology as if it were the only one: not to be added up."""
    goals: pd.DataFrame
    """Goal x town x technology: what each goal chooses, what each baseline saves, stranded and unmet."""
    orders: pd.DataFrame
    """The sites of every goal, and of each technology alone, from the cheapest on; see `drill_orders`."""
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
    judgements: Mapping[str, float] | None = None,
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
        The ground of the region, and the numbers from `heat_catalog`.
    baseline : {"coal_chp", "gas_boiler"}
        What geothermal heat replaces; required, since it decides the carbon saved.
    rules : sequence of Rule
        Those about heat are applied; without a layer they count as not checked.
    covers : frozenset of str, optional
        Kinds for which the restrictions are complete; None: the kinds present.
    goal : {"cost", "carbon", "capacity"}
        By what the technology of a block is chosen, once all that can be served is served.
    judgements : mapping, optional
        A user's judgements about the factors of suitability, by "technology.factor > factor".
    verify : int
        Blocks drawn at random whose borefield is reckoned again with its exact g-function.
    progress : callable
        Called with the share done and a text.

    Raises
    ------
    InputError
        No buildings, hence no demand; an unknown baseline; judgements that are wrong or contradictory.
    """
    if baseline not in BASELINES:
        rule = f"must be one of {', '.join(BASELINES)}"
        raise InputError([Fault("scenario", None, "heat.baseline", str(baseline), rule)])
    if buildings is None or not len(buildings):
        raise InputError([Fault("buildings", None, None, None, "heat needs buildings: no demand is known")])
    layers = HeatLayers(
        towns=towns, townships=townships, buildings=buildings, farmland=farmland, municipal=municipal,
        restrictions=restrictions, heat=heat, wells=wells, zones=zones, ground=ground, catalog=catalog,
        rules=rules, covers=covers, seed=region.seed, judgements=dict(judgements or {}),
    )  # fmt: skip
    ready = prepare(layers, progress=progress)
    progress(0.5, "matching")
    shared = {name: _share_out(ready, HEAT_TECHNOLOGIES, name, baseline) for name in GOALS}
    chosen = shared[goal]
    single = {name: _share_out(ready, [name], goal, baseline).table for name in HEAT_TECHNOLOGIES}
    alone = pd.concat(single.values(), ignore_index=True)
    progress(0.65, "maps")
    best = _best(ready, chosen)
    maps = heat_maps(ready, best=best)
    progress(0.8, "parcels")
    parcels = heat_parcels(ready)
    progress(0.85, "check against exact borefields")
    boreholes = ready.supplies[0].wells
    errors = {
        "shallow_g_table": check_table(ready.shallow, boreholes, seed=region.seed, sample=verify),
        "boreholes_by_packing": ready.packed.error,
    }
    gap = zone_gap(ready.blocks, heat, ready.demand, chosen.matching.served_kw)
    progress(1.0, "heat done")
    return HeatResult(
        frame=only_heat(chosen.table),
        blocks=block_frame(ready, chosen.matching, table=chosen.table, best=best),
        parcels=parcels,
        drilling=ready.packed.drilling,
        factors=factor_frame(ready.blocks, ready.judged, ready.touched),
        summary=heat_summary(chosen.table, ready.blocks, ready.demand),
        alone=heat_summary(alone, ready.blocks, ready.demand),
        goals=pd.concat([_goal(ready, name, shared[name]) for name in GOALS], ignore_index=True),
        orders=drill_orders({name: one.table for name, one in shared.items()} | single),
        zones=gap,
        maps=maps,
        not_checked=tuple(sorted({rule.id for rule in ready.rules.not_checked})),
        parameters={
            "heat": {
                "zones": gap.round(1).replace({np.nan: None}).to_dict("records"),
                **_parameters(ready, baseline=baseline, goal=goal),
                "errors": errors,
            }
        },
        errors=errors,
    )


@dataclass(frozen=True)
class _Shared:
    """The demand shared out among some technologies."""

    network: Network
    matching: Matching
    table: gpd.GeoDataFrame


def _share_out(ready: Ready, technologies: Sequence[str], goal: Goal, baseline: Baseline) -> _Shared:
    supplies = [supply.only(technologies) for supply in ready.supplies]
    catalog = ready.layers.catalog
    network, matching = match_blocks(
        ready.blocks, supplies, ready.demand, piped=ready.piped, catalog=catalog, goal=goal
    )
    table = heat_frame(
        ready.blocks, supplies, ready.demand, network, matching,
        touched=ready.touched, rules=ready.rules, judged=ready.judged, buildings=ready.layers.buildings,
        catalog=catalog, baseline=baseline,
    )  # fmt: skip
    return _Shared(network, matching, table)


def _goal(ready: Ready, goal: Goal, shared: _Shared) -> pd.DataFrame:
    return goal_rows(
        goal,
        heat_summary(shared.table, ready.blocks, ready.demand),
        shared.table,
        blocks=ready.blocks,
        demand=ready.demand,
        network=shared.network,
        matching=shared.matching,
        catalog=ready.layers.catalog,
    )


def _best(ready: Ready, shared: _Shared) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Return the technology that carries most of each block's demand, -1 where none does."""
    size = len(ready.blocks.frame)
    carried = np.zeros((len(HEAT_TECHNOLOGIES), size))
    network = shared.network
    np.add.at(carried, (network.source // size, network.demand), shared.matching.flow_kw)
    return np.where(carried.sum(axis=0) > 0, carried.argmax(axis=0), -1)


def _parameters(ready: Ready, *, baseline: Baseline, goal: Goal) -> dict[str, Any]:
    """Everything the numbers stand on: every quantity with unit, range, source and confidence."""
    listed = {
        name: {"value": q.value, "low": q.low, "high": q.high, "unit": q.unit, "source": q.source,
               "confidence": q.confidence, "unverified": q.unverified}
        for part in (ready.layers.catalog, ready.layers.ground) for name, q in part.items()
    }  # fmt: skip
    return {
        "baseline": baseline,
        "goal": goal,
        "assumed_floors_m2": round(ready.demand.assumed_floors_m2, 1),
        "weights": {
            technology: {
                "consistency_ratio": round(scheme.weights.consistency_ratio, 4),
                "weight": {name: round(float(w), 4) for name, w in
                           zip(scheme.weights.names, scheme.weights.weight, strict=True)},
            }
            for technology, scheme in ready.schemes.items()
        },
        "judgements": dict(sorted(ready.layers.judgements.items())),
        "quantities": listed,
    }  # fmt: skip
