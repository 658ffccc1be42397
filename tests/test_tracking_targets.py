"""Targets as data: the plan's own numbers and words, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from faults import InputError
from tracking.targets import load_targets

REGION = Path(__file__).parents[1] / "data" / "xixian"


@pytest.fixture(scope="module")
def targets():
    return {target.id: target for target in load_targets(REGION / "targets.toml")}


def test_pv_must_pass_200_and_reach_390(targets):
    by_2025, by_2030 = targets["PV-CAP-2025"], targets["PV-CAP-2030"]
    assert not by_2025.is_met(200.0)
    assert by_2025.is_met(200.001)
    assert by_2030.is_met(390.0)
    assert not by_2030.is_met(389.999)
    assert by_2025.bases == by_2030.bases == ("dc", "ac")


def test_heat_is_an_increment_first_and_a_stock_later(targets):
    add, stock = targets["GEO-ADD-2025"], targets["GEO-STOCK-2030"]
    assert (add.nature, add.value, add.since_year) == ("increment", 5.8e6, 2022)
    assert (stock.nature, stock.value, stock.strict) == ("stock", 30e6, True)
    assert add.base is None
    assert stock.base is None


def test_both_wordings_of_the_non_fossil_share_are_kept(targets):
    for year in (2025, 2030):
        about, above = targets[f"NFE-{year}-I3"], targets[f"NFE-{year}-P2"]
        assert about.value == above.value
        assert (about.strict, above.strict) == (False, True)
        assert "左右" in about.wording
        assert "超过" in above.wording


def test_a_strict_target_says_so_in_the_plans_words(targets):
    for target in targets.values():
        assert target.strict == ("超过" in target.wording), target.id


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"unit": "GW"}, "unit = 'GW': pv_mw is counted in MW"),
        ({"basis": ""}, "basis = '': a PV target has one"),
        ({"nature": "increment"}, "since_year is missing"),
        ({"value": float("nan")}, "value = nan: must be above 0"),
        ({"measure": "heat"}, "measure = 'heat': must be one of pv_mw, heat_m2, context"),
    ],
)
def test_what_cannot_be_counted_is_refused(targets, change, message):
    with pytest.raises(ValueError, match=message):
        replace(targets["PV-CAP-2030"], **change)


def test_all_faults_of_a_file_at_once(tmp_path):
    file = tmp_path / "targets.toml"
    file.write_text(
        'source = "s"\n[[target]]\nid = "A"\nyears = 2025\n[[target]]\nid = "B"\n',
        encoding="utf-8",
    )
    with pytest.raises(InputError) as caught:
        load_targets(file)
    first, second = caught.value.faults
    assert (first.row, first.value) == (1, "A")
    assert "unknown keys: years" in first.rule
    assert "keys are missing: measure" in second.rule


def test_the_same_id_twice(tmp_path):
    text = (REGION / "targets.toml").read_text(encoding="utf-8")
    file = tmp_path / "targets.toml"
    file.write_text(text.replace('"PV-CAP-2030"', '"PV-CAP-2025"'), encoding="utf-8")
    with pytest.raises(InputError, match="row 2, id = 'PV-CAP-2025': appears twice"):
        load_targets(file)


def test_no_file_and_no_toml(tmp_path):
    with pytest.raises(InputError, match=r"nothing\.toml': cannot be read"):
        load_targets(tmp_path / "nothing.toml")
    broken = tmp_path / "broken.toml"
    broken.write_text("= 3", encoding="utf-8")
    with pytest.raises(InputError, match="is not valid TOML"):
        load_targets(broken)
    broken.write_text("a = 1", encoding="utf-8")
    with pytest.raises(InputError, match=r"has no \[\[target\]\]"):
        load_targets(broken)
