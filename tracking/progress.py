"""Progress against the targets: what stands, what is on the way, what could still come, what is missing.

Unknown is counted and listed, never added as zero: a project without a known capacity appears in
`unknown_count` and in `Progress.unknown`, and a target that such projects could still meet has the verdict
"unknown", not "not_met".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from assessment.run import SECTORS, Column
from tracking.progress_case import KIND_OF_MEASURE, KW_PER_MW, Case
from tracking.projects import projects_frame

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tracking.targets import Target


PROGRESS = (
    Column("target", "", "目标编号", "target"),
    Column("measure", "", "指标", "measure"),
    Column("basis", "", "容量口径", "capacity basis"),
    Column("year", "", "年份", "year"),
    Column("unit", "", "单位", "unit"),
    Column("value", "", "目标值", "target value"),
    Column("operating", "", "已投运", "operating"),
    Column("under_construction", "", "在建", "under construction"),
    Column("approved", "", "已批准", "approved"),
    Column("proposed", "", "拟建", "proposed"),
    Column("progress", "", "进展(投运+在建+批准)", "progress (operating, building, approved)"),
    Column("share", "1", "完成率", "share of the target"),
    Column("gap", "", "缺口", "gap"),
    Column("potential", "", "潜力", "potential"),
    Column("remaining", "", "剩余潜力", "potential left"),
    Column("projects", "", "项目数", "projects"),
    Column("unknown_count", "", "容量未知的项目数", "projects of unknown size"),
    Column("unstated", "", "其中口径未说明", "of which basis not stated"),
    Column("undated", "", "其中无投运日期", "of which without date"),
    Column("later", "", "目标年之后", "after the target year"),
    Column("verdict_operating", "", "已投运是否达标", "met by what operates"),
    Column("verdict", "", "进展是否达标", "met by progress"),
    Column("note_zh", "", "说明", "note (Chinese)"),
    Column("note_en", "", "说明(英文)", "note"),
)
"""Columns of `Progress.targets`; the tables by town and sector have `town` or `sector` in front instead of
target value, share, gap, verdicts and notes."""


@dataclass(frozen=True)
class Progress:
    """The state of all counted targets."""

    targets: pd.DataFrame
    """One row per counted target and capacity basis; columns PROGRESS."""
    context: pd.DataFrame
    """Targets that the ledger cannot count: id, name, year, value, unit, wording, paragraph, notes."""
    towns: pd.DataFrame
    """The same amounts by town; projects whose town is not known have the town "unknown"."""
    sectors: pd.DataFrame
    """The same amounts by sector."""
    years: pd.DataFrame
    """Amount in operation at the end of each year: measure, basis, year, operating, undated."""
    unknown: pd.DataFrame
    """The projects whose size is not known, with all their fields."""


def progress(
    targets: Iterable[Target],
    projects: pd.DataFrame,
    summary: pd.DataFrame | None = None,
    heat_summary: pd.DataFrame | None = None,
    *,
    towns: Sequence[str] = (),
) -> Progress:
    """Count the ledger against the targets, and both against the potential of a run.

    Parameters
    ----------
    projects
        Table of `tracking.projects.projects_frame`.
    summary, heat_summary
        Tables of the run; None: the potential is unknown (NaN).
    towns
        Towns that get a row even without projects and potential.
    """
    frame = projects_frame(projects)
    every = list(targets)
    counted = [target for target in every if target.measure != "context"]
    context = [target for target in every if target.measure == "context"]
    cases = [Case(target, basis, frame) for target in counted for basis in target.bases]
    by_town = [_potential(case, "town", summary, heat_summary) for case in cases]
    by_sector = [_potential(case, "sector", summary, heat_summary) for case in cases]
    sizes_known = frame[["capacity_mw_dc", "capacity_mw_ac", "capacity_mw_unstated", "heated_m2"]].notna()
    sized = frame["kind"].isin(KIND_OF_MEASURE.values())
    return Progress(
        targets=pd.DataFrame(
            [case.row(potential) for case, potential in zip(cases, by_town, strict=True)],
            columns=[column.name for column in PROGRESS],
        ),
        context=pd.DataFrame([_context_row(target) for target in context]),
        towns=_split(cases, by_town, "town", towns),
        sectors=_split(cases, by_sector, "sector", SECTORS),
        years=_years(cases),
        unknown=frame[sized & (frame["status"] != "retired") & ~sizes_known.any(axis=1)],
    )


def _potential(
    case: Case, by: str, summary: pd.DataFrame | None, heat_summary: pd.DataFrame | None
) -> pd.Series:
    """Potential by town or sector in the unit of the target; empty where it is not known."""
    heat = case.target.measure == "heat_m2"
    table = heat_summary if heat else summary
    if table is None or by not in table:
        return pd.Series(dtype="float64")
    column = "heatable_m2" if heat else {"dc": "kwp_dc_central", "ac": "kw_ac"}[case.basis]
    sums: pd.Series = table.groupby(by, observed=True)[column].sum(min_count=1)
    return sums if heat else sums / KW_PER_MW


def _split(
    cases: Sequence[Case], potentials: Sequence[pd.Series], by: str, always: Sequence[str]
) -> pd.DataFrame:
    rows = []
    for case, potential in zip(cases, potentials, strict=True):
        keys = case.keys[by]
        names = dict.fromkeys([*always, *potential.index, *sorted(set(keys[case.alive]))])
        for name in names:
            sums = case.tally(keys == name)
            left = case.left(float(potential.get(name, np.nan)), keys == name)
            rows.append({by: name, **case.labels(), **sums, **left})
    whole = {"value", "share", "gap", "verdict_operating", "verdict", "note_zh", "note_en"}
    return pd.DataFrame(rows, columns=[by, *(column.name for column in PROGRESS if column.name not in whole)])


def _years(cases: Sequence[Case]) -> pd.DataFrame:
    """Amount in operation at the end of each year, from the first project to the last target."""
    rows: list[tuple[Any, ...]] = []
    seen = set()
    last = max((case.target.year for case in cases), default=0)
    for case in cases:
        key = (case.target.measure, case.basis)
        if key in seen:
            continue
        seen.add(key)
        runs = case.is_status["operating"] & case.known
        dated = runs & ~case.undated
        first = int(min(case.year[dated].min(initial=np.inf), case.target.year))
        undated = float(case.size[runs & case.undated].sum())
        for year in range(first, last + 1):
            amount = float(case.size[dated & (case.year <= year)].sum())
            rows.append((*key, year, amount, undated))
    return pd.DataFrame(rows, columns=["measure", "basis", "year", "operating", "undated"])


def _context_row(target: Target) -> dict[str, Any]:
    names = (
        "id",
        "name_zh",
        "name_en",
        "year",
        "value",
        "unit",
        "strict",
        "wording",
        "paragraph",
        "note_zh",
        "note_en",
    )
    return {name: getattr(target, name) for name in names}
