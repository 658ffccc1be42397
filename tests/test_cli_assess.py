from __future__ import annotations

import hashlib
import json
import subprocess
import sys

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from assessment.run import SITES, Run
from tests.command import yijian
from tests.small_region import make_region


@pytest.fixture(scope="module")
def region(tmp_path_factory):
    return make_region(tmp_path_factory.mktemp("cli") / "region")


@pytest.fixture(scope="module")
def done(region, tmp_path_factory):
    out = tmp_path_factory.mktemp("runs") / "run"
    return yijian("assess", region, "--out", out, "--json"), out


def digests(folder):
    files = sorted(file for file in folder.rglob("*") if file.is_file() and file.name != "timings.json")
    return {str(f.relative_to(folder)): hashlib.sha256(f.read_bytes()).hexdigest() for f in files}


def test_json_is_one_object_with_the_promised_keys_and_nothing_else(done):
    finished, out = done
    assert finished.returncode == 0, finished.stderr
    said = json.loads(finished.stdout)
    promised = {"run", "seconds", "peak_mb", "sites", "kwp_dc", "kwh_year", "heatable_m2", "not_checked"}
    assert promised <= set(said)
    assert set(said["kwp_dc"]) == {"low", "central", "high"}
    assert set(said["kwh_year"]) == {"p50", "p90"}
    assert said["run"] == str(out)
    assert "military" in said["not_checked"]


def test_the_run_folder_is_whole_and_opens(done):
    said, run = json.loads(done[0].stdout), Run(done[1])
    assert len(run.sites) == said["sites"]
    assert run.sites["kwp_dc_central"].sum() == pytest.approx(said["kwp_dc"]["central"])
    assert run.summary["kwp_dc_central"].sum() == pytest.approx(said["kwp_dc"]["central"])
    assert run.heat["heatable_m2"].sum() == pytest.approx(said["heatable_m2"])
    assert run.manifest["not_checked"] == said["not_checked"]
    assert [column["name"] for column in json.loads((done[1] / "columns.json").read_text())["sites"]] == [
        column.name for column in SITES
    ]
    for name in ("excluded", "towns", "heat_summary", "waterfall"):
        assert len(getattr(run, name))
    for name in ("supply_curve.csv", "hourly.parquet", "timings.json", "rejected"):
        assert (done[1] / name).exists()


def test_the_same_inputs_give_the_same_bytes(done, region, tmp_path):
    assert yijian("assess", region, "--out", tmp_path / "again").returncode == 0
    assert digests(tmp_path / "again") == digests(done[1])


def test_one_half_of_the_work_alone_gives_that_half(done, region, tmp_path):
    finished = yijian("assess", region, "--out", tmp_path / "half", "--only", "sites", "--json")
    said = json.loads(finished.stdout)
    assert said["heatable_m2"] is None
    assert said["kwp_dc"] == json.loads(done[0].stdout)["kwp_dc"]
    assert not (tmp_path / "half" / "heat.parquet").exists()


def test_a_scenario_changes_what_it_names(done, region, tmp_path):
    scenario = tmp_path / "s.toml"
    scenario.write_text(
        'rules_off = ["cultivated_land"]\n[values.costs.capex]\nroof_metal = 5.52\n', encoding="utf-8"
    )
    finished = yijian("assess", region, "--out", tmp_path / "s", "--scenario", scenario, "--only", "sites")
    assert finished.returncode == 0, finished.stderr
    base, changed = Run(done[1]), Run(tmp_path / "s")
    assert "cultivated" in set(changed.sites["use"]) - set(base.sites["use"])
    metal = [run.sites.loc[run.sites["type"] == "roof_metal", "capex"].sum() for run in (base, changed)]
    assert metal[1] == pytest.approx(2 * metal[0], rel=1e-9)


def test_a_failing_run_leaves_the_old_folder_as_it_was(region, tmp_path):
    old = tmp_path / "run"
    assert yijian("assess", region, "--out", old, "--only", "sites").returncode == 0
    before = digests(old)
    broken = make_region(tmp_path / "broken")
    (broken / "farmland.gpkg").write_bytes(b"no file")
    finished = yijian("assess", broken, "--out", old)
    assert finished.returncode == 2
    assert "farmland" in finished.stderr
    assert digests(old) == before
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


BAD = {
    "no such region": (lambda r: r.joinpath("region.toml").unlink(), r"region\.toml"),
    "a missing file": (lambda r: (r / "buildings.gpkg").unlink(), "buildings"),
    "an unknown pack": (
        lambda r: edit(r, 'packs = ["national"', 'packs = ["nation"'),
        "nation",
    ),
    "an unknown key": (lambda r: edit(r, "seed = 1", "sede = 1"), "sede"),
    "a metric CRS in degrees": (lambda r: edit(r, '"EPSG:4545"', '"EPSG:4326"'), "EPSG:4326"),
    "no climate": (lambda r: edit(r, "[climate]\nnormals", "[climate]\nnormal"), "climate"),
}


def keep_rows(region, name, rows):
    file = region / f"{name}.gpkg"
    gpd.read_file(file).iloc[rows].to_file(file, driver="GPKG")


def test_a_region_of_empty_layers_names_each_of_them(tmp_path):
    region = make_region(tmp_path / "region")
    for name in ("buildings", "farmland", "municipal"):
        keep_rows(region, name, slice(0, 0))
    finished = yijian("assess", region, "--out", tmp_path / "run")
    assert finished.returncode == 2
    for name in ("buildings.gpkg", "farmland.gpkg", "municipal.gpkg"):
        assert f"{name}: holds no rows" in finished.stderr


def test_a_region_where_no_rule_takes_anything_is_assessed(tmp_path):
    region = make_region(tmp_path / "region")
    for name in ("farmland", "restrictions", "municipal"):
        keep_rows(region, name, slice(0, 0))
    finished = yijian("assess", region, "--out", tmp_path / "run", "--only", "sites", "--json")
    assert finished.returncode == 0, finished.stderr
    assert len(Run(tmp_path / "run").excluded) == 0
    assert len(Run(tmp_path / "run").sites) == json.loads(finished.stdout)["sites"]


def edit(region, old, new):
    file = region / "region.toml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize("case", BAD)
def test_bad_input_ends_with_code_2_and_one_clear_message(case, tmp_path):
    spoil, said = BAD[case]
    region = make_region(tmp_path / "region")
    spoil(region)
    finished = yijian("assess", region, "--out", tmp_path / "run")
    assert finished.returncode == 2
    assert pd.Series([finished.stderr]).str.contains(said).all(), finished.stderr
    assert "Traceback" not in finished.stderr
    assert not (tmp_path / "run").exists()


def test_rejected_rows_go_to_a_file_with_their_reason(tmp_path):
    region = make_region(tmp_path / "region")
    buildings = gpd.read_file(region / "buildings.gpkg")
    buildings["height_m"] = buildings["height_m"].astype(object)
    buildings.loc[3, "height_m"] = "tall"
    buildings.loc[5, "geometry"] = shapely.Polygon()
    buildings.to_file(region / "buildings.gpkg", driver="GPKG")
    finished = yijian("assess", region, "--out", tmp_path / "run", "--only", "sites")
    assert finished.returncode == 0, finished.stderr
    rejected = pd.read_csv(tmp_path / "run" / "rejected" / "buildings.csv")
    assert 6 in set(rejected["row"])
    entry = next(e for e in Run(tmp_path / "run").manifest["inputs"] if e["layer"] == "buildings")
    assert entry["rejected"] >= 1
    assert entry["rows"] + entry["rejected"] == len(buildings)


def test_the_installed_command_ends_with_code_2_and_no_traceback(tmp_path):
    words = [sys.executable, "-m", "cli", "assess", str(tmp_path / "nowhere")]
    finished = subprocess.run(words, capture_output=True, text=True, check=False, timeout=120)
    assert finished.returncode == 2
    assert "nowhere" in finished.stderr
    assert "Traceback" not in finished.stderr


def test_help_teaches_with_an_example():
    for command in ("assess", "check", "export", "report", "app"):
        said = yijian(command, "--help").stdout
        assert "Example" in said, command
