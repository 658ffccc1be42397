"""What one assessment changes: how rules are read, which packs hold, numbers of the catalogues by name."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from assessment.heat_own_weights import KEY, judgement_faults
from assessment.scenario_terms import TERM_KEYS, Terms, moved, read_terms
from faults import Fault, InputError
from layers.catalog import Catalog
from layers.rule_scenarios import load_rule_scenarios
from layers.rules import load_rules
from potential.geothermal.economy import BASELINES, Baseline

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from layers.rules import Rule

REFERENCE = "reference"
_KEYS = {"name", "reading", "packs", "rules_off", "values", "heat_baseline", KEY, *TERM_KEYS}


@dataclass(frozen=True)
class Scenario:
    """Differences from the region as it stands; the default changes nothing.

    Examples
    --------
    >>> Scenario(values={"costs.capex.roof_flat": -1.0})
    Traceback (most recent call last):
    ValueError: costs.capex.roof_flat = -1.0: must not be negative
    """

    name: str = REFERENCE
    packs: tuple[str, ...] | None = None
    """Rule packs to use; None: those of the region."""
    rules_off: frozenset[str] = frozenset()
    """Ids of rules that are left out."""
    values: Mapping[str, float] = field(default_factory=dict)
    """Number by "catalogue.dotted.name"; its low and high end move in proportion."""

    terms: Terms = field(default_factory=Terms)
    """Shares, density, module, carbon, what counts, and the target."""
    heat_baseline: Baseline = "coal_chp"
    """What geothermal heat replaces; it decides the carbon saved. The plan closes coal units."""
    heat_judgements: Mapping[str, float] = field(default_factory=dict)
    """What matters more for the suitability of geothermal heat, by "technology.factor > factor"."""
    reading: str = REFERENCE
    """How the rules are read: a named reading of `layers.rule_scenarios`, strict, reference or open."""

    def __post_init__(self) -> None:
        """Refuse negative numbers and unknown baselines, and freeze the values."""
        if self.heat_baseline not in BASELINES:
            raise ValueError(f"heat_baseline {self.heat_baseline!r} is none of {', '.join(BASELINES)}")
        for name, value in self.values.items():
            if not value >= 0:
                raise ValueError(f"{name} = {value}: must not be negative")
        if self.reading not in (readings := load_rule_scenarios()):
            raise ValueError(f"reading {self.reading!r} is none of {', '.join(readings)}")
        object.__setattr__(self, "values", MappingProxyType(dict(self.values)))
        object.__setattr__(self, KEY, MappingProxyType(dict(sorted(self.heat_judgements.items()))))

    def rules(self, packs: Sequence[str]) -> tuple[Rule, ...]:
        """Return the rules of a region's packs, as this scenario reads and changes them.

        Examples
        --------
        >>> steep = {rule.id for rule in Scenario(reading="strict").rules(["national"])}
        >>> "slope_steep" in steep, "slope_steep" in {rule.id for rule in Scenario().rules(["national"])}
        (True, False)
        """
        reading = load_rule_scenarios()[self.reading]
        chosen = reading.packs(packs if self.packs is None else self.packs)
        return tuple(rule for rule in reading.apply(load_rules(chosen)) if rule.id not in self.rules_off)

    def change(self, name: str, catalog: Catalog) -> Catalog:
        """Return the catalogue `name` with this scenario's numbers in it."""
        own = {
            key.removeprefix(f"{name}."): value
            for key, value in self.values.items()
            if key.startswith(f"{name}.")
        }
        changed = {key: moved(catalog[key], value, self.name) for key, value in own.items()}
        return self.terms.change(name, Catalog({**catalog, **changed}, name=catalog.name), self.name)

    def as_dict(self) -> dict[str, Any]:
        """Return the scenario as plain values, for the manifest."""
        packs = None if self.packs is None else list(self.packs)
        off, values = sorted(self.rules_off), dict(sorted(self.values.items()))
        known = {"name": self.name, "packs": packs, "rules_off": off, "values": values}
        known |= {"heat_baseline": self.heat_baseline, "reading": self.reading}
        judged = {KEY: dict(self.heat_judgements)} if self.heat_judgements else {}
        return known | judged | self.terms.as_dict()

    @classmethod
    def from_dict(cls, known: Mapping[str, Any]) -> Scenario:
        """Return the scenario that `as_dict` described."""
        packs = known["packs"]
        return cls(
            name=known["name"],
            packs=None if packs is None else tuple(packs),
            rules_off=frozenset(known["rules_off"]),
            values=known["values"],
            heat_baseline=known["heat_baseline"],
            heat_judgements=known.get(KEY, {}),
            reading=known.get("reading", REFERENCE),
            terms=read_terms(known)[0],
        )


def find_scenario(name: str | None) -> Scenario:
    """Return a scenario by the name of a reading of the rules (strict, reference, open) or from a file.

    Raises
    ------
    InputError
        There is neither a reading nor a file of that name, or the file is wrong.

    Examples
    --------
    >>> find_scenario("strict").reading, find_scenario(None).name
    ('strict', 'reference')
    """
    if name is None:
        return Scenario()
    readings = load_rule_scenarios()
    if name in readings:
        return Scenario(name=name, reading=name)
    if not Path(name).is_file():
        rule = f"is no file and none of {', '.join(readings)}"
        raise InputError([Fault("scenario", None, None, name, rule)])
    return load_scenario(Path(name))


def load_scenario(path: Path | None) -> Scenario:
    """Read a scenario from TOML; None is the reference scenario.

    Raises
    ------
    InputError
        The file cannot be read, or keys or values in it are wrong; all of them at once.
    """
    if path is None:
        return Scenario()
    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError([Fault("scenario", None, None, str(path), "cannot be read")]) from error
    except tomllib.TOMLDecodeError as error:
        raise InputError([Fault("scenario", None, None, path.name, f"is not valid TOML: {error}")]) from error
    return scenario_from_tree({"name": path.stem, **tree}, file=path.name)


def scenario_from_tree(tree: Mapping[str, Any], *, file: str | None = None) -> Scenario:
    """Build a scenario from the plain values of a file or an address.

    Raises
    ------
    InputError
        Keys or values in it are wrong; all of them at once.
    """
    terms, of_terms = read_terms(tree, file=file)
    values, judged = _flat_table(tree, "values"), _flat_table(tree, KEY)
    faults = [*_faults(tree, values, file), *judgement_faults(judged, file=file), *of_terms]
    if faults:
        raise InputError(faults)
    packs = tree.get("packs")
    return Scenario(
        name=str(tree.get("name", REFERENCE)),
        packs=None if packs is None else tuple(packs),
        rules_off=frozenset(tree.get("rules_off", ())),
        values={key: float(value) for key, value in values.items()},
        terms=terms,
        heat_baseline=tree.get("heat_baseline", BASELINES[0]),
        heat_judgements={key: float(value) for key, value in judged.items()},
        reading=tree.get("reading", REFERENCE),
    )


def _faults(tree: Mapping[str, Any], values: Mapping[str, Any], file: str | None) -> Iterator[Fault]:
    def wrong(column: str, value: object, rule: str) -> Fault:
        return Fault("scenario", None, column, None if value is None else str(value), rule, file=file)

    for key in sorted(set(tree) - _KEYS):
        yield wrong(key, None, f"is none of {', '.join(sorted(_KEYS))}")
    for key, value in values.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:
            yield wrong(f"values.{key}", value, "must be a number, not negative")
    for key in ("packs", "rules_off"):
        texts = tree.get(key)
        if texts is not None and not (isinstance(texts, list) and all(isinstance(one, str) for one in texts)):
            yield wrong(key, texts, "must be a list of texts")
    for key, known in (("heat_baseline", BASELINES), ("reading", tuple(load_rule_scenarios()))):
        if tree.get(key, known[0]) not in known:
            yield wrong(key, tree[key], f"is none of {', '.join(known)}")


def _flat_table(tree: Mapping[str, Any], name: str) -> dict[str, Any]:
    table = tree.get(name, {})
    return _flat(table) if isinstance(table, dict) else {"": table}


def _flat(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in tree.items():
        name = f"{prefix}{key}"
        flat |= _flat(value, f"{name}.") if isinstance(value, dict) else {name: value}
    return flat
