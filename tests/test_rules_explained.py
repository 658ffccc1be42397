"""What a project in a township would need, from a run: against the rule engine asked of the same land."""

from __future__ import annotations

import json

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from assessment.explain import explain_township, townships
from layers.eligibility import evaluate
from layers.rule_reasons import explain_site
from layers.rule_sets import rule_sets
from layers.rules import load_rules
from tests.eligibility_cases import CRS, box, layer

NEED_M2 = 2_000_000.0
PACKS = ["national", "shaanxi", "heritage", "infrastructure"]


def land():
    kinds = ["cultivated", "permanent_basic", "orchard", "unused"]
    types = ["ground", "ground", "agrivoltaic_orchard", "ground"]
    return gpd.GeoDataFrame(
        {
            "id": [f"p{n}" for n in range(4)],
            "type": types,
            "class": kinds,
            "use": kinds,
            "town": "t",
            "township": ["a", "a", "a", "b"],
        },
        geometry=[box(1000 * n, 0, 900, 900) for n in range(4)],
        crs=CRS,
    )


def restrictions():
    zones = layer([box(100, 100, 300, 900), box(2000, 0, 200, 900)])
    zones["kind"] = ["heritage_protection", "heritage_control"]
    line = gpd.GeoDataFrame(
        {"id": ["l"], "kind": ["power_line"], "class": [None], "kv": [330.0]},
        geometry=[shapely.LineString([(-50, 500), (5000, 500)])],
        crs=CRS,
    )
    return pd.concat([zones, line], ignore_index=True)


@pytest.fixture
def layers():
    return {"restrictions": restrictions(), "farmland": land()[["id", "class", "geometry"]]}


class FakeRun:
    """The tables of a run that an explanation asks."""

    def __init__(self, path, sites, rules, layers):
        outcome = evaluate(sites, rules, layers)
        touches = outcome.touches.rename(columns={"rule": "rule_id"})
        records = touches.rename(columns={"rule_id": "id", "id": "site"})
        by_site = {
            site: part[["id", "verdict", "m2"]].to_dict("records") for site, part in records.groupby("site")
        }
        frame = pd.DataFrame(outcome.eligible.drop(columns="geometry"))
        frame.assign(rules=[by_site.get(site, []) for site in frame["id"]]).to_parquet(path / "sites.parquet")
        self.path = path
        by_id = sites.set_index("id")
        self.rule_sets = rule_sets(outcome.sets, by_id, kwp_m2=pd.Series(0.07, index=by_id.index))
        missing = {rule for found in outcome.not_checked.values() for rule in found}
        self.manifest = {"rules": manifest_rules(rules), "not_checked": sorted(missing)}


def manifest_rules(rules):
    from assessment.manifest import _rule

    return json.loads(json.dumps([_rule(rule) for rule in rules]))


def test_a_run_explains_a_township_as_the_engine_does(tmp_path, layers):
    rules = load_rules(PACKS)
    run = FakeRun(tmp_path, land(), rules, layers)
    found = explain_township(run, "a", needed_m2=NEED_M2)
    judge = explain_site(land()[land()["township"] == "a"], rules, layers, needed_m2=NEED_M2)
    for name in ("area_m2", "available_m2", "unconditional_m2", "with_date_m2"):
        assert getattr(found, name) == pytest.approx(getattr(judge, name), abs=1.0), name
    assert found.outcome == judge.outcome
    assert found.lines("zh") == judge.lines("zh")
    assert found.lines("en") == judge.lines("en")


def test_the_township_where_a_date_brings_most_back_comes_first(tmp_path, layers):
    run = FakeRun(tmp_path, land(), load_rules(PACKS), layers)
    assert townships(run)[0] == "a"


def test_the_manifest_names_the_day_that_exempts():
    by_id = {rule["id"]: rule for rule in manifest_rules(load_rules(["national"]))}
    assert by_id["cultivated_land"]["exempt_before"] == "2023-03-20"
    assert by_id["permanent_basic_farmland"]["exempt_before"] is None
