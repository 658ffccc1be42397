from __future__ import annotations

import re

import pytest

from layers.chinese import FILE, in_chinese
from layers.mapping import load_synonyms

RULES = load_synonyms(FILE)["rules"]


@pytest.mark.parametrize("english", RULES)
def test_every_translation_finds_its_message_and_uses_what_is_in_it(english):
    names = re.findall(r"\{(\w+)\}", english)
    assert set(re.findall(r"\{(\w+)\}", RULES[english])) <= set(names)
    filled = re.sub(r"\{(\w+)\}", lambda name: f"<{name[1]}>", english)
    expected = re.sub(r"\{(\w+)\}", lambda name: f"<{name[1]}>", RULES[english])
    assert in_chinese(filled) == expected


def test_terms_inside_a_message_are_put_into_chinese_too():
    assert in_chinese("is a Point where a polygon or line is needed") == "应为面或线，实为点"


def test_a_message_that_stands_for_many_rows_says_so():
    told = in_chinese("is missing (the same in 40 rows: also 2, 3, ...)")
    assert told == "缺失（共 40 行：还有 2, 3 等）"
    assert in_chinese("nobody says this (the same in 40 rows: also 2, 3, ...)") is None


def test_a_message_without_translation_has_none():
    assert in_chinese("nobody says this") is None
