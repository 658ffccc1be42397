"""What one side of the scenario page comes to, kept so that the side that did not change costs nothing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import pandas as pd

from assessment.scenario import Scenario
from tracking.rule_sets import regained, rule_sets_of
from tracking.scenario import from_address
from tracking.whatif import SUMS
from ui.board import board_of
from ui.runs import current_store

if TYPE_CHECKING:
    from tracking.whatif import Results


@dataclass(frozen=True)
class Side:
    """One scenario applied to the shown run."""

    results: Results
    back: pd.DataFrame
    """What rules that are off bring back; empty where none is."""
    off: frozenset[str]
    """Rules that the scenario leaves out and the run did not."""

    @cached_property
    def towns(self) -> pd.DataFrame:
        """Sums by town with what comes back; the last row (all) is the whole."""
        return _sums_by("town", self.results, self.back)

    @cached_property
    def types(self) -> pd.DataFrame:
        """Sums by type with what comes back; the last row (all) is the whole."""
        return _sums_by("type", self.results, self.back)


@lru_cache(maxsize=64)
def side_of(key: str, address: str) -> Side:
    """Apply the scenario of an address to the run that is shown.

    Raises
    ------
    InputError
        The scenario asks for what cannot be reckoned.
    """
    results = board_of(current_store()).apply(from_address(address))
    sets, off = sets_of(key), _off(results.scenario)
    back = None if sets is None or not off else regained(sets, results, off)
    empty = pd.DataFrame(columns=["town", "type", "area_m2", *SUMS])
    return Side(results, empty if back is None else back, off)


@lru_cache(maxsize=1)
def sets_of(_key: str) -> pd.DataFrame | None:
    """Return what each set of rules takes in the shown run; None where the run does not keep it."""
    return rule_sets_of(current_store().run)


def _off(scenario: Scenario) -> frozenset[str]:
    made = current_store().run.manifest.get("scenario")
    own = Scenario.from_dict(made).rules_off if isinstance(made, dict) else frozenset()
    return scenario.rules_off - own


def _sums_by(key: str, results: Results, back: pd.DataFrame) -> pd.DataFrame:
    sums = results.by(key)[list(SUMS)]
    if len(back):
        sums = sums.add(back.groupby(key)[list(SUMS)].sum(min_count=1), fill_value=0.0)
    sums.loc["all"] = sums.sum().where(sums["value_year"].notna().all() | (sums.columns != "value_year"))
    return results.with_means(sums)
