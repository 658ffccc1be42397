"""Every block judged for every technology, with the reason in words, and the blocks as a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from assessment.heat_cooling import cooling_of
from assessment.heat_factors import Places, factor_values
from assessment.heat_reasons import reasons
from assessment.heat_suitability import WELL_FAR_M, Scheme, Suitability, judge
from assessment.run import HEAT_TECHNOLOGIES
from potential.geothermal.suitability import CLASSES

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    from numpy.typing import NDArray

    from assessment.heat_blocks import Blocks, OpenLand
    from assessment.heat_demand import Demand
    from assessment.heat_ground import Ground
    from assessment.heat_prepare import Ready
    from assessment.heat_rules import HeatRules, Touched
    from assessment.heat_supply import Supply
    from layers.catalog import Catalog
    from potential.geothermal.matching import Matching


@dataclass(frozen=True)
class Judged:
    """Places judged for one technology."""

    scheme: Scheme
    found: Suitability
    reason_zh: list[str]
    reason_en: list[str]
    known: Mapping[str, NDArray[np.float64]]
    """Value of each known factor, in its unit."""


def block_places(
    blocks: Blocks, land: OpenLand, demand: Demand, *, under: Ground, catalog: Catalog
) -> Places:
    """Return what the suitability asks about the blocks."""
    area = blocks.frame["area_m2"].to_numpy()
    with np.errstate(invalid="ignore", divide="ignore"):
        balance = np.where(demand.heat_mwh > 0, demand.cooling_mwh / demand.heat_mwh, np.nan)
    return Places(
        middle_m=blocks.middle_m,
        demand_mwh_ha=demand.heat_mwh / area * 1e4,
        land_share=land.per_block * catalog.value("block.raster_m") ** 2 / area,
        balance=balance,
        ground=under,
    )


def judge_places(
    places: Places,
    touched: Mapping[str, Touched],
    rules: HeatRules,
    *,
    restrictions: gpd.GeoDataFrame | None,
    schemes: Mapping[str, Scheme],
    ground: Catalog,
    catalog: Catalog,
    seed: int,
) -> dict[str, Judged]:
    """Judge places (blocks, or parcels) for every technology, with the reason in words."""
    factors = factor_values(places, restrictions=restrictions, ground=ground, catalog=catalog)
    far = places.ground.nearest_well_m
    judged = {}
    for technology, scheme in schemes.items():
        missing = [rule for rule in rules.not_checked if technology in rule.applies_to]
        found = judge(
            scheme,
            factors[technology],
            free_share=touched[technology].free_share,
            conditional=touched[technology].conditional,
            uncertain=far > WELL_FAR_M,
            unchecked=any(rule.decisive for rule in missing),
            seed=seed,
        )
        zh, en = reasons(scheme, found, touched[technology], not_checked=missing, nearest_well_m=far)
        judged[technology] = Judged(scheme, found, zh, en, factors[technology])
    return judged


def factor_frame(
    blocks: Blocks, judged: Mapping[str, Judged], touched: Mapping[str, Touched]
) -> pd.DataFrame:
    """Return the values behind the suitability of the blocks, so that other weights can be tried on them.

    Per technology: <technology>.<factor> in the unit of the factor, NaN unknown, and free_share; and
    conditional, true where a rule asks for a consent.
    """
    columns: dict[str, object] = {"id": blocks.frame["id"], "town": blocks.frame["town"]}
    for technology, told in judged.items():
        unknown = np.full(len(blocks.frame), np.nan)
        for factor in told.scheme.factors:
            columns[f"{technology}.{factor.name}"] = told.known.get(factor.name, unknown)
        columns[f"{technology}.free_share"] = touched[technology].free_share
        columns[f"{technology}.conditional"] = touched[technology].conditional
    return pd.DataFrame(columns)


def block_frame(
    ready: Ready, matching: Matching, *, table: gpd.GeoDataFrame, best: NDArray[np.intp]
) -> gpd.GeoDataFrame:
    """Return the blocks with demand, what each technology could give there alone, and its suitability.

    Per technology: wells, kw_year1, kw_year30 (what fits, before the demand is shared out), unused_kw
    (stranded), class, light, score, stability, reason_zh, reason_en. Cooling: its design load, what the
    boreholes carry of it, and the balance in words.
    """
    blocks, demand, under = ready.blocks, ready.demand, ready.under
    cooling = cooling_of(ready.shallow, ready.supplies[0].wells, demand, catalog=ready.layers.catalog)
    balance_zh, balance_en = cooling.words()
    frame = blocks.frame.drop(columns=["row", "column"]).assign(
        demand_m2=demand.floor_m2,
        demand_kw=demand.design_kw,
        demand_mwh_year=demand.heat_mwh,
        cooling_mwh_year=demand.cooling_mwh,
        cooling_kw=cooling.demand_kw,
        shallow_cooling_kw=cooling.capacity_kw,
        cooling_served_mwh_year=cooling.served_mwh,
        returned_share=cooling.returned_share,
        balance_gain_percent=cooling.gain_percent,
        balance_zh=balance_zh,
        balance_en=balance_en,
        served_kw=matching.served_kw,
        unmet_kw=np.maximum(demand.design_kw - matching.served_kw, 0.0),
        electricity_mwh_year=_electricity_mwh(blocks, table),
        best_technology=np.array([*HEAT_TECHNOLOGIES, None], dtype=object)[best],
        nearest_well_m=under.nearest_well_m,
        gradient_k_km=1000 * under.gradient_k_m,
        gradient_sd_k_km=1000 * under.gradient_sd_k_m,
        conductivity_w_mk=under.conductivity_w_mk.value,
        temp_surface_c=under.temp_surface_c,
    )
    for number, supply in enumerate(ready.supplies):
        used = matching.used_kw[number * len(frame) : (number + 1) * len(frame)]
        frame = frame.assign(**_technology(supply, ready.judged[supply.technology], used))
    return frame


def _technology(supply: Supply, told: Judged, used_kw: NDArray[np.float64]) -> dict[str, object]:
    names = np.array([*CLASSES, None], dtype=object)
    columns = {
        "wells": supply.wells,
        "kw_year1": supply.wells * supply.kw_well_year1,
        "kw_year30": supply.capacity_kw,
        "unused_kw": supply.capacity_kw - used_kw,
        "class": names[told.found.class_index],
        "light": told.found.light,
        "score": told.found.score,
        "stability": told.found.stable,
        "reason_zh": told.reason_zh,
        "reason_en": told.reason_en,
    }
    return {f"{supply.technology}_{name}": value for name, value in columns.items()}


def _electricity_mwh(blocks: Blocks, table: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """Sum what the pumps of a block's sources need, to stand beside the photovoltaics of the same block."""
    owner = [name[: -len(kind) - 1] for name, kind in zip(table["id"], table["technology"], strict=True)]
    sums = table["electricity_mwh_year"].groupby(np.array(owner, dtype=object)).sum()
    return sums.reindex(blocks.frame["id"], fill_value=0.0).to_numpy(float)
