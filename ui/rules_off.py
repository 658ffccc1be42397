"""Rules switched off beside the map: what each brings back alone, and what all of them do together."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from faults import Fault, InputError
from tracking.rule_sets import rule_sets_of
from ui.format import quantity
from ui.runs import current_store

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from ui.filters import Filter
    from ui.store import Store
    from ui.words import Language

LEAST_KW = 1.0
"""What comes back below this is what rounding leaves."""
OF_SITES = ("sectors", "statuses", "min_kwp", "max_lcoe")
"""Parts of a filter that ask for what only a site has."""


@lru_cache(maxsize=1)
def _sets(_key: str) -> pd.DataFrame | None:
    return rule_sets_of(current_store().run)


def rule_choices(store: Store, lang: Language) -> list[dict[str, str]]:
    """Return the rules that take something: id, title and what comes back without it alone; largest first.

    Empty where the run does not keep which rules take what together.
    """
    sets = _sets(store.key)
    if sets is None:
        return []
    alone = sets.groupby("rules")["kwp_dc"].sum()
    titles = {rule["id"]: rule[f"title_{lang}"] for rule in store.run.manifest["rules"]}
    taking = {rule for rules in sets["rules"] for rule in rules.split("|")}
    back = sorted(((float(alone.get(rule, 0.0)), rule) for rule in taking), key=lambda one: (-one[0], one[1]))
    return [
        {
            "id": rule,
            "label": str(titles.get(rule, rule)),
            "back": f"+{quantity(kwp if kwp >= LEAST_KW else 0.0, 'kw', lang)}",
        }
        for kwp, rule in back
    ]


def sets_for(store: Store, rules: Sequence[str], chosen: Filter) -> pd.DataFrame | None:
    """Return the sets of rules in the filter's towns and types.

    None where no rule is off, the run keeps no sets, or the filter asks for what only sites have: sector,
    status, size and cost of land that no site stands on are not known.

    Raises
    ------
    InputError
        A rule is none of this assessment's.
    """
    known = {str(rule["id"]) for rule in store.run.manifest["rules"]}
    known |= {choice["id"] for choice in rule_choices(store, "en")}
    faults = [
        Fault("scenario", None, "rules_off", rule, "must be a rule of this assessment")
        for rule in rules
        if rule not in known
    ]
    if faults:
        raise InputError(faults)
    sets = _sets(store.key)
    if sets is None or not rules or asks_of_sites(chosen):
        return None
    keep = sets["town"].isin(chosen.towns or store.towns)
    if chosen.types:
        keep &= sets["type"].isin(chosen.types)
    return sets[keep]


def asks_of_sites(chosen: Filter) -> bool:
    """Say whether a filter asks for what only a site has."""
    values: dict[str, Any] = vars(chosen)
    return any(values[name] for name in OF_SITES)
