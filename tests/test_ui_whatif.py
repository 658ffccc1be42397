"""Scenarios: the fast arrays against a plain table, and laws that must hold whatever the sliders say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessment.run import PV_TYPES, SECTORS, STATUSES
from faults import InputError
from potential.money import lcoe
from tests.runs import make_run
from ui.store import open_store
from ui.whatif import DEGRADATION, LIFE_YEARS, Base, WhatIf, outcome


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    return open_store(make_run(folder / "run", n_sites=4000, seed=8, hourly=False), folder / "home")


@pytest.fixture(scope="module")
def base(store):
    return Base.of(store)


def test_without_changes_the_totals_are_those_of_the_run(store, base):
    found, sites = outcome(base, WhatIf(), store.towns), store.run.sites
    for value, name in zip(found.kwp, ("low", "central", "high"), strict=True):
        assert value == pytest.approx(sites[f"kwp_dc_{name}"].sum(), rel=1e-5)
    assert found.kwh == pytest.approx(sites["kwh_year_p50"].sum(), rel=1e-5)
    known = sites.dropna(subset=["lcoe"])
    assert found.lcoe == pytest.approx(np.average(known["lcoe"], weights=known["kwh_year_p50"]), rel=1e-4)
    by_town = sites.groupby("town")["kwp_dc_central"].sum()
    assert dict(zip(found.towns["town"], found.towns["kwp"], strict=True)) == pytest.approx(
        by_town.to_dict(), rel=1e-5
    )


def test_a_case_by_plain_table(store, base):
    chosen = WhatIf(
        share={"industry": 2.0}, density=1.1, price=0.8, most_lcoe=0.26, types=("roof_metal", "ground")
    )
    sites = pd.DataFrame(store.run.sites.drop(columns="geometry"))
    sites = sites[sites["type"].isin(chosen.types)].copy()
    wanted = sites["usable_m2"] * np.where(sites["sector"] == "industry", 2.0, 1.0)
    factor = np.minimum(wanted, sites["area_m2"]) / sites["usable_m2"] * 1.1
    worth = sum((1 - DEGRADATION) ** (year - 1) / 1.06**year for year in range(1, LIFE_YEARS + 1))
    cost = sites["lcoe"] - 0.2 * sites["capex"] / (sites["kwh_year_p50"] * worth)
    keep = cost <= 0.26
    assert 0 < keep.sum() < len(keep)
    found = outcome(base, chosen, store.towns)
    assert found.kwp[1] == pytest.approx((sites["kwp_dc_central"] * factor)[keep].sum(), rel=1e-4)
    assert found.capex == pytest.approx(0.8 * (sites["capex"] * factor)[keep].sum(), rel=1e-4)
    assert found.sites == keep.sum()


def test_another_discount_rate_agrees_with_the_cost_of_the_engine():
    capex, om, kwh = 3000.0, 45.0, 1100.0
    terms = {"om_year": om, "life_years": LIFE_YEARS, "degradation": DEGRADATION}
    before = float(lcoe(capex, kwh, discount_rate=0.06, **terms))
    after = float(lcoe(1.3 * capex, kwh, discount_rate=0.09, **terms))
    one = np.ones(1, dtype="float32")
    code = np.zeros(1, dtype="uint8")
    base = Base(one, one, one, one, one, one * kwh, one * capex, one, one * before, code, code, code, code)
    found = outcome(base, WhatIf(price=1.3, rate=0.09), ("here",), 0.06)
    assert found.lcoe == pytest.approx(after, rel=1e-5)


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
def test_parts_are_the_whole_and_the_address_says_the_same(store, base, scenario):
    assert WhatIf.parse(scenario.text()) == scenario
    found = outcome(base, scenario, store.towns)
    assert found.towns["kwp"].sum() == pytest.approx(found.kwp[1], rel=1e-4, abs=1e-6)
    assert found.sectors["kwp"].sum() == pytest.approx(found.kwp[1], rel=1e-4, abs=1e-6)
    assert found.kwp[0] <= found.kwp[1] <= found.kwp[2]
    assert found.curve["cum_kwp"].is_monotonic_increasing
    assert found.kwp[1] <= float((base.kwp * base.area / base.usable).sum() * scenario.density) * 1.0001


@pytest.mark.parametrize(
    ("text", "value"),
    [('{"density": 9}', "9"), ('{"share": {"moon": 1}}', "moon"), ('{"types": ["windmill"]}', "windmill"),
     ('{"rate": "six"}', "six"), ('{"other": 1}', "other"), ("[1]", "[1]")],
)  # fmt: skip
def test_wrong_scenarios_are_refused_with_the_value(text, value):
    with pytest.raises(InputError) as error:
        WhatIf.parse(text)
    assert value in str(error.value)
