"""Scenarios: checked, kept, compared; applied to a run they change what they say and nothing else."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from assessment.assess import Settings, assess_region
from assessment.economics import add_economics
from assessment.run import PV_TYPES, SECTORS, Run
from assessment.scenario import Scenario as Whole
from assessment.scenario import load_scenario, scenario_from_tree
from assessment.scenario_terms import Terms
from faults import InputError
from layers.catalog import load_catalog
from layers.region import load_region
from tests.small_region import make_region
from tracking.scenario import (
    from_address,
    keep_scenario,
    needs_new_run,
    save_scenario,
    saved_scenarios,
    to_address,
)
from tracking.whatif import MOST_KEPT, Board

CATALOG = Path(__file__).parents[1] / "data" / "catalog"
CATALOGS = {
    name: load_catalog(CATALOG / f"{name}.toml") for name in ("costs", "carbon", "modules", "tariffs")
}
COSTS, CARBON = CATALOGS["costs"], CATALOGS["carbon"]
TOWNS = ["fengdong", "fengxi", "jinghe"]


def Scenario(*, name="reference", values=None, rules_off=(), packs=None, **terms):  # noqa: N802 - reads like one
    return Whole(name, packs, frozenset(rules_off), values or {}, Terms(**terms))


def made_up(count, seed=0):
    rng = np.random.default_rng(seed)
    area = rng.uniform(50, 5000, count)
    share, density = rng.uniform(0.2, 0.8, count), rng.uniform(100, 200, count)
    kwp = area * share * density / 1000
    frame = pd.DataFrame(
        {
            "town": rng.choice(TOWNS, count),
            "type": rng.choice(PV_TYPES, count),
            "sector": rng.choice(np.array([*SECTORS, None], dtype=object), count),
            "status": rng.choice(["allowed", "conditional"], count),
            "area_m2": area,
            "usable_m2": area * share,
            "kwp_dc_low": kwp * 0.6,
            "kwp_dc_central": kwp,
            "kwp_dc_high": kwp * 1.4,
            "kw_ac": kwp / 1.2,
            "kwh_year_p50": kwp * 1100,
            "kwh_year_p90": kwp * 1000,
        }
    )
    return add_economics(frame, costs=COSTS, carbon=CARBON)


@pytest.fixture(scope="module")
def sites():
    return made_up(3000)


@pytest.fixture
def board(sites):
    return Board(sites, CATALOGS)


def test_the_reference_is_the_run_itself(sites, board):
    found = board.apply(Scenario()).by("town", "type")
    groups = sites.groupby(["town", "type"])
    pd.testing.assert_series_equal(found["mw_dc"], groups["kwp_dc_central"].sum() / 1000, check_names=False)
    pd.testing.assert_series_equal(found["capex"], groups["capex"].sum(), check_names=False)
    pd.testing.assert_series_equal(found["co2_t_year"], groups["co2_t_year"].sum(), check_names=False)
    cost = (sites["lcoe"] * sites["kwh_year_p50"]).groupby([sites["town"], sites["type"]]).sum()
    pd.testing.assert_series_equal(found["cost_year"], cost, check_names=False)


def test_a_share_changes_its_type_in_proportion_and_no_other(sites, board):
    before, after = board.apply(Scenario()), board.apply(Scenario(name="x", usable_share={"roof_flat": 0.5}))
    roof = sites[sites["type"] == "roof_flat"]
    expected = (roof["kwp_dc_central"] * 0.5 / (roof["usable_m2"] / roof["area_m2"])).sum() / 1000
    assert after.by("type").loc["roof_flat", "mw_dc"] == pytest.approx(expected)
    others = [kind for kind in PV_TYPES if kind != "roof_flat"]
    pd.testing.assert_frame_equal(after.by("type").loc[others], before.by("type").loc[others])


def test_density_module_and_shares_by_sector(sites, board):
    base = board.apply(Scenario()).by("type")["mw_dc"]
    found = board.apply(Scenario(name="x", module_efficiency=0.253, density_factor={"ground": 1.2})).by(
        "type"
    )
    assert found.loc["ground", "mw_dc"] == pytest.approx(base["ground"] * 1.2 * 0.253 / 0.23)
    assert found.loc["verge", "mw_dc"] == pytest.approx(base["verge"] * 0.253 / 0.23)
    assert found.loc["ground", "gwh_year"] == pytest.approx(found.loc["ground", "mw_dc"] * 1.1)
    double = board.apply(Scenario(name="y", share_factor={"industry": 2.0})).by("sector")["mw_dc"]
    share = sites["usable_m2"] / sites["area_m2"]
    most = sites["kwp_dc_central"] / share * np.minimum(2 * share, 1)
    industry = sites["sector"] == "industry"
    assert double["industry"] == pytest.approx(most[industry].sum() / 1000)
    none = board.apply(Scenario(name="z", share_factor={"industry": 0.0}))
    assert none.total()["sites"] == (~industry).sum()


def test_more_capacity_on_the_same_roof_costs_less_per_kwh_by_size_class_and_rent():
    """Density moves a system into a cheaper size class and spreads the rent of land; nothing else."""
    within, across, rented = made_up(3, seed=1), made_up(3, seed=1), made_up(3, seed=1)
    for frame, kwp, kind in (
        (within, 500.0, "roof_flat"),
        (across, 390.0, "roof_flat"),
        (rented, 500.0, "ground"),
    ):
        frame["type"], frame["kwp_dc_central"], frame["kwh_year_p50"] = kind, kwp, kwp * 1100
        frame[["lcoe", "capex"]] = add_economics(frame, costs=COSTS, carbon=CARBON)[["lcoe", "capex"]]

    def cost(frame):
        denser = Scenario(name="x", density_factor=dict.fromkeys(PV_TYPES, 1.2))
        return Board(frame, CATALOGS).sites(denser).lcoe, frame["lcoe"].to_numpy()

    after, before = cost(within)
    assert after == pytest.approx(before)
    for frame in (across, rented):
        after, before = cost(frame)
        assert (after < before).all()
        scaled = frame.assign(
            kwp_dc_central=frame["kwp_dc_central"] * 1.2, kwh_year_p50=frame["kwh_year_p50"] * 1.2
        )
        judge = add_economics(scaled, costs=COSTS, carbon=CARBON)["lcoe"]
        assert after == pytest.approx(judge.to_numpy())


def test_only_cheap_sites_count_and_the_curve_ends_at_the_sum(sites, board):
    found = board.apply(Scenario(name="x", most_lcoe=0.27))
    assert found.total()["mw_dc"] == pytest.approx(
        sites.loc[sites["lcoe"] <= 0.27, "kwp_dc_central"].sum() / 1000
    )
    assert found.curve["cum_mw"].iloc[-1] == pytest.approx(found.total()["mw_dc"])
    assert found.curve["lcoe"].iloc[-1] <= 0.271


def test_a_run_made_with_other_costs_stays_itself(sites):
    made = sites.assign(capex=sites["capex"] * 3, lcoe=sites["lcoe"] * 2)
    board = Board(made, CATALOGS)
    assert board.apply(Scenario()).total()["capex"] == pytest.approx(made["capex"].sum())
    half = {f"costs.capex.{kind}": COSTS.value(f"capex.{kind}") / 2 for kind in PV_TYPES}
    assert board.apply(Scenario(name="x", values=half)).total()["capex"] == pytest.approx(
        made["capex"].sum() / 2
    )


def test_another_price_and_rate_are_what_the_assessment_would_say(sites, board):
    values = {"costs.finance.discount_rate": 0.09, "costs.capex.roof_flat": 4.0, "costs.rent.ground": 2000.0}
    scenario = Scenario(
        name="x", values=values, usable_share={"greenhouse": 0.9}, density_factor={"verge": 1.4}
    )
    scale = np.where(sites["type"] == "greenhouse", 0.9 / (sites["usable_m2"] / sites["area_m2"]), 1.0)
    scale = scale * np.where(sites["type"] == "verge", 1.4, 1.0)
    names = ["kwp_dc_central", "kwh_year_p50"]
    other = sites.assign(**{name: sites[name] * scale for name in names})
    other = add_economics(
        other, costs=scenario.change("costs", COSTS), carbon=scenario.change("carbon", CARBON)
    )
    found = board.sites(scenario)
    assert found.lcoe == pytest.approx(other["lcoe"].to_numpy(), rel=1e-9)
    assert found.capex == pytest.approx(other["capex"].to_numpy(), rel=1e-9)


def test_prices_carbon_and_choice(board):
    base = board.apply(Scenario()).total()
    dear = board.apply(Scenario(name="x", values={"costs.capex.roof_flat": 5.52})).total()
    assert dear["capex"] > base["capex"]
    assert dear["mw_dc"] == base["mw_dc"]
    nation = board.apply(Scenario(name="y", carbon_factor="grid.national.2023")).total()
    assert nation["co2_t_year"] == pytest.approx(base["co2_t_year"] * 0.5306 / 0.6558)
    marginal = board.apply(Scenario(name="m", carbon_factor="marginal.northwest")).total()
    assert marginal["co2_t_year"] == pytest.approx(
        base["co2_t_year"] * (0.75 * 0.8922 + 0.25 * 0.4407) / 0.6558
    )
    life = board.apply(Scenario(name="l", carbon_life=True)).total()
    mean = sum((1 - 0.004) ** year for year in range(25)) / 25
    assert life["co2_t_year"] == pytest.approx(base["co2_t_year"] * mean - base["mw_dc"] * 700 / 25)
    half = board.apply(Scenario(name="z", types=("roof_flat",), statuses=("allowed",)))
    assert set(half.totals["type"]) == {"roof_flat"}
    assert half.total()["sites"] < base["sites"] / 12


def test_nothing_is_computed_again_that_did_not_change(board, monkeypatch):
    first = board.apply(Scenario(name="x", carbon_factor="grid.national.2023", types=("ground",)))
    board.apply(Scenario())  # the other side of the page
    for name in ("sites", "_units", "_sums"):
        monkeypatch.setattr(board, name, lambda *_: pytest.fail("computed again"))
    found = board.apply(
        Scenario(name="x", carbon_factor="grid.national.2022", types=("ground",), target_mw=9.0)
    )
    assert found.total()["mw_dc"] == first.total()["mw_dc"]
    assert found.total()["co2_t_year"] != first.total()["co2_t_year"]


def test_only_the_last_scenarios_are_kept(board):
    for step in range(3 * MOST_KEPT):
        board.apply(Scenario(name="x", density_factor={"ground": 1 + step / 1000}))
    assert len(board._kept) == MOST_KEPT


def test_sites_that_do_not_count_are_left_out_and_change_nothing_for_others(sites, board):
    whole, keep = board.apply(Scenario()).total(), (sites["sector"] == "public").to_numpy()
    part, rest = (board.apply(Scenario(), keep=which).total() for which in (keep, ~keep))
    assert part["mw_dc"] == pytest.approx(sites.loc[keep, "kwp_dc_central"].sum() / 1000)
    for name in ("sites", "mw_dc", "capex", "co2_t_year"):
        assert part[name] + rest[name] == pytest.approx(whole[name])
    assert board.apply(Scenario()).total() == whole


def test_a_scenario_survives_a_file_and_an_address(tmp_path):
    scenario = Scenario(
        name='午间"谷价',
        packs=("national",),
        usable_share={"roof_flat": 0.4},
        share_factor={"public": 1.5},
        values={"costs.price.feed_in": 0.2, "losses.dc_ac_ratio.roof": 1.3},
        types=("roof_flat", "ground"),
        target_mw=250,
        by=2027,
        module_efficiency=0.247,
        note="a\nb",
    )
    save_scenario(scenario, tmp_path / "s.toml")
    assert load_scenario(tmp_path / "s.toml") == scenario
    assert from_address(to_address(scenario)) == scenario
    assert to_address(Whole()) == ""
    assert Whole.from_dict(scenario.as_dict()) == scenario


def test_saved_scenarios_are_found_by_name_and_replaced(tmp_path):
    for target in (300.0, 310.0):
        keep_scenario(Scenario(name="../甲 A", target_mw=target), tmp_path)
    keep_scenario(Scenario(name="../乙 A", target_mw=1.0), tmp_path)
    (tmp_path / "broken.toml").write_text("[", encoding="utf-8")
    found = saved_scenarios(tmp_path)
    assert sorted(found) == ["../乙 A", "../甲 A"]
    assert load_scenario(found["../甲 A"]).terms.target_mw == 310.0
    assert all(file.parent == tmp_path for file in found.values())
    with pytest.raises(InputError, match="must have from 1 to 60 characters"):
        keep_scenario(Scenario(name=" "), tmp_path)


def test_all_faults_of_a_scenario_at_once():
    wrong = {
        "usable_share": {"roof": 0.5, "ground": 0},
        "share_factor": {"industry": 2.5},
        "values": {"costs.a": -1},
        "types": ["x"],
        "density_factor": {"ground": 9},
        "target_mw": 0,
        "module_efficiency": 2,
        "statuses": "allowed",
        "rules_off": [1],
        "colour": 1,
        "by": 2030.5,
        "carbon_life": "yes",
    }
    with pytest.raises(InputError) as caught:
        scenario_from_tree(wrong)
    columns = {fault.column for fault in caught.value.faults}
    assert columns == {
        "usable_share", "usable_share.ground", "share_factor.industry", "values.costs.a", "types",
        "density_factor.ground", "target_mw", "module_efficiency", "statuses", "rules_off", "colour", "by",
        "carbon_life",
    }  # fmt: skip


@pytest.mark.parametrize("text", ["%%%", "AAAA", "x" * 9000, "eJw="])
def test_addresses_that_are_none(text):
    with pytest.raises(InputError, match="is no scenario in an address"):
        from_address(text)


def test_unknown_numbers_and_rules(board):
    with pytest.raises(InputError, match=r"costs\.toml, capex\.roof: this number is missing"):
        board.apply(Scenario(name="x", values={"costs.capex.roof": 1}))
    with pytest.raises(InputError, match="this number is missing"):
        board.apply(Scenario(name="x", carbon_factor="grid.mars.2022"))
    manifest = {"scenario": Whole().as_dict()}
    assert needs_new_run(Scenario(rules_off=("a",), usable_share={"ground": 0.5}), manifest) == ()
    assert needs_new_run(Scenario(packs=("national",)), manifest) == ("packs",)
    values = {"losses.dc_ac_ratio.roof": 1.3, "costs.price.feed_in": 0.1}
    assert needs_new_run(Scenario(values=values), manifest) == ("losses.dc_ac_ratio.roof",)
    strict = {"scenario": Scenario(rules_off=("b",)).as_dict()}
    assert needs_new_run(Scenario(), strict) == ("rules_off: b",)


def test_the_assessment_of_a_scenario_is_the_scenario_on_the_run(tmp_path):
    """One file, two ways: assessed anew, and applied to the sites of the run."""
    region = load_region(make_region(tmp_path / "region"))
    file = tmp_path / "s.toml"
    scenario = Scenario(
        name="bold", usable_share={"roof_metal": 0.5}, share_factor={"residential": 1.3, "agriculture": 0.5},
        density_factor={"roof_flat": 0.9}, module_efficiency=0.24, carbon_factor="grid.national.2023",
        carbon_life=True, values={"costs.finance.discount_rate": 0.08},
    )  # fmt: skip
    save_scenario(scenario, file)
    runs = {}
    for name, chosen in (("reference", Whole()), ("bold", load_scenario(file))):
        settings = Settings(only="sites", scenario=chosen)
        assess_region(region, out=tmp_path / name, settings=settings, progress=lambda *_: None)
        runs[name] = Run(tmp_path / name)
    found = Board(runs["reference"].sites, CATALOGS).apply(scenario)
    sums = runs["bold"].sites.groupby("type")[["kwp_dc_central", "kwh_year_p50", "capex", "co2_t_year"]].sum()
    table = found.by("type")
    assert table["mw_dc"].to_numpy() * 1000 == pytest.approx(sums["kwp_dc_central"].to_numpy(), rel=1e-6)
    assert table["gwh_year"].to_numpy() * 1e6 == pytest.approx(sums["kwh_year_p50"].to_numpy(), rel=1e-4)
    assert table["capex"].to_numpy() == pytest.approx(sums["capex"].to_numpy(), rel=1e-6)
    assert table["co2_t_year"].to_numpy() == pytest.approx(sums["co2_t_year"].to_numpy(), rel=1e-4)


def test_half_a_million_sites_answer_within_a_second():
    board = Board(made_up(500_000), CATALOGS)
    board.apply(Scenario())
    seconds = []
    for share in (0.3, 0.35, 0.4):
        start = time.process_time()
        board.apply(
            Scenario(name="x", usable_share={"roof_flat": share}, values={"costs.price.feed_in": share})
        )
        seconds.append(time.process_time() - start)
    assert min(seconds) < 0.15
