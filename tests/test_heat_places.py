"""Reasons for every cell and parcel, boreholes packed, goals, cooling: a small region and its run."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from pyproj import Transformer

from assessment.heat import assess_heat
from assessment.heat_boreholes import boreholes_of
from assessment.heat_catalog import SHARED, heat_catalog
from assessment.heat_packing import calibrate, pack
from assessment.heat_reasons import Causes
from assessment.heat_suitability import LIGHTS, read_schemes
from assessment.heat_weigh import judgements_of, weigh
from assessment.heat_why import why_card, why_here
from assessment.heat_write import write_heat, write_heat_rasters
from assessment.run import HEAT_TECHNOLOGIES, Run
from exports.boreholes import export_boreholes
from faults import InputError, RunError
from layers.catalog import load_catalog
from layers.region import DATA
from tests import heat_world


def municipal():
    west, south = heat_world.WEST, heat_world.SOUTH
    return gpd.GeoDataFrame(
        {"id": ["park", "airport", "in_heritage"], "facility": ["park", "airport", "parking"]},
        geometry=[
            shapely.box(west + 2200, south + 300, west + 2320, south + 400),
            shapely.box(west + 2400, south + 300, west + 2500, south + 400),
            shapely.box(west + 900, south + 900, west + 960, south + 960),
        ],
        crs=heat_world.CRS,
    )


@cache
def result():
    return assess_heat(**heat_world.world(municipal=municipal()))


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("heat") / "run"
    (folder / "rasters").mkdir(parents=True)
    found = result()
    write_heat(folder, found)
    write_heat_rasters(folder / "rasters", found.maps, tags={"run_id": "test"})
    manifest = {"format": 2, "run_id": "test", "parameters": found.parameters, "crs": heat_world.CRS,
                "region": {"id": "test", "name_zh": "测试", "name_en": "test"}, "inputs": [], "rules": [],
                "not_checked": [], "demo_layers": [], "boundary_note_zh": "", "boundary_note_en": "",
                "version": "0"}  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return Run(folder)


def lonlat(x, y):
    to = Transformer.from_crs(heat_world.CRS, 4326, always_xy=True)
    return to.transform(heat_world.WEST + x, heat_world.SOUTH + y)


# Every cell


def test_every_cell_has_a_light_a_class_and_a_sentence():
    maps = result().maps
    inside = np.isfinite(maps.arrays["nearest_well_km"])
    for technology in HEAT_TECHNOLOGIES:
        codes = maps.coded[f"reason_{technology}"].codes
        told = maps.reasons[maps.reasons["technology"] == technology].set_index("code")
        assert ((codes > 0) == inside).all()
        assert set(np.unique(codes[inside])) == set(told.index)
        assert (told["reason_zh"].str.len() > 0).all()
        assert (told["reason_en"].str.len() > 0).all()
        assert told["cells"].sum() == inside.sum()
        light = maps.coded[f"light_{technology}"].codes
        assert (np.array(LIGHTS)[light[inside] - 1] == told["light"].loc[codes[inside]].to_numpy()).all()


def test_red_cells_name_the_rule_and_match_the_veto_polygon_by_polygon():
    """Judge: shapely, cell by cell, with the share of the cell's 25 points under the polygon."""
    maps = result().maps
    heritage = heat_world.restrictions().geometry.iloc[0]
    rows, columns = np.nonzero(np.isfinite(maps.arrays["nearest_well_km"]))
    west, _, _, north = maps.bounds
    x = west + (columns + 0.5) * maps.cell_m
    y = north - (rows + 0.5) * maps.cell_m
    inside = shapely.contains_xy(heritage.buffer(-maps.cell_m), x, y)
    outside = ~shapely.intersects_xy(heritage.buffer(maps.cell_m), x, y)
    codes = maps.coded["reason_deep"].codes[rows, columns]
    told = maps.reasons[maps.reasons["technology"] == "deep"].set_index("code")
    assert inside.sum() > 50
    assert (told["light"].loc[codes[inside]] == "red").all()
    assert told["reason_zh"].loc[codes[inside]].str.startswith("文物保护范围内禁止钻探").all()
    assert not told["reason_zh"].loc[codes[outside]].str.contains("文物保护范围内禁止钻探").any()


def test_a_consent_is_named_where_it_is_asked_and_red_says_only_the_veto():
    told = result().maps.reasons
    shallow = told[told["technology"] == "shallow"]
    rule = next(r for r in heat_world.world()["rules"] if r.id == "drilling_heritage_control")
    control = shallow["reason_en"].str.contains(rule.title_en, regex=False)
    assert control.any()
    assert (shallow.loc[control, "light"] == "yellow").all()
    red = Causes(light="red", class_index=3, veto=("否决", "veto"), consent=("同意", "consent")).words()
    assert red == ("否决", "veto")


def test_rasters_carry_colours_words_and_a_table_beside(run):
    with rasterio.open(run.path / "rasters" / "class_deep.tif") as raster:
        assert raster.dtypes == ("uint8",)
        assert raster.nodata == 0
        assert json.loads(raster.tags()["classes"])[0][2:] == ["适宜", "suitable"]
        assert raster.colormap(1)[1] == (0x1A, 0x7F, 0x5A, 255)
        assert raster.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
    beside = (run.path / "rasters" / "reason_deep.tif.aux.xml").read_text(encoding="utf-8")
    assert "文物保护范围内禁止钻探" in beside
    assert beside.count("<Row ") == (result().maps.reasons["technology"] == "deep").sum()


def test_best_technology_is_where_demand_is_served():
    codes = result().maps.coded["best_technology"].codes
    best = result().blocks["best_technology"]
    assert set(best.dropna()) <= set(HEAT_TECHNOLOGIES)
    assert best.notna().sum() == (result().blocks["served_kw"] > 0).sum()
    assert codes.max() <= 3


# Why here


def test_why_here_answers_places_inside_and_outside(run):
    inside, outside = lonlat(1000, 1200), lonlat(90_000, 0)
    found = why_here(run, [inside[0], outside[0], np.nan], [inside[1], outside[1], np.nan])
    assert len(found) == 9
    first = found[found["point"] == 0].set_index("technology")
    assert (first["light"] == "red").all()
    assert first.loc["deep", "reason_zh"] == "文物保护范围内禁止钻探"
    rest = found[found["point"] > 0]
    assert rest[["light", "class", "reason_zh", "best"]].isna().all(axis=None)
    card = why_card(run, *inside)
    assert set(card) == set(HEAT_TECHNOLOGIES)
    assert why_card(run, *outside) == {}


def test_a_run_without_reasons_says_so(tmp_path):
    (tmp_path / "manifest.json").write_text(json.dumps({"format": 2}), encoding="utf-8")
    with pytest.raises(RunError, match=r"heat_reasons\.parquet is missing"):
        why_here(Run(tmp_path), 108.0, 34.0)
    with pytest.raises(RunError, match=r"heat_drilling\.parquet is missing"):
        boreholes_of(Run(tmp_path), "park")


# Parcels


def test_every_parcel_has_boreholes_heat_and_a_reason():
    parcels = result().parcels.set_index("id")
    assert set(parcels.index) == {"park", "airport", "in_heritage"}
    for technology in HEAT_TECHNOLOGIES:
        for name in ("light", "class", "reason_zh", "reason_en"):
            assert parcels[f"{technology}_{name}"].notna().all()
    assert parcels.loc["airport", "boreholes"] == 0
    assert parcels.loc["airport", "shallow_light"] == "red"
    assert "不安排钻孔" in parcels.loc["airport", "shallow_reason_zh"]
    assert parcels.loc["in_heritage", "boreholes"] == 0
    assert parcels.loc["in_heritage", "shallow_reason_zh"].startswith("文物保护范围内禁止钻探")
    park = parcels.loc["park"]
    assert park["boreholes"] > 50
    assert 0 < park["kw_year30"] < park["kw_year1"]
    assert park["cooling_kw"] > 0


def test_packed_boreholes_keep_every_distance(run):
    """Judge: distances by shapely to the parcel's border, to every building and to each other."""
    holes = boreholes_of(run, "park")
    parcel = municipal().geometry.iloc[0]
    assert len(holes) == result().parcels.set_index("id").loc["park", "boreholes"]
    assert shapely.distance(holes.geometry.to_numpy(), parcel.exterior).min() >= 2.5 - 1e-6
    houses = heat_world.buildings().geometry.to_numpy()
    near = shapely.STRtree(houses).query_nearest(holes.geometry.to_numpy(), return_distance=True)[1]
    assert near.min() >= 3.0 - 0.02
    xy = shapely.get_coordinates(holes.geometry.to_numpy())
    apart = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1)) + 1e9 * np.eye(len(xy))
    assert apart.min() >= 5.0 - 1e-6


def test_boreholes_of_a_parcel_as_files(run, tmp_path):
    out = tmp_path / "holes.geojson"
    number = export_boreholes(run, "park", out)
    told = json.loads(out.read_text(encoding="utf-8"))
    assert len(told["features"]) == number
    lon, lat = told["features"][0]["geometry"]["coordinates"]
    x, y = Transformer.from_crs(4326, heat_world.CRS, always_xy=True).transform(lon, lat)
    first = boreholes_of(run, "park").geometry.iloc[0]
    assert np.hypot(x - first.x, y - first.y) < 0.01
    assert export_boreholes(run, "park", tmp_path / "holes.csv") == number
    assert export_boreholes(run, "park", tmp_path / "holes.gpkg") == number
    assert len(gpd.read_file(tmp_path / "holes.gpkg")) == number
    with pytest.raises(InputError, match=r"id = 'nowhere': is no parcel"):
        export_boreholes(run, "nowhere", out)
    with pytest.raises(InputError, match=r"holes\.doc': must end in \.geojson"):
        export_boreholes(run, "park", Path("holes.doc"))


def test_calibration_by_hand_and_its_error():
    ratio, told = calibrate(np.array([90.0, 45.0]), np.array([100.0, 50.0]), seed=1)
    assert ratio == pytest.approx(0.9)
    assert told["sum_percent"] == pytest.approx(0.0)
    assert calibrate(np.empty(0), np.empty(0), seed=1) == (1.0, {"parcels": 0})
    error = result().errors["boreholes_by_packing"]
    assert error["parcels"] == 2
    assert 0.5 < error["ratio"] < 1.2


def test_pack_of_a_square():
    assert len(pack(shapely.box(0, 0, 20, 20), spacing_m=5.0)) == 25


# Goals, cooling, weights, numbers


def test_every_goal_serves_the_same_and_each_is_best_at_its_own():
    goals = result().goals
    sums = goals.groupby("goal")[["cost_cny_year", "electricity_mwh_year", "mwh_year"]].sum()
    unmet = goals.drop_duplicates(["goal", "town"]).groupby("goal")["unmet_kw"].sum()
    assert unmet.max() == pytest.approx(unmet.min(), rel=1e-3, abs=1.0)
    per_heat = sums.div(sums["mwh_year"], axis=0)
    assert per_heat["cost_cny_year"].idxmin() == "cost"
    assert per_heat["electricity_mwh_year"].idxmin() == "carbon"
    gap = goals["co2_t_year_coal_chp"] - goals["co2_t_year_gas_boiler"]
    assert gap.to_numpy() == pytest.approx(3.6 * goals["mwh_year"] * (110 - 60.4) / 1000, rel=1e-9)
    assert (goals["stranded_kw"] >= 0).all()


def test_chosen_goal_is_the_summary():
    chosen = result().goals[result().goals["goal"] == "cost"].reset_index(drop=True)
    assert chosen["heatable_m2"].to_numpy() == pytest.approx(result().summary["heatable_m2"].to_numpy())


def test_cooling_is_carried_through():
    blocks = result().blocks
    assert (blocks["cooling_served_mwh_year"] <= blocks["cooling_mwh_year"] * (1 + 1e-9)).all()
    cooled = blocks[(blocks["shallow_wells"] >= 1) & (blocks["cooling_mwh_year"] > 0)]
    assert (cooled["balance_gain_percent"] > 0).all()
    assert cooled["balance_zh"].str.contains("夏季排热相当于冬季取热的").all()
    assert cooled["balance_en"].str.contains("summer returns").all()


def test_own_weights_change_classes_and_contradictions_are_refused():
    scheme = read_schemes()["deep"]
    factors = result().factors
    names = [factor.name for factor in scheme.factors]
    same = weigh(factors, "deep", scheme)
    area = np.ones(len(factors))
    assert same.classes_m2(area).sum() <= len(factors)
    only_land = judgements_of({name: 9.0 if name == "land" else 1.0 for name in names})
    other = weigh(factors, "deep", scheme, judgements=only_land)
    assert other.scheme.weights.consistency_ratio == pytest.approx(0.0, abs=1e-9)
    assert (other.found.class_index != same.found.class_index).any()
    circle = {**only_land, (names[0], names[1]): 9.0, (names[1], names[2]): 9.0, (names[0], names[2]): 1 / 9}
    with pytest.raises(ValueError, match="consistency ratio"):
        weigh(factors, "deep", scheme, judgements=circle)


def test_the_blocks_own_classes_are_those_of_the_stored_factors():
    found = weigh(result().factors, "deep", read_schemes()["deep"]).found
    assert found.score == pytest.approx(result().blocks["deep_score"].to_numpy(), nan_ok=True)


def test_prices_and_emissions_have_one_source():
    files = {name: load_catalog(DATA / "catalog" / f"{name}.toml") for name in ("heat", "costs", "carbon")}
    whole = heat_catalog(files)
    for name, (file, key) in SHARED.items():
        assert name not in files["heat"]
        assert whole[name] == files[file][key]


def test_tables_of_a_run_are_all_there(run):
    names = {"heat_parcels", "heat_drilling", "heat_goals", "heat_alone", "heat_reasons", "heat_factors"}
    assert names <= {file.stem for file in run.path.glob("*.parquet")}
    assert pd.read_csv(run.path / "heat_reasons.csv")["reason_zh"].str.contains("文物").any()
