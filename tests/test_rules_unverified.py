"""What no source confirms is flagged where the app shows a rule: beside a site, and in the table of rules."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages import tables
from tests.runs import make_run
from ui.panels import _rules
from ui.texts import TEXTS

WORDS = {"zh": "待核实", "en": "unverified"}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return make_run(tmp_path_factory.mktemp("rules") / "run", n_sites=300, seed=3, hourly=False)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_rules_of_a_site_say_which_are_unverified_and_by_which_document(lang):
    known = {"title_zh": "规则", "title_en": "Rule", "article": "Art. 1"}
    rules = [
        known | {"id": "sure", "document": "LAW-1", "unverified": False},
        known | {"id": "unsure", "document": "LAW-2", "unverified": True},
    ]
    store = SimpleNamespace(run=SimpleNamespace(manifest={"rules": rules}))
    touched = [{"id": rule["id"], "verdict": "conditional", "m2": 120.0} for rule in rules]
    html = _rules(store, {"rules": touched, "not_checked": None}, lang)
    sure, unsure = html.split('<div class="yj-rule">')[1:]
    assert "LAW-1 Art. 1</small>" in sure
    assert f"LAW-2 Art. 1 · {WORDS[lang]}</small>" in unsure


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_table_of_rules_flags_what_is_unverified(run, monkeypatch, lang):
    monkeypatch.setenv("YIJIAN_RUN", str(run))
    monkeypatch.setenv("YIJIAN_HOME", str(run.parent))
    page = AppTest.from_string("from ui.views import methods\nmethods.page()\n", default_timeout=60)
    page.query_params["lang"] = lang
    page.run()
    column, title = (getattr(TEXTS[key], lang) for key in ("col.verified", "col.rule"))
    rules = json.loads((run / "manifest.json").read_text(encoding="utf-8"))["rules"]
    (table,) = tables(page, title)
    shown = table.set_index(title)[column].to_dict()
    assert {rule["unverified"] for rule in rules} == {True, False}
    assert {shown[rule[f"title_{lang}"]] == WORDS[lang] for rule in rules if rule["unverified"]} == {True}
    assert {shown[rule[f"title_{lang}"]] == WORDS[lang] for rule in rules if not rule["unverified"]} == {
        False
    }
