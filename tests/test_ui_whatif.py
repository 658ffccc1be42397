"""Scenarios: the fast arrays against a plain table, and laws that must hold whatever the sliders say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessment.economics import add_economics
from assessment.run import PV_TYPES, SECTORS, STATUSES
from assessment.scenario import Scenario
from faults import InputError
from tests.runs import make_run
from ui.board import board_of, run_catalogs
from ui.outcome import outcome, site_values
from ui.runs import current_store
from ui.whatif import WhatIf


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("YIJIAN_RUN", str(make_run(folder / "run", n_sites=4000, seed=8, hourly=False)))
        patch.setenv("YIJIAN_HOME", str(folder / "home"))
        yield current_store()


@pytest.fixture(scope="module")
def board(store):
    return board_of(store)


def test_without_changes_the_totals_are_those_of_the_run(store, board):
    found, sites = outcome(board, WhatIf(), costs(store), store.towns), store.run.sites
    for value, name in zip(found.kwp, ("low", "central", "high"), strict=True):
        assert value == pytest.approx(sites[f"kwp_dc_{name}"].sum(), rel=1e-5)
    assert found.kwh == pytest.approx(sites["kwh_year_p50"].sum(), rel=1e-5)
    known = sites.dropna(subset=["lcoe"])
    assert found.lcoe == pytest.approx(np.average(known["lcoe"], weights=known["kwh_year_p50"]), rel=1e-4)
    by_town = sites.groupby("town")["kwp_dc_central"].sum()
    assert dict(zip(found.towns["town"], found.towns["kwp"], strict=True)) == pytest.approx(
        by_town.to_dict(), rel=1e-5
    )


def test_a_case_by_plain_table(store, board):
    chosen = WhatIf(
        share={"industry": 2.0}, density=1.1, price=0.8, most_lcoe=0.30, types=("roof_metal", "ground")
    )
    sites = pd.DataFrame(store.run.sites.drop(columns="geometry"))
    sites = sites[sites["type"].isin(chosen.types)].copy()
    wanted = sites["usable_m2"] * np.where(sites["sector"] == "industry", 2.0, 1.0)
    factor = np.minimum(wanted, sites["area_m2"]) / sites["usable_m2"] * 1.1
    before = add_economics(sites, costs=costs(store), carbon=run_catalogs(store.key)["carbon"])
    grown = sites.assign(**{name: sites[name] * factor for name in ("kwp_dc_central", "kwh_year_p50")})
    cheap = {f"costs.capex.{kind}": costs(store).value(f"capex.{kind}") * 0.8 for kind in PV_TYPES}
    after = add_economics(
        grown,
        costs=Scenario(values=cheap).change("costs", costs(store)),
        carbon=run_catalogs(store.key)["carbon"],
    )
    cost = sites["lcoe"] * after["lcoe"] / before["lcoe"]
    keep = cost <= 0.30
    assert 0 < keep.sum() < len(keep)
    found = outcome(board, chosen, costs(store), store.towns)
    assert found.kwp[1] == pytest.approx((sites["kwp_dc_central"] * factor)[keep].sum(), rel=1e-6)
    capex = sites["capex"] * after["capex"] / before["capex"]
    assert found.capex == pytest.approx(capex[keep].sum(), rel=1e-6)
    assert found.sites == keep.sum()


def test_each_site_has_its_factor_and_cost(store, board):
    factor, cost = site_values(board, WhatIf(density=1.2, types=("ground",)), costs(store))
    kinds = store.run.sites["type"].to_numpy()
    assert factor[kinds == "ground"] == pytest.approx(1.2)
    assert not factor[kinds != "ground"].any()
    assert np.isfinite(cost[kinds == "ground"]).all()


def test_another_discount_rate_changes_the_cost_as_the_engine_would(store, board):
    sites = pd.DataFrame(store.run.sites.drop(columns="geometry"))
    carbon = run_catalogs(store.key)["carbon"]
    dear = Scenario(values={"costs.finance.discount_rate": 0.09}).change("costs", costs(store))
    before, after = (
        add_economics(sites, costs=table, carbon=carbon)["lcoe"] for table in (costs(store), dear)
    )
    known = sites["lcoe"].notna()
    weights = sites["kwh_year_p50"][known]
    expected = np.average((sites["lcoe"] * after / before)[known], weights=weights)
    assert outcome(board, WhatIf(rate=0.09), costs(store), store.towns).lcoe == pytest.approx(
        expected, rel=1e-6
    )


def costs(store):
    return run_catalogs(store.key)["costs"]


scenarios = st.builds(
    WhatIf,
    share=st.dictionaries(st.sampled_from(SECTORS), st.floats(0, 2).map(lambda v: round(v, 3))),
    density=st.floats(0.5, 1.5).map(lambda v: round(v, 3)),
    price=st.floats(0.3, 2.0).map(lambda v: round(v, 3)),
    rate=st.none() | st.floats(0, 0.15).map(lambda v: round(v, 4)),
    most_lcoe=st.none() | st.floats(0.05, 1).map(lambda v: round(v, 3)),
    types=st.lists(st.sampled_from(PV_TYPES), unique=True).map(tuple),
    statuses=st.lists(st.sampled_from(STATUSES), unique=True).map(tuple),
)


@settings(max_examples=40, deadline=None)
@given(scenario=scenarios)
def test_parts_are_the_whole_and_the_address_says_the_same(store, board, scenario):
    assert WhatIf.parse(scenario.text()) == scenario
    found = outcome(board, scenario, costs(store), store.towns)
    assert found.towns["kwp"].sum() == pytest.approx(found.kwp[1], rel=1e-4, abs=1e-6)
    assert found.sectors["kwp"].sum() == pytest.approx(found.kwp[1], rel=1e-4, abs=1e-6)
    assert found.kwp[0] <= found.kwp[1] <= found.kwp[2]
    assert found.curve["cum_kwp"].is_monotonic_increasing
    sites = store.run.sites
    most = (sites["kwp_dc_central"] * sites["area_m2"] / sites["usable_m2"]).sum()
    assert found.kwp[1] <= float(most * scenario.density) * 1.0001


@pytest.mark.parametrize(
    ("text", "value"),
    [('{"density": 9}', "9"), ('{"share": {"moon": 1}}', "moon"), ('{"types": ["windmill"]}', "windmill"),
     ('{"rate": "six"}', "six"), ('{"other": 1}', "other"), ("[1]", "[1]")],
)  # fmt: skip
def test_wrong_scenarios_are_refused_with_the_value(text, value):
    with pytest.raises(InputError) as error:
        WhatIf.parse(text)
    assert value in str(error.value)
