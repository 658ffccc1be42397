"""The usual filters as one condition, in the language that also reads a condition typed by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from faults import Fault, InputError

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class Between:
    """A range of one column, both ends included; None leaves an end open. Unknown values lie in no range.

    Examples
    --------
    >>> Between("kwp_dc_central", low=100).text
    'kwp_dc_central >= 100'
    >>> Between("lcoe", low=0.2, high=0.3).text
    'lcoe >= 0.2 and lcoe <= 0.3'
    """

    column: str
    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        """Refuse a range that holds nothing."""
        if self.low is not None and self.high is not None and self.low > self.high:
            rule = f"is more than the upper end {self.high:g}"
            raise InputError([Fault("export", None, self.column, f"{self.low:g}", rule)])

    @property
    def text(self) -> str:
        """The range as a condition; empty where both ends are open."""
        ends = ((">=", self.low), ("<=", self.high))
        return " and ".join(f"{self.column} {sign} {end!r}" for sign, end in ends if end is not None)


def one_of(column: str, values: Iterable[str]) -> str:
    """Return the condition that a column holds one of the values; empty for no values.

    Examples
    --------
    >>> one_of("owner", ["school", "o'neill"])
    "owner in ('school', 'o''neill')"
    """
    quoted = ", ".join(f"""'{value.replace("'", "''")}'""" for value in values)
    return f"{column} in ({quoted})" if quoted else ""


def all_of(*conditions: str | None) -> str | None:
    """Join conditions that must all hold; None where there is none.

    Examples
    --------
    >>> all_of("lcoe < 0.3 or kwp_dc_central > 9", "", None, "owner in ('school')")
    "(lcoe < 0.3 or kwp_dc_central > 9) and (owner in ('school'))"
    """
    kept = [text for text in conditions if text and text.strip()]
    return " and ".join(f"({text})" for text in kept) or None
