"""Everything the heat assessment knows before the demand is shared out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from assessment.heat_blocks import make_blocks, open_cells
from assessment.heat_deep import deep_supply
from assessment.heat_demand import block_demand, place_demand, season_of
from assessment.heat_doublets import hydrothermal_supply
from assessment.heat_ground import ground_under
from assessment.heat_judgement import block_places, judge_places
from assessment.heat_networks import piped_blocks
from assessment.heat_own_weights import own_schemes
from assessment.heat_packing import pack_parcels
from assessment.heat_rules import sort_rules, touch
from assessment.heat_shallow import shallow_model, shallow_supply
from assessment.run import HEAT_TECHNOLOGIES

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from assessment.heat_blocks import Blocks, OpenLand
    from assessment.heat_demand import Demand, Placed
    from assessment.heat_factors import Places
    from assessment.heat_ground import Ground
    from assessment.heat_judgement import Judged
    from assessment.heat_layers import HeatLayers
    from assessment.heat_packing import Packed
    from assessment.heat_rules import HeatRules, Touched
    from assessment.heat_shallow import ShallowModel
    from assessment.heat_suitability import Scheme
    from assessment.heat_supply import Supply


@dataclass(frozen=True)
class Ready:
    """What is known before the demand is shared out."""

    layers: HeatLayers
    blocks: Blocks
    rules: HeatRules
    touched: dict[str, Touched]
    placed: Placed
    demand: Demand
    land: OpenLand
    packed: Packed
    under: Ground
    shallow: ShallowModel
    supplies: tuple[Supply, ...]
    schemes: dict[str, Scheme]
    places: Places
    judged: dict[str, Judged]
    piped: NDArray[np.bool_]


def prepare(layers: HeatLayers, *, progress: Callable[[float, str], None]) -> Ready:
    """Make the blocks of a region, with their rules, demand, land, ground, supplies and suitability."""
    progress(0.0, "rules")
    catalog = layers.catalog
    blocks = make_blocks(layers.towns, layers.townships, size_m=catalog.value("block.size_m"))
    rules = sort_rules(layers.rules, layers.ruled, covers=layers.covers)
    geometry = blocks.frame.geometry.to_numpy()
    touched = {technology: touch(rules, technology, geometry) for technology in HEAT_TECHNOLOGIES}
    progress(0.1, "demand")
    placed = place_demand(layers.buildings, towns=layers.towns, townships=layers.townships, catalog=catalog)
    demand = block_demand(blocks, placed, catalog=catalog)
    progress(0.2, "land for wells")
    land = open_cells(
        blocks,
        buildings=layers.buildings,
        farmland=layers.farmland,
        municipal=layers.municipal,
        restrictions=layers.restrictions,
        vetoes=[*rules.vetoes("shallow"), *rules.vetoes("deep")],
        catalog=catalog,
    )
    progress(0.25, "boreholes packed into parcels")
    packed = pack_parcels(layers, rules, bounds=blocks.bounds)
    progress(0.35, "ground")
    under = ground_under(blocks.middle_m, layers.wells, layers.ground, catalog, zones=layers.zones)
    schemes = own_schemes(layers.judgements)
    places = block_places(blocks, land, demand, under=under, catalog=catalog)
    shallow = shallow_model(
        demand, under, ground_catalog=layers.ground, catalog=catalog, season=season_of(catalog)
    )
    return Ready(
        layers=layers,
        blocks=blocks,
        rules=rules,
        touched=touched,
        placed=placed,
        demand=demand,
        land=land,
        packed=packed,
        under=under,
        shallow=shallow,
        supplies=_supplies(layers, blocks, demand, under, shallow, land, touched, packed.ratio),
        schemes=schemes,
        places=places,
        judged=judge_places(
            places, touched, rules,
            restrictions=layers.restrictions, schemes=schemes, ground=layers.ground, catalog=catalog,
            seed=layers.seed,
        ),
        piped=piped_blocks(blocks, layers.heat),
    )  # fmt: skip


def _supplies(  # noqa: PLR0917 - each of another kind
    layers: HeatLayers,
    blocks: Blocks,
    demand: Demand,
    under: Ground,
    shallow: ShallowModel,
    land: OpenLand,
    touched: dict[str, Touched],
    ratio: float,
) -> tuple[Supply, ...]:
    catalog = layers.catalog
    season = season_of(catalog)
    free = {technology: land.outside(told.free_share) for technology, told in touched.items()}
    return (
        shallow_supply(shallow, ratio * free["shallow"], demand, catalog=catalog, season=season),
        deep_supply(free["deep"], blocks, demand, under, catalog=catalog, season=season),
        hydrothermal_supply(
            blocks, touched["hydrothermal"].free_share, demand, under,
            ground_catalog=layers.ground, catalog=catalog, season=season, seed=layers.seed,
        ),
    )  # fmt: skip
