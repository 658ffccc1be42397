from __future__ import annotations

import json
import subprocess
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from scipy.io import netcdf_file

from assessment.run import Run
from exports.area import read_area
from faults import InputError
from gis.crs import wgs84_to_gcj02
from tests.command import yijian
from tests.runs import make_run


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return Run(make_run(tmp_path_factory.mktemp("runs") / "run", n_sites=400))


@pytest.fixture(scope="module")
def drawn(run):
    """A circle over the middle of the region, in the run's CRS."""
    west, south, east, north = run.sites.total_bounds
    circle = shapely.Point((west + east) / 2, (south + north) / 2).buffer(0.25 * (east - west))
    return gpd.GeoDataFrame({"id": [1]}, geometry=[circle], crs=run.sites.crs)


def said(*words):
    finished = yijian("export", *words, "--json")
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout)


def exported(run, tmp_path, *words, what="sites"):
    out = tmp_path / "out.parquet"
    found = said(what, "--run", run.path, "--out", out, *words)
    frame = gpd.read_parquet(out)
    assert len(frame) == found["rows"]
    return set(frame["id"])


FILTERS = {
    "town": (("--town", "qinhan"), lambda s: s["town"] == "qinhan"),
    "towns": (
        ("--town", "qinhan", "--town", "fengxi"),
        lambda s: s["town"].isin(["qinhan", "fengxi"]),
    ),
    "type": (("--type", "roof_flat"), lambda s: s["type"] == "roof_flat"),
    "status": (("--status", "conditional"), lambda s: s["status"] == "conditional"),
    "sector": (("--sector", "industry"), lambda s: s["sector"] == "industry"),
    "owner": (("--owner", "enterprise"), lambda s: s["owner"] == "enterprise"),
    "size": (
        ("--min-kwp", 50, "--max-kwp", 400),
        lambda s: s["kwp_dc_central"].between(50, 400),
    ),
    "area": (("--min-m2", 2000), lambda s: s["area_m2"] >= 2000),
    "lcoe": (("--max-lcoe", 0.3), lambda s: s["lcoe"] <= 0.3),
    "expression": (
        ("--where", "tilt_deg < 12 or kwp_dc_central > 500", "--max-lcoe", 0.32),
        lambda s: ((s["tilt_deg"] < 12) | (s["kwp_dc_central"] > 500)) & (s["lcoe"] <= 0.32),
    ),
}


@pytest.mark.parametrize("case", FILTERS)
def test_each_filter_keeps_what_pandas_keeps(run, tmp_path, case):
    words, wanted = FILTERS[case]
    sites = run.sites
    kept = set(sites.loc[wanted(sites).astype(bool), "id"])
    assert 0 < len(kept) < len(sites)
    assert exported(run, tmp_path, *words) == kept


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg", ".shp"])
@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:4545", "EPSG:32649"])
def test_a_drawn_area_of_any_format_and_crs_keeps_what_touches_it(run, drawn, tmp_path, suffix, crs):
    path = tmp_path / f"drawn{suffix}"
    drawn.to_crs(crs).to_file(path)
    touching = run.sites[run.sites.intersects(drawn.geometry.iloc[0])]
    assert 0 < len(touching) < len(run.sites)
    assert exported(run, tmp_path, "--area", path) == set(touching["id"])


def test_a_drawn_area_in_gcj02_is_set_back_only_when_told(run, drawn, tmp_path):
    degrees = drawn.to_crs("EPSG:4326").geometry.iloc[0]
    path = tmp_path / "drawn.kml"
    offset = shapely.transform(degrees, lambda xy: np.column_stack(wgs84_to_gcj02(xy[:, 0], xy[:, 1])))
    ring = " ".join(f"{x:.9f},{y:.9f}" for x, y in shapely.get_coordinates(offset))
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Placemark><Polygon><outerBoundaryIs><LinearRing>'
        f"<coordinates>{ring}</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark></kml>",
        encoding="utf-8",
    )
    undone = read_area(path, datum="gcj02")
    assert shapely.hausdorff_distance(undone, degrees) < 1e-8
    assert shapely.hausdorff_distance(read_area(path), degrees) > 1e-3
    touching = run.sites[run.sites.intersects(drawn.geometry.iloc[0])]
    assert exported(run, tmp_path, "--area", path, "--area-datum", "gcj02") == set(touching["id"])


def test_a_drawn_area_without_a_crs_is_wgs84_unless_told(drawn, tmp_path):
    for crs in ("EPSG:4326", "EPSG:4545"):
        drawn.to_crs(crs).to_file(tmp_path / "drawn.shp")
        (tmp_path / "drawn.prj").unlink()
        area = read_area(tmp_path / "drawn.shp", datum=None if crs == "EPSG:4326" else crs)
        assert shapely.hausdorff_distance(area, drawn.to_crs("EPSG:4326").geometry.iloc[0]) < 1e-8
    with pytest.raises(InputError, match="no longitude and latitude"):
        read_area(tmp_path / "drawn.shp")


def test_heat_goes_by_area_size_and_technology(run, drawn, tmp_path):
    path = tmp_path / "drawn.geojson"
    drawn.to_crs("EPSG:4326").to_file(path)
    heat = run.heat
    for words, wanted in {
        ("--area", path): heat.intersects(drawn.geometry.iloc[0]),
        ("--type", "deep"): heat["technology"] == "deep",
        ("--min-kw", heat["kw_year1"].median()): heat["kw_year1"] >= heat["kw_year1"].median(),
        ("--max-lcoh", heat["lcoh"].median()): heat["lcoh"] <= heat["lcoh"].median(),
    }.items():
        assert 0 < wanted.sum() < len(heat)
        assert exported(run, tmp_path, *words, what="heat") == set(heat.loc[wanted, "id"])


def test_the_ending_of_the_file_says_the_format(run, tmp_path):
    for suffix in ("csv", "geojson", "xlsx"):
        found = said("sites", "--run", run.path, "--town", "qinhan", "--out", tmp_path / f"a.{suffix}")
        assert found["file"].endswith(f"a.{suffix}")
    assert said("sites", "--run", run.path, "--out", tmp_path / "plain")["file"].endswith("plain.gpkg")


def test_hours_open_as_grid_models_open_them(run, tmp_path):
    found = said("hours", "--run", run.path, "--town", "fengxi", "--out", tmp_path / "h.nc")
    with netcdf_file(tmp_path / "h.nc", mmap=False) as file:
        assert file.variables["p_max_pu"].shape == (found["hours"], found["generators"])
        assert file.variables["kwh"][:].sum() == pytest.approx(found["kwh_year"], rel=1e-12)
    said("hours", "--run", run.path, "--town", "fengxi", "--out", tmp_path / "h.csv")
    wide = pd.read_csv(tmp_path / "h.csv", index_col=0, parse_dates=True)
    assert wide.shape == (8760, found["generators"])
    assert wide.index.freq is None
    assert pd.infer_freq(wide.index) == "h"
    installed = run.summary[run.summary["town"] == "fengxi"].groupby("type")["kwp_dc_central"].sum()
    wide.columns = wide.columns.str.removeprefix("fengxi ")
    assert (wide.sum() * installed[wide.columns]).sum() == pytest.approx(found["kwh_year"], rel=1e-4)


def test_rasters_are_cog_with_unit_nodata_and_provenance(run, tmp_path):
    files = said("rasters", "--run", run.path, "--out", tmp_path / "maps", "--crs", "wgs84")["files"]
    assert files
    for path in files:
        with rasterio.open(path) as raster:
            assert raster.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
            assert raster.crs.to_epsg() == 4326
            assert all(raster.units)
            assert raster.nodata is not None
            assert raster.tags()["YIJIAN_RUN_ID"] == run.manifest["run_id"]
    info = subprocess.run(["gdalinfo", "-json", files[0]], capture_output=True, check=True)
    told = json.loads(info.stdout)
    assert told["metadata"]["IMAGE_STRUCTURE"]["LAYOUT"] == "COG"
    assert told["bands"][0]["noDataValue"] is not None
    assert told["bands"][0]["unit"]


def test_stac_and_service_are_one_command_each(run, tmp_path):
    (item,) = said("stac", "--run", run.path, "--out", tmp_path / "item.json")["files"]
    assert json.loads(Path(item).read_text(encoding="utf-8"))["stac_version"] == "1.1.0"
    found = said(
        "service", "--run", run.path, "--out", tmp_path / "service", "--url", "http://localhost:9101"
    )
    script = (tmp_path / "service" / "serve.sh").read_text(encoding="utf-8")
    assert found["start"].endswith("serve.sh")
    assert subprocess.run(["sh", "-n", found["start"]], check=True).returncode == 0
    assert "pygeoapi serve" in script


WRONG = {
    "no such raster": (("rasters", "--name", "nothing", "--out", "x"), "nothing"),
    "ending of hours": (("hours", "--out", "x.xyz"), "x.xyz"),
    "town of hours": (("hours", "--town", "nowhere", "--out", "x.nc"), "nowhere"),
    "empty range": (("sites", "--min-kwp", "9", "--max-kwp", "3", "--out", "x.csv"), "upper end 3"),
    "no area": (("sites", "--area", "nowhere.geojson", "--out", "x.csv"), "nowhere.geojson"),
    "town of sites": (("sites", "--town", "nowhere", "--out", "x.csv"), "nowhere"),
    "where": (("sites", "--where", "__import__('os')", "--out", "x.csv"), "__import__"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_words_end_with_code_2_and_name_them(run, case):
    words, named = WRONG[case]
    finished = yijian("export", words[0], "--run", run.path, *words[1:])
    assert finished.returncode == 2
    assert named in finished.stderr
    assert "Traceback" not in finished.stderr


def test_an_area_of_points_or_of_other_coordinates_is_refused(run, tmp_path):
    points = tmp_path / "points.geojson"
    gpd.GeoDataFrame(geometry=[shapely.Point(108.7, 34.3)], crs=4326).to_file(points)
    gpd.GeoDataFrame(geometry=[shapely.box(5e5, 3.7e6, 6e5, 3.8e6)], crs=4326).to_file(tmp_path / "m.geojson")
    for path, rule in ((points, "must hold polygons"), (tmp_path / "m.geojson", "no longitude and latitude")):
        finished = yijian("export", "sites", "--run", run.path, "--area", path, "--out", tmp_path / "x.csv")
        assert finished.returncode == 2
        assert rule in " ".join(finished.stderr.split())
