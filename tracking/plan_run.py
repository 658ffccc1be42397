"""A plan for a finished run: without what is built, with what is coming, under the region's substations."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np

from layers.catalog import load_catalog
from layers.sources import read_layer
from tracking.built import subtract_built
from tracking.grid import add_connection, headroom_by_station, nearest_station
from tracking.plan import make_plan
from tracking.plan_model import PlanOptions
from tracking.progress_case import amounts
from tracking.projects import DONE

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

    import pandas as pd

    from assessment.run import Run
    from layers.region import Region
    from tracking.plan import Plan
    from tracking.plan_notes import Note
    from tracking.plan_words import Binding

COLUMNS = ("id", "town", "township", "type", "sector", "mw", "year", "substation", "kwp_dc_central", "kw_ac")
MORE = ("kwh_year_p50", "capex", "lcoe", "grid_distance_m", "connection_cny", "status", "demo")
PARTS = ("sites", "towns", "types", "years")


@dataclass(frozen=True)
class RunPlan:
    """A plan, and what was known before it was made."""

    plan: Plan
    existing_mw: float
    """Operating, being built and approved, in the plan's basis; counts toward the target."""
    unknown_projects: int
    """Projects among those whose size is not known in this basis: they count for nothing, which is said."""
    notes: tuple[Note, ...]
    """Of taking off what is built, and of the plan."""

    def as_dict(self) -> dict[str, Any]:
        """Return the plan as plain values: totals, tables, limits, notes; not the sites."""
        plan = self.plan
        return {
            "target_mw": plan.options.target_mw,
            "by": plan.options.by,
            "basis": plan.options.basis,
            "objective": plan.options.objective,
            "existing_mw": self.existing_mw,
            "unknown_projects": self.unknown_projects,
            "totals": {name: None if np.isnan(value) else value for name, value in plan.totals.items()},
            "gap": plan.gap,
            "towns": _records(plan.towns),
            "types": _records(plan.types),
            "years": _records(plan.years),
            "limits": [_limit(binding) for binding in plan.bindings],
            "notes": [{"zh": note.zh, "en": note.en} for note in self.notes],
        }


def plan_run(
    run: Run,
    projects: pd.DataFrame,
    *,
    region: Region | None = None,
    without_townships: Collection[str] = (),
    use_headroom: bool = True,
    progress: Callable[[float, str], None] = lambda *_: None,
    **options: Any,  # noqa: ANN401 - the fields of PlanOptions
) -> RunPlan:
    """Plan on the sites of a run.

    Parameters
    ----------
    projects
        The ledger's table: what operates, is being built or approved counts, and its sites are taken off.
    region
        Where given, its grid layer says where sites feed in, and what the substations can take.
    without_townships
        Townships whose sites are not to be chosen.
    use_headroom
        False: the substations' headroom is not a limit.
    progress
        Called with the share done (0 to 1) and what is being done: built, grid, solve.
    options
        Fields of `PlanOptions` but `existing_mw` and `headroom_mw`.

    Raises
    ------
    InfeasiblePlanError
        Nothing keeps all limits.
    """
    basis = options.get("basis", "dc")
    pv = projects[(projects["kind"] == "pv") & projects["status"].isin(DONE)]
    size, _ = amounts(pv, "pv_mw", basis)
    existing = float(np.nansum(size))
    progress(0.1, "built")
    left = subtract_built(run.sites, projects, statuses=DONE)
    progress(0.4, "grid")
    sites = left.sites[~left.sites["township"].isin(without_townships)]
    grid = _grid(region)
    chosen = PlanOptions(
        **options, existing_mw=existing, headroom_mw=headroom_by_station(grid) if use_headroom else {}
    )
    station = nearest_station(sites, grid)
    progress(0.6, "solve")
    plan = make_plan(sites, chosen, substation=station, names=_names(run, grid))
    if region is not None and "grid" in region.catalogs:
        costed = add_connection(plan.sites, load_catalog(region.catalogs["grid"]))
        plan = replace(plan, sites=costed)
    return RunPlan(plan, existing, int(np.isnan(size).sum()), (*left.notes, *plan.notes))


def write_plan(found: RunPlan, folder: Path) -> None:
    """Write the plan as CSV (plan_sites, plan_towns, plan_types, plan_years) and its sites as GeoJSON."""
    folder.mkdir(parents=True, exist_ok=True)
    for part in PARTS:
        table = getattr(found.plan, part)
        if part == "sites":
            table = table[[name for name in (*COLUMNS, *MORE) if name in table]]
        table.to_csv(folder / f"plan_{part}.csv", index=False, encoding="utf-8-sig", float_format="%.6g")
    chosen = gpd.GeoDataFrame(found.plan.sites)
    if len(chosen):
        shapes = chosen[[name for name in (*COLUMNS, *MORE, "geometry") if name in chosen]]
        gpd.GeoDataFrame(shapes).to_crs(4326).to_file(folder / "plan_sites.geojson", driver="GeoJSON")


def _grid(region: Region | None) -> gpd.GeoDataFrame | None:
    layer = None if region is None else read_layer(region, "grid")
    return None if layer is None else layer.frame


def _names(run: Run, grid: gpd.GeoDataFrame | None) -> dict[str, tuple[str, str]]:
    towns = run.towns
    key = "town" if "town" in towns else "id"
    columns = (towns[name].astype(str) for name in (key, "name_zh", "name_en"))
    names = {town: (zh, en) for town, zh, en in zip(*columns, strict=True)}
    if grid is not None and "name" in grid:
        names |= {
            str(one): (str(name), str(name)) for one, name in zip(grid["id"], grid["name"], strict=True)
        }
    return names


def _limit(binding: Binding) -> dict[str, Any]:
    plain = asdict(binding)
    return {
        name: plain[name] for name in ("key", "used", "right", "unit", "binding", "shadow_price", "zh", "en")
    }


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows of plain values; unknown is None."""
    rows = table.astype(object).where(table.notna(), None).to_dict("records")
    return [{str(key): _plain(value) for key, value in row.items()} for row in rows]


def _plain(value: Any) -> Any:  # noqa: ANN401 - NumPy's scalars have `item`, Python's have not
    return value.item() if isinstance(value, np.generic) else value
