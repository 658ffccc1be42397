"""Extracts as .osm.pbf, hourly PVGIS, horizons, weather and inventories by address, checksums, pages."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from faults import InputError
from layers.checks import check_path
from layers.climate import read_climate_years
from layers.fetch import climate, download, footprints, horizon, inventory, osm, rasters, run
from layers.fetch.download import FetchError
from layers.sources import read_layer
from tests.pbf import write_pbf
from tests.test_layers_fetch import BOX, region_of, server

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["server"]
NODES = {1: (108.701, 34.301), 2: (108.702, 34.301), 3: (108.702, 34.302), 4: (108.701, 34.302)}
WAYS = [
    (
        7,
        (1, 2, 3, 4, 1),
        {"building": "apartments", "building:levels": "18", "height": "54", "name": "一号楼"},
    ),
    (8, (1, 3), {"highway": "primary"}),
    (9, (2, 4), {"highway": "footway"}),
    (10, (1, 2, 3, 1), {"landuse": "orchard"}),
    (11, (1, 2, 3, 4, 1), {"power": "substation", "voltage": "110000"}),
    (12, (1, 2, 4, 1), {"power": "generator", "generator:source": "solar"}),
]


# ---- extracts ---------------------------------------------------------------------------------------


def test_a_pbf_extract_is_read_by_the_connector(tmp_path):
    file = write_pbf(tmp_path / "x.osm.pbf", NODES, WAYS)
    got = run.fetch("buildings", BOX, tmp_path / "b.gpkg", extract=file)
    frame = read_layer(region_of(got.out, "buildings"), "buildings").frame
    assert frame["id"].tolist() == ["w7"]
    assert (frame["use"][0], frame["height_m"][0], frame["floors"][0], frame["name"][0]) == (
        "residential",
        54.0,
        18.0,
        "一号楼",
    )
    for what, count in (("restrictions", 1), ("farmland", 1), ("grid", 1), ("pv", 1)):
        assert osm.read_extract(what, file, BOX, tmp_path / f"{what}.gpkg").rows == count


def test_a_pbf_extract_is_a_layer_by_itself(tmp_path):
    file = write_pbf(tmp_path / "x.osm.pbf", NODES, WAYS)
    assert read_layer(region_of(file, "buildings"), "buildings").frame["id"].tolist() == ["w7"]
    assert read_layer(region_of(file, "restrictions"), "restrictions").frame["class"].tolist() == [
        "provincial"
    ]
    report = check_path(file, as_layer="farmland")
    assert report.ok
    assert report.layers[0].frame["class"].tolist() == ["orchard"]


def test_a_damaged_pbf_is_said(tmp_path):
    file = write_pbf(tmp_path / "x.osm.pbf", NODES, WAYS)
    file.write_bytes(file.read_bytes()[:-30])
    report = check_path(file, as_layer="buildings")
    assert not report.ok
    assert "cannot be read as an OpenStreetMap extract" in str(report.faults[0])


def test_an_extract_by_its_address(server, tmp_path):
    raw = write_pbf(tmp_path / "x.osm.pbf", NODES, WAYS).read_bytes()
    server.files["/china.osm.pbf"] = raw
    right = hashlib.sha256(raw).hexdigest()
    got = run.fetch(
        "buildings", BOX, tmp_path / "b.gpkg", extract=server.url("/china.osm.pbf"), checksum=right
    )
    assert got.rows == 1
    run.fetch("restrictions", BOX, tmp_path / "r.gpkg", extract=server.url("/china.osm.pbf"), checksum=right)
    assert len(server.asked) == 1


# ---- checksums --------------------------------------------------------------------------------------


def test_a_wrong_checksum_is_refused_and_nothing_is_kept(server):
    server.files["/a.bin"] = b"tampered"
    right = hashlib.sha256(b"right").hexdigest()
    with pytest.raises(FetchError, match=f"not {right}: it is not what was published"):
        download.download(server.url("/a.bin"), checksum=right)
    assert not [file for file in download.cache_folder().iterdir() if "a.bin" in file.name]
    server.files["/a.bin"] = b"right"
    assert download.download(server.url("/a.bin"), checksum=right.upper()).sha256 == right


def test_a_file_in_the_cache_with_another_checksum_is_fetched_anew(server):
    server.files["/a.bin"] = b"old"
    download.download(server.url("/a.bin"))
    server.files["/a.bin"] = b"new"
    right = hashlib.sha256(b"new").hexdigest()
    assert download.download(server.url("/a.bin"), checksum=right).path.read_bytes() == b"new"


# ---- weather ----------------------------------------------------------------------------------------


def pvgis_hourly(first: int, last: int) -> bytes:
    times = pd.date_range(f"{first}-01-01 00:10", f"{last}-12-31 23:10", freq="h")
    sun = np.maximum(np.sin((times.hour + 7.25 - 6) % 24 / 12 * np.pi), 0) * 400
    rows = [
        f"{t:%Y%m%d:%H%M},{s:.2f},{s / 2:.2f},0.0,20.0,14.0,1.5,0.0" for t, s in zip(times, sun, strict=True)
    ]
    head = (
        "Latitude (decimal degrees):\t34.310\nLongitude (decimal degrees):\t108.710\nElevation (m):\t400\n"
        "Radiation database:\tPVGIS-ERA5\n\n\nSlope: 0 deg.\nAzimuth: 0 deg.\n\n"
        "time,Gb(i),Gd(i),Gr(i),H_sun,T2m,WS10m,Int\n"
    )
    tail = "\n\nGb(i): Beam irradiance\n\nPVGIS (c) European Union, 2001-2025\n"
    return (head + "\n".join(rows) + tail).encode()


def test_several_years_of_hourly_pvgis(server, tmp_path):
    server.files["/api"] = pvgis_hourly(2020, 2022)
    got = climate.fetch_climate(
        34.31,
        108.71,
        tmp_path / "c.csv",
        source="pvgis_hourly",
        year=2022,
        first=2020,
        url=server.url("/api"),
    )
    asked = parse_qs(urlsplit(server.asked[0][0]).query)
    assert (asked["startyear"], asked["endyear"], asked["components"]) == (["2020"], ["2022"], ["1"])
    assert (asked["lat"], asked["lon"]) == (["34.31000"], ["108.71000"])
    years = read_climate_years(got.out)
    assert [year.annual_ghi[0][0] for year in years] == [2020, 2021, 2022]


def epw() -> bytes:
    head = "LOCATION,Xian,Shaanxi,CHN,CSWD,570360,34.30,108.93,8.0,397.5\n" + "x\n" * 7
    times = pd.date_range("2021-01-01", periods=8760, freq="h")
    rest = ",0,0,0,0,180,2.0,5,5,10,77777,9,999999999,10,0.1,0,88,0.2,0,1"
    rows = (
        f"{t.year},{t.month},{t.day},{t.hour + 1},60,?9,14.0,5.0,60,97000,0,0,300,0,0,0{rest}" for t in times
    )
    return (head + "\n".join(rows) + "\n").encode()


def test_a_weather_file_by_its_address(server, tmp_path):
    server.files["/xian.epw"] = epw()
    server.break_after = [200_000]
    got = run.fetch("climate", BOX, tmp_path / "c.epw", url=server.url("/xian.epw"))
    assert got.out.read_bytes() == epw()
    assert json.loads(got.beside.read_text(encoding="utf-8"))["urls"] == [server.url("/xian.epw")]
    server.files["/page.epw"] = b"<html>moved</html>"
    with pytest.raises(FetchError, match="answers no weather"):
        run.fetch("climate", BOX, tmp_path / "d.epw", url=server.url("/page.epw"))
    assert not (tmp_path / "d.epw").exists()


def test_the_horizon_of_pvgis_counts_from_north(server, tmp_path):
    profile = [{"A": -180.0 + 7.5 * i, "H_hor": float(i % 5)} for i in range(49)]
    server.files["/hor"] = json.dumps({"outputs": {"horizon_profile": profile}}).encode()
    got = horizon.fetch_horizon(34.31, 108.71, tmp_path / "h.csv", url=server.url("/hor"))
    table = pd.read_csv(got.out)
    assert len(table) == 48
    assert table["azimuth_deg"].is_monotonic_increasing
    south = next(row for row in profile if row["A"] == 0.0)["H_hor"]
    assert table.set_index("azimuth_deg")["horizon_deg"][180.0] == south
    server.files["/hor2"] = b"<html>busy</html>"
    with pytest.raises(FetchError, match="answers no horizon for"):
        horizon.fetch_horizon(34.31, 108.71, tmp_path / "h2.csv", url=server.url("/hor2"))


# ---- inventories of PV ------------------------------------------------------------------------------


def feature(number: int, west: float) -> dict:
    shape = json.loads(shapely.to_geojson(shapely.box(west, 34.301, west + 0.001, 34.302)))
    return {"type": "Feature", "id": f"pv{number}", "properties": {"mw": 10.0 * number}, "geometry": shape}


def page(features: list[dict], follow: str | None = None) -> bytes:
    links = [] if follow is None else [{"rel": "next", "href": follow}]
    return json.dumps({"type": "FeatureCollection", "features": features, "links": links}).encode()


def test_pages_are_followed_to_the_end(server, tmp_path):
    server.files["/items"] = page([feature(1, 108.701), feature(2, 108.703)], "/items/2")
    server.files["/items/2"] = page([feature(2, 108.703), feature(3, 108.705)], server.url("/items/3"))
    server.files["/items/3"] = page([feature(4, 108.707)])
    server.refuse = [429]
    got = run.fetch("pv", BOX, tmp_path / "pv.gpkg", url=server.url("/items"))
    frame = gpd.read_file(got.out)
    assert frame["id"].tolist() == ["pv1", "pv2", "pv3", "pv4"]
    asked = parse_qs(urlsplit(server.asked[0][0]).query)
    assert asked["bbox"] == ["108.700000,34.300000,108.720000,34.320000"]


def test_pages_in_a_circle_and_pages_of_html_are_refused(server, tmp_path):
    server.files["/items"] = page([feature(1, 108.701)], "/items/2")
    server.files["/items/2"] = page([feature(2, 108.703)], "/items/2")
    with pytest.raises(FetchError, match="pages go round in a circle"):
        inventory.fetch_inventory(BOX, tmp_path / "pv.gpkg", url=server.url("/items"))
    server.files["/html"] = b"<html>sign in</html>"
    with pytest.raises(FetchError, match="answers no features"):
        inventory.fetch_inventory(BOX, tmp_path / "pv.gpkg", url=server.url("/html"))
    assert not (tmp_path / "pv.gpkg").exists()


def test_an_inventory_file_is_cut_to_the_box(server, tmp_path):
    frame = gpd.GeoDataFrame.from_features([feature(1, 108.701), feature(2, 109.9)], crs=4326)
    frame.to_file(tmp_path / "all.gpkg")
    server.files["/pv.gpkg"] = (tmp_path / "all.gpkg").read_bytes()
    got = run.fetch("pv", BOX, tmp_path / "pv.gpkg", url=server.url("/pv.gpkg"))
    assert gpd.read_file(got.out)["mw"].tolist() == [10.0]
    server.files["/bad.gpkg"] = b"<html>"
    with pytest.raises(FetchError, match="is no data"):
        run.fetch("pv", BOX, tmp_path / "pv2.gpkg", url=server.url("/bad.gpkg"))


def test_an_address_must_be_given(tmp_path):
    with pytest.raises(InputError, match="is missing: the source is an address"):
        run.fetch("pv", BOX, tmp_path / "pv.gpkg", source="address")


# ---- every connector, every trouble -----------------------------------------------------------------


def ask(name: str, url: str, out: Path):
    calls = {
        "overpass": lambda: osm.fetch_osm("buildings", BOX, out / "a.gpkg", url=url),
        "extract": lambda: run.fetch("buildings", BOX, out / "a.gpkg", extract=f"{url}.osm.pbf"),
        "pvgis": lambda: climate.fetch_climate(34.3, 108.7, out / "a.csv", url=url),
        "pvgis_hourly": lambda: climate.fetch_climate(
            34.3, 108.7, out / "a.csv", source="pvgis_hourly", url=url
        ),
        "nasa_power": lambda: climate.fetch_climate(34.3, 108.7, out / "a.csv", source="nasa_power", url=url),
        "horizon": lambda: horizon.fetch_horizon(34.3, 108.7, out / "a.csv", url=url),
        "weather file": lambda: climate.fetch_weather_file(url, out / "a.epw"),
        "inventory": lambda: inventory.fetch_inventory(BOX, out / "a.gpkg", url=url),
        "inventory file": lambda: inventory.fetch_inventory(BOX, out / "a.gpkg", url=f"{url}.gpkg"),
        "microsoft": lambda: footprints.fetch_microsoft(BOX, out / "a.gpkg", url=url),
        "terrain": lambda: rasters.fetch_raster(
            replace(rasters.TERRAIN, url=f"{url}.tif"), BOX, out / "a.tif"
        ),
        "landcover": lambda: rasters.fetch_raster(
            replace(rasters.LANDCOVER, url=f"{url}.tif"), BOX, out / "a.tif"
        ),
    }
    return calls[name]()


def serve(server, content: bytes) -> None:
    for ending in ("", ".osm.pbf", ".gpkg", ".tif"):
        server.files[f"/x{ending}"] = content


NAMES = (
    *("overpass", "extract", "pvgis", "pvgis_hourly", "nasa_power", "horizon", "weather file"),
    *("inventory", "inventory file", "microsoft", "terrain", "landcover"),
)


@pytest.mark.parametrize("name", NAMES)
def test_html_instead_of_data_is_said_and_nothing_is_written(server, tmp_path, name):
    server.files["/x"] = server.files["/x.osm.pbf"] = server.files["/x.gpkg"] = (
        b"<html><body>please sign in</body></html>"
    )
    with pytest.raises((FetchError, InputError)):
        ask(name, server.url("/x"), tmp_path)
    assert not list(tmp_path.glob("a.*"))
    assert not list(download.cache_folder().glob("*.sha256")), "the next try must ask again"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("code", [429, 503])
def test_a_busy_server_is_asked_again_by_every_connector(server, tmp_path, name, code):
    serve(server, b"<html></html>")
    server.refuse = [code, code]
    with pytest.raises((FetchError, InputError)):  # for what comes at last is no data
        ask(name, server.url("/x"), tmp_path)
    assert server.refuse == []
    assert len(server.asked) >= 3


@pytest.mark.parametrize("name", NAMES)
def test_a_connection_that_is_cut_is_taken_up_again_by_every_connector(server, tmp_path, name):
    serve(server, b"<html>" + b" " * 3000 + b"</html>")
    server.break_after = [1000]
    with pytest.raises((FetchError, InputError)):  # for what comes at last is no data
        ask(name, server.url("/x"), tmp_path)
    assert server.break_after == []
    assert len(server.asked) >= 2
    assert not list(tmp_path.glob("a.*"))


@pytest.mark.parametrize("name", NAMES)
def test_without_internet_every_connector_says_what_to_do(server, tmp_path, name):
    server.http.shutdown()
    server.http.server_close()
    with pytest.raises(FetchError, match=r"Without internet, get the file elsewhere"):
        ask(name, server.url("/x"), tmp_path)
    assert not list(tmp_path.glob("a.*"))
