"""Named readings of the rules: strict, reference, open, or an office's own."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from faults import Fault, InputError
from layers.rule_model import VERDICTS, Distance, Rule
from layers.rules import RULES_FOLDER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

SCENARIOS = RULES_FOLDER / "scenarios.toml"
_TEXTS = ("title_zh", "title_en", "note_zh", "note_en")
_FIELDS = {*_TEXTS, "add_packs", "rules_off", "distance_factor", "changes"}
_CHANGE_FIELDS = {"verdict", "tags", "unverified", "to"}


@dataclass(frozen=True)
class Change:
    """Which rules get another verdict."""

    verdict: str
    """Verdict of the rules that change."""
    to: str
    """Verdict they get."""
    tags: frozenset[str] = frozenset()
    """Only rules with one of these tags; any rule where empty."""
    unverified: bool | None = None
    """Only rules that are (or are not) unverified; either where None."""

    def __post_init__(self) -> None:
        """Refuse unknown verdicts."""
        for verdict in (self.verdict, self.to):
            if verdict not in VERDICTS:
                raise ValueError(f"verdict {verdict!r} is none of {', '.join(VERDICTS)}")

    def meets(self, rule: Rule) -> bool:
        """Say whether the rule changes; rules that take a share or look at shapes and edges do not."""
        if rule.share < 1 or rule.shape_rule or rule.edge_rule or rule.verdict != self.verdict:
            return False
        tagged = not self.tags or bool(self.tags & rule.tags)
        return tagged and self.unverified in (None, rule.unverified)


@dataclass(frozen=True)
class RuleScenario:
    """A reading of the rules.

    Examples
    --------
    >>> from layers.rules import load_rules
    >>> strict = load_rule_scenarios()["strict"]
    >>> rules = strict.apply(load_rules(strict.packs(["heritage", "infrastructure"])))
    >>> by_id = {rule.id: rule for rule in rules}
    >>> by_id["heritage_control"].verdict, by_id["pipeline_zone"].buffer.default, "slope_steep" in by_id
    ('forbidden', 7.5, True)
    """

    id: str
    title_zh: str
    title_en: str
    note_zh: str = ""
    note_en: str = ""
    add_packs: tuple[str, ...] = ()
    rules_off: frozenset[str] = frozenset()
    distance_factor: float = 1.0
    changes: tuple[Change, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a factor that is no factor."""
        if not 0 < self.distance_factor <= 10:  # noqa: PLR2004 - more is a slip
            raise ValueError(f"distance_factor {self.distance_factor} must be above 0 and at most 10")

    def packs(self, packs: Sequence[str]) -> tuple[str, ...]:
        """Return the packs of the region and those the scenario adds."""
        return tuple(dict.fromkeys([*packs, *self.add_packs]))

    def apply(self, rules: Sequence[Rule]) -> tuple[Rule, ...]:
        """Return the rules as this scenario reads them, in their order."""
        return tuple(self._changed(rule) for rule in rules if rule.id not in self.rules_off)

    def _changed(self, rule: Rule) -> Rule:
        verdict = next((change.to for change in self.changes if change.meets(rule)), rule.verdict)
        if self.distance_factor == 1.0 and verdict == rule.verdict:
            return rule
        factor = self.distance_factor
        return replace(
            rule, verdict=verdict, buffer=_scaled(rule.buffer, factor), edge_m=rule.edge_m * factor
        )


def load_rule_scenarios(file: Path = SCENARIOS) -> dict[str, RuleScenario]:
    """Read the named scenarios of a file.

    Raises
    ------
    InputError
        The file or scenarios in it are malformed; all faults at once.
    """
    try:
        return dict(_loaded(file, file.stat().st_mtime_ns))
    except OSError as error:
        raise InputError([Fault(file.name, None, None, str(file), "cannot be read")]) from error


@lru_cache(maxsize=8)
def _loaded(file: Path, _changed_ns: int) -> dict[str, RuleScenario]:
    try:
        tree = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError([Fault(file.name, None, None, str(file), "cannot be read")]) from error
    except tomllib.TOMLDecodeError as error:
        raise InputError([Fault(file.name, None, None, None, f"is not valid TOML: {error}")]) from error
    scenarios: dict[str, RuleScenario] = {}
    faults: list[Fault] = []
    for name, table in tree.items():
        try:
            scenarios[name] = _scenario(name, table)
        except (TypeError, ValueError) as error:
            faults.append(Fault(file.name, None, name, None, str(error)))
    if faults:
        raise InputError(faults)
    return scenarios


def _scenario(name: str, table: Mapping[str, Any]) -> RuleScenario:
    _only(table, _FIELDS)
    if missing := {"title_zh", "title_en"} - set(table):
        raise ValueError(f"fields are missing: {', '.join(sorted(missing))}")
    return RuleScenario(
        id=name,
        add_packs=tuple(table.get("add_packs", ())),
        rules_off=frozenset(table.get("rules_off", ())),
        distance_factor=float(table.get("distance_factor", 1.0)),
        changes=tuple(_change(change) for change in table.get("changes", ())),
        **{key: str(table.get(key, "")) for key in _TEXTS},
    )


def _change(table: Mapping[str, Any]) -> Change:
    _only(table, _CHANGE_FIELDS)
    if missing := {"verdict", "to"} - set(table):
        raise ValueError(f"a change needs {' and '.join(sorted(missing))}")
    return Change(table["verdict"], table["to"], frozenset(table.get("tags", ())), table.get("unverified"))


def _only(table: object, fields: set[str]) -> None:
    if not isinstance(table, dict):
        raise TypeError(f"{table!r} is no table")
    if unknown := set(table) - fields:
        raise ValueError(f"unknown fields {', '.join(sorted(unknown))}")


def _scaled(distance: Distance, factor: float) -> Distance:
    return Distance(
        default=distance.default * factor,
        attribute=distance.attribute,
        up_to=tuple((limit, metres * factor) for limit, metres in distance.up_to),
        values=tuple((word, metres * factor) for word, metres in distance.values),
    )
