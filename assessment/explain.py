"""What a project in a township would need to be allowed, read from a finished run.

The same answer as `layers.rule_reasons.explain_site` gives on the layers, without asking the rules again: the
run says what is left of each site, and what was taken by which set of rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from layers.rule_model import GROUPS
from layers.rule_reasons import Explanation, way
from layers.rule_sets import JOINT, come_back

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assessment.run import Run
    from layers.rule_reasons import Way

LAND = GROUPS["on_ground"]
"""Types that a project on the ground can be made of."""


def explain_township(run: Run, township: str, *, needed_m2: float | None = None) -> Explanation:
    """Explain what the rules leave of the land of a township, and what it would take to have more.

    Parameters
    ----------
    run
        A finished run.
    township
        As in the column `township` of its sites.
    needed_m2
        Land that a project needs, such as 150 MW at 1.5 to 2.2 ha/MW (m2).
    """
    sites = _sites(run, township)
    sets = run.rule_sets[(run.rule_sets["township"] == township) & run.rule_sets["type"].isin(LAND)]
    rules = {rule["id"]: rule for rule in run.manifest["rules"]}
    dated = [name for name, rule in rules.items() if rule.get("exempt_before")]
    conditions = _conditions(sites)
    left = float(sites["area_m2"].sum())
    free = sites[~sites["id"].isin(conditions["site"])]
    taken_m2 = _taken(sets, list(rules)) | _sums(conditions["m2"], conditions["id"])
    types = {*sites["type"], *sets["type"]}
    unasked = {name: rules[name] for name in run.manifest["not_checked"] if name in rules}
    missing = {name for name, rule in unasked.items() if types & set(rule.get("applies_to", LAND))}
    return Explanation(
        area_m2=left + float(sets["area_m2"].sum()),
        available_m2=left,
        unconditional_m2=float(free["area_m2"].sum()),
        with_date_m2=left + float(sets.loc[come_back(sets, dated), "area_m2"].sum()),
        by_type_m2=_sums(sites["area_m2"], sites["type"]),
        ways=tuple(_ways(rules, taken_m2, missing)),
        needed_m2=needed_m2,
    )


def townships(run: Run) -> list[str]:
    """Return the townships of a run, first those where a date of approval would bring back most."""
    dated = [rule["id"] for rule in run.manifest["rules"] if rule.get("exempt_before")]
    sets = run.rule_sets[run.rule_sets["type"].isin(LAND)]
    back = sets["area_m2"].where(come_back(sets, dated), 0.0).groupby(sets["township"]).sum()
    return [str(name) for name in back.sort_values(ascending=False, kind="stable").index]


def _sites(run: Run, township: str) -> pd.DataFrame:
    """Return the sites on land of a township; of a large run only their rows and columns are read."""
    chosen = [("township", "==", township), ("type", "in", list(LAND))]
    columns = ["id", "type", "area_m2", "rules"]
    return pd.read_parquet(run.path / "sites.parquet", columns=columns, filters=chosen)


def _conditions(sites: pd.DataFrame) -> pd.DataFrame:
    found = [
        {"site": site, "id": rule["id"], "m2": rule["m2"]}
        for site, rules in zip(sites["id"], sites["rules"], strict=True)
        for rule in rules
        if rule["verdict"] == "conditional"
    ]
    return pd.DataFrame(found, columns=["site", "id", "m2"])


def _taken(sets: pd.DataFrame, order: list[str]) -> dict[str, float]:
    """Return what each rule takes in their order: of a set, the first one takes."""
    place = {name: number for number, name in enumerate(order)}
    first = sets["rules"].map(
        lambda rules: min(rules.split(JOINT), key=lambda name: place.get(name, len(place)))
    )
    return _sums(sets["area_m2"], first)


def _sums(m2: pd.Series[float], rule: pd.Series[str]) -> dict[str, float]:
    return {str(name): float(sum_) for name, sum_ in m2.groupby(rule).sum().items()}


def _ways(
    rules: Mapping[str, Mapping[str, Any]], taken_m2: Mapping[str, float], missing: set[str]
) -> list[Way]:
    """Say what each rule asks: what takes most first, then conditions, then what was not checked."""
    found = [
        (rule, taken_m2.get(name, 0.0))
        for name, rule in rules.items()
        if rule["verdict"] != "notice" and (name in taken_m2 or name in missing)
    ]
    order = ("forbidden", "conditional")
    found.sort(key=lambda one: (one[1] == 0, order.index(one[0]["verdict"]), -one[1]))
    return [way(rule, area, day=rule.get("exempt_before")) for rule, area in found]
