"""The app in a real browser: each page in both languages, then what people do on them, checked by content."""

from __future__ import annotations

import json
import re
import zipfile

import pandas as pd
import pyogrio
import pytest
import shapely
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from assessment.run import Run
from tests.browsing import WAIT_MS, middle, open_map, open_page, panel
from tests.chromium import served
from tests.runs import make_run
from ui.format import quantity
from ui.shapes import lonlat
from ui.texts import TEXTS
from ui.words import say

pytestmark = pytest.mark.browser
TITLES = {
    "overview": "overview.title",
    "map": "map.title",
    "sites": "sites.title",
    "towns": "towns.title",
    "geothermal": "heat.title",
    "scenarios": "scenario.title",
    "plan": "plan.title",
    "ledger": "ledger.title",
    "own_data": "own.title",
    "assess": "assess.title",
    "methods": "methods.title",
}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return make_run(tmp_path_factory.mktemp("browser") / "run", n_sites=2000, seed=5)


@pytest.fixture(scope="module")
def address(run, tmp_path_factory):
    with served(run, tmp_path_factory.mktemp("home")) as found:
        yield found


def barriers(page):
    """Return what axe-core finds that keeps people out: serious and critical findings, with their places."""
    found = Axe().run(page).response
    assert len(found["passes"]) > 20
    return [
        (one["id"], [node["target"] for node in one["nodes"]])
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", TITLES)
def test_each_page_shows_itself_in_both_languages(page, address, name, lang):
    open_page(page, address, name, lang)
    assert page.locator("h1.yj-title").inner_text() == getattr(TEXTS[TITLES[name]], lang)
    assert page.locator(".stException, [data-testid=stAlertContentError]").count() == 0
    if lang == "en":
        shown = page.locator(
            "[data-testid=stMain] label, [data-testid=stMain] h3, [data-testid=stMain] button"
        ).all_inner_texts()
        assert not [text for text in shown if re.search("[一-鿿]", text) and "中文" not in text]
    overflow = page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollWidth - innerWidth")
    assert overflow <= 0
    assert barriers(page) == []


@pytest.mark.parametrize("name", TITLES)
def test_pages_fit_a_phone(page, address, name):
    page.set_viewport_size({"width": 390, "height": 844})
    open_page(page, address, name)
    page.wait_for_timeout(500)
    widest = page.evaluate(
        "() => { const own = '.yj-map, [data-testid=stDataFrame], .stVegaLiteChart, [role=tablist],'"
        " + '.yj-scroll, .yj-table thead, .stSlider';"
        " return Math.max(...[...document.querySelectorAll('[data-testid=stMain] *')]"
        ".filter(e => !e.closest(own)).map(e => e.getBoundingClientRect().right)); }"
    )
    assert widest <= 391


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_cards_stand_for_the_table_of_sites_on_a_phone_and_lead_to_the_map(page, address, run, lang):
    largest = Run(run).sites.sort_values("kwp_dc_central", ascending=False).iloc[0]
    page.set_viewport_size({"width": 390, "height": 844})
    open_page(page, address, "sites", lang)
    assert not page.locator("[data-testid=stDataFrame]").is_visible()
    first = page.locator(".yj-cards li").first
    assert quantity(largest["kwp_dc_central"], "kw", lang) in first.inner_text()
    first.locator("a").click()
    page.locator(".yj-panel .yj-name").wait_for()
    assert str(largest["id"]) in panel(page).inner_text()


def test_the_language_switch_keeps_the_page_and_the_filter(page, address):
    chosen = json.dumps({"types": ["ground"]})
    open_page(page, address, "sites", "zh", f"&filter={chosen}&town=fengxi")
    page.get_by_text("English", exact=True).click()
    page.get_by_role("heading", name=TEXTS["sites.title"].en).wait_for()
    page.wait_for_function("() => location.search.includes('lang=en')")
    assert "ground" in page.url
    assert "town=fengxi" in page.url
    page.wait_for_function(
        "() => [...document.querySelectorAll('input')].some(e => e.value === 'Fengxi New City')"
    )


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_click_on_the_map_opens_the_card_of_that_site(page, address, run, tmp_path, lang):
    opened = Run(run)
    roofs = opened.sites["type"] == "roof_flat"
    row = int(opened.sites["kwp_dc_central"].where(roofs & (opened.sites["kwp_dc_central"] < 100)).argmax())
    site = opened.sites.iloc[row]
    open_map(page, address, lang=lang, zoom=18, row=row, run=opened)
    page.mouse.click(*middle(page))
    page.locator(".yj-panel .yj-name").wait_for()
    card = panel(page).inner_text()
    assert str(site["id"]) in card
    assert quantity(site["kwp_dc_central"], "kw", lang) in card
    assert quantity(site["capex"], "cny", lang) in card
    assert panel(page).locator(".yj-bars rect").count() == 12
    assert panel(page).locator(".yj-rule").count() == len(site["rules"])
    page.wait_for_function("id => new URLSearchParams(location.search).get('site') === id", arg=site["id"])
    assert barriers(page) == []

    energy = panel(page).locator("details[data-load^=energy]")
    energy.locator("summary").click()
    panel(page).locator("th", has_text="kWh/kWp").wait_for()
    assert f"{site['kwh_year_p50'] / site['kwp_dc_central']:.1f}" in panel(page).inner_text()

    with page.expect_download(timeout=4 * WAIT_MS) as found:
        page.get_by_role("button", name=say("panel.dossier", lang)).click()
    found.value.save_as(tmp_path / "dossier.zip")
    with zipfile.ZipFile(tmp_path / "dossier.zip") as archive:
        assert json.loads(archive.read("site.json"))["site"]["id"] == site["id"]
        assert archive.read("dossier.pdf").startswith(b"%PDF")
        outline = json.loads(archive.read("outline.geojson"))["features"][0]["geometry"]
    assert shapely.geometry.shape(outline).area > 0


def test_the_address_of_a_card_brings_it_back(page, address, run):
    site = Run(run).sites.iloc[7]
    page.goto(f"{address}/map?lang=zh&site={site['id']}")
    page.locator(".yj-panel .yj-name").wait_for()
    assert str(site["id"]) in panel(page).inner_text()
    page.get_by_text("English", exact=True).click()
    page.locator(".yj-panel", has_text=TEXTS["panel.money"].en).wait_for()
    assert str(site["id"]) in panel(page).inner_text()


def test_the_map_is_used_with_the_keyboard_alone(page, address, run):
    opened = Run(run)
    row = int(opened.sites["kwp_dc_central"].argmax())
    open_map(page, address, lang="en", zoom=16, row=row, run=opened)
    page.locator(".yj-map .leaflet-container").first.focus()
    page.keyboard.press("Enter")
    page.locator(".yj-panel .yj-name").wait_for()
    assert str(opened.sites.iloc[row]["id"]) in panel(page).inner_text()
    page.locator("#yj-tab-card").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator("#yj-tab-area").get_attribute("aria-selected") == "true"
    assert page.evaluate("() => document.activeElement.id") == "yj-tab-area"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_drawn_rectangle_is_totalled_like_the_table(page, address, run, tmp_path, lang):
    opened = Run(run)
    open_map(page, address, lang=lang, zoom=13, row=0, run=opened)
    page.locator(".leaflet-draw-draw-rectangle").click()
    x, y = middle(page)
    page.mouse.move(x - 150, y - 120)
    page.mouse.down()
    for step in range(1, 6):
        page.mouse.move(x - 150 + 60 * step, y - 120 + 48 * step)
        page.wait_for_timeout(30)
    page.mouse.up()
    page.get_by_text(say("panel.area_rule", lang)).wait_for()
    corners = page.evaluate(
        "() => document.querySelector('.yj-map').yijian.drawings.getLayers()[0].getBounds().toBBoxString()"
    )
    west, south, east, north = map(float, corners.split(","))
    sites = opened.sites.to_crs(3857)
    box = sites.geometry.bounds
    frame = pd.DataFrame({"x": (box.minx + box.maxx) / 2, "y": (box.miny + box.maxy) / 2})
    place = lonlat(frame.to_numpy())
    inside = (place[:, 0] > west) & (place[:, 0] < east) & (place[:, 1] > south) & (place[:, 1] < north)
    assert inside.sum() > 3
    shown = panel(page).locator(".yj-figures").inner_text()
    assert f"{inside.sum():,}" in shown
    kwp = sites["kwp_dc_central"][inside].sum()
    assert quantity(kwp, "kw", lang) in shown
    panel(page).locator("select[name=format]").select_option("geojson")
    with page.expect_download() as found:
        panel(page).locator("[data-area=export]").click()
    found.value.save_as(tmp_path / "area.geojson")
    features = json.loads((tmp_path / "area.geojson").read_text(encoding="utf-8"))["features"]
    assert {one["properties"]["id"] for one in features} == set(sites["id"][inside])
    with page.expect_download() as found:
        panel(page).locator("[data-area=report]").click()
    found.value.save_as(tmp_path / "area.html")
    report = (tmp_path / "area.html").read_text(encoding="utf-8")
    assert say("report.area", lang) in report
    assert quantity(kwp, "kw", lang) in report
    assert not re.search(r"(src|href)=|url\(|<script", report)


def test_a_lasso_takes_sites_to_a_table_and_back_to_the_map(page, address, run):
    opened = Run(run)
    open_map(page, address, lang="en", zoom=14, row=0, run=opened)
    page.locator(f"a.yj-button[title='{TEXTS['map.lasso'].en}']").click()
    x, y = middle(page)
    page.mouse.move(x - 160, y)
    page.mouse.down()
    for dx, dy in [(-120, -120), (0, -160), (140, -100), (160, 40), (60, 150), (-110, 120), (-158, 8)]:
        page.mouse.move(x + dx, y + dy)
        page.wait_for_timeout(25)
    page.mouse.up()
    page.get_by_text(TEXTS["panel.area_rule"].en).wait_for()
    ring = page.evaluate("() => document.querySelector('.yj-map').yijian.panel.geometry")
    area = shapely.geometry.shape(ring)
    box = opened.sites.to_crs(3857).geometry.bounds
    place = lonlat(pd.DataFrame({"x": (box.minx + box.maxx) / 2, "y": (box.miny + box.maxy) / 2}).to_numpy())
    inside = shapely.contains_xy(area, place[:, 0], place[:, 1])
    assert inside.sum() > 0
    assert panel(page).locator(".yj-scroll tbody tr").count() == min(int(inside.sum()), 200)
    first = opened.sites[inside].sort_values("kwp_dc_central", ascending=False).iloc[0]
    panel(page).locator(".yj-scroll button").first.click()
    page.locator(".yj-panel .yj-name").wait_for()
    assert str(first["id"]) in panel(page).inner_text()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_uploaded_area_is_totalled_and_a_bad_one_is_explained(page, address, run, tmp_path, lang):
    opened = Run(run)
    file = tmp_path / "area.kml"
    town = opened.towns.to_crs(4326).iloc[[0]]
    pyogrio.write_dataframe(town[["name_zh", "geometry"]], file, driver="KML")
    open_map(page, address, lang=lang)
    page.locator("#yj-tab-area").click()
    page.locator(".yj-file").set_input_files(str(file))
    page.get_by_text(say("panel.area_rule", lang)).wait_for()
    box = opened.sites.to_crs(3857).geometry.bounds
    place = lonlat(pd.DataFrame({"x": (box.minx + box.maxx) / 2, "y": (box.miny + box.maxy) / 2}).to_numpy())
    inside = int(shapely.contains_xy(town.geometry.iloc[0], place[:, 0], place[:, 1]).sum())
    assert f"{inside:,}" in panel(page).locator(".yj-figures").inner_text()
    bad = tmp_path / "bad.geojson"
    bad.write_text("{}")
    page.watch.expected = 400
    page.locator(".yj-file").set_input_files(str(bad))
    page.locator(".yj-bad").wait_for()
    assert "bad.geojson" in page.locator(".yj-bad").inner_text()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_slider_beside_the_map_changes_totals_and_every_site_on_it(page, address, run, lang):
    opened = Run(run)
    open_map(page, address, lang=lang, zoom=15, row=0, run=opened)
    page.locator("#yj-tab-whatif").click()
    panel(page).locator(".yj-figures").wait_for()
    before = panel(page).locator(".yj-figures").inner_text()
    handle = panel(page).locator("input[name=density]")
    handle.focus()
    handle.press("ArrowRight")
    page.wait_for_function(
        "text => document.querySelector('.yj-totals .yj-figures').innerText !== text", arg=before
    )
    kwp = 1.05 * opened.sites["kwp_dc_central"].sum()
    assert quantity(kwp, "kw", lang) in panel(page).locator(".yj-figures").inner_text()
    ratio = page.wait_for_function(
        "() => { const y = document.querySelector('.yj-map').yijian;"
        " for (const p of y.layers.sites.source.cache.values())"
        " if (p.tile?.n && p.tile.changed) return p.tile.changed.value[0] / p.tile.value[0];"
        " return null; }"
    ).json_value()
    assert ratio == pytest.approx(1.05, rel=1e-4)
    page.wait_for_function("() => decodeURIComponent(location.search).includes('density')")
    page.get_by_role("button", name=say("whatif.reset", lang)).click()
    page.wait_for_function(
        "text => document.querySelector('.yj-totals .yj-figures').innerText === text", arg=before
    )


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_rule_switched_off_brings_its_land_back_and_stays_off_in_the_address(page, address, run, lang):
    opened = Run(run)
    sets = pd.read_parquet(run / "rule_sets.parquet")
    back = sets.loc[sets["rules"] == "road_zone", "kwp_dc"].sum()
    open_map(page, address, lang=lang)
    page.locator("#yj-tab-whatif").click()
    panel(page).locator(".yj-switches summary").click()
    panel(page).locator("input[name=rule-road_zone]").uncheck()
    panel(page).get_by_text(TEXTS["whatif.back"]._asdict()[lang], exact=True).wait_for()
    figures = panel(page).locator(".yj-totals .yj-figures").inner_text()
    assert f"+{quantity(back, 'kw', lang)}" in figures
    assert quantity(opened.sites["kwp_dc_central"].sum() + back, "kw", lang) in figures
    page.wait_for_function("() => decodeURIComponent(location.search).includes('road_zone')")
    page.reload()
    page.locator("#yj-tab-whatif").click()
    panel(page).locator(".yj-totals .yj-figures").wait_for()
    assert not panel(page).locator("input[name=rule-road_zone]").is_checked()
    assert panel(page).locator("input[name=rule-airport_surface]").is_checked()
    assert panel(page).locator(".yj-switches a").get_attribute("href") == f"methods?lang={lang}#rules"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_filter_changes_what_the_map_draws_without_reloading_it(page, address, run, lang):
    opened = Run(run)
    row = int((opened.sites["type"] == "ground").to_numpy().argmax())
    open_map(page, address, lang=lang, zoom=15, row=row, run=opened)
    before = page.evaluate("() => document.querySelector('.yj-map').yijian.map._leaflet_id")
    page.get_by_role("button", name=re.compile(say("map.filter", lang))).click()
    page.get_by_role("button", name=say("type.ground", lang)).click()
    page.wait_for_function("() => document.querySelector('.yj-map').yijian.data.filter.kind?.length === 1")
    assert page.evaluate("() => document.querySelector('.yj-map').yijian.map._leaflet_id") == before
    page.wait_for_function("() => decodeURIComponent(location.search).includes('ground')")
    kinds = page.evaluate(
        "() => { const y = document.querySelector('.yj-map').yijian, seen = new Set();"
        " for (const p of y.layers.sites.source.cache.values())"
        " if (p.tile) for (let i = 0; i < p.tile.n; i++) if (y.keep(p.tile, i)) seen.add(p.tile.kind[i]);"
        " return [...seen]; }"
    )
    assert kinds == [10]


def test_the_address_brings_back_place_language_and_layers(page, address):
    view = "&view=14/34.30000/108.70000"
    page.goto(f"{address}/map?lang=en&by=cost&show=%5B%22sites%22%5D{view}")
    page.locator(".yj-map canvas.leaflet-tile-loaded").first.wait_for(state="attached")
    state = page.evaluate(
        "() => { const y = document.querySelector('.yj-map').yijian, c = y.map.getCenter();"
        " return [y.map.getZoom(), c.lat, c.lng, y.data.style.by, y.data.show.background]; }"
    )
    assert state[0] == 14
    assert state[1:3] == pytest.approx([34.3, 108.7], abs=1e-4)
    assert state[3:] == ["cost", False]


def test_search_finds_townships_sites_and_coordinates(page, address, run):
    opened = Run(run)
    open_map(page, address, lang="en")
    box = page.get_by_label(TEXTS["search.label"].en)
    box.fill("108.8, 34.4")
    box.press("Enter")
    page.wait_for_function(
        "() => Math.abs(document.querySelector('.yj-map').yijian.map.getCenter().lng - 108.8) < 1e-3"
    )
    site = opened.sites.iloc[123]
    box.fill(str(site["id"]))
    box.press("Enter")
    page.get_by_text(str(site["id"])).first.wait_for()
    at = opened.sites.to_crs(4326).geometry.iloc[123].representative_point()
    page.wait_for_function(
        f"() => Math.abs(document.querySelector('.yj-map').yijian.map.getCenter().lat - {at.y}) < 2e-3"
    )
    box.fill("三桥")
    box.press("Enter")
    page.wait_for_function("() => document.querySelector('.yj-map').yijian.map.getZoom() < 15")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_download_holds_the_filtered_sites(page, address, run, tmp_path, lang):
    open_page(page, address, "sites", lang, '&filter={"types":["ground"],"min_kwp":200}&town=qinhan')
    choice = page.locator("[data-testid=stSelectbox]").last.locator("input")
    choice.scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    choice.click()
    page.get_by_role("option", name="GeoJSON").click()
    page.wait_for_timeout(500)
    with page.expect_download() as found:
        page.get_by_role("button", name=say("download.button", lang), exact=True).click()
    found.value.save_as(tmp_path / "sites.geojson")
    features = json.loads((tmp_path / "sites.geojson").read_text(encoding="utf-8"))["features"]
    sites = Run(run).sites
    wanted = sites[
        (sites["town"] == "qinhan") & (sites["type"] == "ground") & (sites["kwp_dc_central"] >= 200)
    ]
    assert len(wanted) > 0
    assert {feature["properties"]["id"] for feature in features} == set(wanted["id"])


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_slider_changes_one_side_and_not_the_other(page, address, lang):
    open_page(page, address, "scenarios", lang)
    figures = page.locator(".yj-figures")
    before = figures.first.inner_text()
    assert figures.nth(1).inner_text() == before
    sides = page.get_by_role("slider", name=say("scenario.density", lang))
    expect(sides).to_have_count(2)  # the right one may stand first while the page is being built
    sides.first.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("text => document.querySelector('.yj-figures').innerText !== text", arg=before)
    assert figures.nth(1).inner_text() == before
    page.wait_for_function("() => decodeURIComponent(location.search).includes('density')")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_upload_is_checked_and_its_faults_are_listed(page, address, tmp_path, lang):
    file = tmp_path / "buildings.geojson"
    ring = [[108.7, 34.3], [108.701, 34.3], [108.701, 34.301], [108.7, 34.301], [108.7, 34.3]]
    feature = {"type": "Feature", "properties": {"id": "a", "use": "castle", "height_m": "tall"},
               "geometry": {"type": "Polygon", "coordinates": [ring]}}  # fmt: skip
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    open_page(page, address, "own_data", lang)
    page.locator("input[type=file]").set_input_files(str(file))
    page.get_by_role("heading", name=say("own.use", lang)).wait_for()
    with page.expect_download() as found:
        page.get_by_role("button", name=say("own.download", lang)).click()
    found.value.save_as(tmp_path / "faults.csv")
    faults = pd.read_csv(tmp_path / "faults.csv")
    assert {"castle", "tall"} <= set(faults["value"])
    assert (faults["layer"] == "buildings").all()


def test_names_from_data_are_shown_as_text(page, address, run):
    opened = Run(run)
    row = int((opened.sites["name"] == "<b>尖括号&amp;</b>").to_numpy().argmax())
    open_map(page, address, zoom=17, row=row, run=opened)
    page.mouse.click(*middle(page))
    page.locator(".yj-panel .yj-name").wait_for()
    assert "<b>尖括号&amp;</b>" in panel(page).inner_text()
