"""A region of one's own: from a boundary file to a folder that check and assess work on."""

from __future__ import annotations

import json
import sys
import tomllib
from dataclasses import replace
from io import StringIO
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from faults import InputError
from gis.crs import wgs84_to_gcj02
from layers.answers import Answers, ClimateChoice
from layers.boundary import plain_id, read_boundary
from layers.region import EMBEDDED, load_region
from layers.region_text import region_text
from layers.sources import read_layer
from layers.spec import LayerSpec
from layers.wizard import make_region
from tests.command import yijian

if TYPE_CHECKING:
    from pathlib import Path

NORMALS = EMBEDDED / "climate_normals.csv"
PLACES = {
    "xian": (108.7, 34.3, "EPSG:4545"),
    "suzhou": (120.6, 31.3, "EPSG:4549"),
    "bonn": (7.1, 50.7, "EPSG:32632"),
}


def boundary_file(
    folder: Path, name: str, *, rows: int = 1, crs: str = "EPSG:4326", suffix: str = ".gpkg"
) -> Path:
    lon, lat, _ = PLACES[name]
    shapes = [shapely.box(lon + 0.02 * i, lat, lon + 0.02 * (i + 1), lat + 0.02) for i in range(rows)]
    names = [f"North {i}" if i else "Main Town" for i in range(rows)]
    frame = gpd.GeoDataFrame({"name": names}, geometry=shapes, crs="EPSG:4326").to_crs(crs)
    file = folder / f"boundary{suffix}"
    frame.to_parquet(file) if suffix == ".parquet" else frame.to_file(file)
    return file


def buildings_file(
    folder: Path, name: str = "xian", *, count: int = 900, gcj: bool = False, **columns
) -> Path:
    lon, lat, _ = PLACES[name]
    rng = np.random.default_rng(5)
    x, y = lon + rng.uniform(0.001, 0.019, count), lat + rng.uniform(0.001, 0.019, count)
    size = rng.uniform(8e-5, 3e-4, count)
    shapes = shapely.box(x, y, x + size, y + size)
    if gcj:
        shapes = shapely.transform(shapes, lambda xy: np.column_stack(wgs84_to_gcj02(xy[:, 0], xy[:, 1])))
    table = {"用途": ["厂房"] * count, "层数": rng.integers(1, 6, count)} | columns
    file = folder / f"buildings{'-gcj' if gcj else ''}.geojson"
    gpd.GeoDataFrame(table, geometry=shapes, crs="EPSG:4326").to_file(file)
    return file


def answers(boundary: Path, **more) -> Answers:
    spec = LayerSpec("towns", path=boundary)
    given = {"name_zh": "新区", "name_en": "New Town", "climate": ClimateChoice(files=(NORMALS,))}
    return Answers(spec, **(given | more))


# ---- the boundary -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize(
    ("crs", "suffix"), [("EPSG:4326", ".geojson"), ("EPSG:3857", ".gpkg"), ("EPSG:4490", ".shp")]
)
def test_any_file_in_any_crs_gets_the_metric_crs_of_its_place(tmp_path, name, crs, suffix):
    if suffix == ".geojson":
        crs = "EPSG:4326"
    file = boundary_file(tmp_path, name, crs=crs, suffix=suffix)
    found = read_boundary(LayerSpec("towns", path=file), region_id="r", name_zh="区", name_en="R")
    assert found.crs_metric == PLACES[name][2]
    assert found.towns.crs.to_string() == PLACES[name][2]
    lon, lat, _ = PLACES[name]
    assert found.middle == pytest.approx((lon + 0.01, lat + 0.01), abs=1e-5)
    assert found.in_china == (name != "bonn")


def test_rows_with_names_are_towns_and_can_be_made_one(tmp_path):
    spec = LayerSpec("towns", path=boundary_file(tmp_path, "xian", rows=3))
    names = {"region_id": "r", "name_zh": "区", "name_en": "R"}
    towns = read_boundary(spec, **names).towns
    assert towns["id"].tolist() == ["main-town", "north-1", "north-2"]
    assert towns["name_zh"].tolist() == ["Main Town", "North 1", "North 2"]
    one = read_boundary(spec, split=False, **names).towns
    assert one["id"].tolist() == ["r"]
    assert one.area.sum() == pytest.approx(towns.area.sum(), rel=1e-9)


def test_rows_with_one_name_are_one_town(tmp_path):
    frame = gpd.read_file(boundary_file(tmp_path, "xian", rows=2)).assign(name="same")
    frame.to_file(tmp_path / "b2.gpkg")
    found = read_boundary(
        LayerSpec("towns", path=tmp_path / "b2.gpkg"), region_id="r", name_zh="区", name_en="R"
    )
    assert len(found.towns) == 1


def test_a_boundary_without_a_crs_is_not_guessed_and_can_be_told(tmp_path):
    file = boundary_file(tmp_path, "xian", suffix=".shp", crs="EPSG:4490")
    file.with_suffix(".prj").unlink()
    names = {"region_id": "r", "name_zh": "区", "name_en": "R"}
    with pytest.raises(InputError, match="has no CRS; give crs"):
        read_boundary(LayerSpec("towns", path=file), **names)
    assert read_boundary(LayerSpec("towns", path=file, crs="EPSG:4490"), **names).crs_metric == "EPSG:4545"
    with pytest.raises(InputError, match="'EPSG:nonsense': is no known CRS"):
        read_boundary(LayerSpec("towns", path=file, crs="EPSG:nonsense"), **names)


def test_a_boundary_of_points_is_refused(tmp_path):
    frame = gpd.GeoDataFrame({"name": ["a"]}, geometry=[shapely.Point(108.7, 34.3)], crs=4326)
    frame.to_file(tmp_path / "p.gpkg")
    with pytest.raises(InputError, match="is a Point where a polygon is needed"):
        read_boundary(LayerSpec("towns", path=tmp_path / "p.gpkg"), region_id="r", name_zh="区", name_en="R")


def test_plain_ids():
    assert plain_id("Xi'an (west)", default="x") == "xi-an-west"
    assert plain_id("西安", default="x") == "x"


# ---- the folder -------------------------------------------------------------------------------------


def test_a_region_from_a_boundary_and_a_layer(tmp_path):
    out = tmp_path / "region"
    made = make_region(
        answers(
            boundary_file(tmp_path, "xian"),
            layers={
                "buildings": LayerSpec(
                    "buildings",
                    path=buildings_file(tmp_path),
                    source="测绘院",
                    licence="internal",
                    confidence="H",
                )
            },
        ),
        out,
    )
    assert made.report.ok
    region = load_region(out)
    assert (region.id, region.name_zh, region.crs_metric) == ("new-town", "新区", "EPSG:4545")
    assert region.rule_packs[0] == "national"
    layer = read_layer(region, "buildings")
    assert len(layer.frame) == 900
    assert (layer.source, layer.licence, layer.confidence) == ("测绘院", "internal", "H")
    assert set(layer.frame["use"]) == {"industrial"}
    changes = pd.read_csv(out / "buildings.changes.csv")
    assert set(changes.loc[changes["column"] == "use", "before"]) == {"厂房"}
    assert json.loads((out / "check.json").read_text(encoding="utf-8"))["ok"]
    assert (out / "check.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert "buildings" not in made.missing
    assert "terrain" in made.missing


def test_rejected_rows_are_kept_beside_the_layer(tmp_path):
    file = buildings_file(tmp_path)
    frame = gpd.read_file(file)
    frame.loc[3, "geometry"] = None
    frame.to_file(file)
    made = make_region(
        answers(boundary_file(tmp_path, "xian"), layers={"buildings": LayerSpec("buildings", path=file)}),
        tmp_path / "r",
    )
    rejected = pd.read_csv(tmp_path / "r" / "buildings.rejected.csv")
    assert rejected["row"].tolist() == [4]
    assert rejected["rule"].tolist() == ["has no geometry"]
    assert any("1 rows rejected" in line for line in made.logs)


def test_outside_china_there_are_no_chinese_rules(tmp_path):
    made = make_region(answers(boundary_file(tmp_path, "bonn")), tmp_path / "r")
    assert any(
        "km from the middle of the region; is it of its climate?" in str(f) for f in made.report.faults
    )
    region = load_region(tmp_path / "r")
    assert region.rule_packs == ()
    assert region.crs_metric == "EPSG:32632"
    assert region.crs_geographic == "EPSG:4326"


def test_a_folder_that_holds_something_is_not_touched(tmp_path):
    out = tmp_path / "r"
    out.mkdir()
    (out / "mine.txt").write_text("keep")
    with pytest.raises(InputError, match="is there already and not empty"):
        make_region(answers(boundary_file(tmp_path, "xian")), out)
    assert (out / "mine.txt").read_text() == "keep"
    assert not (out / "region.toml").exists()


def test_a_layer_that_cannot_be_read_leaves_no_folder(tmp_path):
    (tmp_path / "b.geojson").write_text("[]")
    with pytest.raises(InputError, match="is not GeoJSON"):
        make_region(
            answers(
                boundary_file(tmp_path, "xian"),
                layers={"buildings": LayerSpec("buildings", path=tmp_path / "b.geojson")},
            ),
            tmp_path / "r",
        )
    assert not (tmp_path / "r").exists()


def test_everything_wrong_with_the_answers_is_said_at_once(tmp_path):
    wrong = answers(
        boundary_file(tmp_path, "xian"),
        fetched={"roofs": ""},
        packs=("nothing",),
        climate=ClimateChoice(service="weather.example"),
        targets=tmp_path / "no.toml",
    )
    with pytest.raises(InputError) as caught:
        make_region(wrong, tmp_path / "r")
    told = str(caught.value)
    for part in (
        "'roofs': is no layer",
        "'nothing': is no rule pack",
        "no.toml': file not found",
        "must be a file or one of pvgis",
    ):
        assert part in told
    with pytest.raises(InputError, match="say where the weather is from"):
        make_region(answers(boundary_file(tmp_path, "xian"), climate=ClimateChoice()), tmp_path / "r")


def test_an_offset_datum_is_reported_never_undone_unasked(tmp_path):
    """Farmland in place and buildings in GCJ-02: the layers of one region do not fit together."""
    plain, shifted = buildings_file(tmp_path), buildings_file(tmp_path, gcj=True)
    parcels = gpd.read_file(plain)[["geometry"]].assign(facility="parking")
    parcels.to_file(tmp_path / "municipal.gpkg")
    layers = {
        "municipal": LayerSpec("municipal", path=tmp_path / "municipal.gpkg"),
        "buildings": LayerSpec("buildings", path=shifted),
    }
    given = answers(boundary_file(tmp_path, "xian"), layers=layers)
    made = make_region(given, tmp_path / "r")
    kept = read_layer(load_region(tmp_path / "r"), "buildings").frame.to_crs(4326)
    np.testing.assert_allclose(kept.total_bounds, gpd.read_file(shifted).total_bounds, atol=1e-7)
    (offer,) = made.offers
    assert (offer.layer, offer.setting) == ("buildings", "convert=gcj02")
    assert "of municipal.parquet" in offer.rule
    layers["buildings"] = replace(layers["buildings"], convert="gcj02")
    again = make_region(replace(given, layers=layers), tmp_path / "r", replace_old=True)
    back = read_layer(load_region(tmp_path / "r"), "buildings").frame.to_crs(4326)
    np.testing.assert_allclose(back.total_bounds, gpd.read_file(plain).total_bounds, atol=1e-7)
    assert again.offers == ()


def test_the_text_of_a_region_reads_as_the_same_region(tmp_path):
    region = load_region(EMBEDDED)
    text = region_text(region)
    again = tomllib.loads(text)
    assert set(again["layers"]) == set(region.layers)
    (tmp_path / "region.toml").write_text(
        text.replace('path = "', f'path = "{EMBEDDED.as_posix()}/')
        .replace('normals = "', f'normals = "{EMBEDDED.as_posix()}/')
        .replace('parameters = "', f'parameters = "{EMBEDDED.as_posix()}/'),
        encoding="utf-8",
    )
    same = load_region(tmp_path)
    assert same.layers == region.layers
    assert same.rule_packs == region.rule_packs
    assert same.boundary_note_zh == region.boundary_note_zh


def test_names_with_quotes_and_line_breaks_survive(tmp_path):
    odd = '引号" 反斜\\ 换行\n制表\t控制\x7f'
    make_region(answers(boundary_file(tmp_path, "xian"), name_zh=odd), tmp_path / "r")
    assert load_region(tmp_path / "r").name_zh == odd


# ---- the command ------------------------------------------------------------------------------------


def test_the_command_without_questions(tmp_path):
    boundary, buildings = (
        boundary_file(tmp_path, "xian", rows=2),
        buildings_file(tmp_path, H=np.full(900, 12.0)),
    )
    words = f"--name-zh 测试区 --name-en Test --id t1 --layer buildings={buildings} --packs national,roof"
    told = "--set buildings.columns.height_m=H --set buildings.source=survey --json"
    given = [*words.split(), *told.split(), "--boundary", boundary, "--climate", NORMALS]
    done = yijian("region", "new", tmp_path / "r", *given)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["check"]["ok"]
    assert said["next"][1].startswith("yijian assess ")
    region = load_region(tmp_path / "r")
    assert (region.id, region.rule_packs) == ("t1", ("national", "roof"))
    assert (read_layer(region, "buildings").frame["height_m"] == 12.0).all()
    assert len(read_layer(region, "towns").frame) == 2
    assert yijian("check", tmp_path / "r").returncode == 0


def test_the_command_says_all_that_is_missing(tmp_path):
    done = yijian("region", "new", tmp_path / "r", "--no-ask")
    assert done.returncode == 2
    assert "--boundary: is missing" in done.stderr
    assert "--name-zh: is missing" in done.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--layer", "buildings"], "must be LAYER=VALUE"),
        (["--layer", "roofs=x.gpkg"], "'roofs': is no layer"),
        (["--layer", "buildings=nothing.gpkg"], "'nothing.gpkg': file not found"),
        (["--set", "buildings.crs=EPSG:4490"], "speaks of a layer that --layer does not give"),
        (["--set", "towns.colour=red"], "must be LAYER.WHAT=VALUE"),
        (["--climate", "pvgis", "--climate", "x.epw"], "give files, or one service; not both"),
    ],
)
def test_options_that_cannot_be_are_refused(tmp_path, words, message):
    boundary = boundary_file(tmp_path, "xian")
    done = yijian(
        "region", "new", tmp_path / "r", "--boundary", boundary, "--name-zh", "区", "--no-ask", *words
    )
    assert done.returncode == 2
    assert message in done.stderr
    assert not (tmp_path / "r").exists()


def test_the_command_asks_for_what_is_missing(tmp_path, monkeypatch):
    boundary, buildings = boundary_file(tmp_path, "xian"), buildings_file(tmp_path)
    told = [str(boundary), "新区", "New", "no-such-file", str(buildings), *[""] * 7, str(NORMALS)]
    monkeypatch.setattr(sys, "stdin", StringIO("\n".join(told) + "\n"))
    done = yijian("region", "new", tmp_path / "r", "--ask")
    assert done.returncode == 0, done.stderr
    assert load_region(tmp_path / "r").name_en == "New"
    assert "下一步 Next:" in done.stdout
    assert len(read_layer(load_region(tmp_path / "r"), "buildings").frame) == 900


def test_the_command_asks_which_column_is_meant(tmp_path, monkeypatch):
    boundary = boundary_file(tmp_path, "xian")
    buildings = buildings_file(tmp_path, height=np.full(900, 30.0), 高度=np.full(900, 9.0))
    words = ["--boundary", boundary, "--name-zh", "区", "--name-en", "R", "--layer", f"buildings={buildings}"]
    monkeypatch.setattr(sys, "stdin", StringIO("\n".join([*[""] * 7, "高度"]) + "\n"))
    done = yijian("region", "new", tmp_path / "r", *words, "--climate", NORMALS, "--ask")
    assert done.returncode == 0, done.stderr
    assert (read_layer(load_region(tmp_path / "r"), "buildings").frame["height_m"] == 9.0).all()
