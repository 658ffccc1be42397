"""A plan on a run folder: built taken off, pipeline counted, tables written, plain values for machines."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from assessment.run import Run
from tests.runs import make_run
from tracking.plan_run import plan_run, write_plan
from tracking.projects import projects_frame


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return Run(make_run(tmp_path_factory.mktemp("run") / "run", n_sites=1500, hourly=False))


def project(**values):
    return {"name": "P", "kind": "pv", "status": "operating", **values}


def test_what_stands_counts_and_is_not_planned_again(run):
    potential = run.sites["kwp_dc_central"].sum() / 1000
    target = 0.5 * potential
    ledger = projects_frame([project(capacity_mw_dc=0.2 * potential), project(status="approved")])
    found = plan_run(run, ledger, target_mw=target, by=2030, start_year=2027)
    assert found.existing_mw == pytest.approx(0.2 * potential)
    assert found.unknown_projects == 1
    assert found.plan.totals["mw"] == pytest.approx(0.3 * potential, rel=2e-3)
    planned = found.plan.sites.set_index("id")["mw"]
    whole = run.sites.set_index("id")["kwp_dc_central"] / 1000
    assert planned.to_numpy() == pytest.approx(0.8 * whole[planned.index].to_numpy())
    assert any("taken off by town and type" in note.en for note in found.notes)


def test_townships_can_be_left_out(run):
    township = run.sites["township"].iloc[0]
    found = plan_run(
        run, projects_frame(), target_mw=5, by=2030, start_year=2027, without_townships=[township]
    )
    assert township not in set(found.plan.sites["township"])


def test_tables_and_plain_values(run, tmp_path):
    found = plan_run(
        run, projects_frame(), target_mw=5, by=2030, start_year=2027, town_min_mw={"jinghe": 2.0}
    )
    write_plan(found, tmp_path / "plan")
    sites = pd.read_csv(tmp_path / "plan" / "plan_sites.csv")
    assert sites["mw"].sum() == pytest.approx(found.plan.totals["mw"], rel=1e-5)
    years = pd.read_csv(tmp_path / "plan" / "plan_years.csv")
    assert years["cumulative_mw"].iloc[-1] == pytest.approx(found.plan.totals["mw"], rel=1e-5)
    plain = json.loads(json.dumps(found.as_dict(), allow_nan=False))
    assert plain["totals"]["mw"] == found.plan.totals["mw"]
    assert {limit["key"] for limit in plain["limits"]} == {"target", "town_min:jinghe"}
    assert sum(row["mw"] for row in plain["towns"]) == pytest.approx(found.plan.totals["mw"])
    assert "泾河新城" in next(limit["zh"] for limit in plain["limits"] if limit["key"] != "target")


def test_a_target_that_is_met_already_gives_an_empty_plan(run):
    found = plan_run(
        run, projects_frame([project(capacity_mw_dc=9.0)]), target_mw=5, by=2030, start_year=2027
    )
    plain = json.loads(json.dumps(found.as_dict(), allow_nan=False))
    assert plain["totals"]["mw"] == 0
    assert plain["totals"]["lcoe"] is None
    assert plain["years"][-1]["met"] is True
