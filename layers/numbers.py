"""Numbers of one column: text, units, placeholders and ranges; what cannot be read is said."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from layers.mapping import normal
from layers.plausible import note_units

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layers.columns import LayerColumn
    from layers.findings import Findings

UNKNOWN_WORDS = frozenset(
    normal(word)
    for word in (
        "",
        "-",
        "--",
        "—",
        "/",
        "\\",
        "?",
        "？",
        "无",
        "未知",
        "不详",
        "不明",
        "暂无",
        "空",
        "null",
        "<null>",
    )
) | {"nan", "none", "n/a", "na", "#n/a", "unknown", "nil", "nodata"}
"""What people write where they do not know."""
FACTORS: dict[str, dict[str, float]] = {
    "m": {"m": 1, "米": 1, "metre": 1, "meter": 1, "cm": 0.01, "厘米": 0.01, "km": 1000, "公里": 1000}
    | {"ft": 0.3048, "feet": 0.3048, "foot": 0.3048, "英尺": 0.3048, "dm": 0.1, "分米": 0.1},
    "1": {"层": 1, "f": 1, "楼": 1, "%": 0.01},
    "a": {"年": 1},
    "m2": {
        "m2": 1,
        "平方米": 1,
        "㎡": 1,
        "亩": 10000 / 15,
        "mu": 10000 / 15,
        "ha": 1e4,
        "公顷": 1e4,
        "km2": 1e6,
    },
    "km2": {
        "km2": 1,
        "平方公里": 1,
        "平方千米": 1,
        "亩": 1 / 1500,
        "mu": 1 / 1500,
        "万亩": 20 / 3,
        "ha": 0.01,
    }
    | {"公顷": 0.01, "m2": 1e-6, "平方米": 1e-6},
    "kV": {"kv": 1, "千伏": 1, "v": 0.001, "伏": 0.001},
    "MW": {"mw": 1, "兆瓦": 1, "kw": 0.001, "千瓦": 0.001, "万千瓦": 10},
    "kW": {"kw": 1, "千瓦": 1, "mw": 1000, "兆瓦": 1000, "w": 0.001},
}
"""Unit of a column -> unit that may stand in a file -> factor."""
_NUMBER = re.compile(r"([-+]?(?:\d[\d,]*\.?\d*|\.\d+)(?:e[-+]?\d+)?)\s*(\D*)")
_DATE = re.compile(r"(\d{4})[-/.年]")


def parse_number(text: str, unit: str) -> float | None:
    """Return the number a text holds in the unit of its column; None where it holds none.

    Full-width digits, thousands separators and units are read; words for unknown are NaN.

    Examples
    --------
    >>> parse_number("１２．５米", "m"), parse_number("1,250", "m"), parse_number("6层", "1")
    (12.5, 1250.0, 6.0)
    >>> parse_number("不详", "m"), parse_number("tall", "m")
    (nan, None)
    >>> parse_number("1500亩", "km2"), parse_number("2005-03-01", "a")
    (1.0, 2005.0)
    """
    plain = normal(unicodedata.normalize("NFKC", text))
    if plain in UNKNOWN_WORDS:
        return float("nan")
    if unit == "a" and (date := _DATE.match(plain)):
        return float(date[1])
    if (match := _NUMBER.fullmatch(plain)) is None:
        return None
    factor = 1.0 if not match[2] else FACTORS.get(unit, {}).get(match[2].strip())
    return None if factor is None else float(match[1].replace(",", "")) * factor


def read_numbers(
    raw: pd.Series, column: LayerColumn, *, unit: str | None, findings: Findings
) -> NDArray[np.float64]:
    """Return a column as floats, NaN where unknown.

    Placeholders of the schema (0, 9999 for a height) become unknown; what is no number or out of
    range becomes unknown with a warning.
    """
    factor = _factor(column, unit, findings)
    floats, bad = _to_floats(raw, column)
    numbers = floats.copy()
    findings.rows(bad, column.name, raw, f"must be a number{_in(column)}; read as unknown")
    holder = np.isin(numbers, column.unknown_numbers)
    _note_placeholders(numbers, holder, column, findings)
    _note_words(raw, bad | ~np.isnan(numbers), column, findings)
    numbers[holder] = np.nan
    numbers = numbers * factor
    note_units(numbers, column, findings)
    out = _outside(numbers, column)
    rule = (
        f"must lie between {column.low:g} and {column.high:g}{_in(column)}; read as unknown"
        if out.any()
        else ""
    )
    findings.rows(out, column.name, raw, rule)
    numbers[out] = np.nan
    return numbers


def _factor(column: LayerColumn, unit: str | None, findings: Findings) -> float:
    if unit is None:
        return 1.0
    factors = FACTORS.get(column.unit, {})
    if normal(unit) not in factors:
        known = ", ".join(factors) or "none"
        raise findings.stop(
            f"unit {unit!r} cannot be read as {column.unit or 'text'}; known: {known}", column=column.name
        )
    return factors[normal(unit)]


def _in(column: LayerColumn) -> str:
    return f" ({column.unit})" if column.unit not in ("", "1") else ""


def _to_floats(raw: pd.Series, column: LayerColumn) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    if pd.api.types.is_datetime64_any_dtype(raw):
        return raw.dt.year.to_numpy(dtype=float), np.zeros(len(raw), dtype=bool)
    if pd.api.types.is_numeric_dtype(raw):
        numbers = raw.to_numpy(dtype=float, na_value=np.nan)
        return np.where(np.isfinite(numbers), numbers, np.nan), np.isinf(numbers)
    codes, words = pd.factorize(raw)
    parsed = [parse_number(str(word), column.unit) for word in words]
    bad_word = np.array([number is None for number in parsed] + [False])
    number = np.array([np.nan if number is None else number for number in parsed] + [np.nan])
    return number[codes], bad_word[codes]


def _note_placeholders(
    numbers: NDArray[np.float64], holder: NDArray[np.bool_], column: LayerColumn, findings: Findings
) -> None:
    for value, count in zip(*np.unique(numbers[holder], return_counts=True), strict=True):
        rule = f"stands for unknown in {count} rows (first: row {int(np.argmax(numbers == value)) + 1})"
        findings.note(rule, column=column.name, value=f"{value:g}")


def _note_words(raw: pd.Series, other: NDArray[np.bool_], column: LayerColumn, findings: Findings) -> None:
    if pd.api.types.is_numeric_dtype(raw) or pd.api.types.is_datetime64_any_dtype(raw):
        return
    for word, count in raw[~other].value_counts().items():
        findings.note(f"stands for unknown in {count} rows", column=column.name, value=word)


def _outside(numbers: NDArray[np.float64], column: LayerColumn) -> NDArray[np.bool_]:
    low = -np.inf if column.low is None else column.low
    high = np.inf if column.high is None else column.high
    return (numbers < low) | (numbers > high)
