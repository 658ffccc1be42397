"""The pages people work in, without a browser: plan with its sections, scenarios, the ledger's progress."""

from __future__ import annotations

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from assessment.run import SECTORS
from assessment.scenario import Scenario
from assessment.scenario_terms import Terms
from tests.pages import html_tables, tables
from tests.runs import make_run
from tracking.scenario import keep_scenario, to_address
from tracking.supply import supply_curve
from ui.jobs import Desk
from ui.scenario_files import parse_file
from ui.supply import sites_of_steps, steps_up_to
from ui.texts import TEXTS


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return make_run(tmp_path_factory.mktemp("work") / "run", n_sites=5000, seed=7)


@pytest.fixture
def open_page(run, monkeypatch):
    monkeypatch.setenv("YIJIAN_RUN", str(run))
    monkeypatch.setenv("YIJIAN_HOME", str(run.parent))
    monkeypatch.delenv("YIJIAN_LEDGER", raising=False)
    for module in ("plan_run", "plan_hours"):  # the demonstration grid takes long to make
        monkeypatch.setattr(f"tracking.{module}.read_layer", lambda *_: None)

    def start(name, state=None, **address):
        test = AppTest.from_string(f"from ui.views import {name}\n{name}.page()\n", default_timeout=90)
        for key, value in address.items():
            test.query_params[key] = value
        for key, value in (state or {}).items():
            test.session_state[key] = value
        return test.run()

    return start


def test_the_cheapest_megawatts_light_up_with_their_sites(open_page, run):
    page = open_page("plan", {"plan_section": "supply", "supply_mw": 20.0}, lang="en")
    assert not page.exception
    lit = tables(page, "kwp_dc_central")[0]
    sites = pd.read_parquet(run / "sites.parquet")
    known = sites.dropna(subset=["lcoe"])
    assert lit["kwp_dc_central"].sum() >= 20_000
    assert lit["lcoe"].max() <= known["lcoe"].max()
    assert set(lit["id"]) <= set(sites["id"])
    assert "connection_cny" in lit


def test_steps_and_their_sites_are_the_whole(run):
    sites = pd.read_parquet(run / "sites.parquet")
    curve = supply_curve(sites, by=("owner",), steps_per_group=7)
    every = sites_of_steps(sites, curve, range(len(curve.steps)))
    assert len(every) == curve.steps["sites"].sum()
    assert every["kwp_dc_central"].sum() == pytest.approx(curve.steps["kwp_dc"].sum())
    first = steps_up_to(curve, curve.steps["kwp_dc"].iloc[0] / 1000)
    assert first == [0]
    assert sites_of_steps(sites, curve, []).empty


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_hours_lines_and_one_site(open_page, lang):
    page = open_page("plan", {"plan_section": "hours"}, lang=lang)
    assert not page.exception
    assert not page.error
    balance = tables(page, getattr(TEXTS["hours.made"], lang))[0]
    assert len(balance) == 5
    no_hours = any("has no hours in this run" in one.value for one in page.caption)
    assert no_hours or tables(page, getattr(TEXTS["economics.tariff"], lang))
    assert tables(page, "cumulative")


def test_proposals_enter_the_ledger_once_they_are_sent(open_page):
    options = {"target_mw": 15.0, "by": 2030, "start_year": 2027, "use_headroom": False}
    page = open_page("plan", {"plan_options": options}, lang="zh")
    for _ in range(30):
        if tables(page, "mw"):
            break
        page.run()
    before = open_page("ledger", lang="zh").dataframe[0].value
    page.text_input[1].set_value("Li")
    next(one for one in page.button if one.label == TEXTS["plan.propose"].zh).click()
    page.run()
    assert not page.error
    after = open_page("ledger", lang="zh").dataframe[0].value
    new = after[~after["id"].isin(before["id"])]
    assert len(new) > 0
    assert set(new["status"]) == {"proposed"}
    assert new["capacity_mw_dc"].sum() == pytest.approx(tables(page, "mw")[0]["mw"].sum(), rel=1e-6)


def test_a_scenario_in_the_address_is_shown_and_compared(open_page):
    half = Scenario(name="half", terms=Terms(share_factor=dict.fromkeys(SECTORS, 0.5)))
    page = open_page("scenarios", lang="en", scenario_b=to_address(half))
    assert not page.exception
    table = next(frame for frame in html_tables(page) if len(frame) == 6)
    names = [name for name in table if name.startswith(TEXTS["col.kwp"].en)]
    assert names[0].endswith("reference")
    assert names[1].endswith("half")
    whole, less = (float(table[name].iloc[-1].split()[0].replace(",", "")) for name in names)
    assert less < 0.6 * whole


def test_rules_switched_off_give_land_back(open_page, run):
    sets = pd.read_parquet(run / "rule_sets.parquet")
    off = Scenario(name="off", rules_off=frozenset(set("|".join(sets["rules"]).split("|"))))
    page = open_page("scenarios", lang="en", scenario_a=to_address(off))
    assert not page.exception
    words = " ".join(caption.value for caption in page.caption)
    assert "come back without these rules" in words


def test_what_needs_a_new_run_is_named(open_page):
    other = Scenario(name="x", packs=("national",), values={"losses.snow": 0.01})
    page = open_page("scenarios", lang="en", scenario_a=to_address(other))
    assert any("packs" in one.value and "losses.snow" in one.value for one in page.warning)


def test_a_saved_scenario_is_offered_and_loaded(open_page, run):
    keep_scenario(
        Scenario(name="kept one", terms=Terms(target_mw=250.0)), run.parent / "scenarios" / "xixian"
    )
    page = open_page("scenarios", lang="zh")
    box = next(one for one in page.selectbox if one.label == TEXTS["scenario.saved"].zh)
    assert "kept one" in box.options
    box.set_value("kept one")
    page.run()
    next(one for one in page.button if one.label == TEXTS["scenario.load"].zh).click()
    page.run()
    assert "250" in page.session_state["scenario_a"]
    assert page.session_state["scenario_b"] == ""


def test_a_scenario_file_that_is_none_is_refused():
    assert parse_file(b'name = "x"\ntarget_mw = 10\n', "s.toml").terms.target_mw == 10
    with pytest.raises(Exception, match="cannot be read"):
        parse_file(b"\xff\xfe", "s.toml")
    with pytest.raises(Exception, match="longer than"):
        parse_file(b"#" * 300_000, "s.toml")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_ledger_looks_back_forecasts_and_shares(open_page, lang):
    page = open_page("ledger", lang=lang)
    assert not page.exception
    assert tables(page, getattr(TEXTS["progress.expected"], lang))
    shares = tables(page, getattr(TEXTS["progress.to_add"], lang))[0]
    assert len(shares) == 5


def test_a_job_is_done_once_and_its_error_is_raised_where_it_is_asked_for():
    desk, calls = Desk(), []

    def work(progress):
        progress(0.5, "half")
        calls.append(1)
        raise ValueError("no")

    jobs = [desk.job("key", work) for _ in range(3)]
    assert jobs[0] is jobs[2]
    assert jobs[0].wait(10)
    assert calls == [1]
    assert (jobs[0].share, jobs[0].stage) == (0.5, "half")
    with pytest.raises(ValueError, match="no"):
        jobs[0].future.result()
