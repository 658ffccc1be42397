from __future__ import annotations

import datetime as dt

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from faults import InputError
from layers.eligibility import evaluate
from layers.rule_model import Distance
from layers.rules import load_rules
from tests.eligibility_cases import CRS, box, exemption, layer, rule, sites


def touch(outcome, site, name):
    rows = outcome.touches[(outcome.touches["id"] == site) & (outcome.touches["rule"] == name)]
    return rows[["m2", "alone_m2", "touched_m2"]].to_numpy().ravel().tolist()


def test_two_overlapping_zones_take_in_order_and_hold_alone():
    zones = {"a": layer([box(0, 0, 6, 10)]), "b": layer([box(4, 0, 4, 10)])}
    outcome = evaluate(sites([box(0, 0, 10, 10)]), [rule("ra", layer="a"), rule("rb", layer="b")], zones)
    assert touch(outcome, "s0", "ra") == [60.0, 40.0, 60.0]
    assert touch(outcome, "s0", "rb") == [20.0, 20.0, 40.0]
    assert outcome.eligible["area_m2"].tolist() == [20.0]
    assert outcome.excluded[["rule", "m2"]].to_numpy().tolist() == [["ra", 60.0], ["rb", 20.0]]
    assert outcome.excluded.geometry.iloc[1].equals(box(6, 0, 2, 10))


def test_three_zones_one_of_which_is_the_whole_site():
    zones = {
        "a": layer([box(0, 0, 5, 10)]),
        "b": layer([box(-9, -9, 99, 99)]),
        "c": layer([box(2, 0, 6, 10)]),
    }
    rules = [rule("ra", layer="a"), rule("rb", layer="b"), rule("rc", layer="c")]
    outcome = evaluate(sites([box(0, 0, 10, 10)]), rules, zones)
    assert [touch(outcome, "s0", name)[:2] for name in ("ra", "rb", "rc")] == [[50, 0], [50, 20], [0, 0]]
    assert outcome.eligible.empty
    assert outcome.areas["available_m2"].tolist() == [0.0]


def test_a_road_outside_the_sites_takes_by_its_buffer_as_a_circle():
    corner = layer([shapely.Point(-3, -4)])
    outcome = evaluate(sites([box(0, 0, 40, 40)]), [rule(buffer=20.0)], {"zones": corner})
    fine = shapely.Point(-3, -4).buffer(20.0, quad_segs=4096).intersection(box(0, 0, 40, 40)).area
    assert touch(outcome, "s0", "r")[0] == pytest.approx(fine, abs=0.5)
    assert touch(outcome, "s0", "r")[0] < 16 * 17


def test_a_buffer_by_voltage_and_by_class_with_the_default_for_the_unknown():
    lines = [shapely.LineString([(x, -100), (x, 200)]) for x in (50, 250, 450, 650)]
    grid = layer(lines, kv=[10.0, 110.0, np.nan, 1000.0])
    table = Distance(20.0, attribute="kv", up_to=((10.0, 5.0), (110.0, 10.0), (330.0, 15.0)))
    plots = sites([box(x, 0, 100, 100) for x in (0, 200, 400, 600)])
    outcome = evaluate(plots, [rule(buffer=table)], {"zones": grid})
    assert (10_000 - outcome.eligible["area_m2"]).tolist() == [1000.0, 2000.0, 4000.0, 4000.0]


def test_a_centre_line_is_widened_and_a_drawn_road_is_not():
    roads = layer([shapely.LineString([(0, 50), (100, 50)]), box(200, 46, 100, 8)])
    plots = sites([box(0, 0, 100, 100), box(200, 0, 100, 100)])
    outcome = evaluate(plots, [rule(buffer=10.0, line_half_width=Distance(4.0))], {"zones": roads})
    assert outcome.touches["m2"].tolist() == pytest.approx([2800.0, 2800.0])


def test_a_long_line_cut_into_chains_takes_what_its_whole_buffer_takes():
    x = np.linspace(0, 4000, 500)
    line = shapely.LineString(np.stack([x, 40 * np.sin(x / 60)], axis=1))
    plots = sites([box(at, -60, 90, 120) for at in range(0, 4000, 100)])
    outcome = evaluate(plots, [rule(buffer=15.0)], {"zones": layer([line])})
    whole = line.buffer(15.0, quad_segs=64)
    expected = [plot.difference(whole).area for plot in plots.geometry]
    assert outcome.eligible["area_m2"].to_numpy() == pytest.approx(np.array(expected), abs=0.5)


def test_conditions_and_notices_take_nothing_and_are_told_only_where_something_is_left():
    zones = {"a": layer([box(0, 0, 4, 10)]), "b": layer([box(0, 0, 2, 10)]), "c": layer([box(3, 0, 3, 10)])}
    rules = [
        rule("b", layer="b", verdict="conditional"),
        rule("c", layer="c", verdict="notice"),
        rule("a", layer="a"),
    ]
    outcome = evaluate(sites([box(0, 0, 10, 10)]), rules, zones)
    assert outcome.touches["rule"].tolist() == ["c", "a"]
    assert touch(outcome, "s0", "c") == [20.0, 20.0, 30.0]
    assert outcome.status.to_dict() == {"s0": "allowed"}


def test_shares_add_up_to_the_whole_and_no_further():
    zones = {
        "w": layer([box(0, 0, 6, 10)]),
        "s": layer([box(0, 0, 10, 5)]),
        "hard": layer([box(9, 0, 1, 10)]),
    }
    rules = [rule("w", layer="w", share=0.7), rule("s", layer="s", share=0.5), rule("h", layer="hard")]
    outcome = evaluate(sites([box(0, 0, 10, 10)]), rules, zones)
    assert touch(outcome, "s0", "w") == pytest.approx([42.0, 36.0, 42.0])
    assert touch(outcome, "s0", "s") == pytest.approx([30 * 0.3 + 15 * 0.5, 30 * 0.3 + 15 * 0.5, 22.5])
    assert outcome.eligible[["area_m2", "available_m2"]].to_numpy().tolist() == [[90.0, pytest.approx(31.5)]]


def test_the_county_shares_leave_the_share_of_each_owner():
    roofs = sites(
        [box(x, 0, 10, 10) for x in (0, 20, 40, 60, 80)],
        kind="roof_flat",
        owner=["government", "school", "enterprise", "village", None],
        use=["public", "school", "industrial", "rural_house", "other"],
    )
    outcome = evaluate(roofs, load_rules(["county_shares"]), {})
    assert outcome.eligible["available_m2"].tolist() == pytest.approx([50, 40, 30, 20, 100])


def test_a_project_filed_before_the_notice_keeps_its_cultivated_land_but_never_basic_farmland():
    land = layer([box(0, 0, 10, 10), box(20, 0, 10, 10), box(40, 0, 10, 10), box(60, 0, 10, 10)])
    land["class"] = ["cultivated", "cultivated", "cultivated", "permanent_basic"]
    plots = sites(land.geometry, approved=["2023-03-19", "2023-03-20", None, "2020-01-01"])
    outcome = evaluate(plots, load_rules(["national"]), {"farmland": land})
    assert outcome.eligible["id"].tolist() == ["s0"]


def test_an_exemption_by_condition_and_one_by_layer():
    zone = layer([box(0, 0, 30, 10)])
    plots = sites([box(0, 0, 10, 10), box(20, 0, 10, 10)], name=["known project", None])
    freed = exemption(layer="freed", where="class = 'yes'")
    lifted = layer([box(20, 0, 4, 10), box(24, 0, 6, 10)], **{"class": ["yes", "no"]})
    by_name = exemption(where="name = 'known project'")
    rules = [rule(exemptions=(by_name, freed))]
    outcome = evaluate(plots, rules, {"zones": zone, "freed": lifted})
    assert outcome.eligible[["id", "area_m2"]].to_numpy().tolist() == [["s0", 100.0], ["s1", 40.0]]


def test_a_forced_area_stays_in_whatever_the_rules_say():
    zones = {"zones": layer([box(0, 0, 30, 10)]), "other": layer([box(5, 0, 30, 10)])}
    keep = gpd.GeoDataFrame(geometry=[box(8, 0, 10, 10)], crs=CRS)
    rules = [rule("a"), rule("b", layer="other"), rule("half", share=0.5)]
    outcome = evaluate(sites([box(0, 0, 30, 10)]), rules, zones, forced=keep)
    assert outcome.eligible[["area_m2", "available_m2"]].to_numpy().tolist() == [[100.0, 100.0]]


def test_pieces_below_the_smallest_area_go_unless_they_hang_together():
    zone = layer([box(4, 0, 2, 10), box(30, 0, 2, 10)])
    plots = sites([box(0, 0, 20, 10), box(20, 0, 20, 10)])
    small = rule("small", min_area_m2=100.0, layer="candidate")
    outcome = evaluate(plots, [rule(), small], {"zones": zone})
    # 4 x 10 on the left goes; 14 + 10 wide in the middle hang together across the parcels; 8 x 10 goes.
    assert outcome.eligible["area_m2"].tolist() == [140.0, 100.0]
    assert touch(outcome, "s0", "small")[0] == 40.0


def test_a_track_that_does_not_break_contiguity_keeps_the_pieces():
    track = layer([box(4, 0, 2, 10)], kind="track")
    plots = sites([box(0, 0, 10, 10)])
    strict = rule("small", min_area_m2=50.0, layer="candidate")
    bridged = rule("small", min_area_m2=50.0, layer="candidate", bridges=("r",))
    assert evaluate(plots, [rule(), strict], {"zones": track}).eligible.empty
    assert evaluate(plots, [rule(), bridged], {"zones": track}).eligible["area_m2"].tolist() == [80.0]


def test_what_is_narrower_than_the_smallest_width_goes():
    pan = shapely.union(box(0, 0, 20, 20), box(20, 8, 40, 2))
    outcome = evaluate(sites([pan]), [rule("width", layer="candidate", min_width_m=4.0)], {})
    assert outcome.eligible["area_m2"].iloc[0] == pytest.approx(400)
    assert outcome.excluded["m2"].sum() + outcome.eligible["area_m2"].sum() == pytest.approx(480)


def test_a_missing_layer_or_kind_is_told_and_never_read_as_allowed():
    plots = sites([box(0, 0, 10, 10), box(20, 0, 10, 10)], kind=["ground", "roof_flat"])
    rules = [
        rule("there", kinds=("zone",)),
        rule("kind", kinds=("redline",), types=("on_ground",)),
        rule("layer", layer="nowhere", types=("on_building",), decisive=False),
        rule("secret", layer="nowhere", types=("all",), decisive=False),
    ]
    outcome = evaluate(plots, rules, {"zones": layer([box(90, 0, 1, 1)]), "nowhere": None})
    assert outcome.not_checked["ground"] == ("kind", "secret")
    assert outcome.not_checked["roof_flat"] == ("layer", "secret")
    assert outcome.status.tolist() == ["not_checked", "allowed"]
    declared = evaluate(plots, rules, {"zones": layer([box(90, 0, 1, 1)])}, covers={"zone", "redline"})
    assert declared.not_checked["ground"] == ("secret",)
    assert declared.status.tolist() == ["allowed", "allowed"]


def test_a_roof_in_a_heritage_zone_waits_for_consent_and_the_ground_beside_it_is_out():
    zone = layer([box(-10, -10, 100, 100)], kind="heritage_protection")
    both = sites([box(0, 0, 10, 10), box(20, 0, 10, 10)], kind=["roof_flat", "ground"])
    outcome = evaluate(
        both,
        load_rules(["heritage"]),
        {"restrictions": zone},
        covers={
            "heritage_protection",
            "heritage_control",
        },
    )
    assert outcome.status.to_dict() == {"s0": "conditional"}
    assert outcome.excluded["rule"].tolist() == ["heritage_protection"]


def test_a_well_is_out_within_forty_metres_of_a_fissure_and_only_then():
    fissure = layer([shapely.LineString([(0, 0), (1000, 0)])], kind="ground_fissure")
    wells = sites([shapely.Point(500, y) for y in (0.0, 39.999, 40.001, 80.0)], kind="deep")
    outcome = evaluate(wells, load_rules(["geothermal_drilling"]), {"restrictions": fissure})
    assert outcome.eligible["id"].tolist() == ["s2", "s3"]


def test_for_a_point_the_circle_decides_and_not_the_polygon_that_stands_for_it():
    turn = np.radians(np.linspace(91, 269, 97))
    end = layer([shapely.LineString([(0, 0), (1000, 0)])], kind="ground_fissure")
    for radius, count in ((39.9999, 0), (40.0001, len(turn))):
        wells = sites(shapely.points(radius * np.cos(turn), radius * np.sin(turn)), kind="deep")
        outcome = evaluate(wells, load_rules(["geothermal_drilling"]), {"restrictions": end})
        assert len(outcome.eligible) == count


def test_slivers_are_neither_touched_nor_left():
    zones = layer([box(10 - 1e-6, 0, 10, 10), box(20.005, 0, 9.995, 10)])
    outcome = evaluate(sites([box(0, 0, 10, 10), box(20, 0, 10, 10)]), [rule()], {"zones": zones})
    assert outcome.eligible["id"].tolist() == ["s0"]
    assert outcome.eligible["area_m2"].tolist() == [100.0]
    assert touch(outcome, "s1", "r")[0] == pytest.approx(100.0)


def test_zones_that_meet_only_along_an_edge_do_not_touch():
    outcome = evaluate(sites([box(0, 0, 10, 10)]), [rule()], {"zones": layer([box(10, 0, 5, 10)])})
    assert outcome.touches.empty
    assert outcome.excluded.empty


def test_parcel_ids_name_what_was_excluded():
    plots = sites([box(0, 0, 10, 10)], parcel_id=["P-7"])
    outcome = evaluate(plots, [rule()], {"zones": layer([box(0, 0, 5, 10)])})
    assert outcome.excluded["parcel_id"].tolist() == ["P-7"]
    without = evaluate(plots, [rule()], {"zones": layer([box(0, 0, 5, 10)])}, keep_reasons=False)
    assert without.excluded.empty
    assert without.touches["m2"].tolist() == [50.0]


def test_all_faults_of_the_candidates_come_at_once():
    bow = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    wrong = gpd.GeoDataFrame(
        {"id": ["a", "a", "b"], "type": ["ground", "roof", "ground"]},
        geometry=[bow, None, shapely.LineString([(0, 0), (1, 1)])],
        crs=4326,
    )
    with pytest.raises(InputError) as caught:
        evaluate(wrong, [], {})
    told = str(caught.value)
    for part in (
        "crs = 'EPSG:4326'",
        "type = 'roof'",
        "row 2, id = 'a'",
        "row 2, geometry = 'a': is missing",
        "row 3, geometry = 'b': is no polygon",
        "row 1, geometry = 'a': is not valid",
    ):
        assert part in told


def test_layers_in_another_crs_and_rules_on_absent_columns_are_refused():
    plots = sites([box(0, 0, 10, 10)])
    with pytest.raises(InputError, match=r"zones, crs = 'EPSG:4326': must be the sites' CRS"):
        evaluate(plots, [rule()], {"zones": layer([box(0, 0, 1, 1)]).set_crs(4326, allow_override=True)})
    with pytest.raises(
        InputError, match=r"rule r, layer zones, colour: is not a column; there are: id, kind"
    ):
        evaluate(plots, [rule(where="colour = 'red'")], {"zones": layer([box(0, 0, 1, 1)])})
    by_lanes = rule(buffer=Distance(1.0, attribute="lanes", up_to=((2.0, 5.0),)))
    with pytest.raises(InputError, match="rule r, layer zones, lanes: is not a column, but the buffer"):
        evaluate(plots, [by_lanes], {"zones": layer([box(0, 0, 1, 1)])})


def test_a_broken_zone_is_refused_with_its_place_and_an_empty_one_holds_nothing():
    bow = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    plots = sites([box(0, 0, 10, 10)])
    broken = layer([box(0, 0, 1, 1), bow])
    with pytest.raises(InputError, match=r"zones, row 2, geometry = 'f1': is not valid: Self-intersection"):
        evaluate(plots, [rule()], {"zones": broken})
    assert evaluate(plots, [rule(layer="other")], {"zones": broken, "other": layer([bow])[:0]}).touches.empty
    holes = layer(
        [None, shapely.Polygon(), shapely.GeometryCollection([box(0, 0, 5, 5), shapely.Point(8, 8)])]
    )
    outcome = evaluate(plots, [rule()], {"zones": holes})
    assert outcome.eligible["area_m2"].tolist() == [75.0]


def test_an_index_a_category_or_another_name_of_the_geometry_changes_nothing():
    plots = sites([box(0, 0, 10, 10), box(20, 0, 10, 10)]).rename_geometry("shape")
    plots.index = [7, 7]
    plots["type"] = plots["type"].astype("category")
    outcome = evaluate(plots, [rule()], {"zones": layer([box(0, 0, 5, 5)])})
    assert outcome.eligible.geometry.name == "shape"
    assert outcome.eligible["area_m2"].tolist() == [75.0, 100.0]
    assert outcome.status.to_dict() == {"s0": "allowed", "s1": "allowed"}


def test_an_attribute_that_no_site_has_is_unknown_and_selects_nothing():
    old = rule("age", layer="candidate", where="year < 2000", verdict="conditional")
    roof = sites([box(0, 0, 10, 10)], kind="roof_flat")
    assert evaluate(roof, [old], {}).touches.empty
    roofs = sites([box(0, 0, 9, 9), box(20, 0, 9, 9), box(40, 0, 9, 9)], "roof_flat", year=[1990, 2010, None])
    assert evaluate(roofs, [old], {}).touches["id"].tolist() == ["s0"]


def test_no_rules_and_no_sites():
    plots = sites([box(0, 0, 10, 10)])
    assert evaluate(plots, [], {}).eligible["area_m2"].tolist() == [100.0]
    none = evaluate(
        plots.iloc[:0],
        [rule(), rule("s", share=0.5), rule("n", verdict="notice")],
        {"zones": layer([box(0, 0, 1, 1)])},
    )
    assert none.eligible.empty
    assert isinstance(none.touches, pd.DataFrame)


def test_an_approval_date_column_of_dates_works_like_texts():
    land = layer([box(0, 0, 10, 10)])
    land["class"] = "cultivated"
    plots = sites(land.geometry, approved=[dt.date(2022, 1, 1)])
    assert len(evaluate(plots, load_rules(["national"]), {"farmland": land}).eligible) == 1
