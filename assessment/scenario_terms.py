"""What a scenario says beyond rules and single numbers: shares, density, module, carbon, choice and target.

Shares, density and module change the assessment, and can be applied to the sites of a finished run as well;
the two agree. Carbon decides how avoided CO2 is counted. Types, statuses, cost limit and target choose what
counts when a scenario is looked at or planned; an assessment finds all sites whatever they say.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from assessment.candidates import SECTOR_BY_USE, TYPE_BY_FACILITY, TYPE_BY_FARMLAND
from assessment.carbon_choice import CHOSEN, GRID_FACTOR, LIFE, grid_factor
from assessment.run import PV_TYPES, SECTORS, STATUSES
from assessment.tariff_choice import chosen_table
from faults import Fault, InputError
from layers.catalog import Catalog, Quantity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LAYER = "scenario"
MODULE = "reference.efficiency"
_TABLES = {
    "usable_share": (PV_TYPES, 0.0, 1.0),
    "share_factor": (SECTORS, -1.0, 2.0),
    "density_factor": (PV_TYPES, 0.0, 3.0),
}
"""Keys of each table, and limits of its numbers: above the first, at most the second."""
SECTOR_OF_USE = {
    **dict.fromkeys(TYPE_BY_FARMLAND, "agriculture"),
    **dict.fromkeys(TYPE_BY_FACILITY, "municipal"),
    **SECTOR_BY_USE,
}
LEAST_SHARE = 1e-9
"""What a share of zero becomes in the catalogue, whose shares are never zero."""
_LISTS = {"types": PV_TYPES, "statuses": STATUSES}
_NUMBERS = {"module_efficiency": (0.0, 0.5), "most_lcoe": (0.0, 100.0), "target_mw": (0.0, 1e7)}


@dataclass(frozen=True, kw_only=True)
class Terms:
    """Further differences from a run; the default changes nothing.

    Examples
    --------
    >>> Terms(usable_share={"roof_flat": 1.5})
    Traceback (most recent call last):
    faults.InputError: scenario, usable_share.roof_flat = '1.5': must be above 0 and at most 1
    """

    note: str = ""
    usable_share: Mapping[str, float] = field(default_factory=dict)
    """Share of the area left by the rules that is used, by PV type, of every use."""
    share_factor: Mapping[str, float] = field(default_factory=dict)
    """What society gives of the usable area over what it was, by sector; no share passes 1."""
    density_factor: Mapping[str, float] = field(default_factory=dict)
    """Capacity per used m2 over that of the catalogue, by PV type: closer or wider rows."""
    module_efficiency: float | None = None
    """Efficiency of the reference module; the others change in proportion."""
    carbon_factor: str = GRID_FACTOR
    """Grid factor: a name in the carbon catalogue, or marginal.REGION for the combined margin."""
    tariff: str | None = None
    """24-hour price table that self-use saves, a name in the tariff catalogue; None: one price by sector."""
    carbon_life: bool = False
    """Count the mean year of the life, with degradation and embodied carbon, instead of the first year."""
    types: tuple[str, ...] | None = None
    """PV types that count; None: all."""
    statuses: tuple[str, ...] = STATUSES
    """Statuses of sites that count."""
    most_lcoe: float | None = None
    """Only sites up to this levelised cost count (CNY/kWh)."""
    target_mw: float = 390.0
    by: int = 2030

    def __post_init__(self) -> None:
        """Check everything, all faults at once, and freeze the tables."""
        if faults := list(_faults({one.name: getattr(self, one.name) for one in fields(self)})):
            raise InputError(faults)
        for name in _TABLES:
            object.__setattr__(self, name, MappingProxyType(dict(sorted(getattr(self, name).items()))))

    def as_dict(self) -> dict[str, Any]:
        """Return what differs from the default, as plain values in a fixed order."""
        default = _DEFAULTS
        given = {name: _plain(getattr(self, name)) for name in default}
        return {name: value for name, value in given.items() if value != _plain(default[name])}

    def change(self, name: str, catalog: Catalog, scenario: str) -> Catalog:
        """Return the catalogue `name` with the numbers that the terms change."""
        numbers = self.numbers(name, catalog)
        changed = {
            key: moved(catalog[base_key(key, catalog)], value, scenario) for key, value in numbers.items()
        }
        if name == "tariffs" and self.tariff is not None:
            changed |= chosen_table(catalog, self.tariff)
        if name == "carbon" and (self.carbon_factor != GRID_FACTOR or self.carbon_life):
            known = {CHOSEN: grid_factor(catalog, self.carbon_factor), LIFE: float(self.carbon_life)}
            source = f"scenario {scenario}: {self.carbon_factor}"
            changed |= {
                key: Quantity(value, value, value, unit="", source=source, confidence="M")
                for key, value in known.items()
            }
        return Catalog({**catalog, **changed}, name=catalog.name) if changed else catalog

    def numbers(self, name: str, catalog: Catalog) -> dict[str, float]:
        """Return the numbers of a catalogue that shares, density and module change, by dotted name."""
        if name == "usable_share":
            return self._shares(catalog)
        if name == "density":
            keys = {f"{kind}.covered_share": factor for kind, factor in self.density_factor.items()}
            return {key: catalog.value(key) * factor for key, factor in keys.items()}
        if name == "modules" and self.module_efficiency is not None:
            ratio = self.module_efficiency / catalog.value(MODULE)
            return {key: catalog.value(key) * ratio for key in catalog if key.endswith(".efficiency")}
        return {}

    def _shares(self, catalog: Catalog) -> dict[str, float]:
        """Shares of every type and use that they change; uses that share a default get their own."""
        keys = dict.fromkeys(catalog)
        if self.share_factor:
            keys |= dict.fromkeys(f"{kind}.{use}" for kind in PV_TYPES for use in SECTOR_OF_USE)
        shares = {}
        for key in keys:
            kind, _, use = key.partition(".")
            before = catalog.value(base_key(key, catalog))
            share = self.usable_share.get(kind, before)
            share *= self.share_factor.get(SECTOR_OF_USE.get(use, ""), 1.0)
            if share != before:
                shares[key] = min(max(share, LEAST_SHARE), 1.0)
        return shares


def base_key(key: str, catalog: Catalog) -> str:
    """Return the key itself, or the default of its type where the catalogue knows no such use."""
    return key if key in catalog else f"{key.partition('.')[0]}.default"


TERM_KEYS = frozenset(one.name for one in fields(Terms))


def moved(old: Quantity, value: float, scenario: str) -> Quantity:
    """Return a number with another value; its low and high end move in proportion."""
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


def read_terms(tree: Mapping[str, Any], *, file: str | None = None) -> tuple[Terms, list[Fault]]:
    """Read the terms among the keys of a scenario; with faults the default terms come back."""
    given = {key: tree[key] for key in TERM_KEYS if key in tree}
    faults = [Fault(one.layer, one.row, one.column, one.value, one.rule, file=file) for one in _faults(given)]
    if faults:
        return Terms(), faults
    lists = {name: tuple(given[name]) for name in _LISTS if given.get(name) is not None}
    return Terms(**{**given, **lists}), []


def _faults(given: Mapping[str, Any]) -> Iterator[Fault]:
    for name, (known, least, most) in _TABLES.items():
        table = given.get(name, {})
        if not hasattr(table, "items"):
            yield _wrong(name, table, f"must be a table of {', '.join(known)}")
            continue
        for kind, value in table.items():
            if kind not in known:
                yield _wrong(name, kind, f"must be one of {', '.join(known)}")
            elif not _number(value) or not _within(value, least, most):
                rule = (
                    f"must be above {least:g} and at most {most:g}"
                    if least >= 0
                    else f"must be from 0 to {most:g}"
                )
                yield _wrong(f"{name}.{kind}", value, rule)
    for name, (least, most) in _NUMBERS.items():
        value = given.get(name)
        if name in given and value is not None and not (_number(value) and least < value < most):
            yield _wrong(name, value, f"must be above {least:g} and below {most:g}")
    yield from _faults_of_choices(given)


def _faults_of_choices(given: Mapping[str, Any]) -> Iterator[Fault]:
    for name, choices in _LISTS.items():
        chosen = given.get(name)
        if chosen is None:
            continue
        if not isinstance(chosen, list | tuple):
            yield _wrong(name, chosen, "must be a list of texts")
            continue
        for value in chosen:
            if value not in choices:
                yield _wrong(name, value, f"must be one of {', '.join(choices)}")
    if not isinstance(given.get("note", ""), str):
        yield _wrong("note", given["note"], "must be a text")
    yield from _faults_of_names(given)
    if not isinstance(given.get("carbon_life", False), bool):
        yield _wrong("carbon_life", given["carbon_life"], "must be true or false")
    year = given.get("by", 2030)
    if not isinstance(year, int) or isinstance(year, bool):
        yield _wrong("by", year, "must be a year")


def _faults_of_names(given: Mapping[str, Any]) -> Iterator[Fault]:
    for name, catalogue in (("carbon_factor", "carbon"), ("tariff", "tariff")):
        choice = given.get(name, GRID_FACTOR)
        none = name == "tariff" and choice is None
        if not none and not (isinstance(choice, str) and choice.strip()):
            yield _wrong(name, choice, f"must be a name of the {catalogue} catalogue")


def _wrong(column: str, value: object, rule: str) -> Fault:
    return Fault(LAYER, None, column, str(value), rule)


def _within(value: float, least: float, most: float) -> bool:
    return (value >= 0 if least < 0 else value > least) and value <= most


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value  # noqa: PLR0124 - NaN


def _plain(value: Any) -> Any:  # noqa: ANN401 - a field of the terms
    if isinstance(value, tuple):
        return list(value)
    return dict(value) if hasattr(value, "items") else value


_DEFAULTS = {one.name: getattr(Terms(), one.name) for one in fields(Terms)}
