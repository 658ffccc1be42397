"""Where targets will end: the forecast beside them, and each town's share; one site's money in full."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from assessment.run import Run
from faults import InputError
from layers.catalog import load_catalog
from layers.region import EMBEDDED, load_region
from tests.runs import make_run
from tracking.outlook import outlook, share_target
from tracking.plan_hours import export_by_town, hours_by_type, plan_hours
from tracking.projects import projects_frame
from tracking.site_dossier import site_dossier, site_hours
from tracking.targets import Target

CATALOG = Path(__file__).parents[1] / "data" / "catalog"
PIPELINE = load_catalog(CATALOG / "pipeline.toml")


def target(**changes):
    given = {
        "id": "PV", "measure": "pv_mw", "year": 2030, "value": 100.0, "unit": "MW", "nature": "stock",
        "strict": False, "basis": "dc", "wording": "w", "paragraph": "1", "name_zh": "n", "name_en": "n",
        "source": "s",
    }  # fmt: skip
    return Target(**{**given, **changes})


def project(**values):
    return {"name": "P", "kind": "pv", "status": "operating", "town": "fengxi", **values}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return Run(make_run(tmp_path_factory.mktemp("run") / "run", n_sites=1200, seed=4))


@pytest.mark.parametrize(("mw", "verdict"), [(100.0, "certain"), (20.0, "no")])
def test_what_operates_decides_the_verdict(run, mw, verdict):
    projects = projects_frame([project(capacity_mw_dc=mw, date_operating="2024-05-01")])
    found = outlook([target()], projects, run.summary, None, assumptions=PIPELINE)
    assert found.met["verdict"].tolist() == [verdict]
    assert found.forecasts["year"].tolist() == list(range(2025, 2031))
    assert (found.forecasts["low"] <= found.forecasts["high"]).all()


def test_a_pipeline_that_must_go_well_is_unlikely_and_unknown_is_counted(run):
    projects = projects_frame(
        [
            project(capacity_mw_dc=90.0, date_operating="2024-05-01"),
            project(capacity_mw_dc=12.0, status="approved", date_expected="2028-06-30"),
            project(status="proposed"),
        ]
    )
    found = outlook([target()], projects, run.summary, None, assumptions=PIPELINE)
    row = found.met.iloc[0]
    assert row["low"] < 100 <= row["high"] + 12
    assert row["verdict"] in {"likely", "unlikely", "no"}
    assert found.forecasts["unknown_count"].iloc[0] == 1
    assert len(found.progress.unknown) == 1


def test_an_increment_is_not_judged_by_the_stock(run):
    heat = target(id="H", measure="heat_m2", unit="m2", basis="", nature="increment", since_year=2022)
    found = outlook([heat], projects_frame([]), run.summary, run.heat_summary, assumptions=PIPELINE)
    assert found.met["verdict"].tolist() == ["increment"]


def test_shares_sum_to_what_the_towns_must_have(run):
    built = {"date_operating": "2024-05-01"}
    here, nowhere = (
        project(capacity_mw_dc=5.0, **built),
        project(capacity_mw_dc=3.0, **{**built, "town": None}),
    )
    here = project(capacity_mw_dc=5.0, date_operating="2024-05-01")
    nowhere = {**here, "capacity_mw_dc": 3.0, "town": None}
    projects = projects_frame([here, nowhere])
    goal = target(value=20.0)
    found = outlook([goal], projects, run.summary, None, assumptions=PIPELINE).progress
    for key in ("potential", "roof_area", "equal"):
        table = share_target(found, "PV", "dc", key=key, summary=run.summary)
        assert table["target"].sum() == pytest.approx(20.0 - 3.0)
        assert (table["to_add"] >= -1e-9).all()
    needs = {"fengxi": 1.0, "jinghe": 3.0}
    need = share_target(found, "PV", "dc", key="need", summary=run.summary, need=needs).set_index("town")
    assert need["target"]["jinghe"] == pytest.approx(17.0 - 5.0)
    assert need["limited"]["fengxi"] == "built"
    with pytest.raises(InputError, match=r"XX \(dc\)"):
        share_target(found, "XX", "dc", key="equal", summary=run.summary)


def test_the_hours_of_all_sites_are_those_of_the_run_and_of_half_are_half(run):
    whole = plan_hours(run, run.sites)
    assert whole["made_gwh"].sum() == pytest.approx(
        pd.read_parquet(run.path / "hourly.parquet")["kwh"].sum() / 1e6, rel=1e-6
    )
    half = plan_hours(run, run.sites.assign(kwh_year_p50=run.sites["kwh_year_p50"] / 2))
    assert half["made_gwh"].to_numpy() == pytest.approx(whole["made_gwh"].to_numpy() / 2)
    assert whole["self_sufficiency"].isna().all()
    day = hours_by_type(run, run.sites)
    assert day["kwh"].sum() * 365 == pytest.approx(whole["made_gwh"].sum() * 1e6, rel=0.01)
    assert export_by_town(run, None) == {}
    assert whole["curtailed_gwh"].isna().all()
    assert set(whole["headroom"]) == {"none"}


def test_unknown_headroom_is_never_no_limit(run, monkeypatch):
    """All known: a limit. One unknown: the known part bounds curtailment. None known: unknown."""
    middles = run.towns.geometry.representative_point().to_numpy()
    key = "town" if "town" in run.towns else "id"
    towns = run.towns[key].astype(str).tolist()
    rooms = {"a": (towns[0], 0.5), "b": (towns[1], 0.5), "c": (towns[1], np.nan), "d": (towns[2], np.nan)}
    grid = gpd.GeoDataFrame(
        {"id": list(rooms), "headroom_mw": [room for _, room in rooms.values()]},
        geometry=[middles[towns.index(town)] for town, _ in rooms.values()],
        crs=run.towns.crs,
    )
    monkeypatch.setattr("tracking.plan_hours.read_layer", lambda *_: SimpleNamespace(frame=grid))
    limits = export_by_town(run, load_region(EMBEDDED))
    assert limits[towns[1]] == (0.5, 1, 1)
    assert towns[3] not in limits
    found = plan_hours(run, run.sites, region=load_region(EMBEDDED)).set_index("town")
    assert found["headroom"].reindex(towns[:4]).tolist() == ["all", "part", "none", "none"]
    for town in towns[:2]:
        row = found.loc[town]
        assert row["peak_export_mw"] == pytest.approx(0.5)
        assert row["curtailed_gwh"] == pytest.approx(row["made_gwh"] - row["exported_gwh"])
        assert row["curtailed_gwh"] > 0
    assert (
        found.loc[towns[2:4], ["curtailed_gwh", "exported_gwh", "storage_needed_mwh"]].isna().all(axis=None)
    )
    assert found["made_gwh"].gt(0).all()


def test_a_load_gives_self_sufficiency_and_storage(run):
    made = plan_hours(run, run.sites).set_index("town")["made_gwh"]
    times = sorted(pd.read_parquet(run.path / "hourly.parquet")["time"].unique())
    load = pd.DataFrame({town: gwh * 1e6 / len(times) for town, gwh in made.items()}, index=times)
    found = plan_hours(run, run.sites, load=load)
    assert found["self_sufficiency"].between(0.1, 0.9).all()
    assert (found["used_gwh"] + found["bought_gwh"]).to_numpy() == pytest.approx(made.to_numpy(), rel=1e-6)


def test_one_site_in_full(run):
    catalogs = {name: load_catalog(path) for name, path in load_region(EMBEDDED).catalogs.items()}
    sites = run.sites
    site = sites[(sites["use"] == "industrial") & sites["lcoe"].notna()].iloc[0]
    found = site_dossier(run, site["id"], catalogs)
    assert found["range"].loc["favourable", "lcoe"] < found["range"].loc["adverse", "lcoe"]
    assert found["cash_flow"]["net"].sum() == pytest.approx(found["cash_flow"]["cumulative"].iloc[-1])
    assert found["connection_cny"] > 0 or np.isnan(found["connection_cny"])
    tariffs = found["self_use"]
    assert tariffs.loc["midday_valley", "price_cny_kwh"] < tariffs.loc["until_2024", "price_cny_kwh"]
    assert tariffs["self_use_share"].between(0, 1).all()
    assert tariffs.loc["midday_valley", "npv"] < tariffs.loc["until_2024", "npv"]
    assert tariffs.loc["midday_valley", "irr"] < tariffs.loc["until_2024", "irr"]
    kwh, times = site_hours(run, site)
    assert kwh.sum() == pytest.approx(site["kwh_year_p50"])
    assert times[0].utcoffset().total_seconds() == 8 * 3600
    with pytest.raises(InputError, match=r"nowhere.*is no site of this run"):
        site_dossier(run, "nowhere", catalogs)
