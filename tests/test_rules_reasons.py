from __future__ import annotations

import pandas as pd
import pytest

from layers.rule_reasons import explain_site
from layers.rules import load_rules
from tests.eligibility_cases import box, layer, sites

PACKS = ["national", "shaanxi", "water"]
HECTARE = 10_000.0
NEED = 225 * HECTARE
"""150 MW at 1.5 ha/MW."""


def plain(cultivated, orchard, basic=0.0):
    """A plain of three strips, 1 km wide, with the given hectares; a river takes the orchard's last 100 m."""
    heights = [hectares * 10.0 for hectares in (cultivated, orchard, basic)]
    starts = [0.0, heights[0], heights[0] + heights[1]]
    strips = [box(0, start, 1000, height) for start, height in zip(starts, heights, strict=True) if height]
    land = layer(strips)
    names = ("cultivated", "orchard", "permanent_basic")
    land["class"] = [name for name, height in zip(names, heights, strict=True) if height]
    kinds = land["class"].map({"orchard": "agrivoltaic_orchard"}).fillna("ground")
    river = layer([box(-50, starts[2] - 100, 1100, 100)], kind="river_management")
    return sites(strips, kind=kinds), {"farmland": land, "restrictions": river}


def explained(*hectares, **options):
    plots, layers = plain(*hectares)
    return explain_site(plots, load_rules(PACKS), layers, **options)


def test_an_agrivoltaic_project_on_cultivated_land_stands_or_falls_with_its_date():
    """The 150 MW of Taiping: in the plan, forbidden on its land unless filed before the notice of 2023."""
    found = explained(250, 60, needed_m2=NEED)
    assert found.outcome == "date"
    assert found.available_m2 == pytest.approx(50 * HECTARE)
    assert found.with_date_m2 == pytest.approx(300 * HECTARE)
    dated = next(way for way in found.ways if way.rule == "cultivated_land")
    assert (dated.kind, dated.m2) == ("date", pytest.approx(250 * HECTARE))
    assert "2023-03-20前已核准(备案)" in dated.zh
    assert "250.0 ha; lifted for projects approved or filed before 2023-03-20" in dated.en
    assert "能证明在豁免日期前核准(备案)则可用300.0公顷" in found.lines("zh")[-1]
    assert "With proof of approval before the date it has 300.0 ha" in found.lines("en")[-1]


def test_enough_orchard_needs_no_date_but_its_heights():
    found = explained(50, 300, needed_m2=NEED)
    assert found.outcome == "enough"
    assert found.by_type_m2 == {"agrivoltaic_orchard": pytest.approx(290 * HECTARE), "ground": 0.0}
    assert found.unconditional_m2 == 0.0
    kinds = {way.rule: way.kind for way in found.ways}
    assert kinds == {
        "cultivated_land": "date",
        "river_management": "avoid",
        "orchard_heights": "condition",
        "ecological_redline": "check",
        "wetland": "check",
        "military": "check",
        "water_source_1": "check",
        "water_source_2": "check",
    }
    heights = next(way for way in found.ways if way.rule == "orchard_heights")
    assert "≥2.5米" in heights.zh
    assert "≥8米" in heights.zh


def test_the_date_does_not_free_basic_farmland():
    found = explained(100, 20, 300, needed_m2=NEED)
    assert found.outcome == "short"
    assert found.with_date_m2 == pytest.approx(110 * HECTARE)
    assert next(way.kind for way in found.ways if way.rule == "permanent_basic_farmland") == "avoid"


def test_a_project_with_its_date_is_not_told_to_bring_one():
    plots, layers = plain(250, 60)
    filed = plots.assign(approved=pd.Timestamp("2022-11-30"))
    found = explain_site(filed, load_rules(PACKS), layers, needed_m2=NEED)
    assert found.outcome == "enough"
    assert "cultivated_land" not in {way.rule for way in found.ways}


def test_without_a_project_only_the_place_is_explained():
    found = explained(10, 20)
    assert found.outcome == "unasked"
    assert found.lines()[0] == "总面积30.0公顷，按规则可用10.0公顷，其中无附加条件0.0公顷。"
    assert len(found.lines("en")) == 1 + len(found.ways)
