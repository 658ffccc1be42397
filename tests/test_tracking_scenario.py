"""Scenarios: checked, kept, compared; applied to a run they change what they say and nothing else."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from assessment.economics import add_economics
from assessment.run import PV_TYPES, SECTORS
from faults import InputError
from layers.catalog import load_catalog
from tracking.scenario import (
    Scenario,
    from_address,
    load_scenario,
    save_scenario,
    scenario_from_dict,
    to_address,
)
from tracking.whatif import Board, compare

CATALOG = Path(__file__).parents[1] / "data" / "catalog"
COSTS, CARBON = load_catalog(CATALOG / "costs.toml"), load_catalog(CATALOG / "carbon.toml")
TOWNS = ["fengdong", "fengxi", "jinghe"]


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
    return Board(sites, costs=COSTS, carbon=CARBON, module_efficiency=0.225)


def test_the_reference_is_the_run_itself(sites, board):
    found = board.apply(Scenario()).totals.set_index(["town", "type"]).sort_index()
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


def test_density_module_and_yield(sites, board):
    dense = board.apply(Scenario(name="x", density_w_m2={"ground": 100.0})).by("type").loc["ground"]
    ground = sites[sites["type"] == "ground"]
    assert dense["mw_dc"] == pytest.approx(ground["usable_m2"].sum() * 100 / 1e6)
    assert dense["gwh_year"] == pytest.approx(dense["mw_dc"] * 1.1)
    better = board.apply(Scenario(name="y", module_efficiency=0.247, density_w_m2={"ground": 100.0}))
    assert better.by("type").loc["ground", "mw_dc"] == pytest.approx(dense["mw_dc"])
    assert better.by("type").loc["verge", "mw_dc"] == pytest.approx(
        board.apply(Scenario()).by("type").loc["verge", "mw_dc"] * 0.247 / 0.225
    )


def test_prices_carbon_and_choice(board):
    base = board.apply(Scenario()).total()
    dear = board.apply(Scenario(name="x", values={"costs.capex.roof_flat": 5.52})).total()
    assert dear["capex"] > base["capex"]
    assert dear["mw_dc"] == base["mw_dc"]
    nation = board.apply(Scenario(name="y", carbon_factor="grid.national.2023")).total()
    assert nation["co2_t_year"] == pytest.approx(base["co2_t_year"] * 0.5306 / 0.6558)
    half = board.apply(Scenario(name="z", types=("roof_flat",), statuses=("allowed",)))
    assert set(half.totals["type"]) == {"roof_flat"}
    assert half.total()["sites"] < base["sites"] / 12


def test_nothing_is_computed_again_that_did_not_change(board, monkeypatch):
    board.apply(Scenario())
    for name in ("_capacity", "_money"):
        monkeypatch.setattr(board, name, lambda *_: pytest.fail("computed again"))
    board.apply(Scenario(name="x", carbon_factor="grid.national.2023", types=("ground",)))


def test_side_by_side(board):
    table = compare(
        [board.apply(Scenario()), board.apply(Scenario(name="half", usable_share={"ground": 0.2}))]
    )
    assert table.index.tolist() == [*TOWNS, "all"]
    for name in ("reference", "half"):
        assert table.loc[TOWNS, (name, "mw_dc")].sum() == pytest.approx(table.loc["all", (name, "mw_dc")])
    with pytest.raises(InputError, match="need names of their own"):
        compare([board.apply(Scenario()), board.apply(Scenario())])


def test_a_scenario_survives_a_file_and_an_address(tmp_path):
    scenario = Scenario(
        name="午间谷价",
        packs=("national",),
        usable_share={"roof_flat": 0.4},
        values={"costs.price.feed_in": 0.2},
        types=("roof_flat", "ground"),
        target_mw=250,
        by=2027,
        module_efficiency=0.247,
    )
    save_scenario(scenario, tmp_path / "s.json")
    assert load_scenario(tmp_path / "s.json") == scenario
    assert from_address(to_address(scenario)) == scenario
    assert len(to_address(Scenario())) < 16


def test_all_faults_of_a_scenario_at_once(tmp_path):
    with pytest.raises(InputError) as caught:
        Scenario(
            name=" ",
            usable_share={"roof": 0.5, "ground": 0},
            values={"price": 1, "costs.a": -1},
            types=("x",),
            density_w_m2={"ground": 900},
            target_mw=0,
            module_efficiency=2,
            statuses=("?",),
        )
    columns = {fault.column for fault in caught.value.faults}
    assert columns == {
        "name",
        "usable_share",
        "usable_share.ground",
        "values",
        "values.costs.a",
        "types",
        "density_w_m2.ground",
        "target_mw",
        "module_efficiency",
        "statuses",
    }
    with pytest.raises(InputError, match="colour: is no key of a scenario"):
        scenario_from_dict({"colour": 1})
    with pytest.raises(InputError, match="must be a list of texts"):
        scenario_from_dict({"types": "roof_flat"})
    with pytest.raises(InputError, match="must be one JSON object"):
        scenario_from_dict([1])
    (tmp_path / "s.json").write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match="is no valid JSON"):
        load_scenario(tmp_path / "s.json")


@pytest.mark.parametrize("text", ["", "%%%", "AAAA", "x" * 9000, "eJw="])
def test_addresses_that_are_none(text):
    with pytest.raises(InputError, match="is no scenario in an address"):
        from_address(text)


def test_unknown_numbers_and_rules(board):
    with pytest.raises(InputError, match=r"costs\.toml, capex\.roof: this number is missing"):
        board.apply(Scenario(name="x", values={"costs.capex.roof": 1}))
    with pytest.raises(InputError, match="this number is missing"):
        board.apply(Scenario(name="x", carbon_factor="grid.mars.2022"))
    assert not Scenario().needs_new_run({"scenario": {"packs": None, "rules_off": []}})
    assert Scenario(name="x", rules_off=("a",)).needs_new_run({"scenario": {"packs": None, "rules_off": []}})
    assert Scenario(name="x", packs=("national",)).needs_new_run({})


def test_a_new_run_gets_the_shares_of_every_use():
    shares = load_catalog(CATALOG / "usable_share.toml")
    found = Scenario(name="x", usable_share={"roof_metal": 0.5}, rules_off=("a",)).for_assessment(shares)
    assert found.as_dict()["values"]["usable_share.roof_metal.industrial"] == 0.5
    assert not any(key.startswith("usable_share.roof_flat") for key in found.as_dict()["values"])
    assert found.rules_off == {"a"}


def test_half_a_million_sites_answer_within_a_second():
    board = Board(made_up(500_000), costs=COSTS, carbon=CARBON, module_efficiency=0.225)
    board.apply(Scenario())
    seconds = []
    for share in (0.3, 0.35, 0.4):
        start = time.process_time()
        board.apply(
            Scenario(name="x", usable_share={"roof_flat": share}, values={"costs.price.feed_in": share})
        )
        seconds.append(time.process_time() - start)
    assert min(seconds) < 1.0
