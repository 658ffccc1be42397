from __future__ import annotations

import datetime as dt

import pytest

from assessment import run
from faults import InputError
from layers.rule_model import GROUPS, PV_TYPES, Distance, expand_types
from layers.rules import RULES_FOLDER, load_rules

ALL_PACKS = sorted(path.stem for path in RULES_FOLDER.glob("*.toml") if path.stem != "scenarios")
KINDS = {
    *("heritage_protection", "heritage_control", "ecological_redline", "river_management", "wetland"),
    *("water_source_1", "water_source_2", "road", "rail", "power_line", "airport_surface", "pipeline"),
    *("ground_fissure", "subsidence", "no_abstraction", "military"),
}
GOOD = """
[pack]
id = "own"
title_zh = "本单位"
title_en = "Own"

[[rule]]
id = "one"
title_zh = "一"
title_en = "one"
document = "D"
source = "S"
confidence = "H"
layer = "restrictions"
applies_to = ["ground"]
verdict = "forbidden"
"""


@pytest.fixture
def pack(tmp_path):
    def write(text, name="own"):
        file = tmp_path / f"{name}.toml"
        file.write_text(text, encoding="utf-8")
        return file

    return write


def test_the_packs_speak_of_the_types_of_a_run():
    assert set(PV_TYPES) == set(run.PV_TYPES)
    assert set(GROUPS["all_heat"]) == set(run.HEAT_TECHNOLOGIES)


def test_the_packs_of_the_program_load_together_and_every_kind_of_restriction_has_a_rule():
    rules = load_rules(ALL_PACKS)
    assert {kind for rule in rules for kind in rule.kinds} == KINDS


def test_every_rule_of_the_program_names_document_source_and_both_titles():
    for rule in load_rules(ALL_PACKS):
        assert rule.document, rule.id
        assert rule.source, rule.id
        assert rule.title_zh != rule.title_en, rule.id
        claims_general_knowledge = rule.source.startswith("general knowledge")
        assert rule.unverified or not claims_general_knowledge, rule.id


@pytest.mark.parametrize(
    ("rule", "attribute", "expected"),
    [
        ("power_line_zone", 10.0, 5.0),
        ("power_line_zone", 35.0, 10.0),
        ("power_line_zone", 330.0, 15.0),
        ("power_line_zone", 500.0, 20.0),
        ("road_control", "expressway", 30.0),
        ("road_control", "national", 20.0),
        ("road_control", "township", 5.0),
        ("railway_zone", "high_speed", 20.0),
        ("ground_fissure", None, 40.0),
    ],
)
def test_the_distances_of_the_law(rule, attribute, expected):
    by_id = {item.id: item.buffer for item in load_rules(ALL_PACKS)}
    buffer = by_id[rule]
    numbers = [
        metres for limit, metres in buffer.up_to if isinstance(attribute, float) and attribute <= limit
    ]
    found = numbers[:1] or [dict(buffer.values).get(attribute, buffer.default)]
    assert found == [expected]


def test_only_cultivated_land_and_its_conditions_know_the_date_of_the_notice():
    dated = {
        rule.id: exemption.approved_before for rule in load_rules(ALL_PACKS) for exemption in rule.exemptions
    }
    assert set(dated.values()) == {dt.date(2023, 3, 20)}
    assert "cultivated_land" in dated
    assert "permanent_basic_farmland" not in dated


def test_a_rule_about_what_cannot_be_public_does_not_block_every_site():
    military = next(rule for rule in load_rules(["national"]) if rule.id == "military")
    assert not military.decisive
    assert "不公开" in military.note_zh


@pytest.mark.parametrize(
    ("change", "column", "value", "message"),
    [
        (
            ('verdict = "forbidden"', 'verdict = "never"'),
            "one",
            "one",
            "verdict 'never' is none of forbidden",
        ),
        (('confidence = "H"', 'confidence = "X"'), "one", "one", "confidence 'X' is none of H, M, L"),
        (
            ('applies_to = ["ground"]', 'applies_to = ["roofs"]'),
            "one.applies_to",
            "['roofs']",
            "neither a type nor",
        ),
        (('layer = "restrictions"', ""), "one.layer", None, "is missing"),
        (('source = "S"', 'source = " "'), "one.source", " ", "must not be empty"),
        (('source = "S"', 'source = "S"\nbuffer_m = -3'), "one.buffer_m", "-3", "-3.0 m is no distance"),
        (('source = "S"', 'source = "S"\nbuffer = 3'), "one.buffer", "3", "is no field of a rule"),
        (('source = "S"', 'source = "S"\nwhere = "kv >"'), "one.where", "kv >", "at position 5"),
        (('source = "S"', 'source = "S"\nshare = 1.5'), "one", "one", "share 1.5 must be above 0"),
        (('source = "S"', 'source = "S"\nvalues = "[3-1]"'), "one.values", "[3-1]", "is empty"),
        (('id = "one"', 'id = "One"'), "One.id", "One", "lower-case letters"),
        (('source = "S"', 'source = "S"\nunverified = "no"'), "one.unverified", "no", "true or false"),
        (('source = "S"', 'source = "S"\nwithin = "x"'), "one.within", "x", "must be a table with layer"),
        (
            ('layer = "restrictions"', 'layer = "candidate"\ninvert = true'),
            "one",
            "one",
            "a rule about the site itself has no buffer, kind, raster values or invert",
        ),
        (
            ('source = "S"', 'source = "S"\nexemptions = [{ approved_before = "2023-03-20" }]'),
            "one.exemptions",
            "[{'approved_before': '2023-03-20'}]",
            "must be a date",
        ),
        (
            ('source = "S"', 'source = "S"\nbuffer_m = { attribute = "kv", up_to = [[10, 5]] }'),
            "one.buffer_m",
            "{'attribute': 'kv', 'up_to': [[10, 5]]}",
            "default is missing",
        ),
    ],
)
def test_a_malformed_rule_says_file_line_field_and_value(pack, change, column, value, message):
    text = GOOD.replace(*change)
    file = pack(text)
    with pytest.raises(InputError, match=r"own\.toml") as caught:
        load_rules([], extra=[file])
    (fault,) = caught.value.faults
    assert (fault.column, fault.value) == (column, value)
    assert message in fault.rule
    line = text.splitlines()[fault.row - 1]
    field = column.partition(".")[2]
    assert field in line if field and value is not None else "[[rule]]" in line


def test_all_faults_of_all_packs_come_at_once(pack):
    bad = pack(GOOD.replace('verdict = "forbidden"', 'verdict = "no"').replace('"H"', "3"), "bad")
    with pytest.raises(InputError) as caught:
        load_rules(
            ["heritage", "nowhere"], extra=[bad, pack("x = ", "broken"), pack("[pack]\nid='a'", "empty")]
        )
    told = str(caught.value)
    assert "nowhere.toml" in told
    assert "packs beside it: airport" in told
    assert "confidence = '3': must be a text" in told
    assert "broken.toml: is not valid TOML" in told
    assert "empty.toml, pack: a table [pack]" in told
    assert "at least one table [[rule]]" in told


def test_an_id_used_twice_is_refused_with_both_packs(pack):
    with pytest.raises(InputError, match=r"id = 'military': id is used already in pack national"):
        load_rules(["national"], extra=[pack(GOOD.replace('id = "one"', 'id = "military"'))])


def test_types_and_groups_expand():
    assert expand_types(["on_ground"]) == set(PV_TYPES) - set(GROUPS["on_building"])
    assert expand_types(["shallow", "all_heat"]) == {"shallow", "deep", "hydrothermal"}


def test_a_distance_table_must_ascend_and_have_its_attribute():
    with pytest.raises(ValueError, match="must ascend"):
        Distance(1.0, attribute="kv", up_to=((110.0, 10.0), (10.0, 5.0)))
    with pytest.raises(ValueError, match="go together"):
        Distance(1.0, attribute="kv")
