"""What one assessment changes: rule packs, and numbers of the catalogues, by name."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from faults import Fault, InputError
from layers.catalog import Catalog, Quantity
from potential.geothermal.economy import BASELINES, Baseline

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_KEYS = {"name", "packs", "rules_off", "values", "heat_baseline"}


@dataclass(frozen=True)
class Scenario:
    """Differences from the region as it stands; the default changes nothing.

    Examples
    --------
    >>> Scenario(values={"costs.capex.roof_flat": -1.0})
    Traceback (most recent call last):
    ValueError: costs.capex.roof_flat = -1.0: must not be negative
    """

    name: str = "reference"
    packs: tuple[str, ...] | None = None
    """Rule packs to use; None: those of the region."""
    rules_off: frozenset[str] = frozenset()
    """Ids of rules that are left out."""
    values: Mapping[str, float] = field(default_factory=dict)
    """Number by "catalogue.dotted.name"; its low and high end move in proportion."""

    heat_baseline: Baseline = "coal_chp"
    """What geothermal heat replaces; it decides the carbon saved. The plan closes coal units."""

    def __post_init__(self) -> None:
        """Refuse negative numbers and unknown baselines, and freeze the values."""
        if self.heat_baseline not in BASELINES:
            raise ValueError(f"heat_baseline {self.heat_baseline!r} is none of {', '.join(BASELINES)}")
        for name, value in self.values.items():
            if not value >= 0:
                raise ValueError(f"{name} = {value}: must not be negative")
        object.__setattr__(self, "values", MappingProxyType(dict(self.values)))

    def change(self, name: str, catalog: Catalog) -> Catalog:
        """Return the catalogue `name` with this scenario's numbers in it."""
        own = {
            key.removeprefix(f"{name}."): value
            for key, value in self.values.items()
            if key.startswith(f"{name}.")
        }
        changed = {key: _moved(catalog[key], value, self.name) for key, value in own.items()}
        return Catalog({**catalog, **changed}, name=catalog.name)

    def as_dict(self) -> dict[str, Any]:
        """Return the scenario as plain values, for the manifest."""
        packs = None if self.packs is None else list(self.packs)
        off, values = sorted(self.rules_off), dict(sorted(self.values.items()))
        known = {"name": self.name, "packs": packs, "rules_off": off, "values": values}
        return known | {"heat_baseline": self.heat_baseline}

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
        )


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
    faults = [
        Fault("scenario", None, key, None, f"is none of {', '.join(sorted(_KEYS))}", file=path.name)
        for key in sorted(set(tree) - _KEYS)
    ]
    values = _flat(tree.get("values", {}))
    faults += [
        Fault("scenario", None, f"values.{key}", str(value), "must be a number, not negative", file=path.name)
        for key, value in values.items()
        if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0
    ]
    baseline = tree.get("heat_baseline", BASELINES[0])
    if baseline not in BASELINES:
        rule = f"is none of {', '.join(BASELINES)}"
        faults.append(Fault("scenario", None, "heat_baseline", str(baseline), rule, file=path.name))
    if faults:
        raise InputError(faults)
    packs = tree.get("packs")
    return Scenario(
        name=str(tree.get("name", path.stem)),
        packs=None if packs is None else tuple(map(str, packs)),
        rules_off=frozenset(map(str, tree.get("rules_off", ()))),
        values={key: float(value) for key, value in values.items()},
        heat_baseline=baseline,
    )


def _flat(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in tree.items():
        name = f"{prefix}{key}"
        flat |= _flat(value, f"{name}.") if isinstance(value, dict) else {name: value}
    return flat


def _moved(old: Quantity, value: float, scenario: str) -> Quantity:
    ratio = value / old.value if old.value else 1.0
    return Quantity(
        value=value,
        low=old.low * ratio,
        high=max(old.high * ratio, value),
        unit=old.unit,
        source=f"scenario {scenario}",
        confidence="L",
        unverified=True,
        note=old.note,
    )
