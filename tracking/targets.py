"""Targets as data: what must stand by which year, in the words of the plan."""

from __future__ import annotations

import tomllib
from dataclasses import MISSING, dataclass, fields
from typing import TYPE_CHECKING, Any, Literal

from faults import Fault, InputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Measure = Literal["pv_mw", "heat_m2", "context"]
UNITS = {"pv_mw": "MW", "heat_m2": "m2"}
"""Unit of the measures that the ledger counts; context targets carry any."""
_CHOICES = {
    "measure": ("pv_mw", "heat_m2", "context"),
    "nature": ("stock", "increment"),
    "basis": ("dc", "ac", "unknown", ""),
}


@dataclass(frozen=True, kw_only=True)
class Target:
    """One target of one year.

    Examples
    --------
    >>> pv = Target(id="PV", measure="pv_mw", year=2025, value=200, unit="MW", nature="stock", strict=True,
    ...             basis="unknown", wording="超过20万千瓦", paragraph="2", name_zh="光伏",
    ...             name_en="PV", source="plan")
    >>> pv.is_met(200.0), pv.is_met(200.1)
    (False, True)
    """

    id: str
    measure: Measure
    year: int
    """Counted at the end of this year."""
    value: float
    unit: str
    nature: Literal["stock", "increment"]
    strict: bool
    """True: must be exceeded (超过); False: reached is enough (达到)."""
    wording: str
    """The plan's words."""
    paragraph: str
    name_zh: str
    name_en: str
    source: str
    confidence: str = "H"
    basis: Literal["dc", "ac", "unknown", ""] = ""
    """Of a PV target; unknown: both are shown."""
    since_year: int | None = None
    """An increment counts what came after the end of this year; a stock's `base` stood at its end."""
    base: float | None = None
    """Stock at the end of `since_year`; None: unknown."""
    note_zh: str = ""
    note_en: str = ""

    def __post_init__(self) -> None:
        """Check that the target says something that can be counted."""
        for name, choices in _CHOICES.items():
            if getattr(self, name) not in choices:
                raise ValueError(f"{name} = {getattr(self, name)!r}: must be one of {', '.join(choices)}")
        unit = UNITS.get(self.measure, self.unit)
        if self.unit != unit:
            raise ValueError(f"unit = {self.unit!r}: {self.measure} is counted in {unit}")
        if not self.value > 0:
            raise ValueError(f"value = {self.value!r}: must be above 0")
        if self.nature == "increment" and self.since_year is None:
            raise ValueError("since_year is missing: an increment counts from the end of a year")
        if (self.measure == "pv_mw") != bool(self.basis):
            raise ValueError(f"basis = {self.basis!r}: a PV target has one (dc, ac, unknown), others none")

    def is_met(self, amount: float) -> bool:
        """Say whether an amount meets the target, in the sense of its wording."""
        return amount > self.value if self.strict else amount >= self.value

    @property
    def bases(self) -> tuple[str, ...]:
        """Capacity bases in which the target is shown: both where the plan does not say."""
        return ("dc", "ac") if self.basis == "unknown" else (self.basis,)


def load_targets(path: Path) -> tuple[Target, ...]:
    """Read targets from TOML, in the order of the file.

    Raises
    ------
    InputError
        The file cannot be read, or targets in it are wrong: all faults at once, each with its number.
    """
    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError([Fault("targets", None, None, str(path), "cannot be read")]) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        rule = f"is not valid TOML: {error}"
        raise InputError([Fault("targets", None, None, None, rule, file=path.name)]) from error
    common: dict[str, Any] = {key: tree[key] for key in ("source", "confidence") if key in tree}
    targets: list[Target] = []
    faults: list[Fault] = []
    for row, table in enumerate(tree.get("target", []), start=1):
        try:
            targets.append(_target({**common, **table}))
        except (TypeError, ValueError) as error:
            name = table.get("id")
            faults.append(Fault("targets", row, "id", name and str(name), str(error), file=path.name))
    faults += _twice([target.id for target in targets], path.name)
    if not targets and not faults:
        faults.append(Fault("targets", None, None, None, "has no [[target]]", file=path.name))
    if faults:
        raise InputError(faults)
    return tuple(targets)


def _target(table: Mapping[str, Any]) -> Target:
    known = {field.name for field in fields(Target)}
    needed = {field.name for field in fields(Target) if field.default is MISSING}
    if unknown := set(table) - known:
        raise ValueError(f"unknown keys: {', '.join(sorted(unknown))}")
    if missing := needed - set(table):
        raise ValueError(f"keys are missing: {', '.join(sorted(missing))}")
    return Target(**table)


def _twice(ids: list[str], file: str) -> list[Fault]:
    return [
        Fault("targets", row, "id", name, "appears twice", file=file)
        for row, name in enumerate(ids, start=1)
        if name in ids[: row - 1]
    ]
