"""Pages without a browser: what they say for a run, and what they do with wrong addresses and edits."""

from __future__ import annotations

import json
import zipfile

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from layers.checks import check_path
from tests.runs import make_run
from ui.region import ledger_of
from ui.runs import current_store
from ui.texts import TEXTS
from ui.views.ledger import changed_cells
from ui.views.own_data import save_upload

VIEWS = (
    "overview",
    "map",
    "sites",
    "towns",
    "geothermal",
    "scenarios",
    "plan",
    "ledger",
    "own_data",
    "methods",
)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return make_run(tmp_path_factory.mktemp("pages") / "run", n_sites=800, seed=6, hourly=False)


@pytest.fixture
def open_page(run, monkeypatch):
    monkeypatch.setenv("YIJIAN_RUN", str(run))
    monkeypatch.setenv("YIJIAN_HOME", str(run.parent))

    def start(name, **address):
        test = AppTest.from_string(f"from ui.views import {name}\n{name}.page()\n", default_timeout=60)
        for key, value in address.items():
            test.query_params[key] = value
        return test.run()

    return start


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", VIEWS)
def test_pages_run_without_an_error(open_page, name, lang):
    page = open_page(name, lang=lang)
    assert not page.exception
    assert not page.error
    assert page.session_state["lang"] == lang


def bodies(page):
    return " ".join(element.proto.body for element in page.get("html"))


def test_the_first_page_is_put_together_once_for_all_and_again_when_the_ledger_changes(
    open_page, monkeypatch
):
    first = bodies(open_page("overview", lang="en"))
    with monkeypatch.context() as patch:
        patch.setattr("ui.views.overview.progress_of", lambda _: pytest.fail("put together again"))
        assert bodies(open_page("overview", lang="en")) == first
    assert "西咸" in bodies(open_page("overview", lang="zh"))
    ledger = ledger_of(current_store())
    project = {"name": "new roofs", "kind": "pv", "status": "operating", "capacity_mw_dc": 123.0}
    key = ledger.add(project, who="test")
    after = bodies(open_page("overview", lang="en"))
    assert after != first
    ledger.set(key, {"status": "proposed"}, who="test")
    assert bodies(open_page("overview", lang="en")) not in {first, after}


def test_a_wrong_address_is_named_and_left_out(open_page):
    page = open_page("sites", filter='{"types": ["windmill"]}', town="atlantis", by="kind", view="1/2")
    words = " ".join(warning.value for warning in page.warning)
    assert not page.exception
    for name in ("filter", "town", "view"):
        assert f"“{name}”" in words
    assert "“by”" not in words
    assert page.session_state["filter"].types == ()


def test_an_address_is_data_never_code(open_page):
    page = open_page("scenarios", scenario_a="cos\nsystem\n(S'touch x'\ntR.", lang="en")
    assert not page.exception
    assert page.session_state["scenario_a"] == ""


def test_the_choice_of_a_town_filters_the_table(open_page, run):
    page = open_page("sites", town="jinghe", lang="en")
    sites = pd.read_parquet(run / "sites.parquet", columns=["town", "kwp_dc_central"])
    table = page.dataframe[0].value
    assert set(table["town"]) == {"Jinghe New City"}
    assert len(table) == (sites["town"] == "jinghe").sum()
    assert table["kwp_dc_central"].is_monotonic_decreasing


def find_plan(page, target_mw):
    """Send the form and wait for the plan, which is worked out beside the page."""
    page.number_input[0].set_value(target_mw)
    next(
        button for button in page.button if button.label in {TEXTS["plan.go"].zh, TEXTS["plan.go"].en}
    ).click()
    page.run()
    for _ in range(30):
        if page.error or any("mw" in frame.value for frame in page.dataframe):
            break
        page.run()
    return page


def test_the_plan_reaches_its_target(open_page):
    page = find_plan(open_page("plan"), 20.0)
    assert not page.exception
    assert not page.error
    chosen = next(frame.value for frame in page.dataframe if "mw" in frame.value)
    assert chosen["mw"].sum() == pytest.approx(20.0, rel=0.2)
    assert chosen["mw"].sum() >= 20.0 - 1e-6
    assert {"year", "id", "town", "mw", "connection_cny"} <= set(chosen.columns)


def test_a_plan_that_cannot_be_is_explained_in_the_language(open_page):
    page = find_plan(open_page("plan", lang="zh"), 90_000.0)
    assert not page.exception
    assert "规划无解" in page.error[0].value


def test_only_changed_cells_are_saved_and_emptied_ones_become_unknown():
    before = pd.DataFrame({"id": ["a", "b"], "mw": [1.0, None], "town": ["x", "y"]})
    after = pd.DataFrame({"id": ["a", "b"], "mw": [None, None], "town": ["x", "z"]})
    assert changed_cells(before, after) == {"a": {"mw": None}, "b": {"town": "z"}}
    assert changed_cells(before, before) == {}


def test_an_upload_cannot_leave_its_folder(tmp_path):
    archive = tmp_path / "evil.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("../../outside.geojson", json.dumps({"type": "FeatureCollection", "features": []}))
        file.writestr("readme.txt", "x")
    folder = tmp_path / "work"
    folder.mkdir()
    found = save_upload(folder, "../evil.zip", archive.read_bytes())
    assert found == folder / "evil.zip"
    assert [path.name for path in folder.iterdir()] == ["evil.zip"]
    assert not (tmp_path / "outside.geojson").exists()
    report = check_path(found, as_layer="buildings")
    assert not report.ok
    assert not (tmp_path / "outside.geojson").exists()


def test_without_a_run_the_page_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.delenv("YIJIAN_RUN", raising=False)
    monkeypatch.setenv("YIJIAN_HOME", str(tmp_path))
    page = AppTest.from_string("from ui.views import overview\noverview.page()\n", default_timeout=30).run()
    assert not page.exception
    assert page.info[0].value == TEXTS["app.no_run"].zh
    assert "yijian assess" in page.code[0].value
