"""What can be wrong, and how it is said: one record for a fault, one base for the errors."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong in one place of one input.

    Examples
    --------
    >>> print(Fault("buildings", 3, "height_m", "abc", "must be a number (m)"))
    buildings, row 3, height_m = 'abc': must be a number (m)
    """

    layer: str
    """Name of the layer, or of the file where no layer is known."""
    row: int | None
    """Row in the file, counted from 1 without the header; None for the file as a whole."""
    column: str | None
    """Column name; None where the row or the file as a whole is meant."""
    value: str | None
    """The offending value as text; None where there is none."""
    rule: str
    """What the value must be, in words."""
    severity: Severity = "error"
    file: str | None = None
    """Name of the file; None where the layer name says enough."""

    def __str__(self) -> str:
        """Say where, which value, and the rule, in one line."""
        where = [self.file or self.layer]
        if self.row is not None:
            where.append(f"row {self.row}")
        if self.column is not None:
            where.append(self.column if self.value is None else f"{self.column} = {self.value!r}")
        elif self.value is not None:
            where.append(repr(self.value))
        return f"{', '.join(where)}: {self.rule}"

    def as_dict(self) -> dict[str, str | int | None]:
        """Return the fault as a plain mapping, as `yijian check --json` prints it."""
        return asdict(self)


class YijianError(Exception):
    """Base of every error that is meant for the user; the command ends with code 2."""


class InputError(YijianError):
    """An input cannot be used; carries every fault found, not only the first.

    Examples
    --------
    >>> raise InputError([Fault("dsm.tif", None, None, None, "file not found")])
    Traceback (most recent call last):
    faults.InputError: dsm.tif: file not found
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))

    def __reduce__(self) -> tuple[type[InputError], tuple[tuple[Fault, ...]]]:
        """Travel between processes with the faults, not with their text."""
        return type(self), (self.faults,)


class RunError(YijianError):
    """A run folder cannot be read, or work on it cannot go on."""
