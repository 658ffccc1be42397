from __future__ import annotations

import re

import docx
import numpy as np
import openpyxl
import pandas as pd
import pypdf
import pytest

from assessment.run import Run
from exports.labels import TYPES
from exports.report import write_all_reports, write_report
from exports.reporting.evaluation import load_tasks
from exports.reporting.gather import gather
from exports.reporting.ink import FONT_FILES
from exports.reporting.maps import density
from exports.reporting.potential import STEPS, TOP
from exports.reporting.sitemap import site_map
from exports.selection import make_selection
from faults import InputError, RunError
from layers.region import EMBEDDED
from tests.runs import NAMES, make_run
from tracking.targets import load_targets

PLAN = {
    "targets": load_targets(EMBEDDED / "targets.toml"),
    "projects": pd.read_csv(EMBEDDED / "projects.csv"),
}
CJK = re.compile("[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return Run(make_run(tmp_path_factory.mktemp("runs") / "run", n_sites=600, hourly=False))


@pytest.fixture(scope="module")
def region(run):
    return gather(run, None, "zh", **PLAN)


@pytest.fixture(scope="module")
def town(run):
    return gather(run, "qinhan", "zh", **PLAN)


def total(table, key):
    return dict(zip([column.key for column in table.columns], table.rows[-1], strict=True))[key]


def cells(table, key):
    return [cell for cell in table.column(key) if isinstance(cell, float)]


@pytest.mark.parametrize("key", ["by_town", "by_sector", "by_type"])
def test_every_grouping_sums_to_the_run(run, region, key):
    table = region.report.tables[key]
    kwp = run.manifest["totals"]["kwp_dc"]
    for name in ("low", "central", "high"):
        assert total(table, f"kwp_dc_{name}") == pytest.approx(kwp[name] / 1e3, rel=1e-9)
        assert sum(cells(table, f"kwp_dc_{name}")) == pytest.approx(kwp[name] / 1e3, rel=1e-9)
    assert total(table, "kwh_year_p50") == pytest.approx(
        run.manifest["totals"]["kwh_year"]["p50"] / 1e6, rel=1e-9
    )
    assert total(table, "sites") == len(run.sites)


def test_the_towns_make_the_region(run, region):
    parts = [gather(run, name, "en", **PLAN).report.tables for name in run.towns["town"]]
    for key, column in (("by_sector", "kwp_dc_central"), ("heat", "heatable_m2"), ("carbon", "co2_t_year")):
        whole = total(region.report.tables[key], column)
        assert sum(total(part[key], column) for part in parts) == pytest.approx(whole, rel=1e-9)


def test_carbon_is_all_of_photovoltaics_and_geothermal(tmp_path):
    path = make_run(tmp_path / "run", n_sites=100, hourly=False)
    summary = pd.read_parquet(path / "summary.parquet")
    summary.loc[summary["sector"] == "public", "sector"] = "unknown"
    summary.to_parquet(path / "summary.parquet")
    run = Run(path)
    tables = gather(run, None, "zh").report.tables
    expected = (run.summary["co2_t_year"].sum() + run.heat_summary["co2_t_year"].sum()) / 1e3
    assert total(tables["carbon"], "co2_t_year") == pytest.approx(expected, rel=1e-9)
    assert "未知" in tables["by_sector"].column("sector")


def test_group_cost_is_the_mean_by_energy(run, town):
    sites = run.sites[(run.sites["town"] == "qinhan") & run.sites["lcoe"].notna()]
    mean = (sites["lcoe"] * sites["kwh_year_p50"]).sum() / sites["kwh_year_p50"].sum()
    # the summary weighs each group by the energy of all its sites, known cost or not
    assert total(town.report.tables["by_type"], "lcoe") == pytest.approx(mean, rel=5e-3)


def test_months_are_those_of_the_sites(run, town):
    sites = run.sites[run.sites["town"] == "qinhan"]
    months = sum(sites["kwh_month"])
    assert town.report.tables["monthly"].column("kwh") == pytest.approx(months / 1e6, rel=1e-9)


def test_waterfall_closes_and_leaves_unchecked_rules_without_a_number(run, town):
    table = town.report.tables["waterfall"]
    taken, left = table.column("taken_m2"), table.column("remaining_m2")
    names = {rule["title_zh"]: rule["id"] for rule in run.manifest["rules"]}
    for name, amount in zip(table.column("rule")[1:-1], taken[1:-1], strict=True):
        assert isinstance(amount, str) == (names[name] in run.manifest["not_checked"])
    numbers = [amount for amount in taken if isinstance(amount, float)]
    assert left[0] - sum(numbers) == pytest.approx(left[-1], rel=1e-9)
    sites = run.sites[run.sites["town"] == "qinhan"]
    assert left[-1] == pytest.approx(sites["area_m2"].sum() / 1e4, rel=1e-9)


def test_top_sites_are_the_largest(run, town):
    sites = run.sites[run.sites["town"] == "qinhan"].sort_values("kwp_dc_central", ascending=False)
    assert town.report.tables["top_sites"].column("id") == list(sites["id"][:TOP])
    x, y, rank = town.marks[0]
    centre = sites.geometry.iloc[0].centroid
    assert (x, y, rank) == (pytest.approx(centre.x), pytest.approx(centre.y), "1")


def test_supply_curve_keeps_all_capacity_in_few_rows(run, region):
    table = region.report.tables["supply"]
    assert len(table.rows) <= STEPS
    known = run.sites[run.sites["lcoe"].notna()]
    assert table.column("cum_kwp_dc")[-1] == pytest.approx(known["kwp_dc_central"].sum() / 1e3, rel=1e-9)
    assert sum(table.column("kwp_dc")) == pytest.approx(table.column("cum_kwp_dc")[-1], rel=1e-9)
    assert table.column("lcoe") == sorted(table.column("lcoe"))


def test_projects_of_unknown_size_are_not_zero(region):
    table = region.report.tables["projects"]
    by_id = {
        row[0]: dict(zip([column.key for column in table.columns], row, strict=True)) for row in table.rows
    }
    assert by_id["plan-03"]["capacity_mw_dc"] is None
    assert "容量" in by_id["plan-03"]["gaps"]
    assert by_id["plan-01"]["capacity_mw_unstated"] == 150
    assert "容量口径" in by_id["plan-01"]["gaps"]
    assert by_id["plan-03"]["heated_m2"] == "–"


def test_density_holds_all_capacity(run):
    outline = run.towns.geometry.union_all()
    grid = density(run, make_selection(run, "sites"), "kwp_dc_central", outline)
    assert grid.amounts.sum() * grid.cell_m**2 / 1e4 == pytest.approx(
        run.sites["kwp_dc_central"].sum(), rel=1e-9
    )


def test_workbook_holds_the_tables_as_numbers_with_charts(run, tmp_path, town):
    path = write_report(run, "qinhan", tmp_path / "qinhan", format="xlsx", **PLAN)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == [
        "概要",
        "目标与进度",
        "光伏潜力",
        "规则扣除",
        "重点场址",
        "供给曲线",
        "地热",
        "项目",
        "减碳",
        "来源与未核查",
        "年度评估",
    ]
    charted = {name: len(book[name]._charts) for name in book.sheetnames}
    for name in ("目标与进度", "光伏潜力", "规则扣除", "供给曲线", "地热", "减碳"):
        assert charted[name] >= 1
    sheet = book["光伏潜力"]
    assert sheet.freeze_panes == "B3"
    assert sheet.print_area
    values = [[cell.value for cell in row] for row in sheet.iter_rows()]
    header = next(row for row in values if row[0] == "领域")
    totals = next(row for row in values if row[0] == "合计")
    shown = totals[header.index("直流 中 (MW)")]
    assert shown == pytest.approx(total(town.report.tables["by_sector"], "kwp_dc_central"), rel=1e-12)
    formats = {cell.number_format for row in sheet.iter_rows(min_row=3, max_row=4) for cell in row}
    assert "#,##0.0" in formats


def test_header_and_footer_are_text_whatever_the_run_is_called(tmp_path):
    path = make_run(tmp_path / "run", n_sites=30, hourly=False)
    manifest = path / "manifest.json"
    manifest.write_text(
        manifest.read_text(encoding="utf-8").replace("synthetic-30-0", "3f1689"), encoding="utf-8"
    )
    book = openpyxl.load_workbook(write_report(path, None, tmp_path / "r.xlsx", **PLAN))
    footer = book.worksheets[0].oddFooter.left
    assert footer.size == 7
    assert "3f1689" in footer.text


def test_every_series_is_named_by_its_header(run, tmp_path):
    book = openpyxl.load_workbook(write_report(run, None, tmp_path / "r.xlsx", **PLAN))
    for sheet in book:
        for chart in sheet._charts:
            for part in [chart, *chart._charts[1:]]:
                for series in part.series:
                    name, cell = series.tx.strRef.f.rsplit("!", 1)
                    header = book[name.strip("'")][cell.replace("$", "")].value
                    assert isinstance(header, str)
                    assert not re.fullmatch(r"[\d.,]+", header)


def test_no_cell_of_a_workbook_is_a_formula(run, tmp_path):
    path = write_report(run, None, tmp_path / "all.xlsx", **PLAN)
    book = openpyxl.load_workbook(path)
    assert not [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_pdf_has_an_embedded_font_bookmarks_and_all_notices(run, tmp_path, lang):
    path = write_report(run, "qinhan", tmp_path / "qinhan.pdf", format="pdf", lang=lang, **PLAN)
    reader = pypdf.PdfReader(path)
    fonts = {
        str(font["/BaseFont"]): "/FontFile2" in font["/DescendantFonts"][0]["/FontDescriptor"]
        if "/DescendantFonts" in font
        else "/FontFile2" in font.get("/FontDescriptor", {})
        for page in reader.pages
        for font in (item.get_object() for item in page["/Resources"]["/Font"].values())
        if "NotoSansSC" in str(font["/BaseFont"])
    }
    assert any("Bold" in name for name in fonts)
    assert any("Bold" not in name for name in fonts)
    assert all(fonts.values())
    outline = [entry.title for entry in flat(reader.outline)]
    assert len(outline) == 11
    text = "".join(page.extract_text() for page in reader.pages)
    squeezed = "".join(text.split())
    manifest = run.manifest
    for words in (
        manifest["run_id"],
        manifest[f"boundary_note_{lang}"],
        manifest["rules"][-1][f"title_{lang}"],
    ):
        assert "".join(words.split()) in squeezed
    if lang == "en":
        pages = [page.extract_text() for page in reader.pages]
        assert not CJK.search("".join("".join(title) for title in outline))
        assert not CJK.search(pages[0])


def flat(outline):
    for entry in outline:
        if isinstance(entry, list):
            yield from flat(entry)
        else:
            yield entry


def test_the_same_run_gives_the_same_bytes(run, tmp_path):
    for kind in ("pdf", "docx"):
        first, second = (
            write_report(run, "fengxi", tmp_path / f"{turn}.{kind}", format=kind, **PLAN).read_bytes()
            for turn in "ab"
        )
        assert first == second


def test_the_form_is_filled_in_as_far_as_the_data_goes(run, tmp_path, town):
    path = write_report(run, "qinhan", tmp_path / "qinhan.docx", format="docx", **PLAN)
    document = docx.Document(path)
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    table_text = "\n".join(cell.text for table in document.tables for row in table.rows for cell in row.cells)
    for task in load_tasks(EMBEDDED / "evaluation.toml"):
        assert task.text.zh in table_text
    assert table_text.count("（待填写）") > 10
    finding = next(item.finding.zh for item in town.report.evaluation if item.key == "pv_potential")
    assert finding in text
    assert all(problem.zh in text for problem in town.report.problems)


def test_names_of_any_kind_pass_through_every_format(tmp_path):
    run = Run(make_run(tmp_path / "run", n_sites=len(NAMES), hourly=False))
    for kind in ("xlsx", "pdf", "docx"):
        assert write_report(run, None, tmp_path / f"r.{kind}", format=kind, **PLAN).stat().st_size > 5000


def test_all_reports_are_five_towns_and_the_region(run, tmp_path):
    seen = []
    paths = write_all_reports(
        run, tmp_path / "reports", formats=("docx",), progress=lambda *step: seen.append(step), **PLAN
    )
    assert {path.name for path in paths} == {f"{name}-zh.docx" for name in (*run.towns["town"], "xixian")}
    assert seen[-1][0] == 1.0


def test_a_report_without_targets_says_the_potential(run, tmp_path):
    for kind in ("xlsx", "pdf", "docx"):
        assert write_report(run, None, tmp_path / f"bare.{kind}", format=kind).is_file()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"town": "beijing"}, "'beijing'.*must be one of fengdong"),
        ({"format": "pptx"}, "'pptx'.*must be one of xlsx, pdf, docx"),
        ({"lang": "fr"}, "'fr'.*must be one of zh, en"),
    ],
)
def test_bad_choices_are_refused_in_words(run, tmp_path, options, message):
    choices = {"town": None, **options}
    with pytest.raises(InputError, match=message):
        write_report(run, choices.pop("town"), tmp_path / "x", **choices)


def test_a_run_without_a_supply_curve_is_said_so(tmp_path):
    path = make_run(tmp_path / "run", n_sites=20, hourly=False)
    (path / "supply_curve.csv").unlink()
    with pytest.raises(RunError, match=r"supply_curve\.csv"):
        write_report(path, None, tmp_path / "x")


def test_tasks_with_faults_are_all_named(tmp_path):
    path = tmp_path / "evaluation.toml"
    path.write_text('[[task]]\nzh = "x"\n[[task]]\nparagraph = "1"\nzh = "a"\nen = "b"\nfinding = "moon"\n')
    with pytest.raises(InputError) as caught:
        load_tasks(path)
    assert "row 1" in str(caught.value)
    assert "'moon'" in str(caught.value)


@pytest.mark.parametrize("weight", FONT_FILES)
def test_the_font_is_small_and_holds_the_common_signs(weight):
    from fontTools.ttLib import TTFont

    known = TTFont(FONT_FILES[weight]).getBestCmap()
    gb2312 = [
        bytes((high, low)).decode("gb2312", "ignore")
        for high in range(0xB0, 0xD8)
        for low in range(0xA1, 0xFF)
    ]
    assert not [sign for sign in gb2312 if sign and ord(sign) not in known]
    assert FONT_FILES[weight].stat().st_size <= 2 * 2**20


def picture_of(run, kind, town, size=(480, 400)):
    shown = site_map(run, kind, town=town, size=size, lang="zh")
    return np.asarray(shown._picture), shown._shown


def is_colour(pixels, colour):
    return (pixels == [int(colour[start : start + 2], 16) for start in (1, 3, 5)]).all(axis=-1)


def test_the_map_paints_every_site_where_it_is_and_in_its_colour(run):
    pixels, frame = picture_of(run, "sites", "qinhan")
    sites = run.sites[run.sites["town"] == "qinhan"]
    cell = (frame.east - frame.west) / pixels.shape[1]
    inside = sites.geometry.representative_point()
    column = ((inside.x - frame.west) / cell).astype(int)
    row = ((frame.north - inside.y) / cell).astype(int)
    painted = [
        any(is_colour(pixels[y, x], label.colour) for label in TYPES.values())
        for y, x in zip(row, column, strict=True)
    ]
    assert all(painted)
    for kind in sites["type"].unique():
        area = is_colour(pixels, TYPES[kind].colour).sum() * cell**2
        wanted = sites.loc[sites["type"] == kind].geometry.union_all().area
        assert area >= 0.5 * wanted


def test_the_map_fits_its_room_and_keeps_north_up(run):
    for town in (None, "fengxi"):
        pixels, frame = picture_of(run, "heat", town)
        assert frame.left + frame.width <= 480 + 1e-6
        assert frame.height <= 400
        assert pixels.shape[1] / pixels.shape[0] == pytest.approx(frame.width / frame.height, rel=0.01)
        low, high = frame.point(frame.west, frame.south), frame.point(frame.east, frame.north)
        assert high[0] > low[0]
        assert high[1] > low[1]
        outline = run.towns if town is None else run.towns[run.towns["town"] == town]
        assert frame.box.contains(outline.union_all())


def test_the_map_names_towns_townships_and_types(run, tmp_path):
    path = write_report(run, "fengxi", tmp_path / "map", format="pdf", **PLAN)
    text = pypdf.PdfReader(path).pages[1].extract_text()
    assert "候选场址分布" in text
    assert "km" in text
    kinds = run.sites.loc[run.sites["town"] == "fengxi", "type"].value_counts()
    flat = "".join(text.split())
    for kind, count in kinds.items():
        assert f"{TYPES[kind].zh}({count:,})" in flat
