"""What the reader of a plan must know, in two languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracking.plan_problem import tolerance
from tracking.plan_words import title

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tracking.plan_model import Candidates, Limit, PlanOptions
    from tracking.plan_solve import Solution


@dataclass(frozen=True)
class Note:
    """Something the reader must know, in two languages."""

    zh: str
    en: str


def doubts(candidates: Candidates, solution: Solution, options: PlanOptions) -> list[Note]:
    """Say how good the plan is, and what it could not know."""
    gap, unknown = f"{solution.gap:.2%}", candidates.left_out["unknown"]
    notes = [Note(f"与最优方案相比,代价最多高{gap}", f"at most {gap} above the best plan")]
    if unknown:
        zh = f"{unknown}个场址容量或成本未知,未参与选择"
        notes.append(Note(zh, f"{unknown} sites of unknown size or cost were not considered"))
    if large := candidates.left_out["too_large"]:
        zh = f"{large}个场址大于一年的建设能力,未参与选择"
        notes.append(Note(zh, f"{large} sites are larger than what is built in a year: not considered"))
    if solution.over_rate:
        zh = "取整后有场址放不进任何一年,列在最空的年份,该年略超建设能力"
        notes.append(
            Note(zh, "rounding left sites that fit into no year: the emptiest is a little over its rate")
        )
    limited = {key for key, room in options.headroom_mw.items() if room is not None}
    free = len(set(candidates.substation[solution.chosen]) - limited)
    if free:
        zh = f"{free}座变电站(或未知接入点)的余量未知,未作限制"
        notes.append(Note(zh, f"the headroom of {free} substations (or unknown ones) was not limited"))
    return notes


def missed(limits: Sequence[Limit], solution: Solution, names: Mapping[str, tuple[str, str]]) -> list[Note]:
    """Say which limits whole sites could not keep."""
    notes = []
    for limit in limits:
        if (short := -limit.slack(solution.chosen)) > tolerance(limit):
            zh, en = title(limit.key, names)
            amount = f"{short:.4g} {limit.unit}"
            notes.append(Note(f"{zh}未能满足,差{amount}", f"{en} is missed by {amount}"))
    return notes
