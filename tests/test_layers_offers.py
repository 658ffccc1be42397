"""What a check suspects is offered, and done only when somebody says so: units, datums, columns."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from layers.checks import check_path
from layers.offers import offers, questions
from layers.spec import LayerSpec
from layers.told import all_told, told
from tests.command import yijian
from tests.test_layers_gallery import boxes, written

if TYPE_CHECKING:
    from pathlib import Path


def in_feet(folder: Path) -> Path:
    floors = np.arange(40) % 8 + 2.0
    frame = boxes(40, floors=floors, use=["residential"] * 40, height_m=(floors * 3 / 0.3048).round(1))
    return written(frame, folder / "buildings.gpkg")


def in_centimetres(folder: Path) -> Path:
    return written(boxes(30, height_m=np.linspace(900, 3000, 30)), folder / "buildings.gpkg")


@pytest.mark.parametrize(("make", "unit"), [(in_feet, "ft"), (in_centimetres, "cm")])
def test_a_suspected_unit_is_offered_and_converted_only_when_told(tmp_path, make, unit):
    file = make(tmp_path)
    given = gpd.read_file(file)["height_m"].to_numpy()
    report = check_path(file)
    (offer,) = offers(report.faults)
    assert (offer.layer, offer.setting) == ("buildings", f"units.height_m={unit}")
    as_it_is = report.layers[0].frame["height_m"].dropna()
    assert set(as_it_is) <= set(given)
    again = check_path(file, told=[offer.setting])
    factor = {"ft": 0.3048, "cm": 0.01}[unit]
    np.testing.assert_allclose(again.layers[0].frame["height_m"], given * factor)
    assert offers(again.faults) == []


def test_fix_says_what_it_leaves_and_how_to_have_it_done(tmp_path):
    file = in_feet(tmp_path)
    result = yijian("check", str(file), "--fix", str(tmp_path / "left.gpkg"))
    assert "--set units.height_m=ft" in result.stderr
    assert gpd.read_file(tmp_path / "left.gpkg")["height_m"].max() > 80
    done = yijian(
        "check", str(file), "--set", "units.height_m=ft", "--fix", str(tmp_path / "right.gpkg"), "--json"
    )
    assert json.loads(done.stdout)["offers"] == []
    assert gpd.read_file(tmp_path / "right.gpkg")["height_m"].max() == pytest.approx(27, abs=0.1)
    log = pd.read_csv(tmp_path / "right.changes.csv")
    assert (log["column"] == "height_m").sum() == 40


def test_the_report_names_its_offers(tmp_path):
    found = json.loads(yijian("check", str(in_feet(tmp_path)), "--json").stdout)
    assert found["offers"] == [{"layer": "buildings", "set": "units.height_m=ft"}]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("colour=red", "must be LAYER.WHAT=VALUE with one of crs, convert"),
        ("convert", "must be LAYER.WHAT=VALUE"),
        ("convert=nad27", "convert 'nad27' is none of gcj02, bd09"),
        ("units.height=ft", "height is no column of buildings; its columns are id, use, height_m"),
    ],
)
def test_what_cannot_be_told_is_refused_with_what_can(tmp_path, text, message):
    file = written(boxes(), tmp_path / "buildings.gpkg")
    with pytest.raises(ValueError, match=message.replace("'", ".")):
        told(LayerSpec("buildings", path=file), text)
    (fault,) = check_path(file, told=[text]).faults
    assert message in fault.rule


def test_a_region_is_told_in_its_own_file(tmp_path):
    (fault,) = check_path(tmp_path, told=["crs=EPSG:4490"]).faults
    assert "a region says it in region.toml" in fault.rule


def test_several_things_are_told_in_order(tmp_path):
    spec = LayerSpec("buildings", path=tmp_path / "b.gpkg")
    done = all_told(spec, ["crs=EPSG:4490", "columns.height_m=H", "columns.floors=N", "crs=EPSG:4326"])
    assert done.crs == "EPSG:4326"
    assert dict(done.columns) == {"height_m": "H", "floors": "N"}


def test_columns_are_asked_for_in_the_order_of_the_schema(tmp_path):
    frame = boxes().rename(columns={"height_m": "高度"})
    frame = frame.assign(建筑高度=9.0, 层数=3, 楼层=3, floor=3)
    asked = questions(LayerSpec("buildings", path=written(frame, tmp_path / "b.gpkg")))
    assert list(asked) == ["height_m", "floors"]
    assert set(asked["height_m"]) == {"高度", "建筑高度"}


def test_a_raster_is_converted_by_the_unit_it_is_told(tmp_path):
    import rasterio

    from tests.test_layers_heights import raster

    file = raster(tmp_path / "terrain.tif", np.full((30, 30), 1200.0))
    out = tmp_path / "metres.tif"
    yijian("check", str(file), "--set", "units.heights=ft", "--fix", str(out))
    with rasterio.open(out) as source:
        assert source.read(1)[0, 0] == pytest.approx(1200 * 0.3048)
