"""Texts of the page that starts assessments."""

from __future__ import annotations

from ui.text import Text

ASSESS: dict[str, Text] = {
    "nav.assess": Text("评估", "Assess"),
    "assess.title": Text("开始一次评估", "Run an assessment"),
    "assess.lead": Text(
        "选择区域与情景，评估在后台进行；关闭或刷新本页不受影响。",
        "Choose a region and a scenario; it works in the background, whether this page is open or not.",
    ),
    "assess.new": Text("新的评估", "New assessment"),
    "assess.list": Text("进行中与已完成", "Running and finished"),
    "assess.region": Text("区域", "Region"),
    "assess.only": Text("内容", "What"),
    "assess.only_both": Text("光伏与地热", "PV and heat"),
    "assess.only_sites": Text("仅光伏", "PV only"),
    "assess.only_heat": Text("仅地热", "heat only"),
    "assess.scenario": Text("情景(TOML，可留空)", "Scenario (TOML, may be empty)"),
    "assess.scenario_how": Text(
        '例如：\nrules_off = ["road_control"]\n[values]\n"costs.finance.discount_rate" = 0.05',
        'For instance:\nrules_off = ["road_control"]\n[values]\n"costs.finance.discount_rate" = 0.05',
    ),
    "assess.estimate": Text("估计所需时间", "Estimate the time"),
    "assess.objects": Text("建筑 + 地块", "Buildings + parcels"),
    "assess.time": Text("时间", "Time"),
    "assess.memory": Text("内存", "Memory"),
    "assess.start": Text("开始评估", "Start"),
    "assess.cancel": Text("取消", "Cancel"),
    "assess.show": Text("展示这次评估", "Show this assessment"),
    "assess.none": Text("还没有从本页开始的评估。", "Nothing was started from this page yet."),
    "assess.not_allowed": Text("只有管理员可以开始评估。", "Only an administrator may start one."),
    "assess_state.running": Text("进行中", "running"),
    "assess_state.finished": Text("已完成", "finished"),
    "assess_state.failed": Text("失败", "failed"),
    "assess_state.cancelled": Text("已取消", "cancelled"),
    "assess_state.lost": Text("中断(进程已不在)", "interrupted (its process is gone)"),
}
