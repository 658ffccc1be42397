"""The sites of the shown run laid out for scenarios, once for the map and the pages together."""

from __future__ import annotations

from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING

from assessment.inputs import load_catalogs
from assessment.scenario import Scenario
from layers.region import EMBEDDED, load_region
from tracking.whatif import Board
from tracking.worth import day_by_town
from ui.region import region_of
from ui.runs import current_store
from ui.whatif import RATE_NAME

if TYPE_CHECKING:
    from layers.catalog import Catalog
    from ui.store import Store

LIFE_YEARS = 25
DEGRADATION = 0.004
"""Terms of the run's costs where its manifest does not name them."""
COLUMNS = (
    *("town", "type", "sector", "status", "area_m2", "usable_m2", "capex", "lcoe", "kw_ac"),
    *("kwp_dc_low", "kwp_dc_central", "kwp_dc_high", "kwh_year_p50", "kwh_year_p90"),
)
_ONCE = Lock()


def board_of(store: Store) -> Board:
    """Return the sites of a run, ready for any number of scenarios; whoever asks first lays them out."""
    with _ONCE:
        return _board(store.key)


@lru_cache(maxsize=1)
def _board(key: str) -> Board:
    store = current_store()
    sites = store.layers["sites"].table.select(COLUMNS).to_pandas()
    return Board(sites, run_catalogs(key), day=day_by_town(store.run.path))


@lru_cache(maxsize=2)
def run_catalogs(_key: str) -> dict[str, Catalog]:
    """Return the catalogues that the shown run was made with: its region's, as its scenario changed them."""
    run = current_store().run
    made = run.manifest.get("scenario")
    scenario = Scenario.from_dict(made) if isinstance(made, dict) else Scenario()
    return load_catalogs(region_of(run) or load_region(EMBEDDED), scenario)


def discount_rate(store: Store) -> float:
    """Return the discount rate the run's costs were reckoned with."""
    return run_catalogs(store.key)["costs"].value(RATE_NAME.removeprefix("costs."))
