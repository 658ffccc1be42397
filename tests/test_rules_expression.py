from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faults import InputError
from layers.expression import compile_expression
from layers.rule_ranges import compile_ranges

FRAME = pd.DataFrame(
    {
        "kv": [10.0, 110.0, np.nan, 330.0],
        "class": ["national", None, "urban", "county"],
        "名称": ["甲", "乙", "it's", None],
        "open": pd.array([True, False, None, True], dtype="boolean"),
        "since": pd.to_datetime(["2020-01-01", "2023-03-19", "2023-03-20", None]),
    }
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("kv >= 110", [0, 1, 0, 1]),
        ("kv=110 OR class = 'national'", [1, 1, 0, 0]),
        ("not kv < 110", [0, 1, 0, 1]),
        ("kv is null", [0, 0, 1, 0]),
        ("kv is not null and not (class in ('county'))", [1, 0, 0, 0]),
        ("class not in ['national', 'urban']", [0, 0, 0, 1]),
        ("class != 'urban'", [1, 0, 0, 1]),
        ("名称 = '甲' or `名称` = 'it''s'", [1, 0, 1, 0]),
        ("open = true", [1, 0, 0, 1]),
        ("since < '2023-03-20'", [1, 1, 0, 0]),
        ("kv > -1e1 and kv <> 10", [0, 1, 0, 1]),
        ("kv = kv", [1, 1, 0, 1]),
        ("class > 'd' and class <= 'national'", [1, 0, 0, 0]),
        ("kv > 1 or kv is null and class = 'urban'", [1, 1, 1, 1]),
    ],
)
def test_a_condition_selects_the_rows_where_it_is_known_to_hold(text, expected):
    assert compile_expression(text)(FRAME).tolist() == [bool(flag) for flag in expected]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "position 1: the condition is empty"),
        ("kv >= ", "position 7: a number, a text in quotes or a column is missing"),
        ("kv == 1 and", "position 12: a column name is missing"),
        ("kv 3", "position 4: a comparison, 'in' or 'is null' is missing"),
        ("kv in 3", r"position 7: '\(' or '\[' is missing"),
        ("(kv = 3", r"position 8: '\)' is missing"),
        ("kv = 3 ; drop", "position 8: ';' is not understood"),
        ("kv = 3 kv", "position 8: 'kv' is not expected here"),
        ("__import__('os')", "position 11: a comparison"),
        ("kv.real = 3", r"position 3: '\.' is not understood"),
    ],
)
def test_a_wrong_condition_says_where(text, message):
    with pytest.raises(InputError, match=message):
        compile_expression(text)


def test_every_missing_column_is_named_with_those_that_there_are():
    with pytest.raises(InputError, match=r"kW: is not a column; there are: kv, class") as caught:
        compile_expression("kW > 3 and klasse = 'x'")(FRAME)
    assert len(caught.value.faults) == 2


def test_a_text_compared_with_a_number_is_an_error_and_no_silent_false():
    with pytest.raises(InputError, match="does not fit the columns"):
        compile_expression("class > 3")(FRAME)


@given(st.lists(st.one_of(st.none(), st.integers(-9, 9)), min_size=1, max_size=20), st.integers(-9, 9))
def test_a_condition_and_its_negation_share_no_row_and_leave_the_unknown(values, limit):
    frame = pd.DataFrame({"x": pd.array(values, dtype="Int64")})
    holds = compile_expression(f"x < {limit}")(frame)
    fails = compile_expression(f"not x < {limit}")(frame)
    assert not (holds & fails).any()
    assert (holds | fails).tolist() == [value is not None for value in values]


@given(st.floats(-20, 20), st.floats(0, 9), st.booleans(), st.booleans(), st.floats(-40, 40))
def test_ranges_agree_with_comparisons(low, width, with_low, with_high, value):
    high = low + width + 0.5
    text = f"{'[' if with_low else '('}{low!r}-{high!r}{']' if with_high else ')'}"
    expected = (value >= low if with_low else value > low) and (value <= high if with_high else value < high)
    assert compile_ranges(text)(np.array([value])).tolist() == [expected]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "position 1: a number or a range"),
        ("[7-5)", "position 1: the range from 7.0 to 5.0 is empty"),
        ("[2-2)", "the range from 2.0 to 2.0 is empty"),
        ("[1-2),x", "position 7: a number or a range"),
        ("1 2", "position 3: ',' is missing"),
    ],
)
def test_a_wrong_range_says_where(text, message):
    with pytest.raises(InputError, match=message):
        compile_ranges(text)
