"""Texts of the scenario page."""

from __future__ import annotations

from ui.text import Text

SCENARIO_TEXTS: dict[str, Text] = {
    "scenario.title": Text("情景比较", "Scenarios"),
    "scenario.lead": Text(
        "左右各设一组条件，合计、分新城与供给曲线即时更新；同一文件也可用于重新评估。",
        "Set two sides; totals, towns and supply curves follow at once. The same file drives an assessment.",
    ),
    "scenario.a": Text("情景甲", "Scenario A"),
    "scenario.b": Text("情景乙", "Scenario B"),
    "scenario.name": Text("名称", "Name"),
    "scenario.density": Text("单位面积容量", "Capacity per m²"),
    "scenario.price": Text("单位投资", "Capital cost per kW"),
    "scenario.most_lcoe": Text("度电成本上限（元/千瓦时）", "Cost limit (CNY/kWh)"),
    "scenario.most_help": Text(
        "只计成本不高于此值的场址；1.00 表示不限。", "Only sites up to this cost count; 1.00 means no limit."
    ),
    "scenario.rate": Text("折现率", "Discount rate"),
    "scenario.shares": Text("分领域可用率（相对本次评估）", "Usable share by sector, relative to the run"),
    "scenario.admit": Text("计入的类型与状态", "Types and statuses that count"),
    "scenario.more": Text("组件、碳与目标", "Module, carbon and target"),
    "scenario.module": Text("组件效率", "Module efficiency"),
    "scenario.carbon": Text("电网排放因子", "Grid factor"),
    "scenario.marginal": Text("{name}（边际）", "{name} (marginal)"),
    "scenario.average": Text("{name}（平均）", "{name} (average)"),
    "grid_scope.shaanxi": Text("陕西", "Shaanxi"),
    "grid_scope.northwest": Text("西北", "Northwest China"),
    "grid_scope.national": Text("全国", "China"),
    "grid_scope.national_without_traded_non_fossil": Text(
        "全国（剔除已交易非化石）", "China, without traded non-fossil"
    ),
    "grid_scope.fossil_power": Text("全国火电", "China, fossil power"),
    "scenario.life": Text(
        "按寿命期平均（计衰减与隐含碳）", "Mean of the life, with degradation and embodied carbon"
    ),
    "scenario.rules": Text("规则开关", "Rules on and off"),
    "scenario.rules_off": Text("不适用的规则", "Rules switched off"),
    "scenario.rules_how": Text(
        "土地在扣除它的所有规则都关闭后才恢复；恢复部分按同新城同类型场址的单位发电与成本计。",
        "Land comes back when every rule that takes it is off; what comes back yields and costs like the "
        "sites of its town and type.",
    ),
    "scenario.no_sets": Text(
        "本次评估没有规则组合表，无法计算放开规则的效果；重新评估后即可使用。",
        "This run has no rule sets, so what rules would give back cannot be told; assess again to have them.",
    ),
    "scenario.regained": Text(
        "放开规则恢复 {size}（已计入）", "{size} come back without these rules (included)"
    ),
    "scenario.file": Text("保存、载入与文件", "Save, load and files"),
    "scenario.saved": Text("已保存的情景", "Saved scenarios"),
    "scenario.load": Text("载入", "Load"),
    "scenario.save": Text("按名称保存", "Save under this name"),
    "scenario.kept": Text("已保存“{name}”", 'Saved "{name}"'),
    "scenario.download": Text("下载文件 (TOML)", "Download the file (TOML)"),
    "scenario.upload": Text("载入文件", "Load a file"),
    "scenario.needs_run": Text(
        "以下内容需要重新评估，这里尚未计入：{what}",
        "Not counted here, since it needs a new assessment: {what}",
    ),
    "scenario.reset": Text("恢复本次评估", "Back to the assessment"),
    "scenario.of_target": Text("相当于目标", "Share of the target"),
    "scenario.target": Text("目标 {mw}，{year} 年", "target {mw} by {year}"),
    "scenario.mean": Text("按电量加权平均", "mean over energy"),
    "scenario.sites": Text("{n} 个场址", "{n} sites"),
    "scenario.by_town": Text("分新城容量", "Capacity by town"),
    "scenario.table": Text("并列比较", "Side by side"),
    "scenario.all": Text("合计", "All"),
    "scenario.waterfall": Text("关闭规则后的逐项扣除", "What the rules take without those switched off"),
    "scenario.note": Text(
        "由各场址按比例重新计算；可用面积不超过扣除规则后的面积。",
        "Reckoned anew from every site in proportion; usable area never exceeds what the rules left.",
    ),
    "scenario.prices": Text("电价", "Prices"),
    "scenario.tariff": Text("自用电价（24小时价目表）", "Price that self-use saves (24-hour table)"),
    "scenario.tariff_none": Text("与本次评估相同", "as in the assessment"),
    "scenario.tariff_table": Text(
        "元/千瓦时：{prices}。来源：{source}", "CNY/kWh: {prices}. Source: {source}"
    ),
    "scenario.no_tariffs": Text("该区域没有价目表。", "This region has no price tables."),
    "scenario.type_shares": Text("按类型设定可用率", "Usable share by type"),
    "scenario.type_shares_none": Text("选择类型", "Choose types"),
    "scenario.type_shares_help": Text(
        "扣除规则后可用于光伏的面积比例；未选的类型保持各场址自己的比例。",
        "Share of the land left by the rules that carries modules; types not chosen keep each site's own.",
    ),
    "scenario.reading": Text("规则解读", "Reading of the rules"),
    "scenario.reading_help": Text(
        "解读改变会改变场址本身，需要重新评估。",
        "Another reading changes the sites themselves: it needs a new assessment.",
    ),
    "scenario.assess": Text("用此情景重新评估", "Assess with this scenario"),
    "scenario.worth": Text("电的价值", "What the energy is worth"),
    "scenario.worth_by": Text("分组", "Group"),
    "scenario.by_town_short": Text("按新城", "by town"),
    "scenario.by_type_short": Text("按类型", "by type"),
    "scenario.kwh_value": Text("度电价值（元/千瓦时）", "Value of a kWh (CNY)"),
    "scenario.npv": Text("净现值", "Net present value"),
    "scenario.payback": Text("回收期（年）", "Payback (years)"),
    "scenario.worth_how": Text(
        "自用电量按各新城、各类型实际发电小时的价格计（居民与农业不按分时计），余电按市场价；各组视为一个项目，"
        "不折现回收期。关闭规则收回的土地一并计入。",
        "What is used on site saves the price of the hours when each town and type produces (homes and farms "
        "pay one price); the rest is sold at the market price. Each group counts as one project; payback is "
        "not discounted. Land regained from rules that are off is included.",
    ),
}
