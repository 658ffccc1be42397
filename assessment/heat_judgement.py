"""Every block judged for every technology, with the reason in words, and the blocks as a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from assessment.heat_factors import Places, factor_values
from assessment.heat_suitability import WELL_FAR_M, Scheme, Suitability, judge, reasons
from potential.geothermal.suitability import CLASSES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from assessment.heat_blocks import Blocks, OpenLand
    from assessment.heat_demand import Demand
    from assessment.heat_ground import Ground
    from assessment.heat_rules import HeatRules, Touched
    from assessment.heat_supply import Supply
    from layers.catalog import Catalog
    from potential.geothermal.matching import Matching


@dataclass(frozen=True)
class Judged:
    """The blocks judged for one technology."""

    scheme: Scheme
    found: Suitability
    reason_zh: list[str]
    reason_en: list[str]


def judge_blocks(
    blocks: Blocks,
    land: OpenLand,
    demand: Demand,
    *,
    under: Ground,
    touched: Mapping[str, Touched],
    rules: HeatRules,
    restrictions: gpd.GeoDataFrame | None,
    schemes: Mapping[str, Scheme],
    ground: Catalog,
    catalog: Catalog,
    seed: int,
) -> dict[str, Judged]:
    """Judge every block for every technology."""
    area = blocks.frame["area_m2"].to_numpy()
    with np.errstate(invalid="ignore", divide="ignore"):
        balance = np.where(demand.heat_mwh > 0, demand.cooling_mwh / demand.heat_mwh, np.nan)
    places = Places(
        middle_m=blocks.middle_m,
        demand_mwh_ha=demand.heat_mwh / area * 1e4,
        land_share=land.per_block * catalog.value("block.raster_m") ** 2 / area,
        balance=balance,
        ground=under,
    )
    factors = factor_values(places, restrictions=restrictions, ground=ground, catalog=catalog)
    judged = {}
    for technology, scheme in schemes.items():
        missing = [rule for rule in rules.not_checked if technology in rule.applies_to]
        found = judge(
            scheme,
            factors[technology],
            free_share=touched[technology].free_share,
            conditional=touched[technology].conditional,
            uncertain=under.nearest_well_m > WELL_FAR_M,
            unchecked=any(rule.decisive for rule in missing),
            seed=seed,
        )
        zh, en = reasons(
            scheme, found, touched[technology], not_checked=missing, nearest_well_m=under.nearest_well_m
        )
        judged[technology] = Judged(scheme, found, zh, en)
    return judged


def block_frame(
    blocks: Blocks,
    supplies: Sequence[Supply],
    demand: Demand,
    matching: Matching,
    *,
    table: gpd.GeoDataFrame,
    under: Ground,
    judged: Mapping[str, Judged],
) -> gpd.GeoDataFrame:
    """Return the blocks with demand, what each technology could give there alone, and its suitability.

    Per technology: wells, kw_year1, kw_year30 (what fits, before the demand is shared out), unused_kw
    (stranded), class, light, score, stability, reason_zh, reason_en.
    """
    size = len(blocks.frame)
    frame = blocks.frame.drop(columns=["row", "column"]).assign(
        demand_m2=demand.floor_m2,
        demand_kw=demand.design_kw,
        demand_mwh_year=demand.heat_mwh,
        cooling_mwh_year=demand.cooling_mwh,
        served_kw=matching.served_kw,
        unmet_kw=np.maximum(demand.design_kw - matching.served_kw, 0.0),
        electricity_mwh_year=_electricity_mwh(blocks, table),
        nearest_well_m=under.nearest_well_m,
        gradient_k_km=1000 * under.gradient_k_m,
        gradient_sd_k_km=1000 * under.gradient_sd_k_m,
    )
    names = np.array([*CLASSES, None], dtype=object)
    for number, supply in enumerate(supplies):
        told = judged[supply.technology]
        used = matching.used_kw[number * size : (number + 1) * size]
        columns = {
            "wells": supply.wells,
            "kw_year1": supply.wells * supply.kw_well_year1,
            "kw_year30": supply.capacity_kw,
            "unused_kw": supply.capacity_kw - used,
            "class": names[told.found.class_index],
            "light": told.found.light,
            "score": told.found.score,
            "stability": told.found.stable,
            "reason_zh": told.reason_zh,
            "reason_en": told.reason_en,
        }
        frame = frame.assign(**{f"{supply.technology}_{name}": value for name, value in columns.items()})
    return frame


def _electricity_mwh(blocks: Blocks, table: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """Sum what the pumps of a block's sources need, to stand beside the photovoltaics of the same block."""
    owner = [name[: -len(kind) - 1] for name, kind in zip(table["id"], table["technology"], strict=True)]
    sums = table["electricity_mwh_year"].groupby(np.array(owner, dtype=object)).sum()
    return sums.reindex(blocks.frame["id"], fill_value=0.0).to_numpy(float)
