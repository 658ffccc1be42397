"""Tables behind pages and charts, computed once per run."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import pandas as pd

from faults import RunError
from ui.runs import current_store

if TYPE_CHECKING:
    from ui.store import Store

LEAST_M2 = 1.0
"""Steps that take less are rounding, not rules."""


def town_table(store: Store) -> pd.DataFrame:
    """Return area, sites, kWp, kWh, heatable m2, share of kWp per town; the last row (no town) is the sum."""
    return _town_table(store.key)


@lru_cache(maxsize=2)
def _town_table(_key: str) -> pd.DataFrame:
    run = current_store().run
    sums = run.summary.groupby("town", observed=True)[["sites", "kwp_dc_central", "kwh_year_p50"]].sum()
    heat = run.heat_summary.groupby("town", observed=True)["heatable_m2"].sum(min_count=1)
    areas = run.towns.set_index("town")["planned_area_km2"] * 1e6
    table = pd.DataFrame({"planned_area_m2": areas}).join(sums).join(heat)
    table = table.rename(columns={"kwp_dc_central": "kwp", "kwh_year_p50": "kwh"}).reset_index()
    total = table.drop(columns="town").sum(min_count=1)
    whole = pd.DataFrame([{"town": "", **total.to_dict()}])
    table = pd.concat([table.astype({"town": object}), whole], ignore_index=True)
    return table.assign(share=table["kwp"] / float(total["kwp"]))


def waterfall_steps(store: Store, town: str | None = None) -> pd.DataFrame:
    """Return what each rule took and what was left (kWp and m2), summed over types, largest loss first."""
    frame = store.run.waterfall
    if town:
        frame = frame[frame["town"] == town]
    numbers = ["taken_m2", "taken_kwp", "remaining_m2", "remaining_kwp"]
    first = frame[frame["rule"] == "all"][numbers].sum()
    last = frame[frame["rule"] == "buildable"][numbers].sum()
    rules = frame[~frame["rule"].isin(["all", "buildable"])]
    taken = rules.groupby("rule", sort=False, observed=True)[["taken_m2", "taken_kwp"]].sum()
    taken = taken[taken["taken_m2"] >= LEAST_M2].sort_values("taken_kwp", ascending=False)
    rows = [{"rule": "all", "taken_kwp": 0.0, "taken_m2": 0.0, **first[numbers[2:]].to_dict()}]
    kwp, area = float(first["remaining_kwp"]), float(first["remaining_m2"])
    for rule, row in taken.iterrows():
        kwp, area = kwp - float(row["taken_kwp"]), area - float(row["taken_m2"])
        rows.append({"rule": rule, **row.to_dict(), "remaining_kwp": kwp, "remaining_m2": area})
    rows.append({"rule": "buildable", "taken_kwp": 0.0, "taken_m2": 0.0, **last[numbers[2:]].to_dict()})
    return pd.DataFrame(rows)


def supply_curve(store: Store, town: str | None = None) -> pd.DataFrame:
    """Return the supply curve (lcoe, kwp_dc, cum_mw, type), cheapest first, cut into about 400 steps.

    Raises
    ------
    RunError
        When the run has no supply curve.
    """
    return _supply_curve(store.key, town)


@lru_cache(maxsize=12)
def _supply_curve(_key: str, town: str | None) -> pd.DataFrame:
    file = current_store().run.path / "supply_curve.csv"
    if not file.is_file():
        raise RunError(f"{file.parent.name}: supply_curve.csv is missing from the run")
    frame = pd.read_csv(file)
    if town:
        frame = frame[frame["town"] == town]
    frame = frame.sort_values("lcoe", kind="stable")
    frame["cum_mw"] = frame["kwp_dc"].cumsum() / 1000
    step = (frame["cum_mw"] / max(frame["cum_mw"].max(), 1e-9) * 400).astype(int)
    grouped = frame.groupby(step.to_numpy())
    return grouped.agg(lcoe=("lcoe", "max"), cum_mw=("cum_mw", "max"), sites=("sites", "sum")).reset_index(
        drop=True
    )
