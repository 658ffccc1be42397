from __future__ import annotations

import json
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from faults import InputError
from layers.catalog import load_catalog
from layers.region import EMBEDDED, load_region
from layers.sources import raster_path, read_layer

if TYPE_CHECKING:
    from pathlib import Path

HEAD = 'id = "here"\nname_zh = "此地"\nname_en = "Here"\ncrs_metric = "EPSG:4545"\n'


def write_region(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "region.toml").write_text(HEAD + text, encoding="utf-8")
    return folder


def square_buildings(folder: Path, corners: list[tuple[float, float]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    boxes = [shapely.box(x, y, x + 20, y + 10) for x, y in corners]
    ids = [f"B{i}" for i in range(len(boxes))]
    frame = gpd.GeoDataFrame({"id": ids, "use": "industrial"}, geometry=boxes, crs="EPSG:4545")
    frame.to_parquet(folder / "buildings.parquet")


def test_embedded_region_is_complete():
    region = load_region(EMBEDDED)
    assert (region.id, region.crs_metric, region.crs_geographic) == ("xixian", "EPSG:4545", "EPSG:4490")
    assert region.boundary_note_zh
    assert region.boundary_note_en
    assert "buildings" in region.demo_layers()
    assert region.climate.normals is not None
    assert region.ground is not None


def test_towns_cover_their_planned_area_and_do_not_overlap():
    towns = read_layer(load_region(EMBEDDED), "towns")
    assert towns is not None
    assert sorted(towns.frame["id"]) == ["fengdong", "fengxi", "jinghe", "konggang", "qinhan"]
    km2 = towns.frame.area / 1e6
    assert np.all(abs(km2 / towns.frame["planned_area_km2"] - 1) < 0.02)
    joint = shapely.union_all(towns.frame.geometry.to_numpy()).area
    assert joint == pytest.approx(towns.frame.area.sum(), rel=1e-4)


def test_townships_fill_their_towns_and_four_are_co_managed():
    region = load_region(EMBEDDED)
    towns, townships = read_layer(region, "towns"), read_layer(region, "townships")
    assert towns is not None
    assert townships is not None
    assert townships.frame["id"].is_unique
    shares = townships.frame.dissolve("town").area / towns.frame.set_index("id").area
    assert np.all(abs(shares - 1) < 0.01)
    co = townships.frame.loc[townships.frame["management"] == "co", "name_zh"]
    assert sorted(co) == sorted(["太平", "双照", "南位", "陈杨寨"])


@pytest.mark.parametrize("name", ["towns", "townships"])
def test_boundary_files_say_that_they_are_schematic(name):
    text = json.loads((EMBEDDED / f"{name}.geojson").read_text(encoding="utf-8"))
    assert text["schematic"] is True
    assert "示意" in text["note_zh"]
    assert "Schematic" in text["note_en"]


def test_an_empty_position_stays_unknown():
    facilities = read_layer(load_region(EMBEDDED), "facilities")
    assert facilities is not None
    unknown = facilities.frame[facilities.frame["name_en"].str.startswith("LONGi")]
    assert unknown.geometry.iloc[0] is None


def test_wells_carry_gradient_and_flow_within_physics():
    wells = read_layer(load_region(EMBEDDED), "wells")
    assert wells is not None
    frame = wells.frame.dropna(subset=["gradient_k_per_km", "conductivity_w_mk"])
    flow = frame["gradient_k_per_km"].astype(float) * frame["conductivity_w_mk"].astype(float)
    assert np.allclose(flow, frame["heat_flow_mw_m2"].astype(float), rtol=0.04)


def test_climate_normals_close_over_the_year():
    normals = pd.read_csv(EMBEDDED / "climate_normals.csv")
    year = normals.groupby("station")["ghi_kwh_m2"].sum()
    assert year[57131] == pytest.approx(1309.6, abs=0.5)
    assert year[57048] == pytest.approx(1353.9, abs=0.5)
    assert np.allclose(normals["dhi_kwh_m2"] / normals["ghi_kwh_m2"], normals["diffuse_fraction"], atol=0.002)


def test_ground_catalogue_is_consistent():
    ground = load_catalog(EMBEDDED / "ground.toml")
    implied = ground.value("heat.heat_flow_mw_m2") / ground.value("heat.gradient_k_per_km")
    assert ground.value("heat.conductivity_w_mk") == pytest.approx(implied, abs=0.005)


def test_all_faults_of_a_region_are_reported_at_once(tmp_path):
    text = 'foo = 1\n[layers.building]\npath = "x"\n[layers.towns]\npath = "nope.gpkg"\ncoulmns = {}\n'
    text += "[layers.wells]\ndemo = true\n[layers.grid]\n[climate]\nnormals = 3\n"
    with pytest.raises(InputError) as caught:
        load_region(write_region(tmp_path, text))
    message = str(caught.value)
    for part in (
        "foo: is an unknown key",
        "layers.building: is no layer",
        "layers.towns.path = 'nope.gpkg': file not found",
        "layers.towns.coulmns: is an unknown key",
        "layers.wells.demo = 'true': wells cannot be generated",
        "layers.grid.path: give either path or demo = true",
        "climate.normals = '3': must be a text",
    ):
        assert part in message


@pytest.mark.parametrize(
    ("crs", "message"),
    [
        ("EPSG:4326", "must be a projected CRS"),
        ("EPSG:2263", "must measure in metres, not US survey foot"),
        ("EPSG:99999", "is no known CRS"),
    ],
)
def test_the_metric_crs_must_be_metric(tmp_path, crs, message):
    (tmp_path / "region.toml").write_text(HEAD.replace("EPSG:4545", crs), encoding="utf-8")
    with pytest.raises(InputError, match=message):
        load_region(tmp_path)


def test_missing_and_malformed_files_are_named(tmp_path):
    with pytest.raises(InputError, match=r"region\.toml cannot be read"):
        load_region(tmp_path)
    (tmp_path / "region.toml").write_text("id = ", encoding="utf-8")
    with pytest.raises(InputError, match="is not valid TOML"):
        load_region(tmp_path)


def test_own_catalogue_takes_the_place_of_the_embedded_one(tmp_path):
    write_region(tmp_path, '[catalogs]\nmine = "mine.toml"\n')
    (tmp_path / "mine.toml").write_text("", encoding="utf-8")
    region = load_region(tmp_path)
    assert region.catalogs["mine"] == (tmp_path / "mine.toml").resolve()
    assert set(load_region(EMBEDDED).catalogs) < set(region.catalogs)


def test_one_buildings_file_is_a_region(tmp_path):
    square_buildings(tmp_path, [(500_000, 3_800_000), (500_300, 3_800_100), (504_000, 3_803_000)])
    region = load_region(write_region(tmp_path, '[layers.buildings]\npath = "buildings.parquet"\n'))
    towns, buildings = read_layer(region, "towns"), read_layer(region, "buildings")
    assert towns is not None
    assert buildings is not None
    assert towns.frame["id"].tolist() == ["here"]
    assert buildings.frame.within(towns.frame.geometry.iloc[0]).all()
    assert "no towns" in towns.faults[0].rule
    assert read_layer(region, "townships") is None
    assert raster_path(region, "terrain") is None


def test_a_file_without_crs_is_refused(tmp_path):
    (tmp_path / "wells.csv").write_text("id,lon,lat\n1,108.7,34.3\n", encoding="utf-8")
    region = load_region(write_region(tmp_path, '[layers.wells]\npath = "wells.csv"\n'))
    with pytest.raises(InputError, match="has no CRS"):
        read_layer(region, "wells")


def test_columns_and_values_that_the_schema_does_not_have_are_named(tmp_path):
    (tmp_path / "b.csv").write_text("x", encoding="utf-8")
    text = '[layers.buildings]\npath = "b.csv"\ncolumns = {hieght_m = "h", floors = 3}\n'
    text += 'values = {use = {"厂" = "industry"}, owner = 3}\ndefaults = {roof_form = "round"}\n'
    with pytest.raises(InputError) as caught:
        load_region(write_region(tmp_path, text))
    message = str(caught.value)
    for part in (
        "layers.buildings.columns.hieght_m: is no column of buildings; its columns are id, use, height_m",
        "layers.buildings.columns.floors = '3': must be a text",
        "layers.buildings.values.use = 'industry': must be one of industrial, logistics",
        "layers.buildings.values.owner = '3': must be a table of texts",
        "layers.buildings.defaults.roof_form = 'round': must be one of flat, gabled",
    ):
        assert part in message
