"""What a condition is made of once it is read: tests on the columns of a frame, with unknown values."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import pandas as pd

Value = str | float | bool
Node = Callable[[pd.DataFrame], Any]

COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "==": operator.eq,
    "!=": operator.ne,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def nullable(column: pd.Series[Any], *, text: bool = True) -> pd.Series[Any]:
    """Return the column in a type that keeps unknown values unknown through comparisons."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(object)
    # Only an order needs real text: converting it costs more than all tests for equality.
    return column.convert_dtypes(convert_string=text)


def both(join: Callable[[Any, Any], Any], left: Node, right: Node) -> Node:
    """Join two conditions."""
    return lambda frame: join(left(frame), right(frame))


def null_test(name: str, *, negated: bool) -> Node:
    """Ask whether a column is unknown, or is not; the one test that is never unknown itself."""

    def test(frame: pd.DataFrame) -> pd.Series[Any]:
        null = frame[name].isna()
        return (~null if negated else null).astype("boolean")

    return test


def membership(name: str, values: list[Value]) -> Node:
    """Ask whether a column is one of the values; unknown where the column is."""

    def test(frame: pd.DataFrame) -> pd.Series[Any]:
        column = frame[name]
        return column.isin(values).astype("boolean").mask(column.isna())

    return test


def comparison(compare: Callable[[Any, Any], Any], name: str, operand: Value | Node) -> Node:
    """Compare a column with a value or with another column; unknown where either is."""

    def test(frame: pd.DataFrame) -> pd.Series[Any]:
        column = nullable(frame[name], text=compare not in (operator.eq, operator.ne))
        if column.isna().all():
            return pd.Series(pd.NA, index=frame.index, dtype="boolean")
        other = operand(frame) if callable(operand) else operand
        if isinstance(other, str) and pd.api.types.is_datetime64_any_dtype(column.dtype):
            other = pd.Timestamp(other)
        return compare(column, other).astype("boolean").mask(column.isna())

    return test
