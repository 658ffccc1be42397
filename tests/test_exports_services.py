from __future__ import annotations

import hashlib
import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as pds
import pytest
import rasterio
import shapely
from scipy.io import netcdf_file

from assessment.run import Run
from exports.hourly import export_hourly
from exports.ogcapi import one_batch_tables, write_service
from exports.rasters import export_raster, raster_names
from exports.stac import write_stac_item
from faults import InputError, RunError
from tests.runs import make_run


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return Run(make_run(tmp_path_factory.mktemp("runs") / "run", n_sites=300))


@pytest.fixture(scope="module")
def hours(run):
    table = pd.read_parquet(run.path / "hourly.parquet")
    return table.assign(name=table["town"] + " " + table["type"])


def test_netcdf_holds_every_kwh_at_its_hour(run, hours, tmp_path):
    path = export_hourly(run, tmp_path / "hours.nc").path
    with netcdf_file(path, mmap=False) as file:
        names = [b"".join(row).rstrip(b"\0").decode() for row in file.variables["name"][:]]
        kwh, share = file.variables["kwh"][:].copy(), file.variables["p_max_pu"][:].copy()
        power = file.variables["p_nom_max"][:].copy()
        start = pd.Timestamp(file.variables["time"].units.decode().removeprefix("hours since "), tz="UTC")
        bounds = file.variables["time_bounds"][:].copy()
        assert file.run_id.decode() == run.manifest["run_id"]
    assert kwh.shape == (8760, len(names))
    assert start == hours["time"].iloc[0]
    np.testing.assert_allclose(np.diff(bounds, axis=1), 1)
    for column, name in enumerate(names):
        own = hours[hours["name"] == name].sort_values("time")
        np.testing.assert_allclose(kwh[:, column], own["kwh"])
    installed = run.summary.groupby(["town", "type"])["kwp_dc_central"].sum()
    expected = [installed[tuple(name.split(" "))] / 1e3 for name in names]
    np.testing.assert_allclose(power, expected)
    np.testing.assert_allclose(share * power * 1e3, kwh, rtol=1e-9)


def test_csv_is_wide_and_parquet_long(run, hours, tmp_path):
    wide = pd.read_csv(
        export_hourly(run, tmp_path / "hours.csv", town="qinhan").path, index_col="snapshot", parse_dates=True
    )
    assert wide.shape == (8760, hours.loc[hours["town"] == "qinhan", "type"].nunique())
    assert wide.index[0] == hours["time"].iloc[0].tz_convert("UTC").tz_localize(None)
    assert (tmp_path / "hours.csv.txt").read_text(encoding="utf-8").count(run.manifest["run_id"]) == 2
    long = pd.read_parquet(export_hourly(run, tmp_path / "hours.parquet", types=["roof_flat"]).path)
    assert set(long["type"]) == {"roof_flat"}
    assert long["kwh"].sum() == pytest.approx(hours.loc[hours["type"] == "roof_flat", "kwh"].sum())


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("h.xls", {}, r"'h\.xls'.*must end in \.nc"),
        ("h.nc", {"town": "mars"}, "'mars'.*must be one of fengdong"),
        ("h.nc", {"types": ["wind"]}, "'wind'"),
    ],
)
def test_hours_refuse_what_they_do_not_know(run, tmp_path, name, options, message):
    with pytest.raises(InputError, match=message):
        export_hourly(run, tmp_path / name, **options)


def test_a_run_without_hours_is_said_so(tmp_path):
    path = make_run(tmp_path / "run", n_sites=12, hourly=False)
    with pytest.raises(RunError, match=r"hourly\.parquet"):
        export_hourly(path, tmp_path / "h.nc")


def test_raster_is_a_cog_with_the_run_in_it(run, tmp_path):
    assert raster_names(run) == ("annual",)
    path = export_raster(run, "annual", tmp_path / "annual.tif")
    moved = export_raster(run, "annual", tmp_path / "moved.tif", crs="wgs84")
    with rasterio.open(run.path / "rasters" / "annual.tif") as source, rasterio.open(path) as same:
        np.testing.assert_array_equal(source.read(), same.read())
        assert same.crs == source.crs
        assert same.nodata == source.nodata
        assert same.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert same.tags()["YIJIAN_RUN_ID"] == run.manifest["run_id"]
        values = source.read(1)
    with rasterio.open(moved) as turned:
        assert turned.crs.to_epsg() == 4326
        inside = turned.read(1, masked=True).compressed()
        assert set(np.unique(inside)) <= set(np.unique(values))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["annual.tif", "moved.tif"]


@pytest.mark.parametrize(
    ("name", "crs", "message"),
    [("wind", None, "'wind'.*there are: annual"), ("annual", "gcj02", "not offset")],
)
def test_rasters_refuse_what_they_cannot_do(run, tmp_path, name, crs, message):
    with pytest.raises(InputError, match=message):
        export_raster(run, name, tmp_path / "x.tif", crs=crs)


def test_stac_item_lists_every_file_with_its_checksum(run, tmp_path):
    path = write_stac_item(run, tmp_path / "items" / "run.json")
    item = json.loads(path.read_text(encoding="utf-8"))
    assert item["type"] == "Feature"
    assert item["stac_version"] == "1.1.0"
    for name, asset in item["assets"].items():
        file = (path.parent / asset["href"]).resolve()
        assert file == (run.path / name).resolve()
        assert asset["file:checksum"] == "1220" + hashlib.sha256(file.read_bytes()).hexdigest()
        assert asset["file:size"] == file.stat().st_size
    assert {"sites.parquet", "manifest.json", "rasters/annual.tif"} <= set(item["assets"])
    outline = run.towns.to_crs("EPSG:4326")
    np.testing.assert_allclose(item["bbox"], outline.total_bounds, atol=2e-3)
    shape = shapely.from_geojson(json.dumps(item["geometry"]))
    assert shape.is_valid
    assert shape.area == pytest.approx(shapely.area(outline.geometry.to_numpy()).sum(), rel=0.02)
    assert item["properties"]["proj:code"] == "EPSG:4545"


def test_service_serves_what_the_run_holds(run, tmp_path):
    service = write_service(run, tmp_path / "service", url="http://localhost:5001")
    config = json.loads(service.config.read_text(encoding="utf-8"))
    assert config["server"]["bind"] == {"host": "localhost", "port": 5001}
    by_town = run.sites["town"].value_counts()
    counts = {"heat": len(run.heat), "towns": 5} | {f"sites-{town}": count for town, count in by_town.items()}
    assert sum(by_town) == len(run.sites)
    assert set(config["resources"]) == set(counts)
    for name, rows in counts.items():
        provider = config["resources"][name]["providers"][0]
        frame = gpd.read_parquet(provider["data"]["source"])
        assert len(frame) == rows
        assert frame[provider["id_field"]].is_unique
        assert frame.crs.equals("OGC:CRS84")
    assert run.manifest["boundary_note_zh"] in config["metadata"]["identification"]["description"]["zh"]


def test_the_server_s_box_filter_finds_what_touches_the_box(run, tmp_path):
    service = write_service(run, tmp_path / "service")
    config = json.loads(service.config.read_text(encoding="utf-8"))
    provider = config["resources"]["sites-fengxi"]["providers"][0]
    source = provider["data"]["source"]
    frame = gpd.read_parquet(source)
    west, south, east, north = frame.total_bounds
    box = (west + 0.2 * (east - west), south, west + 0.6 * (east - west), south + 0.5 * (north - south))
    (minx, maxx), (miny, maxy) = provider["x_field"], provider["y_field"]
    asked = (pc.field(minx) > box[0]) & (pc.field(miny) > box[1])
    asked &= (pc.field(maxx) < box[2]) & (pc.field(maxy) < box[3])  # as the provider asks
    found = pds.dataset(source).to_table(columns=["id"], filter=asked)["id"].to_pylist()
    envelopes = shapely.envelope(frame.geometry.to_numpy())
    touching = shapely.intersects(envelopes, shapely.box(*box))
    assert 0 < touching.sum() < len(frame)
    assert sorted(found) == sorted(frame.loc[touching, "id"])


def test_a_page_never_goes_over_a_batch_of_the_provider(run, tmp_path):
    """The provider reads a scanner's batches and repeats rows at their seams: each file is one batch."""
    service = write_service(run, tmp_path / "service", town=["fengxi", "qinhan"])
    files = sorted(service.folder.glob("*.parquet"))
    assert {file.stem for file in files} == {"sites-fengxi", "sites-qinhan", "heat", "towns"}
    for file in files:
        assert len(list(pds.Scanner.from_dataset(pds.dataset(file)).to_batches())) == 1


@pytest.mark.parametrize("sizes", [[], [0], [3], [7, 1, 9], [10], [4, 6, 21]])
def test_rows_are_cut_into_tables_of_one_batch(sizes):
    schema = pa.schema([("a", pa.int64())])
    numbers = iter(range(100))
    tables = [pa.table({"a": [next(numbers) for _ in range(size)]}, schema=schema) for size in sizes]
    found = list(one_batch_tables(tables, schema, rows=10))
    assert [row for table in found for row in table["a"].to_pylist()] == list(range(sum(sizes)))
    assert all(table.num_rows == 10 for table in found[:-1])
    assert len(found) == max(1, -(-sum(sizes) // 10))
