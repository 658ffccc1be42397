"""What is told of the heat of a small region: data dictionary, drill list, why here, cards, own weights."""

from __future__ import annotations

import json
from functools import cache

import pandas as pd
import pytest

from assessment.heat import assess_heat
from assessment.heat_columns import heat_dictionary
from assessment.heat_write import write_heat
from assessment.write import write_dictionary
from tests import heat_world


@cache
def result():
    return assess_heat(**heat_world.world())


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("heat")
    write_heat(folder, result())
    return folder


def test_every_column_of_every_heat_table_is_in_the_dictionary(folder, tmp_path):
    write_dictionary(tmp_path / "columns.json")
    told = json.loads((tmp_path / "columns.json").read_text(encoding="utf-8"))
    tables = sorted(file.stem for file in folder.glob("*.parquet"))
    assert set(tables) <= set(told)
    for table in tables:
        found = [
            name for name in pd.read_parquet(folder / f"{table}.parquet") if name not in ("geometry", "bbox")
        ]
        assert sorted(found) == sorted(column["name"] for column in told[table]), table


def test_every_column_has_a_meaning_in_both_languages_and_numbers_have_units(folder):
    for table, columns in heat_dictionary().items():
        frame = pd.read_parquet(folder / f"{table}.parquet")
        for column in columns:
            assert min(len(column.zh), len(column.en)) > 0, column.name
            numeric = pd.api.types.is_numeric_dtype(frame[column.name]) and frame[column.name].dtype != bool
            assert bool(column.unit) == (numeric and column.name != "code"), (table, column.name)
