"""What is wrong with data, in Chinese: the messages of the checks and their translations."""

from __future__ import annotations

import re
from functools import lru_cache

from layers.mapping import load_synonyms
from layers.region import DATA

FILE = DATA / "catalog" / "faults_zh.toml"
_NAME = re.compile(r"\{(\w+)\}")
_SAME = re.compile(r"(?P<rule>.*) \(the same in (?P<count>\d+) rows: also (?P<rows>.*), \.\.\.\)", re.DOTALL)


def in_chinese(rule: str) -> str | None:
    """Return a message in Chinese, or None where there is no translation.

    Examples
    --------
    >>> in_chinese("is the same shape as row 12")
    '与第 12 行图形相同'
    """
    if same := _SAME.fullmatch(rule):
        inner = in_chinese(same["rule"])
        return None if inner is None else f"{inner}（共 {same['count']} 行：还有 {same['rows']} 等）"
    for start, pattern, chinese in _rules():
        if rule.startswith(start) and (match := pattern.fullmatch(rule)):
            return _NAME.sub(lambda name: _term(match.groupdict()[name[1]]), chinese)
    return None


def _term(text: str) -> str:
    terms = load_synonyms(FILE)["terms"]
    words = text.split(" or ")
    known = any(word in terms for word in words)
    return "或".join(terms.get(word, word) for word in words) if known else text


@lru_cache(maxsize=1)
def _rules() -> tuple[tuple[str, re.Pattern[str], str], ...]:
    """Return beginnings, patterns and translations, those with the most fixed text first."""
    rules = load_synonyms(FILE)["rules"]
    order = sorted(rules, key=lambda english: -len(_NAME.sub("", english)))
    return tuple((_NAME.split(english)[0], _pattern(english), rules[english]) for english in order)


def _pattern(english: str) -> re.Pattern[str]:
    parts = _NAME.split(english)
    fixed, names = parts[::2], parts[1::2]
    text = re.escape(fixed[0])
    for name, after in zip(names, fixed[1:], strict=True):
        text += f"(?P<{name}>.+?){re.escape(after)}"
    return re.compile(text, re.DOTALL)
