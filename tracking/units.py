"""Numbers with units as people write them: 万千瓦, MW, kWp, 万平方米, 亩 — read exactly, never guessed.

Every value is computed as a fraction and becomes a float once, at the end: 15万千瓦 is 150.0 MW, and 3亩 is
2000.0 m2. A bare number has the unit of its column; where the column names none it is refused.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from datetime import date, datetime
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

UNKNOWN = frozenset({"", "-", "--", "—", "/", "\\", "?", "n/a", "na", "nan", "none", "null", "unknown"}) | {
    "未知", "不详", "暂无", "待定", "无", "未定", "未给出", "未公布",
}  # fmt: skip
"""What people write for "we do not know"; read as unknown, never as zero."""

_TIMES = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8}
_WATTS = {"w": 1, "kw": 10**3, "mw": 10**6, "gw": 10**9, "瓦": 1, "兆瓦": 10**6, "吉瓦": 10**9}
_SQUARE_METRES: dict[str, Fraction] = {
    "m2": Fraction(1),
    "平方米": Fraction(1),
    "平米": Fraction(1),
    "平方": Fraction(1),
    "亩": Fraction(2000, 3),
    "mu": Fraction(2000, 3),
    "公顷": Fraction(10**4),
    "ha": Fraction(10**4),
    "km2": Fraction(10**6),
    "平方公里": Fraction(10**6),
    "平方千米": Fraction(10**6),
}
_NUMBER = re.compile(
    r"([+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:e[+-]?\d{1,2})?)(.*)", re.IGNORECASE | re.DOTALL
)
_DATE = re.compile(
    r"(\d{4})(?:[-/.年](\d{1,2})(?:[-/.月](\d{1,2}))?)?[年月日]?(?:[ T]00:00(?::00(?:\.0+)?)?)?"
)
_NO_TEXT = frozenset({"Cc", "Cs"})
"""Control characters and halves of characters: no database keeps them all."""
_MISREAD = {"沔西": "沣西", "沔东": "沣东"}
_PEAK = re.compile(r"(?<=[w瓦])(?:p|峰|_?(?:dc|ac))$")


def clean_text(text: object) -> str | None:
    """Tidy a text: one space, no control characters, known misreadings mended; None if unknown.

    The plan was read by machine: 沔西 and 沔东 stand for 沣西 and 沣东; 沔 elsewhere is left alone.

    Examples
    --------
    >>> clean_text(" 沔西新城 "), clean_text("沔县"), clean_text("待定")
    ('沣西新城', '沔县', None)
    """
    if text is None:
        return None
    tidy = unicodedata.normalize("NFC", str(text))
    tidy = "".join(" " if unicodedata.category(char) in _NO_TEXT else char for char in tidy)
    tidy = " ".join(tidy.split())
    for wrong, right in _MISREAD.items():
        tidy = tidy.replace(wrong, right)
    return None if tidy.lower() in UNKNOWN else tidy


def parse_mw(text: object, unit: str | None = None) -> float | None:
    """Read a power as MW; None where it is unknown.

    Parameters
    ----------
    unit
        Unit of a bare number, as the column says; None: a bare number is refused.

    Raises
    ------
    ValueError
        No number, no unit, or no unit of power.

    Examples
    --------
    >>> [parse_mw(text) for text in ("15万千瓦", "1,250 kWp", "0.4GW", "39 万 kW", "待定")]
    [150.0, 1.25, 400.0, 390.0, None]
    >>> parse_mw("150")
    Traceback (most recent call last):
    ValueError: has no unit: write kW, MW, GW or 万千瓦, or name the unit in the heading
    """
    return _parse(text, unit, watts, scale=10**6, units="kW, MW, GW or 万千瓦")


def parse_m2(text: object, unit: str | None = None) -> float | None:
    """Read an area as m2; None where it is unknown.

    Examples
    --------
    >>> [parse_m2(text) for text in ("580万平方米", "3亩", "12.5 ha", "9.33万㎡", "0.2 km²")]
    [5800000.0, 2000.0, 125000.0, 93300.0, 200000.0]
    """
    return _parse(text, unit, square_metres, scale=1, units="m2, 万平方米, 亩, ha or km2")


def parse_degrees(text: object) -> float | None:
    """Read a coordinate in degrees; None where it is unknown.

    Examples
    --------
    >>> parse_degrees("108.75"), parse_degrees("")
    (108.75, None)
    """
    tidy = _compact(text)
    if tidy in UNKNOWN:
        return None
    number, rest = _split(tidy)
    if rest not in {"", "°", "度"}:
        raise ValueError("must be decimal degrees")
    return float(number)


def parse_date(text: object) -> date | None:
    """Read a date; a month or a year alone means its last day; None where it is unknown.

    Examples
    --------
    >>> [str(parse_date(text)) for text in ("2024年5月1日", "2024/5/1", "2024-05", "2025", "")]
    ['2024-05-01', '2024-05-01', '2024-05-31', '2025-12-31', 'None']
    """
    if isinstance(text, datetime):
        return text.date()
    if isinstance(text, date):
        return text
    tidy = clean_text(unicodedata.normalize("NFKC", "" if text is None else str(text)))
    if tidy is None:
        return None
    match = _DATE.fullmatch(tidy)
    if match is None:
        raise ValueError("must be a date such as 2025-06-30, 2025年6月 or 2025")
    year, month = int(match[1]), int(match[2] or 12)
    try:
        return date(year, month, int(match[3] or monthrange(year, month)[1]))
    except ValueError as error:
        raise ValueError("is no day of the calendar") from error


def watts(unit: str) -> Fraction | None:
    """Return the watts of a unit of power; None if it is none.

    Examples
    --------
    >>> int(watts("万千瓦")), watts("kWh")
    (10000000, None)
    """
    return _factor(_PEAK.sub("", _compact(unit)), {name: Fraction(value) for name, value in _WATTS.items()})


def square_metres(unit: str) -> Fraction | None:
    """Return the square metres of a unit of area; None if it is none.

    Examples
    --------
    >>> int(square_metres("万㎡")), square_metres("m")
    (10000, None)
    """
    return _factor(_compact(unit), _SQUARE_METRES)


def _factor(unit: str, bases: dict[str, Fraction]) -> Fraction | None:
    """Peel multipliers (万, 千, 百, …) off the front until a base unit is left."""
    times = Fraction(1)
    while unit not in bases:
        if not unit or unit[0] not in _TIMES:
            return None
        times *= _TIMES[unit[0]]
        unit = unit[1:]
    return times * bases[unit]


def _compact(text: object) -> str:
    return "".join(unicodedata.normalize("NFKC", "" if text is None else str(text)).split()).lower()


def _split(tidy: str) -> tuple[Fraction, str]:
    match = _NUMBER.fullmatch(tidy)
    if match is None:
        raise ValueError("must be a number with its unit")
    return Fraction(match[1].replace(",", "")), match[2]


def _parse(
    text: object, unit: str | None, factor_of: Callable[[str], Fraction | None], *, scale: int, units: str
) -> float | None:
    tidy = _compact(text)
    if tidy in UNKNOWN:
        return None
    number, rest = _split(tidy)
    written = rest or unit
    if not written:
        raise ValueError(f"has no unit: write {units}, or name the unit in the heading")
    factor = factor_of(written)
    if factor is None:
        raise ValueError(f"unit {written!r} must be {units}")
    if number < 0:
        raise ValueError("must not be negative")
    return float(number * factor / scale)
