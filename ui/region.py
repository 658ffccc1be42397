"""The region behind a run: its targets and the projects of its ledger."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import geopandas as gpd

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


@lru_cache(maxsize=1)
def region_of(region_id: str) -> Region | None:
    """Return the embedded region if the run is of it, else None: other regions' folders are not known."""
    region = load_region(EMBEDDED)
    return region if region.id == region_id else None


def targets_of(store: Store) -> tuple[Target, ...]:
    """Return the targets of the run's region, none where it has none."""
    region = region_of(store.run.manifest["region"]["id"])
    if region is None:
        return ()
    file = region.targets or region.folder / "targets.toml"
    return load_targets(file) if file.is_file() else ()


def ledger_of(store: Store) -> Ledger | None:
    """Return the ledger of the run's region, None where the region is not known here."""
    region = region_of(store.run.manifest["region"]["id"])
    return None if region is None else _ledger(region.id, ledger_url(region))


@lru_cache(maxsize=4)
def _ledger(region_id: str, url: str) -> Ledger:
    region = region_of(region_id)
    assert region is not None
    return open_ledger(region, url)


def projects_of(store: Store) -> pd.DataFrame:
    """Return the projects of the ledger."""
    ledger = ledger_of(store)
    return projects_frame() if ledger is None else ledger.frame()


def progress_of(store: Store) -> Progress:
    """Return the state of all targets: ledger against target, and both against the run's potential."""
    run = store.run
    return progress(targets_of(store), projects_of(store), run.summary, run.heat_summary, towns=store.towns)
