from __future__ import annotations

import json

import pytest

from assessment.run import Run
from assessment.run_versions import FORMAT, PREVIOUS, upgraded
from faults import RunError
from tests.runs import make_run


@pytest.fixture
def run(tmp_path):
    make_run(tmp_path / "run", n_sites=50, seed=1)
    return tmp_path / "run"


def of_format(run, number):
    """Make a run what the version that wrote format `number` would have left."""
    file = run / "manifest.json"
    manifest = json.loads(file.read_text(encoding="utf-8")) | {"format": number}
    if number == PREVIOUS:
        manifest.pop("incomplete", None)
        (run / "rule_sets.parquet").unlink(missing_ok=True)
    file.write_text(json.dumps(manifest), encoding="utf-8")


def test_a_run_of_the_previous_format_is_read(run):
    now = Run(run)
    sites, summary = now.sites, now.summary
    of_format(run, PREVIOUS)
    old = Run(run)
    assert old.manifest["format"] == FORMAT
    assert old.manifest["incomplete"] == []
    assert old.rule_sets.empty
    assert "area_m2" in old.rule_sets
    assert old.sites.equals(sites)
    assert old.summary.equals(summary)


@pytest.mark.parametrize("number", [0, FORMAT + 1, "2", None])
def test_any_other_format_is_refused_with_both_numbers(number, run):
    of_format(run, number)
    with pytest.raises(RunError, match=rf"run format {number!r} cannot be read, this version reads 2 and 1"):
        Run(run)


def test_what_is_present_is_not_changed():
    manifest = {"format": FORMAT, "incomplete": [{"cell": "c0_0_8192"}]}
    assert upgraded(manifest) == manifest
