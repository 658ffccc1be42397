"""Columns and values of products that people have, into the schema."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from faults import InputError
from layers.findings import Findings
from layers.mapping import ambiguities, load_synonyms, normal, plan_columns, recognised_layer
from layers.prepare import prepare
from layers.region import DATA
from layers.schema import SCHEMAS
from layers.spec import LayerSpec

SYNONYMS = load_synonyms(DATA / "catalog" / "columns.toml")


def read(layer: str, table: dict[str, list], **spec) -> tuple[gpd.GeoDataFrame, list[str]]:
    count = len(next(iter(table.values())))
    x = 500_000 + 100.0 * np.arange(count)
    frame = gpd.GeoDataFrame(table, geometry=shapely.box(x, 3.8e6, x + 20, 3.8e6 + 30), crs="EPSG:4545")
    found = Findings(layer, "file", count)
    spec = LayerSpec(layer, demo=True, **spec)
    ready = prepare(frame, spec, SCHEMAS[layer], crs_metric="EPSG:4545", synonyms=SYNONYMS, findings=found)
    return ready, [str(fault) for fault in found.faults]


PRODUCTS = {
    "cmab": (
        {"Shape_id": [7], "pred_h_r": [18.5], "Floor": [6], "Bu_Area": [600.0], "XzCity_Nm": ["西安"]},
        {"id": "7", "height_m": 18.5, "floors": 6.0},
        "CMAB",
    ),
    "globfp": ({"Height": [21.0]}, {"height_m": 21.0}, "3D-GloBFP"),
    "gba": (
        {"source": ["osm"], "id": ["w1"], "height": [8.2], "var": [1.1], "region": ["CHN"]},
        {"id": "w1", "height_m": 8.2},
        "GlobalBuildingAtlas",
    ),
    "microsoft": ({"height": [-1.0], "confidence": [-1.0]}, {"height_m": None}, "Microsoft"),
    "google": (
        {"area_in_meters": [60.0], "confidence": [0.9], "full_plus_code": ["8P"]},
        {"id": "8P", "height_m": None},
        "Google Open Buildings",
    ),
    "overture": (
        {
            "id": ["a"],
            "subtype": ["education"],
            "class": ["school"],
            "height": [12.0],
            "num_floors": [3.0],
            "roof_shape": ["gabled"],
        },
        {"use": "school", "height_m": 12.0, "floors": 3.0, "roof_form": "gabled"},
        "Overture",
    ),
    "osm": (
        {"osm_id": [None], "osm_way_id": ["42"], "building": ["warehouse"], "name": ["圆通"]},
        {"use": "logistics", "name": "圆通"},
        "OpenStreetMap, multipolygons",
    ),
    "geofabrik": (
        {"osm_id": ["9"], "code": [1500], "fclass": ["building"], "name": [None], "type": ["apartments"]},
        {"id": "9", "use": "residential"},
        "shapefile of Geofabrik",
    ),
}


@pytest.mark.parametrize("name", PRODUCTS)
def test_building_products_are_recognised_and_read(name):
    columns, expected, title = PRODUCTS[name]
    frame, told = read("buildings", columns)
    row = frame.iloc[0]
    for column, value in expected.items():
        if value is None:
            assert np.isnan(row[column])
        else:
            assert row[column] == value
    assert any("recognised as" in line and title in line for line in told)


DLBM = {
    **dict.fromkeys(("0101", "0102", "0103"), "cultivated"),
    **dict.fromkeys(("0201", "0201K", "0202", "0204"), "orchard"),
    **dict.fromkeys(("0301", "0305", "0307"), "forest"),
    **dict.fromkeys(("0401", "0403", "0404"), "grass"),
    **dict.fromkeys(("1104", "1104A"), "fish_pond"),
    **dict.fromkeys(("1202",), "facility_agriculture"),
    **dict.fromkeys(("1204", "1205", "1206", "1207"), "unused"),
}
NOT_FARMLAND = [
    "0601",
    "0701",
    "0702",
    "1001",
    "1003",
    "1006",
    "1101",
    "1103",
    "1107",
    "05H1",
    "08H2",
    "0303",
]


def test_codes_of_the_land_survey():
    codes = [*DLBM, *NOT_FARMLAND]
    frame, told = read("farmland", {"BSM": codes, "DLBM": codes, "DLMC": [""] * len(codes)})
    assert dict(zip(frame["id"], frame["class"], strict=True)) == DLBM
    assert any("地类图斑" in line for line in told)
    assert sum("are no part of farmland and left out" in line for line in told) == len(NOT_FARMLAND)


def test_permanent_basic_farmland_by_its_table():
    frame, _ = read("farmland", {"YJJBNTTBBH": ["6101"], "DLBM": ["0103"]})
    assert frame["class"].tolist() == ["permanent_basic"]
    assert frame["id"].tolist() == ["6101"]


def test_codes_of_the_planning_classes_differ_from_those_of_the_survey():
    frame, _ = read("farmland", {"YDYHFLDM": ["0602", "1104", "1202", "2306"], "BSM": list("abcd")})
    assert frame.set_index("id")["class"].to_dict() == {"a": "facility_agriculture", "d": "unused"}
    frame, _ = read("municipal", {"YDYHFLDM": ["1302", "120803", "0701", "1203"], "BSM": list("abcd")})
    assert frame.set_index("id")["facility"].to_dict() == {"a": "wastewater", "b": "parking", "d": "airport"}


def test_chinese_columns_and_words_without_any_setting():
    columns = {
        "编号": ["1"],
        "建筑用途": ["物流仓储"],
        "建筑高度": ["１２米"],
        "层数": ["2层"],
        "屋顶形式": ["彩钢"],
        "权属": ["企业"],
    }
    frame, _ = read("buildings", columns)
    row = frame.iloc[0]
    assert (row["use"], row["height_m"], row["floors"]) == ("logistics", 12.0, 2.0)
    assert (row["roof_form"], row["owner"], row["id"]) == ("metal", "enterprise", "1")


def test_what_region_toml_says_comes_before_what_is_known():
    columns = {"height": [5.0], "h2": [9.0], "kind": ["A1"]}
    spec = {"columns": {"height_m": "h2", "use": "kind"}, "values": {"use": {"A1": "hospital"}}}
    frame, _ = read("buildings", columns, **spec)
    assert (frame["height_m"][0], frame["use"][0]) == (9.0, "hospital")
    assert frame["height"].tolist() == [5.0]


def test_defaults_fill_missing_columns_and_missing_values():
    frame, _ = read(
        "buildings", {"use": [None, "住宅"]}, defaults={"use": "industrial", "owner": "enterprise"}
    )
    assert frame["use"].tolist() == ["industrial", "residential"]
    assert frame["owner"].tolist() == ["enterprise"] * 2


def test_a_column_that_is_named_but_not_there_stops_the_reading():
    with pytest.raises(InputError, match="hoehe: the file has no such column for height_m; it has height"):
        read("buildings", {"height": [5.0]}, columns={"height_m": "hoehe"})


def test_units_that_region_toml_names():
    frame, _ = read("towns", {"id": ["t"], "规划面积": [211500]}, units={"planned_area_km2": "亩"})
    assert frame["planned_area_km2"][0] == pytest.approx(141.0)


def test_road_classes_of_openstreetmap():
    frame, _ = read("restrictions", {"kind": ["道路", "道路"], "highway": ["motorway", "residential"]})
    assert frame["class"].tolist() == ["expressway", "urban"]


def test_the_layer_of_a_file_is_told_by_its_product():
    assert recognised_layer(["DLBM", "DLMC", "BSM"], SYNONYMS) == "farmland"
    assert recognised_layer(["osm_id", "osm_way_id", "building"], SYNONYMS) == "buildings"
    assert recognised_layer(["a", "b"], SYNONYMS) is None


def test_the_catalogue_maps_only_to_what_the_schemas_allow():
    for layer, columns in SYNONYMS["values"].items():
        for column, table in columns.items():
            allowed = SCHEMAS[layer].column(column).allowed
            assert not allowed or set(table) <= {*allowed, "-"}
            words = [normal(word) for synonyms in table.values() for word in synonyms]
            assert len(words) == len(set(words)), (
                layer,
                column,
                sorted(w for w in words if words.count(w) > 1),
            )
    for product in SYNONYMS["products"].values():
        schema = SCHEMAS[product["layer"]]
        assert set(product["columns"]) <= {"id", *schema.names}
        for column, table in product.get("values", {}).items():
            assert set(table.values()) <= {*schema.column(column).allowed, "-"}


def test_column_synonyms_name_columns_of_their_schema():
    for layer, columns in SYNONYMS["synonyms"].items():
        if layer != "common":
            assert set(columns) <= set(SCHEMAS[layer].names)


def test_plan_never_reads_one_column_twice_for_what_region_toml_took():
    found = Findings("buildings", "f", 1)
    spec = LayerSpec("buildings", demo=True, columns={"name": "height"})
    plan = plan_columns(SCHEMAS["buildings"], ["height"], spec, synonyms=SYNONYMS, findings=found)
    assert plan.columns == {"name": "height"}


def test_several_columns_that_may_be_one_are_asked_about():
    columns = {"高度": [9.0], "height": [30.0], "功能": ["厂房"]}
    frame, told = read("buildings", columns)
    question = "several columns may be height_m: height, 高度; say which in columns = {height_m = ...}"
    assert any(question in line for line in told)
    frame, told = read("buildings", columns, columns={"height_m": "高度"})
    assert frame["height_m"].tolist() == [9.0]
    assert not any("several columns" in line for line in told)


def test_what_a_product_or_the_name_itself_decides_is_not_asked():
    for columns in (PRODUCTS["cmab"][0] | {"height": [3.0]}, {"height_m": [9.0], "高度": [8.0]}):
        _, told = read("buildings", columns)
        assert not any("several columns" in line for line in told)


def test_the_wizard_gets_the_choices():
    schema, spec = SCHEMAS["buildings"], LayerSpec("buildings", demo=True)
    assert ambiguities(schema, ["高度", "height", "层数"], spec, synonyms=SYNONYMS) == {
        "height_m": ["height", "高度"]
    }
    told = LayerSpec("buildings", demo=True, columns={"height_m": "高度"})
    assert ambiguities(schema, ["高度", "height"], told, synonyms=SYNONYMS) == {}


@pytest.mark.parametrize("column", ["YDDM", "用地代码", "用地性质代码"])
def test_classes_of_urban_land(column):
    codes = ["U21", "U11", "S42", "S41", "G1", "U22", "H24", "R2", "M1"]
    frame, told = read("municipal", {column: codes})
    facilities = ["wastewater", "waterworks", "parking", "depot", "park", "landfill", "airport"]
    assert frame["facility"].tolist() == facilities
    assert any("GB 50137-2011" in line for line in told)
    uses = {"M2": "industrial", "W1": "logistics", "A33": "school", "A31": "university", "A5": "hospital"}
    uses |= {"B14": "hotel", "B29": "office", "R2": "residential", "H14": "rural_house"}
    frame, _ = read("buildings", {column: list(uses)})
    assert frame["use"].tolist() == list(uses.values())


def test_a_class_that_says_too_little_is_asked_about():
    """E2 is agricultural and forest land: nobody can say which from the code."""
    frame, told = read("farmland", {"YDDM": ["E13", "E2"]})
    assert frame["class"].tolist() == ["fish_pond"]
    assert any("row 2, class = 'E2': must be one of permanent_basic" in line for line in told)
    frame, _ = read("farmland", {"YDDM": ["E13", "E2"]}, values={"class": {"E2": "cultivated"}})
    assert frame["class"].tolist() == ["fish_pond", "cultivated"]
