"""The columns of the report's tables: what they show, in which unit, with how many decimals."""

from __future__ import annotations

from exports.reporting.model import Col, Text

_MW = Text("MW", "MW")
_GWH = Text("GWh/a", "GWh/a")
_HA = Text("万m²", "ha")
_KT = Text("千t/a", "kt/a")
_YI = Text("亿元", "100 M CNY")
_PRICE = Text("元/kWh", "CNY/kWh")
_FROM_KW, _FROM_KWH, _FROM_M2, _FROM_T, _FROM_YUAN = 1e-3, 1e-6, 1e-4, 1e-3, 1e-8

_POWER = (
    Col("kwp_dc_low", Text("直流 低", "DC low"), _MW, _FROM_KW, 1, 8),
    Col("kwp_dc_central", Text("直流 中", "DC central"), _MW, _FROM_KW, 1, 8),
    Col("kwp_dc_high", Text("直流 高", "DC high"), _MW, _FROM_KW, 1, 8),
    Col("kw_ac", Text("交流", "AC"), _MW, _FROM_KW, 1, 8),
)
_AMOUNTS = (
    Col("sites", Text("场址数", "sites"), decimals=0, width=8),
    Col("area_m2", Text("可建面积", "area left"), _HA, _FROM_M2, 1, 9),
    Col("usable_m2", Text("可用面积", "usable area"), _HA, _FROM_M2, 1, 9),
    *_POWER,
    Col("kwh_year_p50", Text("发电量 P50", "energy P50"), _GWH, _FROM_KWH, 1, 10),
    Col("kwh_year_p90", Text("发电量 P90", "energy P90"), _GWH, _FROM_KWH, 1, 10),
    Col("capex", Text("投资", "capital cost"), _YI, _FROM_YUAN, 2, 8),
    Col("lcoe", Text("度电成本", "LCOE"), _PRICE, 1, 3, 8),
    Col("co2_t_year", Text("减碳量", "CO2 avoided"), _KT, _FROM_T, 1, 8),
)
SUMS = tuple(column.key for column in _AMOUNTS if column.key != "lcoe")

BY_SECTOR = (Col("sector", Text("领域", "sector"), width=14), *_AMOUNTS)
BY_TYPE = (Col("type", Text("光伏类型", "PV type"), width=18), *_AMOUNTS)
BY_TOWN = (Col("town", Text("新城", "new town"), width=16), *_AMOUNTS)
MONTHLY = (
    Col("month", Text("月份", "month"), width=8),
    Col("kwh", Text("发电量 P50", "energy P50"), Text("GWh", "GWh"), _FROM_KWH, 2, 12),
)
WATERFALL = (
    Col("rule", Text("步骤/规则", "step or rule"), width=30),
    Col("document", Text("依据", "document"), width=26),
    Col("taken_m2", Text("依次扣除", "taken in order"), _HA, _FROM_M2, 1),
    Col("alone_m2", Text("单独解除可恢复", "back if lifted alone"), _HA, _FROM_M2, 1, 12),
    Col("remaining_m2", Text("剩余面积", "area left"), _HA, _FROM_M2, 1),
    Col("taken_kwp", Text("扣除容量", "capacity taken"), _MW, _FROM_KW, 1),
    Col("remaining_kwp", Text("剩余容量", "capacity left"), _MW, _FROM_KW, 1),
)
TOP_SITES = (
    Col("rank", Text("序", "no."), decimals=0, width=4),
    Col("id", Text("编号", "id"), width=16),
    Col("name", Text("名称", "name"), width=22),
    Col("township", Text("街镇", "township"), width=10),
    Col("type", Text("类型", "type"), width=14),
    Col("kwp_dc_central", Text("直流容量", "DC capacity"), Text("kWp", "kWp"), 1, 0, 9),
    Col("kwh_year_p50", Text("年发电量", "energy"), Text("MWh/a", "MWh/a"), 1e-3, 0, 9),
    Col("lcoe", Text("度电成本", "LCOE"), _PRICE, 1, 3, 8),
    Col("grid_distance_m", Text("距变电站", "to substation"), Text("m", "m"), 1, 0, 8),
    Col("status", Text("状态", "status"), width=8),
    Col("rules", Text("涉及规则", "rules touched"), width=40),
)
SUPPLY = (
    Col("lcoe", Text("度电成本不高于", "LCOE up to"), _PRICE, 1, 3),
    Col("kwp_dc", Text("本级容量", "capacity of the step"), _MW, _FROM_KW, 1),
    Col("cum_kwp_dc", Text("累计容量", "cumulative capacity"), _MW, _FROM_KW, 1),
    Col("cum_kwh_year", Text("累计发电量", "cumulative energy"), _GWH, _FROM_KWH, 1),
    Col("sites", Text("场址数", "sites"), decimals=0),
)
HEAT = (
    Col("technology", Text("地热技术", "technology"), width=20),
    Col("sites", Text("场址数", "sites"), decimals=0, width=8),
    Col("wells", Text("井（孔）数", "wells"), decimals=0, width=8),
    Col("kw_year1", Text("首年供热能力", "capacity, year 1"), _MW, _FROM_KW, 1),
    Col("kw_year30", Text("第30年供热能力", "capacity, year 30"), _MW, _FROM_KW, 1, 11),
    Col("mwh_year", Text("年供热量", "heat per year"), _GWH, 1e-3, 1),
    Col("heatable_m2_p10", Text("可供暖面积 P10（保守）", "heatable P10 (cautious)"), _HA, _FROM_M2, 1, 12),
    Col("heatable_m2", Text("可供暖面积 中值", "heatable, central"), _HA, _FROM_M2, 1, 12),
    Col("heatable_m2_p90", Text("可供暖面积 P90（乐观）", "heatable P90 (hopeful)"), _HA, _FROM_M2, 1, 12),
    Col("demand_m2", Text("可及建筑面积", "floor area within reach"), _HA, _FROM_M2, 1),
    Col("co2_t_year", Text("减碳量", "CO2 avoided"), _KT, _FROM_T, 1, 8),
)
HEAT_SUMS = tuple(column.key for column in HEAT[1:])
CARBON = (
    Col("source", Text("来源", "source"), width=18),
    Col("part", Text("分项", "part"), width=18),
    Col("amount", Text("规模", "size"), width=16),
    Col("co2_t_year", Text("年减碳量", "CO2 avoided per year"), _KT, _FROM_T, 2, 12),
)
TARGETS = (
    Col("name", Text("目标", "target"), width=23),
    Col("year", Text("年份", "year"), width=6),
    Col("basis", Text("口径", "basis"), width=7),
    Col("unit", Text("单位", "unit"), width=7),
    Col("value", Text("目标值", "target"), decimals=1, width=9),
    Col("operating", Text("已投运", "operating"), decimals=1, width=10),
    Col("under_construction", Text("在建", "building"), decimals=1, width=9),
    Col("approved", Text("已批准", "approved"), decimals=1, width=10),
    Col("progress", Text("进展合计", "progress"), decimals=1, width=9),
    Col("share", Text("完成率", "share"), Text("%", "%"), 100, 1, 7),
    Col("gap", Text("缺口", "gap"), decimals=1, width=8),
    Col("potential", Text("潜力", "potential"), decimals=1, width=9),
    Col("unknown_count", Text("容量未知项目数", "projects of unknown size"), decimals=0, width=10),
    Col("verdict", Text("判定", "verdict"), width=9),
)
CONTEXT = (
    Col("name", Text("指标", "indicator"), width=30),
    Col("year", Text("年份", "year"), width=8),
    Col("value", Text("目标值", "target"), decimals=1),
    Col("unit", Text("单位", "unit"), width=8),
    Col("paragraph", Text("方案条款", "paragraph"), width=11),
    Col("wording", Text("方案原文", "wording"), width=44),
    Col("result", Text("完成值（待填）", "result (to fill in)"), width=14),
)
PROJECTS = (
    Col("id", Text("编号", "id"), width=10),
    Col("name", Text("项目名称", "project"), width=34),
    Col("town", Text("新城", "new town"), width=12),
    Col("kind", Text("类别", "kind"), width=9),
    Col("status", Text("状态", "status"), width=9),
    Col("capacity_mw_dc", Text("直流", "DC"), _MW, 1, 1, 8),
    Col("capacity_mw_ac", Text("交流", "AC"), _MW, 1, 1, 8),
    Col("capacity_mw_unstated", Text("口径未说明", "basis not stated"), _MW, 1, 1, 9),
    Col("heated_m2", Text("供暖面积", "heated area"), _HA, _FROM_M2, 1, 9),
    Col("gaps", Text("缺失信息", "not known"), width=24),
    Col("source", Text("来源", "source"), width=24),
    Col("note", Text("备注", "note"), width=34),
)
SOURCES = (
    Col("layer", Text("图层", "layer"), width=12),
    Col("file", Text("文件", "file"), width=20),
    Col("demo", Text("示范数据", "demonstration"), width=10),
    Col("source", Text("来源", "source"), width=44),
    Col("licence", Text("许可", "licence"), width=18),
    Col("confidence", Text("可信度", "confidence"), width=8),
    Col("rows", Text("行数", "rows"), decimals=0, width=9),
    Col("rejected", Text("未采用行", "rejected"), decimals=0, width=9),
)
RULES = (
    Col("title", Text("规则", "rule"), width=30),
    Col("document", Text("依据", "document"), width=34),
    Col("confidence", Text("可信度", "confidence"), width=8),
    Col("verified", Text("来源核实", "verified"), width=10),
    Col("checked", Text("是否核查", "checked"), width=10),
)
EVALUATION = (
    Col("paragraph", Text("方案条款", "paragraph"), width=8),
    Col("task", Text("任务要求", "task"), width=40),
    Col("finding", Text("数据所示", "what the data says"), width=44),
    Col("answer", Text("单位填写", "to be filled in by the office"), width=30),
)
