"""Rules of the run in words: their titles, the named readings, and what a project would need."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from assessment.explain import explain_township, townships
from layers.rule_reasons import M2_PER_HA
from layers.rule_scenarios import load_rule_scenarios
from layers.rules import load_rules
from ui.runs import current_store
from ui.words import language, t

if TYPE_CHECKING:
    from collections.abc import Sequence

    from layers.rule_reasons import Explanation
    from layers.rule_scenarios import RuleScenario
    from ui.store import Store

OUTCOME_BOXES = {"enough": "success", "date": "info", "short": "warning", "unasked": "info"}
"""The box in which the outcome of an explanation stands."""


def rules_by_id() -> dict[str, dict[str, Any]]:
    """Return the run's rules by id."""
    return {rule["id"]: rule for rule in current_store().run.manifest["rules"]}


def rule_title(rule: str) -> str:
    """Return the title of a rule in the session's language; its id where the run does not name it."""
    return str(rules_by_id().get(rule, {}).get(f"title_{language()}") or rule)


def reading_title(reading: str) -> str:
    """Return the name of a reading of the rules in the session's language."""
    return str(getattr(load_rule_scenarios()[reading], f"title_{language()}"))


def reading_lines(packs: Sequence[str]) -> list[str]:
    """Return one line per reading: its name, what it means, what it changes of the rules of some packs."""
    lines = []
    for reading in load_rule_scenarios().values():
        changes = (", " if language() == "en" else "，").join(_changes(reading, packs))
        title, note = (getattr(reading, f"{name}_{language()}") for name in ("title", "note"))
        lines.append(f"- **{title}** `{reading.id}`　{note}" + (f" *{changes}*" if changes else ""))
    return lines


def _changes(reading: RuleScenario, packs: Sequence[str]) -> list[str]:
    plain = {rule.id: rule for rule in load_rules(packs)}
    read = reading.apply(load_rules(reading.packs(packs)))
    known = [(plain[rule.id], rule) for rule in read if rule.id in plain]
    counts = {
        "changed": sum(old.verdict != new.verdict for old, new in known),
        "wider": sum(old.buffer.largest < new.buffer.largest for old, new in known),
        "added": len(read) - len(known),
    }
    return [t(f"methods.reading_{name}", n=n) for name, n in counts.items() if n]


def project_townships(store: Store) -> list[str]:
    """Return the townships a project can be asked for, first where a date of approval is worth most."""
    return list(_townships(store.key))


@lru_cache(maxsize=2)
def _townships(_key: str) -> tuple[str, ...]:
    return tuple(townships(current_store().run))


def explain_project(store: Store, township: str, hectares: float) -> Explanation:
    """Return what a project of so much land in a township would need."""
    return _explained(store.key, township, round(hectares * M2_PER_HA))


@lru_cache(maxsize=64)
def _explained(_key: str, township: str, needed_m2: int) -> Explanation:
    return explain_township(current_store().run, township, needed_m2=needed_m2)
