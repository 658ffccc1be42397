"""Catalogues: tables of numbers, each with its range, unit, source and confidence."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from faults import Fault, InputError

if TYPE_CHECKING:
    from pathlib import Path

CONFIDENCES = ("H", "M", "L")
_FIELDS = {"value", "low", "high", "unit", "source", "confidence", "note", "unverified"}


@dataclass(frozen=True)
class Quantity:
    """One number of a catalogue.

    Examples
    --------
    >>> Quantity(0.65, 0.5, 0.8, unit="1", source="plan", confidence="M").low
    0.5
    >>> Quantity(0.65, 0.7, 0.8, unit="1", source="plan", confidence="M")
    Traceback (most recent call last):
    ValueError: low 0.7 <= value 0.65 <= high 0.8 does not hold
    """

    value: float
    """The central value."""
    low: float
    """Lower end of the plausible range."""
    high: float
    """Upper end of the plausible range."""
    unit: str
    """Unit as text; "1" for a share."""
    source: str
    """Where the number is from."""
    confidence: str
    """H, M or L."""
    unverified: bool = False
    """True: general knowledge that no source read confirms; the app shows it so."""
    note: str = ""
    """What a user must know about it."""

    def __post_init__(self) -> None:
        """Check the order of the range, the confidence and that a source is named."""
        if not self.low <= self.value <= self.high:
            raise ValueError(f"low {self.low} <= value {self.value} <= high {self.high} does not hold")
        if self.confidence not in CONFIDENCES:
            raise ValueError(f"confidence {self.confidence!r} is none of {', '.join(CONFIDENCES)}")
        if not self.source:
            raise ValueError("source is empty")


class Catalog(Mapping[str, Quantity]):
    """Quantities by dotted name, in the order of the file."""

    def __init__(self, quantities: Mapping[str, Quantity], *, name: str) -> None:
        self._quantities = dict(quantities)
        self.name = name

    def __getitem__(self, key: str) -> Quantity:
        """Return the quantity, or say which catalogue has no such number."""
        try:
            return self._quantities[key]
        except KeyError:
            raise InputError([Fault(self.name, None, key, None, "this number is missing")]) from None

    def __contains__(self, key: object) -> bool:
        """Say whether the catalogue has the number."""
        return key in self._quantities

    def __iter__(self) -> Iterator[str]:
        """Go through the dotted names."""
        return iter(self._quantities)

    def __len__(self) -> int:
        """Count the quantities."""
        return len(self._quantities)

    def value(self, key: str) -> float:
        """Return the central value."""
        return self[key].value

    def section(self, prefix: str) -> dict[str, Quantity]:
        """Return the quantities below a dotted prefix, by the rest of their name."""
        head = f"{prefix}."
        return {key.removeprefix(head): self[key] for key in self if key.startswith(head)}


def load_catalog(path: Path) -> Catalog:
    """Read a catalogue from TOML; every table with a `value` is one quantity.

    Raises
    ------
    InputError
        The file is missing or malformed, or numbers in it are; all faults at once.
    """
    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError([Fault(path.name, None, None, str(path), "cannot be read")]) from error
    except tomllib.TOMLDecodeError as error:
        raise InputError([Fault(path.name, None, None, None, f"is not valid TOML: {error}")]) from error
    quantities: dict[str, Quantity] = {}
    faults: list[Fault] = []
    for key, table in _leaves(tree):
        try:
            quantities[key] = _quantity(table)
        except (KeyError, TypeError, ValueError) as error:
            faults.append(Fault(path.name, None, key, None, str(error)))
    if faults:
        raise InputError(faults)
    return Catalog(quantities, name=path.name)


def _leaves(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    for key, table in tree.items():
        if not isinstance(table, dict):
            continue
        name = f"{prefix}{key}"
        if "value" in table:
            yield name, table
        else:
            yield from _leaves(table, f"{name}.")


def _quantity(table: Mapping[str, Any]) -> Quantity:
    if unknown := set(table) - _FIELDS:
        raise ValueError(f"unknown fields {', '.join(sorted(unknown))}")
    if missing := {"value", "unit", "source", "confidence"} - set(table):
        raise ValueError(f"fields are missing: {', '.join(sorted(missing))}")
    value = float(table["value"])
    return Quantity(
        value=value,
        low=float(table.get("low", value)),
        high=float(table.get("high", value)),
        unit=str(table["unit"]),
        source=str(table["source"]),
        confidence=str(table["confidence"]),
        unverified=bool(table.get("unverified", False)),
        note=str(table.get("note", "")),
    )
