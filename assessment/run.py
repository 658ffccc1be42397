"""The run folder: the tables of one assessment, their columns, and how they are written and read."""

from __future__ import annotations

import json
import os
import shutil
import uuid
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from assessment.run_versions import upgraded
from faults import RunError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PV_TYPES = (
    "roof_flat",
    "roof_metal",
    "roof_pitched",
    "facade",
    "carport",
    "canopy",
    "agrivoltaic_orchard",
    "agrivoltaic_grass",
    "greenhouse",
    "fish_pond",
    "ground",
    "verge",
)
SECTORS = ("agriculture", "industry", "municipal", "public", "residential", "commercial")
STATUSES = ("allowed", "conditional", "not_checked")
HEAT_TECHNOLOGIES = ("shallow", "deep", "hydrothermal")


@dataclass(frozen=True)
class Column:
    """One column of a table of the run: unit and meaning in two languages."""

    name: str
    unit: str
    """Unit as text; empty for names and codes, "1" for shares."""
    zh: str
    en: str


SITES = (
    Column("id", "", "编号", "id"),
    Column("name", "", "名称", "name"),
    Column("town", "", "新城", "new town"),
    Column("township", "", "街镇", "township"),
    Column("type", "", "光伏类型", "PV type"),
    Column("sector", "", "领域", "sector"),
    Column("use", "", "现状用途", "present use"),
    Column("owner", "", "权属类别", "owner class"),
    Column("parcel_id", "", "来源对象编号", "id of the building or parcel"),
    Column("area_m2", "m2", "可建面积(扣除规则后)", "area left by the rules"),
    Column("usable_m2", "m2", "可用面积", "usable area"),
    Column("kwp_dc_low", "kWp", "直流容量(低)", "DC capacity, low"),
    Column("kwp_dc_central", "kWp", "直流容量(中)", "DC capacity, central"),
    Column("kwp_dc_high", "kWp", "直流容量(高)", "DC capacity, high"),
    Column("kw_ac", "kW", "交流容量", "AC capacity"),
    Column("layout", "", "组件布置方式", "layout of the modules"),
    Column("tilt_deg", "deg", "倾角", "tilt"),
    Column("azimuth_deg", "deg", "方位角(北为0,顺时针)", "azimuth (0 = north, clockwise)"),
    Column("shading_loss", "1", "遮挡损失", "shading loss"),
    Column("kwh_year_p50", "kWh/a", "首年发电量 P50", "first-year energy P50"),
    Column("kwh_year_p90", "kWh/a", "首年发电量 P90", "first-year energy P90"),
    Column("kwh_month", "kWh", "逐月发电量(12)", "energy by month (12)"),
    Column("lcoe", "CNY/kWh", "度电成本", "levelised cost"),
    Column("capex", "CNY", "初始投资", "capital cost"),
    Column("payback_years", "a", "静态回收期", "simple payback"),
    Column("co2_t_year", "t/a", "年减碳量", "CO2 avoided per year"),
    Column("rules", "", "涉及规则", "rules touched"),
    Column("not_checked", "", "未核查规则", "rules not checked"),
    Column("grid_distance_m", "m", "距变电站", "distance to substation"),
    Column("status", "", "状态", "status"),
    Column("source", "", "数据来源", "source of the layer"),
    Column("confidence", "", "可信度", "confidence"),
    Column("demo", "", "示范数据", "demonstration layer"),
)
"""Columns of sites.parquet beside geometry; `rules` lists {id, verdict, m2}; unknown numbers are null."""

EXCLUDED = (
    Column("parcel_id", "", "来源对象编号", "id of the building or parcel"),
    Column("town", "", "新城", "new town"),
    Column("type", "", "光伏类型", "PV type"),
    Column("rule", "", "规则", "rule"),
    Column("m2", "m2", "扣除面积", "area taken"),
    Column("demo", "", "示范数据", "demonstration layer"),
)
"""Columns of excluded.parquet beside geometry (the part that the rule took)."""

RULE_SETS = (
    Column("town", "", "新城", "new town"),
    Column("township", "", "街镇", "township"),
    Column("type", "", "光伏类型", "PV type"),
    Column("rules", "", "共同扣除该面积的规则", "rules that together take this land, joined by |"),
    Column("area_m2", "m2", "不可建面积", "area that cannot be built on"),
    Column("kwp_dc", "kWp", "对应直流容量(中)", "DC capacity it would carry, central"),
)
"""Columns of rule_sets.parquet: what the rules take, split by the exact set of rules that takes it. Switching
off the rules S brings back the sum of the rows whose rules are all in S."""

HEAT = (
    Column("id", "", "编号", "id"),
    Column("town", "", "新城", "new town"),
    Column("township", "", "街镇", "township"),
    Column("technology", "", "地热技术", "technology"),
    Column("wells", "", "井(孔)数", "wells or boreholes"),
    Column("kw_year1", "kW", "首年供热能力", "heat capacity in year 1"),
    Column("kw_year30", "kW", "第30年供热能力", "heat capacity in year 30"),
    Column("mwh_year", "MWh/a", "年供热量", "heat per year"),
    Column("heatable_m2", "m2", "可供暖面积", "heatable floor area"),
    Column("heatable_m2_p10", "m2", "可供暖面积 P10(保守)", "heatable floor area, exceeded with 90 %"),
    Column("heatable_m2_p90", "m2", "可供暖面积 P90(乐观)", "heatable floor area, exceeded with 10 %"),
    Column("demand_m2", "m2", "可及建筑面积", "floor area within reach"),
    Column("demand_mwh_year", "MWh/a", "可及热需求", "heat demand within reach"),
    Column("lcoh", "CNY/GJ", "供热成本", "levelised cost of heat"),
    Column("co2_t_year", "t/a", "年减碳量", "CO2 avoided per year"),
    Column("binding", "", "制约因素", "binding constraint"),
    Column("suitability", "", "适宜性", "suitability"),
    Column("status", "", "状态", "status"),
    Column("rules", "", "涉及规则", "rules touched"),
    Column("not_checked", "", "未核查规则", "rules not checked"),
    Column("source", "", "数据来源", "source of the layer"),
    Column("confidence", "", "可信度", "confidence"),
    Column("demo", "", "示范数据", "demonstration layer"),
)
"""Columns of heat.parquet beside geometry."""


@dataclass(frozen=True)
class Run:
    """One finished run, read-only; tables are read when first asked for."""

    path: Path

    def __post_init__(self) -> None:
        """Refuse a folder that is no finished run of a known format."""
        manifest = self.path / "manifest.json"
        if not manifest.is_file():
            raise RunError(f"{self.path} is not a run folder: manifest.json is missing")
        self.manifest  # noqa: B018 - reading it is the check

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """Provenance: inputs, parameters, versions, rules not checked, demonstration layers, totals."""
        try:
            manifest = json.loads((self.path / "manifest.json").read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise RunError(f"{self.path / 'manifest.json'} cannot be read: {error}") from error
        if not isinstance(manifest, dict):
            raise RunError(f"{self.path / 'manifest.json'} cannot be read: it holds no object")
        try:
            return upgraded(manifest)
        except ValueError as error:
            raise RunError(f"{self.path}: {error}") from error

    @cached_property
    def sites(self) -> gpd.GeoDataFrame:
        """PV candidate sites; columns SITES and geometry in the region's metric CRS."""
        return self._geo("sites.parquet")

    @cached_property
    def excluded(self) -> gpd.GeoDataFrame:
        """What the rules took; columns EXCLUDED and geometry."""
        return self._geo("excluded.parquet")

    @cached_property
    def heat(self) -> gpd.GeoDataFrame:
        """Geothermal sites; columns HEAT and geometry."""
        return self._geo("heat.parquet")

    @cached_property
    def towns(self) -> gpd.GeoDataFrame:
        """The new towns: town, name_zh, name_en, planned_area_km2 and geometry."""
        return self._geo("towns.parquet")

    @cached_property
    def summary(self) -> pd.DataFrame:
        """Town x sector x type: counts, m2, kWp, kWh and their ranges."""
        return self._table("summary.parquet")

    @cached_property
    def heat_summary(self) -> pd.DataFrame:
        """Town x technology: wells, kW, MWh, heatable m2 and their ranges."""
        return self._table("heat_summary.parquet")

    @cached_property
    def waterfall(self) -> pd.DataFrame:
        """Town x type x step: from all area to buildable, m2 and kWp lost by rule."""
        return self._table("waterfall.parquet")

    @cached_property
    def rule_sets(self) -> pd.DataFrame:
        """What the rules took by the exact set of rules; columns RULE_SETS."""
        if not (self.path / "rule_sets.parquet").is_file():  # a run of the previous format
            return pd.DataFrame(columns=[column.name for column in RULE_SETS])
        return self._table("rule_sets.parquet")

    def _geo(self, name: str) -> gpd.GeoDataFrame:
        return self._read(name, gpd.read_parquet)

    def _table(self, name: str) -> pd.DataFrame:
        return self._read(name, pd.read_parquet)

    def _read(self, name: str, reader: Callable[[Path], Any]) -> Any:  # noqa: ANN401 - either kind of frame
        file = self.path / name
        if not file.is_file():
            raise RunError(f"{self.path.name}: {name} is missing from the run")
        try:
            return reader(file)
        except (OSError, ValueError) as error:
            raise RunError(f"{file} cannot be read: {error}") from error


def write_atomically(target: Path, fill: Callable[[Path], None]) -> None:
    """Fill a new folder beside `target`, then put it in its place in one rename.

    An interrupted or failing `fill` leaves the old folder as it was.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    token = uuid.uuid4().hex[:8]
    fresh = target.with_name(f".{target.name}.{token}.tmp")
    old = target.with_name(f".{target.name}.{token}.old")
    fresh.mkdir()
    try:
        fill(fresh)
        if target.exists():
            target.rename(old)
        fresh.rename(target)
    finally:
        for leftover in (fresh, old):
            if leftover.exists():
                shutil.rmtree(leftover)


def write_file_atomically(target: Path, fill: Callable[[Path], object]) -> None:
    """Fill a temporary file beside `target`, then rename it over `target`."""
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f".{uuid.uuid4().hex[:8]}.{target.name}")
    try:
        fill(fresh)
        os.replace(fresh, target)  # noqa: PTH105 - the one call that replaces on every system
    finally:
        fresh.unlink(missing_ok=True)
