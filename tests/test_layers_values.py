from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from faults import InputError
from layers.columns import LayerColumn
from layers.findings import Findings
from layers.mapping import ColumnPlan
from layers.numbers import parse_number, read_numbers
from layers.schema import BUILDINGS, SCHEMAS
from layers.values import read_choices, read_texts

HEIGHT = BUILDINGS.column("height_m")


def findings(rows: int) -> Findings:
    return Findings("buildings", "b.gpkg", rows)


@pytest.mark.parametrize(
    ("text", "unit", "number"),
    [
        ("12.5", "m", 12.5),
        ("１２．５", "m", 12.5),
        ("12.5 米", "m", 12.5),
        ("1,250.5", "m", 1250.5),
        ("850cm", "m", 8.5),
        ("6层", "1", 6.0),
        ("+3", "1", 3.0),
        (".5", "m", 0.5),
        ("1e2", "m", 100.0),
        ("110千伏", "kV", 110.0),
        ("330000V", "kV", 330.0),
        ("2万千瓦", "MW", 20.0),
        ("15亩", "m2", 10000.0),
        ("1.5万亩", "km2", 10.0),
        ("882平方公里", "km2", 882.0),
        ("2008年", "a", 2008.0),
        ("2008-05-12", "a", 2008.0),
    ],
)
def test_numbers_as_people_write_them(text, unit, number):
    assert parse_number(text, unit) == pytest.approx(number)


@pytest.mark.parametrize("text", ["", "-", "无", "不详", "NULL", "nan", "N/A", "—", "？"])
def test_words_for_unknown_are_unknown_not_zero(text):
    assert math.isnan(parse_number(text, "m"))


@pytest.mark.parametrize(
    ("text", "unit"),
    [("tall", "m"), ("12 apples", "m"), ("1.2.3", "m"), ("12-15", "m"), ("6层", "m"), ("10kV;35kV", "kV")],
)
def test_what_is_no_number_is_none(text, unit):
    assert parse_number(text, unit) is None


@given(st.floats(-1e9, 1e9))
def test_every_float_written_out_comes_back(number):
    assert parse_number(repr(number), "m") == pytest.approx(number)


@given(st.text(max_size=12))
def test_any_text_is_a_number_unknown_or_none_never_an_error(text):
    found = parse_number(text, "m")
    assert found is None or isinstance(found, float)


def test_placeholders_text_and_range_become_unknown_each_with_its_own_words():
    found = findings(6)
    raw = pd.Series(["9", "0", "9999", "tall", "8848", None], name="h")
    numbers = read_numbers(raw, HEIGHT, unit=None, findings=found)
    assert numbers[0] == 9
    assert np.isnan(numbers[1:]).all()
    told = "\n".join(map(str, found.faults))
    assert "height_m = '0': stands for unknown in 1 rows (first: row 2)" in told
    assert "height_m = '9999': stands for unknown" in told
    assert "row 4, height_m = 'tall': must be a number (m); read as unknown" in told
    assert "row 5, height_m = '8848': must lie between 1.5 and 700 (m); read as unknown" in told
    assert not found.rejected.any()


def test_a_unit_of_the_column_scales_it():
    raw = pd.Series([900.0, 1500.0])
    assert read_numbers(raw, HEIGHT, unit="cm", findings=findings(2)).tolist() == [9.0, 15.0]


def test_a_unit_that_cannot_be_is_refused():
    with pytest.raises(InputError, match="unit 'kg' cannot be read as m"):
        read_numbers(pd.Series([1.0]), HEIGHT, unit="kg", findings=findings(1))


def test_infinite_numbers_are_no_numbers():
    found = findings(2)
    numbers = read_numbers(pd.Series([np.inf, 9.0]), HEIGHT, unit=None, findings=found)
    assert np.isnan(numbers[0])
    assert "must be a number" in str(found.faults[0])


def test_dates_give_their_year():
    raw = pd.Series(pd.to_datetime(["2008-05-12", None]))
    years = read_numbers(raw, BUILDINGS.column("year"), unit=None, findings=findings(2))
    assert years[0] == 2008
    assert np.isnan(years[1])


def plan(column: str, table: dict[str, str]) -> ColumnPlan:
    return ColumnPlan({}, {column: table})


def test_choices_are_found_by_their_words_whatever_the_spelling():
    table = {"厂房": "industrial", "warehouse": "logistics", "101": "school"}
    raw = pd.Series(["厂房", " Ｗarehouse ", 101.0, None, "无", "飞碟"], dtype=object)
    found = findings(6)
    values = read_choices(raw, BUILDINGS.column("use"), plan("use", table), findings=found)
    assert values.tolist() == ["industrial", "logistics", "school", "unknown", "unknown", "unknown"]
    assert [fault.row for fault in found.faults] == [6]


def test_required_choices_reject_their_rows_and_keep_the_reason():
    column = SCHEMAS["farmland"].column("class")
    found = findings(4)
    raw = pd.Series(["0103", "天空", None, "0701"], dtype=object)
    table = {"0103": "cultivated", "0701": "-"}
    values = read_choices(raw, column, plan("class", table), findings=found)
    assert values[0] == "cultivated"
    assert found.rejected.tolist() == [False, True, True, False]
    assert found.left_out.tolist() == [False, False, False, True]
    rejected = found.rejected_table(gpd.GeoDataFrame({"DLBM": raw}, geometry=[shapely.Point(1, 2)] * 4))
    assert rejected["row"].tolist() == [2, 3]
    assert rejected["value"].tolist() == ["天空", None]
    assert rejected["wkt"].tolist() == ["POINT (1 2)"] * 2
    assert rejected["record"].tolist() == ['{"DLBM":"天空"}', '{"DLBM":null}']


def test_texts_are_trimmed_and_empty_ones_are_missing():
    raw = pd.Series(["  西咸\n 大厦 ", "", None], dtype=object)
    values = read_texts(raw, BUILDINGS.column("name"), plan("name", {}), findings=findings(3))
    assert values.tolist() == ["西咸 大厦", None, None]


def test_the_same_fault_in_many_rows_is_one_line_that_counts_them():
    found = findings(1000)
    raw = pd.Series(["飞碟"] * 1000)
    read_choices(raw, BUILDINGS.column("use"), plan("use", {}), findings=found)
    assert len(found.faults) == 1
    assert "the same in 1000 rows: also 2, 3, 4" in found.faults[0].rule
    assert found.warned.all()


def test_every_schema_is_consistent_and_described_in_two_languages():
    for schema in SCHEMAS.values():
        assert len(set(schema.names)) == len(schema.names)
        assert schema.zh
        assert schema.en
        for column in schema.columns:
            assert column.zh
            assert column.en
            assert column.unit or not column.is_number


def test_a_column_whose_range_is_empty_is_refused():
    with pytest.raises(ValueError, match=r"range 2\.0 to 1\.0 is empty"):
        LayerColumn("x", "number", "甲", "x", unit="m", low=2.0, high=1.0)
    with pytest.raises(ValueError, match="default 'b' is not allowed"):
        LayerColumn("x", "choice", "甲", "x", allowed=("a",), default="b")
