"""What a plan says: sites by year, what binds, what is missing where nothing fits, proposals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from faults import InputError
from tracking.ledger import Ledger
from tracking.plan import make_plan
from tracking.plan_model import PlanOptions
from tracking.plan_propose import propose
from tracking.plan_words import InfeasiblePlanError

NAMES = {
    "jinghe": ("泾河新城", "Jinghe New City"),
    "ground": ("地面", "ground-mounted"),
    "S1": ("沣西二", "Fengxi-2"),
}


def table(*rows):
    """Sites as (town, type, MW, yuan per W); 1000 kWh per kWp, AC = DC."""
    records = [
        {
            "id": f"s{index}",
            "name": None,
            "town": town,
            "type": kind,
            "sector": "industry",
            "status": "allowed",
            "kwp_dc_central": mw * 1000,
            "kw_ac": mw * 1000,
            "kwh_year_p50": mw * 1e6,
            "capex": mw * 1e6 * price,
            "lcoe": price * 0.1,
        }
        for index, (town, kind, mw, price) in enumerate(rows)
    ]
    return pd.DataFrame(records)


SITES = table(
    ("fengxi", "roof_metal", 4.0, 2.5),
    ("fengxi", "roof_metal", 3.0, 2.6),
    ("jinghe", "ground", 10.0, 2.8),
    ("jinghe", "roof_flat", 5.0, 3.0),
    ("fengxi", "carport", 2.0, 4.0),
)


def options(**changes):
    return PlanOptions(**{"target_mw": 12.0, "by": 2030, "start_year": 2027, "objective": "capex", **changes})


def test_the_cheapest_sites_by_hand():
    plan = make_plan(SITES, options())
    assert sorted(plan.sites["id"]) == ["s0", "s1", "s3"]
    assert plan.totals["mw"] == 12
    assert plan.totals["capex"] == pytest.approx(4e6 * 2.5 + 3e6 * 2.6 + 5e6 * 3.0)
    assert plan.totals["lcoe"] == pytest.approx((4 * 0.25 + 3 * 0.26 + 5 * 0.3) / 12)
    assert plan.gap < 1e-6
    assert plan.towns.groupby("town")["mw"].sum().to_dict() == {"fengxi": 7, "jinghe": 5}


def test_what_stands_already_counts_and_more_than_enough_needs_nothing():
    assert make_plan(SITES, options(existing_mw=8)).totals["mw"] == pytest.approx(4)
    done = make_plan(SITES, options(existing_mw=12))
    assert done.sites.empty
    assert done.totals["mw"] == 0
    strict = make_plan(SITES, options(existing_mw=12, strict=True))
    assert strict.totals["mw"] > 0


def test_fewest_sites_and_most_yield():
    assert len(make_plan(SITES, options(target_mw=14, objective="sites")).sites) == 2
    better = SITES.assign(kwh_year_p50=SITES["kwh_year_p50"] * [0.8, 0.8, 1.0, 0.8, 1.2])
    assert sorted(make_plan(better, options(objective="yield")).sites["id"]) == ["s2", "s4"]


def test_years_follow_the_pace_the_rate_and_the_milestone():
    plan = make_plan(SITES, options(target_mw=24, start_year=2027, build_rate_mw_year=10))
    assert plan.years["year"].tolist() == [2027, 2028, 2029, 2030]
    assert plan.years["cumulative_mw"].iloc[-1] == 24
    assert (plan.years["mw"] <= 10).all()
    early = make_plan(SITES, options(target_mw=12, milestones_mw={2027: 7.0}))
    assert early.years.set_index("year").loc[2027, "met"]
    assert early.years.set_index("year").loc[2027, "cumulative_mw"] >= 7


def test_the_choice_gives_way_to_the_years():
    """Three dear sites of 4 MW fit two years at 6 MW only one by one; the choice must know."""
    sites = table(*[("fengxi", "ground", 4.0, 2.0)] * 3, *[("fengxi", "ground", 2.0, 3.0)] * 6)
    plan = make_plan(sites, options(target_mw=12, by=2028, build_rate_mw_year=6.0))
    assert plan.years["mw"].tolist() == [6, 6]
    assert plan.totals["capex"] == pytest.approx(2 * 4e6 * 2.0 + 2 * 2e6 * 3.0)
    assert plan.gap < 1e-6


def test_sites_larger_than_a_year_are_not_chosen_and_said():
    plan = make_plan(SITES, options(target_mw=7, build_rate_mw_year=4.5))
    assert plan.sites["mw"].max() <= 4.5
    assert any("2 sites are larger than what is built in a year" in note.en for note in plan.notes)


def test_a_milestone_beyond_the_build_rate_is_explained():
    with pytest.raises(InfeasiblePlanError) as caught:
        make_plan(SITES, options(target_mw=14, build_rate_mw_year=6, milestones_mw={2028: 13.0}))
    missing = {each.key: each for each in caught.value.missing}
    assert missing["build_rate"].amount == pytest.approx(1.0)  # 7 a year: 7 in 2027 (4 + 3), 5 + 2 in 2028
    assert missing["milestone:2028"].amount == pytest.approx(
        1.0 + 1.0
    )  # 4 + 2, 5: only 11 of 13 in two years
    assert "is short by 1 MW a year" in missing["build_rate"].en
    assert "2028年末的里程碑须降低2 MW" in missing["milestone:2028"].zh


def test_limits_are_kept_and_said_to_bind():
    limited = options(target_mw=14, town_min_mw={"jinghe": 10.0}, headroom_mw={"S1": 4.0})
    station = np.array(["S1", "S1", None, None, None], dtype=object)
    plan = make_plan(SITES, limited, substation=station, names=NAMES)
    assert sorted(plan.sites["id"]) == ["s0", "s2"]
    found = {binding.key: binding for binding in plan.bindings}
    assert found["headroom:S1"].title_zh == "变电站沣西二的接入余量"
    assert found["headroom:S1"].used == 4
    assert found["town_min:jinghe"].title_en == "the least capacity in Jinghe New City"
    assert any("was not limited" in note.en for note in plan.notes)


def test_a_binding_target_has_its_price_in_words():
    many = table(*[("fengxi", "roof_flat", 0.01, 2.0 + index / 1000) for index in range(1000)])
    plan = make_plan(many, options(target_mw=5))
    target = plan.bindings[0]
    assert target.binding
    assert target.shadow_price == pytest.approx(2.5e6, rel=0.01)
    assert "one more MW of the target costs 2,498,000 CNY" in target.en
    assert "目标容量每提高1 MW,代价增加2,498,000 元" in target.zh


@pytest.mark.parametrize(
    ("changes", "key", "amount"),
    [
        ({"target_mw": 30.0}, "target", 6.0),
        ({"target_mw": 20.0, "build_rate_mw_year": 4.0}, "build_rate", 6.0),
        ({"budget_cny": 12 * 2.5e6}, "budget", 4e6 * 2.5 + 3e6 * 2.6 + 5e6 * 3.0 - 12 * 2.5e6),
        ({"target_mw": 4.0, "town_min_mw": {"jinghe": 16.0}}, "town_min:jinghe", 1.0),
        ({"town_max_mw": {"jinghe": 1.0}}, "town_max:jinghe", 4.0),
        ({"target_mw": 20.0, "type_share_max": {"ground": 0.3}}, "share_max:ground", 10 - 0.3 * 24),
    ],
)
def test_infeasible_says_which_limit_and_how_much(changes, key, amount):
    with pytest.raises(InfeasiblePlanError) as caught:
        make_plan(SITES, options(**changes), names=NAMES)
    found = {missing.key: missing for missing in caught.value.missing}
    assert not caught.value.together
    assert found[key].amount == pytest.approx(amount, rel=1e-6)
    assert found[key].zh in str(caught.value)
    assert found[key].en in str(caught.value)


def test_where_no_single_limit_is_enough_all_are_named():
    with pytest.raises(InfeasiblePlanError) as caught:
        make_plan(SITES, options(target_mw=30, town_min_mw={"jinghe": 40.0}), names=NAMES)
    assert caught.value.together
    assert {missing.key for missing in caught.value.missing} == {"target", "town_min:jinghe"}
    assert "以下条件须同时放宽" in caught.value.zh


def test_without_any_site_the_target_stays_open():
    with pytest.raises(InfeasiblePlanError) as caught:
        make_plan(SITES.iloc[:0], options())
    assert [(each.key, each.amount) for each in caught.value.missing] == [("target", 12.0)]
    assert make_plan(SITES.iloc[:0], options(existing_mw=12)).sites.empty


def test_sites_that_may_not_or_cannot_be_chosen():
    sites = SITES.assign(status=["allowed", "conditional", "allowed", "allowed", "allowed"])
    sites.loc[0, "lcoe"] = np.nan
    plan = make_plan(sites, options(target_mw=10, statuses=("allowed",)))
    assert sorted(plan.sites["id"]) == ["s2"]
    assert any("1 sites of unknown size or cost" in note.en for note in plan.notes)
    with pytest.raises(InputError, match="capex: column is missing"):
        make_plan(SITES.drop(columns="capex"), options())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"target_mw": 0}, "target_mw = 0: must be above 0"),
        ({"objective": "profit"}, "objective = 'profit': must be one of cost, capex, sites, yield"),
        ({"type_share_min": {"roof": 0.5}}, "type_share_min"),
        ({"type_share_max": {"ground": 1.5}}, "must name PV types with shares from 0 to 1"),
        ({"town_min_mw": {"jinghe": -1}}, "no amount may be negative"),
        ({"town_min_mw": {"jinghe": 1e-7}}, r"1e-07.*0 or at least 0\.001 MW"),
        ({"milestones_mw": {2028: 2e-5}}, r"2e-05.*0 or at least 0\.001 MW"),
        ({"milestones_mw": {2031: 5}}, "years before `by`"),
        ({"statuses": ("maybe",)}, "statuses"),
    ],
)
def test_options_that_cannot_be(changes, message):
    with pytest.raises(ValueError, match=message):
        options(**changes)


def test_a_plan_becomes_proposals_once_and_whole(tmp_path):
    small = table(*[("jinghe", "roof_flat", 0.2, 3.0)] * 20, ("fengxi", "ground", 3.0, 2.5))
    plan = make_plan(small, options(target_mw=5))
    ledger = Ledger(str(tmp_path / "ledger.sqlite"))
    ids = propose(plan, ledger, who="planner", name="方案A")
    frame = ledger.frame()
    assert len(frame) == len(ids)
    assert frame["capacity_mw_dc"].sum() == pytest.approx(plan.totals["mw_dc"])
    assert set(frame["status"]) == {"proposed"}
    assert frame["date_expected"].dt.year.max() == 2030
    assert "方案A:s20" in set(frame["name"])
    assert propose(make_plan(small, options(existing_mw=20)), ledger, who="planner", name="B") == []
    ledger.close()
