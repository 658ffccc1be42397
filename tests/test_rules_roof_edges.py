"""Edge and walkways of roofs by geometry: by hand, against shapely, and never beside the usable share."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from assessment.capacity import add_capacity, add_densities
from assessment.solar_types import CATALOGS, type_defaults, usable_share
from gis.setback import clear_part
from gis.zones import SLIVER_M2
from layers.catalog import load_catalog
from layers.eligibility import evaluate
from layers.rule_scenarios import load_rule_scenarios
from layers.rules import RULES_FOLDER, load_rules
from tests.eligibility_cases import box, layer, rule, sites

CATALOGS_FOLDER = RULES_FOLDER.parent / "catalog"
SIDES = st.floats(3.0, 120.0)
SHARES = st.floats(0.05, 1.0)


def edge(**fields):
    return rule("edge", **({"layer": "candidate", "edge_m": 1.0} | fields))


def left_of(roofs, *rules, layers=None):
    return evaluate(roofs, list(rules), layers or {}).areas["available_m2"].to_numpy()


def test_a_roof_of_20_by_10_keeps_18_by_8():
    outcome = evaluate(sites([box(0, 0, 20, 10)], "roof_flat"), load_rules(["roof_geometry"]), {})
    assert outcome.areas["available_m2"].tolist() == pytest.approx([18.0 * 8.0])
    touch = outcome.touches.iloc[0]
    assert (touch["rule"], touch["m2"], touch["touched_m2"]) == ("roof_fire_edge", 56.0, 56.0)
    assert outcome.excluded.geometry.iloc[0].area == pytest.approx(56.0)


@pytest.mark.parametrize(
    ("share", "used_m2"), [(0.5, 100.0), (0.72, 144.0), (0.8, 144.0), (1.0, 144.0), (np.nan, 144.0)]
)
def test_of_share_and_edge_the_smaller_is_used_and_never_both(share, used_m2):
    roofs = sites([box(0, 0, 20, 10)], "roof_flat", usable_share=[share])
    found = left_of(roofs, *load_rules(["roof_geometry"]))
    assert found * np.nan_to_num(share, nan=1.0) == pytest.approx([used_m2])


@given(st.lists(st.tuples(SIDES, SIDES, SHARES), min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_what_is_used_is_the_smaller_of_share_and_clear_area(drawn):
    roofs = [shapely.affinity.rotate(box(200 * n, 0, a, b), 17 * n) for n, (a, b, _) in enumerate(drawn)]
    shares = np.array([share for _, _, share in drawn])
    used = left_of(sites(roofs, "roof_metal", usable_share=shares), edge()) * shares
    clear = np.array([max(a - 2, 0.0) * max(b - 2, 0.0) for a, b, _ in drawn])
    assert used == pytest.approx(np.minimum(shares * shapely.area(roofs), clear), abs=SLIVER_M2)


@given(SIDES, SIDES, st.floats(0.5, 2.0), st.floats(10.0, 50.0), st.floats(0.0, 90.0))
@settings(max_examples=80, deadline=None)
def test_walkways_part_a_turned_rectangle_into_the_fewest_blocks(length, width, walkway, block, turn):
    roof = shapely.affinity.rotate(box(0, 0, length, width), turn)
    (clear,) = clear_part(np.array([roof]), edge_m=1.0, walkway_m=walkway, block_m=block)
    sides = [side - 2 for side in (length, width)]
    counts = [
        next(n for n in range(1, 99) if (side - (n - 1) * walkway) / n <= block + 1e-6) for side in sides
    ]
    free = np.prod([side - (n - 1) * walkway for side, n in zip(sides, counts, strict=True)])
    assert clear.area == pytest.approx(free, rel=1e-6)
    assert shapely.get_num_geometries(clear) == np.prod(counts)


def test_the_capacity_of_a_roof_comes_from_the_smaller_of_the_two():
    catalogs = {name: load_catalog(CATALOGS_FOLDER / f"{name}.toml") for name in CATALOGS}
    types = type_defaults(catalogs, lat=34.35)
    shapes = [box(0, 0, 20, 10), box(100, 0, 8, 3)]
    roofs = sites(shapes, "roof_flat", use="office", known_form=True)
    dense = add_densities(roofs, catalogs=catalogs, types=types)
    found = evaluate(dense, load_rules(["roof_geometry"]), {}).eligible
    used = add_capacity(found, types=types)
    share = usable_share(catalogs, "roof_flat", "office").value
    assert used["usable_m2"].tolist() == pytest.approx([min(200 * share, 144.0), min(24 * share, 6.0)])
    assert share * 24 > 6
    by_hand = used["usable_m2"] * types["roof_flat"].density_w_m2.central / 1000
    assert used["kwp_dc_central"].tolist() == pytest.approx(by_hand.tolist())


def test_a_courtyard_has_its_edge_too_and_a_narrow_roof_nothing():
    court = shapely.difference(box(0, 0, 30, 30), box(10, 10, 10, 10))
    roofs = sites([court, box(100, 0, 40, 1.9)], "roof_flat")
    outcome = evaluate(roofs, [edge()], {})
    assert outcome.areas["available_m2"].tolist() == pytest.approx([28.0**2 - 12.0**2, 0.0])
    assert outcome.eligible["id"].tolist() == ["s0"]


def test_the_edge_is_the_roofs_own_and_not_that_of_other_cuts():
    cut = rule("zone")
    found = left_of(
        sites([box(0, 0, 20, 10)], "roof_flat"), cut, edge(), layers={"zones": layer([box(10, 0, 10, 10)])}
    )
    assert found == pytest.approx([9.0 * 8.0])


def test_the_rows_of_the_edge_add_up_with_the_others():
    roofs = sites([box(0, 0, 20, 10)], "roof_flat", usable_share=[0.9])
    half = rule("half", layer="candidate", share=0.1)
    outcome = evaluate(roofs, [half, edge()], {})
    assert outcome.areas["available_m2"].tolist() == pytest.approx([144 / 0.9])
    assert outcome.touches["m2"].tolist() == pytest.approx([20.0, 180 - 160.0])
    assert outcome.sets.set_index("rules")["m2"].to_dict() == pytest.approx({"half": 20.0, "edge": 20.0})


def test_an_exempt_roof_a_facade_and_a_forced_area_keep_their_edge():
    roofs = sites([box(0, 0, 20, 10)] * 2, ["roof_flat", "facade"])
    assert left_of(roofs, *load_rules(["roof_geometry"])) == pytest.approx([144.0, 200.0])
    forced = layer([box(-5, -5, 30, 20)])
    assert evaluate(roofs, [edge()], {}, forced=forced).areas["available_m2"].tolist() == [200.0, 200.0]


def test_only_the_strict_reading_asks_the_geometry_and_wider():
    readings = load_rule_scenarios()
    packs = {name: one.packs(["roof"]) for name, one in readings.items()}
    assert [name for name, own in packs.items() if "roof_geometry" in own] == ["strict"]
    strict = {one.id: one for one in readings["strict"].apply(load_rules(packs["strict"]))}
    assert strict["roof_fire_edge"].edge_m == pytest.approx(1.5)
    opened = readings["open"].apply(load_rules(["roof_geometry"]))
    assert opened[0].verdict == "forbidden"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"walkway_m": 1.0}, "go together"),
        ({"layer": "zones"}, "go with layer candidate"),
        ({"verdict": "notice"}, "go with layer candidate"),
        ({"share": 0.5}, "no share"),
        ({"min_width_m": 2.0}, "do not go with min_area_m2"),
    ],
)
def test_an_edge_that_cannot_be_is_refused(fields, message):
    with pytest.raises(ValueError, match=message):
        edge(**fields)
