"""Texts of the pages and of the frame around them."""

from __future__ import annotations

from ui.text import Text

PAGES: dict[str, Text] = {
    "app.name": Text("宜建", "Yijian"),
    "app.title": Text("宜建 · 光伏与地热潜力", "Yijian · PV and geothermal potential"),
    "app.language": Text("语言", "Language"),
    "app.all_towns": Text("全区", "Whole region"),
    "app.comma": Text("、", ", "),
    "app.no_run": Text(
        "还没有可以展示的评估结果。请先运行一次评估，再打开本页。",
        "There is no assessment to show yet. Run one first, then open this page again.",
    ),
    "app.not_let_in": Text("您没有查看的权限。", "You are not let in here."),
    "app.failed": Text(
        "本页出错：{error}。请重试；若仍出错，请把编号 {number} 告诉管理员。",
        "This page failed: {error}. Try again; if it fails again, tell your administrator "
        "the number {number}.",
    ),
    "app.wrong_address": Text(
        "地址中的“{name}”无法识别，已忽略。", '"{name}" in the address could not be read and was left out.'
    ),
    "app.incomplete": Text(
        "本次评估有{n}个分块未能完成，其中的场址不在结果内。处理后用 yijian assess --resume 补齐。",
        "{n} tiles of this assessment could not be finished, sites in them are missing. Once the cause is "
        "mended, yijian assess --resume adds them.",
    ),
    "app.disclaimer": Text(
        "结果为规划阶段的潜力评估，不能代替用地、规划、文物、水利、电网等部门的审批与现场勘察。",
        "A planning-stage estimate of potential: it replaces neither permits nor a survey of the site.",
    ),
    "app.run": Text("评估编号 {run}", "Assessment {run}"),
    "demo.short": Text("示范数据，非实测", "Generated data, not surveyed"),
    "demo.long": Text(
        "示范图层(按种子生成，非实测):{layers}。换成本单位数据后重新评估即可。",
        "Demonstration layers (generated from a seed, not surveyed): {layers}. "
        "Replace them with your own and assess again.",
    ),
    "nav.overview": Text("总览", "Overview"),
    "nav.map": Text("地图", "Map"),
    "nav.sites": Text("场址", "Sites"),
    "nav.towns": Text("新城", "Towns"),
    "nav.geothermal": Text("地热", "Geothermal"),
    "nav.methods": Text("数据与方法", "Data & methods"),
    "overview.title": Text("离目标还有多远", "How far is the target?"),
    "overview.lead": Text(
        "按“宜建尽建”逐栋屋顶、逐块用地评估光伏与地热潜力，对照2030年目标。",
        "PV and geothermal potential, roof by roof and parcel by parcel, against the targets for 2030.",
    ),
    "overview.no_targets": Text("该区域没有登记目标。", "No targets are recorded for this region."),
    "overview.unknown_projects": Text(
        "另有 {n} 个项目规模未知，未计入以上数字，见页末。",
        "{n} more projects are of unknown size and not counted above; see below.",
    ),
    "overview.kwp": Text("光伏潜力(直流)", "PV potential (DC)"),
    "overview.kwh": Text("首年发电量", "First-year energy"),
    "overview.heatable": Text("地热可供暖面积", "Geothermal heatable area"),
    "overview.heatable_note": Text("三种技术中每块地只计一种", "one technology per block"),
    "overview.sites": Text("候选场址", "Candidate sites"),
    "overview.sites_note": Text("屋顶、车棚、农用地、市政用地", "roofs, carports, farmland, municipal land"),
    "overview.towns": Text("五个新城", "The new towns"),
    "overview.waterfall": Text("规则扣除了多少", "What the rules take"),
    "overview.waterfall_note": Text(
        "从全部面积到可建，逐条规则扣除的容量；按扣除量排列。",
        "From all area to buildable: capacity lost to each rule, largest first.",
    ),
    "overview.supply": Text("成本供给曲线", "Supply curve"),
    "overview.supply_note": Text(
        "场址按度电成本由低到高累加；虚线为目标。",
        "Sites added from the cheapest; dashed lines are the targets.",
    ),
    "overview.open": Text("尚不清楚的", "What is not known"),
    "overview.unknown": Text("规模未知的项目", "Projects of unknown size"),
    "overview.none": Text("没有。", "None."),
    "overview.not_checked": Text("未核查的规则(缺少图层)", "Rules not checked (layer missing)"),
    "overview.all_checked": Text("全部规则均已核查。", "Every rule was checked."),
    "sites.title": Text("候选场址", "Candidate sites"),
    "sites.lead": Text(
        "筛选、排序、下载；选中一行可在地图上查看。",
        "Filter, sort and download; pick a row to see it on the map.",
    ),
    "sites.order": Text("排序", "Order"),
    "order.kwp": Text("容量大的在前", "Largest first"),
    "order.lcoe": Text("成本低的在前", "Cheapest first"),
    "order.kwh": Text("发电多的在前", "Most energy first"),
    "order.grid": Text("离变电站近的在前", "Nearest to a substation"),
    "sites.more": Text(
        "显示前 {shown} 个，共 {all} 个；下载包含全部。",
        "The first {shown} of {all}; downloads hold all of them.",
    ),
    "sites.pick": Text(
        "在表中选一行，或在地图上点选一个场址。", "Pick a row of the table or a site on the map."
    ),
    "sites.on_map": Text("在地图上查看 {name}", "Show {name} on the map"),
    "towns.title": Text("新城", "New towns"),
    "towns.lead": Text(
        "每个新城一页：潜力、规则、地热、项目与文件。",
        "One page per town: potential, rules, heat, projects and files.",
    ),
    "towns.by_sector": Text("分领域光伏潜力", "PV potential by sector"),
    "towns.whiskers": Text("细线为低值到高值的区间。", "Thin lines span low to high."),
    "towns.share": Text("占全区 {share}", "{share} of the region"),
    "towns.heat": Text("地热", "Geothermal"),
    "towns.projects": Text("登记项目", "Projects on record"),
    "towns.no_projects": Text("没有登记的项目。", "No projects on record."),
    "towns.best": Text("容量最大的场址", "Largest sites"),
    "towns.files": Text("{town}的全部候选场址。", "All candidate sites of {town}."),
    "heat.title": Text("地热", "Geothermal heat"),
    "heat.lead": Text(
        "浅层、中深层无干扰与水热型三种技术的供热能力和可供暖面积。",
        "Heat capacity and heatable floor area of the three technologies.",
    ),
    "heat.about_shallow": Text("地埋管热泵，100–200米。", "Borehole heat pumps, 100–200 m."),
    "heat.about_deep": Text(
        "闭式同轴换热，2–3千米，取热不取水。", "Closed coaxial loops, 2–3 km: heat without water."
    ),
    "heat.about_hydrothermal": Text(
        "采灌井对，须同层全部回灌。", "Well doublets; all water goes back to the same aquifer."
    ),
    "heat.none": Text("本次评估没有结果。", "No results in this assessment."),
    "heat.wells": Text("{n} 口井(孔)", "{n} wells or boreholes"),
    "heat.not_sum": Text(
        "三种技术按用地与热需求分配，同一块地、同一份需求不重复计算。",
        "The technologies share land and demand; neither is counted twice.",
    ),
    "heat.where": Text("适宜的地方", "Where it suits"),
    "heat.how": Text("点选地图上的地块查看详情。", "Click a block on the map for its details."),
    "methods.title": Text("数据与方法", "Data and methods"),
    "methods.lead": Text(
        "每个数字从哪里来，有多可信，哪些还没有核查。",
        "Where each number is from, how sure it is, and what was not checked.",
    ),
    "methods.layers": Text("图层与许可", "Layers and licences"),
    "methods.layers_note": Text(
        "示范数据由种子生成，非实测。", "Generated layers are made from a seed, not surveyed."
    ),
    "methods.generated": Text("由种子生成", "generated from a seed"),
    "methods.rules": Text("规则与文件依据", "Rules and documents"),
    "methods.rules_note": Text(
        "有 {n} 条规则因缺少图层未核查。", "{n} rules could not be checked: their layer is missing."
    ),
    "methods.readings": Text("规则的三种读法", "Three readings of the rules"),
    "methods.readings_note": Text(
        "本次评估按“{name}”。换一种读法须重新评估：`yijian assess --scenario strict`（或 open）。",
        'This assessment reads them as "{name}". Another reading needs a new assessment: '
        "`yijian assess --scenario strict` (or open).",
    ),
    "methods.reading_changed": Text("{n} 条改判", "{n} rules judged otherwise"),
    "methods.reading_wider": Text("{n} 条距离加宽", "{n} with wider distances"),
    "methods.reading_added": Text("增加 {n} 条", "{n} added"),
    "methods.project": Text("一个项目要怎样才能落地", "What a project would need"),
    "methods.project_note": Text(
        "按本次评估：街镇土地按规则剩下多少，备案日期能带回多少，哪些规则要避让或征得同意。",
        "From this assessment: what the rules leave of a township's land, what the date of approval would "
        "bring back, and which rules to keep clear of or to obtain consent for.",
    ),
    "methods.project_mw": Text("项目容量（兆瓦）", "Project (MW)"),
    "methods.ha_per_mw": Text("每兆瓦用地（公顷）", "Land per MW (ha)"),
    "methods.project_old": Text(
        "这次评估没有记录规则之间的重叠，请重新评估。",
        "This assessment does not say how rules overlap; assess again.",
    ),
    "methods.values": Text("参数、来源与可信度", "Parameters, sources and confidence"),
    "methods.values_note": Text(
        "“待核实”的数值来自一般经验，请以正式文件为准。",
        '"Unverified" values are general experience: replace them by the official text.',
    ),
    "methods.only_unverified": Text("只看待核实", "Unverified only"),
    "methods.parameters": Text("本次评估的参数", "Parameters of this assessment"),
    "methods.words": Text("用语", "Terms"),
    "methods.words_text": Text(
        "- **直流/交流容量**:方案未说明39万千瓦的口径，两者都给出。\n"
        "- **低—高区间**:可用率、屋顶形式与面积的不确定性。\n"
        "- **P50/P90**:有50%/90%把握达到的年发电量。\n"
        "- **地热 P10/P90**:P10为保守值，P90为乐观值。\n"
        "- **未核查**:缺少所需图层，不等于没有限制。\n"
        "- **未知**:没有数据，不按零计。",
        "- **DC/AC capacity**: the plan does not say which one 390 MW means, so both are given.\n"
        "- **Low to high**: uncertainty of usable share, roof form and area.\n"
        "- **P50/P90**: energy per year that is exceeded with 50 % / 90 % probability.\n"
        "- **Geothermal P10/P90**: P10 is cautious, P90 is optimistic.\n"
        "- **Not checked**: the layer is missing, which does not mean there is no restriction.\n"
        "- **Unknown**: no data; never counted as zero.",
    ),
}
