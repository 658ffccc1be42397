"""Forecast of the pipeline and allocation to towns: by hand and by law."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from faults import InputError
from layers.catalog import Catalog, Quantity, load_catalog
from tracking.allocation import allocate, keys_from_summary
from tracking.forecast import PIPELINE, forecast
from tracking.projects import projects_frame

SHIPPED = load_catalog(Path(__file__).parents[1] / "data" / "catalog" / "pipeline.toml")


def number(low, value, high):
    return Quantity(value, low, high, unit="1", source="test", confidence="L")


def assumptions(completion=(1, 1, 1), delay=(0, 0, 0), duration=(12, 12, 12)):
    table = {}
    for status in PIPELINE:
        table[f"completion.{status}"] = number(*completion)
        table[f"delay_months.{status}"] = number(*delay)
        table[f"duration_months.{status}"] = number(*duration)
    return Catalog(table, name="pipeline.toml")


def pv(status, mw, **dates):
    return {"name": "P", "kind": "pv", "status": status, "capacity_mw_dc": mw, **dates}


YEARS = range(2025, 2031)
LEDGER = projects_frame(
    [
        pv("operating", 10, date_operating="2025-03-01"),
        pv("operating", 1),
        pv("under_construction", 20, date_expected="2026-12-15"),
        pv("approved", 40, date_approved="2027-06-01"),
        pv("proposed", 80, date_expected="2029-01-01"),
        pv("proposed", 160),
        pv("approved", None, date_expected="2026-01-01"),
        pv("retired", 320),
    ]
)


def test_by_hand_without_delay():
    table = forecast(LEDGER, "pv_mw", "dc", years=YEARS, assumptions=assumptions()).set_index("year")
    assert table["central"].tolist() == [11, 31, 31, 71, 151, 151]
    assert (table["undated"] == 160).all()
    assert (table["unknown_count"] == 1).all()


def test_delay_and_completion():
    table = forecast(
        LEDGER, "pv_mw", "dc", years=YEARS, assumptions=assumptions((0.5, 0.8, 1), (0, 1, 24), (6, 12, 30))
    ).set_index("year")
    assert table["central"].tolist() == pytest.approx([11, 11, 27, 59, 123, 123])
    assert table["high"].tolist() == [11, 31, 71, 71, 151, 151]
    assert table["low"].tolist() == [11, 11, 11, 21, 41, 41]


def test_the_shipped_assumptions_keep_the_order_and_never_fall():
    table = forecast(LEDGER, "pv_mw", "dc", years=YEARS, assumptions=SHIPPED)
    assert (table["low"] <= table["central"]).all()
    assert (table["central"] <= table["high"]).all()
    for end in ("low", "central", "high"):
        assert table[end].is_monotonic_increasing


def test_heat_is_forecast_like_power():
    ledger = projects_frame(
        [
            {
                "name": "H",
                "kind": "geothermal",
                "status": "approved",
                "heated_m2": 1e6,
                "date_expected": "2027-01-01",
            }
        ]
    )
    table = forecast(ledger, "heat_m2", "", years=[2026, 2027], assumptions=assumptions())
    assert table["central"].tolist() == [0, 1e6]


weights = st.dictionaries(st.sampled_from("abcde"), st.floats(0, 100), min_size=1)


@settings(deadline=None)
@example(keys={"a": 4.25e-308}, built={"a": 8.0}, room={"a": 1.0}, share=1.0)
@example(keys={"a": 4.25e-308, "b": 1.0}, built={}, room={"a": 1.0, "b": 1.0}, share=1.0)
@given(keys=weights, built=weights, room=weights, share=st.floats(0, 1))
def test_allocation_sums_to_the_total_within_the_bounds(keys, built, room, share):
    built = {town: built.get(town, 0.0) for town in keys}
    most = {town: built[town] + room.get(town, 0.0) for town in keys}
    reach = sum(most[town] if keys[town] > 0 else built[town] for town in keys)
    total = sum(built.values()) + share * (reach - sum(built.values()))
    if not sum(keys.values()) > 0:
        with pytest.raises(InputError, match="at least one town must have a key above 0"):
            allocate(total, keys, built=built, most=most)
        return
    table = allocate(total, keys, built=built, most=most).set_index("town")
    assert table["target"].sum() == pytest.approx(total, rel=1e-9, abs=1e-9)
    for town in keys:
        assert built[town] - 1e-9 <= table.loc[town, "target"] <= most[town] + 1e-9
    free = table[table["limited"] == ""]
    ratio = (free["target"] / pd.Series(keys))[free.index]
    ratio = ratio[[keys[town] > 1e-6 for town in free.index]]
    assert np.allclose(ratio, ratio.iloc[0] if len(ratio) else 0, rtol=1e-6)


def test_allocation_by_hand():
    table = allocate(390, {"fengxi": 2, "jinghe": 1, "konggang": 1}, built={"jinghe": 150.0}).set_index(
        "town"
    )
    assert table["target"].tolist() == pytest.approx([160, 150, 80])
    assert table.loc["jinghe", "limited"] == "built"
    assert table["to_add"].tolist() == pytest.approx([160, 0, 80])


def test_what_cannot_be_allocated():
    with pytest.raises(InputError, match=r"'390': is above what the towns can have \(100\): 290 are missing"):
        allocate(390, {"a": 1, "b": 1}, most={"a": 60, "b": 40})
    with pytest.raises(InputError, match=r"is below what is built \(50\)"):
        allocate(10, {"a": 1}, built={"a": 50})
    with pytest.raises(InputError, match="'a: -1': must not be negative"):
        allocate(10, {"a": -1, "b": 2})


def test_keys_out_of_a_summary():
    summary = pd.DataFrame(
        {
            "town": ["a", "a", "b"],
            "type": ["roof_flat", "ground", "ground"],
            "area_m2": [5.0, 9.0, 7.0],
            "kwp_dc_central": [1.0, 2.0, 4.0],
        }
    )
    assert keys_from_summary(summary, "potential") == {"a": 3.0, "b": 4.0}
    assert keys_from_summary(summary, "roof_area") == {"a": 5.0, "b": 0.0}
    assert keys_from_summary(summary, "equal") == {"a": 1.0, "b": 1.0}
    with pytest.raises(InputError, match="key = 'luck': must be potential, roof_area or equal"):
        keys_from_summary(summary, "luck")
