"""Rules of the run in words."""

from __future__ import annotations

from typing import Any

from ui.runs import current_store
from ui.words import language


def rules_by_id() -> dict[str, dict[str, Any]]:
    """Return the run's rules by id."""
    return {rule["id"]: rule for rule in current_store().run.manifest["rules"]}


def rule_title(rule: str) -> str:
    """Return the title of a rule in the session's language; its id where the run does not name it."""
    return str(rules_by_id().get(rule, {}).get(f"title_{language()}") or rule)
