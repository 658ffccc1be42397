"""Rules switched off: what comes back against plain sets, and the waterfall that is left."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from assessment.run import PV_TYPES, Run
from assessment.scenario import Scenario
from assessment.scenario_terms import Terms
from layers.catalog import load_catalog
from tests.runs import make_run
from tracking.rule_sets import regained, rule_sets_of, waterfall_without
from tracking.whatif import Board

CATALOG = Path(__file__).parents[1] / "data" / "catalog"
RULES = ("road", "heritage", "power")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = make_run(tmp_path_factory.mktemp("run") / "run", n_sites=600, seed=3, hourly=False)
    rng = np.random.default_rng(5)
    names = ["|".join(sorted(some)) for size in (1, 2, 3) for some in combinations(RULES, size)]
    rows = [
        (town, place, kind, rules, area := rng.uniform(10, 99), area / 10)
        for town in ("fengxi", "jinghe")
        for place in ("A", "B")
        for kind in ("roof_flat", "ground")
        for rules in names
    ]
    columns = ["town", "township", "type", "rules", "area_m2", "kwp_dc"]
    pd.DataFrame(rows, columns=columns).to_parquet(folder / "rule_sets.parquet")
    return Run(folder)


@pytest.fixture(scope="module")
def board(run):
    catalogs = {name: load_catalog(CATALOG / f"{name}.toml") for name in ("costs", "carbon", "modules")}
    return Board(pd.DataFrame(run.sites.drop(columns="geometry")), catalogs)


@pytest.mark.parametrize("off", [(), ("road",), ("road", "power"), RULES])
def test_land_comes_back_when_all_rules_that_take_it_are_off(run, board, off):
    sets = pd.read_parquet(run.path / "rule_sets.parquet")
    expected = sum(row.kwp_dc for row in sets.itertuples() if not set(row.rules.split("|")) - set(off))
    back = regained(rule_sets_of(run), board.apply(Scenario()), off)
    assert back["mw_dc"].sum() * 1000 == pytest.approx(expected)
    by = board.apply(Scenario()).by("town", "type")
    for row in back.itertuples():
        known = by.loc[(row.town, row.type)]
        assert row.gwh_year == pytest.approx(row.mw_dc * known["gwh_year"] / known["mw_dc"])
        assert row.lcoe == pytest.approx(known["lcoe"])


def test_types_that_do_not_count_do_not_come_back(run, board):
    only = Scenario(terms=Terms(types=("ground",)))
    assert set(regained(rule_sets_of(run), board.apply(only), RULES)["type"]) == {"ground"}


def test_what_nobody_knows_of_a_type_stays_unknown(run, board):
    sets = rule_sets_of(run).assign(type="verge")
    none = board.apply(Scenario(terms=Terms(types=tuple(kind for kind in PV_TYPES if kind != "verge"))))
    assert regained(sets, none, RULES).empty
    hidden = Board(
        pd.DataFrame(run.sites[run.sites["type"] != "verge"].drop(columns="geometry")), board._catalogs
    )
    back = regained(sets, hidden.apply(Scenario()), RULES)
    assert back["mw_dc"].sum() > 0
    assert back["gwh_year"].isna().all()


@pytest.mark.parametrize("off", [(), ("heritage",), ("road", "heritage")])
def test_the_waterfall_closes_whatever_is_off(run, off):
    sets = rule_sets_of(run)
    steps = waterfall_without(sets, (1000.0, 100.0), RULES, off).set_index("rule")
    assert steps.loc["all", "remaining_kwp"] == pytest.approx(100 + sets["kwp_dc"].sum())
    ends = ["all", "buildable"]
    taken = steps.drop(index=ends)["taken_kwp"]
    assert not set(off) & set(taken.index)
    assert steps.loc["all", "remaining_kwp"] - taken.sum() == pytest.approx(
        steps.loc["buildable", "remaining_kwp"]
    )
    first = sets[[rules.split("|")[0] == "road" or "road" in rules.split("|") for rules in sets["rules"]]]
    if "road" not in off:
        assert taken["road"] == pytest.approx(first["kwp_dc"].sum())


def test_a_run_without_rule_sets_says_so(tmp_path):
    folder = make_run(tmp_path / "run", n_sites=50, hourly=False)
    (folder / "rule_sets.parquet").unlink(missing_ok=True)
    assert rule_sets_of(Run(folder)) is None
