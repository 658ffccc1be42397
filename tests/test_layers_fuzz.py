"""Whatever bytes a file holds, a check ends in a report, never in another error."""

from __future__ import annotations

import itertools
import json
import shutil

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely

from faults import InputError
from layers.checks import check_path
from layers.climate import read_climate
from layers.region import EMBEDDED, load_region

MUTANTS = 40
PARTS = {
    "b.parquet": (".parquet",),
    "b.gpkg": (".gpkg",),
    "b.geojson": (".geojson",),
    "b.fgb": (".fgb",),
    "b.csv": (".csv",),
    "b.kml": (".kml",),
    "b.shp": (".shp", ".shx", ".dbf", ".prj", ".cpg"),
}


def write(folder, name):
    rng = np.random.default_rng(1)
    x, y = rng.uniform(108.6, 108.8, 12), rng.uniform(34.2, 34.4, 12)
    shapes = shapely.box(x, y, x + 2e-4, y + 2e-4)
    table = {"id": range(12), "用途": ["厂房"] * 12, "height": np.linspace(0, 30, 12), "name": ["一号"] * 12}
    frame = gpd.GeoDataFrame(table, geometry=shapes, crs="EPSG:4326")
    file = folder / name
    if file.suffix == ".parquet":
        frame.to_parquet(file)
    elif file.suffix == ".csv":
        frame.to_wkt().to_csv(file, index=False)
    else:
        options = {".shp": {"encoding": "GBK"}, ".kml": {"driver": "KML"}}.get(file.suffix, {})
        frame.to_file(file, **options)
    return file


def mutate(raw: bytes, rng: np.random.Generator) -> bytes:
    """Change some bytes, cut some out, or double some."""
    array = bytearray(raw)
    kind = rng.integers(3)
    if kind == 0:
        for place in rng.integers(0, len(array), int(rng.integers(1, 12))):
            array[place] = int(rng.integers(256))
    else:
        start = int(rng.integers(len(array)))
        end = min(len(array), start + int(rng.integers(1, 64)))
        array[start:end] = b"" if kind == 1 else array[start:end] * 2
    return bytes(array)


@pytest.mark.parametrize("name", PARTS)
@pytest.mark.filterwarnings("ignore")
def test_a_check_of_damaged_bytes_ends_in_a_report(tmp_path, name):
    rng = np.random.default_rng(len(name) + 17)
    whole = tmp_path / "whole"
    whole.mkdir()
    source = write(whole, name)
    for number in range(MUTANTS):
        folder = tmp_path / str(number)
        shutil.copytree(whole, folder)
        part = folder / f"b{rng.choice(PARTS[name])}"
        part.write_bytes(mutate(source.with_suffix(part.suffix).read_bytes(), rng))
        report = check_path(folder / name, as_layer="buildings")
        assert report.layers or report.general
        json.dumps(report.as_dict())


def features(*rows: tuple[str, str], **members: str) -> str:
    """Write GeoJSON of rows of properties and geometry as they are given."""
    parts = (f'{{"type": "Feature", "properties": {row}, "geometry": {shape}}}' for row, shape in rows)
    head = "".join(f'"{name}": {value}, ' for name, value in members.items())
    return f'{{"type": "FeatureCollection", {head}"features": [{", ".join(parts)}]}}'


HERE = '{"type": "Point", "coordinates": [108.7, 34.3]}'
FLAT = '{"type": "Polygon", "coordinates": [[[108, 34], [108.1, 34], [108, 34]]]}'
HOSTILE = {
    "deep": '{"type": "FeatureCollection", "features": ' + "[" * 3000 + "]" * 3000 + "}",
    "huge_numbers": features(('{"height": 1e999}', '{"type": "Point", "coordinates": [1e308, -1e308]}')),
    "mixed": features(('{"height": {"a": [1]}, "id": [1]}', FLAT), ("null", "null")),
    "no_features": features(),
    "one_geometry": HERE,
    "strange_crs": features(('{"id": 1}', HERE), crs='{"type": "name", "properties": {"name": "nonsense"}}'),
    "same_column_twice": features(('{"height": 3, "Height": 4, "HEIGHT": "x"}', HERE)),
    "column_named_geometry": features(('{"geometry": "x", "id": null, "class": "y"}', HERE)),
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("layer", ["buildings", "wells", "restrictions"])
@pytest.mark.filterwarnings("ignore")
def test_hostile_geojson_ends_in_a_report(tmp_path, name, layer):
    (tmp_path / "b.geojson").write_text(HOSTILE[name], encoding="utf-8")
    report = check_path(tmp_path / "b.geojson", as_layer=layer)
    assert report.layers or report.general
    json.dumps(report.as_dict())


def test_the_second_of_two_columns_with_one_name_is_said(tmp_path):
    shapes = gpd.GeoSeries([shapely.Point(108.7, 34.3)], crs=4326)
    gpd.GeoDataFrame({"note": ["a"], "notf": ["b"]}, geometry=shapes).to_file(tmp_path / "w.shp")
    table = tmp_path / "w.dbf"
    table.write_bytes(table.read_bytes().replace(b"notf", b"note"))
    told = [str(fault) for fault in check_path(tmp_path / "w.shp", as_layer="wells").faults]
    assert any("note: occurs more than once; the first is used" in line for line in told)


TABLES = {
    "nul_bytes": b"id,lon,lat\n1,108.7,34.3\x00\n",
    "open_quote": b'id,lon,lat\n1,"108.7,34.3\n',
    "only_header": b"id,lon,lat\n",
    "one_line": b"id",
    "blank": b"\n\n\n",
    "same_column_twice": b"id,lon,lon,lat,lat\n1,1,2,3,4\n",
    "wide": ("lon,lat," + ",".join(f"c{i}" for i in range(3000)) + "\n" + "1," * 3001 + "1\n").encode(),
    "infinite": b"id,lon,lat\n1,inf,34.3\n2,nan,34\n3,1e400,34\n",
    "empty_names": b",,\n1,2,3\n",
    "utf16": "id,lon,lat\n1,108.7,34.3\n".encode("utf-16"),
}


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.filterwarnings("ignore")
def test_hostile_tables_end_in_a_report(tmp_path, name):
    (tmp_path / "w.csv").write_bytes(TABLES[name])
    report = check_path(tmp_path / "w.csv", as_layer="wells")
    assert report.layers or report.general
    json.dumps(report.as_dict())


WRONG = ["3", "-1.5", "true", '""', '"x"', "[]", "[1]", '["a"]', "{}", "{a = 1}", "2024-01-01", '"/"', '".."']


def test_a_region_with_any_value_replaced_is_read_or_refused_in_words(tmp_path):
    lines = (EMBEDDED / "region.toml").read_text(encoding="utf-8").splitlines()
    places = [number for number, line in enumerate(lines) if " = " in line and not line.startswith("#")]
    for file in EMBEDDED.iterdir():
        if file.name != "region.toml":
            (tmp_path / file.name).symlink_to(file)
    refused = []
    for place, wrong in itertools.product(places, WRONG):
        changed = [*lines[:place], f"{lines[place].split(' = ')[0]} = {wrong}", *lines[place + 1 :]]
        (tmp_path / "region.toml").write_text("\n".join(changed), encoding="utf-8")
        try:
            load_region(tmp_path)
        except InputError as error:
            refused.append(str(error))
    assert all("region.toml" in message for message in refused)
    assert len(refused) > len(places) * 5


# ---- found by benchmarks/fuzz.py ---------------------------------------------------------------------


def told(report) -> str:
    return "\n".join(map(str, report.faults))


def test_ids_beyond_whole_numbers_of_a_float_are_texts(tmp_path):
    rows = [(f'{{"id": {number}}}', HERE) for number in ("1e308", "2", "3")]
    (tmp_path / "w.geojson").write_text(features(*rows), encoding="utf-8")
    report = check_path(tmp_path / "w.geojson", as_layer="wells")
    assert report.layers[0].frame["id"].tolist() == ["1e+308", "2.0", "3.0"]


def test_parquet_with_bytes_that_are_no_text_is_damaged(tmp_path):
    file = tmp_path / "b.parquet"
    shapes = gpd.GeoSeries([shapely.box(108.7, 34.3, 108.701, 34.301)], crs=4326)
    gpd.GeoDataFrame({"use": ["hospital"]}, geometry=shapes).to_parquet(
        file, compression=None, use_dictionary=False
    )
    file.write_bytes(file.read_bytes().replace(b"hospital", b"hosp\x8etal"))
    assert "cannot be read, it may be damaged or cut off" in told(check_path(file, as_layer="buildings"))


def test_text_that_breaks_its_own_mark_is_said(tmp_path):
    (tmp_path / "w.csv").write_bytes(b"\xef\xbb\xbfid,lon,lat\n\xff,108.7,34.3\n")
    rule = "begins as utf-8, but byte 15 is no such text; it is damaged or cut off"
    assert rule in told(check_path(tmp_path / "w.csv", as_layer="wells"))
    (tmp_path / "u.csv").write_bytes("id,lon,lat\n1,2,3".encode("utf-16")[:-1])
    assert "begins as utf-16" in told(check_path(tmp_path / "u.csv", as_layer="wells"))


def test_words_in_the_numbers_of_a_weather_file_are_said(tmp_path):
    row = (
        "2021,1,1,1,60,?9,14.0,5.0,60,97000,0,0,300"
        + ",0" * 7
        + ",180,2.0,5,5,10,77777,9,999999999,10,0.1,0,88,0.2,0,1"
    )
    head = "LOCATION,Xian,Shaanxi,CHN,CSWD,570360,34.30,108.93,8.0,397.5\n" + "x\n" * 7
    (tmp_path / "w.epw").write_text(
        head + f"{row}\n" * 3 + row.replace("2021,1,1,1", "2021,1,1,x"), encoding="utf-8"
    )
    with pytest.raises(InputError, match="cannot be read as EPW"):
        read_climate(tmp_path / "w.epw")


def test_a_raster_with_a_crs_that_has_no_place_is_said(tmp_path):
    local = 'LOCAL_CS["a grid of one\'s own",UNIT["metre",1]]'
    profile = {"driver": "GTiff", "height": 4, "width": 4, "count": 1, "dtype": "float32", "nodata": -9999.0}
    transform = rasterio.transform.from_origin(500_000, 3_800_000, 10, 10)
    with rasterio.open(tmp_path / "t.tif", "w", crs=local, transform=transform, **profile) as target:
        target.write(np.full((1, 4, 4), 400.0, dtype="float32"))
    assert "cannot be read as a raster" in told(check_path(tmp_path / "t.tif", as_layer="terrain"))
