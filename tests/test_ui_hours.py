"""The hours of all sites: kept for all visitors, the same as reckoned anew, and never of another run."""

from __future__ import annotations

from types import SimpleNamespace

import geopandas as gpd
import pandas as pd
import pytest

from tests.runs import make_run
from tracking.plan_hours import hours_by_type, plan_hours
from ui.hours_all import all_balances, all_days, all_sites, prepare_hours
from ui.runs import current_store


@pytest.fixture(autouse=True)
def no_grid(monkeypatch):
    empty = gpd.GeoDataFrame({"id": [], "headroom_mw": []}, geometry=[], crs="EPSG:4545")
    monkeypatch.setattr("tracking.plan_hours.read_layer", lambda *_: SimpleNamespace(frame=empty))


def store_of(folder, monkeypatch, **size):
    monkeypatch.setenv("YIJIAN_RUN", str(make_run(folder / "run", **size)))
    monkeypatch.setenv("YIJIAN_HOME", str(folder))
    return current_store()


def test_what_is_kept_is_what_a_plan_of_all_sites_comes_to(tmp_path, monkeypatch):
    store = store_of(tmp_path, monkeypatch, n_sites=300, seed=2)
    prepare_hours(store)
    run = store.run
    days = all_days(store.key)
    pd.testing.assert_frame_equal(days, hours_by_type(run, run.sites))
    kept = all_balances(store.key, 0.05).set_index("town")
    fresh = plan_hours(run, run.sites, most_curtailed=0.05).set_index("town")
    assert kept["made_gwh"].to_numpy() == pytest.approx(fresh["made_gwh"].to_numpy())
    assert len(all_sites(store.key)) == 300
    other = store_of(tmp_path / "other", monkeypatch, n_sites=200, seed=3)
    assert len(all_sites(other.key)) == 200
    assert not all_days(other.key).equals(days)


def test_a_run_without_hours_prepares_nothing(tmp_path, monkeypatch):
    store = store_of(tmp_path, monkeypatch, n_sites=50, seed=2, hourly=False)
    all_days.cache_clear()
    prepare_hours(store)
    assert all_days.cache_info().currsize == 0
