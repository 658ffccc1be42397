from __future__ import annotations

import pytest

from faults import InputError
from layers.eligibility import evaluate
from layers.rule_scenarios import load_rule_scenarios
from layers.rules import load_rules
from tests.eligibility_cases import box, layer, sites

PACKS = ["national", "shaanxi", "heritage", "infrastructure", "airport", "water"]
NAMES = ("strict", "reference", "open")


def land():
    zones = layer([box(30 * n, 0, 20, 60) for n in range(6)])
    zones["kind"] = [
        "heritage_control",
        "rail",
        "power_line",
        "water_source_2",
        "wetland",
        "river_management",
    ]
    return zones


def test_strict_leaves_less_than_reference_and_open_more():
    scenarios = load_rule_scenarios()
    plots = sites([box(0, 0, 200, 60)])
    left = {}
    for name in NAMES:
        rules = scenarios[name].apply(load_rules(scenarios[name].packs(PACKS)))
        left[name] = evaluate(plots, rules, {"restrictions": land()}).areas["available_m2"].iloc[0]
    assert left["strict"] < left["reference"] < left["open"] < plots.area.iloc[0]


def test_the_reference_changes_nothing():
    rules = load_rules(PACKS)
    assert load_rule_scenarios()["reference"].apply(rules) == rules


def test_open_never_lifts_a_verified_prohibition():
    before = {rule.id: rule for rule in load_rules(PACKS)}
    for rule in load_rule_scenarios()["open"].apply(load_rules(PACKS)):
        if before[rule.id].verdict == "forbidden" and not rule.unverified:
            assert rule.verdict == "forbidden"
        if before[rule.id].verdict == "forbidden" and rule.unverified:
            assert rule.verdict == "conditional"


def test_strict_widens_every_distance_of_a_table():
    strict = load_rule_scenarios()["strict"]
    lines = next(rule for rule in strict.apply(load_rules(PACKS)) if rule.id == "power_line_zone")
    assert [metres for _, metres in lines.buffer.up_to] == [7.5, 15.0, 22.5, 30.0, 37.5]


def test_all_faults_of_a_scenario_file_come_at_once(tmp_path):
    file = tmp_path / "own.toml"
    file.write_text(
        """
        wrong = 3
        [a]
        title_zh = "甲"
        [b]
        title_zh = "乙"
        title_en = "b"
        distance_factor = 0
        [c]
        title_zh = "丙"
        title_en = "c"
        changes = [{ verdict = "never", to = "notice" }]
        [d]
        title_zh = "丁"
        title_en = "d"
        colour = "red"
        """,
        encoding="utf-8",
    )
    with pytest.raises(InputError) as caught:
        load_rule_scenarios(file)
    told = str(caught.value)
    for part in (
        "wrong: 3 is no table",
        "a: fields are missing: title_en",
        "b: distance_factor 0.0 must be above 0",
        "c: verdict 'never' is none of forbidden",
        "d: unknown fields colour",
    ):
        assert f"own.toml, {part}" in told
