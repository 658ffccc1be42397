"""Substations, hourly production of a plan, demand and its faults."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from faults import InputError
from layers.catalog import Catalog, Quantity
from potential.money_grid import CLASSES
from tracking.grid import (
    add_connection,
    headroom_by_station,
    hours_of_plan,
    nearest_station,
    read_load,
    town_balances,
)


def frame(points, **columns):
    return gpd.GeoDataFrame(columns, geometry=[shapely.Point(*point) for point in points], crs="EPSG:4545")


SITES = frame(
    [(0, 0), (900, 0), (5000, 5000)], kw_ac=[100.0, 1000.0, 1000.0], grid_distance_m=[10.0, 100.0, np.nan]
)
GRID = frame([(100, 0), (1000, 0)], id=["A", "B"], headroom_mw=[12.0, None])


def test_the_nearest_station_by_brute_force():
    rng = np.random.default_rng(2)
    sites = frame(rng.uniform(0, 1e4, (80, 2)))
    grid = frame(rng.uniform(0, 1e4, (9, 2)), id=[f"S{i}" for i in range(9)])
    found = nearest_station(sites, grid)
    for site, station in zip(sites.geometry, found, strict=True):
        assert station == grid["id"].iloc[int(np.argmin([site.distance(one) for one in grid.geometry]))]
    assert nearest_station(sites, None).tolist() == [None] * 80


def test_unknown_headroom_stays_unknown():
    assert headroom_by_station(GRID) == {"A": 12.0, "B": None}
    assert headroom_by_station(GRID.drop(columns="headroom_mw")) == {"A": None, "B": None}
    assert headroom_by_station(None) == {}


def test_connection_cost_by_class_and_distance():
    numbers = {
        f"limit_kw.{name}": limit for name, limit in zip(CLASSES, (400, 6000, 20000, 50000), strict=True)
    }
    numbers |= {f"fixed_cny.{name}": 1e4 for name in CLASSES} | {
        f"line_cny_per_m.{name}": 100.0 for name in CLASSES
    }
    table = {
        key: Quantity(value, value, value, unit="", source="test", confidence="L")
        for key, value in {**numbers, "detour": 1.5}.items()
    }
    found = add_connection(SITES, Catalog(table, name="grid.toml"))["connection_cny"]
    assert found.iloc[:2].tolist() == [1e4, 1e4 + 100 * 100 * 1.5]
    assert np.isnan(found.iloc[2])


def test_the_plans_hours_are_its_share_of_the_potential():
    time = pd.date_range("2023-01-01", periods=3, freq="h", tz="Etc/GMT-8")
    hourly = pd.DataFrame(
        {"time": [*time, *time], "town": "a", "type": ["x"] * 3 + ["y"] * 3, "kwh": [0, 10, 20, 0, 1, 2.0]}
    )
    summary = pd.DataFrame(
        {"town": "a", "sector": ["p", "q", "p"], "type": ["x", "x", "y"], "kwh_year_p50": [100, 200, 50.0]}
    )
    chosen = pd.DataFrame({"town": ["a", "a"], "type": ["x", "y"], "kwh_year_p50": [150.0, 50.0]})
    assert hours_of_plan(hourly, summary, chosen)["a"].tolist() == [0, 6, 12]


def test_balances_by_town():
    production = pd.DataFrame({"a": [0, 4000.0, 6000.0], "b": [0, 1000.0, 0]})
    load = pd.DataFrame({"a": [1000.0, 1000.0, 1000.0]})
    table = town_balances(production, load, export_mw={"a": 2.0}, most_curtailed=0.0, round_trip=1.0)
    one, two = table.set_index("town").loc["a"], table.set_index("town").loc["b"]
    assert one["curtailed_gwh"] == pytest.approx(0.004)
    assert one["self_sufficiency"] == pytest.approx(2 / 3)
    assert one["storage_needed_mwh"] == pytest.approx(4.0)
    assert one["peak_export_mw"] == 2
    assert (two["exported_gwh"], two["storage_needed_mwh"]) == (0.001, 0)
    assert np.isnan(two["self_sufficiency"])
    with pytest.raises(InputError, match="has 2 hours, the production 3"):
        town_balances(production, load.iloc[:2])


def test_a_load_file_and_its_faults(tmp_path):
    file = tmp_path / "load.csv"
    file.write_text(
        "time,town,kwh\n2025-01-01T00:00+08:00,a,5\n2025-01-01T01:00+08:00,a,6\n", encoding="utf-8"
    )
    assert read_load(file)["a"].tolist() == [5, 6]
    file.write_text("time,town,kwh\nnoon,a,5\n2025-01-01T01:00+08:00,a,-6\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_load(file)
    assert [(fault.row, fault.column, fault.value) for fault in caught.value.faults] == [
        (1, "time", "noon"),
        (2, "kwh", "-6"),
    ]
    file.write_text("time,kwh\n", encoding="utf-8")
    with pytest.raises(InputError, match="town: column is missing"):
        read_load(file)
    with pytest.raises(InputError, match="cannot be read"):
        read_load(tmp_path / "none.csv")
