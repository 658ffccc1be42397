"""Importing tables: every spelling, all faults at once, a look before, all or nothing."""

from __future__ import annotations

import csv
import io
import warnings

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from faults import InputError
from tests.ledgers import TOWNS
from tracking.ledger import Ledger
from tracking.ledger_files import backup, export_ledger, restore
from tracking.ledger_import import apply_import, preview_import
from tracking.ledger_rows import ConflictError
from tracking.tables import read_table

OFFICE = """项目名称,类别,所属新城,装机容量（万千瓦）,状态,并网日期,备注
沔西屋顶一期,光伏,沔西新城,1.5,已并网,2024年5月,
泾河农光,光伏,泾河,待定,拟建,,"含引号""与,逗号"
"""


@pytest.fixture
def ledger(tmp_path):
    opened = Ledger(str(tmp_path / "ledger.sqlite"), towns=TOWNS)
    yield opened
    opened.close()


def write(path, text, encoding="utf-8"):
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_an_offices_table_as_it_is(ledger, tmp_path, encoding):
    preview = preview_import(ledger, write(tmp_path / "台账.csv", OFFICE, encoding))
    assert preview.faults == ()
    assert preview.counts == {"add": 2, "set": 0, "same": 0}
    assert ledger.count() == 0
    assert apply_import(ledger, preview, who="李") == preview.counts
    frame = ledger.frame().set_index("name")
    one, two = frame.loc["沣西屋顶一期"], frame.loc["泾河农光"]
    assert (one["capacity_mw_unstated"], one["town"], one["status"]) == (15.0, "fengxi", "operating")
    assert one["date_operating"] == pd.Timestamp("2024-05-31")
    assert pd.isna(two["capacity_mw_unstated"])
    assert two["note"] == '含引号"与,逗号'
    assert set(ledger.history()["action"]) == {"import"}


def test_importing_again_changes_nothing_and_edits_are_edits(ledger, tmp_path):
    file = write(tmp_path / "a.csv", OFFICE)
    apply_import(ledger, preview_import(ledger, file), who="李")
    assert preview_import(ledger, file).counts == {"add": 0, "set": 0, "same": 2}
    changed = write(tmp_path / "b.csv", OFFICE.replace("1.5", "1.8").replace("待定", ""))
    preview = preview_import(ledger, changed)
    assert preview.counts == {"add": 0, "set": 1, "same": 1}
    assert preview.frame().query("action == 'set'")["capacity_mw_unstated"].tolist() == [18.0]
    apply_import(ledger, preview, who="王")
    assert ledger.frame()["capacity_mw_unstated"].dropna().tolist() == [18.0]


def test_an_empty_cell_never_wipes_out_what_is_known(ledger, tmp_path):
    apply_import(ledger, preview_import(ledger, write(tmp_path / "a.csv", OFFICE)), who="李")
    without = write(tmp_path / "b.csv", OFFICE.replace("2024年5月", "").replace("1.5", "-"))
    assert preview_import(ledger, without).counts["same"] == 2


def test_all_faults_of_a_file_at_once_and_nothing_applied(ledger, tmp_path):
    text = """name,kind,town,capacity_mw_dc,status,lat,colour
A,pv,fengxi,-3,operating,91,red
,wind,长安,many,operating,,
B,pv,,5 kWh,,34.1,
A2,geothermal,,4,approved,,
"""
    preview = preview_import(ledger, write(tmp_path / "bad.csv", text))
    places = {(fault.row, fault.column) for fault in preview.faults if fault.severity == "error"}
    assert places == {
        (1, "capacity_mw_dc"), (1, "lat"), (1, "lon"),
        (2, "kind"), (2, "town"), (2, "capacity_mw_dc"), (2, "name"),
        (3, "capacity_mw_dc"), (3, "status"), (3, "lon"),
        (4, "capacity_mw_dc"),
    }  # fmt: skip
    warnings = [fault for fault in preview.faults if fault.severity == "warning"]
    assert [fault.column for fault in warnings] == ["colour"]
    assert not preview.applicable
    with pytest.raises(InputError, match="'5 kWh': unit 'kwh' must be kW"):
        apply_import(ledger, preview, who="a")
    assert ledger.count() == 0


def test_a_bare_number_without_a_unit_is_refused_and_the_mapping_tells_it(ledger, tmp_path):
    file = write(tmp_path / "a.csv", "名称,规模,kind,status\nA,15,pv,approved\n")
    preview = preview_import(ledger, file)
    assert "has no unit" in preview.faults[0].rule
    told = preview_import(ledger, file, mapping={"capacity_mw_dc": "规模 [万千瓦]"})
    assert told.steps[0].record["capacity_mw_dc"] == 150.0
    assert told.mapping["capacity_mw_dc"] == "规模"


def test_defaults_fill_what_a_table_leaves_out(ledger, tmp_path):
    file = write(tmp_path / "a.csv", "名称;状态\nA;在建\nB;\n")
    preview = preview_import(ledger, file, defaults={"kind": "光伏", "status": "approved"})
    assert [step.record["status"] for step in preview.steps] == ["under_construction", "approved"]
    assert {step.record["kind"] for step in preview.steps} == {"pv"}


def test_headings_that_collide_or_are_missing(tmp_path):
    file = write(tmp_path / "a.csv", "名称,项目名称,kind\nA,B,pv\n")
    with pytest.raises(InputError, match="is name, and so is '名称': name one in the mapping"):
        read_table(file)
    assert read_table(file, mapping={"name": "项目名称"}).mapping["name"] == "项目名称"
    with pytest.raises(InputError, match="no such column; the file has 名称, 项目名称, kind"):
        read_table(file, mapping={"name": "标题", "colour": "kind"})
    with pytest.raises(InputError, match="heading appears twice"):
        read_table(write(tmp_path / "b.csv", "名称,名称\nA,B\n"))
    with pytest.raises(InputError, match="row 2: has 3 cells, the heading 2"):
        read_table(write(tmp_path / "c.csv", "名称,kind\nA,pv\nB,pv,x\n"))


def test_files_that_cannot_be_read(tmp_path):
    for name, content, message in (
        ("a.pdf", b"x", "must be a CSV, an XLSX"),
        ("a.csv", b"", "is empty"),
        ("a.csv", b"\xff\xff\xff\x81", "is no text in"),
        ("a.xlsx", b"PK no workbook", "is no readable workbook"),
        ("a.gpkg", b"no file", "is no readable vector file"),
    ):
        file = tmp_path / name
        file.write_bytes(content)
        with pytest.raises(InputError, match=message):
            read_table(file)
    with pytest.raises(InputError, match="no such file"):
        read_table(tmp_path / "none.csv")


def test_a_workbook_with_dates_numbers_and_formulas(ledger, tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["项目名称", "类别", "状态", "直流容量(MW)", "投运日期"])
    sheet.append(["A", "光伏", "在建", 12.5, pd.Timestamp("2024-03-01").to_pydatetime()])
    sheet.append([None] * 5)
    book.save(tmp_path / "a.xlsx")
    step = preview_import(ledger, tmp_path / "a.xlsx").steps[0]
    assert step.record["capacity_mw_dc"] == 12.5
    assert str(step.record["date_operating"]) == "2024-03-01"
    sheet["D2"] = "=5+7.5"
    book.save(tmp_path / "b.xlsx")
    with pytest.raises(InputError, match=r"'=5\+7\.5': formula without a stored result"):
        preview_import(ledger, tmp_path / "b.xlsx")


def test_a_geopackage_in_any_crs_brings_its_outlines(ledger, tmp_path):
    outline = shapely.box(492000, 3805000, 492400, 3805300)
    table = {"name": ["A", "B"], "kind": "pv", "status": "operating", "mw_dc": ["3 MW", None]}
    frame = gpd.GeoDataFrame(table, geometry=[outline, None], crs="EPSG:4545")
    frame.to_file(tmp_path / "a.gpkg")
    apply_import(ledger, preview_import(ledger, tmp_path / "a.gpkg"), who="a")
    kept = ledger.frame().set_index("name")
    found = gpd.GeoSeries.from_wkt([kept.loc["A", "geometry_wkt"]], crs="EPSG:4490").to_crs("EPSG:4545")[0]
    assert found.symmetric_difference(outline).area < 1
    assert found.contains(
        gpd.GeoSeries.from_xy([kept.loc["A", "lon"]], [kept.loc["A", "lat"]], crs="EPSG:4490").to_crs(
            "EPSG:4545"
        )[0]
    )
    assert kept.loc["B", "geometry_wkt"] is None
    assert pd.isna(kept.loc["B", "lon"])


def test_a_vector_file_without_crs_is_refused(tmp_path):
    gpd.GeoDataFrame({"name": ["A"]}, geometry=[shapely.Point(0, 0)]).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(InputError, match="crs: is missing: positions cannot be guessed"):
        read_table(tmp_path / "a.parquet")


def test_a_change_between_preview_and_apply_stops_all_of_it(ledger, tmp_path):
    apply_import(ledger, preview_import(ledger, write(tmp_path / "a.csv", OFFICE)), who="李")
    more = OFFICE.replace("1.5", "1.8") + "新项目,光伏,泾河,1,拟建,,\n"
    preview = preview_import(ledger, write(tmp_path / "b.csv", more))
    key = ledger.frame().set_index("name").loc["沣西屋顶一期", "id"]
    ledger.set(key, {"capacity_mw_unstated": 20}, who="王")
    with pytest.raises(ConflictError, match="王 at"):
        apply_import(ledger, preview, who="李")
    assert ledger.count() == 2
    assert ledger.get(key)["capacity_mw_unstated"] == 20


def test_an_id_twice_in_a_file(ledger, tmp_path):
    text = "id,name,kind,status\nx,A,pv,approved\nx,B,pv,approved\n"
    preview = preview_import(ledger, write(tmp_path / "a.csv", text))
    assert [fault.row for fault in preview.faults] == [1, 2]
    assert "appears twice in the file" in preview.faults[0].rule


def test_rows_that_may_be_known_already_are_pointed_at(ledger, tmp_path):
    ledger.add(
        {
            "id": "plan-02",
            "name": "隆基绿能光伏产业园配套基地屋顶光伏发电",
            "kind": "pv",
            "status": "proposed",
        },
        who="a",
    )
    text = "name,kind,status\n隆基绿能光伏产业园分布式光伏发电项目,pv,proposed\n"
    preview = preview_import(ledger, write(tmp_path / "a.csv", text))
    assert [(pair.first, pair.second) for pair in preview.suspicions] == [("plan-02", "row 1")]
    assert preview.applicable


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".gpkg"])
def test_what_is_exported_comes_back_the_same(ledger, tmp_path, suffix):
    risky = ["=1+1", "-甲", "@b", '引号"与,逗号', "沣西 二期"]
    for number, name in enumerate(risky):
        values = {
            "name": name,
            "kind": "pv",
            "status": "operating",
            "town": "jinghe",
            "capacity_mw_dc": number / 7,
        }
        ledger.add(
            {**values, "lon": 108.7 + number / 100, "lat": 34.4, "date_operating": "2024-05-06"}, who="a"
        )
    ledger.add({"name": "地热", "kind": "geothermal", "status": "proposed"}, who="a")
    file = tmp_path / f"out{suffix}"
    assert export_ledger(ledger, file) == 6
    other = Ledger(str(tmp_path / "other.sqlite"))
    preview = preview_import(other, file)
    assert [str(fault) for fault in preview.faults] == []
    apply_import(other, preview, who="a")
    drop = ["geometry_wkt", "updated_at"]
    pd.testing.assert_frame_equal(other.frame().drop(columns=drop), ledger.frame().drop(columns=drop))
    assert preview_import(ledger, file).counts["add"] == 0
    other.close()


def test_a_csv_opened_in_a_spreadsheet_runs_nothing(ledger, tmp_path):
    ledger.add({"name": "=HYPERLINK(1)", "kind": "pv", "status": "proposed"}, who="a")
    export_ledger(ledger, tmp_path / "a.csv")
    assert ",'=HYPERLINK(1)," in (tmp_path / "a.csv").read_text(encoding="utf-8-sig")
    with pytest.raises(InputError, match=r"must end with \.csv, \.xlsx, \.gpkg"):
        export_ledger(ledger, tmp_path / "a.doc")


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".gpkg", ".gz"])
def test_damaged_files_end_in_a_report(ledger, tmp_path, suffix):
    for number in range(3):
        ledger.add(
            {"name": f"项目{number}", "kind": "pv", "status": "approved", "lon": 108.7, "lat": 34.3}, who="a"
        )
    whole, broken = tmp_path / f"whole{suffix}", tmp_path / f"broken{suffix}"
    save, read = (backup, restore) if suffix == ".gz" else (export_ledger, read_table)
    save(ledger, whole)
    rng = np.random.default_rng(5)
    reports = 0
    for attempt in range(40):
        data = bytearray(whole.read_bytes())
        for place in rng.integers(0, len(data), 1 + attempt % 6):
            data[place] = rng.integers(256)
        broken.write_bytes(data[: rng.integers(len(data))] if attempt % 3 == 0 else data)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                read(
                    *((ledger, broken) if suffix == ".gz" else (broken,)),
                    **({"replace": True} if suffix == ".gz" else {}),
                )
            except InputError:
                reports += 1
    assert reports > 5
    assert ledger.count() == 3


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cells=st.lists(st.tuples(*[st.text(max_size=8)] * 4), min_size=1, max_size=4))
def test_any_cells_are_read_or_reported(ledger, tmp_path, cells):
    rows = [["name", "capacity_mw_dc", "date_operating", "lon"], *map(list, cells)]
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    file = write(tmp_path / "any.csv", text.getvalue().encode("utf-8", "ignore").decode())
    try:
        preview = preview_import(ledger, file, defaults={"kind": "pv", "status": "proposed"})
    except InputError:
        return
    if preview.applicable:
        apply_import(ledger, preview, who="a")


def test_keys_have_a_longest_length(ledger):
    with pytest.raises(InputError, match="must have at most 64 characters"):
        ledger.add({"id": "x" * 65, "name": "A", "kind": "pv", "status": "approved"}, who="a")
