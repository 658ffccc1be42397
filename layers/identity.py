"""Ids of rows, and rows that are there twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from layers.numbers import UNKNOWN_WORDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layers.columns import Schema
    from layers.findings import Findings

HALF = 0.5
EXACT = 2.0**53
"""Whole numbers below this are exact as floats."""


def unique_ids(raw: pd.Series | None, rows: int, *, layer: str, findings: Findings) -> NDArray[np.object_]:
    """Return one id per row, unique and as text.

    The file's own ids are kept. Where it has none, or most of them are the same, rows are numbered;
    a few that occur twice get a suffix.
    """
    numbered = np.array([f"{layer}-{row:0{len(str(rows))}d}" for row in range(1, rows + 1)], dtype=object)
    if raw is None:
        findings.note("has no ids; rows are numbered", column="id")
        return numbered
    ids = _texts(raw)
    missing = np.array([not text or text.casefold() in UNKNOWN_WORDS for text in ids], dtype=bool)
    again = pd.Series(ids).duplicated().to_numpy() & ~missing
    if (missing | again).sum() > HALF * rows:
        rule = f"is no id: the same or empty in {(missing | again).sum()} of {rows} rows; rows are numbered"
        findings.note(rule, column=str(raw.name), value=raw.iloc[0])
        return numbered
    findings.rows(missing, "id", None, "is missing; numbered by row", "info")
    findings.rows(again, "id", ids, "occurs before; a suffix makes it unique")
    ids[missing] = numbered[missing]
    return _with_suffix(ids, again)


def _texts(raw: pd.Series) -> NDArray[np.object_]:
    known = raw.dropna()
    if pd.api.types.is_float_dtype(raw) and ((known % 1 == 0) & (known.abs() < EXACT)).all():
        raw = raw.astype("Int64")
    texts = raw.astype("string").str.strip().fillna("")
    return np.array(texts.tolist(), dtype=object)


def _with_suffix(ids: NDArray[np.object_], again: NDArray[np.bool_]) -> NDArray[np.object_]:
    taken = set(ids[~again])
    for position in np.flatnonzero(again):
        number = 2
        while (candidate := f"{ids[position]}-{number}") in taken:
            number += 1
        taken.add(candidate)
        ids[position] = candidate
    return ids


def reject_duplicates(
    geometry: NDArray[np.object_], kind: NDArray[np.object_] | None, schema: Schema, *, findings: Findings
) -> None:
    """Reject shapes that are there before, vertex by vertex, with the same kind; points may repeat.

    Counted twice they would carry twice the capacity.
    """
    if "polygon" not in schema.geometry and "line" not in schema.geometry:
        return
    candidates = np.flatnonzero(_same_box(geometry) & findings.kept)
    if not len(candidates):
        return
    shapes = pd.Series(shapely.to_wkb(shapely.normalize(geometry[candidates])).tolist())
    keys = pd.DataFrame({"shape": shapes, "kind": None if kind is None else kind[candidates]})
    first = keys.groupby(["shape", "kind"], dropna=False, sort=False).ngroup()
    origin = pd.Series(candidates).groupby(first.to_numpy()).transform("first").to_numpy()
    again = origin != candidates
    which = np.zeros(len(geometry), dtype=bool)
    which[candidates[again]] = True
    rules = np.full(len(geometry), None, dtype=object)
    rules[candidates[again]] = [f"is the same shape as row {row + 1}" for row in origin[again]]
    findings.reject(which, "geometry", None, rules)


def _same_box(geometry: NDArray[np.object_]) -> NDArray[np.bool_]:
    boxes = pd.DataFrame(shapely.bounds(geometry))
    twice = boxes.duplicated(keep=False).to_numpy()
    return twice & ~shapely.is_missing(geometry) & (shapely.get_dimensions(geometry) > 0)
