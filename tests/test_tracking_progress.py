"""Progress: sums by hand, unknown never zero, parts adding up to the whole."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tracking.progress import progress
from tracking.projects import FIELDS, projects_frame
from tracking.targets import load_targets

REGION = Path(__file__).parents[1] / "data" / "xixian"
TARGETS = {target.id: target for target in load_targets(REGION / "targets.toml")}


def pv(name, status, *, dc=None, ac=None, unstated=None, date=None, town="fengxi", sector="industry"):
    return {
        "name": name,
        "kind": "pv",
        "status": status,
        "town": town,
        "sector": sector,
        "capacity_mw_dc": dc,
        "capacity_mw_ac": ac,
        "capacity_mw_unstated": unstated,
        "date_operating" if status == "operating" else "date_expected": date,
    }


def heat(name, status, m2, date, town="fengxi"):
    key = "date_operating" if status == "operating" else "date_expected"
    return {"name": name, "kind": "geothermal", "status": status, "heated_m2": m2, key: date, "town": town}


def row(records, target, basis="dc"):
    target = TARGETS[target] if isinstance(target, str) else target
    found = progress([target], projects_frame(records)).targets
    return found.set_index("basis").loc[basis]


LEDGER = [
    pv("A", "operating", dc=60, ac=50, date="2024-06-01"),
    pv("B", "operating", dc=40, date="2026-03-01"),
    pv("C", "under_construction", unstated=30, date="2025-10-01"),
    pv("D", "approved", ac=20),
    pv("E", "proposed", dc=100, date="2029-01-01"),
    pv("F", "retired", dc=500),
    pv("G", "approved"),
]


def test_2030_by_hand():
    found = row(LEDGER, "PV-CAP-2030")
    assert found["operating"] == 100
    assert found["under_construction"] == 30
    assert found["approved"] == 0
    assert found["proposed"] == 100
    assert found["progress"] == 130
    assert found["gap"] == 260
    assert found["share"] == pytest.approx(130 / 390)
    assert found["unstated"] == 30
    assert found["projects"] == 6


def test_a_size_in_the_other_basis_is_unknown_not_converted():
    dc, ac = row(LEDGER, "PV-CAP-2030"), row(LEDGER, "PV-CAP-2030", "ac")
    assert dc["unknown_count"] == 2
    assert ac["approved"] == 20
    assert ac["operating"] == 50
    assert ac["unknown_count"] == 3


def test_2025_counts_what_stood_then():
    found = row(LEDGER, "PV-CAP-2025")
    assert found["operating"] == 60
    assert found["later"] == 140
    assert found["verdict_operating"] == "not_met"


def test_exactly_200_does_not_exceed_200():
    exact = [pv("A", "operating", dc=200, date="2025-12-31")]
    assert row(exact, "PV-CAP-2025")["verdict_operating"] == "not_met"
    more = [*exact, pv("B", "operating", dc=0.1, date="2025-12-31")]
    assert row(more, "PV-CAP-2025")["verdict_operating"] == "met"


def test_unknown_projects_leave_the_verdict_open():
    known = [pv("A", "operating", dc=100, date="2024-01-01")]
    assert row(known, "PV-CAP-2030")["verdict"] == "not_met"
    vague = [*known, pv("B", "approved")]
    assert row(vague, "PV-CAP-2030")["verdict"] == "unknown"
    assert row(vague, "PV-CAP-2030")["verdict_operating"] == "not_met"
    enough = [*vague, pv("C", "operating", dc=300, date="2024-01-01")]
    assert row(enough, "PV-CAP-2030")["verdict"] == "met"


def test_an_empty_ledger_knows_nothing():
    found = row([], "PV-CAP-2025")
    assert found["verdict_operating"] == "unknown"
    assert np.isnan(found["potential"])
    assert np.isnan(found["remaining"])


def test_the_increment_counts_only_what_is_dated_within_it():
    ledger = [
        heat("old", "operating", 1e6, "2022-12-31"),
        heat("new", "operating", 2e6, "2023-01-01"),
        heat("late", "operating", 4e6, "2026-01-01"),
        heat("undated", "operating", 8e6, None),
    ]
    found = row(ledger, "GEO-ADD-2025", "")
    assert found["operating"] == 2e6
    assert found["undated"] == 8e6
    assert found["verdict"] == "unknown"


def test_the_stock_needs_its_base():
    ledger = [heat("old", "operating", 1e6, "2020-01-01"), heat("new", "operating", 2e6, "2024-01-01")]
    unknown = row(ledger, "GEO-STOCK-2030", "")
    assert (unknown["operating"], unknown["verdict"]) == (3e6, "unknown")
    based = row(ledger, replace(TARGETS["GEO-STOCK-2030"], base=20e6), "")
    assert (based["operating"], based["verdict"]) == (22e6, "not_met")
    smaller = row(ledger, replace(TARGETS["GEO-STOCK-2030"], base=0.5e6), "")
    assert smaller["operating"] == 3e6


def test_parts_add_up_to_the_whole():
    rng = np.random.default_rng(5)
    towns = np.array([None, "fengxi", "jinghe"], dtype=object)
    ledger = [
        pv(
            f"P{i}",
            str(rng.choice(["operating", "under_construction", "approved", "proposed", "retired"])),
            dc=None if i % 4 == 0 else float(rng.integers(1, 9)),
            date=None if i % 3 == 0 else f"{rng.integers(2020, 2032)}-05-01",
            town=rng.choice(towns),
            sector=rng.choice(np.array([None, "industry", "public"], dtype=object)),
        )
        for i in range(200)
    ]
    found = progress([TARGETS["PV-CAP-2025"], TARGETS["PV-CAP-2030"]], projects_frame(ledger))
    columns = [
        "operating",
        "under_construction",
        "approved",
        "proposed",
        "progress",
        "unknown_count",
        "projects",
    ]
    columns += ["unstated", "undated", "later"]
    whole = found.targets.set_index(["target", "basis"])[columns].astype(float)
    for parts in (found.towns, found.sectors):
        sums = parts.groupby(["target", "basis"])[columns].sum().astype(float)
        pd.testing.assert_frame_equal(sums.loc[whole.index], whole)


def test_built_is_not_potential():
    summary = pd.DataFrame(
        {
            "town": ["fengxi", "jinghe"],
            "sector": "industry",
            "kwp_dc_central": [150e3, 50e3],
            "kw_ac": [120e3, 40e3],
        }
    )
    found = progress([TARGETS["PV-CAP-2030"]], projects_frame(LEDGER), summary)
    whole = found.targets.set_index("basis").loc["dc"]
    assert (whole["potential"], whole["remaining"]) == (200, 100)
    towns = found.towns.set_index(["basis", "town"]).loc["dc"]
    assert towns.loc["fengxi", "remaining"] == 50
    assert towns.loc["jinghe", "remaining"] == 50


def test_years_are_a_running_stock():
    years = progress([TARGETS["PV-CAP-2030"]], projects_frame(LEDGER)).years
    dc = years[years["basis"] == "dc"].set_index("year")["operating"]
    assert dc.loc[2024] == 60
    assert dc.loc[2026] == 100
    assert dc.is_monotonic_increasing
    assert dc.index[-1] == 2030


def test_the_plans_own_projects():
    projects = projects_frame(pd.read_csv(REGION / "projects.csv"))
    found = progress(TARGETS.values(), projects)
    pv_row = found.targets.set_index(["target", "basis"]).loc[("PV-CAP-2030", "dc")]
    assert pv_row["proposed"] == 150
    assert pv_row["progress"] == 0
    assert pv_row["unknown_count"] == 2
    assert len(projects[projects["name"].str.contains("隆基")]) == 1
    assert set(found.unknown["id"]) >= {"plan-02", "plan-03", "plan-05"}
    assert "plan-10" not in set(found.unknown["id"])
    assert len(found.context) == 6


def test_the_frame_keeps_unknown_unknown():
    frame = projects_frame([{"name": "A", "capacity_mw_dc": "", "extra": 1}])
    assert np.isnan(frame.loc[0, "capacity_mw_dc"])
    assert frame.loc[0, "town"] is None
    assert list(frame.columns) == [*(field.name for field in FIELDS), "extra"]
