"""What each rule costs, town by town and type by type: from all area down to what can be built."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

    from layers.eligibility import Eligibility
    from layers.rule_model import Rule

FIRST, LAST = "all", "buildable"
_KEYS = ["town", "type"]


def waterfall(
    outcome: Eligibility,
    town: pd.Series[str],
    rules: Sequence[Rule],
    *,
    kwp_m2: pd.Series[float] | None = None,
) -> pd.DataFrame:
    """Return the steps from all area to the buildable area.

    Parameters
    ----------
    outcome
        What `evaluate` found.
    town
        Town of each candidate, by candidate id; unknown towns are counted under the empty name.
    rules
        The rules in their order.
    kwp_m2
        Capacity per area of each candidate, by candidate id (kWp/m2); without it capacities are unknown.

    Returns
    -------
    pandas.DataFrame
        town, type, step, rule, taken_m2, alone_m2, remaining_m2, taken_kwp, alone_kwp, remaining_kwp. Step 0
        is the rule "all", the last step "buildable". `taken` is in order and adds up; `alone` is what comes
        back if only that rule were lifted. Rules that take nothing of a town and type have no row.
    """
    areas = outcome.areas.assign(town=town.reindex(outcome.areas["id"]).fillna("").to_numpy())
    areas["density"] = np.nan if kwp_m2 is None else kwp_m2.reindex(areas["id"]).to_numpy(dtype=float)
    taken = _taken(outcome.touches, areas, [rule.id for rule in rules])
    steps = [_ends(areas, FIRST, "area_m2"), taken, _ends(areas, LAST, "available_m2")]
    place = {FIRST: -1, LAST: len(rules)} | {rule.id: n for n, rule in enumerate(rules)}
    table = pd.concat([step for step in steps if not step.empty], ignore_index=True)
    table = table.assign(place=table["rule"].map(place)).sort_values([*_KEYS, "place"], kind="stable")
    table["step"] = table.groupby(_KEYS).cumcount()
    for unit in ("m2", "kwp"):
        table[f"remaining_{unit}"] = _remaining(table, f"taken_{unit}", f"total_{unit}")
    columns = [
        "step",
        "rule",
        *(f"{name}_{unit}" for unit in ("m2", "kwp") for name in ("taken", "alone", "remaining")),
    ]
    return table[[*_KEYS, *columns]].reset_index(drop=True)


def largest(table: pd.DataFrame, count: int = 5) -> pd.DataFrame:
    """Return the rules that take most over all towns and types, with their taken and alone m2 and kWp."""
    steps = table[~table["rule"].isin([FIRST, LAST])]
    sums = steps.groupby("rule")[["taken_m2", "alone_m2", "taken_kwp", "alone_kwp"]].sum(min_count=1)
    return sums.sort_values("taken_m2", ascending=False, kind="stable").head(count).reset_index()


def _taken(touches: pd.DataFrame, areas: pd.DataFrame, order: Sequence[str]) -> pd.DataFrame:
    cuts = touches[touches["verdict"] == "forbidden"].merge(areas[["id", "town", "density"]], on="id")
    cuts = cuts.assign(taken_kwp=cuts["m2"] * cuts["density"], alone_kwp=cuts["alone_m2"] * cuts["density"])
    cuts = cuts.rename(columns={"m2": "taken_m2"}).assign(
        rule=pd.Categorical(cuts["rule"], categories=list(order))
    )
    sums = cuts.groupby([*_KEYS, "rule"], observed=True)[["taken_m2", "alone_m2", "taken_kwp", "alone_kwp"]]
    return sums.sum(min_count=1).reset_index().astype({"rule": object})


def _ends(areas: pd.DataFrame, rule: str, column: str) -> pd.DataFrame:
    """Return the first or last step: nothing is taken, the area is the total there."""
    total = areas.assign(total_m2=areas[column], total_kwp=areas[column] * areas["density"])
    sums = total.groupby(_KEYS)[["total_m2", "total_kwp"]].sum(min_count=1).reset_index()
    return sums.assign(rule=rule, taken_m2=0.0, alone_m2=0.0, taken_kwp=0.0, alone_kwp=0.0)


def _remaining(table: pd.DataFrame, taken: str, total: str) -> pd.Series[float]:
    start = table.groupby(_KEYS)[total].transform("first")
    return (
        (start - table.groupby(_KEYS)[taken].cumsum())
        .clip(lower=0.0)
        .where(table["rule"] != LAST, table[total])
    )
