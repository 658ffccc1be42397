"""Readers against damaged files: `python -m benchmarks.fuzz [seconds] [reader ...]`.

Every case takes a good small file of a kind, changes it (bytes, pieces, numbers, words, nodes of JSON, values
of tables) and reads it as a user would. It must end in a report or in an InputError, within `MOST_SECONDS` of
CPU, and rows must add up: usable + rejected + left out = rows, and no fewer rows than an independent count of
the file finds, unless an error says so. Work is done in a child, so that a crash of a library is a finding,
not the end. Seconds are CPU seconds per reader; `--seed` makes another run, `--keep DIR` keeps the files that
fail.
"""

from __future__ import annotations

import argparse
import csv
import faulthandler
import io
import json
import multiprocessing
import re
import resource
import shutil
import sqlite3
import sys
import tempfile
import time
import traceback
import warnings
import xml.etree.ElementTree as ET
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import rasterio
import shapely
from rasterio.transform import from_origin

from faults import YijianError
from layers.checks import check_path
from layers.climate import read_climate
from layers.fetch.osm import read_extract
from layers.region import EMBEDDED, load_region
from tests.pbf import write_pbf

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

    Counter = Callable[[Path], int | None]

MOST_SECONDS = 10.0
"""CPU time that one small file may take."""
MOST_SILENT_S = 120.0
"""A child that says nothing for so long hangs."""
MOST_BYTES = 8 << 30
WORDS = [
    b"",
    b"NaN",
    b"nan",
    b"null",
    b"1e999",
    b"-1e308",
    b"9" * 40,
    b"-0",
    b"0x10",
    b"\x00",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    "亩".encode(),
    "９".encode(),
    "厂房".encode("gbk"),
    b"[]",
    b"{}",
    b"<x>",
    b"<!DOCTYPE x>",
    b"../",
    b'"',
    b"'",
    b",",
    b"\n",
    b"\r\n",
    b";",
    b"=1+1",
    b"true",
    b"Infinity",
    b"POLYGON EMPTY",
    b"POINT Z (1 2 3)",
    b"[1,2,3,4]",
    b"%s%n",
]
NUMBERS = [0, 1, -1, 127, 128, 255, 256, 32767, 65535, 2**31 - 1, 2**31, 2**32 - 1, 2**63 - 1]


# ---- good files
# ------------------------------------------------------------------------------------------------


def buildings(kind: int) -> gpd.GeoDataFrame:
    """Make a small table of buildings; kinds differ in their shapes and columns."""
    rng = np.random.default_rng(kind)
    x, y = rng.uniform(108.6, 108.8, 12), rng.uniform(34.2, 34.4, 12)
    shapes = shapely.box(x, y, x + 2e-4, y + 2e-4)
    table: dict[str, Any] = {
        "id": range(12),
        "用途": ["厂房"] * 12,
        "height": np.linspace(0, 30, 12),
        "name": ["一号"] * 12,
    }
    if kind == 1:
        shapes[::3] = [
            shapely.MultiPolygon([shape, shapely.affinity.translate(shape, 3e-4)]) for shape in shapes[::3]
        ]
        table |= {"floors": ["3层", "４", "不详"] * 4, "year": pd.to_datetime(["2001-02-03"] * 12)}
    if kind == 2:
        shapes = shapely.difference(shapes, shapely.buffer(shapely.centroid(shapes), 5e-5))
        table = {"Height": np.r_[np.full(6, -1.0), np.arange(6.0)], "confidence": np.full(12, 0.5)}
    return gpd.GeoDataFrame(table, geometry=shapes, crs="EPSG:4326" if kind else "EPSG:4490")


def vector(file: Path, kind: int) -> None:
    """Write the table in the format of a name."""
    frame = buildings(kind)
    if file.suffix == ".parquet":
        frame.to_parquet(file)
    elif file.suffix == ".csv" and kind == 1:
        points = frame.to_crs(3857).centroid.to_crs(4326)
        frame.drop(columns="geometry").assign(经度=points.x, 纬度=points.y).to_csv(
            file, index=False, encoding="gb18030"
        )
    elif file.suffix == ".csv":
        frame.to_wkt().to_csv(file, index=False, sep=",;"[kind // 2])
    elif file.suffix in (".zip", ".kmz"):
        with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(file, "w", (0, 8)[kind > 0]) as archive:
            inner = Path(folder) / ("b.kml" if file.suffix == ".kmz" else "b.shp")
            vector(inner, kind)
            for part in sorted(Path(folder).iterdir()):
                archive.write(part, part.name)
    else:
        options: dict[str, Any] = {
            ".shp": {"encoding": ("GBK", "UTF-8")[kind % 2]},
            ".kml": {"driver": "KML"},
        }.get(file.suffix, {})
        frame = frame.astype({"year": str}) if "year" in frame and file.suffix == ".kml" else frame
        frame.to_file(file, **options)


def raster(file: Path, kind: int) -> None:
    """Write a small GeoTIFF of heights."""
    heights = (
        np.random.default_rng(kind)
        .uniform(300, 500, (1, 40, 40))
        .astype(("float32", "int16", "float64")[kind])
    )
    profile = {"driver": "GTiff", "count": 1, "height": 40, "width": 40, "crs": "EPSG:4545", "nodata": -9999}
    profile |= {"dtype": heights.dtype, "transform": from_origin(500000, 3800000, 10, 10)}
    profile |= (
        {},
        {"compress": "deflate", "predictor": 2},
        {"tiled": True, "blockxsize": 16, "blockysize": 16, "compress": "lzw"},
    )[kind]
    with rasterio.open(file, "w", **profile) as target:
        target.write(heights)


def hours(year: int = 2021, tz: str = "UTC") -> pd.DataFrame:
    """Make a year of plain weather."""
    index = pd.date_range(f"{year}-01-01", periods=8760, freq="h", tz=tz)
    sun = np.maximum(np.sin((np.arange(8760) % 24 - 6) / 12 * np.pi), 0).round(3)
    return pd.DataFrame(
        {"ghi": 700 * sun, "dni": 500 * sun, "dhi": 250 * sun, "temp_air": 14.0, "wind_speed": 2.0},
        index=index,
    )


def hourly(file: Path, kind: int) -> None:
    frame = hours(tz=("UTC", "Asia/Shanghai", "UTC")[kind])
    text = frame.rename_axis("time").reset_index().to_csv(index=False)
    file.write_text("# lat: 34.3\n# lon: 108.7\n" + text, encoding="utf-8")


def nasa(file: Path, _kind: int) -> None:
    frame = hours()
    stamp = pd.DatetimeIndex(frame.index)
    table = pd.DataFrame({"YEAR": stamp.year, "MO": stamp.month, "DY": stamp.day, "HR": stamp.hour})
    for name, column in zip(
        ("ALLSKY_SFC_SW_DWN", "ALLSKY_SFC_SW_DIFF", "ALLSKY_SFC_SW_DNI", "T2M", "WS10M"),
        ("ghi", "dhi", "dni", "temp_air", "wind_speed"),
        strict=True,
    ):
        table[name] = frame[column].to_numpy()
    place = "Location: Latitude  34.3   Longitude 108.7\nElevation from MERRA-2 = 400.5 meters\nUTC\n"
    head = f"-BEGIN HEADER-\nNASA/POWER\n{place}-END HEADER-\n"
    file.write_text(head + table.to_csv(index=False), encoding="utf-8")


def epw(file: Path, _kind: int) -> None:
    head = "LOCATION,Xian,Shaanxi,CHN,CSWD,570360,34.30,108.93,8.0,397.5\n" + "".join(
        f"{name}\n"
        for name in (
            "DESIGN CONDITIONS,0",
            "TYPICAL/EXTREME PERIODS,0",
            "GROUND TEMPERATURES,0",
            "HOLIDAYS/DAYLIGHT SAVINGS,No,0,0,0",
            "COMMENTS 1,x",
            "COMMENTS 2,y",
            "DATA PERIODS,1,1,Data,Sunday, 1/ 1,12/31",
        )
    )
    frame = hours()
    stamp = pd.DatetimeIndex(frame.index)
    lines = [
        f"{a.year},{a.month},{a.day},{a.hour + 1},60,?9,{t:.1f},5.0,60,97000,0,0,300,{g:.0f},{n:.0f},"
        f"{d:.0f},0,0,0,0,180,{w:.1f},5,5,10,77777,9,999999999,10,0.1,0,88,0.2,0,1"
        for a, g, n, d, t, w in zip(
            stamp,
            frame["ghi"],
            frame["dni"],
            frame["dhi"],
            frame["temp_air"],
            frame["wind_speed"],
            strict=True,
        )
    ]
    file.write_text(head + "\n".join(lines) + "\n", encoding="utf-8")


def pvgis(file: Path, _kind: int) -> None:
    frame = hours()
    rows = [
        {
            "time(UTC)": stamp.strftime("%Y%m%d:%H%M"),
            "T2m": 14.0,
            "RH": 60.0,
            "G(h)": g,
            "Gb(n)": n,
            "Gd(h)": d,
            "IR(h)": 300.0,
            "WS10m": 2.0,
            "WD10m": 180.0,
            "SP": 97000.0,
        }
        for stamp, g, n, d in zip(
            pd.DatetimeIndex(frame.index), frame["ghi"], frame["dni"], frame["dhi"], strict=True
        )
    ]
    place = {"latitude": 34.3, "longitude": 108.7, "elevation": 400.0, "irradiance_time_offset": 0.0}
    months = [{"month": month, "year": 2010 + month} for month in range(1, 13)]
    tree = {
        "inputs": {"location": place},
        "outputs": {"months_selected": months, "tmy_hourly": rows},
        "meta": {},
    }
    file.write_text(json.dumps(tree), encoding="utf-8")


def normals(file: Path, _kind: int) -> None:
    shutil.copyfile(EMBEDDED / "climate_normals.csv", file)


def region(file: Path, _kind: int) -> None:
    for source in EMBEDDED.iterdir():
        if source.name != "region.toml":
            (file.parent / source.name).symlink_to(source)
    shutil.copyfile(EMBEDDED / "region.toml", file)


def extract(file: Path, _kind: int) -> None:
    places = [(108.701, 34.301), (108.702, 34.301), (108.702, 34.302), (108.701, 34.302)]
    nodes = "\n".join(f'<node id="{n}" lon="{x}" lat="{y}"/>' for n, (x, y) in enumerate(places, start=1))
    way = '<nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="4"/><nd ref="1"/>'
    file.write_text(
        f'<?xml version="1.0" encoding="UTF-8"?>\n<osm version="0.6">{nodes}<way id="7">{way}'
        f'<tag k="building" v="yes"/><tag k="height" v="54"/></way><relation id="3">'
        f'<member type="way" ref="7" role="outer"/><tag k="type" v="multipolygon"/>'
        f'<tag k="building" v="school"/></relation></osm>',
        encoding="utf-8",
    )


def pbf(file: Path, _kind: int) -> None:
    nodes = {1: (108.701, 34.301), 2: (108.702, 34.301), 3: (108.702, 34.302), 4: (108.701, 34.302)}
    write_pbf(
        file,
        nodes,
        [(7, (1, 2, 3, 4, 1), {"building": "yes", "height": "9"}), (8, (1, 3), {"highway": "primary"})],
    )


# ---- how they are read, and how many rows they have
# ------------------------------------------------------------


def count_json(file: Path) -> int | None:
    tree = json.loads(file.read_bytes())
    rows = tree["features"] if tree.get("type") == "FeatureCollection" else []
    return len(rows) if all(isinstance(row, dict) and row.get("type") == "Feature" for row in rows) else None


def count_table(file: Path) -> int | None:
    raw = file.read_bytes()
    text = raw.decode("utf-8-sig")
    if "\r" in text or '"' not in text or text.count('"') % 2:
        return None
    return sum(1 for row in csv.reader(io.StringIO(text)) if any(cell.strip() for cell in row)) - 1


def count_geopackage(file: Path) -> int | None:
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as base:
        if base.execute("pragma integrity_check").fetchone() != ("ok",):
            return None
        names = base.execute("select table_name from gpkg_contents where data_type = 'features'").fetchall()
        return sum(base.execute(f'select count(*) from "{name}"').fetchone()[0] for (name,) in names)  # noqa: S608


def count_parquet(file: Path) -> int | None:
    return int(pq.read_metadata(file).num_rows)


def count_kml(file: Path) -> int | None:
    return sum(1 for node in ET.fromstring(file.read_bytes()).iter() if node.tag.endswith("}Placemark"))  # noqa: S314


def count_nothing(_file: Path) -> int | None:
    return None


def read_layer_file(file: Path, layer: str, count: Counter) -> None:
    report = check_path(file, as_layer=layer)
    json.dumps(report.as_dict())
    if not report.layers:
        assert report.general, "neither a layer nor a fault"
        assert not report.ok, "no layer, and no error"
        return
    found = report.layers[0]
    assert (
        found.rows == 0 or found.frame is None or found.rows == found.usable + found.rejected + found.left_out
    ), "rows do not add up"
    if found.rejected_table is not None:
        assert found.rejected_table["row"].nunique() == found.rejected, "rejected rows are not all listed"
    if report.ok and found.frame is not None:
        try:
            there = count(file)
        except Exception:  # noqa: BLE001 - what cannot be counted by itself proves nothing
            return
        assert there is None or found.rows >= there, f"{there} rows in the file, {found.rows} read, no error"


def read_weather(file: Path, _layer: str, _count: Counter) -> None:
    weather = read_climate(file)
    assert np.isfinite([weather.ghi, weather.dni, weather.dhi, weather.temp_air, weather.wind_speed]).all()


def read_region(file: Path, _layer: str, _count: Counter) -> None:
    load_region(file)


def read_osm(file: Path, _layer: str, _count: Counter) -> None:
    read_extract("buildings", file, (108.6, 34.2, 108.8, 34.4), file.with_name("out.gpkg"))


@dataclass(frozen=True)
class Reader:
    """A kind of file: its name, who makes a good one, who reads it, who counts its rows."""

    name: str
    make: Callable[[Path, int], None]
    read: Callable[[Path, str, Counter], None] = read_layer_file
    count: Counter = count_nothing
    layer: str = "buildings"
    kinds: int = 3
    parts: tuple[str, ...] = field(default=())


READERS = {
    "geojson": Reader("b.geojson", vector, count=count_json),
    "geopackage": Reader("b.gpkg", vector, count=count_geopackage),
    "parquet": Reader("b.parquet", vector, count=count_parquet),
    "flatgeobuf": Reader("b.fgb", vector),
    "shapefile": Reader("b.shp", vector, parts=(".shp", ".shx", ".dbf", ".prj", ".cpg")),
    "csv": Reader("b.csv", vector, count=count_table),
    "kml": Reader("b.kml", vector, count=count_kml),
    "kmz": Reader("b.kmz", vector),
    "zip": Reader("b.zip", vector),
    "raster": Reader("t.tif", raster, layer="terrain"),
    "region.toml": Reader("region.toml", region, read=read_region, kinds=1),
    "osm": Reader("x.osm", extract, read=read_osm, kinds=1),
    "pbf": Reader("x.osm.pbf", pbf, kinds=1),
    "epw": Reader("w.epw", epw, read=read_weather, kinds=1),
    "hourly_csv": Reader("w.csv", hourly, read=read_weather, kinds=2),
    "nasa_power": Reader("p.csv", nasa, read=read_weather, kinds=1),
    "pvgis": Reader("v.json", pvgis, read=read_weather, kinds=1),
    "normals": Reader("n.csv", normals, read=read_weather, kinds=1),
}


# ---- damage
# ----------------------------------------------------------------------------------------------------


def damaged(raw: bytes, rng: np.random.Generator) -> bytes:
    """Return a file with one to six things wrong; text gets words and numbers, anything gets bytes."""
    for _ in range(int(rng.integers(1, 7))):
        raw = DAMAGE[int(rng.integers(len(DAMAGE)))](raw, rng) or raw[:1]
    return raw


def _span(raw: bytes, rng: np.random.Generator, most: int = 64) -> tuple[int, int]:
    start = int(rng.integers(max(1, len(raw))))
    if rng.random() < 0.3:  # heads and tails hold what the rest depends on
        start = (
            int(rng.integers(min(len(raw), 200)))
            if rng.random() < 0.5
            else max(0, len(raw) - 1 - int(rng.integers(200)))
        )
    return start, min(len(raw), start + int(rng.integers(1, most)))


def _flip(raw: bytes, rng: np.random.Generator) -> bytes:
    start, _ = _span(raw, rng)
    return raw[:start] + bytes([int(rng.integers(256))]) + raw[start + 1 :]


def _cut(raw: bytes, rng: np.random.Generator) -> bytes:
    start, end = _span(raw, rng, 2000)
    return raw[:start] + raw[end:]


def _double(raw: bytes, rng: np.random.Generator) -> bytes:
    start, end = _span(raw, rng, 500)
    return raw[:end] + raw[start:end] * int(rng.integers(1, 4)) + raw[end:]


def _move(raw: bytes, rng: np.random.Generator) -> bytes:
    (start, end), (there, _) = _span(raw, rng, 300), _span(raw, rng)
    piece, rest = raw[start:end], raw[:start] + raw[end:]
    return rest[:there] + piece + rest[there:]


def _tail(raw: bytes, rng: np.random.Generator) -> bytes:
    return raw[: int(rng.integers(1, len(raw) + 1))] if rng.random() < 0.2 else raw


def _integer(raw: bytes, rng: np.random.Generator) -> bytes:
    start, _ = _span(raw, rng)
    size = int(rng.choice([1, 2, 4, 8]))
    number = int(rng.choice(np.array(NUMBERS, dtype=object))) % (1 << 8 * size)
    return raw[:start] + number.to_bytes(size, str(rng.choice(["little", "big"]))) + raw[start + size :]


def _word(raw: bytes, rng: np.random.Generator) -> bytes:
    start, end = _span(raw, rng, 12)
    word = WORDS[int(rng.integers(len(WORDS)))]
    return raw[:start] + word + raw[start if rng.random() < 0.5 else end :]


def _number(raw: bytes, rng: np.random.Generator) -> bytes:
    start, _ = _span(raw, rng)
    found = re.compile(rb"-?\d+\.?\d*(e[-+]?\d+)?").search(raw, start)
    word = WORDS[int(rng.integers(len(WORDS)))]
    return raw if found is None else raw[: found.start()] + word + raw[found.end() :]


def _token(raw: bytes, rng: np.random.Generator) -> bytes:
    """Put one word of the file in the place of another."""
    words = list(re.finditer(rb"[\w\x80-\xff.]+", raw[:200_000]))
    if len(words) < 2:
        return raw
    one, other = (words[int(place)] for place in rng.integers(len(words), size=2))
    return raw[: one.start()] + other[0] + raw[one.end() :]


def _node(raw: bytes, rng: np.random.Generator) -> bytes:
    """Delete, double or replace one node where the file is JSON."""
    try:
        tree = json.loads(raw)
    except (ValueError, RecursionError):
        return _token(raw, rng)
    places: list[tuple[Any, Any]] = []

    def walk(node: Any) -> None:
        pairs = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        for key, value in list(pairs)[:500]:
            places.append((node, key))
            walk(value)

    walk(tree)
    if not places:
        return raw
    node, key = places[int(rng.integers(len(places)))]
    choice = int(rng.integers(3))
    strange = [None, True, 0, -1, 1e308, "", "x", [], {}, [[]], {"type": None}, 10**400, "９", [None], node]
    if choice == 0:
        del node[key]
    elif choice == 1:
        node[key] = strange[int(rng.integers(len(strange) - 1))]
    else:
        other, place = places[int(rng.integers(len(places)))]
        node[key] = json.loads(json.dumps(other[place])) if other is not node or place != key else None
    return json.dumps(tree, ensure_ascii=bool(rng.integers(2))).encode()


DAMAGE = [
    _flip,
    _flip,
    _cut,
    _double,
    _move,
    _tail,
    _integer,
    _integer,
    _word,
    _word,
    _number,
    _number,
    _token,
    _token,
    _node,
]


# ---- the loop
# --------------------------------------------------------------------------------------------------


def one_case(reader: Reader, whole: Path, folder: Path, rng: np.random.Generator) -> None:
    """Damage one part of a good file and read it."""
    source = whole / str(int(rng.integers(reader.kinds)))
    shutil.copytree(source, folder, symlinks=True)
    parts = reader.parts or (Path(reader.name).suffix,)
    part = (folder / reader.name).with_suffix(str(rng.choice(parts)))
    if zipfile.is_zipfile(part) and rng.random() < 0.7:
        _damage_member(part, rng)
    elif part.is_file():
        part.write_bytes(damaged(part.read_bytes(), rng))
    reader.read(folder / reader.name, reader.layer, reader.count)


def _damage_member(file: Path, rng: np.random.Generator) -> None:
    """Damage one file inside an archive that is itself whole."""
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    chosen = str(rng.choice(list(members)))
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in members.items():
            archive.writestr(name, damaged(raw, rng) if name == chosen and raw else raw)


def child(pipe: Connection, name: str, seed: int, seconds: float, root: str) -> None:
    """Work on cases until the CPU time is used up; say each finding, and every second how far it is."""
    faulthandler.enable(io.open(Path(root) / "crash", "w"))  # noqa: SIM115, UP020
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    warnings.simplefilter("ignore")
    reader = READERS[name]
    whole = Path(root) / "whole"
    if not whole.exists():
        for kind in range(reader.kinds):
            (whole / str(kind)).mkdir(parents=True)
            reader.make(whole / str(kind) / reader.name, kind)
    begin, cases, folder = time.process_time(), 0, Path(root) / "case"
    while (used := time.process_time() - begin) < seconds:
        shutil.rmtree(folder, ignore_errors=True)
        pipe.send(("at", cases, used, None))
        start, problem = time.process_time(), None
        try:
            one_case(reader, whole, folder, np.random.default_rng([seed, cases]))
        except YijianError:
            pass
        except BaseException:  # noqa: BLE001 - whatever it is, it is a finding
            problem = traceback.format_exc(limit=-4)
        if (took := time.process_time() - start) > MOST_SECONDS:
            problem = f"took {took:.1f} s of CPU\n{problem or ''}"
        cases += 1
        if problem is not None:
            kept = folder.with_name(f"found-{seed}-{cases}")
            shutil.copytree(folder, kept, symlinks=True)
            pipe.send(("found", cases, used, problem))
    pipe.send(("done", cases, time.process_time() - begin, None))


def fuzz(name: str, *, seed: int, seconds: float, keep: Path | None) -> tuple[int, float, list[str]]:
    """Fuzz one reader; return cases, CPU seconds and findings."""
    cases, used, found = 0, 0.0, []
    while used < seconds and len(found) < 50:
        with tempfile.TemporaryDirectory() as root:
            ours, theirs = multiprocessing.get_context("fork").Pipe(duplex=False)
            work = multiprocessing.get_context("fork").Process(
                target=child, args=(theirs, name, seed, seconds - used, root)
            )
            work.start()
            theirs.close()
            at, spent, problem = _listen(ours, found)
            work.kill()
            work.join()
            cases, used, seed = cases + at, used + max(spent, 0.1), seed + 1_000_003
            if problem is not None:
                found.append(f"{problem}\n{(Path(root) / 'crash').read_text(errors='replace')[:2000]}")
                shutil.copytree(Path(root) / "case", Path(root) / f"found-{seed}-crash", symlinks=True)
            if keep is not None:
                for folder in Path(root).glob("found-*"):
                    shutil.copytree(folder, keep / name / folder.name, symlinks=True, dirs_exist_ok=True)
    return cases, used, found


def _listen(pipe: Connection, found: list[str]) -> tuple[int, float, str | None]:
    """Hear the child out; return its cases, its CPU seconds, and how it ended where that is no good end."""
    at, spent = 0, 0.0
    while True:
        if not pipe.poll(MOST_SILENT_S):
            return at + 1, spent, f"hangs in case {at}"
        try:
            word, at, spent, problem = pipe.recv()
        except EOFError:
            return at + 1, spent, f"the process died in case {at}"
        if word == "found":
            found.append(problem)
        if word == "done":
            return at, spent, None


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("seconds", type=float, nargs="?", default=600.0)
    parser.add_argument("readers", nargs="*", default=list(READERS))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path)
    given = parser.parse_args()
    bad = 0
    for name in given.readers:
        cases, used, found = fuzz(name, seed=given.seed, seconds=given.seconds, keep=given.keep)
        print(f"{name:12} {cases:7,} cases {used:6.0f} s of CPU  {len(found)} findings", flush=True)
        for problem in dict.fromkeys(found):
            print("   ", problem.strip().replace("\n", "\n    "), flush=True)
        bad += len(found)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
