from __future__ import annotations

import json
import resource
import sqlite3
import zipfile

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from openpyxl.utils.escape import unescape

from assessment.run import Run
from exports.flat import fields
from exports.formats import shapefile, xlsx
from exports.formats.sheetrows import cells
from exports.formats.text import guard
from exports.job import Job
from exports.provenance import provenance_of
from exports.selection import make_selection
from exports.sites import FORMATS, export_table
from exports.target import target_crs
from faults import InputError, RunError
from tests.runs import NAMES, make_run

N = 400
SHAPES = ("gpkg", "geojson", "parquet", "shp", "shp-gbk")
SITE_ALIASES = "SELECT column_name, title FROM gpkg_data_columns WHERE table_name = 'sites'"
KML = "{http://www.opengis.net/kml/2.2}"


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return Run(make_run(tmp_path_factory.mktemp("runs") / "run", n_sites=N, hourly=False))


def read_back(result, name):
    if name == "parquet":
        return gpd.read_parquet(result.path)
    return gpd.read_file(result.path, layer="sites" if name == "gpkg" else 0)


def by_id(frame):
    return frame.set_index("id").sort_index()


@pytest.mark.parametrize("kind", ["sites", "heat"])
@pytest.mark.parametrize("name", FORMATS)
def test_every_format_holds_every_row(run, tmp_path, name, kind):
    result = export_table(run, kind, tmp_path / "out", format=name)
    assert result.rows == len(getattr(run, kind))
    assert result.path.suffix == FORMATS[name].suffix
    assert result.path == result.files[0]
    assert sorted(tmp_path.iterdir()) == sorted(result.files)


@pytest.mark.parametrize("name", SHAPES)
def test_count_and_area_are_those_of_the_run(run, tmp_path, name):
    result = export_table(run, "sites", tmp_path / "out", format=name)
    frame = by_id(read_back(result, name).to_crs("EPSG:4545"))
    original = by_id(run.sites)
    assert list(frame.index) == list(original.index)
    np.testing.assert_allclose(frame.geometry.area, original.geometry.area, rtol=1e-6, atol=1e-3)
    assert frame.geometry.area.sum() == pytest.approx(original.geometry.area.sum(), rel=1e-6)
    np.testing.assert_allclose(frame["area_m2"], original["area_m2"], rtol=1e-6)


@pytest.mark.parametrize("name", ["gpkg", "parquet", "shp"])
def test_metric_geometry_comes_back_exactly(run, tmp_path, name):
    result = export_table(run, "sites", tmp_path / "out", format=name, crs="EPSG:4545")
    frame, original = by_id(read_back(result, name)), by_id(run.sites)
    assert frame.crs.to_epsg() == 4545
    assert shapely.equals(shapely.normalize(frame.geometry), shapely.normalize(original.geometry)).all()
    np.testing.assert_allclose(frame.geometry.area, original.geometry.area, rtol=1e-9)


def test_parquet_loses_nothing(run, tmp_path):
    result = export_table(run, "sites", tmp_path / "out", format="parquet", crs="EPSG:4545")
    pd.testing.assert_frame_equal(
        pd.DataFrame(gpd.read_parquet(result.path).drop(columns="geometry")),
        pd.DataFrame(run.sites.drop(columns="geometry")),
    )
    metadata = pq.read_metadata(result.path).metadata
    assert json.loads(metadata[b"yijian"])["run_id"] == run.manifest["run_id"]


def test_unknown_numbers_stay_unknown(run, tmp_path):
    missing = set(run.sites.loc[run.sites["lcoe"].isna(), "id"])
    assert missing
    for name in SHAPES:
        frame = read_back(export_table(run, "sites", tmp_path / name, format=name), name)
        assert set(frame.loc[frame["lcoe"].isna(), "id"]) == missing
    result = export_table(run, "sites", tmp_path / "table", format="csv")
    table = pd.read_csv(result.path)
    assert set(table.loc[table["lcoe [CNY/kWh]"].isna(), "id"]) == missing


def test_months_and_rules_are_flat_in_geopackage(run, tmp_path):
    result = export_table(run, "sites", tmp_path / "out", format="gpkg")
    frame, original = by_id(read_back(result, "gpkg")), by_id(run.sites)
    months = frame[[f"kwh_{month:02d}" for month in range(1, 13)]].to_numpy()
    np.testing.assert_allclose(months, np.stack(original["kwh_month"]), rtol=1e-12)
    rules = pyogrio.read_dataframe(result.path, layer="sites_rules")
    flat = [(site, rule["id"], rule["m2"]) for site, items in original["rules"].items() for rule in items]
    assert len(rules) == len(flat) > 0
    assert rules["m2"].sum() == pytest.approx(sum(row[2] for row in flat), rel=1e-12)
    site, rule, area = flat[0]
    assert f"{rule} " in frame.loc[site, "rules"]
    assert f"{area:.1f} m2" in frame.loc[site, "rules"]


def test_geopackage_carries_styles_aliases_dictionary_and_notices(run, tmp_path):
    result = export_table(run, "sites", tmp_path / "out", format="gpkg")
    with sqlite3.connect(result.path) as database:
        styles = dict(database.execute("SELECT f_table_name, styleQML FROM layer_styles"))
        aliases = dict(database.execute(SITE_ALIASES))
        dictionary = {row[0] for row in database.execute("SELECT column_name FROM data_dictionary")}
        notices = [row[0] for row in database.execute("SELECT text FROM run_notice")]
        listed = {row[0] for row in database.execute("SELECT table_name FROM gpkg_contents")}
        tables = {row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type='table'")}
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    renderer = etree.fromstring(styles["sites"]).find("renderer-v2")
    values = {category.get("value") for category in renderer.iter("category")}
    assert set(run.sites["type"]) <= values
    assert set(styles) == {"sites", "towns"} <= listed <= tables
    assert aliases["kwh_year_p50"] == "首年发电量 P50 first-year energy P50 (kWh/a)"
    assert dictionary == {field.name for field in fields("sites")} == set(aliases)
    assert run.manifest["boundary_note_zh"] in notices
    assert (
        pyogrio.read_info(result.path, layer="sites")["dataset_metadata"]["run_id"] == run.manifest["run_id"]
    )


def test_geojson_follows_the_standard(run, tmp_path):
    result = export_table(run, "sites", tmp_path / "out", format="geojson")
    content = json.loads(result.path.read_text(encoding="utf-8"))
    assert content["type"] == "FeatureCollection"
    assert "crs" not in content
    assert content["yijian"]["demo_layers"] == run.manifest["demo_layers"]
    shapes = [shapely.from_geojson(json.dumps(feature["geometry"])) for feature in content["features"]]
    for shape in shapes:
        for part in shapely.get_parts(shape):
            assert part.exterior.is_ccw
            assert not any(ring.is_ccw for ring in part.interiors)
    west, south, east, north = shapely.total_bounds(np.array(shapes))
    assert 108 < west < east < 110
    assert 34 < south < north < 35
    assert len(content["features"][0]["properties"]["kwh_month"]) == 12


def test_kml_is_readable(run, tmp_path):
    result = export_table(run, "sites", tmp_path / "out", format="kmz")
    with zipfile.ZipFile(result.path) as archive:
        root = etree.fromstring(archive.read("doc.kml"))
    document = root.find(f"{KML}Document")
    assert [folder.findtext(f"{KML}name") for folder in document.iter(f"{KML}Folder")] == list(
        run.towns["name_zh"]
    )
    marks = list(document.iter(f"{KML}Placemark"))
    assert len(marks) == N
    styles = {style.get("id") for style in document.iter(f"{KML}Style")}
    assert {mark.findtext(f"{KML}styleUrl").removeprefix("#") for mark in marks} <= styles
    known = {data.get("name") for data in marks[0].iter(f"{KML}Data")}
    balloon = document.find(f"{KML}Style/{KML}BalloonStyle/{KML}text").text
    used = {part.split("]")[0] for part in balloon.split("$[")[1:]} - {"name"}
    assert used <= known
    assert run.manifest["boundary_note_zh"] in document.findtext(f"{KML}description")


def test_shapefile_names_fit_and_are_explained(run, tmp_path):
    for kind in ("sites", "heat"):
        shorts = [field.short for field in fields(kind)]
        assert len(set(shorts)) == len(shorts)
        assert max(len(short.encode()) for short in shorts) <= 10
    result = export_table(run, "sites", tmp_path / "out", format="shp")
    names = {path.name for path in result.files}
    assert {"out.cpg", "out.prj", "out.dbf", "out.shx", "out-columns.csv", "out-readme.txt"} <= names
    key = pd.read_csv(tmp_path / "out-columns.csv", encoding="utf-8-sig")
    frame = read_back(result, "shp")
    assert list(key["short"]) == [name for name in frame.columns if name != "geometry"]
    assert (tmp_path / "out.cpg").read_text() == "UTF-8"


def test_gbk_shapefile_is_gbk_on_disk(run, tmp_path):
    result = export_table(run, "sites", tmp_path / "out", format="shp-gbk")
    table = (tmp_path / "out.dbf").read_bytes()
    assert "西咸第一中学".encode("gbk") in table
    assert "西咸第一中学".encode() not in table
    assert "表情?屋顶" in set(read_back(result, "shp-gbk")["name"])


def test_shapefile_splits_before_its_limit(run, tmp_path):
    selection = make_selection(run, "sites")
    job = Job(run, selection, target_crs("4545", source="EPSG:4545"), provenance_of(run), batch_rows=50)
    shapefile.write_shapefile(tmp_path / "out.shp", job, part_bytes=120 * 2000)
    parts = sorted(tmp_path.glob("*.shp"))
    assert len(parts) > 1
    assert sum(len(gpd.read_file(part)) for part in parts) == N
    assert max((tmp_path / f"{part.stem}.dbf").stat().st_size for part in parts) <= 120 * 2000


def test_csv_has_units_a_mark_for_excel_and_no_formula(run, tmp_path):
    result = export_table(run, "sites", tmp_path / "out", format="csv")
    assert result.path.read_bytes().startswith(b"\xef\xbb\xbf")
    table = pd.read_csv(result.path, dtype=str, keep_default_na=False)
    assert "kwp_dc_central [kWp]" in table.columns
    texts = table[["name", "rules", "township", "owner"]].to_numpy().ravel()
    assert not [text for text in texts if text.lstrip()[:1] in {"=", "+", "-", "@", "＝"}]
    assert '\'=HYPERLINK("http://example.org","点我")' in texts
    description = json.loads((tmp_path / "out.csv-metadata.json").read_text(encoding="utf-8"))
    assert [c["titles"] for c in description["tableSchema"]["columns"]] == list(table.columns)
    assert (table["run_id"] == run.manifest["run_id"]).all()


@given(st.text())
def test_no_guarded_text_starts_a_formula(text):
    import pyarrow as pa

    guarded = guard(pa.array([text]))[0].as_py()
    assert guarded.removeprefix("'") == text.removeprefix("'")
    assert guarded.lstrip().lstrip("\x00")[:1] not in {"=", "+", "-", "@"}


def test_xlsx_holds_texts_numbers_filters_and_notices(run, tmp_path):
    result = export_table(run, "sites", tmp_path / "out", format="xlsx")
    book = openpyxl.load_workbook(result.path)
    sheet = book["场址 Sites"]
    assert sheet.freeze_panes == "B3"
    assert sheet.auto_filter.ref.startswith("A2:")
    rows = list(sheet.iter_rows(min_row=3))
    assert len(rows) == N
    header = [cell.value for cell in sheet[2]]
    names = [row[header.index("name")] for row in rows]
    assert {cell.data_type for cell in names} == {"s", "n"}  # n: empty
    assert {cell.value for cell in names if cell.value} >= {
        name for name in NAMES if "\x0b" not in name and "\r" not in name
    }
    power = [row[header.index("kwp_dc_central [kWp]")].value for row in rows]
    assert sum(power) == pytest.approx(run.sites["kwp_dc_central"].sum(), rel=1e-9)
    assert {"数据字典 Dictionary", "说明 About"} <= set(book.sheetnames)
    about = "\n".join(str(cell.value) for row in book["说明 About"] for cell in row)
    for words in (
        run.manifest["run_id"],
        run.manifest["boundary_note_zh"],
        "示范数据",
        "CC BY 4.0",
        "军事设施",
    ):
        assert words in about


def test_xlsx_goes_on_in_a_new_sheet_where_rows_end(run, tmp_path, monkeypatch):
    monkeypatch.setattr(xlsx, "MAX_ROWS", 2 + N // 3)
    result = export_table(run, "sites", tmp_path / "out", format="xlsx")
    book = openpyxl.load_workbook(result.path)
    sheets = [book[name] for name in book.sheetnames if name.startswith("场址 Sites")]
    assert len(sheets) == -(-N // (N // 3))
    ids = []
    for sheet in sheets:
        assert sheet.max_row <= 2 + N // 3
        assert (
            sheet.auto_filter.ref == f"A2:{openpyxl.utils.get_column_letter(sheet.max_column)}{sheet.max_row}"
        )
        assert sheet.print_title_rows == "$1:$2"
        ids += [cell.value for cell in sheet["A"][2:]]
    assert ids == list(run.sites["id"])


def test_xlsx_without_a_row_is_a_book_all_the_same(run, tmp_path):
    result = export_table(run, "sites", tmp_path / "out", format="xlsx", where="kwp_dc_central < 0")
    sheet = openpyxl.load_workbook(result.path)["场址 Sites"]
    assert (result.rows, sheet.max_row) == (0, 2)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.none(),
            st.text(),
            st.sampled_from(["_x0041_", "=1+1", "a\x01b", " <&> ", "_x0D_\x0b", "\ufffe"]),
        ),
        min_size=1,
    )
)
def test_cells_come_back_as_excel_reads_them(texts):
    found = "".join(
        cells(pa.array(texts, pa.string()), 0, pa.array(map(str, range(len(texts)))), "").to_pylist()
    )
    read = [unescape("".join(node.itertext())) for node in etree.fromstring(f"<r>{found}</r>").iter("c")]
    assert read == [text for text in texts if text is not None]


def test_cells_keep_numbers_to_the_last_bit_and_formats(run, tmp_path):
    result = export_table(run, "sites", tmp_path / "out", format="xlsx")
    sheet = openpyxl.load_workbook(result.path)["场址 Sites"]
    header = [cell.value for cell in sheet[2]]
    for name, unit, number_format in (
        ("kwp_dc_central", "kWp", "#,##0.0"),
        ("lcoe", "CNY/kWh", "0.000"),
        ("area_m2", "m2", "#,##0"),
        ("shading_loss", "1", "0.0 %"),
    ):
        column = header.index(f"{name} [{unit}]")
        found = [row[column] for row in sheet.iter_rows(min_row=3)]
        wanted = run.sites[name]
        known = wanted.notna().to_numpy()
        assert [cell.value for cell, there in zip(found, known, strict=True) if there] == list(wanted[known])
        assert {cell.number_format for cell, there in zip(found, known, strict=True) if there} == {
            number_format
        }
        assert all(cell.value is None for cell, there in zip(found, known, strict=True) if not there)


def test_gcj02_is_the_standard_offset_and_is_marked(run, tmp_path):
    plain = by_id(read_back(export_table(run, "sites", tmp_path / "a", format="gpkg", crs="wgs84"), "gpkg"))
    result = export_table(run, "sites", tmp_path / "b", format="gpkg", crs="GCJ-02")
    moved = by_id(read_back(result, "gpkg"))
    assert result.path.name == "b-gcj02.gpkg"
    assert "GCJ-02" in moved.crs.name
    assert moved.crs.to_epsg() is None
    before = plain.geometry.representative_point()
    lon, lat = gcj02_by_hand(before.x.to_numpy(), before.y.to_numpy())
    xy = [shapely.get_coordinates(frame.geometry.to_numpy()) for frame in (plain, moved)]
    lon, lat = gcj02_by_hand(*xy[0].T)
    _, _, metres = pyproj.Geod(ellps="WGS84").inv(lon, lat, *xy[1].T)
    assert np.max(metres) < 0.5
    _, _, shift = pyproj.Geod(ellps="WGS84").inv(*xy[0].T, *xy[1].T)
    assert 400 < np.median(shift) < 550


def gcj02_by_hand(lon, lat):
    """The formula in general use, written out on its own."""
    x, y = lon - 105.0, lat - 35.0
    pi = np.pi
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x))
    north += (20 * np.sin(6 * x * pi) + 20 * np.sin(2 * x * pi)) * 2 / 3
    north += (20 * np.sin(y * pi) + 40 * np.sin(y / 3 * pi)) * 2 / 3
    north += (160 * np.sin(y / 12 * pi) + 320 * np.sin(y * pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x))
    east += (20 * np.sin(6 * x * pi) + 20 * np.sin(2 * x * pi)) * 2 / 3
    east += (20 * np.sin(x * pi) + 40 * np.sin(x / 3 * pi)) * 2 / 3
    east += (150 * np.sin(x / 12 * pi) + 300 * np.sin(x / 30 * pi)) * 2 / 3
    a, ee = 6378245.0, 0.00669342162296594323
    magic = 1 - ee * np.sin(np.radians(lat)) ** 2
    d_lat = north * 180 / ((a * (1 - ee)) / (magic * np.sqrt(magic)) * pi)
    d_lon = east * 180 / (a / np.sqrt(magic) * np.cos(np.radians(lat)) * pi)
    return lon + d_lon, lat + d_lat


def test_filters_agree_with_the_frame(run, tmp_path):
    sites = run.sites
    middle = sites.to_crs("EPSG:4326").total_bounds
    area = shapely.box(middle[0], middle[1], (middle[0] + middle[2]) / 2, (middle[1] + middle[3]) / 2)
    result = export_table(
        run,
        "sites",
        tmp_path / "out",
        format="parquet",
        where="kwp_dc_central >= 50 and lcoe < 0.4",
        town=("qinhan", "fengxi"),
        types=("roof_flat", "roof_metal"),
        status=("allowed",),
        area=area,
        crs="EPSG:4545",
    )
    drawn = shapely.transform(
        area,
        lambda xy: np.column_stack(
            pyproj.Transformer.from_crs(4326, 4545, always_xy=True).transform(xy[:, 0], xy[:, 1])
        ),
    )
    keep = (
        (sites["kwp_dc_central"] >= 50)
        & (sites["lcoe"] < 0.4)
        & sites["town"].isin(["qinhan", "fengxi"])
        & sites["type"].isin(["roof_flat", "roof_metal"])
        & (sites["status"] == "allowed")
        & sites.geometry.intersects(drawn)
    )
    assert 0 < keep.sum() < len(sites)
    assert set(gpd.read_parquet(result.path)["id"]) == set(sites.loc[keep, "id"])


@pytest.mark.parametrize("name", FORMATS)
def test_an_empty_selection_is_an_empty_file(run, tmp_path, name):
    result = export_table(run, "sites", tmp_path / "out", format=name, where="kwp_dc_central < 0")
    assert result.rows == 0
    assert result.path.is_file()


def test_wrong_choices_are_all_named(run, tmp_path):
    with pytest.raises(InputError) as caught:
        export_table(
            run, "sites", tmp_path / "x", format="gpkg", town="chang'an", types=("wind",), status=("?",)
        )
    assert len(caught.value.faults) == 3
    for value in ("chang'an", "wind", "'?'"):
        assert value in str(caught.value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"format": "dwg"}, "'dwg'.*must be one of gpkg"),
        ({"format": "gpkg", "crs": "EPSG:1"}, "'EPSG:1'.*is no CRS"),
        ({"format": "geojson", "crs": "EPSG:4545"}, "EPSG:4545.*longitude and latitude only"),
        ({"format": "gpkg", "where": "nonsense > 1"}, "nonsense"),
        ({"format": "gpkg", "where": "__import__('os')"}, "position"),
        ({"format": "gpkg", "area": shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])}, "no valid area"),
    ],
)
def test_bad_input_is_refused_in_words(run, tmp_path, options, message):
    with pytest.raises(InputError, match=message):
        export_table(run, "sites", tmp_path / "out", **options)
    assert not list(tmp_path.iterdir())


def test_a_failing_export_leaves_the_old_file(run, tmp_path, monkeypatch):
    old = export_table(run, "sites", tmp_path / "out", format="csv").path
    before = old.read_bytes()

    def full_disk(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("exports.formats.text._csvw", full_disk)
    with pytest.raises(RunError, match="No space left"):
        export_table(run, "sites", tmp_path / "out", format="csv", town="qinhan")
    assert old.read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 2


@pytest.fixture
def small_disk():
    """No file may grow beyond 20 kB: writing ends with an error as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))

    yield limit
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # half-open zip files of libraries
def test_a_full_disk_leaves_the_old_file(run, tmp_path, small_disk, name):
    old = export_table(run, "heat", tmp_path / "out", format=name, where="kw_year1 < 500")
    before = {path: path.read_bytes() for path in old.files}
    small_disk()
    with pytest.raises(RunError, match="cannot be written"):
        export_table(run, "sites", tmp_path / "out", format=name)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_progress_ends_at_one(run, tmp_path):
    seen = []
    export_table(
        run, "sites", tmp_path / "out", format="csv", progress=lambda share, what: seen.append((share, what))
    )
    assert seen[-1] == (1.0, "sites")
