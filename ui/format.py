"""Numbers as people here write them: 万千瓦 and 万平方米 in Chinese, MW and million m² in English."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ui.words import language, say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ui.words import Language

_STEPS: dict[str, dict[Language, tuple[tuple[float, str], ...]]] = {
    "kw": {"zh": ((10_000, "万千瓦"), (1, "千瓦")), "en": ((1000, "MW"), (1, "kW"))},
    "kwh": {
        "zh": ((1e8, "亿千瓦时"), (1e4, "万千瓦时"), (1, "千瓦时")),
        "en": ((1e6, "GWh"), (1e3, "MWh"), (1, "kWh")),
    },
    "m2": {"zh": ((1e4, "万平方米"), (1, "平方米")), "en": ((1e6, "million m²"), (1, "m²"))},
    "cny": {
        "zh": ((1e8, "亿元"), (1e4, "万元"), (1, "元")),
        "en": ((1e9, "bn CNY"), (1e6, "m CNY"), (1, "CNY")),
    },
    "t": {"zh": ((1e4, "万吨"), (1, "吨")), "en": ((1e3, "kt"), (1, "t"))},
    "m": {"zh": ((1000, "千米"), (1, "米")), "en": ((1000, "km"), (1, "m"))},
}


def unit_for(amounts: Iterable[float], unit: str, lang: Language) -> tuple[float, str]:
    """Return size and name of the one unit that suits amounts beside each other, as of an axis or a legend.

    It is the largest that leaves the median at 1 or more.

    Examples
    --------
    >>> unit_for([1400, 29_000], "m2", "en"), unit_for([3e7], "m2", "en"), unit_for([3e7], "m2", "zh")
    ((1000.0, 'thousand m²'), (1000000.0, 'million m²'), (10000.0, '万平方米'))
    """
    sizes = sorted(abs(amount) for amount in amounts if math.isfinite(amount) and amount)
    middle = sizes[len(sizes) // 2] if sizes else 0.0
    steps = _AXIS_STEPS.get((unit, lang), _STEPS[unit][lang])
    size, name = next((one for one in steps if middle >= one[0]), steps[-1])
    return float(size), name


_AXIS_STEPS: dict[tuple[str, Language], tuple[tuple[float, str], ...]] = {
    ("m2", "en"): ((1e6, "million m²"), (1e3, "thousand m²"), (1, "m²"))
}
"""Steps of axes and legends where they are finer than those of single amounts."""


def figures(value: float, digits: int = 3) -> str:
    """Return a number with about `digits` significant figures and thousands separators, without exponent.

    Examples
    --------
    >>> figures(390), figures(1234567), figures(0.04567), figures(0)
    ('390', '1,234,567', '0.0457', '0')
    """
    if value == 0:
        return "0"
    decimals = max(digits - 1 - math.floor(math.log10(abs(value))), 0)
    return f"{value:,.{min(decimals, 6)}f}"


def known(value: object) -> float | None:
    """Return a finite number, or None for anything unknown."""
    if not isinstance(value, (int, float)) and not hasattr(value, "__float__"):
        return None
    number = float(value)
    return number if math.isfinite(number) else None


def quantity(value: object, unit: str, lang: Language | None = None, *, digits: int = 3) -> str:
    """Return a value with the unit people use for its size; `unit` is kw, kwh, m2, cny, t or m.

    Examples
    --------
    >>> quantity(390_000, "kw", "zh"), quantity(390_000, "kw", "en"), quantity(None, "kw", "en")
    ('39.0 万千瓦', '390 MW', 'unknown')
    """
    chosen = lang or language()
    number = known(value)
    if number is None:
        return say("unknown", chosen)
    steps = _STEPS[unit][chosen]
    size, name = next((step for step in steps if abs(number) >= step[0]), steps[-1])
    return f"{figures(number / size, digits)} {name}"


def span(low: object, high: object, unit: str, lang: Language | None = None) -> str:
    """Return a range, with its unit once where both ends have the same; without a language in the session's.

    Examples
    --------
    >>> span(61_200, 118_000, "kw", "en"), span(900, 1200, "kw", "en"), span(None, 1200, "kw", "en")
    ('61.2–118 MW', '900 kW – 1.20 MW', 'unknown – 1.20 MW')
    >>> span(-2e6, 3e6, "cny", "en")
    '-2.00 – 3.00 m CNY'
    """
    texts = quantity(low, unit, lang), quantity(high, unit, lang)
    (least, _, first), (most, _, second) = (text.partition(" ") for text in texts)
    if not first or first != second:
        return " – ".join(texts)
    return f"{least}{' – ' if '-' in least + most else '–'}{most} {second}"


def amount(value: object, unit: str, lang: Language | None = None, *, digits: int = 3) -> str:
    """Return a value with a fixed unit text.

    Examples
    --------
    >>> amount(0.2712, "CNY/kWh", "en"), amount(float("nan"), "CNY/kWh", "zh")
    ('0.271 CNY/kWh', '未知')
    """
    number = known(value)
    return (
        say("unknown", lang or language()) if number is None else f"{figures(number, digits)} {unit}".strip()
    )


def count(value: object, lang: Language | None = None) -> str:
    """Return a whole number with separators.

    Examples
    --------
    >>> count(193_204, "en")
    '193,204'
    """
    number = known(value)
    return say("unknown", lang or language()) if number is None else f"{number:,.0f}"


def percent(value: object, lang: Language | None = None, *, decimals: int = 0) -> str:
    """Return a share as percent.

    Examples
    --------
    >>> percent(0.384, "en")
    '38 %'
    """
    number = known(value)
    return say("unknown", lang or language()) if number is None else f"{100 * number:.{decimals}f} %"
