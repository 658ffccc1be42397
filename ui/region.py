"""The region behind a run: its targets and the projects of its ledger."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd

from faults import InputError
from layers.region import EMBEDDED, Region, load_region
from tracking.ledger_home import ledger_url, open_ledger
from tracking.progress import Progress, progress
from tracking.projects import projects_frame
from tracking.targets import Target, load_targets

if TYPE_CHECKING:
    import pandas as pd

    from assessment.run import Run
    from tracking.ledger import Ledger
    from ui.store import Store


def townships_of(run: Run) -> gpd.GeoDataFrame:
    """Return the townships of a run; none where it has no such table."""
    file = run.path / "townships.parquet"
    return gpd.read_parquet(file) if file.is_file() else run.towns.iloc[:0]


def region_of(run: Run) -> Region | None:
    """Return the region of a run: the embedded one, or that whose region.toml the run was made from.

    None where that file is no longer there, or is now of another region.
    """
    wanted = run.manifest["region"]["id"]
    told = run.path / "timings.json"
    file = json.loads(told.read_text(encoding="utf-8")).get("region") if told.is_file() else None
    for path in (EMBEDDED, None if file is None else Path(file)):
        region = None if path is None or not path.exists() else _loaded(path)
        if region is not None and region.id == wanted:
            return region
    return None


@lru_cache(maxsize=4)
def _loaded(path: Path) -> Region | None:
    try:
        return load_region(path)
    except InputError:
        return None


def targets_of(store: Store) -> tuple[Target, ...]:
    """Return the targets of the run's region, none where it has none."""
    region = region_of(store.run)
    if region is None:
        return ()
    file = region.targets or region.folder / "targets.toml"
    return load_targets(file) if file.is_file() else ()


def ledger_of(store: Store) -> Ledger | None:
    """Return the ledger of the run's region, None where the region is not known here."""
    region = region_of(store.run)
    if region is None or region.file is None:
        return None
    return _ledger(region.file, ledger_url(region))


@lru_cache(maxsize=4)
def _ledger(file: Path, url: str) -> Ledger:
    return open_ledger(load_region(file), url)


def projects_of(store: Store) -> pd.DataFrame:
    """Return the projects of the ledger."""
    ledger = ledger_of(store)
    return projects_frame() if ledger is None else ledger.frame()


def progress_stamp(store: Store) -> str:
    """Return a short text that changes with the day, the ledger and the targets, as progress does."""
    ledger, region = ledger_of(store), region_of(store.run)
    file = None if region is None else region.targets or region.folder / "targets.toml"
    told = file.stat().st_mtime_ns if file is not None and file.is_file() else None
    return f"{datetime.now(UTC).date()} {told} {'' if ledger is None else ledger.stamp()}"


def progress_of(store: Store) -> Progress:
    """Return the state of all targets: ledger against target, and both against the run's potential."""
    run = store.run
    return progress(targets_of(store), projects_of(store), run.summary, run.heat_summary, towns=store.towns)
