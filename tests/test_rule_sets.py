"""The land that rules take, split by the exact set of rules: against asking the engine again without them."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.contiguity import wide_part
from gis.overlay import split_by
from gis.topology import overlaps
from gis.zones import SLIVER_M2, intersected
from layers.eligibility import evaluate
from layers.rule_sets import come_back, rule_sets
from tests.eligibility_cases import box, layer, rule, sites
from tests.test_eligibility_laws import LAYERS, PLOTS, as_layers, rules_of

SHARES = st.lists(st.sampled_from([1.0, 1.0, 0.3, 0.6, 0.9]), min_size=4, max_size=4)


# A field's rest and a strip that share edges only; GEOS 3.14 gives the strip back whole (well-known binary).
REST = (
    "0103000000010000000A00000014AE4761A4EE2041295C8F4297034D41B81E856BA4EE20410AD7A35098034D41"
    "33333333BAEE20413D0AD74398034D411F85EBD1BAEE2041F6285CAFA8034D413D0AD7A31EEF204133333373A8"
    "034D41EC51B81E26EF2041AE47E11A8A034D41333333B3CDEA20410AD7A3D082034D41CDCCCCCC79EE2041C403"
    "CAF988034D41CDCCCCCC79EE20419F1D5B5C97034D4114AE4761A4EE2041295C8F4297034D41"
)
STRIP = (
    "010300000001000000050000003AA71BA460EC204167CD3AB6BA034D410A2D2DE3A0EC2041738369E085034D41"
    "AA28176977EC2041C030D49A85034D4105CAC22737EC2041A4838172BA034D413AA71BA460EC204167CD3AB6BA"
    "034D41"
)


def test_an_overlay_that_goes_wrong_is_reckoned_again():
    rest, strip = (np.array([shapely.from_wkb(text)]) for text in (REST, STRIP))
    assert shapely.area(intersected(rest, strip))[0] == pytest.approx(0.0, abs=SLIVER_M2)
    assert shapely.area(shapely.difference(rest, strip))[0] == pytest.approx(shapely.area(rest)[0], abs=1e-3)


def mixed(drawn, shares):
    return [rule(f"r{n}", layer=f"z{n}", share=shares[n]) for n in range(len(drawn))]


def lifted_sets(rules):
    ids = [one.id for one in rules]
    return [lifted for size in range(1, len(ids) + 1) for lifted in combinations(ids, size)]


@given(LAYERS, SHARES)
@settings(max_examples=40, deadline=None)
def test_lifting_any_rules_gives_back_the_sets_that_are_subsets_of_them(drawn, shares):
    rules, layers = mixed(drawn, shares), as_layers(drawn)
    outcome = evaluate(PLOTS, rules, layers)
    for lifted in lifted_sets(rules):
        fewer = [one for one in rules if one.id not in lifted]
        left = evaluate(PLOTS, fewer, layers, keep_reasons=False).areas["available_m2"]
        back = left.sum() - outcome.areas["available_m2"].sum()
        said = outcome.sets.loc[come_back(outcome.sets, lifted), "m2"].sum()
        assert said == pytest.approx(back, abs=len(PLOTS) * 2 * SLIVER_M2)


@given(LAYERS, SHARES)
@settings(max_examples=40, deadline=None)
def test_the_sets_of_a_site_add_up_to_what_it_lost(drawn, shares):
    outcome = evaluate(PLOTS, mixed(drawn, shares), as_layers(drawn))
    lost = outcome.areas.set_index("id")[["area_m2", "available_m2"]].diff(axis=1)["available_m2"]
    said = outcome.sets.groupby("id")["m2"].sum().reindex(lost.index).fillna(0.0)
    assert said.to_numpy() == pytest.approx(-lost.to_numpy(), abs=1e-6)


@given(LAYERS)
@settings(max_examples=40, deadline=None)
def test_the_set_of_one_rule_is_what_the_rule_holds_alone(drawn):
    outcome = evaluate(PLOTS, rules_of(drawn), as_layers(drawn))
    alone = outcome.touches.groupby("rule")["alone_m2"].sum()
    single = outcome.sets.groupby("rules")["m2"].sum().reindex(alone.index).fillna(0.0)
    assert single.to_numpy() == pytest.approx(alone.to_numpy(), abs=len(PLOTS) * SLIVER_M2)


@given(LAYERS, SHARES)
@settings(max_examples=60, deadline=None)
def test_alone_is_the_row_of_the_rule_by_itself_with_shares_too(drawn, shares):
    outcome = evaluate(PLOTS, mixed(drawn, shares), as_layers(drawn))
    alone = outcome.touches.groupby("rule")["alone_m2"].sum()
    single = outcome.sets.groupby("rules")["m2"].sum().reindex(alone.index).fillna(0.0)
    assert single.to_numpy() == pytest.approx(alone.to_numpy(), abs=1.0)


def test_a_share_on_the_land_of_a_prohibition_halves_what_lifting_it_brings():
    field = sites([box(0, 0, 10, 10)])
    layers = {"west": layer([box(0, 0, 6, 10)]), "south": layer([box(0, 0, 10, 5)])}
    partly = [rule("w", layer="west"), rule("s", layer="south", share=0.5)]
    touches = evaluate(field, partly, layers).touches.set_index("rule")
    assert touches["alone_m2"].to_dict() == pytest.approx({"w": 30 + 0.5 * 30, "s": 0.5 * 20})
    assert touches["m2"].to_dict() == pytest.approx({"w": 60.0, "s": 10.0})


def test_a_field_under_two_zones_by_hand():
    field = sites([box(0, 0, 10, 10)])
    layers = {"west": layer([box(0, 0, 6, 10)]), "south": layer([box(0, 0, 10, 5)])}
    found = evaluate(field, [rule("w", layer="west"), rule("s", layer="south")], layers).sets
    assert found.set_index("rules")["m2"].to_dict() == pytest.approx({"w": 30.0, "s": 20.0, "s|w": 30.0})
    partly = [rule("w", layer="west"), rule("s", layer="south", share=0.5)]
    found = evaluate(field, partly, layers).sets.set_index("rules")["m2"].to_dict()
    assert found == pytest.approx({"w": 45.0, "s": 10.0, "s|w": 15.0})
    crowded = [rule("w", layer="west", share=0.7), rule("s", layer="south", share=0.5)]
    found = evaluate(field, crowded, layers).sets.set_index("rules")["m2"].to_dict()
    assert found == pytest.approx({"w": 0.7 * 30 + 0.5 * 30, "s": 10.0 + 0.3 * 30, "s|w": 0.2 * 30})


def test_what_is_too_small_belongs_to_the_rule_on_size_alone():
    fields = sites([box(0, 0, 10, 10), box(100, 0, 50, 10)])
    rules = [rule("road"), rule("small", layer="candidate", min_area_m2=100.0)]
    found = evaluate(fields, rules, {"zones": layer([box(0, 0, 4, 10)])}).sets
    assert found[["id", "rules", "m2"]].to_numpy().tolist() == [["s0", "road", 40.0], ["s0", "small", 60.0]]


def test_sets_add_up_by_town_township_and_type_and_keep_what_is_unknown():
    sets = pd.DataFrame({"id": ["a", "b", "c"], "rules": ["r", "r", "q|r"], "m2": [10.0, 5.0, 1.0]})
    known = pd.DataFrame(
        {"town": ["t", "t", "t"], "township": [None, None, "x"], "type": ["ground"] * 3},
        index=["a", "b", "c"],
    )
    table = rule_sets(sets, known, kwp_m2=pd.Series(0.1, index=known.index))
    by_rules = table.set_index("rules")
    assert by_rules["area_m2"].to_dict() == {"q|r": 1.0, "r": 15.0}
    assert by_rules["kwp_dc"].to_dict() == pytest.approx({"q|r": 0.1, "r": 1.5})
    assert by_rules["township"].isna().to_dict() == {"q|r": False, "r": True}


def test_nothing_taken_is_an_empty_table_that_can_be_added_up():
    field = sites([box(0, 0, 10, 10)])
    found = evaluate(field, [rule()], {"zones": layer([box(50, 50, 1, 1)])}).sets
    assert found.empty
    known = field.assign(town="t", township=None).set_index("id")
    table = rule_sets(found, known, kwp_m2=pd.Series(0.1, index=known.index))
    assert table.columns.tolist() == ["town", "township", "type", "rules", "area_m2", "kwp_dc"]
    assert np.isclose(table["area_m2"].sum(), 0.0)


def test_other_overlays_are_guarded_against_it_too():
    """Cut into places, compared for overlaps, and asked for its wide part: the strip shares no area."""
    rest, strip = (np.array([shapely.from_wkb(text)]) for text in (REST, STRIP))
    for one, other in ((rest, strip), (strip, rest)):
        assert shapely.area(split_by(one, other)[2]).sum() == pytest.approx(0.0, abs=SLIVER_M2)
    first, _, _ = overlaps(np.concatenate([rest, strip]), min_m2=SLIVER_M2)
    assert len(first) == 0
    wide = wide_part(rest, 4.0)
    assert shapely.area(shapely.difference(wide, rest))[0] == pytest.approx(0.0, abs=SLIVER_M2)
