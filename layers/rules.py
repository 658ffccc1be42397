"""Rule packs by name: what may be built where, as data with the documents behind it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from faults import Fault, InputError
from layers.rule_files import read_pack
from layers.rule_model import (
    CANDIDATE_LAYER,
    GROUPS,
    PV_TYPES,
    TYPES,
    VERDICTS,
    Distance,
    Exemption,
    Rule,
    Scope,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "CANDIDATE_LAYER",
    "GROUPS",
    "PV_TYPES",
    "RULES_FOLDER",
    "TYPES",
    "VERDICTS",
    "Distance",
    "Exemption",
    "Rule",
    "Scope",
    "load_rules",
]

RULES_FOLDER = Path(__file__).resolve().parent.parent / "data" / "rules"
"""The packs that come with the program."""


def load_rules(
    packs: Sequence[str], *, folder: Path = RULES_FOLDER, extra: Sequence[Path] = ()
) -> tuple[Rule, ...]:
    """Read rule packs, in the order given; this is the order in which the rules take area.

    Parameters
    ----------
    packs
        Names of packs: `<name>.toml` in `folder`.
    folder
        Where the packs are.
    extra
        More pack files, such as an office's own, after the packs.

    Raises
    ------
    InputError
        Every fault of every file: unknown pack, no TOML, unknown or missing fields, values that cannot be,
        ids used twice; with file, line and value.
    """
    files = [*(folder / f"{name}.toml" for name in packs), *extra]
    rules: list[Rule] = []
    faults: list[Fault] = []
    for file in files:
        try:
            rules += read_pack(file)
        except InputError as error:
            faults += error.faults
    faults += _repeated(rules)
    if faults:
        raise InputError(faults)
    return tuple(rules)


def _repeated(rules: Sequence[Rule]) -> list[Fault]:
    seen: dict[str, str] = {}
    faults = []
    for rule in rules:
        if rule.id in seen:
            fault = f"id is used already in pack {seen[rule.id]}"
            faults.append(Fault(f"{rule.pack}.toml", None, "id", rule.id, fault))
        seen.setdefault(rule.id, rule.pack)
    return faults
