"""The geothermal page with the tables of a real heat assessment: planner, goals, weights, reasons."""

from __future__ import annotations

import json
import shutil
from html import escape

import pytest
from pyproj import Transformer
from streamlit.testing.v1 import AppTest

from assessment.heat import assess_heat
from assessment.heat_own_weights import own_schemes, told_as
from assessment.heat_why import why_card
from assessment.heat_write import write_heat, write_heat_rasters
from assessment.run import Run
from assessment.scenario import scenario_from_tree
from tests import heat_world
from tests.pages import tables
from tests.runs import make_run
from ui.heat_tables import heat_blocks, heat_table
from ui.heat_why import read_position, why_at
from ui.panels import heat_html, site_html
from ui.rasters import raster_names, raster_png
from ui.runs import current_store
from ui.texts import TEXTS
from ui.theme import LIGHTS
from ui.words import say


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A made run whose heat tables and rasters come from an assessment of the small world."""
    folder = make_run(tmp_path_factory.mktemp("heat") / "run", n_sites=300, seed=4, hourly=False)
    sites = (folder / "heat.parquet").read_bytes()
    found = assess_heat(**heat_world.world())
    write_heat(folder, found)
    (folder / "heat.parquet").write_bytes(sites)
    shutil.rmtree(folder / "rasters", ignore_errors=True)
    (folder / "rasters").mkdir()
    write_heat_rasters(folder / "rasters", found.maps, tags={})
    return folder


@pytest.fixture
def page(run, monkeypatch):
    monkeypatch.setenv("YIJIAN_RUN", str(run))
    monkeypatch.setenv("YIJIAN_HOME", str(run.parent))
    heat_blocks.cache_clear()
    heat_table.cache_clear()

    def start(lang="zh"):
        test = AppTest.from_string("from ui.views import geothermal\ngeothermal.page()\n", default_timeout=90)
        test.query_params["lang"] = lang
        return test.run()

    return start


def text_of(test):
    return " ".join(str(element.value) for element in (*test.caption, *test.markdown, *test.info))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_shows_every_part_without_an_error(page, lang):
    test = page(lang)
    assert not test.exception
    assert not test.error
    words = text_of(test)
    assert ("No interference" if lang == "en" else "无干扰") in words
    assert ("lower bounds" if lang == "en" else "合计为下限") in words


def test_the_planner_follows_its_inputs(page):
    test = page()
    first = [info.value for info in test.info]
    test.number_input(key="planner_deep_spacing_m").set_value(15.0).run()
    near = [info.value for info in test.info]
    assert first != near
    assert any("16" in words or "17" in words for words in near)
    test.selectbox(key="planner_kind").set_value("hydrothermal").run()
    assert not test.exception
    assert any("以灌定产" in info.value for info in test.info)


def test_weights_can_be_moved(page):
    test = page()
    slider = test.slider(key="weights_deep_land_0")
    slider.set_value(9.0).run()
    assert not test.exception
    assert not test.error


def test_weights_start_from_those_the_run_was_made_with(page, run, tmp_path, monkeypatch):
    given = {"deep.land > access": 9.0}
    own = shutil.copytree(run, tmp_path / "own")
    manifest = json.loads((own / "manifest.json").read_text(encoding="utf-8"))
    made = json.dumps(manifest | {"scenario": {"heat_judgements": given}})
    (own / "manifest.json").write_text(made, encoding="utf-8")
    monkeypatch.setenv("YIJIAN_RUN", str(own))
    test = page()
    made_by, now, shipped = (TEXTS[f"weights.{name}"].zh for name in ("made", "weight", "shipped"))
    table = tables(test, made_by)[0]
    told = [float(text.split()[0]) / 100 for text in table[made_by]]
    assert told == pytest.approx(own_schemes(given)["deep"].weights.weight.tolist(), abs=6e-4)
    assert table[now].tolist() == table[made_by].tolist()
    assert table[shipped].tolist() != table[made_by].tolist()
    keep = next(item for item in test.get("download_button") if item.proto.id.endswith("weights_keep"))
    assert keep.proto.disabled


def test_weights_are_kept_as_a_scenario_that_an_assessment_takes(page):
    test = page()
    assert test.session_state["weights_own"] == {}
    test.slider(key="weights_deep_land_0").set_value(9.0).run()
    own = test.session_state["weights_own"]
    assert set(own) == {"deep"}
    given = told_as("deep", own["deep"])
    scenario = scenario_from_tree(
        {"heat_judgements": {name: round(value, 6) for name, value in given.items()}}
    )
    weights = own_schemes(scenario.heat_judgements)["deep"].weights
    assert weights.names[weights.weight.argmax()] == "land"
    keep = next(item for item in test.get("download_button") if item.proto.id.endswith("weights_keep"))
    assert not keep.proto.disabled


def test_a_position_gives_its_reasons_and_a_wrong_one_is_said(page):
    test = page()
    to = Transformer.from_crs(heat_world.CRS, 4326, always_xy=True)
    lon, lat = to.transform(heat_world.WEST + 1000, heat_world.SOUTH + 1200)
    test.text_input(key="heat_position").set_value(f"{lon:.6f}, {lat:.6f}").run()
    assert not test.exception
    assert any("为什么" in element.value for element in test.markdown)
    test.text_input(key="heat_position").set_value("somewhere").run()
    assert any("请输入两个数字" in element.value for element in test.caption)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_map_card_tells_why_below_a_site_and_says_so_of_an_old_run(page, run, lang):
    page()
    store = current_store()
    inside = (float(x) for x in Transformer.from_crs(heat_world.CRS, 4326, always_xy=True).transform(
        heat_world.WEST + 1000, heat_world.SOUTH + 1200))  # fmt: skip
    told = why_card(store.run, *(place := tuple(inside)))
    html = why_at(store, *place, lang)
    for row in told.values():
        assert escape(str(row[f"reason_{lang}"])) in html
        assert LIGHTS[row["light"]] in html
    assert say("heat.outside", lang) in site_html(store, 0, lang)
    reasons = run / "heat_reasons.parquet"
    kept = reasons.read_bytes()
    reasons.unlink()
    try:
        assert say("heat.old_run", lang) in site_html(store, 0, lang)
        assert say("heat.old_run", lang) in heat_html(store, 0, lang)
    finally:
        reasons.write_bytes(kept)


def test_the_card_of_a_place_can_be_kept(page):
    test = page()
    to = Transformer.from_crs(heat_world.CRS, 4326, always_xy=True)
    lon, lat = to.transform(heat_world.WEST + 1000, heat_world.SOUTH + 1200)
    test.text_input(key="heat_position").set_value(f"{lon:.6f}, {lat:.6f}").run()
    names = [str(element.proto.label) for element in test.get("download_button")]
    assert any("JSON" in name for name in names)
    assert any("CSV" in name for name in names)


def test_an_unknown_stock_stays_unknown_until_it_is_typed(page):
    def reached(test):
        return tables(test, "已达到")[0]["已达到"].tolist()

    test = page()
    before = reached(test)
    assert all("至少" in value for value in before)
    key = next(item.key for item in test.number_input if str(item.key).startswith("match_stock_"))
    test.number_input(key=key).set_value(100.0).run()
    assert not test.exception
    after = reached(test)
    assert [("至少" in value) for value in after] == [False, *[True] * (len(after) - 1)]
    assert after[0].startswith("100")


def test_pictures_of_codes_have_their_words_and_reasons_none(run):
    opened = Run(run)
    names = raster_names(opened)
    assert "class_deep" in names
    assert not [name for name in names if name.startswith("reason_")]
    picture = raster_png(opened, "light_deep")
    assert picture.labels[0][2] == "not allowed"
    assert picture.png.startswith(b"\x89PNG")
    assert raster_png(opened, "nearest_well_km").labels == ()


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("108.7, 34.2", (108.7, 34.2)),
        ("108.7，34.2", (108.7, 34.2)),
        ("200, 34", None),
        ("1", None),
        ("a,b", None),
    ],
)
def test_positions_as_people_type_them(text, place):
    assert read_position(text) == place
