"""Where the targets will end: progress, the forecast from the pipeline, and each town's share of a target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from faults import Fault, InputError
from tracking.allocation import allocate, keys_from_summary
from tracking.forecast import forecast
from tracking.progress import Progress, progress

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from layers.catalog import Catalog
    from tracking.targets import Target

FIRST_YEAR = 2025


@dataclass(frozen=True)
class Outlook:
    """Progress now, and what the pipeline will come to."""

    progress: Progress
    forecasts: pd.DataFrame
    """measure, basis, year, low, central, high, undated, unknown_count."""
    met: pd.DataFrame
    """target, basis, year, value, low, central, high; verdict: certain, likely, unlikely, no, increment."""


def outlook(
    targets: Sequence[Target],
    projects: pd.DataFrame,
    summary: pd.DataFrame | None,
    heat_summary: pd.DataFrame | None,
    *,
    assumptions: Catalog,
    towns: Sequence[str] = (),
) -> Outlook:
    """Count the ledger against the targets, and forecast its pipeline to the last of them."""
    now = progress(targets, projects, summary, heat_summary, towns=towns)
    counted = [target for target in targets if target.measure != "context"]
    last = max((target.year for target in counted), default=FIRST_YEAR)
    cases = dict.fromkeys((target.measure, basis) for target in counted for basis in target.bases)
    parts = [
        forecast(projects, measure, basis, years=range(FIRST_YEAR, last + 1), assumptions=assumptions).assign(
            measure=measure, basis=basis
        )
        for measure, basis in cases
    ]
    columns = ["measure", "basis", "year", "low", "central", "high", "undated", "unknown_count"]
    table = pd.concat(parts)[columns] if parts else pd.DataFrame(columns=columns)
    rows = [_met(target, basis, table) for target in counted for basis in target.bases]
    return Outlook(now, table.reset_index(drop=True), pd.DataFrame(rows))


def _met(target: Target, basis: str, table: pd.DataFrame) -> dict[str, Any]:
    """Say how the forecast of a stock stands to its target; an increment's base is not forecast."""
    case = (table["measure"] == target.measure) & (table["basis"] == basis)
    here = table[case & (table["year"] == target.year)]
    row = {"target": target.id, "basis": basis, "year": target.year, "value": target.value}
    ends = {end: float(here[end].iloc[0]) for end in ("low", "central", "high")}
    if target.nature == "increment":
        return {**row, **ends, "verdict": "increment"}
    reached = [end for end in ("low", "central", "high") if target.is_met(ends[end] + (target.base or 0.0))]
    verdict = {3: "certain", 2: "likely", 1: "unlikely", 0: "no"}[len(reached)]
    return {**row, **ends, "verdict": verdict}


def share_target(
    found: Progress,
    target: str,
    basis: str,
    *,
    key: str,
    summary: pd.DataFrame,
    need: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Share a target among the towns by a key, never below what operates and never above what is possible.

    Parameters
    ----------
    key
        potential, roof_area, equal, or need with the numbers in `need`.

    Returns
    -------
    Columns of `tracking.allocation.allocate`; what operates in no known town counts for the region alone.
    """
    whole = found.targets[(found.targets["target"] == target) & (found.targets["basis"] == basis)]
    if whole.empty:
        raise InputError([_unknown(target, basis, found)])
    here = found.towns[(found.towns["target"] == target) & (found.towns["basis"] == basis)]
    here = here[here["town"] != "unknown"].set_index("town")
    keys = dict(need or {}) if key == "need" else keys_from_summary(summary, key)
    keys = {town: keys.get(town, 0.0) for town in here.index.astype(str)}
    built = {str(town): float(value) for town, value in here["operating"].items()}
    most = {str(town): float(value) for town, value in here["potential"].items() if pd.notna(value)}
    total = float(whole["value"].iloc[0]) - (float(whole["operating"].iloc[0]) - sum(built.values()))
    return allocate(total, keys, built=built, most=most)


def _unknown(target: str, basis: str, found: Progress) -> Fault:
    known = ", ".join(sorted(set(found.targets["target"])))
    return Fault("targets", None, "target", f"{target} ({basis})", f"must be one of {known}")
