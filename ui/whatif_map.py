"""A scenario on the map: every site's capacity and cost under it, its totals, and its tiles."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from ui.board import board_of, run_catalogs
from ui.filters import Filter
from ui.format import amount, count, percent, quantity, span
from ui.markup import figures_html, table_html
from ui.outcome import outcome, site_values
from ui.places import town_names
from ui.region import targets_of
from ui.rules_off import asks_of_sites, sets_for
from ui.runs import current_store
from ui.tiles import cell_grid
from ui.whatif import WhatIf
from ui.words import say

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ui.outcome import Outcome
    from ui.store import Store
    from ui.tiles import Address, CellGrid
    from ui.words import Language

    Floats = NDArray[np.float32]


@dataclass(frozen=True)
class SiteValues:
    """What every site comes to under a scenario."""

    value: Floats
    """kWp; 0 for sites that the scenario does not admit."""
    cost: Floats
    """CNY/kWh."""


@lru_cache(maxsize=2)
def values_of(key: str, scenario: str) -> SiteValues:
    """Return capacity and cost of every site under a scenario.

    Raises
    ------
    InputError
        The scenario's text is none.
    """
    store = current_store()
    factor, cost = site_values(board_of(store), WhatIf.parse(scenario), run_catalogs(key)["costs"])
    kwp = store.layers["sites"].columns["value"]
    return SiteValues((kwp * factor).astype("float32"), cost.astype("float32"))


def scenario_outcome(store: Store, scenario: str, chosen: str) -> Outcome:
    """Return the totals of the sites that match a filter under a scenario.

    Raises
    ------
    InputError
        The scenario or the filter cannot be read.
    """
    return _outcome(store.key, WhatIf.parse(scenario).text(), chosen)


@lru_cache(maxsize=64)
def _outcome(key: str, scenario: str, chosen: str) -> Outcome:
    store, asked = current_store(), WhatIf.parse(scenario)
    wanted = Filter.parse(chosen) if chosen else Filter()
    sets = sets_for(store, asked.rules_off, wanted)
    keep = wanted.mask(store) if chosen else None
    costs = run_catalogs(key)["costs"]
    return outcome(board_of(store), asked, costs, store.towns, keep=keep, sets=sets)


def scenario_html(store: Store, scenario: str, chosen: str, lang: Language) -> str:
    """Return the totals under a scenario, beside those of the run, and by town."""
    new, run = (scenario_outcome(store, text, chosen) for text in (scenario, ""))
    target = _target_kw(store)
    share = percent(new.kwp[1] / target, lang) if target else say("unknown", lang)
    cost = say("unit.lcoe", lang)
    figures = [
        (
            say("col.kwp", lang),
            quantity(new.kwp[1], "kw", lang),
            span(new.kwp[0], new.kwp[2], "kw", lang),
        ),
        (say("scenario.of_target", lang), share, say("target.pv_mw", lang)),
        (say("col.kwh", lang), quantity(new.kwh, "kwh", lang), _change(new.kwh, run.kwh, lang)),
        (say("col.lcoe", lang), amount(new.lcoe, cost, lang), _change(new.lcoe, run.lcoe, lang)),
        (say("col.capex", lang), quantity(new.capex, "cny", lang), _change(new.capex, run.capex, lang)),
        (say("col.sites", lang), count(new.sites, lang), _change(new.sites, run.sites, lang)),
    ]
    figures += _back(new, scenario, chosen, lang)
    names = town_names(store, lang)
    rows = [
        (names.get(town, town), quantity(kwp, "kw", lang), _change(kwp, before, lang))
        for town, kwp, before in zip(new.towns["town"], new.towns["kwp"], run.towns["kwp"], strict=True)
        if before > 0
    ]
    heads = (say("col.town", lang), say("col.kwp", lang), say("whatif.change", lang))
    return figures_html(figures) + table_html(heads, rows, say("scenario.by_town", lang))


def _back(new: Outcome, scenario: str, chosen: str, lang: Language) -> list[tuple[str, str, str]]:
    """Return what rules that are off bring back, or why it is not known; nothing where all rules hold."""
    off = WhatIf.parse(scenario).rules_off
    if not off:
        return []
    asked = bool(chosen) and asks_of_sites(Filter.parse(chosen))
    text = say("unknown", lang) if asked else f"+{quantity(new.back_kwp, 'kw', lang)}"
    why = say("whatif.back_unknown", lang) if asked else say("whatif.back_note", lang, n=len(off))
    return [(say("whatif.back", lang), text, why)]


def _change(now: float, before: float, lang: Language) -> str:
    if not (np.isfinite(now) and np.isfinite(before)) or not before:
        return say("unknown", lang)
    return f"{100 * (now / before - 1):+.1f} %"


def _target_kw(store: Store) -> float | None:
    amounts = [target.value for target in targets_of(store) if target.measure == "pv_mw"]
    return 1000 * max(amounts) if amounts else None


def whatif_tile(store: Store, scenario: str, address: Address) -> bytes:
    """Return kWp and cost (float32 each) of the shapes of a tile of sites, in that tile's order."""
    rows = store.layers["sites"].shapes.rows_in(*address.box())
    values = values_of(store.key, scenario)
    return values.value[rows].astype("<f4").tobytes() + values.cost[rows].astype("<f4").tobytes()


def whatif_cells(store: Store, scenario: str, chosen: Filter, z: int) -> CellGrid:
    """Return sums per cell under a scenario."""
    values = values_of(store.key, scenario)
    columns = {"value": values.value, "cost": values.cost}
    return cell_grid(store.layers["sites"], chosen.mask(store) & (values.value > 0), z, columns)
