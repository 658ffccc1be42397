"""Words of one column: choices of the schema and texts; what nobody knows is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from layers.mapping import LEAVE_OUT, normal
from layers.numbers import UNKNOWN_WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from layers.columns import LayerColumn
    from layers.findings import Findings
    from layers.mapping import ColumnPlan


def read_choices(
    raw: pd.Series, column: LayerColumn, plan: ColumnPlan, *, findings: Findings
) -> NDArray[np.object_]:
    """Return a column as values of the schema; None (or the choice for unknown) where there is none.

    A value that no table knows becomes unknown with a warning where the schema has a word for
    unknown, else its row is rejected. Rows whose value says that they are no part of the layer are
    left out.
    """
    codes, words = pd.factorize(raw)
    table = plan.words.get(column.name, {})
    rest = plan.rest.get(column.name)
    mapped = [_choice(word, table, rest) for word in words]
    strange = np.array([value is None for value in mapped] + [False])[codes]
    values: NDArray[np.object_] = np.array([*mapped, column.default], dtype=object)[codes]
    missing = np.array([normal(word) in UNKNOWN_WORDS for word in words] + [True])[codes]
    missing &= strange | (codes < 0)
    values[missing] = column.default
    _leave_out(values, words, codes, column, findings)
    strange &= ~missing
    choices = ", ".join(column.allowed)
    if column.required:
        findings.reject(strange, column.name, raw, f"must be one of {choices}")
        findings.reject(missing, column.name, None, "is missing")
    else:
        findings.rows(strange, column.name, raw, f"must be one of {choices}; read as unknown")
    values[strange] = column.default
    return values


def _choice(word: object, table: Mapping[str, str], rest: str | None) -> str | None:
    text = normal(word)
    if text.endswith(".0") and text not in table:
        text = text.removesuffix(".0")
    return table.get(text, rest)


def _leave_out(
    values: NDArray[np.object_],
    words: pd.Index,
    codes: NDArray[np.intp],
    column: LayerColumn,
    findings: Findings,
) -> None:
    out = values == LEAVE_OUT
    values[out] = None
    findings.left_out |= out
    for code, count in zip(*np.unique(codes[out], return_counts=True), strict=True):
        findings.note(
            f"{count} rows are no part of {findings.layer} and left out",
            column=column.name,
            value=words[code],
        )


def read_texts(
    raw: pd.Series, column: LayerColumn, plan: ColumnPlan, *, findings: Findings
) -> NDArray[np.object_]:
    """Return a column as text, None where there is none; known words are put into the schema's."""
    codes, words = pd.factorize(raw)
    table = plan.words.get(column.name, {})
    mapped = [table.get(normal(word), " ".join(str(word).split()) or None) for word in words]
    values: NDArray[np.object_] = np.array([*mapped, None], dtype=object)[codes]
    if column.required:
        missing = np.array([value is None for value in mapped] + [True])[codes]
        findings.reject(missing, column.name, None, "is missing")
    return values
