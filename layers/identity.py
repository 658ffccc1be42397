"""Ids of rows, and rows that are there twice."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from layers.numbers import UNKNOWN_WORDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layers.columns import Schema
    from layers.findings import Findings
    from layers.rows import Shapes

HALF = 0.5
EXACT = 2.0**53
"""Whole numbers below this are exact as floats."""
_ODD = np.uint64(0x9E3779B97F4A7C15)
"""Spreads the sides of a box over its key."""


@dataclass(frozen=True)
class Ids:
    """One id per row, unique; made into texts where they are asked for."""

    layer: str
    rows: int
    raw: pd.Series | None
    """The file's own; None: rows are numbered."""
    missing: NDArray[np.bool_]
    """Rows without one, which are numbered."""
    again: NDArray[np.bool_]
    """Rows whose id occurs before; they get a suffix."""

    def texts(self) -> NDArray[np.object_]:
        """Return them as text."""
        width = len(str(self.rows))
        numbered = (f"{self.layer}-{row:0{width}d}" for row in range(1, self.rows + 1))
        if self.raw is None:
            return np.array(list(numbered), dtype=object)
        ids = _texts(_whole(self.raw))
        if self.missing.any():
            ids[self.missing] = np.array(list(numbered), dtype=object)[self.missing]
        return _with_suffix(ids, self.again)


def unique_ids(
    raw: pd.Series | None, rows: int, *, layer: str, findings: Findings, batch_rows: int | None = None
) -> Ids:
    """Return one id per row.

    The file's own ids are kept. Where it has none, or most of them are the same, rows are numbered;
    a few that occur twice get a suffix. Texts of no more than `batch_rows` are in memory at a time.
    """
    none = np.zeros(rows, dtype=bool)
    if raw is None:
        findings.note("has no ids; rows are numbered", column="id")
        return Ids(layer, rows, None, none, none)
    whole = _whole(raw)
    missing, again = _missing_and_again(whole, batch_rows or max(rows, 1))
    if (missing | again).sum() > HALF * rows:
        rule = f"is no id: the same or empty in {(missing | again).sum()} of {rows} rows; rows are numbered"
        findings.note(rule, column=str(raw.name), value=raw.iloc[0])
        return Ids(layer, rows, None, none, none)
    findings.rows(missing, "id", None, "is missing; numbered by row", "info")
    values = np.full(rows, None, dtype=object)
    values[again] = _texts(whole[again])
    findings.rows(again, "id", values, "occurs before; a suffix makes it unique")
    return Ids(layer, rows, raw, missing, again)


def _missing_and_again(whole: pd.Series, batch_rows: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Say in which rows there is no id, and in which one that occurs before."""
    missing, keys = np.zeros(len(whole), dtype=bool), np.zeros(len(whole), dtype=np.uint64)
    for start in range(0, len(whole), batch_rows):
        where = slice(start, start + batch_rows)
        ids = _texts(whole.iloc[where])
        missing[where] = [not text or text.casefold() in UNKNOWN_WORDS for text in ids]
        keys[where] = pd.util.hash_array(ids, categorize=False)
    again = np.zeros(len(whole), dtype=bool)
    alike = np.flatnonzero(pd.Series(keys).duplicated(keep=False).to_numpy() & ~missing)
    again[alike] = pd.Series(_texts(whole.iloc[alike])).duplicated().to_numpy()
    return missing, again


def _whole(raw: pd.Series) -> pd.Series:
    """Return ids that came as floats, but are all whole, as whole numbers."""
    known = raw.dropna()
    if pd.api.types.is_float_dtype(raw) and ((known % 1 == 0) & (known.abs() < EXACT)).all():
        return raw.astype("Int64")
    return raw


def _texts(raw: pd.Series) -> NDArray[np.object_]:
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
    shapes: Shapes, kind: NDArray[np.object_] | None, schema: Schema, *, findings: Findings
) -> None:
    """Reject shapes that are there before, vertex by vertex, with the same kind; points may repeat.

    Counted twice they would carry twice the capacity.
    """
    if "polygon" not in schema.geometry and "line" not in schema.geometry:
        return
    candidates = np.flatnonzero(_same_box(shapes) & findings.kept)
    if not len(candidates):
        return
    keys = pd.DataFrame(
        {"shape": _digests(shapes, candidates), "kind": None if kind is None else kind[candidates]}
    )
    first = keys.groupby(["shape", "kind"], dropna=False, sort=False).ngroup()
    origin = pd.Series(candidates).groupby(first.to_numpy()).transform("first").to_numpy()
    again = origin != candidates
    which = np.zeros(len(shapes), dtype=bool)
    which[candidates[again]] = True
    rules = np.full(len(shapes), None, dtype=object)
    rules[candidates[again]] = [f"is the same shape as row {row + 1}" for row in origin[again]]
    findings.reject(which, "geometry", None, rules)


def _digests(shapes: Shapes, rows: NDArray[np.intp]) -> list[bytes]:
    """Return 16 bytes per shape that only equal shapes share, whatever vertex they begin with."""
    found: list[bytes] = []
    for start in range(0, len(rows), shapes.batch_rows):
        part = shapes.taken(rows[start : start + shapes.batch_rows])
        binary = shapely.to_wkb(shapely.normalize(part)).tolist()
        found += [blake2b(shape, digest_size=16).digest() for shape in binary]
    return found


def _same_box(shapes: Shapes) -> NDArray[np.bool_]:
    """Say which lines and polygons have the box of another one; a few others may be among them."""
    keys, there = np.zeros(len(shapes), dtype=np.uint64), np.zeros(len(shapes), dtype=bool)
    for where, batch in shapes.batches():
        box = shapely.bounds(batch) + 0.0  # one zero, not two
        parts = (pd.util.hash_array(side) for side in box.T)
        keys[where] = reduce(lambda key, part: key * _ODD + part, parts)
        there[where] = ~shapely.is_missing(batch) & (shapely.get_dimensions(batch) > 0)
    return there & pd.Series(keys).duplicated(keep=False).to_numpy()
