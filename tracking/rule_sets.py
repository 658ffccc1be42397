"""Rules switched off in a scenario: what comes back, and the waterfall without them.

The run says how much land each exact set of rules takes (`rule_sets.parquet`); land comes back when all rules
that take it are off.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from layers.rule_sets import JOINT, come_back
from tracking.whatif import KW_PER_MW, SUMS, Results

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from assessment.run import Run

_KEYS = ["town", "type"]


def rule_sets_of(run: Run) -> pd.DataFrame | None:
    """Return what each set of rules takes by town and type: town, type, rules, area_m2, kwp_dc.

    None where the run was made before runs kept it.
    """
    if not (run.path / "rule_sets.parquet").is_file():
        return None
    table = pd.read_parquet(run.path / "rule_sets.parquet")
    sums = table.groupby([*_KEYS, "rules"], observed=True)[["area_m2", "kwp_dc"]].sum()
    return sums.reset_index()


def regained(sets: pd.DataFrame, results: Results, off: Collection[str]) -> pd.DataFrame:
    """Return what comes back when rules are off, by town and type: area_m2, SUMS and lcoe.

    The land yields and costs per kW what the sites of its town and type do under the scenario; where there
    are none, the sites of its type; where its type has no site at all, its yield and cost are unknown.
    """
    counted = (
        sets
        if results.scenario.terms.types is None
        else sets[sets["type"].isin(results.scenario.terms.types)]
    )
    back = counted[come_back(counted, sorted(off))] if len(counted) else counted
    area = back.groupby(_KEYS, observed=True)[["area_m2", "kwp_dc"]].sum().reset_index()
    here, kind = results.by("town", "type"), results.by("type")
    rows = []
    for row in area.to_dict("records"):
        place = (row["town"], row["type"])
        known = (
            here.loc[place]
            if place in here.index
            else kind.loc[row["type"]]
            if row["type"] in kind.index
            else None
        )
        mw = float(row["kwp_dc"]) / KW_PER_MW
        sums = dict.fromkeys(SUMS, float("nan")) | {"mw_dc": mw}
        if known is not None and known["mw_dc"] > 0:
            sums = {name: mw * float(known[name]) / float(known["mw_dc"]) for name in SUMS}
        rows.append({**{key: row[key] for key in _KEYS}, "area_m2": row["area_m2"], **sums})
    return results.with_means(
        pd.DataFrame(rows, columns=[*_KEYS, "area_m2", *SUMS]).astype(dict.fromkeys(SUMS, float))
    )


def waterfall_without(
    sets: pd.DataFrame, buildable: tuple[float, float], order: Sequence[str], off: Collection[str]
) -> pd.DataFrame:
    """Return what each rule takes when others are off: rule, taken and remaining m2 and kWp.

    Land that several rules take counts for the first of them that is on, in the order of the run.

    Parameters
    ----------
    buildable
        Area (m2) and capacity (kWp) that all rules leave.
    order
        Rules as the run applies them.
    """
    place = {rule: number for number, rule in enumerate(order)}
    left = set(off)

    def first(rules: str) -> str:
        on = [rule for rule in rules.split(JOINT) if rule not in left]
        return min(on, key=lambda rule: place.get(rule, len(place))) if on else ""

    owners = {rules: first(rules) for rules in sets["rules"].unique()}
    taken = sets.assign(owner=sets["rules"].map(owners)).groupby("owner")[["area_m2", "kwp_dc"]].sum()
    back = [float(taken[name].get("", 0.0)) for name in ("area_m2", "kwp_dc")]
    rest = taken.drop(index="", errors="ignore").sort_values("kwp_dc", ascending=False)
    area, kwp = (buildable[0] + sets["area_m2"].sum(), buildable[1] + sets["kwp_dc"].sum())
    rows: list[tuple[str, float, float, float, float]] = [("all", 0.0, 0.0, area, kwp)]
    for rule, row in rest.iterrows():
        area, kwp = area - float(row["area_m2"]), kwp - float(row["kwp_dc"])
        rows.append((str(rule), float(row["area_m2"]), float(row["kwp_dc"]), area, kwp))
    rows.append(("buildable", 0.0, 0.0, buildable[0] + back[0], buildable[1] + back[1]))
    return pd.DataFrame(rows, columns=["rule", "taken_m2", "taken_kwp", "remaining_m2", "remaining_kwp"])
