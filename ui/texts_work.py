"""Texts of the pages people work in: scenarios, ledger, own data; those of the plan are in `texts_plan`."""

from __future__ import annotations

from ui.text import Text
from ui.texts_plan import PLAN

WORK: dict[str, Text] = {
    **PLAN,
    "nav.scenarios": Text("情景", "Scenarios"),
    "nav.plan": Text("计划", "Plan"),
    "nav.ledger": Text("台账", "Ledger"),
    "nav.own_data": Text("自有数据", "Own data"),
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
    "scenario.kept": Text("已保存“{name}”", "Saved “{name}”"),
    "scenario.download": Text("下载文件 (TOML)", "Download the file (TOML)"),
    "scenario.upload": Text("载入文件", "Load a file"),
    "scenario.needs_run": Text(
        "以下内容不能直接用于本次评估的场址，需重新评估（yijian assess --scenario 文件）：{what}",
        "Not applied here, since it needs a new assessment (yijian assess --scenario FILE): {what}",
    ),
    "scenario.also": Text("文件中另有：{what}", "Also in this scenario: {what}"),
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
    "ledger.title": Text("项目台账", "Ledger of projects"),
    "ledger.lead": Text(
        "登记、修改、导入项目；每次改动都留痕，规模未知就留空。",
        "Record, change and import projects; every change is kept, and an unknown size stays empty.",
    ),
    "ledger.none": Text("该区域没有台账。", "This region has no ledger."),
    "ledger.who": Text("您的姓名（记入改动记录）", "Your name (for the record of changes)"),
    "ledger.who_help": Text("保存、添加、导入时必填。", "Needed to save, add or import."),
    "ledger.projects": Text("项目", "Projects"),
    "ledger.new": Text("新增", "New"),
    "ledger.import": Text("导入", "Import"),
    "ledger.history": Text("改动记录", "Changes"),
    "ledger.count": Text("登记项目", "Projects"),
    "ledger.pv": Text("光伏项目", "PV projects"),
    "ledger.heat": Text("地热项目", "Geothermal projects"),
    "ledger.heated": Text("地热供暖面积", "Geothermal-heated area"),
    "ledger.unknown": Text("{n} 个容量未知", "{n} of unknown size"),
    "ledger.edit": Text(
        "直接在表中修改，然后保存；清空单元格表示未知。",
        "Edit in the table, then save; an emptied cell means unknown.",
    ),
    "ledger.save": Text("保存 {n} 处改动", "Save {n} changed projects"),
    "ledger.saved": Text("已保存 {n} 个项目", "{n} projects saved"),
    "ledger.empty": Text("留空表示未知。", "Empty: unknown."),
    "ledger.operating": Text("投运日期", "In service since"),
    "ledger.add": Text("添加项目", "Add the project"),
    "ledger.added": Text("已添加，编号 {id}", "Added as {id}"),
    "ledger.import_note": Text(
        "上传表格，先看预览再应用；列名可用中文，空格与“未知”不会覆盖已有数据。",
        "Upload a table and look at the preview before applying; "
        "empty cells and “unknown” overwrite nothing.",
    ),
    "ledger.file": Text("台账文件", "Ledger file"),
    "ledger.step_add": Text("新增", "to add"),
    "ledger.step_set": Text("修改", "to change"),
    "ledger.step_same": Text("不变", "unchanged"),
    "ledger.apply": Text("应用", "Apply"),
    "ledger.applied": Text("新增 {add} 个，修改 {set} 个", "{add} added, {set} changed"),
    "ledger.history_note": Text("共 {n} 条，最近的在前。", "{n} entries, latest first."),
    "ledger.at": Text("时间", "When"),
    "ledger.by": Text("谁", "Who"),
    "ledger.action": Text("操作", "Action"),
    "ledger.version": Text("版本", "Version"),
    "ledger.field": Text("字段", "Field"),
    "ledger.old": Text("原值", "Before"),
    "ledger.new_value": Text("新值", "After"),
    "own.title": Text("自有数据", "Own data"),
    "own.lead": Text(
        "上传图层，得到逐行检查报告，再用它替换示范数据。",
        "Upload a layer, read what is wrong with it, and use it in place of generated data.",
    ),
    "own.layer": Text("图层", "Layer"),
    "own.guess": Text("自动判断", "tell by name and columns"),
    "own.file": Text("文件", "File"),
    "own.help": Text(
        "GeoPackage、GeoJSON、GeoParquet、CSV、Shapefile (zip)、GeoTIFF",
        "GeoPackage, GeoJSON, GeoParquet, CSV, Shapefile (zip), GeoTIFF",
    ),
    "own.private": Text(
        "文件只在本机检查，检查后即删除。", "The file is checked on this machine only and deleted afterwards."
    ),
    "own.how": Text(
        "检查内容：坐标系与单位、GCJ-02偏移、经纬度颠倒、几何错误与自相交、必填列与取值、编码。\n\n一次列出全部问题，每条都有行号、列名、取值和规则。",
        "Checked: CRS and units, GCJ-02 offsets, swapped coordinates, broken geometry, required columns "
        "and values, encoding.\n\nEvery fault is listed at once with row, column, value and rule.",
    ),
    "own.working": Text("正在检查…", "Checking…"),
    "own.ok": Text("没有错误，可以使用。", "No errors: the layer can be used."),
    "own.wrong": Text("有错误，见下表。", "There are errors: see below."),
    "own.faults": Text("发现 {n} 处", "{n} findings"),
    "own.download": Text("下载报告 (CSV)", "Download the report (CSV)"),
    "own.usable": Text("可用 {n}", "{n} usable"),
    "own.left_out": Text("不属于本图层 {n}", "{n} not of this layer"),
    "own.score": Text("质量", "Quality"),
    "own.score_note": Text("无问题的行", "rows without a finding"),
    "own.column": Text("列", "Column"),
    "own.known": Text("已知比例", "Known"),
    "own.row": Text("行", "Row"),
    "own.severity": Text("程度", "Severity"),
    "own.use": Text("如何使用", "How to use it"),
    "own.use_text": Text(
        "把文件放进区域文件夹，在 region.toml 中写明来源，然后重新评估：",
        "Put the file into the region's folder, name its source in region.toml, and assess again:",
    ),
}
