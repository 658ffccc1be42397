"""What is told of the heat of a small region: data dictionary, drill list, why here, cards, own weights."""

from __future__ import annotations

import json
from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Transformer
from typer.testing import CliRunner

import cli
from assessment.heat import assess_heat
from assessment.heat_columns import heat_dictionary
from assessment.heat_own_weights import own_schemes
from assessment.heat_place import heat_place
from assessment.heat_points import WHY_COLUMNS, why_table
from assessment.heat_suitability import read_schemes, shipped_judgements
from assessment.heat_weigh import weigh
from assessment.heat_wells import drill_order, order_of
from assessment.heat_why import why_card
from assessment.heat_write import write_heat, write_heat_rasters
from assessment.run import HEAT_TECHNOLOGIES, Run
from assessment.scenario import Scenario, load_scenario
from assessment.write import write_dictionary
from exports.heat_card import card_csv, card_json, heat_card, write_heat_card
from faults import InputError
from tests import heat_world
from tests.runs import make_run
from tracking.scenario import needs_new_run, scenario_text


def municipal():
    park = shapely.box(
        *(a + b for a, b in zip((2200, 300, 2320, 400), 2 * (heat_world.WEST, heat_world.SOUTH), strict=True))
    )
    return gpd.GeoDataFrame({"id": ["park"], "facility": ["park"]}, geometry=[park], crs=heat_world.CRS)


@cache
def result():
    return assess_heat(**heat_world.world(municipal=municipal()))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("heat")
    write_heat(folder, result())
    return folder


def test_every_column_of_every_heat_table_is_in_the_dictionary(folder, tmp_path):
    write_dictionary(tmp_path / "columns.json")
    told = json.loads((tmp_path / "columns.json").read_text(encoding="utf-8"))
    tables = sorted(file.stem for file in folder.glob("*.parquet"))
    assert set(tables) <= set(told)
    for table in tables:
        found = [
            name for name in pd.read_parquet(folder / f"{table}.parquet") if name not in ("geometry", "bbox")
        ]
        assert sorted(found) == sorted(column["name"] for column in told[table]), table


def test_every_column_has_a_meaning_in_both_languages_and_numbers_have_units(folder):
    for table, columns in heat_dictionary().items():
        frame = pd.read_parquet(folder / f"{table}.parquet")
        for column in columns:
            assert min(len(column.zh), len(column.en)) > 0, column.name
            numeric = pd.api.types.is_numeric_dtype(frame[column.name]) and frame[column.name].dtype != bool
            assert bool(column.unit) == (numeric and column.name != "code"), (table, column.name)


# At one place


PLACE = heat_world.WEST + 2250.0, heat_world.SOUTH + 350.0
"""A point in the park of the small region."""


@pytest.fixture(scope="module")
def run(folder):
    (folder / "rasters").mkdir()
    write_heat_rasters(folder / "rasters", result().maps, tags={})
    rule = {"id": "=cmd()", "title_zh": "=1+1", "title_en": "=1+1"}
    manifest = {"format": 2, "run_id": "test", "version": "0", "crs": heat_world.CRS, "rules": [rule],
                "not_checked": [rule["id"]], "parameters": result().parameters, "inputs": [],
                "region": {"id": "test", "name_zh": "测试", "name_en": "test"}, "demo_layers": [],
                "boundary_note_zh": "", "boundary_note_en": ""}  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return Run(folder)


def lonlat(x, y):
    return Transformer.from_crs(heat_world.CRS, 4326, always_xy=True).transform(x, y)


def test_the_card_of_a_place_holds_its_block_its_sites_and_its_parcel(run):
    found = heat_place(run, *lonlat(*PLACE))
    assert found.parcel["id"] == "park"
    point = shapely.Point(*PLACE)
    block = result().blocks[result().blocks.intersects(point)].iloc[0]
    assert found.block["id"] == block["id"]
    assert found.block["deep_kw_year30"] == pytest.approx(block["deep_kw_year30"])
    sites = result().frame[result().frame.intersects(point)]
    assert {site["id"] for site in found.sites} == set(sites["id"])
    assert found.why == why_card(run, *lonlat(*PLACE))
    assert heat_place(run, 100.0, 30.0).block is None


def test_the_card_tells_every_figure_with_its_unit_range_and_source(run):
    card = json.loads(card_json(heat_card(run, heat_place(run, *lonlat(*PLACE)))))
    park = {figure["name"]: figure for figure in card["parcel"]}
    assert park["usable_m2"]["unit"] == "m2"
    assert {figure["name"] for figure in card["block"]} == {c.name for c in heat_dictionary()["heat_blocks"]}
    for site in card["sites"]:
        area = next(figure for figure in site if figure["name"] == "heatable_m2")
        assert area["low"] <= area["value"] <= area["high"]
    assert card["settings"]["weights"]["deep"]["consistency_ratio"] < 0.1
    assert all(quantity["source"] for quantity in card["quantities"].values())


def test_the_card_as_a_table_has_the_same_figures_and_no_formula(run, tmp_path):
    card = heat_card(run, heat_place(run, *lonlat(*PLACE)))
    write_heat_card(card, tmp_path / "card.csv")
    rows = pd.read_csv(tmp_path / "card.csv", encoding="utf-8-sig", keep_default_na=False)
    told = rows[rows["part"] == "parcel"].set_index("name")["value"]
    boreholes = next(figure["value"] for figure in card["parcel"] if figure["name"] == "boreholes")
    assert float(told["boreholes"]) == boreholes
    assert set(rows.loc[rows["part"] == "stands on", "name"]) == set(card["quantities"])
    outside = card_csv(heat_card(run, heat_place(run, 100.0, 30.0))).decode()
    assert "not_checked,'=cmd(),'=1+1,'=1+1" in outside
    with pytest.raises(InputError, match=r"'card\.doc': must end in \.json, \.csv"):
        write_heat_card(card, tmp_path / "card.doc")


def test_the_command_gives_the_card_and_writes_it(run, tmp_path):
    lon, lat = lonlat(*PLACE)
    asked = ["heat", "why", str(lon), str(lat), "--run", str(run.path), "--json"]
    done = CliRunner().invoke(cli.app, [*asked, "--out", str(tmp_path / "card.json")])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["parcel"] == json.loads((tmp_path / "card.json").read_text(encoding="utf-8"))["parcel"]


def test_a_list_of_places_is_told_light_and_reason_by_technology(run):
    inside, outside = lonlat(*PLACE), (100.0, 30.0)
    told = why_table(run, np.array([inside, outside]).T)
    card = why_card(run, *inside)
    for technology in HEAT_TECHNOLOGIES:
        for name in ("light", "class", "reason_zh", "reason_en"):
            assert told.loc[0, f"{technology}_{name}"] == card[technology][name]
        assert pd.isna(told.loc[1, f"{technology}_light"])
    assert list(told.columns) == [column.name for column in WHY_COLUMNS]


def test_a_run_without_reasons_answers_a_list_with_nulls(tmp_path):
    old = why_table(Run(make_run(tmp_path / "old", n_sites=20, hourly=False)), np.array([[108.7], [34.3]]))
    assert old.isna().all(axis=None)


# What to drill first


def test_a_run_gives_its_orders_and_an_older_one_that_of_its_goal(run):
    sites = drill_order(result().frame)
    whole = order_of(run, "cost")
    pd.testing.assert_frame_equal(whole.drop(columns="supply"), sites)
    assert set(order_of(run, "deep")["technology"]) == {"deep"}
    (run.path / "heat_order.parquet").unlink()
    pd.testing.assert_frame_equal(order_of(run, "cost"), sites, check_dtype=False)
    assert order_of(run, "carbon") is None


# Judgements of one's own


LAND_FIRST = {f"deep.land > {name}": 4.0 for name in ("gradient", "demand", "conductivity", "hazard")}


def test_own_judgements_decide_an_assessment_and_stand_in_its_parameters():
    own = assess_heat(**heat_world.world(municipal=municipal(), judgements=LAND_FIRST))
    told = own.parameters["heat"]
    shipped = result().parameters["heat"]
    assert told["judgements"] == dict(sorted(LAND_FIRST.items()))
    assert told["weights"]["deep"]["weight"]["land"] > 2 * shipped["weights"]["deep"]["weight"]["land"]
    assert 0 < told["weights"]["deep"]["consistency_ratio"] <= 0.1
    assert told["weights"]["shallow"] == shipped["weights"]["shallow"]
    pairs = shipped_judgements()["deep"]
    kept = {
        pair: value
        for pair, value in pairs.items()
        if "land" not in pair or set(pair) & {"drillability", "access"}
    }
    judged = {("land", name.split(" > ")[1]): 4.0 for name in LAND_FIRST}
    again = weigh(own.factors, "deep", read_schemes()["deep"], judgements={**kept, **judged})
    np.testing.assert_allclose(own.blocks["deep_score"], again.found.score, equal_nan=True)
    assert (own.blocks["deep_score"] - result().blocks["deep_score"]).abs().max() > 0.05
    before, after = (found.maps.arrays["suitability_deep"] for found in (result(), own))
    assert np.nanmax(np.abs(after - before)) > 0.05


def test_a_scenario_carries_judgements_as_a_file_and_through_the_manifest(tmp_path):
    file = tmp_path / "own.toml"
    file.write_text(scenario_text(Scenario(name="own", heat_judgements=LAND_FIRST)), encoding="utf-8")
    scenario = load_scenario(file)
    assert dict(scenario.heat_judgements) == LAND_FIRST
    assert Scenario.from_dict(scenario.as_dict()) == scenario
    assert needs_new_run(scenario, {"scenario": Scenario().as_dict()}) == ("heat_judgements",)
    assert needs_new_run(scenario, {"scenario": scenario.as_dict()}) == ()
    nested = tmp_path / "nested.toml"
    nested.write_text('[heat_judgements.deep]\n"land > gradient" = 4\n', encoding="utf-8")
    assert dict(load_scenario(nested).heat_judgements) == {"deep.land > gradient": 4.0}


def test_contradicting_and_wrong_judgements_are_refused_with_their_value(tmp_path):
    file = tmp_path / "own.toml"
    file.write_text(
        '[heat_judgements.deep]\n"access > gradient" = 9\n"access > land" = 0.2\n', encoding="utf-8"
    )
    with pytest.raises(InputError, match=r"heat_judgements\.deep: consistency ratio 0\.\d+ is above 0\.1"):
        load_scenario(file)
    wrong = {"deep.land > gold": 3.0, "solar.land > sun": 2.0, "deep.land > access": 12.0}
    with pytest.raises(InputError) as caught:
        own_schemes(wrong)
    text = str(caught.value)
    assert "heat_judgements.deep.land > gold = '3.0': must compare two factors of gradient" in text
    assert "heat_judgements.solar.land > sun = '2.0': must be named" in text
    assert "heat_judgements.deep.land > access = '12.0': must lie in 1/9 to 9" in text
