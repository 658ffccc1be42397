"""Assessments started from a page: they end in a run, say why not, can be cancelled, and survive a reload."""

from __future__ import annotations

import json
import os
import time

import pytest

from assessment.run import Run
from faults import InputError, RunError
from tests.small_region import make_region
from ui.assess_work import work
from ui.assessments import assessments, cancel, regions, start, use


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("YIJIAN_HOME", str(tmp_path))
    monkeypatch.delenv("YIJIAN_RUN", raising=False)
    return tmp_path


@pytest.fixture
def region(home):
    return make_region(home / "regions" / "small")


def ended(seconds=120.0):
    """Wait until nothing runs, and return the newest assessment."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        newest = assessments()[0]
        if newest.state != "running":
            return newest
        time.sleep(0.2)
    raise AssertionError(newest)


@pytest.mark.usefixtures("region")
def test_an_assessment_ends_in_a_run_that_can_be_shown():
    assert "small" in regions()
    begun = start("small", only="sites", scenario='[values]\n"costs.finance.discount_rate" = 0.05\n')
    assert begun.state == "running"
    with pytest.raises(RunError, match="is running"):
        start("small")
    done = ended()
    assert (done.state, done.error, done.share) == ("finished", "", 1.0)
    opened = Run(done.run)
    assert len(opened.sites) > 0
    assert opened.manifest["scenario"]["values"] == {"costs.finance.discount_rate": 0.05}
    use(done)
    assert os.environ["YIJIAN_RUN"] == str(done.run)


def test_a_cancelled_assessment_leaves_no_run_and_no_process(region):
    begun = start("small")
    time.sleep(0.5)
    cancel(begun)
    stopped = ended()
    assert stopped.state == "cancelled"
    assert stopped.run is None
    assert not list((region.parent.parent / "runs").glob("*/manifest.json"))
    with pytest.raises(RunError, match="no run"):
        use(stopped)


def test_a_wrong_scenario_is_said_with_its_value(region, home):
    folder = home / "assessments" / "one"
    folder.mkdir(parents=True)
    (folder / "scenario.toml").write_text('[values]\n"costs.finance.discount_rate" = "high"\n')
    job = {"region": str(region), "name": "small", "run": str(home / "runs" / "x"), "only": None,
           "workers": 1, "started": time.time()}  # fmt: skip
    (folder / "job.json").write_text(json.dumps(job))
    work(folder)
    found = assessments()[0]
    assert found.state == "failed"
    assert "high" in found.error
    assert found.run is None


def test_a_process_that_is_gone_is_said_to_be_lost(region, home):
    folder = home / "assessments" / "one"
    folder.mkdir(parents=True)
    job = {"region": str(region), "name": "small", "run": "x", "only": None, "workers": 1, "started": 0.0}
    (folder / "job.json").write_text(json.dumps(job))
    (folder / "process.json").write_text(json.dumps({"pid": os.getpid(), "born": 1.0}))
    assert assessments()[0].state == "lost"


@pytest.mark.usefixtures("home")
def test_unknown_regions_and_endless_scenarios_are_refused():
    with pytest.raises(InputError, match="atlantis"):
        start("atlantis")
    with pytest.raises(InputError, match="20000 characters"):
        start("xixian", scenario="x" * 20_001)
