"""Units: exact values, every spelling, and nothing guessed."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracking.projects import BY_NAME, FIELDS
from tracking.units import clean_text, parse_date, parse_degrees, parse_m2, parse_mw
from tracking.words import WORDS, parse_choice, parse_town

POWER = {
    "W": 1,
    "kW": 10**3,
    "kWp": 10**3,
    "ｋＷ": 10**3,
    "㎾": 10**3,
    "千瓦": 10**3,
    "MWp": 10**6,
    "㎿": 10**6,
    "兆瓦": 10**6,
    "万千瓦": 10**7,
    "万kW": 10**7,
    "亿瓦": 10**8,
    "GW": 10**9,
    "吉瓦": 10**9,
    "百万千瓦": 10**9,
}
AREA = {
    "m2": 1,
    "㎡": 1,
    "m²": 1,
    "平方米": 1,
    "万平方米": 10**4,
    "万m2": 10**4,
    "ha": 10**4,
    "公顷": 10**4,
    "亩": Fraction(2000, 3),
    "万亩": Fraction(2 * 10**7, 3),
    "km2": 10**6,
    "平方公里": 10**6,
}
NUMBERS = st.decimals(min_value=0, max_value=10**6, places=4, allow_nan=False)


@settings(deadline=None)
@given(number=NUMBERS, unit=st.sampled_from(sorted(POWER)), gap=st.sampled_from(["", " ", "　"]))
def test_power_is_exact(number, unit, gap):
    assert parse_mw(f"{number}{gap}{unit}") == float(Fraction(number) * POWER[unit] / 10**6)


@settings(deadline=None)
@given(number=NUMBERS, unit=st.sampled_from(sorted(AREA)))
def test_area_is_exact(number, unit):
    assert parse_m2(f"{number:,}{unit}") == float(Fraction(number) * AREA[unit])


@settings(deadline=None)
@given(text=st.text(max_size=12))
def test_any_text_is_a_number_unknown_or_a_clear_error(text):
    for parse in (parse_mw, parse_m2, parse_degrees, parse_date):
        try:
            value = parse(text)
        except ValueError as error:
            assert str(error)  # noqa: PT017 - either outcome is right, a bare error is not
        else:
            assert value is None or isinstance(value, date) or abs(value) < float("inf")


@settings(deadline=None)
@given(day=st.dates(date(1900, 1, 1), date(2100, 12, 31)))
def test_dates_in_every_spelling(day):
    for form in (
        f"{day:%Y-%m-%d}",
        f"{day:%Y/%m/%d}",
        f"{day.year}年{day.month}月{day.day}日",
        f"{day} 00:00:00",
    ):
        assert parse_date(form) == day
    assert (parse_date(f"{day:%Y-%m}") + timedelta(days=1)).day == 1
    assert parse_date(str(day.year)) == date(day.year, 12, 31)


@pytest.mark.parametrize(
    "text", ["", " ", "-", "—", "待定", "未知", "n/a", None, "暂无", "NaN", float("nan")]
)
def test_unknown_is_none(text):
    assert parse_mw(text) is None
    assert parse_m2(text) is None
    assert parse_date(text) is None
    assert clean_text(text) is None


def test_zero_is_not_unknown():
    assert parse_mw("0MW") == 0.0
    assert parse_m2(0, "m2") == 0.0


@pytest.mark.parametrize(
    ("text", "unit", "message"),
    [
        ("150", None, "has no unit"),
        ("150 kWh", None, "unit 'kwh' must be kW"),
        ("约15万千瓦", None, "must be a number with its unit"),
        ("-3MW", None, "must not be negative"),
        ("1,50 MW", None, "unit ',50mw' must be"),
        ("15", "亩", "unit '亩' must be kW"),
        ("3 to 5 MW", None, "unit 'to5mw'"),
        ("1e999MW", None, "unit '9mw'"),
        (True, "MW", "must be a number"),
    ],
)
def test_what_is_no_power(text, unit, message):
    with pytest.raises(ValueError, match=message):
        parse_mw(text, unit)


@pytest.mark.parametrize("text", ["2024-13-01", "2023-02-29", "45413", "24-05-01", "2024-05-01 13:00"])
def test_what_is_no_date(text):
    with pytest.raises(ValueError, match=r"must be a date|no day of the calendar"):
        parse_date(text)


def test_misread_towns_are_mended_and_the_real_character_is_kept():
    assert clean_text("沔西新城、沔东先进制造产业园") == "沣西新城、沣东先进制造产业园"
    assert clean_text("沔水") == "沔水"


def test_text_loses_control_characters_only():
    assert clean_text("a\x00b\nc\t d") == "a b c d"
    assert clean_text("=1+1") == "=1+1"


def test_every_choice_has_words_and_every_word_one_choice():
    for field in FIELDS:
        if field.kind == "choice":
            assert set(WORDS[field.name]) <= set(field.choices)
            for choice in field.choices:
                found = parse_choice(choice, field) if choice != "unknown" else None
                assert found == (choice if choice != "unknown" else None)
    assert set(WORDS["status"]) == set(BY_NAME["status"].choices)
    words = [word for choice in WORDS["status"].values() for word in choice]
    assert len(words) == len(set(words))


def test_a_wrong_choice_lists_the_right_ones():
    with pytest.raises(ValueError, match="must be one of proposed, approved"):
        parse_choice("消失", BY_NAME["status"])


def test_towns_by_any_name():
    towns = {"fengxi": ("沣西新城", "Fengxi New City"), "jinghe": ("泾河新城", "Jinghe New City")}
    for text in ("fengxi", "沣西", "沔西新城", "Fengxi", "fengxi new city", " 沣西新城 "):
        assert parse_town(text, towns) == "fengxi"
    with pytest.raises(ValueError, match=r"must be one of fengxi \(沣西新城\), jinghe"):
        parse_town("长安", towns)
    assert parse_town("长安", {}) == "长安"
