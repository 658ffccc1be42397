"""Ranges of raster values, as rules write them: `[-2),[5-7),12` is below 2, from 5 to under 7, and 12."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

import numpy as np

from faults import Fault, InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_RANGE = re.compile(rf"\s*([\[(])\s*({_NUMBER})?\s*-\s*({_NUMBER})?\s*([\])])\s*")
_SINGLE = re.compile(rf"\s*({_NUMBER})\s*")


@dataclass(frozen=True)
class Range:
    """The values from `low` to `high`, each end with or without the number itself."""

    low: float
    high: float
    with_low: bool = True
    with_high: bool = True

    def __post_init__(self) -> None:
        """Refuse a range that holds nothing."""
        closed = self.with_low and self.with_high
        if self.low > self.high or (self.low == self.high and not closed):
            raise ValueError(f"the range from {self.low} to {self.high} is empty")

    def holds(self, values: NDArray[np.floating] | NDArray[np.integer]) -> NDArray[np.bool_]:
        """Say which values lie in the range; NaN lies in none."""
        above = values >= self.low if self.with_low else values > self.low
        below = values <= self.high if self.with_high else values < self.high
        return above & below


@dataclass(frozen=True)
class Ranges:
    """One or more ranges."""

    text: str
    parts: tuple[Range, ...]

    def __call__(self, values: NDArray[np.floating] | NDArray[np.integer]) -> NDArray[np.bool_]:
        """Say which values lie in any of the ranges."""
        return np.logical_or.reduce([part.holds(values) for part in self.parts])


def compile_ranges(text: str) -> Ranges:
    """Compile ranges of raster values.

    A square bracket takes the number in, a round one leaves it out; an end without number is open.

    Raises
    ------
    InputError
        The text is no list of ranges; the message shows where.

    Examples
    --------
    >>> compile_ranges("[-2),[5-7),12")(np.array([-9.0, 2.0, 5.0, 7.0, 12.0, np.nan])).tolist()
    [True, False, True, False, True, False]
    >>> compile_ranges("[-10--5]")(np.array([-11, -10, -7, -5, 5])).tolist()
    [False, True, True, True, False]
    """
    parts, position = [], 0
    while True:
        part, position = _part(text, position)
        parts.append(part)
        if position == len(text):
            return Ranges(text, tuple(parts))
        if text[position] != ",":
            raise _fault(text, position, "',' is missing")
        position += 1


def _part(text: str, position: int) -> tuple[Range, int]:
    if match := _RANGE.match(text, position):
        opening, low, high, closing = match.groups()
        try:
            part = Range(float(low or -inf), float(high or inf), opening == "[", closing == "]")
        except ValueError as error:
            raise _fault(text, position, str(error)) from error
    elif match := _SINGLE.match(text, position):
        part = Range(float(match[1]), float(match[1]))
    else:
        raise _fault(text, position, "a number or a range like [5-7) is missing")
    return part, match.end()


def _fault(text: str, position: int, rule: str) -> InputError:
    return InputError([Fault(f"range {text!r}", None, None, None, f"at position {position + 1}: {rule}")])
