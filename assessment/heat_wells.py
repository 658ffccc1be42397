"""How many wells a target of heated floor area takes, and the order in which to drill them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from assessment.run import HEAT_TECHNOLOGIES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assessment.run import Run

ORDER = "heat_order"
"""Name of the table that holds every order of a run."""
_KEPT = ("id", "town", "technology", "lcoh", "wells", "heatable_m2")


def drill_order(frame: pd.DataFrame) -> pd.DataFrame:
    """Return heat sites from the cheapest heat on, with floor area and wells reached (cum_m2, cum_wells)."""
    ranked = pd.DataFrame(frame[list(_KEPT)]).sort_values(["lcoh", "id"], ignore_index=True)
    return ranked.assign(cum_m2=ranked["heatable_m2"].cumsum(), cum_wells=ranked["wells"].cumsum())


def drill_orders(supplies: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the order of every supply (a goal, or one technology alone) in one table, named in `supply`."""
    parts = [drill_order(frame).assign(supply=name) for name, frame in supplies.items()]
    return pd.concat(parts, ignore_index=True)[["supply", *_KEPT, "cum_m2", "cum_wells"]]


def order_of(run: Run, supply: str) -> pd.DataFrame | None:
    """Return the drill order of one supply of a finished run; None where it holds none.

    Runs of older versions hold only the sites of the goal they were matched by.
    """
    file = run.path / f"{ORDER}.parquet"
    if file.is_file():
        orders = pd.read_parquet(file)
        return orders[orders["supply"] == supply].reset_index(drop=True)
    matched = run.manifest.get("parameters", {}).get("heat", {}).get("goal")
    return drill_order(run.heat) if supply == matched else None


def wells_for_area(order: pd.DataFrame, target_m2: float) -> dict[str, Any]:
    """Return what a target of heated floor area takes, drilling the cheapest sites first.

    A site is counted whole, the last one too.

    Returns
    -------
    dict
        target_m2; reached_m2, at most the target; sites; and wells by technology.
    """
    taken = order[order["cum_m2"].shift(fill_value=0.0) < target_m2]
    counts = taken.groupby("technology", observed=True)["wells"].sum()
    return {
        "target_m2": target_m2,
        "reached_m2": round(min(float(taken["heatable_m2"].sum()), target_m2)),
        "sites": len(taken),
        "wells": {name: int(counts.get(name, 0)) for name in HEAT_TECHNOLOGIES},
    }
