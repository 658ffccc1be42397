"""Connectors against a server of our own: broken off, refused, resumed, cached, read back as layers."""

from __future__ import annotations

import gzip
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import rasterio
import shapely
from pyarrow import fs
from rasterio.transform import from_origin

from faults import InputError
from layers.fetch import climate, download, footprints, osm, overture, rasters, run
from layers.fetch.download import FetchError
from layers.region import load_region
from layers.sources import read_layer

if TYPE_CHECKING:
    from pathlib import Path

BOX = (108.70, 34.30, 108.72, 34.32)


class Handler(BaseHTTPRequestHandler):
    """Answers from the files of its server; whole, in part, broken off, or refusing."""

    protocol_version = "HTTP/1.1"

    def do_HEAD(self):
        self.answer(b"")

    def do_GET(self):
        self.answer(b"")

    def do_POST(self):
        self.answer(self.rfile.read(int(self.headers["Content-Length"])))

    def answer(self, body):
        served = self.server.served
        served.asked.append((self.path, self.headers.get("Range"), body))
        whole = served.files.get(urlsplit(self.path).path)
        if served.refuse:
            self.head(served.refuse.pop(0), 0, {"Retry-After": "0"})
        elif whole is None:
            self.send_error(404)
        else:
            tag = served.tags.get(urlsplit(self.path).path)
            changed = tag is not None and self.headers.get("If-Range") not in (None, tag)
            span = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range") or "")
            self.part(whole, None if changed else span)

    def part(self, whole, span):
        start, end = (int(span[1]), int(span[2] or len(whole) - 1)) if span else (0, len(whole) - 1)
        if start >= len(whole):
            self.send_error(416)
            return
        part = whole[start : end + 1]
        where = {"Content-Range": f"bytes {start}-{start + len(part) - 1}/{len(whole)}"} if span else {}
        self.head(206 if span else 200, len(part), where)
        if self.command == "HEAD":
            return
        if stops := self.server.served.break_after:
            part, self.close_connection = part[: stops.pop(0)], True
        self.wfile.write(part)

    def head(self, code, length, more):
        self.send_response(code)
        for name, value in ({"Content-Length": str(length), "Accept-Ranges": "bytes"} | more).items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_args):
        pass


class Server:
    """Serves bytes by path; notes what is asked."""

    def __init__(self):
        self.files: dict[str, bytes] = {}
        self.tags: dict[str, str] = {}
        self.refuse: list[int] = []
        self.break_after: list[int] = []
        self.asked: list[tuple[str, str | None, bytes]] = []
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.served = self
        self.http.daemon_threads = True
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.http.server_port}{path}"


@pytest.fixture
def server(tmp_path, monkeypatch):
    monkeypatch.setenv("YIJIAN_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(download, "PAUSE_S", 0.01)
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    served = Server()
    yield served
    served.http.shutdown()
    served.http.server_close()


def region_of(file: Path, layer: str):
    head = 'id = "f"\nname_zh = "取"\nname_en = "f"\ncrs_metric = "EPSG:4545"\n'
    (file.parent / "region.toml").write_text(
        f'{head}[layers.{layer}]\npath = "{file.name}"\n', encoding="utf-8"
    )
    return load_region(file.parent)


# ---- downloads ----------------------------------------------------------------------------------


def test_a_file_is_fetched_once(server):
    server.files["/a.bin"] = b"x" * 1000
    first = download.download(server.url("/a.bin"))
    second = download.download(server.url("/a.bin"))
    assert (first.cached, second.cached) == (False, True)
    assert first.path.read_bytes() == b"x" * 1000
    assert len(server.asked) == 1
    assert download.download(server.url("/a.bin"), fresh=True).cached is False


def test_a_broken_download_goes_on_where_it_stopped(server):
    content = bytes(np.random.default_rng(1).integers(0, 256, 400_000, dtype=np.uint8))
    server.files["/big.bin"] = content
    server.break_after = [150_000, 100_000]
    got = download.download(server.url("/big.bin"))
    assert got.path.read_bytes() == content
    starts = [int(asked[1].removeprefix("bytes=").removesuffix("-")) for asked in server.asked[1:]]
    assert starts == [150_000, 250_000]


def test_a_part_that_is_longer_than_the_file_is_started_again(server):
    server.files["/a.bin"] = b"new"
    target = download.cache_folder() / download._name(server.url("/a.bin"), None)
    target.parent.mkdir(parents=True)
    target.with_name(f"{target.name}.part").write_bytes(b"old and longer")
    assert download.download(server.url("/a.bin")).path.read_bytes() == b"new"


def test_a_file_that_changed_meanwhile_is_started_again(server):
    server.files["/a.bin"], server.tags["/a.bin"] = b"old" * 300_000, '"v1"'
    part = download.cache_folder() / f"{download._name(server.url('/a.bin'), None)}.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"old" * 1000)
    part.with_name(f"{part.name}.version").write_text('"v0"', encoding="utf-8")
    assert download.download(server.url("/a.bin")).path.read_bytes() == b"old" * 300_000
    assert [asked[1] for asked in server.asked] == ["bytes=3000-"]
    assert not list(part.parent.glob("*.version"))


def test_a_damaged_file_in_the_cache_is_fetched_anew(server):
    server.files["/a.bin"] = b"right"
    first = download.download(server.url("/a.bin"))
    first.path.write_bytes(b"wrong")
    assert download.download(server.url("/a.bin")).path.read_bytes() == b"right"


@pytest.mark.parametrize("code", [429, 503])
def test_a_busy_server_is_asked_again(server, code):
    server.files["/a.bin"] = b"x"
    server.refuse = [code, code]
    assert download.download(server.url("/a.bin")).path.read_bytes() == b"x"
    assert len(server.asked) == 3


def test_a_refusal_is_final_and_said(server):
    with pytest.raises(FetchError, match=r"answers 404 Not Found for http://127"):
        download.download(server.url("/nothing"))
    assert len(server.asked) == 1


def test_without_a_connection_the_message_says_what_to_do(server):
    server.http.shutdown()
    server.http.server_close()
    with pytest.raises(FetchError) as caught:
        download.download(server.url("/a.bin"))
    assert "cannot fetch from 127.0.0.1" in str(caught.value)
    assert 'name it by path = "..." in region.toml' in str(caught.value)


def test_only_web_addresses_are_fetched():
    with pytest.raises(FetchError, match="only http and https"):
        download.download("file:///etc/passwd")


# ---- OpenStreetMap ------------------------------------------------------------------------------


def ring(west, south, size, *, closed=True):
    corners = [(0, 0), (size, 0), (size, size), (0, size)] + ([(0, 0)] if closed else [])
    return [{"lon": west + x, "lat": south + y} for x, y in corners]


REPLY = {
    "elements": [
        {
            "type": "way",
            "id": 1,
            "tags": {"building": "warehouse", "height": "9 m", "building:levels": "2", "name": "圆通"},
            "geometry": ring(108.701, 34.301, 2e-4),
        },
        {
            "type": "relation",
            "id": 2,
            "tags": {"building": "school", "roof:shape": "hipped"},
            "members": [
                {"role": "outer", "geometry": ring(108.71, 34.31, 1e-3)[:3]},
                {"role": "outer", "geometry": ring(108.71, 34.31, 1e-3)[2:]},
                {"role": "inner", "geometry": ring(108.7103, 34.3103, 4e-4)},
            ],
        },
        {
            "type": "way",
            "id": 3,
            "tags": {"building": "yes"},
            "geometry": ring(108.7, 34.3, 1e-4, closed=False),
        },
        {"type": "node", "id": 4},
    ]
}


def test_buildings_of_overpass_become_a_layer(server, tmp_path):
    server.files["/api"] = json.dumps(REPLY).encode()
    got = osm.fetch_osm("buildings", BOX, tmp_path / "b.gpkg", url=server.url("/api"))
    assert got.rows == 2
    query = parse_qs(server.asked[0][2].decode())["data"][0]
    assert 'way["building"](34.3000000,108.7000000,34.3200000,108.7200000);' in query
    frame = read_layer(region_of(got.out, "buildings"), "buildings").frame.set_index("id")
    one, two = frame.loc["w1"], frame.loc["r2"]
    assert (one["use"], one["height_m"], one["floors"], one["name"]) == ("logistics", 9.0, 2.0, "圆通")
    assert (two["use"], two["roof_form"]) == ("school", "hipped")
    assert two.geometry.area == pytest.approx(
        (1 - 0.16) * 1e-6 * 111_000**2 * np.cos(np.radians(34.3)), rel=0.01
    )
    told = json.loads(got.beside.read_text(encoding="utf-8"))
    assert told["licence"] == "ODbL 1.0"
    assert told["sha256"] == download.sha256(got.out)


def test_roads_lines_and_stations_of_overpass(server, tmp_path):
    line = ring(108.701, 34.301, 1e-3)[:2]
    ways = [
        ("highway", "motorway", {}),
        ("railway", "rail", {}),
        ("power", "line", {"voltage": "330000;110000"}),
    ]
    elements = [
        {
            "type": "way",
            "id": number,
            "tags": {key: value} | more,
            "geometry": [*line[:1], {"lon": 108.71, "lat": 34.31 + number / 1e4}],
        }
        for number, (key, value, more) in enumerate(ways)
    ]
    server.files["/api"] = json.dumps({"elements": elements}).encode()
    got = osm.fetch_osm("restrictions", BOX, tmp_path / "r.parquet", url=server.url("/api"))
    layer = read_layer(region_of(got.out, "restrictions"), "restrictions")
    assert layer.frame["kind"].tolist() == ["road", "rail", "power_line"]
    assert layer.frame["class"][0] == "expressway"
    assert layer.frame["kv"][2] == 330.0
    station = {
        "type": "way",
        "id": 9,
        "tags": {"power": "substation", "voltage": "110000"},
        "geometry": ring(108.7, 34.3, 1e-3),
    }
    server.files["/api2"] = json.dumps({"elements": [station]}).encode()
    got = osm.fetch_osm("grid", BOX, tmp_path / "g.parquet", url=server.url("/api2"))
    grid = read_layer(region_of(got.out, "grid"), "grid").frame
    assert grid.geometry[0].geom_type == "Point"
    assert grid["kv"][0] == 110.0


@pytest.mark.parametrize(
    "reply", [b"<html>busy</html>", b'{"elements": [], "remark": "runtime error: timed out"}']
)
def test_a_service_that_gives_up_is_said_and_not_kept(server, tmp_path, reply):
    server.files["/api"] = reply
    with pytest.raises(FetchError, match="smaller box"):
        osm.fetch_osm("buildings", BOX, tmp_path / "b.gpkg", url=server.url("/api"))
    server.files["/api"] = json.dumps(REPLY).encode()
    assert osm.fetch_osm("buildings", BOX, tmp_path / "b.gpkg", url=server.url("/api")).rows == 2


EXTRACT = """<?xml version='1.0' encoding='UTF-8'?>
<osm version="0.6">
{nodes}
<way id="7"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="4"/><nd ref="1"/>
<tag k="building" v="apartments"/><tag k="building:levels" v="18"/><tag k="height" v="54"/></way>
<way id="8"><nd ref="1"/><nd ref="3"/><tag k="highway" v="primary"/></way>
<way id="9"><nd ref="2"/><nd ref="4"/><tag k="highway" v="footway"/></way>
</osm>"""


def extract(folder: Path) -> Path:
    places = [(108.701, 34.301), (108.702, 34.301), (108.702, 34.302), (108.701, 34.302)]
    nodes = "\n".join(f'<node id="{n}" lon="{x}" lat="{y}"/>' for n, (x, y) in enumerate(places, start=1))
    (folder / "x.osm").write_text(EXTRACT.format(nodes=nodes), encoding="utf-8")
    return folder / "x.osm"


def test_layers_of_an_extract_on_disk(tmp_path):
    got = run.fetch("buildings", BOX, tmp_path / "b.gpkg", extract=extract(tmp_path))
    frame = read_layer(region_of(got.out, "buildings"), "buildings").frame
    assert frame["id"].tolist() == ["w7"]
    assert (frame["use"][0], frame["height_m"][0], frame["floors"][0]) == ("residential", 54.0, 18.0)
    got = osm.read_extract("restrictions", extract(tmp_path), BOX, tmp_path / "r.gpkg")
    roads = read_layer(region_of(got.out, "restrictions"), "restrictions").frame
    assert roads["class"].tolist() == ["provincial"]


def test_an_extract_that_is_none_is_said(tmp_path):
    (tmp_path / "x.osm.pbf").write_bytes(b"no extract")
    with pytest.raises(InputError, match="cannot be read as an OpenStreetMap extract"):
        osm.read_extract("buildings", tmp_path / "x.osm.pbf", BOX, tmp_path / "b.gpkg")


# ---- footprints ---------------------------------------------------------------------------------


def test_quadkeys_are_those_of_the_documentation():
    """Tile (3, 5) of level 3 is 213 in the published description of the tile system."""
    assert footprints._quadkey(3, 5, 3) == "213"
    assert footprints._tile(-180, 90, 1) == (0, 0)
    assert footprints._tile(179.99, -90, 1) == (1, 1)


def test_footprints_of_microsoft_are_cut_to_the_box(server, tmp_path):
    key = footprints.quadkeys(BOX)[0]
    shapes = [shapely.box(108.701, 34.301, 108.702, 34.302), shapely.box(108.9, 34.5, 108.91, 34.51)]
    lines = [
        json.dumps(
            {
                "type": "Feature",
                "properties": {"height": height},
                "geometry": json.loads(shapely.to_geojson(shape)),
            }
        )
        for shape, height in zip(shapes, (-1.0, 7.0), strict=True)
    ]
    server.files["/tile.csv.gz"] = gzip.compress("\n".join(lines).encode())
    links = (
        f"Location,QuadKey,Url,Size\nChina,{key},{server.url('/tile.csv.gz')},1KB\nChina,000000000,x,1KB\n"
    )
    server.files["/links.csv"] = links.encode()
    got = footprints.fetch_microsoft(BOX, tmp_path / "b.parquet", url=server.url("/links.csv"))
    frame = gpd.read_parquet(got.out)
    assert len(frame) == 1
    assert np.isnan(frame["height"][0])
    with pytest.raises(FetchError, match="no tile for this box"):
        footprints.fetch_microsoft((10, 10, 10.1, 10.1), tmp_path / "b.parquet", url=server.url("/links.csv"))


def test_a_tile_that_is_none_is_said(server, tmp_path):
    server.files["/tile.csv.gz"] = b"no gzip"
    links = (
        f"Location,QuadKey,Url,Size\nChina,{footprints.quadkeys(BOX)[0]},{server.url('/tile.csv.gz')},1KB\n"
    )
    server.files["/links.csv"] = links.encode()
    with pytest.raises(FetchError, match="is no tile of footprints"):
        footprints.fetch_microsoft(BOX, tmp_path / "b.parquet", url=server.url("/links.csv"))


def release_of(folder: Path, parts: int = 1) -> str:
    shapes = [shapely.box(108.701, 34.301, 108.702, 34.302), shapely.box(109.9, 34.5, 109.91, 34.51)]
    boxes = [dict(zip(("xmin", "ymin", "xmax", "ymax"), shape.bounds, strict=True)) for shape in shapes]
    table = pa.table(
        {
            "id": ["a", "b"],
            "bbox": boxes,
            "subtype": ["industrial", None],
            "height": [12.0, None],
            "num_floors": pa.array([2, None], pa.int32()),
            "roof_shape": ["flat", None],
            "geometry": shapely.to_wkb(shapes),
        }
    )
    for release in ("2025-01-22.0", "2025-09-24.0"):
        target = folder / "release" / release / "theme=buildings" / "type=building"
        target.mkdir(parents=True)
        for part in range(parts):
            pq.write_table(table, target / f"part-{part}.parquet")
    return str(folder / "release")


@pytest.mark.usefixtures("server")
def test_buildings_of_overture_from_the_newest_release(tmp_path):
    where = fs.LocalFileSystem()
    got = overture.fetch_overture(BOX, tmp_path / "b.gpkg", bucket=release_of(tmp_path), filesystem=where)
    assert got.origin.notes == ("release 2025-09-24.0",)
    frame = read_layer(region_of(got.out, "buildings"), "buildings").frame
    assert frame["id"].tolist() == ["a"]
    assert (frame["use"][0], frame["height_m"][0], frame["roof_form"][0]) == ("industrial", 12.0, "flat")


@pytest.mark.usefixtures("server")
def test_no_overture_without_a_connection(tmp_path):
    with pytest.raises(FetchError, match=r"Without internet, get the buildings elsewhere"):
        overture.fetch_overture(
            BOX, tmp_path / "b.gpkg", bucket=str(tmp_path / "none"), filesystem=fs.LocalFileSystem()
        )


@pytest.mark.usefixtures("server")
def test_overture_goes_on_with_the_file_it_broke_off_at(tmp_path, monkeypatch):
    bucket, asked, told = release_of(tmp_path, parts=3), [], []
    read = overture._read_part

    def breaking(file, where, box):
        asked.append(file[-14:])
        if len(asked) in broken:
            raise OSError("connection reset")
        return read(file, where, box)

    monkeypatch.setattr(overture, "_read_part", breaking)
    given = {"bucket": bucket, "filesystem": fs.LocalFileSystem()}
    broken = (2, 3, 4, 5)  # the second file, at every try
    with pytest.raises(FetchError, match=r"connection reset. Without internet, get the buildings elsewhere"):
        overture.fetch_overture(BOX, tmp_path / "b.gpkg", **given)
    assert not (tmp_path / "b.gpkg").exists()
    broken = (6,)  # once
    got = overture.fetch_overture(
        BOX, tmp_path / "b.gpkg", **given, progress=lambda share, what: told.append((share, what))
    )
    assert got.rows == 3
    assert asked[5:] == ["part-1.parquet", "part-1.parquet", "part-2.parquet"]
    assert [what for _, what in told] == ["part-0.parquet", "part-1.parquet", "part-2.parquet"]


@pytest.mark.usefixtures("server")
def test_a_release_that_is_no_parquet_is_said(tmp_path):
    bucket = release_of(tmp_path)
    for file in tmp_path.rglob("part-0.parquet"):
        file.write_bytes(b"<html>sign in</html>")
    with pytest.raises(FetchError, match="cannot read"):
        overture.fetch_overture(BOX, tmp_path / "b.gpkg", bucket=bucket, filesystem=fs.LocalFileSystem())
    assert not list(tmp_path.glob("b.*"))


# ---- rasters ------------------------------------------------------------------------------------


def tile(data: np.ndarray, west: float, north: float, size: float) -> bytes:
    profile = {
        "driver": "GTiff",
        "height": data.shape[0],
        "width": data.shape[1],
        "count": 1,
        "dtype": data.dtype,
    }
    profile |= {
        "crs": "EPSG:4326",
        "transform": from_origin(west, north, size / data.shape[1], size / data.shape[0]),
    }
    with rasterio.MemoryFile() as memory:
        with memory.open(**profile, tiled=True, blockxsize=64, blockysize=64) as out:
            out.write(data, 1)
        return memory.read()


def test_the_addresses_of_the_tiles():
    urls = rasters.TERRAIN.urls((108.4, 33.9, 109.1, 34.6))
    assert [re.search(r"([NS]\d\d)_00_([EW]\d{3})_00_DEM\.tif", url).groups() for url in urls] == [
        ("N33", "E108"), ("N33", "E109"), ("N34", "E108"), ("N34", "E109")
    ]  # fmt: skip
    assert rasters.LANDCOVER.urls((108.4, 34.1, 108.6, 34.2))[0].endswith("v200_N33E108_Map.tif")
    assert rasters.TERRAIN.urls((-77.1, -0.5, -77.0, -0.4))[0].endswith("_S01_00_W078_00_DEM.tif")


def test_a_window_over_two_tiles_is_one_raster_with_the_right_heights(server, tmp_path):
    lon = 108 + (np.arange(256) + 0.5) / 256
    for corner in (108, 109):
        heights = np.tile(1000 * (lon + corner - 108), (256, 1)).astype("float32")
        server.files[f"/N34_E{corner}.tif"] = tile(heights, corner, 35, 1.0)
    what = rasters.TiledRaster(rasters.TERRAIN.origin, server.url("/{ns}{lat}_{ew}{lon}.tif"), 1, -9999.0)
    box = (108.8, 34.2, 109.2, 34.4)
    got = rasters.fetch_raster(what, box, tmp_path / "t.tif")
    with rasterio.open(got.out) as source:
        assert source.bounds == pytest.approx(box, abs=1 / 256)
        points = [(108.9, 34.3), (109.1, 34.3)]
        found = [value[0] for value in source.sample(points)]
        assert found == pytest.approx([1000 * x for x, _ in points], abs=1000 / 256)
        assert source.nodata == -9999.0
    assert len(got.origin.urls) == 2
    assert any(asked[1] for asked in server.asked)


def test_a_missing_tile_is_sea_all_missing_is_an_error(server, tmp_path):
    server.files["/N34_E108.tif"] = tile(np.full((64, 64), 400, "float32"), 108, 35, 1.0)
    what = rasters.TiledRaster(rasters.TERRAIN.origin, server.url("/{ns}{lat}_{ew}{lon}.tif"), 1, -9999.0)
    got = rasters.fetch_raster(what, (108.8, 34.2, 109.2, 34.4), tmp_path / "t.tif")
    with rasterio.open(got.out) as source:
        assert source.read(1)[0, -1] == -9999.0
    with pytest.raises(FetchError, match="there is no tile for this box"):
        rasters.fetch_raster(what, (110.8, 34.2, 110.9, 34.4), tmp_path / "t.tif")


def tiles(server, *corners: int) -> rasters.TiledRaster:
    for corner in corners:
        heights = np.full((64, 64), 400.0 + corner, "float32")
        server.files[f"/N34_E{corner}.tif"] = tile(heights, corner, 35, 1.0)
    return rasters.TiledRaster(rasters.TERRAIN.origin, server.url("/{ns}{lat}_{ew}{lon}.tif"), 1, -9999.0)


TWO = (108.8, 34.2, 109.2, 34.4)


def test_a_busy_server_is_no_sea(server, tmp_path):
    what = tiles(server, 108, 109)
    server.refuse = [503, 429]
    with rasterio.open(rasters.fetch_raster(what, TWO, tmp_path / "t.tif").out) as source:
        assert (source.read(1) > 0).all()
    server.refuse = [500] * 20
    with pytest.raises(FetchError, match="Without internet"):
        rasters.fetch_raster(what, (108.1, 34.2, 108.2, 34.4), tmp_path / "u.tif")
    assert not (tmp_path / "u.tif").exists()


def test_windows_that_are_here_are_not_read_again(server, tmp_path):
    what = tiles(server, 108)
    server.files["/N34_E109.tif"] = b"<html>please sign in</html>"
    with pytest.raises(FetchError, match=r"N34_E109\.tif cannot be read as a raster"):
        rasters.fetch_raster(what, TWO, tmp_path / "t.tif")
    assert not (tmp_path / "t.tif").exists()
    tiles(server, 109)
    server.asked.clear()
    told = []
    rasters.fetch_raster(what, TWO, tmp_path / "t.tif", progress=lambda _share, what: told.append(what))
    assert told == ["N34_E108.tif", "N34_E109.tif"]
    assert not [asked for asked in server.asked if "E108" in asked[0] and asked[1] is not None]


def test_land_cover_becomes_farmland(server, tmp_path):
    classes = np.full((300, 300), 50, "uint8")
    classes[:100], classes[100:200, :150], classes[250, 250] = 40, 10, 60
    server.files["/N33E108.tif"] = tile(classes, 108, 36, 3.0)
    what = rasters.TiledRaster(rasters.LANDCOVER.origin, server.url("/{ns}{lat}{ew}{lon}.tif"), 3, 0.0)
    got = rasters.fetch_raster(what, (108.0, 33.0, 111.0, 36.0), tmp_path / "lc.tif")
    farmland = rasters.farmland_of(got.out, tmp_path / "f.gpkg", got)
    frame = gpd.read_file(farmland.out)
    assert sorted(frame["class"]) == ["cultivated", "forest"]
    assert frame.set_index("class").geometry["cultivated"].area == pytest.approx(3.0 * 1.0)
    assert any("basic farmland" in note for note in farmland.origin.notes)


# ---- climate ------------------------------------------------------------------------------------


POWER_HEAD = """-BEGIN HEADER-
NASA/POWER Source Native Resolution Hourly Data
Dates (month/day/year): 01/01/2023 through 12/31/2023 in UTC
Location: latitude  34.3100   longitude 108.7100
elevation from MERRA-2: Average for 0.5 x 0.625 degree lat/lon region = 400.0 meters
The value for missing source data that cannot be computed: -999
parameter(s):
-END HEADER-
YEAR,MO,DY,HR,ALLSKY_SFC_SW_DWN,ALLSKY_SFC_SW_DIFF,ALLSKY_SFC_SW_DNI,T2M,WS10M
"""


def nasa_power() -> bytes:
    days = np.arange("2023-01-01", "2024-01-01", dtype="datetime64[h]")
    rows = []
    for day in days:
        stamp = day.astype(object)
        sun = max(0.0, np.sin(np.pi * ((stamp.hour + 7.25) % 24 - 6) / 12)) * 500
        row = (
            stamp.year,
            stamp.month,
            stamp.day,
            stamp.hour,
            round(sun, 2),
            round(sun / 2, 2),
            round(sun / 2, 2),
            14.0,
            1.5,
        )
        rows.append(",".join(map(str, row)))
    return (POWER_HEAD + "\n".join(rows) + "\n").encode()


def test_a_year_of_nasa_power_reads_as_weather(server, tmp_path):
    server.files["/api"] = nasa_power()
    got = climate.fetch_climate(
        34.31, 108.71, tmp_path / "c.csv", source="nasa_power", url=server.url("/api")
    )
    asked = parse_qs(urlsplit(server.asked[0][0]).query)
    assert asked["latitude"] == ["34.31000"]
    assert asked["start"] == ["20230101"]
    assert "T2M" in asked["parameters"][0]
    assert got.out.read_bytes() == nasa_power()
    assert got.origin.licence


def test_an_answer_that_is_no_weather_is_said_and_not_kept(server, tmp_path):
    server.files["/api"] = b"<html>maintenance</html>"
    with pytest.raises(FetchError, match="answers no weather for"):
        climate.fetch_climate(34.31, 108.71, tmp_path / "c.csv", url=server.url("/api"))
    assert not (tmp_path / "c.csv").exists()
    assert not list(download.cache_folder().glob("*-api"))


# ---- the door -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "box", "source", "message"),
    [
        ("trees", BOX, None, "what = 'trees': cannot be fetched; these can: buildings, farmland"),
        (
            "buildings",
            BOX,
            "google",
            "source = 'google': has no buildings; these have: osm, overture, microsoft",
        ),
        ("buildings", (1, 2, 3), None, "bbox = '1,2,3': must be four numbers"),
        ("buildings", (3, 2, 1, 4), None, "must be west < east and south < north"),
        ("buildings", (100, 80, 101, 95), None, "must be west < east and south < north in degrees"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_asked(tmp_path, what, box, source, message):
    with pytest.raises(InputError) as caught:
        run.fetch(what, box, tmp_path / "x.gpkg", source=source)
    assert message in str(caught.value)


def test_a_kind_of_file_that_is_not_written_is_refused(tmp_path):
    with pytest.raises(InputError, match="is no kind of file that is written"):
        run.fetch("buildings", BOX, tmp_path / "b.xlsx", extract=extract(tmp_path))


def test_places_and_sources_of_climate_are_checked(tmp_path):
    with pytest.raises(InputError) as caught:
        climate.fetch_climate(134.0, 108.0, tmp_path / "c.csv", source="meteonorm")
    assert "must be a latitude and a longitude" in str(caught.value)
    assert "source = 'meteonorm': must be one of pvgis, pvgis_hourly, nasa_power" in str(caught.value)


def test_the_door_hands_on_to_the_connector_of_the_source(tmp_path, monkeypatch):
    called = []

    def connector(name):
        return lambda *args, **kwargs: called.append((name, args, kwargs))

    for name in (
        "fetch_osm",
        "fetch_overture",
        "fetch_microsoft",
        "fetch_raster",
        "fetch_climate",
        "farmland_of",
    ):
        monkeypatch.setattr(run, name, connector(name))
    for what, source in [
        ("buildings", None),
        ("buildings", "overture"),
        ("buildings", "microsoft"),
        ("terrain", None),
        ("landcover", None),
        ("climate", "nasa_power"),
        ("farmland", "worldcover"),
    ]:
        run.fetch(what, BOX, tmp_path / "x", source=source)
    names = [
        "fetch_osm",
        "fetch_overture",
        "fetch_microsoft",
        "fetch_raster",
        "fetch_raster",
        "fetch_climate",
    ]
    assert [name for name, _, _ in called] == [*names, "fetch_raster", "farmland_of"]
    assert called[3][1][0] is rasters.TERRAIN
    assert called[4][1][0] is rasters.LANDCOVER
    assert called[5][1][:2] == pytest.approx((34.31, 108.71))
