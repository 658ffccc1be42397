"""The plan's choice against trying every selection, and its bound against the truth."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tracking import plan_problem
from tracking.plan_model import PlanOptions, find_candidates, find_limits
from tracking.plan_problem import lagrangian_bound, tolerance
from tracking.plan_solve import NoScheduleError, NoSelectionError, solve
from tracking.plan_years import Calendar

TOWNS = ("fengxi", "jinghe")
TYPES = ("roof_flat", "ground")
STATIONS = np.array(["S1", "S2", None], dtype=object)


def made_up(seed, count):
    rng = np.random.default_rng(seed)
    kwp = rng.integers(1, 40, count) * 100.0
    capex = kwp * rng.integers(2000, 4000, count)
    kwh = kwp * rng.integers(900, 1200, count)
    sites = pd.DataFrame(
        {
            "id": [f"s{index}" for index in range(count)],
            "town": rng.choice(TOWNS, count),
            "type": rng.choice(TYPES, count),
            "status": "allowed",
            "kwp_dc_central": kwp,
            "kw_ac": kwp / 1.25,
            "kwh_year_p50": kwh,
            "capex": capex,
            "lcoe": capex * 0.08 / kwh,
        }
    )
    return sites, rng.choice(STATIONS, count)


def least(most):
    """Shares of the whole that a plan must reach: none, or enough to be told from none."""
    return st.just(0.0) | st.floats(0.01, most)


@st.composite
def cases(draw, largest=7):
    sites, station = made_up(draw(st.integers(0, 10**6)), draw(st.integers(2, largest)))
    total = sites["kwp_dc_central"].sum() / 1000
    share = st.floats(0.05, 0.9)
    options = PlanOptions(
        target_mw=max(draw(share) * total, 0.01),
        by=2028,
        start_year=2026,
        objective=draw(st.sampled_from(["cost", "capex", "sites", "yield"])),
        milestones_mw=draw(st.just({}) | least(0.3).map(lambda x: {2027: x * total})),
        build_rate_mw_year=draw(st.none() | st.floats(0.08, 0.5).map(lambda x: x * total)),
        budget_cny=draw(st.none() | share.map(lambda x: x * sites["capex"].sum())),
        headroom_mw={"S1": draw(st.none() | share.map(lambda x: x * total))},
        town_min_mw={"jinghe": draw(least(0.4)) * total},
        town_max_mw={"fengxi": draw(st.floats(0.1, 1)) * total},
        type_share_max=draw(st.just({}) | st.just({"ground": 0.6})),
        type_share_min=draw(st.just({}) | st.just({"roof_flat": 0.3})),
    )
    return sites, station, options


def best_of_all(candidates, limits, calendar):
    """Try every selection in every year; None if none keeps all limits."""
    every = np.array(list(product(range(calendar.years + 1), repeat=len(candidates))))  # 0: not built
    chosen = every > 0
    fine = np.ones(len(every), dtype=bool)
    for limit in limits:
        total = chosen @ limit.coefficient
        slack = total - limit.right if limit.sense == ">=" else limit.right - total
        fine &= slack >= -tolerance(limit)
    by_year = np.stack(
        [(every == year + 1) @ candidates.mw for year in range(calendar.years)], axis=1
    )  # fmt: skip
    fine &= np.all(by_year <= calendar.rate_mw * (1 + 1e-8), axis=1)
    stands = np.cumsum(by_year, axis=1)
    for year, need in calendar.milestones_mw:
        fine &= stands[:, year - calendar.first_year] >= need * (1 - 1e-6) - 1e-9
    return float((chosen @ candidates.cost)[fine].min()) if fine.any() else None


def parts_of(options, sites, station):
    candidates = find_candidates(sites, options, station)
    return candidates, find_limits(candidates, options), Calendar.of(options)


def check_years(solution, candidates, calendar):
    """Every chosen site has a year within the rate, and milestones stand."""
    chosen, year = solution.chosen, solution.year
    assert np.all((year > 0) == chosen)
    for place in range(calendar.years):
        now = calendar.first_year + place
        assert candidates.mw[year == now].sum() <= calendar.rate_mw * (1 + 1e-6)
        assert candidates.mw[chosen & (year <= now)].sum() >= calendar.need_mw[place] * (1 - 1e-6) - 1e-6


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(case=cases())
def test_small_plans_are_the_best_of_all_selections(case):
    sites, station, options = case
    candidates, limits, calendar = parts_of(options, sites, station)
    best = best_of_all(candidates, limits, calendar)
    if best is None:
        with pytest.raises((NoSelectionError, NoScheduleError)):
            solve(candidates, limits, calendar)
        return
    solution = solve(candidates, limits, calendar)
    check_years(solution, candidates, calendar)
    assert all(limit.slack(solution.chosen) >= -tolerance(limit) for limit in limits)
    assert solution.objective == pytest.approx(best, rel=2e-5, abs=1e-6)
    assert solution.bound <= best * (1 + 1e-6) + 1e-6


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(case=cases(largest=8))
def test_the_bound_of_aggregated_plans_is_below_the_best_and_the_plan_above(case):
    sites, station, options = case
    candidates, limits, calendar = parts_of(options, sites, station)
    best = best_of_all(candidates, limits, calendar)
    if best is None:
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plan_problem, "EXACT_SITES", 0)
        patch.setattr(plan_problem, "LARGE_SITES", 1)
        try:
            solution = solve(candidates, limits, calendar)
        except (NoSelectionError, NoScheduleError):  # only where steps use a limit other than in proportion
            assert options.budget_cny is not None
            return
    assert solution.bound <= best * (1 + 1e-6) + 1e-6
    if all(limit.slack(solution.chosen) >= -tolerance(limit) for limit in limits):
        assert solution.objective >= best * (1 - 2e-5) - 1e-6


@given(prices=st.lists(st.floats(-1e7, 0), min_size=6, max_size=6), seed=st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_the_lagrangian_bound_holds_at_any_prices(prices, seed):
    sites, station = made_up(seed, 7)
    total = sites["kwp_dc_central"].sum() / 1000
    options = PlanOptions(
        target_mw=0.4 * total, by=2026, start_year=2026, headroom_mw={"S1": total}, budget_cny=1e12,
        town_min_mw={"jinghe": 0.0}, town_max_mw={"fengxi": total}, type_share_max={"ground": 1.0},
    )  # fmt: skip
    candidates, limits, calendar = parts_of(options, sites, station)
    assert (
        lagrangian_bound(candidates, limits, np.array(prices))
        <= best_of_all(candidates, limits, calendar) + 1e-3
    )


def test_a_large_plan_keeps_its_limits_and_is_nearly_the_best():
    sites, station = made_up(3, 6000)
    options = PlanOptions(
        target_mw=600, by=2030, start_year=2026, headroom_mw={"S1": 120.0, "S2": 500.0},
        town_min_mw={"jinghe": 350}, type_share_max={"ground": 0.45}, build_rate_mw_year=130,
    )  # fmt: skip
    candidates, limits, calendar = parts_of(options, sites, station)
    solution = solve(candidates, limits, calendar)
    assert all(limit.slack(solution.chosen) >= -tolerance(limit) for limit in limits)
    assert solution.gap < 2e-3
    assert candidates.mw[solution.chosen].sum() < 600.2


def test_shadow_prices_are_what_a_little_more_is_worth():
    sites, station = made_up(4, 4000)
    base = {"by": 2030, "start_year": 2026, "town_min_mw": {"jinghe": 300.0}, "headroom_mw": {"S1": 60.0}}

    def bound(target, room):
        options = PlanOptions(**{**base, "target_mw": target, "headroom_mw": {"S1": room}})
        candidates = find_candidates(sites, options, station)
        return solve(candidates, find_limits(candidates, options), Calendar.of(options))

    middle, more, wider = bound(500, 60.0), bound(505, 60.0), bound(500, 65.0)
    assert (more.bound - middle.bound) / 5 == pytest.approx(middle.shadow["target"], rel=0.05)
    assert (wider.bound - middle.bound) / 5 == pytest.approx(middle.shadow["headroom:S1"], rel=0.05, abs=2e3)
    assert middle.shadow["target"] > 0 >= middle.shadow["headroom:S1"]


def test_dear_sites_are_left_and_cheap_ones_taken_without_any_other_limit():
    sites, _ = made_up(5, 3000)
    options = PlanOptions(target_mw=300, by=2030, start_year=2026, objective="capex")
    candidates = find_candidates(sites, options)
    solution = solve(candidates, find_limits(candidates, options), Calendar.of(options))
    ratio = candidates.cost / candidates.mw
    order = np.argsort(ratio, kind="stable")
    before = np.cumsum(candidates.mw[order]) - candidates.mw[order]
    share = np.clip((300 - before) / candidates.mw[order], 0, 1)
    by_merit = float((candidates.cost[order] * share).sum())
    assert by_merit * (1 - 1e-9) <= solution.objective <= by_merit * 1.0005
    assert solution.bound == pytest.approx(by_merit, rel=1e-4)
