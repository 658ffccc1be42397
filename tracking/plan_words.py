"""What limits a plan, in words: what a limit is, what a unit more of it would be worth, what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from faults import YijianError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tracking.plan_model import Limit, Objective
    from tracking.plan_solve import Solution

Names = dict[str, tuple[str, str]]
"""Names zh, en of towns, types and substations by id."""

_TITLES = {
    "target": ("目标容量", "the target"),
    "milestone": ("{zh}年末的里程碑", "the milestone at the end of {en}"),
    "build_rate": ("年建设能力", "the yearly build rate"),
    "budget": ("投资预算", "the budget"),
    "headroom": ("变电站{zh}的接入余量", "the headroom of substation {en}"),
    "town_min": ("{zh}的最低容量", "the least capacity in {en}"),
    "town_max": ("{zh}的最高容量", "the most capacity in {en}"),
    "share_min": ("{zh}的最低占比", "the least share of {en}"),
    "share_max": ("{zh}的最高占比", "the largest share of {en}"),
}
_WORTH = {
    "cost": ("元/年", "CNY per year"),
    "capex": ("元", "CNY"),
    "sites": ("个场址", "sites"),
    "yield": ("千瓦时/年", "kWh per year"),
}
RELAX = {
    "milestone": ("须降低{amount}", "must be {amount} lower"),
    "target": ("须降低{amount}", "must be {amount} lower"),
    "town_min": ("须降低{amount}", "must be {amount} lower"),
    "share_min": ("须放宽,相当于{amount}", "must give way by the equivalent of {amount}"),
    "share_max": ("须放宽,相当于{amount}", "must give way by the equivalent of {amount}"),
}
MORE = ("还缺{amount}", "is short by {amount}")


@dataclass(frozen=True)
class Binding:
    """One limit as it stands in a plan."""

    key: str
    title_zh: str
    title_en: str
    right: float
    used: float
    unit: str
    binding: bool
    """It holds the plan up: with more room the plan would be better."""
    shadow_price: float
    """Change of the objective per unit of the limit; of the relaxed problem."""
    zh: str
    en: str


@dataclass(frozen=True)
class Missing:
    """How far one limit alone would have to give way for a plan to exist."""

    key: str
    amount: float
    unit: str
    zh: str
    en: str


class InfeasiblePlanError(YijianError):
    """No selection keeps all limits; says which limit would have to give way, and by how much."""

    def __init__(self, missing: Sequence[Missing], *, together: bool) -> None:
        self.missing = tuple(missing)
        self.together = together
        """True: no single limit is enough, all of them must give way."""
        head_zh = "以下条件须同时放宽:" if together else "放宽以下任一条件即可:"
        head_en = "all of these must give way: " if together else "it is enough if one of these gives way: "
        zh = f"规划无解。{head_zh}{';'.join(each.zh for each in self.missing)}。"
        en = f"No plan keeps all limits; {head_en}{'; '.join(each.en for each in self.missing)}."
        self.zh, self.en = zh, en
        super().__init__(f"{en} {zh}")


def title(key: str, names: Mapping[str, tuple[str, str]]) -> tuple[str, str]:
    """Return what a limit is called, zh and en.

    Examples
    --------
    >>> title("town_min:jinghe", {"jinghe": ("泾河新城", "Jinghe")})
    ('泾河新城的最低容量', 'the least capacity in Jinghe')
    """
    kind, _, name = key.partition(":")
    zh, en = names.get(name, (name, name))
    return _TITLES[kind][0].format(zh=zh), _TITLES[kind][1].format(en=en)


def describe(
    limits: Sequence[Limit],
    solution: Solution,
    objective: Objective,
    names: Mapping[str, tuple[str, str]],
) -> tuple[Binding, ...]:
    """Say of each limit how far it is used and what more of it would be worth."""
    return tuple(_binding(limit, solution.shadow[limit.key], solution, objective, names) for limit in limits)


def _binding(
    limit: Limit,
    price: float,
    solution: Solution,
    objective: Objective,
    names: Mapping[str, tuple[str, str]],
) -> Binding:
    zh, en = title(limit.key, names)
    used = float(limit.coefficient[solution.chosen].sum())
    largest = float(np.abs(limit.coefficient[solution.chosen]).max(initial=0.0))
    tight = bool(abs(price) > 0 and abs(limit.slack(solution.chosen)) <= max(largest, 1e-6))
    worth_zh, worth_en = _WORTH[objective]
    unit = "MW" if limit.unit == "MW" else limit.unit
    if not tight:
        words = (f"{zh}不制约规划", f"{en} does not limit the plan")
    elif limit.sense == ">=":
        words = (
            f"{zh}每提高1 {unit},代价增加{number(price)} {worth_zh}",
            f"one more {unit} of {en} costs {number(price)} {worth_en}",
        )
    else:
        words = (
            f"{zh}每增加1 {unit},可节省{number(price)} {worth_zh}",
            f"one more {unit} of {en} would save {number(price)} {worth_en}",
        )
    return Binding(limit.key, zh, en, limit.right, used, limit.unit, tight, float(price), *words)


def number(value: float) -> str:
    """Return a size without exponent, with four digits at least."""
    size = abs(value)
    return f"{size:,.0f}" if size >= 1000 else f"{size:.4g}"  # noqa: PLR2004 - four digits
