"""The map in a real browser: land that comes back without rules, and base maps of the network."""

from __future__ import annotations

import io
import math
from urllib.parse import parse_qs, urlsplit

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from tests.browsing import open_map, panel
from tests.chromium import served
from tests.runs import make_run
from ui.texts import TEXTS

pytestmark = pytest.mark.browser
KEY = "0123456789abcdef"
ALPHA = """
([lat, lon]) => {
  const y = document.querySelector(".yj-map").yijian, z = y.map.getZoom(), at = y.map.project([lat, lon], z);
  const [x, row] = [Math.floor(at.x / 256), Math.floor(at.y / 256)];
  const drawn = y.layers.regained._tiles?.[`${x}:${row}:${z}`]?.el;
  if (!drawn) return -1;
  const size = drawn.width / 256, place = [(at.x - x * 256) * size, (at.y - row * 256) * size];
  return drawn.getContext("2d").getImageData(...place.map(Math.floor), 1, 1).data[3];
}
"""
"""How much of the colour of regained land is drawn at a place: 0 none, -1 the layer is not there."""


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run whose largest land in a road zone lies half under another rule."""
    folder = make_run(tmp_path_factory.mktemp("land") / "run", n_sites=400, seed=3)
    file = folder / "excluded.parquet"
    frame = gpd.read_parquet(file)
    largest = frame[frame["rule"] == "road_zone"].area.idxmax()
    west, south, _east, north = frame.geometry[largest].bounds
    middle = frame.geometry[largest].centroid.x
    half = frame.loc[[largest]].assign(rule="airport_surface", parcel_id="half")
    half["geometry"] = half.geometry.clip_by_rect(west - 1, south - 1, middle, north + 1)
    lines = gpd.GeoDataFrame({"id": ["r1"], "kind": ["road"], "class": ["national"]}, geometry=[
        frame.geometry[largest].exterior], crs=frame.crs)  # fmt: skip
    lines.to_parquet(folder / "restrictions.parquet")
    both = gpd.GeoDataFrame(pd.concat([frame, half], ignore_index=True), crs=frame.crs)
    both.to_parquet(file)
    return folder


@pytest.fixture(scope="module")
def address(run, tmp_path_factory):
    settings = {"YIJIAN_BASEMAP": "tianditu", "YIJIAN_TIANDITU_KEY": KEY}
    with served(run, tmp_path_factory.mktemp("home"), **settings) as found:
        yield found


def halves(run):
    """Return (lat, lon) in the half of the land that one rule takes, and in the half that two take."""
    frame = gpd.read_parquet(run / "excluded.parquet")
    whole, rule = frame[frame["rule"] == "road_zone"].geometry, frame["rule"]
    shape, half = whole[whole.area.idxmax()], frame.geometry.iloc[-1]
    free = shape.difference(
        frame.geometry[rule != "road_zone"].union_all().buffer(0.5)
    ).representative_point()
    others = frame.geometry[~rule.isin(["road_zone", "airport_surface"])].union_all()
    taken = half.difference(others.buffer(0.5)).representative_point()
    points = gpd.GeoSeries([free, taken], crs=frame.crs).to_crs(4326)
    return [(point.y, point.x) for point in points]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_land_is_drawn_that_rules_switched_off_bring_back_and_no_more(page, address, run, lang):
    free, taken = halves(run)
    open_map(page, address, lang=lang, more=f"&view=17/{free[0]:.6f}/{free[1]:.6f}")
    label = page.locator(".yj-legend", has_text=getattr(TEXTS["legend.regained"], lang))
    assert label.count() == 0
    page.locator("#yj-tab-whatif").click()
    panel(page).locator(".yj-switches summary").click()
    panel(page).locator("input[name=rule-road_zone]").uncheck()
    page.wait_for_function(f"place => ({ALPHA})(place) > 0", arg=free)
    assert page.evaluate(ALPHA, taken) == 0
    assert label.count() == 1
    panel(page).locator("input[name=rule-airport_surface]").uncheck()
    page.wait_for_function(f"place => ({ALPHA})(place) > 0", arg=taken)
    panel(page).locator("input[name=rule-road_zone]").check()
    page.wait_for_function(f"place => ({ALPHA})(place) === 0", arg=free)
    panel(page).locator("input[name=rule-airport_surface]").check()
    page.wait_for_function(f"place => ({ALPHA})(place) === -1", arg=free)
    assert label.count() == 0


def picture(colour):
    file = io.BytesIO()
    Image.new("RGB", (256, 256), colour).save(file, "PNG")
    return file.getvalue()


def tile_of(lat, lon, zoom):
    """Return column and row of the tile of a place (spherical Mercator, as the web's maps count them)."""
    n = 2**zoom
    y = math.asinh(math.tan(math.radians(lat))) / math.pi
    return int((lon + 180) / 360 * n), int((1 - y) / 2 * n)


def show_online(page, lang):
    page.get_by_role("button", name=getattr(TEXTS["map.layers"], lang)).click()
    page.get_by_text(getattr(TEXTS["map.basemap"], lang), exact=True).click()


def bases(page):
    """Say whether the own base map and that of the network are on the map."""
    return page.evaluate(
        "() => { const y = document.querySelector('.yj-map').yijian;"
        " return [y.map.hasLayer(y.layers.background), y.map.hasLayer(y.online)]; }"
    )


def test_no_base_map_is_asked_for_until_it_is_wanted(page, address):
    open_map(page, address, more="&view=14/34.30000/108.70000")
    page.wait_for_timeout(500)
    assert page.watch.outside == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_tiles_of_tianditu_are_those_of_the_place_and_carry_the_key(page, address, lang):
    asked = []

    def answer(route):
        asked.append(route.request.url)
        route.fulfill(body=picture((200, 220, 200)), content_type="image/png")

    page.route("https://*.tianditu.gov.cn/**", answer)
    zoom, lat, lon = 14, 34.3, 108.7
    open_map(page, address, lang=lang, more=f"&view={zoom}/{lat:.5f}/{lon:.5f}")
    show_online(page, lang)
    page.wait_for_function("() => document.querySelector('.yj-map').yijian.answered")
    assert bases(page) == [False, True]
    assert page.locator(".yj-told").inner_text() == ""
    shown = page.locator(".leaflet-control-attribution").inner_text()
    assert getattr(TEXTS["basemap.tianditu"], lang) in shown
    parts = [(urlsplit(url), {k: v[0] for k, v in parse_qs(urlsplit(url).query).items()}) for url in asked]
    assert {place.hostname.split(".", 1)[1] for place, _ in parts} == {"tianditu.gov.cn"}
    assert {query["tk"] for _, query in parts} == {KEY}
    assert {query["LAYER"] for _, query in parts} == {"vec", "cva"}
    assert {query["TILEMATRIX"] for _, query in parts} == {str(zoom)}
    places = {(int(query["TILECOL"]), int(query["TILEROW"])) for _, query in parts}
    middle = tile_of(lat, lon, zoom)
    assert middle in places
    assert np.abs(np.array(sorted(places)) - middle).max() <= 4
    assert set(page.watch.outside) == set(asked)
    page.watch.outside.clear()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_without_an_answer_the_own_base_stays_and_one_line_says_so(page, address, lang):
    page.route("https://*.tianditu.gov.cn/**", lambda route: route.abort("connectionrefused"))
    open_map(page, address, lang=lang, more="&view=14/34.30000/108.70000")
    show_online(page, lang)
    page.locator(".yj-told", has_text=getattr(TEXTS["map.basemapLost"], lang)).wait_for()
    assert bases(page) == [True, False]
    assert page.watch.outside
    page.watch.outside.clear()
    told = page.watch.complaints
    told[:] = [text for text in told if "ERR_CONNECTION_REFUSED" not in text]
