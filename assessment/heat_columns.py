"""What the columns of the heat tables mean: unit and words in two languages, for the data dictionary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assessment.heat_suitability import read_schemes
from assessment.run import HEAT_TECHNOLOGIES, Column
from potential.geothermal.economy import BASELINES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_TECHNOLOGY_WORDS = {
    "shallow": ("浅层", "shallow boreholes"),
    "deep": ("中深层", "medium-deep wells"),
    "hydrothermal": ("水热型", "hydrothermal doublets"),
}
_BASELINE_WORDS = {
    "coal_chp": ("替代燃煤热电", "replacing coal CHP"),
    "gas_boiler": ("替代燃气锅炉", "replacing gas boilers"),
}
_JUDGED = (
    Column("light", "", "红绿灯", "traffic light: red, yellow or green"),
    Column("class", "", "适宜性等级", "class of suitability"),
    Column("score", "1", "适宜性得分(0至1)", "score of suitability, 0 to 1"),
    Column("reason_zh", "", "理由(中文)", "reason in words, Chinese"),
    Column("reason_en", "", "理由(英文)", "reason in words, English"),
)
_PLACE = (
    Column("id", "", "编号", "id"),
    Column("town", "", "新城", "new town"),
    Column("township", "", "街镇", "township"),
)
_SUMMED = (
    Column("sites", "1", "场址数", "number of sites"),
    Column("wells", "1", "井(孔)数", "wells or boreholes"),
    Column("kw_year1", "kW", "首年供热能力", "heat capacity in year 1"),
    Column("kw_year30", "kW", "第30年供热能力", "heat capacity in year 30"),
    Column("mwh_year", "MWh/a", "年供热量", "heat per year"),
    Column("heatable_m2", "m2", "可供暖面积(第30年)", "heatable floor area, year 30"),
)
_RANGE = (
    Column("heatable_m2_p10", "m2", "可供暖面积 P10(保守)", "heatable floor area, exceeded with 90 %"),
    Column("heatable_m2_p90", "m2", "可供暖面积 P90(乐观)", "heatable floor area, exceeded with 10 %"),
    Column(
        "electricity_mwh_year", "MWh/a", "热泵与水泵年用电", "electricity of heat pumps and pumps per year"
    ),
)
_TECHNOLOGY = Column("technology", "", "地热技术", "technology")
_DEMAND_M2 = Column(
    "demand_m2", "m2", "全新城有热需求的建筑面积", "floor area of the whole town with a demand"
)
_BINDING = Column("binding", "", "主要制约因素", "what binds most of the area")

SUMMARY = (
    _PLACE[1],
    _TECHNOLOGY,
    *_SUMMED,
    Column("heatable_m2_year1", "m2", "首年可供暖面积", "heatable floor area, year 1"),
    *_RANGE,
    Column("co2_t_year", "t/a", "年减碳量(按本次基准)", "CO2 avoided per year, baseline of the run"),
    _DEMAND_M2,
    _BINDING,
)
"""Columns of heat_summary, and of heat_alone: each technology as if it were the only one."""
GOALS = (
    Column("goal", "", "择优目标", "goal of the choice: cost, carbon or capacity"),
    _PLACE[1],
    _TECHNOLOGY,
    *_SUMMED,
    *_RANGE,
    Column("cost_cny_year", "CNY/a", "年化总成本", "levelised cost per year"),
    *(
        Column(f"co2_t_year_{name}", "t/a", f"年减碳量({words[0]})", f"CO2 avoided per year, {words[1]}")
        for name, words in ((name, _BASELINE_WORDS[name]) for name in BASELINES)
    ),
    Column("stranded_kw", "kW", "闲置能力(可及范围内无热需求)", "capacity no demand within reach takes"),
    Column("demand_kw", "kW", "全新城设计热负荷", "design load of the whole town"),
    Column("unmet_kw", "kW", "全新城未满足负荷", "design load of the whole town left unmet"),
    _DEMAND_M2,
)
"""Columns of heat_goals."""
ORDERS = (
    Column(
        "supply", "", "供热方案(目标或单一技术)", "goal the demand is shared out by, or the one technology"
    ),
    _PLACE[0],
    _PLACE[1],
    _TECHNOLOGY,
    Column("lcoh", "CNY/GJ", "供热成本", "levelised cost of heat"),
    Column("wells", "1", "井(孔)数", "wells or boreholes"),
    Column("heatable_m2", "m2", "可供暖面积(第30年)", "heatable floor area, year 30"),
    Column("cum_m2", "m2", "累计可供暖面积", "heatable floor area up to here"),
    Column("cum_wells", "1", "累计井(孔)数", "wells up to here"),
)
"""Columns of heat_order: what to drill first, from the cheapest heat on."""
REASONS = (
    _TECHNOLOGY,
    Column("code", "", "reason_<technology>.tif 中的代码", "value in reason_<technology>.tif"),
    *(column for column in _JUDGED if column.name != "score"),
    Column("cells", "1", "100米格数", "cells of 100 m with this code"),
)
"""Columns of heat_reasons."""
DRILLING = (Column("id", "", "地块编号(同 heat_parcels)", "id of the parcel in heat_parcels"),)
"""Columns of heat_drilling; its geometry is the land left for drilling."""


def _of(technology: str, columns: Iterable[Column]) -> tuple[Column, ...]:
    """Return columns as they are named and told for one technology."""
    zh, en = _TECHNOLOGY_WORDS[technology]
    return tuple(Column(f"{technology}_{c.name}", c.unit, f"{zh}：{c.zh}", f"{en}: {c.en}") for c in columns)


PARCELS = (
    _PLACE[0],
    Column("layer", "", "来源图层", "layer it comes from"),
    Column("kind", "", "设施或地类", "facility or class of land"),
    *_PLACE[1:],
    Column("area_m2", "m2", "地块面积", "area of the parcel"),
    Column("usable_m2", "m2", "可钻面积(扣除退距与禁区)", "area left for drilling by distances and vetoes"),
    Column("boreholes", "1", "可布地埋管孔数", "boreholes packed"),
    Column("kw_year1", "kW", "全部钻孔首年供热能力", "heat capacity of all boreholes, year 1"),
    Column("kw_year30", "kW", "全部钻孔第30年供热能力", "heat capacity of all boreholes, year 30"),
    Column("cooling_kw", "kW", "全部钻孔供冷能力", "cooling capacity of all boreholes"),
    Column("deep_wells", "1", "可布中深层井数", "places for medium-deep wells"),
    *(column for name in HEAT_TECHNOLOGIES for column in _of(name, _JUDGED)),
)
"""Columns of heat_parcels beside geometry."""
_FITS = (
    Column("wells", "1", "可布井(孔)数(单独开发)", "wells or boreholes that fit, by itself"),
    Column("kw_year1", "kW", "首年能力(单独开发)", "capacity in year 1, by itself"),
    Column("kw_year30", "kW", "第30年能力(单独开发)", "capacity in year 30, by itself"),
    Column("unused_kw", "kW", "匹配后未用能力", "capacity the matching leaves unused"),
)
_STABILITY = Column(
    "stability", "1", "权重±20%下等级不变的比例", "share of weights within 20 % that keep the class"
)
BLOCKS = (
    *_PLACE,
    Column("area_m2", "m2", "地块面积", "area of the block"),
    Column("demand_m2", "m2", "有热需求的建筑面积", "floor area with a demand"),
    Column("demand_kw", "kW", "设计热负荷", "design load"),
    Column("demand_mwh_year", "MWh/a", "年热需求", "heat demand per year"),
    Column("cooling_mwh_year", "MWh/a", "年冷需求", "cooling demand per year"),
    Column("cooling_kw", "kW", "设计冷负荷", "design cooling load"),
    Column("shallow_cooling_kw", "kW", "浅层孔供冷能力", "cooling capacity of the boreholes"),
    Column("cooling_served_mwh_year", "MWh/a", "浅层孔承担的年冷量", "cooling carried by boreholes per year"),
    Column(
        "returned_share", "1", "夏季回灌热占冬季取热之比", "heat put back in summer per heat taken in winter"
    ),
    Column("balance_gain_percent", "%", "冷热平衡带来的第30年增益", "gain of year 30 by heat put back"),
    Column("balance_zh", "", "冷热平衡说明(中文)", "the balance in words, Chinese"),
    Column("balance_en", "", "冷热平衡说明(英文)", "the balance in words, English"),
    Column("served_kw", "kW", "已满足热负荷", "design load served"),
    Column("unmet_kw", "kW", "未满足热负荷", "design load left unmet"),
    Column(
        "electricity_mwh_year", "MWh/a", "热泵与水泵年用电", "electricity of heat pumps and pumps per year"
    ),
    Column("best_technology", "", "承担最多的技术", "technology that carries most of the demand"),
    Column("nearest_well_m", "m", "最近地热井距离", "distance to the nearest geothermal well"),
    Column("gradient_k_km", "K/km", "地温梯度", "geothermal gradient"),
    Column("gradient_sd_k_km", "K/km", "地温梯度标准差", "standard deviation of the gradient"),
    Column("conductivity_w_mk", "W/(m K)", "岩石导热系数", "rock conductivity"),
    Column("temp_surface_c", "degC", "地表温度", "temperature of the ground surface"),
    *(column for name in HEAT_TECHNOLOGIES for column in _of(name, (*_FITS, *_JUDGED, _STABILITY))),
)
"""Columns of heat_blocks beside geometry."""


def factor_columns() -> tuple[Column, ...]:
    """Return the columns of heat_factors: those of every factor of the suitability, in its unit."""
    columns = list(_PLACE[:2])
    for name, scheme in read_schemes().items():
        zh, en = _TECHNOLOGY_WORDS[name]
        columns += [
            Column(f"{name}.{f.name}", f.unit, f"{zh}：{f.zh}", f"{en}: {f.en}") for f in scheme.factors
        ]
        columns += [
            Column(f"{name}.free_share", "1", f"{zh}：未被禁止的面积比例", f"{en}: share no rule forbids"),
            Column(f"{name}.conditional", "", f"{zh}：需要征得同意", f"{en}: a rule asks for a consent"),
        ]
    return tuple(columns)


def heat_dictionary() -> Mapping[str, tuple[Column, ...]]:
    """Return the columns of every heat table beside heat.parquet, by table."""
    return {
        "heat_summary": SUMMARY,
        "heat_alone": SUMMARY,
        "heat_goals": GOALS,
        "heat_blocks": BLOCKS,
        "heat_parcels": PARCELS,
        "heat_drilling": DRILLING,
        "heat_factors": factor_columns(),
        "heat_reasons": REASONS,
        "heat_order": ORDERS,
    }
