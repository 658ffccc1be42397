"""Connection cost, hourly balances and storage: balances close, sizes are the smallest that do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from layers.catalog import load_catalog
from potential.money_grid import CLASSES, balance, connection_cny, storage_needed_kwh
from potential.money_tariff import self_use, typical_load_kwh

CATALOG = Path(__file__).parents[1] / "data" / "catalog"
GRID = {key: number.value for key, number in load_catalog(CATALOG / "grid.toml").items()}

hours = st.lists(st.tuples(st.floats(0, 100), st.floats(0, 100)), min_size=1, max_size=60)


@given(
    pairs=hours, export=st.floats(0, 80), size=st.floats(0, 300), trip=st.floats(0.5, 1), first=st.booleans()
)
@settings(deadline=None)
def test_every_kilowatt_hour_is_somewhere(pairs, export, size, trip, first):
    made, needed = np.array(pairs).T
    found = balance(made, needed, export_kwh=export, storage_kwh=size, round_trip=trip, export_first=first)
    total = found.used_kwh + found.exported_kwh + found.curtailed_kwh + found.lost_kwh
    assert total == pytest.approx(made.sum(), abs=1e-6)
    assert found.used_kwh + found.bought_kwh == pytest.approx(needed.sum(), abs=1e-6)
    assert found.lost_kwh <= made.sum() + 1e-9
    assert min(found.used_kwh, found.exported_kwh, found.curtailed_kwh, found.bought_kwh) >= -1e-9


@given(pairs=hours)
@settings(deadline=None)
def test_without_storage_it_is_plain_self_use(pairs):
    made, needed = np.array(pairs).T
    found = balance(made, needed)
    plain = self_use(made, needed, retail_cny_kwh=0.5, feed_in_cny_kwh=0.3)
    assert found.used_kwh == pytest.approx(plain.used_kwh)
    assert found.exported_kwh == pytest.approx(plain.sold_kwh)
    assert found.curtailed_kwh == 0


@settings(max_examples=30, deadline=None)
@given(pairs=hours, export=st.floats(0, 50), share=st.floats(0, 0.5))
def test_the_storage_is_the_smallest_that_does(pairs, export, share):
    made, needed = np.array(pairs).T
    size = storage_needed_kwh(made, needed, export_kwh=export, curtailed_share=share)

    def curtailed(storage):
        found = balance(made, needed, export_kwh=export, storage_kwh=storage, export_first=True)
        return found.curtailed_share

    if np.isnan(size):
        assert curtailed(made.sum()) > share
    elif size > 1e-6:
        assert curtailed(size) <= share + 1e-9
        assert curtailed(size * 0.999) >= share - 1e-3
    else:
        assert not curtailed(size) > share + 1e-9


def test_connection_classes_of_the_shipped_table():
    cost = connection_cny([399, 6000, 6001, 20001], 1000.0, values=GRID)
    expected = [GRID["fixed_cny.low_voltage"]] + [
        GRID[f"fixed_cny.{name}"] + GRID[f"line_cny_per_m.{name}"] * 1000 * GRID["detour"]
        for name in CLASSES[1:]
    ]
    assert_allclose(cost, expected)
    assert np.isnan(connection_cny(1000.0, np.nan, values=GRID))


def test_load_profiles_of_the_shipped_table():
    table = load_catalog(CATALOG / "load.toml")
    hour = np.arange(8760) % 24
    weekend = (np.arange(8760) // 24 % 7) >= 5
    for use in {key.split(".")[0] for key in table}:
        shape = [number.value for number in table.section(f"{use}.hour").values()]
        assert len(shape) == 24
        factor = table.value(f"{use}.weekend_factor")
        load = typical_load_kwh(
            shape, kwh_year=1000, weekend_factor=factor, hour_of_day=hour, is_weekend=weekend
        )
        assert load.sum() == pytest.approx(1000)
        assert load.min() > 0


def test_wrong_inputs_are_named():
    with pytest.raises(ValueError, match="production has 1 intervals, demand 2"):
        balance([1], [1, 2])
    with pytest.raises(ValueError, match=r"round_trip = 1\.2"):
        balance([1], [1], round_trip=1.2)
