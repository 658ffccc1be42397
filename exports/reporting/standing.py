"""Where the targets stand: progress, the part of each town, the projects and their gaps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from exports.labels import Label
from exports.reporting import columns as col
from exports.reporting.model import ReportTable, Text, rows_of
from tracking.progress_case import UNPLACED
from tracking.projects import projects_frame

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from exports.provenance import Lang
    from tracking.progress import Progress
    from tracking.targets import Target

VERDICTS = {
    "met": Label("已达标", "met"),
    "not_met": Label("未达标", "not met"),
    "unknown": Label("无法判定", "cannot be told"),
}
_BASES = {"dc": Label("直流", "DC"), "ac": Label("交流", "AC"), "": Label("", "")}
_KINDS = {
    "pv": Label("光伏", "PV"),
    "geothermal": Label("地热", "geothermal"),
    "storage": Label("储能", "storage"),
    "heat": Label("供热", "heat"),
    "other": Label("其他", "other"),
}
_STATUSES = {
    "proposed": Label("拟建", "proposed"),
    "approved": Label("已批准", "approved"),
    "under_construction": Label("在建", "under construction"),
    "operating": Label("已投运", "operating"),
    "retired": Label("退役", "retired"),
}
_HEAT_SCALE = 1e-4
_HEAT_UNIT = Text("万m²", "ha")
_AMOUNTS = ("value", "operating", "under_construction", "approved", "progress", "gap", "potential")


def targets_table(progress: Progress, targets: Sequence[Target], lang: Lang) -> ReportTable:
    """Return the counted targets of the region."""
    frame = _worded(progress.targets, targets, lang)
    frame["verdict"] = [VERDICTS[key][lang] for key in frame["verdict"]]
    note = Text(
        "进展=已投运+在建+已批准。容量未知的项目不计入数值，单独计数；方案未说明光伏容量口径，直流与交流并列。",
        "Progress = operating + under construction + approved. Projects of unknown size are counted apart, "
        "never as zero; the plan does not say whether PV is DC or AC, so both are shown.",
    )
    title = Text("目标与进度（全区）", "Targets and progress (region)")
    return ReportTable("targets", title, col.TARGETS, rows_of(frame, col.TARGETS), note=note)


def town_table(
    progress: Progress, targets: Sequence[Target], town: str | None, lang: Lang, names: Mapping[str, str]
) -> ReportTable:
    """Return what one town, or each town, contributes to the targets."""
    last = progress.towns.groupby("measure")["year"].transform("max")
    frame = progress.towns[progress.towns["year"] == last]
    frame = frame if town is None else frame[frame["town"] == town]
    frame = _worded(frame, targets, lang)
    frame["name"] = [
        f"{target} · {_town_name(key, names, lang)}"
        for target, key in zip(frame["name"], frame["town"], strict=True)
    ]
    kept = tuple(column for column in col.TARGETS if column.key not in {"value", "share", "gap", "verdict"})
    note = Text(
        "方案未把目标分解到各新城，此处只列各新城的贡献与潜力。",
        "The plan does not divide its targets among the towns; only contribution and potential are shown.",
    )
    title = Text("各新城贡献", "Contribution of the towns")
    return ReportTable("towns", title, kept, rows_of(frame, kept), note=note)


def _town_name(key: str, names: Mapping[str, str], lang: Lang) -> str:
    return Text("新城未知", "town unknown")[lang] if key == UNPLACED else names.get(key, key)


def _worded(frame: pd.DataFrame, targets: Sequence[Target], lang: Lang) -> pd.DataFrame:
    """Return the frame with the targets' names, floor areas in the report's unit."""
    names = {target.id: Text(target.name_zh, target.name_en)[lang] for target in targets}
    frame = frame.copy()
    heat = frame["measure"] == "heat_m2"
    for name in _AMOUNTS:
        if name in frame:
            frame[name] = frame[name].astype("float64")
            frame.loc[heat, name] *= _HEAT_SCALE
    frame["unit"] = frame["unit"].where(~heat, _HEAT_UNIT[lang])
    frame["name"] = [names[key] for key in frame["target"]]
    frame["basis"] = [_BASES.get(key, Label(key, key))[lang] for key in frame["basis"]]
    return frame


def context_table(progress: Progress, lang: Lang) -> ReportTable:
    """Return the targets the ledger cannot count, with room for the result."""
    frame = progress.context.reindex(columns=["year", "value", "unit", "paragraph", "wording"])
    frame["name"] = progress.context[f"name_{lang}"] if len(frame) else []
    frame["result"] = ""
    title = Text("需由部门填报的目标", "Targets for the departments to report")
    return ReportTable("context", title, col.CONTEXT, rows_of(frame, col.CONTEXT))


def projects_table(
    projects: pd.DataFrame, town: str | None, lang: Lang, names: Mapping[str, str]
) -> ReportTable:
    """Return the projects of the town (and those of no known town), with what is not known of each."""
    frame = projects_frame(projects)
    if town is not None:
        frame = frame[(frame["town"] == town) | frame["town"].isna()]
    frame = frame.assign(
        gaps=[Text("、", ", ")[lang].join(_gaps(row, lang)) for row in frame.to_dict("records")],
        town=[_town_name(key or UNPLACED, names, lang) for key in frame["town"]],
        kind=[_KINDS[key][lang] if key in _KINDS else key for key in frame["kind"]],
        status=[_STATUSES[key][lang] if key in _STATUSES else key for key in frame["status"]],
    )
    note = Text(
        "未知不是零：容量或面积未知的项目列明缺失信息，不参与合计。所属新城未知的项目列于各新城报告。",
        "Unknown is not zero: what is missing is named and not summed. "
        "Projects of no known town appear in every town.",
    )
    kinds = projects_frame(projects).loc[frame.index, "kind"]
    rows = tuple(
        tuple(
            "–" if _out_of_place(column.key, kind) and cell is None else cell
            for cell, column in zip(row, col.PROJECTS, strict=True)
        )
        for row, kind in zip(rows_of(frame, col.PROJECTS), kinds, strict=True)
    )
    return ReportTable("projects", Text("项目", "Projects"), col.PROJECTS, rows, note=note)


def _out_of_place(column: str, kind: str) -> bool:
    """Say whether a size makes no sense for a kind of project; then it is not unknown but not there."""
    return (column == "heated_m2" and kind != "geothermal") or (
        column.startswith("capacity_mw") and kind != "pv"
    )


def _gaps(row: Mapping[Any, Any], lang: Lang) -> list[str]:
    """Name what an evaluation needs and the ledger does not know."""
    missing = []
    sizes = ("capacity_mw_dc", "capacity_mw_ac", "capacity_mw_unstated")
    if row["kind"] == "pv" and all(pd.isna(row[key]) for key in sizes):
        missing.append(Text("容量", "capacity"))
    elif row["kind"] == "pv" and pd.isna(row["capacity_mw_dc"]) and pd.isna(row["capacity_mw_ac"]):
        missing.append(Text("容量口径", "capacity basis"))
    if row["kind"] == "geothermal" and pd.isna(row["heated_m2"]):
        missing.append(Text("供暖面积", "heated area"))
    if row["kind"] == "geothermal" and pd.isna(row["technology"]):
        missing.append(Text("技术", "technology"))
    if pd.isna(row["town"]):
        missing.append(Text("所属新城", "town"))
    if row["status"] == "operating" and pd.isna(row["date_operating"]):
        missing.append(Text("投运日期", "date of operation"))
    if pd.isna(row["lon"]) or pd.isna(row["lat"]):
        missing.append(Text("位置", "position"))
    return [text[lang] for text in missing]
