"""The heat sites as a table, and their sums by town and technology."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from assessment.heat_demand import season_of
from assessment.run import HEAT, HEAT_TECHNOLOGIES
from potential.geothermal.demand import heatable_area_m2
from potential.geothermal.economy import carbon_saved_t

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from assessment.heat_blocks import Blocks
    from assessment.heat_demand import Demand
    from assessment.heat_judgement import Judged
    from assessment.heat_rules import HeatRules, Touched
    from assessment.heat_supply import Supply
    from layers.catalog import Catalog
    from potential.geothermal.economy import Baseline
    from potential.geothermal.matching import Matching, Network

_LEAST_KW = 1.0
"""Less than this of a block's demand is no site."""
BINDING_WORDS = {
    "demand": ("可及热需求", "demand within reach"),
    "land": ("可钻用地", "land for drilling"),
    "spacing": ("储层占地与井距", "ground per doublet"),
    "ground": ("地层供热能力", "ground heat"),
    "reinjection": ("回灌能力", "reinjection"),
    "casing": ("井筒流量", "flow of the well"),
    "network": ("管网密度或距离", "density and reach of networks"),
}
"""What can bind a heat site, in Chinese and English."""
SUMMED = (
    "wells",
    "kw_year1",
    "kw_year30",
    "mwh_year",
    "heatable_m2",
    "heatable_m2_year1",
    "heatable_m2_p10",
    "heatable_m2_p90",
    "electricity_mwh_year",
    "co2_t_year",
)


def heat_frame(
    blocks: Blocks,
    supplies: Sequence[Supply],
    demand: Demand,
    network: Network,
    matching: Matching,
    *,
    touched: Mapping[str, Touched],
    rules: HeatRules,
    judged: Mapping[str, Judged],
    buildings: gpd.GeoDataFrame,
    catalog: Catalog,
    baseline: Baseline,
) -> gpd.GeoDataFrame:
    """Return one row per block and technology that serves demand.

    Columns HEAT and geometry, and heatable_m2_year1 (with the same wells in their first year) and
    electricity_mwh_year (heat pumps and pumps).
    """
    size = len(blocks.frame)
    parts = []
    for number, supply in enumerate(supplies):
        rows = slice(number * size, (number + 1) * size)
        mine = (network.source >= rows.start) & (network.source < rows.stop)
        source = network.source[mine] - rows.start
        part = _rows(
            blocks, supply,
            used_kw=matching.used_kw[rows], source=source, target=network.demand[mine],
            flow_kw=matching.flow_kw[mine], demand=demand, catalog=catalog, baseline=baseline,
            left_kw=network.demand_kw - matching.served_kw,
        )  # fmt: skip
        told = touched[supply.technology]
        index = part.index.to_numpy()
        part["suitability"] = judged[supply.technology].found.light[index]
        part["rules"] = [told.rules[i] for i in index]
        missing = rules.not_checked_for(supply.technology)
        part["not_checked"] = [missing] * len(part)
        part["status"] = np.where(told.conditional[index], "conditional", "allowed")
        if any(rule.decisive for rule in rules.not_checked if supply.technology in rule.applies_to):
            part["status"] = "not_checked"
        parts.append(part)
    frame = pd.concat(parts, ignore_index=True)
    for name in ("source", "confidence", "demo"):
        frame[name] = buildings[name].iloc[0] if name in buildings else None
    return gpd.GeoDataFrame(frame.sort_values("id", ignore_index=True), crs=blocks.frame.crs)


def only_heat(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the columns of heat.parquet: HEAT and the geometry."""
    return frame[[*(column.name for column in HEAT), "geometry"]]


def _rows(
    blocks: Blocks,
    supply: Supply,
    *,
    used_kw: NDArray[np.float64],
    source: NDArray[np.intp],
    target: NDArray[np.intp],
    flow_kw: NDArray[np.float64],
    demand: Demand,
    catalog: Catalog,
    baseline: Baseline,
    left_kw: NDArray[np.float64],
) -> pd.DataFrame:
    size = len(blocks.frame)
    season = season_of(catalog)
    share = np.divide(flow_kw, demand.design_kw[target], out=np.zeros_like(flow_kw), where=flow_kw > 0)
    floor_m2 = np.bincount(source, weights=share * demand.floor_m2[target], minlength=size)
    index_kw = np.bincount(source, weights=share * demand.design_kw[target], minlength=size)
    reach_m2 = np.bincount(source, weights=demand.floor_m2[target], minlength=size)
    reach_mwh = np.bincount(source, weights=demand.heat_mwh[target], minlength=size)
    left = np.bincount(source, weights=left_kw[target], minlength=size)
    keep = (used_kw >= _LEAST_KW) & (supply.wells > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        design = 1000 * index_kw / floor_m2
        modules = np.ceil(used_kw / supply.kw_well_year30 / supply.module - 1e-6)
        wells = np.minimum(modules * supply.module, supply.wells)
        heatable = heatable_area_m2(
            power_w=1000 * used_kw / (1 + catalog.value("station.network_loss")),
            heat_mwh=wells * supply.kw_well_year30 * supply.hours / 1000,
            demand_m2=reach_m2,
            design_w_m2=design,
            season=season,
            base_share_power=catalog.value("station.base_share_power"),
            base_share_energy=catalog.value("station.base_share_energy"),
        )
        area = heatable.area_m2
        early = np.maximum(1.0, np.minimum(wells * supply.kw_well_year1, used_kw + left) / used_kw)
        low = np.minimum(1.0, wells * supply.kw_well_p10 / used_kw)
        high = np.maximum(1.0, np.minimum(wells * supply.kw_well_p90, used_kw + left) / used_kw)
    heat_mwh = area * design * season.full_load_hours / 1e6 * catalog.value("station.base_share_energy")
    full = used_kw >= 0.999 * supply.capacity_kw
    binding = np.where(full, supply.limit, np.where(left > _LEAST_KW, "network", "demand"))
    frame = pd.DataFrame(
        {
            "id": blocks.frame["id"] + "-" + supply.technology,
            "town": blocks.frame["town"],
            "township": blocks.frame["township"],
            "technology": supply.technology,
            "wells": wells,
            "kw_year1": wells * supply.kw_well_year1,
            "kw_year30": wells * supply.kw_well_year30,
            "mwh_year": heat_mwh,
            "heatable_m2": area,
            "heatable_m2_year1": area * early,
            "electricity_mwh_year": heat_mwh / supply.cop,
            "heatable_m2_p10": area * low,
            "heatable_m2_p90": area * high,
            "demand_m2": reach_m2,
            "demand_mwh_year": reach_mwh,
            "lcoh": supply.lcoh_cny_gj,
            "co2_t_year": carbon_saved_t(
                heat_mwh_year=heat_mwh,
                electricity_mwh_year=heat_mwh / supply.cop,
                baseline_kg_gj=catalog.value(f"carbon.baseline.{baseline}"),
                grid_kg_kwh=catalog.value("carbon.grid"),
            ),
            "binding": binding,
            "geometry": blocks.frame.geometry.to_numpy(),
        }
    )
    return frame[keep]


def heat_summary(frame: gpd.GeoDataFrame, blocks: Blocks, demand: Demand) -> pd.DataFrame:
    """Sum the heat sites by town and technology; demand_m2 is that of the whole town, in each of its rows."""
    towns = sorted(blocks.frame["town"].unique())
    index = pd.MultiIndex.from_product([towns, HEAT_TECHNOLOGIES], names=["town", "technology"])
    grouped = frame.groupby(["town", "technology"])
    summary = grouped[list(SUMMED)].sum().reindex(index, fill_value=0.0)
    summary.insert(0, "sites", grouped.size().reindex(index, fill_value=0))
    per_town = pd.Series(demand.floor_m2).groupby(blocks.frame["town"].to_numpy()).sum()
    summary["demand_m2"] = per_town.reindex(summary.index.get_level_values("town")).to_numpy()
    summary["binding"] = _main_binding(frame).reindex(summary.index)
    return summary.reset_index()


def _main_binding(frame: gpd.GeoDataFrame) -> pd.Series:
    """Name what binds the largest part of the heatable area, by town and technology."""
    sums = frame.groupby(["town", "technology", "binding"])["heatable_m2"].sum().reset_index()
    largest = sums.sort_values("heatable_m2", kind="stable").groupby(["town", "technology"]).tail(1)
    return largest.set_index(["town", "technology"])["binding"]
