"""Scenarios: named changes of shares, densities, prices, carbon and target, as a file or in an address."""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from assessment.run import PV_TYPES, STATUSES, write_file_atomically
from assessment.scenario import Scenario as AssessmentScenario
from faults import Fault, InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from layers.catalog import Catalog

LAYER = "scenario"
LONGEST_ADDRESS = 8000
LARGEST_TEXT = 200_000
"""Bytes that an address may unpack to."""
_TABLES = ("usable_share", "density_w_m2", "values")
_LISTS = ("packs", "rules_off", "statuses", "types")


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """Differences from a run; the default changes nothing.

    Examples
    --------
    >>> Scenario(name="x", usable_share={"roof_flat": 1.5})
    Traceback (most recent call last):
    faults.InputError: scenario, usable_share.roof_flat = '1.5': must be above 0 and at most 1
    """

    name: str = "reference"
    note: str = ""
    packs: tuple[str, ...] | None = None
    """Rule packs; other ones than the run's need a new run."""
    rules_off: tuple[str, ...] = ()
    """Rules left out; other ones than the run's need a new run."""
    usable_share: Mapping[str, float] = field(default_factory=dict)
    """Share of the area left by the rules that is used, by PV type."""
    density_w_m2: Mapping[str, float] = field(default_factory=dict)
    """DC watts per m2 of used area, by PV type."""
    module_efficiency: float | None = None
    """Efficiency of the module instead of the run's: scales the density of types without one of their own."""
    values: Mapping[str, float] = field(default_factory=dict)
    """Numbers of the catalogues by `costs.` and dotted name: costs, prices, finance."""
    carbon_factor: str = "grid.shaanxi.2022"
    """Grid factor: a name in the carbon catalogue."""
    types: tuple[str, ...] | None = None
    """PV types that count; None: all."""
    statuses: tuple[str, ...] = STATUSES
    """Statuses of sites that count."""
    target_mw: float = 390.0
    by: int = 2030

    def __post_init__(self) -> None:
        """Check everything, all faults at once, and freeze the tables."""
        if faults := list(_faults(self)):
            raise InputError(faults)
        for name in _TABLES:
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    def as_dict(self) -> dict[str, Any]:
        """Return the scenario as plain values, in a fixed order."""
        plain = {one.name: getattr(self, one.name) for one in fields(self)}
        tables = {name: dict(sorted(plain[name].items())) for name in _TABLES}
        lists = {name: None if plain[name] is None else list(plain[name]) for name in _LISTS}
        return {**plain, **tables, **lists}

    def needs_new_run(self, manifest: Mapping[str, Any]) -> bool:
        """Say whether the rules differ from those of a run: then its sites are not this scenario's."""
        made = manifest.get("scenario") or {}
        packs = made.get("packs") if isinstance(made, dict) else None
        off = made.get("rules_off", []) if isinstance(made, dict) else []
        return (self.packs is not None and list(self.packs) != packs) or sorted(self.rules_off) != sorted(off)

    def for_assessment(self, usable_share: Catalog) -> AssessmentScenario:
        """Return what a new run needs: rules, prices, and the shares of every use of the changed types."""
        shares = {
            f"usable_share.{name}": self.usable_share[kind]
            for name in usable_share
            if (kind := name.partition(".")[0]) in self.usable_share
        }
        return AssessmentScenario(
            name=self.name,
            packs=self.packs,
            rules_off=frozenset(self.rules_off),
            values={**self.values, **shares},
        )


def _faults(scenario: Scenario) -> Iterator[Fault]:
    def wrong(column: str, value: object, rule: str) -> Fault:
        return Fault(LAYER, None, column, str(value), rule)

    for name, most in (("usable_share", 1.0), ("density_w_m2", 400.0)):
        for kind, value in getattr(scenario, name).items():
            if kind not in PV_TYPES:
                yield wrong(name, kind, f"must be one of {', '.join(PV_TYPES)}")
            elif not _number(value) or not 0 < value <= most:
                yield wrong(f"{name}.{kind}", value, f"must be above 0 and at most {most:g}")
    for key, value in scenario.values.items():
        if not key.startswith("costs."):
            yield wrong("values", key, "must be a number of the cost catalogue, costs.…")
        elif not _number(value) or value < 0:
            yield wrong(f"values.{key}", value, "must be a number, not negative")
    if scenario.module_efficiency is not None and not (
        _number(scenario.module_efficiency) and 0 < scenario.module_efficiency < 0.5  # noqa: PLR2004 - physics
    ):
        yield wrong("module_efficiency", scenario.module_efficiency, "must be above 0 and below 0.5")
    yield from _faults_of_choices(scenario)


def _faults_of_choices(scenario: Scenario) -> Iterator[Fault]:
    for name, chosen, choices in (
        ("types", scenario.types or (), PV_TYPES),
        ("statuses", scenario.statuses, STATUSES),
    ):
        for value in chosen:
            if value not in choices:
                yield Fault(LAYER, None, name, str(value), f"must be one of {', '.join(choices)}")
    texts: tuple[tuple[str, object], ...] = (
        ("name", scenario.name),
        ("carbon_factor", scenario.carbon_factor),
    )
    for name, text in texts:
        if not isinstance(text, str) or not text.strip():
            yield Fault(LAYER, None, name, str(text), "must be a text")
    if not _number(scenario.target_mw) or scenario.target_mw <= 0:
        yield Fault(LAYER, None, "target_mw", str(scenario.target_mw), "must be above 0")
    year: object = scenario.by
    if not isinstance(year, int) or isinstance(year, bool):
        yield Fault(LAYER, None, "by", str(year), "must be a year")


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value  # noqa: PLR0124 - NaN


def scenario_from_dict(tree: object) -> Scenario:
    """Build a scenario from plain values.

    Raises
    ------
    InputError
        Keys are unknown or values wrong; all of them at once.
    """
    if not isinstance(tree, dict):
        raise InputError([Fault(LAYER, None, None, None, "must be one JSON object")])
    known = {one.name for one in fields(Scenario)}
    faults = [
        Fault(LAYER, None, str(key), None, "is no key of a scenario") for key in tree if key not in known
    ]
    faults += [
        Fault(LAYER, None, name, str(tree[name]), "must be an object")
        for name in _TABLES
        if name in tree and not isinstance(tree[name], dict)
    ]
    faults += [
        Fault(LAYER, None, name, str(tree[name]), "must be a list of texts")
        for name in _LISTS
        if tree.get(name) is not None and not _texts(tree[name])
    ]
    if faults:
        raise InputError(faults)
    given = dict(tree)
    for name in _LISTS:
        if given.get(name) is not None:
            given[name] = tuple(given[name])
    return Scenario(**given)


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def save_scenario(scenario: Scenario, path: Path) -> None:
    """Write a scenario as JSON; what was there before stays if anything fails."""
    text = json.dumps(scenario.as_dict(), ensure_ascii=False, indent=2) + "\n"

    def fill(fresh: Path) -> None:
        fresh.write_text(text, encoding="utf-8")

    write_file_atomically(path, fill)


def load_scenario(path: Path) -> Scenario:
    """Read a scenario from JSON.

    Raises
    ------
    InputError
        The file cannot be read, is no JSON, or says something wrong; all faults at once.
    """
    try:
        return scenario_from_dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError([Fault(LAYER, None, None, str(path), "cannot be read")]) from error
    except (json.JSONDecodeError, RecursionError) as error:
        raise InputError([Fault(LAYER, None, None, path.name, f"is no valid JSON: {error}")]) from error


def to_address(scenario: Scenario) -> str:
    """Return the scenario as text for a page's address: only what differs from the reference.

    Examples
    --------
    >>> from_address(to_address(Scenario(name="便宜", values={"costs.price.feed_in": 0.2}))).name
    '便宜'
    """
    plain, reference = scenario.as_dict(), Scenario().as_dict()
    changed = {key: value for key, value in plain.items() if value != reference[key]}
    packed = zlib.compress(json.dumps(changed, ensure_ascii=False, separators=(",", ":")).encode(), 9)
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def from_address(text: str) -> Scenario:
    """Read a scenario from a page's address.

    Raises
    ------
    InputError
        The text is no scenario.
    """
    fault = Fault(LAYER, None, None, text[:40], "is no scenario in an address")
    if len(text) > LONGEST_ADDRESS:
        raise InputError([fault])
    try:
        packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        plain = zlib.decompressobj().decompress(packed, LARGEST_TEXT)
        tree = json.loads(plain)
    except (binascii.Error, zlib.error, ValueError, RecursionError) as error:
        raise InputError([fault]) from error
    return scenario_from_dict(tree)
