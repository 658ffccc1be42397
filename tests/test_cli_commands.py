from __future__ import annotations

import json

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import rasterio

from layers.region import EMBEDDED
from tests.command import yijian
from tests.small_region import EAST, NORTH, make_region

CLIMATE = EMBEDDED / "climate_normals.csv"


@pytest.fixture(scope="module")
def region(tmp_path_factory):
    return make_region(tmp_path_factory.mktemp("commands") / "region")


@pytest.fixture(scope="module")
def run(region, tmp_path_factory):
    out = tmp_path_factory.mktemp("commands") / "run"
    finished = yijian("assess", region, "--out", out)
    assert finished.returncode == 0, finished.stderr
    return out


@pytest.fixture(autouse=True)
def own_home(monkeypatch, tmp_path):
    monkeypatch.setenv("YIJIAN_HOME", str(tmp_path / "home"))


def said(*words):
    finished = yijian(*words, "--json")
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout)


def test_pv_says_what_is_promised_and_scales_with_capacity():
    words = ("--lat", 34.36, "--lon", 108.75, "--tilt", 25, "--climate", CLIMATE)
    one, hundred = said("pv", *words), said("pv", *words, "--kwp", 100)
    assert {"kwh_year", "kwh_month", "poa_kwh_m2_year", "kwp_dc", "kw_ac"} <= set(one)
    assert len(one["kwh_month"]) == 12
    assert sum(one["kwh_month"]) == pytest.approx(one["kwh_year"])
    assert hundred["kwh_year"] == pytest.approx(100 * one["kwh_year"], rel=1e-9)


def test_pv_writes_its_hours(tmp_path):
    words = (
        "--lat",
        34.36,
        "--lon",
        108.75,
        "--tilt",
        25,
        "--climate",
        CLIMATE,
        "--hourly",
        tmp_path / "h.csv",
    )
    one = said("pv", *words)
    hours = pd.read_csv(tmp_path / "h.csv")
    assert len(hours) == 8760
    watts = hours.select_dtypes("number").sum()
    assert (np.isclose(watts / 1000, one["kwh_year"], rtol=1e-6)).any() or (
        np.isclose(watts, one["kwh_year"], rtol=1e-6)
    ).any()


def test_sun_on_a_level_plain_is_the_horizontal_irradiation(tmp_path):
    profile = {
        "driver": "GTiff",
        "height": 60,
        "width": 50,
        "count": 1,
        "dtype": "float32",
        "crs": "EPSG:4545",
    }
    profile["transform"] = rasterio.transform.from_origin(EAST, NORTH, 2, 2)
    with rasterio.open(tmp_path / "dsm.tif", "w", **profile) as raster:
        raster.write(np.full((60, 50), 400, np.float32), 1)
    words = ("sun", "--dsm", tmp_path / "dsm.tif", "--climate", CLIMATE, "--out", tmp_path / "sun")
    found = said(*words)
    assert found["pixels"] == 3000
    assert found["annual_mean_kwh_m2"] == pytest.approx(found["ghi_kwh_m2"], rel=2e-3)
    with rasterio.open(tmp_path / "sun" / "monthly.tif") as months:
        assert months.count == 12
        assert np.nansum(months.read(), axis=0).mean() == pytest.approx(found["annual_mean_kwh_m2"], rel=2e-3)
    area = gpd.GeoDataFrame(
        geometry=gpd.points_from_xy([EAST + 50], [NORTH - 60]).buffer(20), crs="EPSG:4545"
    )
    area.to_file(tmp_path / "area.gpkg")
    inside = said(*words, "--footprints", tmp_path / "area.gpkg")
    assert inside["pixels"] == pytest.approx(np.pi * 20**2 / 4, rel=0.03)


def test_eligible_takes_the_zone_of_a_power_line(region, tmp_path):
    area = gpd.read_file(region / "farmland.gpkg").iloc[[3]][
        ["geometry"]
    ]  # 1700-2000 x 500-1000, line at 1850
    area.to_file(tmp_path / "area.gpkg")
    found = said(
        "eligible", "--area", tmp_path / "area.gpkg", "--rules", "infrastructure", "--layers", region,
        "--out", tmp_path / "left.gpkg",
    )  # fmt: skip
    rule = next(one for one in found["rules"] if one["id"] == "power_line_zone")
    assert found["area_m2"] == pytest.approx(150_000)
    assert rule["taken_m2"] == pytest.approx(20 * 500, rel=1e-3)  # 110 kV: 10 m on both sides
    left = gpd.read_file(tmp_path / "left.gpkg")
    assert left.geometry.area.sum() == pytest.approx(found["eligible_m2"], rel=1e-6)


def test_points_answers_every_place(run, tmp_path):
    sites = gpd.read_parquet(run / "sites.parquet").to_crs("EPSG:4326")
    inside = sites[sites["type"] == "roof_metal"].geometry.iloc[0].representative_point()
    places = pd.DataFrame(
        {"名称": ["屋顶", "远方", "坏"], "lon": [inside.x, 100.0, None], "lat": [inside.y, 30.0, 1.0]}
    )
    places.to_csv(tmp_path / "places.csv", index=False)
    found = said(
        "points", tmp_path / "places.csv", "--run", run, "--datum", "wgs84", "--out", tmp_path / "a.xlsx"
    )
    assert found["rows"] == 3
    assert found["answers"]["outside"] == 1
    assert found["answers"]["unusable"] == 1
    assert sum(found["answers"].values()) == 3


@pytest.mark.parametrize("name", ["shallow", "deep", "hydro"])
def test_heat_says_capacities_and_every_input_with_its_unit(name):
    found = said("heat", name)
    assert {"kw_year1", "kw_year30", "mwh_year", "inputs"} <= set(found)
    assert found["kw_year30"] <= found["kw_year1"]
    assert all({"value", "unit"} == set(told) for told in found["inputs"].values())
    assert all(
        f"--{option.replace('_', '-')}" in yijian("heat", name, "--help").stdout for option in found["inputs"]
    )


def test_more_depth_never_gives_less_heat():
    shallow, deep = (said("heat", "deep", "--depth-m", depth)["kw_year30"] for depth in (2000, 3000))
    assert deep > shallow


def test_plan_reaches_its_target_with_what_stands_already(run, region, tmp_path):
    words = ("plan", "--run", run, "--region", region, "--target-mw", 3, "--by", 2030)
    found = said(*words, "--out", tmp_path / "plan")
    assert found["totals"]["mw_dc"] >= 3 - 1e-6
    chosen = pd.read_csv(tmp_path / "plan" / "plan_sites.csv")
    assert chosen["kwp_dc_central"].sum() / 1000 == pytest.approx(found["totals"]["mw_dc"])
    project = ("name=屋顶", "kind=pv", "status=operating", "town=west", "capacity_mw_dc=1MW")
    said("ledger", "add", *project, "--region", region, "--who", "test")
    less = said(*words)
    assert less["existing_mw"] == 1.0
    assert less["totals"]["mw_dc"] == pytest.approx(2.0, abs=0.2)


def test_a_target_beyond_the_potential_is_explained(run, region):
    finished = yijian("plan", "--run", run, "--region", region, "--target-mw", 99_999)
    assert finished.returncode == 2
    assert "No plan keeps all limits" in finished.stderr


def test_ledger_takes_a_project_and_tells_it_back(region):
    key = said("ledger", "add", "name=屋顶", "kind=pv", "status=approved", "capacity_mw_dc=0.6万千瓦",
               "--region", region, "--who", "test")["id"]  # fmt: skip
    listed = said("ledger", "list", "--region", region)["projects"]
    assert [(one["id"], one["capacity_mw_dc"]) for one in listed] == [(key, 6.0)]
    assert said("ledger", "set", key, "status=operating", "--region", region, "--who", "test")["version"] == 2
    finished = yijian(
        "ledger", "set", key, "status=built", "--version", 1, "--region", region, "--who", "other"
    )
    assert finished.returncode == 2


def test_report_of_a_town_is_a_workbook(run, region, tmp_path):
    finished = yijian(
        "report", "--run", run, "--town", "west", "--region", region, "--out", tmp_path / "west.xlsx"
    )
    assert finished.returncode == 0, finished.stderr
    book = openpyxl.load_workbook(tmp_path / "west.xlsx")
    assert len(book.sheetnames) > 5


def test_export_filters_and_keeps_the_numbers(run, tmp_path):
    out = tmp_path / "sites.gpkg"
    found = said("export", "sites", "--run", run, "--where", "kwp_dc_central > 20", "--out", out)
    exported = gpd.read_file(out, layer="sites")
    sites = gpd.read_parquet(run / "sites.parquet")
    wanted = sites[sites["kwp_dc_central"] > 20]
    assert len(exported) == found["rows"] == len(wanted)
    assert exported["kwp_dc_central"].sum() == pytest.approx(wanted["kwp_dc_central"].sum(), rel=1e-9)


WRONG = {
    "pv": (("pv", "--lat", 95, "--lon", 0, "--tilt", 20, "--climate", CLIMATE), "95"),
    "climate": (("pv", "--lat", 34, "--lon", 108, "--tilt", 20, "--climate", "nowhere.epw"), "nowhere.epw"),
    "heat": (("heat", "deep", "--flow-m3-h", -3), "-3"),
    "fetch": (("fetch", "buildings", "--bbox", "1,2,x,4", "--out", "o.gpkg"), "1,2,x,4"),
    "run": (("export", "sites", "--run", "nowhere", "--out", "x.gpkg"), "nowhere"),
    "pair": (("ledger", "add", "name"), "field=value"),
    "check": (("check", "nowhere.gpkg"), "nowhere.gpkg"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_word_ends_with_code_2_and_names_it(case):
    words, named = WRONG[case]
    finished = yijian(*words)
    assert finished.returncode == 2
    assert named in finished.stderr + finished.stdout
    assert "Traceback" not in finished.stderr
