"""Every pack asked of one hectare, by hand: which rule speaks, its verdict, and the square metres."""

from __future__ import annotations

from functools import cache

import pytest
import shapely

from layers.eligibility import evaluate
from layers.rule_fields import FIELDS
from layers.rules import RULES_FOLDER, load_rules
from tests.eligibility_cases import box, layer, sites

ALL_PACKS = sorted(path.stem for path in RULES_FOLDER.glob("*.toml") if path.stem != "scenarios")
PLOT = box(0, 0, 100, 100)
LINE = shapely.LineString([(50, -200), (50, 300)])
ZONE = box(-50, -50, 90, 200)
"""Lies over the western 40 m of the plot."""
ZONE_M2 = 4000.0


rules_of = cache(load_rules)


def touches(pack, kind, restriction, *, shape=ZONE, **columns):
    features = layer([shape], **({"kind": restriction} | columns))
    found = evaluate(sites([PLOT], kind), rules_of((pack,)), {"restrictions": features}).touches
    return {row["rule"]: (row["verdict"], round(row["m2"], 1)) for row in found.to_dict("records")}


def test_the_description_names_every_pack_and_every_field_of_a_rule():
    said = (RULES_FOLDER.parents[1] / "docs" / "rules.md").read_text(encoding="utf-8")
    assert [name for name in (*FIELDS, *ALL_PACKS) if f"`{name}`" not in said] == []


@pytest.mark.parametrize("name", ALL_PACKS)
def test_each_pack_loads_by_itself_and_each_rule_has_source_document_and_confidence(name):
    rules = load_rules([name])
    assert rules
    assert {rule.pack for rule in rules} == {name}
    for rule in rules:
        assert rule.source.strip(), rule.id
        assert rule.document.strip(), rule.id
        assert rule.confidence in {"H", "M", "L"}, rule.id
        assert rule.unverified or rule.confidence != "L", rule.id


@pytest.mark.parametrize(
    ("pack", "kind", "restriction", "name", "told"),
    [
        ("national", "ground", "ecological_redline", None, {"ecological_redline": "forbidden"}),
        ("national", "ground", "wetland", None, {"wetland": "forbidden"}),
        ("national", "ground", "military", None, {"military": "forbidden"}),
        ("national", "roof_flat", "ecological_redline", None, {"ecological_redline_building": "conditional"}),
        ("water", "ground", "river_management", None, {"river_management": "forbidden"}),
        ("water", "ground", "water_source_1", None, {"water_source_1": "forbidden"}),
        ("water", "ground", "water_source_2", None, {"water_source_2": "conditional"}),
        ("heritage", "ground", "heritage_protection", None, {"heritage_protection": "forbidden"}),
        (
            "heritage",
            "roof_flat",
            "heritage_protection",
            None,
            {"heritage_protection_building": "conditional"},
        ),
        ("heritage", "ground", "heritage_control", None, {"heritage_control": "conditional"}),
        ("airport", "roof_flat", "airport_surface", "runway", {"airport_runway": "forbidden"}),
        ("airport", "ground", "airport_surface", "approach", {"airport_approach": "conditional"}),
        ("airport", "ground", "airport_surface", "glare", {"airport_glare": "conditional"}),
        ("airport", "ground", "airport_surface", "inner", {"airport_obstacle_surfaces": "notice"}),
        (
            "geothermal_drilling",
            "deep",
            "heritage_protection",
            None,
            {"drilling_heritage_protection": "forbidden"},
        ),
        ("geothermal_drilling", "deep", "water_source_1", None, {"closed_loop_water_source_1": "forbidden"}),
        (
            "geothermal_drilling",
            "hydrothermal",
            "water_source_2",
            None,
            {"abstraction_water_source_2": "forbidden"},
        ),
        ("geothermal_drilling", "hydrothermal", "no_abstraction", None, {"no_abstraction": "forbidden"}),
        (
            "geothermal_drilling",
            "hydrothermal",
            "subsidence",
            None,
            {"subsidence_hydrothermal": "conditional"},
        ),
    ],
)
def test_a_zone_over_two_fifths_of_a_hectare(pack, kind, restriction, name, told):
    found = touches(pack, kind, restriction, **{"class": name})
    for rule, verdict in told.items():
        assert found[rule] == (verdict, ZONE_M2)


@pytest.mark.parametrize(
    ("kind", "restriction", "columns", "rule", "metres"),
    [
        ("ground", "power_line", {"kv": 10.0}, "power_line_zone", 5),
        ("ground", "power_line", {"kv": 110.0}, "power_line_zone", 10),
        ("ground", "power_line", {"kv": 330.0}, "power_line_zone", 15),
        ("ground", "power_line", {"kv": 500.0}, "power_line_zone", 20),
        ("ground", "power_line", {"kv": 750.0}, "power_line_zone", 25),
        ("ground", "rail", {"class": "high_speed"}, "railway_zone", 20),
        ("ground", "rail", {"class": "conventional"}, "railway_zone", 15),
        ("ground", "pipeline", {}, "pipeline_zone", 5),
    ],
)
def test_a_corridor_is_twice_its_distance_wide(kind, restriction, columns, rule, metres):
    rules = {one.id: one for one in rules_of(("infrastructure",))}
    half = rules[rule].line_half_width
    known = columns.get(half.attribute or "", None)
    extra = next((width for limit, width in half.up_to if known is not None and known <= limit), None)
    extra = dict(half.values).get(str(known), half.default) if extra is None else extra
    found = touches("infrastructure", kind, restriction, shape=LINE, **columns)
    assert found[rule] == ("forbidden", pytest.approx(2 * (metres + extra) * 100.0, abs=0.2))


@pytest.mark.parametrize(
    ("name", "metres"),
    [("expressway", 30), ("national", 20), ("provincial", 15), ("county", 10), ("township", 5)],
)
def test_a_road_drawn_with_its_edges_keeps_the_distance_of_its_class(name, metres):
    road = box(-60, -200, 60, 500)  # its eastern edge is the western edge of the plot
    found = touches("infrastructure", "ground", "road", shape=road, **{"class": name})
    assert found["road_control"] == ("forbidden", pytest.approx(metres * 100.0, abs=0.2))


def test_a_fissure_keeps_wells_forty_metres_away():
    found = touches("geothermal_drilling", "deep", "ground_fissure", shape=LINE)
    assert found["ground_fissure"] == ("forbidden", pytest.approx(8000.0, abs=0.2))


@pytest.mark.parametrize(
    ("name", "kind", "rule", "verdict"),
    [
        ("permanent_basic", "ground", "permanent_basic_farmland", "forbidden"),
        ("cultivated", "ground", "cultivated_land", "forbidden"),
        ("forest", "ground", "forest_land", "forbidden"),
        ("orchard", "agrivoltaic_orchard", "orchard_heights", "conditional"),
        ("grass", "agrivoltaic_grass", "grass_heights", "conditional"),
        ("fish_pond", "fish_pond", "other_farm_land", "conditional"),
    ],
)
def test_each_class_of_farmland_has_its_verdict(name, kind, rule, verdict):
    land = layer([PLOT], **{"class": name})
    found = evaluate(sites([PLOT], kind), rules_of(("national", "shaanxi")), {"farmland": land}).touches
    assert found.set_index("rule").loc[rule, ["verdict", "m2"]].tolist() == [verdict, 10_000.0]


def test_an_old_roof_needs_an_appraisal_and_each_form_its_load():
    roofs = sites([PLOT] * 3, ["roof_metal", "roof_flat", "roof_flat"], year=[1995, 1999, 2010])
    found = evaluate(roofs, load_rules(["roof"]), {}).touches.groupby("id")["rule"].agg(set)
    assert found["s0"] == {"roof_age", "roof_load_metal", "roof_fire_access"}
    assert found["s1"] == {"roof_age", "roof_load_flat", "roof_fire_access"}
    assert found["s2"] == {"roof_load_flat", "roof_fire_access"}
