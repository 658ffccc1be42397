"""Rules switched off beside the map: against plain sums of the run's sets, by filter, and refusals."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from faults import InputError
from tests.runs import make_run
from ui.filters import Filter
from ui.rules_off import rule_choices, sets_for
from ui.runs import current_store
from ui.whatif import WhatIf
from ui.whatif_map import scenario_html, scenario_outcome
from ui.words import say

OFF = ("road_zone", "power_line_zone")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("YIJIAN_RUN", str(make_run(folder / "run", n_sites=2000, seed=4, hourly=False)))
        patch.setenv("YIJIAN_HOME", str(folder / "home"))
        yield current_store()


def kwp_of(store, off, **where):
    """Add up what comes back, row by row."""
    sets = pd.read_parquet(store.run.path / "rule_sets.parquet")
    return sum(
        row.kwp_dc
        for row in sets.itertuples()
        if set(row.rules.split("|")) <= set(off)
        and all(getattr(row, name) in values for name, values in where.items())
    )


@pytest.mark.parametrize("off", [("road_zone",), ("power_line_zone",), OFF])
@pytest.mark.parametrize(
    ("chosen", "where"),
    [
        (Filter(), {}),
        (Filter(towns=("fengxi",)), {"town": ("fengxi",)}),
        (Filter(types=("ground", "roof_flat")), {"type": ("ground", "roof_flat")}),
    ],
)
def test_totals_grow_by_what_those_rules_alone_take(store, off, chosen, where):
    text = "" if chosen == Filter() else chosen.text()
    before = scenario_outcome(store, "", text)
    after = scenario_outcome(store, WhatIf(rules_off=off).text(), text)
    back = kwp_of(store, off, **where)
    assert back > 0
    assert after.back_kwp == pytest.approx(back)
    assert after.kwp[1] - before.kwp[1] == pytest.approx(back, rel=1e-6)
    assert after.towns["kwp"].sum() == pytest.approx(after.kwp[1])
    assert before.kwh < after.kwh
    assert before.sites == after.sites
    for now, then in zip(after.kwp, before.kwp, strict=True):
        assert now > then


def test_each_rule_is_offered_with_what_it_alone_holds_back_largest_first(store):
    choices = rule_choices(store, "en")
    assert {choice["id"] for choice in choices} == {"road_zone", "power_line_zone", "airport_surface"}
    alone = [kwp_of(store, (choice["id"],)) for choice in choices]
    assert alone == sorted(alone, reverse=True)
    assert all(choice["back"].startswith("+") for choice in choices)


def test_what_only_sites_have_is_not_made_up_for_land_without_any(store):
    chosen = Filter(min_kwp=50.0)
    assert sets_for(store, OFF, chosen) is None
    scenario = WhatIf(rules_off=OFF).text()
    found = scenario_outcome(store, scenario, chosen.text())
    assert found.kwp == scenario_outcome(store, "", chosen.text()).kwp
    assert say("whatif.back_unknown", "en") in scenario_html(store, scenario, chosen.text(), "en")
    assert say("whatif.back_note", "zh", n=2) in scenario_html(store, scenario, "", "zh")


def test_rules_of_other_assessments_are_refused(store):
    with pytest.raises(InputError, match="no_such_rule"):
        scenario_outcome(store, json.dumps({"rules_off": ["road_zone", "no_such_rule"]}), "")


def test_rules_travel_in_the_scenario_s_text_and_stand_in_the_scenario():
    asked = WhatIf(rules_off=OFF)
    assert WhatIf.parse(asked.text()) == asked
    with pytest.raises(InputError, match=r"rules_off.*list of codes"):
        WhatIf.parse('{"rules_off": "road_zone"}')


def test_runs_without_sets_offer_no_rules(tmp_path, monkeypatch):
    run = make_run(tmp_path / "run", n_sites=50, seed=1, hourly=False)
    (run / "rule_sets.parquet").unlink()
    monkeypatch.setenv("YIJIAN_RUN", str(run))
    monkeypatch.setenv("YIJIAN_HOME", str(tmp_path))
    assert rule_choices(current_store(), "zh") == []
