"""One layer in every format, in every position, must come out the same."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import Transformer

from faults import InputError
from gis.crs import wgs84_to_bd09, wgs84_to_gcj02
from layers import demo_source
from layers.checks import check_path
from layers.region import load_region
from layers.sources import read_layer

SUZHOU = Path(__file__).parents[2] / "shared/surfaces/suzhou/buildings.geojson"


def region_with(folder: Path, layer: str, file: str, *lines: str):
    head = 'id = "here"\nname_zh = "此地"\nname_en = "Here"\ncrs_metric = "EPSG:4545"\n'
    text = "\n".join([head, f"[layers.{layer}]", f'path = "{file}"', *lines])
    (folder / "region.toml").write_text(text, encoding="utf-8")
    return load_region(folder)


def sample() -> gpd.GeoDataFrame:
    rng = np.random.default_rng(5)
    x, y = 500_000 + rng.uniform(0, 3000, 40), 3_800_000 + rng.uniform(0, 3000, 40)
    shapes = shapely.box(x, y, x + rng.uniform(8, 40, 40), y + rng.uniform(8, 40, 40))
    table = {
        "id": [f"B{i}" for i in range(40)],
        "用途": rng.choice(["工业", "住宅", "学校", None], 40),
        "height": np.where(rng.random(40) < 0.2, np.nan, rng.uniform(3, 60, 40).round(1)),
        "floors": rng.integers(1, 20, 40),
        "name": rng.choice(["一号厂房", "二号楼", None], 40),
    }
    return gpd.GeoDataFrame(table, geometry=shapes, crs="EPSG:4545")


def write_zip(frame, file):
    folder = file.parent / "inner"
    folder.mkdir()
    frame.to_file(folder / "b.shp", encoding="GBK")
    with zipfile.ZipFile(file, "w") as archive:
        for part in folder.iterdir():
            archive.write(part, f"数据/{part.name}")


def write_csv(frame, file, encoding="utf-8", sep=","):
    table = frame.to_wkt().rename(columns={"geometry": "wkt"})
    table.to_csv(file, index=False, encoding=encoding, sep=sep)


FORMATS = {
    "b.parquet": lambda frame, file: frame.to_parquet(file),
    "b.gpkg": lambda frame, file: frame.to_file(file),
    "b.fgb": lambda frame, file: frame.to_file(file, SPATIAL_INDEX="NO"),
    "b.geojson": lambda frame, file: frame.to_crs(4326).to_file(file, COORDINATE_PRECISION=12),
    "utf8.shp": lambda frame, file: frame.to_file(file, encoding="UTF-8"),
    "gbk.shp": lambda frame, file: frame.to_file(file, encoding="GBK"),
    "b.zip": write_zip,
    "b.csv": write_csv,
    "gbk.csv": lambda frame, file: write_csv(frame, file, "gbk", ";"),
    "b.kml": lambda frame, file: frame.to_crs(4326).to_file(file, driver="KML"),
}


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.filterwarnings(
    "ignore:'crs' was not provided", "ignore:Field with same name", "ignore:Normalized"
)
def test_every_format_gives_the_same_layer(tmp_path, name):
    frame = sample()
    FORMATS[name](frame, tmp_path / name)
    crs = 'crs = "EPSG:4545"' if name.endswith(".csv") else ""
    layer = read_layer(region_with(tmp_path, "buildings", name, crs), "buildings")
    assert layer is not None
    got = layer.frame
    assert len(got) == 40
    assert layer.rejected.empty
    distance = shapely.hausdorff_distance(got.geometry.to_numpy(), frame.geometry.to_numpy())
    assert distance.max() < 1e-3
    if name.endswith(".kml"):
        return
    assert got["id"].tolist() == frame["id"].tolist()
    words = {"工业": "industrial", "住宅": "residential", "学校": "school"}
    assert got["use"].tolist() == [words.get(use, "unknown") for use in frame["用途"]]
    own = frame["height"].notna().to_numpy()
    assert got["height_m"].to_numpy()[own] == pytest.approx(frame["height"].to_numpy()[own])
    assert set(got["height_from"][own]) == {"file"}
    assert set(got["height_from"][~own]) <= {"floors", "unknown"}
    assert got["floors"].tolist() == frame["floors"].tolist()
    assert got["name"].fillna("").tolist() == frame["name"].fillna("").tolist()


@pytest.mark.parametrize(("datum", "shift"), [("gcj02", wgs84_to_gcj02), ("bd09", wgs84_to_bd09)])
def test_an_offset_datum_is_undone_on_request_only(tmp_path, datum, shift):
    frame = sample()
    degrees = frame.to_crs(4326)
    move = lambda xy: np.column_stack(shift(xy[:, 0], xy[:, 1]))  # noqa: E731
    degrees["geometry"] = shapely.transform(degrees.geometry.to_numpy(), move)
    degrees.to_parquet(tmp_path / "b.parquet")
    plain = read_layer(region_with(tmp_path, "buildings", "b.parquet"), "buildings")
    there = read_layer(region_with(tmp_path, "buildings", "b.parquet", f'convert = "{datum}"'), "buildings")
    assert plain.frame.geometry[0].distance(frame.geometry[0]) > 300
    assert shapely.hausdorff_distance(there.frame.geometry[0], frame.geometry[0]) < 1e-3
    assert any("converted from" in str(fault) for fault in there.faults)


def test_metres_cannot_be_converted_from_an_offset_datum(tmp_path):
    sample().to_parquet(tmp_path / "b.parquet")
    with pytest.raises(InputError, match="only coordinates in degrees can be converted"):
        read_layer(region_with(tmp_path, "buildings", "b.parquet", 'convert = "gcj02"'), "buildings")


def test_swapped_axes_are_swapped_back_on_request(tmp_path):
    degrees = sample().to_crs(4326)
    degrees["geometry"] = shapely.transform(degrees.geometry.to_numpy(), lambda xy: xy[:, ::-1])
    degrees.to_parquet(tmp_path / "b.parquet")
    with pytest.raises(InputError, match="the order looks like latitude, longitude"):
        read_layer(region_with(tmp_path, "buildings", "b.parquet"), "buildings")
    layer = read_layer(region_with(tmp_path, "buildings", "b.parquet", 'axis = "yx"'), "buildings")
    assert layer.frame.area.to_numpy() == pytest.approx(sample().area.to_numpy(), rel=1e-6)


def test_a_crs_that_region_toml_says_wins_with_a_warning(tmp_path):
    sample().set_crs("EPSG:4547", allow_override=True).to_parquet(tmp_path / "b.parquet")
    layer = read_layer(region_with(tmp_path, "buildings", "b.parquet", 'crs = "EPSG:4545"'), "buildings")
    assert layer.frame.total_bounds == pytest.approx(sample().total_bounds)
    assert any("declares EPSG:4547; read as EPSG:4545" in fault.rule for fault in layer.faults)


def test_unknown_crs_in_region_toml_is_named(tmp_path):
    sample().to_parquet(tmp_path / "b.parquet")
    with pytest.raises(InputError, match=r"'EPSG:1': crs in region\.toml is no known CRS"):
        read_layer(region_with(tmp_path, "buildings", "b.parquet", 'crs = "EPSG:1"'), "buildings")


def restrictions(tmp_path, kinds, shapes):
    frame = gpd.GeoDataFrame({"id": range(len(kinds)), "kind": kinds}, geometry=shapes, crs="EPSG:4545")
    frame.to_parquet(tmp_path / "r.parquet")


def test_restrictions_cover_what_occurs_or_what_is_declared(tmp_path):
    lines = [shapely.LineString([(5e5, 3.8e6), (5e5 + k, 3.801e6)]) for k in (10, 20)]
    restrictions(tmp_path, ["road", "生态保护红线"], lines)
    layer = read_layer(region_with(tmp_path, "restrictions", "r.parquet"), "restrictions")
    assert layer.covers == {"road", "ecological_redline"}
    region = region_with(tmp_path, "restrictions", "r.parquet", 'covers = ["military", "road"]')
    assert read_layer(region, "restrictions").covers == {"military", "road"}


def test_a_kind_with_a_rejected_row_is_not_covered(tmp_path):
    line = shapely.LineString([(5e5, 3.8e6), (5e5, 3.801e6)])
    restrictions(tmp_path, ["road", "rail", "rail"], [line, line, None])
    layer = read_layer(region_with(tmp_path, "restrictions", "r.parquet"), "restrictions")
    assert layer.covers == {"road"}
    assert any("not complete for it" in fault.rule for fault in layer.faults)


def test_a_double_row_does_not_make_its_kind_incomplete(tmp_path):
    line = shapely.LineString([(5e5, 3.8e6), (5e5, 3.801e6)])
    restrictions(tmp_path, ["road", "road", "rail"], [line, line, line])
    layer = read_layer(region_with(tmp_path, "restrictions", "r.parquet"), "restrictions")
    assert layer.covers == {"road", "rail"}
    assert layer.rejected["row"].tolist() == [2]


def test_points_may_repeat_polygons_may_not(tmp_path):
    text = "id,lon,lat\n1,108.7,34.3\n2,108.7,34.3\n"
    (tmp_path / "w.csv").write_text(text, encoding="utf-8")
    layer = read_layer(region_with(tmp_path, "wells", "w.csv", 'crs = "EPSG:4326"'), "wells")
    assert len(layer.frame) == 2


def test_nothing_is_lost_rows_are_usable_rejected_or_left_out(tmp_path):
    shapes = list(shapely.box(5e5 + 50 * np.arange(6), 3.8e6, 5e5 + 50 * np.arange(6) + 20, 3.8e6 + 20))
    shapes[2], shapes[3] = None, shapely.Point(5e5, 3.8e6)
    table = {"class": ["0103", "飞", "0103", "0103", "0701", "果园"], "id": list("abcdef")}
    gpd.GeoDataFrame(table, geometry=shapes, crs="EPSG:4545").to_parquet(tmp_path / "f.parquet")
    check = check_path(tmp_path / "f.parquet", as_layer="farmland").layers[0]
    assert (check.rows, check.usable, check.rejected, check.left_out) == (6, 2, 3, 1)
    layer = read_layer(region_with(tmp_path, "farmland", "f.parquet"), "farmland")
    assert layer.rejected["row"].tolist() == [2, 3, 4]
    assert json.loads(layer.rejected["record"][0]) == {"class": "飞", "id": "b"}
    assert layer.frame["id"].tolist() == ["a", "f"]


@pytest.mark.shared
@pytest.mark.skipif(not SUZHOU.exists(), reason="measured material is not beside the project")
def test_footprints_of_suzhou_read_as_they_come():
    report = check_path(SUZHOU)
    check = report.layers[0]
    assert report.ok
    assert (check.rows, check.usable, check.rejected) == (3076, 3076, 0)
    assert check.known["height_m"] == check.known["floors"] == 1.0
    assert check.frame["id"].is_unique
    assert any("Id = '0': is no id" in str(fault) for fault in check.faults)
    judge = Transformer.from_crs(4326, 4549, always_xy=True)
    x, y = judge.transform(*shapely.get_coordinates(gpd.read_file(SUZHOU).geometry[0])[0])
    assert shapely.get_coordinates(check.frame.geometry[0])[0] == pytest.approx([x, y], abs=1e-6)


def test_figures_of_a_check_are_those_of_the_file(tmp_path):
    sample().to_file(tmp_path / "buildings.gpkg")
    report = check_path(tmp_path / "buildings.gpkg").as_dict()
    figures = report["layers"][0]
    assert (figures["layer"], figures["rows"], figures["usable"], figures["crs"]) == (
        "buildings",
        40,
        40,
        "EPSG:4545",
    )
    assert figures["known"]["height_m"] == pytest.approx(sample()["height"].notna().mean(), abs=1e-4)
    assert figures["extent"] == pytest.approx(sample().to_crs(4326).total_bounds.tolist())
    assert figures["score"] == 100.0
    assert set(report["faults"][0]) == {
        "layer",
        "row",
        "column",
        "value",
        "rule",
        "severity",
        "file",
        "rule_zh",
    }
    json.dumps(report)


def test_a_region_reports_the_faults_of_all_its_layers_at_once(tmp_path):
    sample().drop(columns="geometry").to_csv(tmp_path / "b.csv", index=False)
    (tmp_path / "w.csv").write_text("id,lon,lat\n1,108.7,34.3\n", encoding="utf-8")
    region_with(
        tmp_path, "buildings", "b.csv", "[layers.wells]", 'path = "w.csv"', "[layers.grid]", "demo = true"
    )
    told = "\n".join(map(str, check_path(tmp_path).faults))
    assert "b.csv" in told
    assert "needs a column of WKT" in told
    assert "w.csv: has no CRS" in told
    assert "grid: is generated for demonstration" in told


def test_a_broken_region_is_a_report_not_an_error(tmp_path):
    (tmp_path / "region.toml").write_text("id = 3", encoding="utf-8")
    report = check_path(tmp_path)
    assert not report.ok
    assert "id = '3': must be a text" in "\n".join(map(str, report.faults))


def test_demonstration_layers_are_built_once_by_whoever_comes_first(tmp_path, monkeypatch):
    built = []

    def build(_region, out, *, seed, progress):
        built.append(seed)
        progress(0.5, "buildings")
        out.mkdir(parents=True)
        (out / "buildings.parquet").touch()

    monkeypatch.setattr("layers.demo.build.demo_folder", lambda _region: tmp_path / "demo")
    monkeypatch.setattr("layers.demo.build.build_demo", build)
    monkeypatch.setattr(demo_source, "WAIT_S", 0.01)
    head = 'id = "d"\nname_zh = "示"\nname_en = "d"\ncrs_metric = "EPSG:4545"\nseed = 7\n'
    (tmp_path / "region.toml").write_text(head + "[layers.buildings]\ndemo = true\n", encoding="utf-8")
    region = load_region(tmp_path)
    threads = [threading.Thread(target=demo_source.demo_file, args=(region, "buildings")) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert built == [7]


def test_the_lock_of_a_process_that_was_killed_is_free(tmp_path):
    file = tmp_path / ".x.lock"
    code = (
        "import os, pathlib, sys; from layers import demo_source\n"
        "with demo_source._lock(pathlib.Path(sys.argv[1]), demo_source.NO_PROGRESS): os._exit(9)"
    )
    folder = Path(demo_source.__file__).parents[1]
    assert subprocess.run([sys.executable, "-c", code, str(file)], cwd=folder, check=False).returncode == 9
    waits = []
    with demo_source._lock(file, lambda *_: waits.append(1)):
        pass
    assert waits == []


def test_who_waits_for_the_lock_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(demo_source, "WAIT_S", 0.01)
    told = threading.Event()

    def wait():
        with demo_source._lock(
            tmp_path / "l", lambda _share, what: told.set() if "another process" in what else None
        ):
            pass

    with demo_source._lock(tmp_path / "l", demo_source.NO_PROGRESS):
        thread = threading.Thread(target=wait)
        thread.start()
        assert told.wait(10)
    thread.join(10)
    assert not thread.is_alive()


def test_a_file_for_a_region_is_read_as_the_region_reads_its_own(tmp_path):
    frame = sample().rename(columns={"height": "h"})
    frame.to_parquet(tmp_path / "b.parquet")
    (tmp_path / "new").mkdir()
    frame.iloc[:5].to_parquet(tmp_path / "new" / "buildings.parquet")
    region = region_with(tmp_path, "buildings", "b.parquet", 'columns = { height_m = "name", floors = "h" }')
    check = check_path(tmp_path / "new" / "buildings.parquet", region=region).layers[0]
    assert check.frame["floors"].tolist() == pytest.approx(frame["h"].iloc[:5].tolist(), nan_ok=True)


def test_a_file_of_no_known_layer_asks_for_it(tmp_path):
    sample()[["geometry"]].to_parquet(tmp_path / "x.parquet")
    report = check_path(tmp_path / "x.parquet")
    assert "say which layer it is meant for (--as): towns" in str(report.faults[0])


def test_a_land_survey_is_recognised_without_a_name(tmp_path):
    frame = sample()[["geometry"]].assign(DLBM="0103", DLMC="旱地", BSM=[str(n) for n in range(40)])
    frame.to_parquet(tmp_path / "x.parquet")
    assert check_path(tmp_path / "x.parquet").layers[0].layer == "farmland"


def test_a_broken_ground_catalogue_and_a_raster_are_in_the_report(tmp_path):
    (tmp_path / "g.toml").write_text(
        '[a]\nvalue = "x"\nunit = "m"\nsource = "s"\nconfidence = "H"\n', encoding="utf-8"
    )
    (tmp_path / "t.tif").write_bytes(b"II*\x00no")
    region_with(tmp_path, "terrain", "t.tif", "[ground]", 'parameters = "g.toml"')
    told = "\n".join(map(str, check_path(tmp_path).faults))
    assert "g.toml, a: could not convert string to float" in told
    assert "t.tif: cannot be read as a raster" in told
