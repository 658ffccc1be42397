"""Why no plan keeps all limits: which limit would have to give way, and by how much."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from tracking.plan_model import find_candidates, find_limits
from tracking.plan_problem import build_problem
from tracking.plan_words import MORE, RELAX, InfeasiblePlanError, Missing, number, title
from tracking.plan_years import Calendar, shares_by_year

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from tracking.plan_model import Candidates, Limit, PlanOptions

    Names = Mapping[str, tuple[str, str]]

EXPLAIN_SECONDS = 5.0
"""Time for finding how far one limit must give way."""
LEAST = 1e-6
"""What a limit gives beyond this share of it (or of one unit) is more than rounding."""


def explain(
    sites: pd.DataFrame, options: PlanOptions, substation: NDArray[np.object_] | None, names: Names
) -> InfeasiblePlanError:
    """Find, limit by limit, how far it alone would have to give way; if none is enough, all together."""
    every_size = replace(options, build_rate_mw_year=None)  # a higher rate would let the large sites in
    candidates = find_candidates(sites, every_size, substation)
    limits, calendar = find_limits(candidates, options), Calendar.of(options)
    if not len(candidates):
        return _without_sites(limits, names)
    single = [
        missing for limit in limits for missing in _given(candidates, limits, calendar, [limit.key], names)
    ]
    if single:
        return InfeasiblePlanError(single, together=False)
    keys = [limit.key for limit in limits]
    return InfeasiblePlanError(_given(candidates, limits, calendar, keys, names), together=True)


def _without_sites(limits: Sequence[Limit], names: Names) -> InfeasiblePlanError:
    """Say what stays open where no site may be chosen at all."""
    none = np.zeros(0, dtype=bool)
    broken = [_missing(limit, -limit.slack(none), names) for limit in limits if limit.slack(none) < 0]
    return InfeasiblePlanError(broken, together=len(broken) > 1)


def _given(
    candidates: Candidates, limits: Sequence[Limit], calendar: Calendar, give: list[str], names: Names
) -> list[Missing]:
    """Say by how much the named limits must give way at least; nothing where that is not enough.

    Where every site is decided on its own, with whole sites; else with parts of steps.
    """
    problem = build_problem(candidates, limits)
    if not problem.single.all():
        problem = replace(problem, single=problem.single & False)
    keys = [limit.key for limit in limits]
    found = shares_by_year(
        problem, keys, candidates.mw, calendar, seconds=EXPLAIN_SECONDS, gap=1e-6, give=give
    )
    if found is None:
        return []
    by_key = {limit.key: limit for limit in limits}
    return [
        _missing(by_key[key], amount, names)
        for key, amount in zip(give, found.given, strict=True)
        if amount > LEAST * max(abs(by_key[key].right), 1.0)
    ]


def _missing(limit: Limit, amount: float, names: Names) -> Missing:
    kind = limit.key.partition(":")[0]
    zh, en = title(limit.key, names)
    rule_zh, rule_en = RELAX.get(kind, MORE)
    said = {
        "CNY": (f"{number(amount / 1e4)}万元", f"{number(amount / 1e6)} M CNY"),
        "MW/a": (f"每年{number(amount)} MW", f"{number(amount)} MW a year"),
    }.get(limit.unit, (f"{number(amount)} MW", f"{number(amount)} MW"))
    words = (f"{zh}{rule_zh.format(amount=said[0])}", f"{en} {rule_en.format(amount=said[1])}")
    return Missing(limit.key, amount, limit.unit, *words)
