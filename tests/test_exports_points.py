from __future__ import annotations

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely

from assessment.points import answer_places, read_places
from assessment.run import Run
from exports.points import ANSWER_WORDS, answer_points
from faults import InputError
from gis.crs import wgs84_to_gcj02
from tests.runs import make_run


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return Run(make_run(tmp_path_factory.mktemp("runs") / "run", n_sites=500, hourly=False))


@pytest.fixture(scope="module")
def places(run):
    """Points inside sites, inside excluded areas, anywhere, and far outside; metric, with WGS-84 beside."""
    rng = np.random.default_rng(1)
    west, south, east, north = run.towns.total_bounds
    anywhere = shapely.points(rng.uniform(west, east, 60), rng.uniform(south, north, 60))
    inside = run.sites.geometry[::25].representative_point().to_numpy()
    ruled_out = run.excluded.geometry[::10].representative_point().to_numpy()
    points = np.concatenate([inside, ruled_out, anywhere, shapely.points([[west - 5e4, south]])])
    return gpd.GeoSeries(points, crs=run.sites.crs)


def write_list(path, places, *, datum="wgs84"):
    lonlat = places.to_crs("EPSG:4326")
    lon, lat = lonlat.x.to_numpy(), lonlat.y.to_numpy()
    if datum == "gcj02":
        lon, lat = wgs84_to_gcj02(lon, lat)
    frame = pd.DataFrame({"编号": range(len(places)), "名称": "=1+1", "经度": lon, "纬度": lat})
    if path.suffix == ".csv":
        frame.to_csv(path, index=False, encoding="gbk")
    else:
        frame.to_excel(path, index=False)
    return path


def test_every_answer_is_that_of_plain_geometry(run, places, tmp_path):
    answers = answer_places(run, read_places(write_list(tmp_path / "list.csv", places), datum="wgs84"))
    assert len(answers) == len(places)
    for point, answer in zip(places, answers.to_dict("records"), strict=True):
        here = run.sites[run.sites.geometry.intersects(point)]
        town = run.towns[run.towns.geometry.intersects(point)]
        ruled_out = run.excluded[run.excluded.geometry.intersects(point)]
        if town.empty:
            assert answer["answer"] == "outside"
        elif len(here):
            assert answer["answer"] in set(here["status"])
            assert set(answer["site_ids"].split("; ")) == set(here["id"])
            assert answer["kwp_dc_central"] == pytest.approx(here["kwp_dc_central"].sum())
        elif len(ruled_out):
            assert answer["answer"] == "excluded"
            assert set(answer["excluded_by"].split("; ")) == set(ruled_out["rule"])
        else:
            assert answer["answer"] == "no_candidate"
        assert answer["nearest_m"] == pytest.approx(run.sites.distance(point).min(), abs=1e-3)
    assert {"outside", "excluded", "no_candidate", "allowed"} <= set(answers["answer"])


def test_heat_is_answered_too(run, tmp_path):
    point = gpd.GeoSeries(run.heat.geometry[:1].representative_point(), crs=run.heat.crs)
    answers = answer_places(run, read_places(write_list(tmp_path / "list.csv", point), datum="wgs84"))
    assert answers["heat_technologies"].iloc[0] == run.heat["technology"].iloc[0]
    assert answers["heatable_m2"].iloc[0] == pytest.approx(run.heat["heatable_m2"].iloc[0])


def test_the_datum_that_is_said_decides(run, places, tmp_path):
    right = answer_places(run, read_places(write_list(tmp_path / "a.csv", places), datum="wgs84"))
    moved = write_list(tmp_path / "b.csv", places, datum="gcj02")
    again = answer_places(run, read_places(moved, datum="gcj02"))
    wrong = answer_places(run, read_places(moved, datum="wgs84"))
    assert list(again["answer"]) == list(right["answer"])
    np.testing.assert_allclose(again["nearest_m"], right["nearest_m"], atol=1e-3)
    assert list(wrong["site_ids"].fillna("")) != list(right["site_ids"].fillna(""))


def test_csv_and_xlsx_lists_give_the_same(run, places, tmp_path):
    answers = [
        answer_places(run, read_places(write_list(tmp_path / name, places), datum="wgs84"))
        for name in ("list.csv", "list.xlsx")
    ]
    assert list(answers[0]["answer"]) == list(answers[1]["answer"])
    np.testing.assert_allclose(answers[0]["nearest_m"], answers[1]["nearest_m"], atol=1e-6)


def test_a_file_with_a_crs_is_read_in_it(run, places, tmp_path):
    gpd.GeoDataFrame({"n": range(len(places))}, geometry=places).to_file(tmp_path / "list.gpkg")
    answers = answer_places(run, read_places(tmp_path / "list.gpkg", datum="wgs84"))
    here = answers["site_ids"].notna().to_numpy()
    assert (
        here.sum()
        == shapely.intersects(places.to_numpy()[:, None], run.sites.geometry.to_numpy()).any(1).sum()
    )


def test_no_row_is_dropped_and_bad_ones_say_why(run, tmp_path):
    (tmp_path / "list.csv").write_text("lon,lat\n108.75,34.38\nabc,34.4\n34.4,108.75\n,\n", encoding="utf-8")
    places = read_places(tmp_path / "list.csv", datum="wgs84")
    answers = answer_places(run, places)
    assert list(answers["answer"][1:]) == ["unusable"] * 3
    assert list(answers["row"]) == [1, 2, 3, 4]
    told = "\n".join(map(str, places.faults))
    assert "'abc'" in told
    assert "swapped" in told


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".gpkg"])
def test_answers_are_written_with_a_sentence(run, places, tmp_path, suffix):
    path = write_list(tmp_path / "list.csv", places)
    result = answer_points(run, path, tmp_path / f"out{suffix}", datum="wgs84")
    assert result.rows == len(places) == sum(result.answers.values())
    if suffix == ".csv":
        frame = pd.read_csv(result.path)
        assert set(frame["名称"]) == {"'=1+1"}
    elif suffix == ".gpkg":
        frame = gpd.read_file(result.path)
    else:
        book = openpyxl.load_workbook(result.path)
        rows = list(book["点位 Points"].iter_rows(values_only=True))
        cells = [cell for row in book["点位 Points"].iter_rows() for cell in row]
        assert not [cell for cell in cells if cell.data_type == "f"]
        assert len(rows) == len(places) + 1
        return
    assert len(frame) == len(places)
    for _, row in frame.iterrows():
        assert row["answer_zh"].startswith(ANSWER_WORDS[row["answer"]].zh)
        assert row["answer_en"].startswith(ANSWER_WORDS[row["answer"]].en)


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        ("lon,lat\n108,34\n", {"datum": "bd09x"}, "'bd09x'.*wgs84, gcj02"),
        ("a,b\n108,34\n", {"datum": "wgs84"}, "lon, lat"),
        ("lon,lat\n108,34\n", {"datum": "wgs84", "out": "answers.docx"}, "answers.docx.*must end in"),
    ],
)
def test_what_cannot_be_used_is_said(run, tmp_path, content, options, message):
    (tmp_path / "list.csv").write_text(content, encoding="utf-8")
    out = tmp_path / options.get("out", "out.csv")
    with pytest.raises(InputError, match=message):
        answer_points(run, tmp_path / "list.csv", out, datum=options["datum"])


def test_an_xlsx_without_coordinates_is_refused(run, tmp_path):
    pd.DataFrame({"a": [1]}).to_excel(tmp_path / "list.xlsx", index=False)
    with pytest.raises(InputError, match="lon, lat or 经度, 纬度"):
        answer_points(run, tmp_path / "list.xlsx", tmp_path / "out.csv", datum="wgs84")
