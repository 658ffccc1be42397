"""The hours of all sites of the shown run: what stands there before any plan is made, reckoned once."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from tracking.grid import add_connection
from tracking.plan_hours import hours_by_type, plan_hours
from ui.board import run_catalogs
from ui.region import region_of
from ui.runs import current_store

if TYPE_CHECKING:
    import pandas as pd

    from ui.store import Store

SITE_COLUMNS = (
    *("id", "town", "type", "sector", "use", "area_m2", "kwp_dc_central", "kw_ac", "kwh_year_p50"),
    *("capex", "grid_distance_m"),
)
"""What hours, lines and the economics of a site look at."""
MOST_CURTAILED = 0.05
"""Share that the page begins with."""


@lru_cache(maxsize=1)
def all_sites(key: str) -> pd.DataFrame:
    """Return every site without its shape, and what its line costs: shapes take seconds to read."""
    store = current_store()
    table = store.layers["sites"].table
    sites = table.select([name for name in SITE_COLUMNS if name in table.column_names]).to_pandas()
    catalogs = run_catalogs(key)
    return add_connection(sites, catalogs["grid"]) if "grid" in catalogs else sites


@lru_cache(maxsize=32)
def all_balances(key: str, most_curtailed: float) -> pd.DataFrame:
    """Return `plan_hours` of all sites against no load; not to be changed.

    Raises
    ------
    YijianError
        The run's hours or the region's grid cannot be read.
    """
    run = current_store().run
    return plan_hours(run, all_sites(key), region=region_of(run), most_curtailed=most_curtailed)


@lru_cache(maxsize=1)
def all_days(key: str) -> pd.DataFrame:
    """Return the mean day of all sites by town and type; not to be changed."""
    return hours_by_type(current_store().run, all_sites(key))


def prepare_hours(store: Store) -> None:
    """Reckon what the page shows first, where the run keeps hours."""
    if (store.run.path / "hourly.parquet").is_file():
        all_balances(store.key, MOST_CURTAILED)
        all_days(store.key)
