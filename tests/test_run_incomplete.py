"""A run that lacks tiles says so wherever it is shown or written out."""

from __future__ import annotations

import json

import pytest
from openpyxl import load_workbook
from streamlit.testing.v1 import AppTest

from assessment.run import Run
from exports.provenance import provenance_of
from exports.sites import export_table
from tests.runs import make_run

TILES = [
    {"cell": f"c{west}_3801088_8192", "bounds": [west, 3801088, west + 8192, 3809280], "reason": "no memory"}
    for west in (491520, 499712)
]
OVERVIEW = "from ui.views import overview\noverview.page()\n"


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return make_run(tmp_path_factory.mktemp("whole") / "run", n_sites=60, seed=3, hourly=False)


@pytest.fixture(scope="module")
def incomplete(tmp_path_factory):
    folder = make_run(tmp_path_factory.mktemp("part") / "run", n_sites=60, seed=3, hourly=False)
    file = folder / "manifest.json"
    manifest = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps({**manifest, "incomplete": TILES}), encoding="utf-8")
    return folder


def test_the_notices_count_the_missing_tiles_in_both_languages(incomplete):
    said = provenance_of(Run(incomplete))
    assert said.missing_tiles == 2
    assert "2个分块未能评估" in said.text()
    assert "2 tiles could not be assessed" in said.text()
    assert "2 tiles" in said.short("en")
    assert json.loads(said.as_strings()["missing_tiles"]) == 2


def test_a_whole_run_has_no_such_notice(whole):
    said = provenance_of(Run(whole))
    assert said.missing_tiles == 0
    assert "分块" not in said.text()
    assert "tiles" not in said.short("en")


def test_a_workbook_of_sites_carries_the_notice(incomplete, tmp_path):
    file = export_table(incomplete, "sites", tmp_path / "sites.xlsx", format="xlsx").path
    cells = [
        str(cell)
        for sheet in load_workbook(file).worksheets
        for row in sheet.iter_rows(values_only=True)
        for cell in row
    ]
    assert any("2个分块未能评估" in cell for cell in cells)


@pytest.mark.parametrize(("lang", "words"), [("zh", "2个分块"), ("en", "2 tiles")])
def test_every_page_warns_above_its_figures(incomplete, monkeypatch, lang, words):
    monkeypatch.setenv("YIJIAN_RUN", str(incomplete))
    monkeypatch.setenv("YIJIAN_HOME", str(incomplete.parent))
    page = AppTest.from_string(OVERVIEW, default_timeout=60)
    page.query_params["lang"] = lang
    page.run()
    assert not page.exception
    assert any(words in warning.value for warning in page.warning)
