"""A plan becomes proposals in the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracking.plan_model import KW_PER_MW

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from tracking.ledger import Ledger
    from tracking.plan import Plan

PROPOSE_ALONE_MW = 1.0
"""Sites from this size on become proposals of their own; smaller ones one per town, type and year."""


def propose(plan: Plan, ledger: Ledger, *, who: str, name: str) -> list[str]:
    """Enter the plan's sites into the ledger as proposals, all or none; return the ids.

    Sites of at least `PROPOSE_ALONE_MW` become proposals of their own with their place; the smaller ones one
    per town, type and year with the sum of their capacities.
    """
    large = plan.sites["mw"] >= PROPOSE_ALONE_MW
    rows = [{str(key): value for key, value in row.items()} for row in plan.sites[large].to_dict("records")]
    single = [_single(row, name) for row in rows]
    groups = plan.sites[~large].groupby(["town", "type", "year"], sort=True, observed=True)
    many = [_many(key, group, name) for key, group in groups]
    return ledger.add_many([*single, *many], who=who)


def _single(row: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {
        "name": f"{name}:{row['name'] if isinstance(row.get('name'), str) else row['id']}",
        "kind": "pv",
        "status": "proposed",
        "town": row["town"],
        "pv_type": row["type"],
        "sector": row.get("sector"),
        "capacity_mw_dc": row["kwp_dc_central"] / KW_PER_MW,
        "capacity_mw_ac": row["kw_ac"] / KW_PER_MW,
        "date_expected": str(row["year"]),
        "source": f"{name} / {row['id']}",
    }


def _many(key: tuple[Any, ...], group: pd.DataFrame, name: str) -> dict[str, Any]:
    town, kind, year = key
    return {
        "name": f"{name}:{town} {kind} {year} ({len(group)})",
        "kind": "pv",
        "status": "proposed",
        "town": town,
        "pv_type": kind,
        "capacity_mw_dc": float(group["kwp_dc_central"].sum()) / KW_PER_MW,
        "capacity_mw_ac": float(group["kw_ac"].sum()) / KW_PER_MW,
        "date_expected": str(year),
        "source": name,
        "note": f"{len(group)} sites",
    }
