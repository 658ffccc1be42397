"""Texts of the geothermal page: maps, reasons, the station planner, matching and weights."""

from __future__ import annotations

from ui.text import Text

HEAT: dict[str, Text] = {
    "binding.network": Text("管网密度或距离", "density and reach of networks"),
    "binding.casing": Text("井筒流量", "flow of the well"),
    "heat.tab_planner": Text("站点规划", "Station planner"),
    "heat.tab_matching": Text("匹配与目标", "Matching and targets"),
    "heat.tab_weights": Text("权重", "Weights"),
    "heat.old_run": Text(
        "这次评估没有该项结果；请重新运行 yijian assess。",
        "This run does not hold this result; run yijian assess again.",
    ),
    "heat.layer": Text("图层", "Map layer"),
    "heat.layer_none": Text("仅地块", "blocks only"),
    "heat.why": Text("为什么", "Why here"),
    "heat.position": Text("经度, 纬度", "longitude, latitude"),
    "heat.position_wrong": Text("请输入两个数字，如 108.75, 34.28", "Two numbers, such as 108.75, 34.28"),
    "heat.outside": Text("该位置不在评估范围内。", "This place lies outside the area assessed."),
    "heat.nearest_well": Text("最近地热井 {km} km", "nearest geothermal well {km} km"),
    "heat.best": Text("本地块首选", "carries most of this block"),
    "heat.card": Text("本处档案 {kind}", "Card of this place, {kind}"),
    "heat.card_note": Text(
        "全部数值与区间、理由、涉及与未核查规则、参数来源。",
        "All figures with ranges, reasons, rules touched and not checked, sources of the parameters.",
    ),
    # Planner
    "planner.lead": Text(
        "选地点、技术、井数与间距，得到第1、10、20、30年的供热能力、成本与减碳；与 yijian heat 同一内核。",
        "Choose place, technology, wells and spacing: heat in years 1, 10, 20 and 30, cost and carbon, "
        "from the kernels of yijian heat.",
    ),
    "planner.place": Text("地点", "Place"),
    "planner.picked": Text("地图上选中的地块 {id}", "block picked on the map: {id}"),
    "planner.region": Text("全区平均", "region, on average"),
    "planner.kind": Text("技术", "Technology"),
    "planner_kind.deep": Text("中深层同轴井", "coaxial deep wells"),
    "planner_kind.utype": Text("U型对接井", "U-type well"),
    "planner_kind.shallow": Text("浅层地埋管", "shallow boreholes"),
    "planner_kind.hydrothermal": Text("水热型采灌对井", "hydrothermal doublets"),
    "planner.wells.deep": Text("井数", "Wells"),
    "planner.wells.shallow": Text("钻孔数", "Boreholes"),
    "planner.wells.hydrothermal": Text("对井数", "Doublets"),
    "planner.spacing": Text("间距 (m)", "Spacing (m)"),
    "planner.depth": Text("深度 (m)", "Depth (m)"),
    "planner.mode": Text("运行方式", "Operation"),
    "planner_mode.inlet": Text("定进水温度", "fixed inlet"),
    "planner_mode.duty": Text("定取热负荷", "fixed duty"),
    "planner.inlet": Text("进水温度 (°C)", "Inlet (°C)"),
    "planner.duty": Text("每井取热 (kW)", "Duty per well (kW)"),
    "planner.returned": Text("夏季回灌比例", "Heat returned in summer"),
    "planner.baseline": Text("替代的热源", "Heat replaced"),
    "baseline.coal_chp": Text("燃煤热电 (110 kg/GJ)", "coal CHP (110 kg/GJ)"),
    "baseline.gas_boiler": Text("燃气锅炉 (60.4 kg/GJ)", "gas boiler (60.4 kg/GJ)"),
    "planner.year": Text("第 {year} 年", "Year {year}"),
    "planner.kw": Text("供热能力 (kW)", "Heat delivered (kW)"),
    "planner.inlet_needed": Text("所需进水温度 (°C)", "Inlet needed (°C)"),
    "planner.penalty": Text("井间干扰损失(第30年)", "Lost to neighbours, year 30"),
    "planner.mwh": Text("年供热量", "Heat per season"),
    "planner.electricity": Text("热泵与水泵用电", "Electricity of pumps"),
    "planner.capex": Text("投资", "Capital cost"),
    "planner.lcoh": Text("供热成本", "Cost of heat"),
    "planner.co2": Text("年减碳量", "CO₂ saved per year"),
    "planner.against": Text("对比：{name}", "against {name}"),
    "planner.area": Text("可供暖面积", "Heatable floor area"),
    "planner.area_note": Text("按 {index} W/m² 计", "at {index} W/m²"),
    "planner.ground": Text(
        "地温梯度 {gradient} ± {sd} K/km，岩石导热 {rock} W/(m·K)，最近地热井 {km} km。区间为 P10–P90。",
        "Gradient {gradient} ± {sd} K/km, rock {rock} W/(m K), nearest well {km} km. The band is P10–P90.",
    ),
    "planner.no_interference": Text(
        "“无干扰”是指不与含水层换水；井与井之间仍有热干扰：这样布置，第30年比单井各自独立少 {percent}。",
        '"No interference" is with aquifers, not between wells: laid out like this, the station gives '
        "{percent} less in year 30 than as many single wells.",
    ),
    "planner.duty_cold": Text(
        "到第30年所需进水温度为 {temp} °C，低于 4 °C：该负荷不可持续，请减负荷、加大间距或增加深度。",
        "By year 30 the inlet would have to fall to {temp} °C, below 4 °C: this duty does not last. Take "
        "less, space wider or drill deeper.",
    ),
    "planner.doublets": Text(
        "以灌定产：流量取决于回灌；每对井占地下 {area}，须同层全部回灌。",
        "Production is set by reinjection; each doublet takes {area} of ground, and all water goes back.",
    ),
    "planner.csv": Text("下载 CSV", "Download CSV"),
    "planner.json": Text("下载 JSON（含公式与来源）", "Download JSON (formula and sources)"),
    # Matching
    "match.goal": Text("目标", "Goal"),
    "goal.cost": Text("成本最低", "least cost"),
    "goal.carbon": Text("碳排最低", "least carbon"),
    "goal.capacity": Text("少占地与地层", "least land and ground"),
    "match.lead": Text(
        "同一热需求只供一次，同一块地只用一次；先供足，再按目标选技术。",
        "No demand is served twice and no land used twice: first serve all, then choose by the goal.",
    ),
    "match.stranded": Text("闲置能力", "Stranded"),
    "match.unmet": Text("未满足需求", "Unmet demand"),
    "match.unmet_note": Text("占需求 {share}", "{share} of the demand"),
    "match.wells30": Text("{area}需要多少井", "What {area} takes"),
    "match.wells30_note": Text(
        "井(孔)数：从供热成本最低的场址起逐个钻井，整址计入，直到达到目标面积（第30年能力）。",
        "Wells and boreholes, site by site from the cheapest heat on, each as a whole, until the area is "
        "reached (capacity of year 30).",
    ),
    "match.supply": Text("方案", "Supply"),
    "match.only": Text("只用{name}", "only {name}"),
    "match.sites": Text("场址", "Sites"),
    "match.reach": Text("达到", "Reaches"),
    "match.co2_other": Text("若替代{name}则为 {co2}", "{co2} if it replaces the {name}"),
    "match.pv": Text("热泵用电 与 同地块光伏", "Heat pumps and photovoltaics of the same blocks"),
    "match.pv_note": Text(
        "热泵冬季用电 {pumps}；同地块候选光伏全年可发 {pv}；{share} 的地块光伏年发电量够用"
        "（冬季不同时，须电网调剂）。",
        "Pumps need {pumps} in winter; candidate sites of the same blocks give {pv} a year; in {share} of "
        "the blocks that covers it over the year (not at the same hours: the grid balances).",
    ),
    "match.targets": Text("各新城对目标的进展", "Progress by new town"),
    "match.targets_note": Text(
        "目标：2025年前新增580万平方米，2030年超过3000万平方米。方案未给2022年存量：留空即为未知，合计为下限。",
        "Targets: 5.8 million m² added by 2025, over 30 million m² by 2030. The plan does not give the stock "
        "of 2022: left empty it is unknown, and sums are lower bounds.",
    ),
    "match.stock_of": Text("2022年存量", "Stock of 2022"),
    "match.stock": Text("2022年存量(万平方米)", "Stock of 2022 (million m²)"),
    "match.added": Text("2023年以来投运", "In service since 2023"),
    "match.building": Text("在建与已批", "Building or approved"),
    "match.reached": Text("已达到", "Reached"),
    "match.at_least": Text("至少 {area}", "at least {area}"),
    "match.alone": Text("每种技术单独计算（不可相加）", "Each technology alone (not to be added up)"),
    "match.year1": Text("首年", "Year 1"),
    "match.year30": Text("第30年 (P10–P90)", "Year 30 (P10–P90)"),
    "match.cooling": Text("制冷与冷热平衡", "Cooling and balance"),
    "match.cooling_note": Text(
        "建筑制冷需求 {asked}，浅层钻孔可承担 {served}；由此回灌使第30年供热能力平均高 {gain}。",
        "Buildings ask for {asked} of cooling; shallow boreholes could carry {served}. The heat put back "
        "raises the winter capacity of year 30 by {gain} on average.",
    ),
    # Weights
    "weights.keep": Text("把权重存为情景文件", "Keep these weights as a scenario file"),
    "weights.keep_note": Text(
        "用 yijian assess --scenario heat-weights.toml 或“评估”页按这些权重评估全区；一致性比例写入清单。",
        "yijian assess --scenario heat-weights.toml, or the page Assess, judges the whole region by these "
        "weights; the consistency ratio stands in the manifest.",
    ),
    "weights.lead": Text(
        "改变重要性或两两判断，立即重判每个地块；一致性比率须不大于0.10。",
        "Change importance or single judgements, and every block is judged anew; the consistency ratio must "
        "stay at or below 0.10.",
    ),
    "weights.importance": Text("重要性 (1–9)", "Importance (1–9)"),
    "weights.pairs": Text("两两判断（可改）", "Pairwise judgements (editable)"),
    "weights.more": Text("更重要", "matters more"),
    "weights.less": Text("相对于", "than"),
    "weights.times": Text("倍数 (1/9–9)", "times (1/9–9)"),
    "weights.weight": Text("权重", "Weight"),
    "weights.made": Text("本次评估", "This assessment"),
    "weights.shipped": Text("内置权重", "Shipped"),
    "weights.factor": Text("因子", "Factor"),
    "weights.known": Text("有资料", "Known"),
    "weights.ratio": Text("一致性比率", "Consistency ratio"),
    "weights.ratio_ok": Text("判断一致", "judgements agree"),
    "weights.stable": Text("稳定的面积", "Stable area"),
    "weights.stable_note": Text(
        "各权重变化±20%而等级不变", "keeps its class when every weight moves by ±20 %"
    ),
    "weights.changed": Text("等级改变的面积", "Area that changes class"),
    "weights.contradict": Text("判断相互矛盾：{error}", "The judgements contradict each other: {error}"),
    "weights.barring": Text("任一因子最差即不适宜", "a factor at its worst bars the place"),
    "weights.reset": Text("恢复本次评估的权重", "Back to the weights of this assessment"),
    "weights.area": Text("面积 (km²)", "Area (km²)"),
    "class.suitable": Text("适宜", "suitable"),
    "class.fairly_suitable": Text("较适宜", "fairly suitable"),
    "class.moderate": Text("一般", "moderate"),
    "class.unsuitable": Text("不适宜", "unsuitable"),
    "light.red": Text("不可行", "not allowed"),
    "light.yellow": Text("有条件或资料不足", "conditions or thin data"),
    "light.green": Text("未见障碍", "nothing foreseen"),
    "raster.best_technology": Text("首选技术", "Best technology"),
    "raster.nearest_well_km": Text("距最近地热井(可信度)", "Distance to the nearest well (confidence)"),
    "raster.deep_kw": Text("中深层单井能力(第30年)", "One deep well alone, year 30"),
    "raster.shallow_gpot_mwh": Text("浅层单孔潜力 G.POT", "One borehole alone (G.POT)"),
    "raster.hydrothermal_mw_km2": Text("水热型能力", "Hydrothermal heat per area"),
    "raster.hydrothermal_mw_km2_p10": Text("水热型能力 P10(乐观)", "Hydrothermal, exceeded with 10 %"),
    "raster.hydrothermal_mw_km2_p90": Text("水热型能力 P90(保守)", "Hydrothermal, exceeded with 90 %"),
    "raster.temperature_1000m": Text("1000米地温", "Temperature at 1,000 m"),
    "raster.temperature_2000m": Text("2000米地温", "Temperature at 2,000 m"),
    "raster.temperature_3000m": Text("3000米地温", "Temperature at 3,000 m"),
    "raster.temperature_sd_2000m": Text("2000米地温不确定度", "Spread of the temperature at 2,000 m"),
    **{
        f"raster.{kind}_{technology}": Text(f"{zh}·{of_zh}", f"{en}: {of_en}")
        for kind, zh, en in (
            ("class", "适宜性分级", "Suitability class"),
            ("light", "红绿灯", "Traffic light"),
            ("suitability", "适宜性得分", "Suitability score"),
            ("stability", "权重稳定性", "Stability of the class"),
        )
        for technology, of_zh, of_en in (
            ("shallow", "浅层", "shallow"),
            ("deep", "中深层", "medium-deep"),
            ("hydrothermal", "水热型", "hydrothermal"),
        )
    },
}
