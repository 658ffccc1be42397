from __future__ import annotations

import re
from html.parser import HTMLParser

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from faults import InputError
from layers.check_html import write_check_html
from layers.checks import check_path
from layers.fix import fix_file


def broken(folder):
    shapes = shapely.box(5e5 + 100 * np.arange(6), 3.8e6, 5e5 + 100 * np.arange(6) + 20, 3.8e6 + 30)
    shapes[1] = shapely.transform(
        shapely.from_wkt("POLYGON ((0 0, 20 20, 20 0, 0 20, 0 0))"),
        lambda xy: xy + np.array([500_100, 3_800_000]),
    )
    shapes[2] = None
    table = {
        "Id": [1, 2, 3, 4, 4, 6],
        "用途": ["厂房", "住宅", "学校", "飞碟", "=cmd()", "厂房"],
        "高度": ["１２米", "0", "9", "tall", "8.5", "9"],
        "height_note": ["a", "b", "c", "d", "e", "f"],
    }
    frame = gpd.GeoDataFrame(table, geometry=list(shapes), crs="EPSG:4545")
    frame.to_file(folder / "buildings.gpkg")
    return folder / "buildings.gpkg"


@pytest.mark.parametrize("suffix", ["gpkg", "parquet", "geojson"])
def test_a_fixed_file_has_nothing_left_to_fix(tmp_path, suffix):
    fixed = fix_file(broken(tmp_path), tmp_path / f"buildings_fixed.{suffix}")
    report = check_path(fixed.out)
    assert not [str(fault) for fault in report.faults if fault.severity == "error"]
    check = report.layers[0]
    assert (check.rows, check.usable, fixed.rejected) == (5, 5, 1)
    assert check.frame["use"].tolist() == ["industrial", "residential", "unknown", "unknown", "industrial"]
    assert check.frame["height_m"].fillna(-1).tolist() == [12.0, -1, -1, 8.5, 9.0]
    assert check.frame.geometry.is_valid.all()
    again = fix_file(fixed.out, tmp_path / f"twice.{suffix}")
    log = pd.read_csv(again.changes_file, dtype=str)
    assert len(log) == 0


def test_every_change_is_logged_with_row_and_reason(tmp_path):
    fixed = fix_file(broken(tmp_path), tmp_path / "out.gpkg")
    log = pd.read_csv(fixed.changes_file, dtype=str, keep_default_na=False)
    lines = {(row.row, row.column): (row.before, row.after, row.why) for row in log.itertuples()}
    assert lines["1", "use"] == ("厂房", "industrial", "from 用途")
    assert lines["1", "height_m"] == ("１２米", "12", "from 高度")
    assert lines["2", "height_m"] == ("0", "", "from 高度")
    assert lines["4", "height_m"] == ("tall", "", "from 高度")
    assert lines["5", "id"] == ("4", "4-2", "from Id")
    assert lines["2", "geometry"][2].startswith("Self-intersection")
    assert lines["6", "roof_form"] == ("", "unknown", "the file has no such column")
    assert ("6", "height_m") not in lines
    assert len(log) == fixed.changes


def test_rejected_rows_are_beside_it_and_formulas_do_not_run(tmp_path):
    fixed = fix_file(broken(tmp_path), tmp_path / "out.gpkg")
    rejected = pd.read_csv(fixed.rejected_file)
    assert rejected["row"].tolist() == [3]
    assert rejected["rule"].tolist() == ["has no geometry"]
    log = pd.read_csv(fixed.changes_file, dtype=str, keep_default_na=False)
    assert "'=cmd()" in log["before"].tolist()
    assert fixed.rejected_file.read_bytes().startswith(b"\xef\xbb\xbf")


def test_columns_of_the_file_that_the_schema_does_not_have_stay(tmp_path):
    fixed = fix_file(broken(tmp_path), tmp_path / "out.gpkg")
    assert gpd.read_file(fixed.out)["height_note"].tolist() == ["a", "b", "d", "e", "f"]


def test_the_file_itself_and_unknown_kinds_are_not_written(tmp_path):
    file = broken(tmp_path)
    with pytest.raises(InputError, match="is the file itself; name another one"):
        fix_file(file, file)
    with pytest.raises(InputError, match=r"'\.docx': is no kind of file that is written"):
        fix_file(file, tmp_path / "b.docx")


class Collected(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "path", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag != "path":
            assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def page(path, folder) -> tuple[Collected, str]:
    write_check_html(check_path(path), folder / "report.html")
    text = (folder / "report.html").read_text(encoding="utf-8")
    found = Collected()
    found.feed(text)
    assert found.open == []
    return found, text


def test_the_page_holds_figures_faults_and_map_and_asks_for_nothing(tmp_path):
    found, text = page(broken(tmp_path), tmp_path)
    tags = [tag for tag, _ in found.tags]
    assert "script" not in tags
    assert "svg" in tags
    assert not re.search(r"https?://|url\(|@import|src=", text)
    assert "没有几何图形" in found.text
    assert "has no geometry" in found.text
    assert "拒收 rejected" in found.text
    marks = [attrs["d"] for tag, attrs in found.tags if tag == "path" and attrs["stroke"] == "#d32f2f"]
    assert sum(mark.count("M") for mark in marks) == 3  # rows 2, 4 and 5 have warnings and a place


def test_text_of_the_file_is_never_markup(tmp_path):
    shapes = shapely.box([5e5], 3.8e6, 5e5 + 20, 3.8e6 + 20)
    evil = "<script>alert(1)</script>"
    frame = gpd.GeoDataFrame({"用途": [evil]}, geometry=list(shapes), crs="EPSG:4545")
    frame.to_parquet(tmp_path / "buildings.parquet")
    found, text = page(tmp_path / "buildings.parquet", tmp_path)
    assert evil not in text
    assert evil in found.text


def test_a_page_without_any_place_has_no_map(tmp_path):
    found, _ = page(tmp_path / "buildings.gpkg", tmp_path)
    assert "svg" not in [tag for tag, _ in found.tags]
    assert "file not found" in found.text


def test_coordinates_of_the_map_stay_inside_it(tmp_path):
    found, _ = page(broken(tmp_path), tmp_path)
    for _, attrs in found.tags:
        for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", attrs.get("d", "")):
            assert 0 <= float(x) <= 720
            assert 0 <= float(y) <= 480
