"""The rule engine on files: any format and CRS in, the same square metres out."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin

from assessment.eligible import eligible
from faults import InputError
from tests.eligibility_cases import CRS, box

EAST, NORTH = 560_000, 3_800_000
PACK = """
[pack]
id = "own"
title_zh = "本单位"
title_en = "Own"

[[rule]]
id = "river"
title_zh = "河"
title_en = "River"
document = "D"
source = "S"
confidence = "H"
layer = "rivers"
applies_to = ["all_pv"]
verdict = "forbidden"
buffer_m = 50

[[rule]]
id = "heritage"
title_zh = "文物"
title_en = "Heritage"
document = "D"
source = "S"
confidence = "H"
layer = "heritage"
where = "class = 'core'"
applies_to = ["all_pv"]
verdict = "forbidden"

[[rule]]
id = "view"
title_zh = "风貌"
title_en = "View"
document = "D"
source = "S"
confidence = "H"
layer = "heritage"
applies_to = ["all_pv"]
verdict = "conditional"

[[rule]]
id = "mine"
title_zh = "矿"
title_en = "Mine"
document = "D"
source = "S"
confidence = "H"
layer = "mines"
applies_to = ["all_pv"]
verdict = "forbidden"
"""


def at(x, y, width, height):
    return box(EAST + x, NORTH + y, width, height)


@pytest.fixture
def place(tmp_path):
    """1 km2 with a river along x = 500 and a heritage core of 200 m x 200 m that it crosses in part."""
    layers = tmp_path / "layers"
    layers.mkdir()
    (tmp_path / "rules.toml").write_text(PACK, encoding="utf-8")
    area = gpd.GeoDataFrame({"name": ["甲"]}, geometry=[at(0, 0, 1000, 1000)], crs=CRS)
    river = gpd.GeoDataFrame(
        geometry=[shapely.LineString([(EAST + 500, NORTH - 900), (EAST + 500, NORTH + 1900)])], crs=CRS
    )
    zones = gpd.GeoDataFrame(
        {"class": ["core", "outer"]}, geometry=[at(500, 0, 200, 200), at(700, 0, 200, 200)], crs=CRS
    )
    return tmp_path, area, {"rivers": river, "heritage": zones}


def run(place, *, area_crs=CRS, layer_ending=".geojson", layer_crs=4326, out="out.gpkg"):
    folder, area, layers = place
    area.to_crs(area_crs).to_file(folder / "area.gpkg")
    for name, frame in layers.items():
        frame.to_crs(layer_crs).to_file(folder / "layers" / f"{name}{layer_ending}")
    return eligible(folder / "area.gpkg", folder / "rules.toml", folder / "layers", folder / "result" / out)


def test_areas_reasons_and_waterfall_are_told_and_written(place):
    told = run(place)
    assert told["area_m2"] == pytest.approx(1_000_000, rel=1e-9)
    assert told["eligible_m2"] == pytest.approx(1_000_000 - 100_000 - 150 * 200, abs=1)
    by_id = {rule["id"]: rule for rule in told["rules"]}
    assert [rule["id"] for rule in told["rules"]] == ["river", "heritage", "view", "mine"]
    assert by_id["river"]["taken_m2"] == pytest.approx(100_000, abs=1)
    assert by_id["river"]["alone_m2"] == pytest.approx(90_000, abs=1)
    assert by_id["heritage"]["taken_m2"] == pytest.approx(30_000, abs=1)
    assert (by_id["view"]["taken_m2"], by_id["view"]["touched_m2"]) == (0.0, pytest.approx(80_000, abs=1))
    assert told["not_checked"] == ["mine"]
    folder = place[0] / "result"
    assert told["files"] == ["out.gpkg", "out_excluded.gpkg", "out_reasons.csv", "out_waterfall.csv"]
    left = gpd.read_file(folder / "out.gpkg")
    assert left.crs == CRS
    assert left.area.sum() == pytest.approx(told["eligible_m2"], abs=0.01)
    assert left["name"].tolist() == ["甲"]
    taken = gpd.read_file(folder / "out_excluded.gpkg")
    assert taken.area.sum() + left.area.sum() == pytest.approx(1_000_000, abs=0.1)
    steps = pd.read_csv(folder / "out_waterfall.csv")
    assert steps["rule"].tolist() == ["all", "river", "heritage", "buildable"]
    reasons = pd.read_csv(folder / "out_reasons.csv")
    assert reasons["rule"].tolist() == ["river", "heritage", "view"]


@pytest.mark.parametrize(
    ("area_crs", "layer_crs", "measured"),
    [
        (4490, 4545, "EPSG:4545"),
        (3857, 4326, "EPSG:4545"),
        (32649, 3857, "EPSG:32649"),
        (4545, 4610, "EPSG:4545"),
    ],
)
def test_any_crs_gives_the_same_square_metres(place, area_crs, layer_crs, measured):
    reference = run(place)["eligible_m2"]
    told = run(place, area_crs=area_crs, layer_crs=layer_crs)
    assert told["crs"] == measured
    # A transverse Mercator zone is true to area within 0.1 %; within the same zone only numbers are rounded.
    tolerance = 1e-3 if measured != f"EPSG:{CRS}" else 1e-5
    assert told["eligible_m2"] == pytest.approx(reference, rel=tolerance)


@pytest.mark.parametrize("out", ["out.geojson", "out.parquet", "out.fgb", "out.shp"])
def test_every_format_of_the_result_reads_back(place, out):
    told = run(place, layer_ending=".gpkg", layer_crs=CRS, out=out)
    file = place[0] / "result" / out
    left = gpd.read_parquet(file) if out.endswith("parquet") else gpd.read_file(file)
    assert left.to_crs(CRS).area.sum() == pytest.approx(told["eligible_m2"], rel=1e-6)


def test_terrain_gives_slope_and_packs_go_by_name(place):
    folder, area, _ = place
    heights = np.zeros((130, 130), dtype=np.float32)
    heights[:, 65:] = np.arange(65) * 4.0
    with rasterio.open(
        folder / "layers" / "terrain.tif",
        "w",
        driver="GTiff",
        width=130,
        height=130,
        count=1,
        dtype="float32",
        crs="EPSG:4545",
        transform=from_origin(EAST - 150, NORTH + 1150, 10, 10),
    ) as raster:
        raster.write(heights, 1)
    area.to_file(folder / "area.gpkg")
    told = eligible(folder / "area.gpkg", "siting", folder / "layers", folder / "out.parquet")
    assert told["eligible_m2"] == pytest.approx(500_000, rel=0.02)
    assert {rule["id"] for rule in told["rules"] if rule["taken_m2"] > 0} == {"slope_steep"}


def test_a_roof_is_not_a_field(place):
    folder, area, layers = place
    zone = layers["heritage"].assign(kind="heritage_protection")
    zone.to_file(folder / "layers" / "restrictions.gpkg")
    area.assign(type=["roof_flat"]).to_file(folder / "area.gpkg")
    told = eligible(folder / "area.gpkg", ["heritage"], folder / "layers", folder / "out.gpkg")
    assert told["eligible_m2"] == told["area_m2"]
    assert {rule["id"] for rule in told["rules"]} == {"heritage_protection_building", "heritage_control"}
    assert told["not_checked"] == ["heritage_control"]


def test_a_roof_of_20_by_10_keeps_18_by_8_and_less_only_where_its_share_is_smaller(place):
    folder, _, _ = place
    roofs = gpd.GeoDataFrame(
        {"type": ["roof_flat"] * 2, "usable_share": [1.0, 0.5]},
        geometry=shapely.box([500_000, 500_100], 3_800_000, [500_020, 500_120], 3_800_010),
        crs=CRS,
    )
    roofs.to_file(folder / "roofs.gpkg")
    told = eligible(folder / "roofs.gpkg", "roof_geometry", folder / "layers", folder / "out.gpkg")
    (edge,) = told["rules"]
    assert (edge["id"], edge["taken_m2"]) == ("roof_fire_edge", pytest.approx(56.0, abs=0.5))
    assert told["eligible_m2"] == pytest.approx(144 + 200, rel=2e-3)


def test_broken_shapes_are_mended_and_counted(place):
    folder, _, layers = place
    bow = shapely.Polygon(
        [(EAST, NORTH), (EAST + 100, NORTH + 100), (EAST + 100, NORTH), (EAST, NORTH + 100)]
    )
    area = gpd.GeoDataFrame(geometry=[bow], crs=CRS)
    told = run((folder, area, layers))
    assert told["repaired"] == 1
    assert told["area_m2"] == pytest.approx(5000)


def test_what_cannot_be_used_is_said(place, tmp_path):
    folder, area, _ = place
    run(place)
    files = (folder / "area.gpkg", folder / "rules.toml", folder / "layers", folder / "out.gpkg")
    with pytest.raises(InputError, match=r"out, 'out.xlsx': must end in .gpkg, .geojson"):
        eligible(*files[:3], folder / "out.xlsx")
    with pytest.raises(InputError, match=r"missing.toml, .*: file not found"):
        eligible(files[0], folder / "missing.toml", *files[2:])
    with pytest.raises(InputError, match=r"there is no such rule pack; packs beside it: airport"):
        eligible(files[0], "nothing", *files[2:])
    with pytest.raises(InputError, match="is no folder"):
        eligible(*files[:2], folder / "nowhere", files[3])
    bare = tmp_path / "bare.gpkg"
    with pytest.warns(UserWarning, match="'crs' was not provided"):
        gpd.GeoDataFrame(geometry=area.geometry.to_numpy()).to_file(bare)
    with pytest.raises(InputError, match=r"bare.gpkg, crs: is missing; it is never guessed"):
        eligible(bare, *files[1:])
    area.to_file(folder / "layers" / "rivers.gpkg")
    with pytest.raises(InputError, match=r"'rivers.gpkg': another file has this layer's name"):
        eligible(*files)


def test_a_strict_reading_widens_distances_and_asks_the_terrain(place):
    folder, _, _ = place
    plain = run(place)
    again = eligible(
        folder / "area.gpkg",
        folder / "rules.toml",
        folder / "layers",
        folder / "result" / "strict.gpkg",
        reading="strict",
    )
    by_id = {rule["id"]: rule for rule in again["rules"]}
    assert by_id["river"]["taken_m2"] == pytest.approx(150_000, abs=1)
    assert again["eligible_m2"] < plain["eligible_m2"]
    assert set(again["not_checked"]) == {"mine", "slope_steep", "slope_north"}
    with pytest.raises(InputError, match=r"scenario.*strickt.*is none of strict, reference, open"):
        eligible(
            folder / "area.gpkg",
            folder / "rules.toml",
            folder / "layers",
            folder / "result" / "x.gpkg",
            reading="strickt",
        )


def test_what_a_project_needs_is_said_where_it_is_asked(place):
    folder, _, _ = place
    assert "explained" not in run(place)
    told = eligible(
        folder / "area.gpkg",
        folder / "rules.toml",
        folder / "layers",
        folder / "result" / "need.gpkg",
        needed_ha=90.0,
    )
    assert told["explained"]["zh"][0].startswith("总面积100.0公顷，按规则可用87.0公顷")
    assert "needs 90.0 ha; there are 87.0 ha" in told["explained"]["en"][-1]
