"""Buildings kept for shade: neighbours alone are read, as the layer has them; first clicks find all ready."""

from __future__ import annotations

import logging
import time

import pytest
import shapely

from faults import InputError, RunError
from layers.region import load_region
from layers.sources import read_layer
from tests.runs import make_run
from tests.small_region import make_region
from ui import casters, memory, warm
from ui.casters import NEEDED, casters_of, make_casters, read_casters
from ui.metrics import Metrics
from ui.runs import current_store


@pytest.fixture(scope="module")
def region(tmp_path_factory):
    return load_region(make_region(tmp_path_factory.mktemp("region") / "small"))


@pytest.fixture(scope="module")
def kept(region, tmp_path_factory):
    folder = tmp_path_factory.mktemp("kept") / "shade"
    make_casters(region, folder)
    return read_casters(folder)


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("YIJIAN_RUN", str(make_run(tmp_path / "run", n_sites=300, seed=2, hourly=False)))
    monkeypatch.setenv("YIJIAN_HOME", str(tmp_path))
    return current_store()


def test_neighbours_are_those_whose_bounds_meet_the_box(region, kept):
    frame = read_layer(region, "buildings").frame
    west, south, east, north = frame.total_bounds
    middle = (west, south, (west + east) / 2, (south + north) / 2)
    near = kept.near(middle)
    boxes = shapely.box(*frame.bounds.to_numpy().T)
    expected = frame[shapely.intersects(boxes, shapely.box(*middle))]
    assert 0 < len(expected) < len(frame)
    assert set(near["id"]) == set(expected["id"])
    same = near.set_index("id").sort_index()
    there = expected.set_index("id").sort_index()
    assert near.crs == frame.crs
    assert shapely.equals_exact(same.geometry.to_numpy(), there.geometry.to_numpy()).all()
    for name in set(NEEDED) & set(there) - {"geometry"}:
        assert (same[name].isna() == there[name].isna()).all()
        known = there[name].notna().to_numpy()
        assert same.loc[known, name].tolist() == there.loc[known, name].tolist()


def test_a_building_s_own_bounds_are_found_and_an_unknown_one_is_named(region, kept):
    row = read_layer(region, "buildings").frame.iloc[3]
    assert kept.bounds_of(row["id"]) == pytest.approx(row.geometry.bounds)
    with pytest.raises(InputError, match="no-such-building"):
        kept.bounds_of("no-such-building")


def test_files_are_made_anew_for_other_kernels_and_other_buildings(region, monkeypatch):
    before = casters._name("key", region)
    assert casters._name("other", region) != before
    monkeypatch.setattr(casters, "fingerprint", lambda: "0")
    assert casters._name("key", region) != before


def test_starting_does_not_generate_a_region(store):
    with pytest.raises(RunError, match="not there yet"):
        casters_of(store, generate=False)


@pytest.mark.usefixtures("store")
def test_everything_but_absent_demonstration_layers_is_prepared(caplog, monkeypatch):
    monkeypatch.setattr(memory.gc, "freeze", lambda: None)
    monkeypatch.setattr(warm, "QUIET_S", 0.0)
    with caplog.at_level(logging.INFO, logger="ui.warm"):
        warm.warm()
    failed = [record.getMessage() for record in caplog.records if "not prepared" in record.getMessage()]
    needing_layers = [message.split(": ")[1] for message in failed]
    assert needing_layers == ["shade", "hours"]
    assert "prepared in" in caplog.records[-1].getMessage()


def test_without_a_run_nothing_is_prepared_and_nothing_breaks(tmp_path, monkeypatch, caplog):
    monkeypatch.delenv("YIJIAN_RUN", raising=False)
    monkeypatch.setenv("YIJIAN_HOME", str(tmp_path / "empty"))
    with caplog.at_level(logging.INFO, logger="ui.warm"):
        warm.warm()
    assert "no run" in caplog.text


def test_heavy_work_waits_while_somebody_asks(monkeypatch):
    slept, quiet_s = [], iter([0.1, 3.9, 4.0])
    monkeypatch.setattr(warm.METRICS, "quiet_s", lambda: next(quiet_s))
    monkeypatch.setattr(warm.time, "sleep", slept.append)
    warm.wait_for_quiet()
    assert slept == [warm.STEP_S] * 2


def test_heavy_work_waits_no_longer_than_it_may(monkeypatch):
    slept = []
    monkeypatch.setattr(warm.METRICS, "quiet_s", lambda: 0.0)
    monkeypatch.setattr(warm.time, "sleep", slept.append)
    warm.wait_for_quiet()
    assert sum(slept) == warm.LONGEST_WAIT_S


def test_a_request_ends_the_quiet():
    metrics = Metrics()
    time.sleep(0.05)
    assert metrics.quiet_s() >= 0.05
    metrics.request("tiles", 200, 0.01)
    assert metrics.quiet_s() < 0.05
