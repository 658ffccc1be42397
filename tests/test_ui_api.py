"""What the map asks for while people work on it: areas, scenarios, shadows, base maps, the page's head."""

from __future__ import annotations

import asyncio
import gzip
import io
import json

import numpy as np
import pytest
import shapely
from PIL import Image
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route

from faults import InputError
from layers.region import load_region
from layers.sources import read_layer
from tests.runs import make_run
from tests.small_region import make_region
from ui import shade
from ui.basemap import basemap
from ui.casters import make_casters, read_casters
from ui.energy import SiteEnergy, cost_range, site_energy
from ui.format import quantity
from ui.routes import routes
from ui.runs import current_store
from ui.search import find_places
from ui.shade import read_moment, shadow_picture
from ui.shell import Shell
from ui.store import open_store
from ui.whatif_map import values_of


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return make_run(tmp_path_factory.mktemp("api") / "run", n_sites=900, seed=8, hourly=False)


@pytest.fixture
def store(run, monkeypatch):
    monkeypatch.setenv("YIJIAN_RUN", str(run))
    monkeypatch.setenv("YIJIAN_HOME", str(run.parent))
    return current_store()


def ask(app, address, *, body=None, headers=()):
    """Send one request to an ASGI app; return status, headers and body."""
    path, _, query = address.partition("?")
    scope = {
        "type": "http",
        "method": "GET" if body is None else "POST",
        "path": path,
        "raw_path": path.encode(),
    }
    scope |= {
        "query_string": query.encode(),
        "scheme": "http",
        "server": ("127.0.0.1", 80),
        "headers": list(headers),
    }
    scope |= {"root_path": "", "http_version": "1.1"}
    sent, left = [], [body or b""]

    async def receive():
        if not left:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": left.pop(), "more_body": False}

    async def send(message):
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    found = {key.decode().lower(): value.decode() for key, value in sent[0]["headers"]}
    return sent[0]["status"], found, b"".join(part.get("body", b"") for part in sent[1:])


@pytest.fixture
def app(store):
    assert store.layers
    return Starlette(routes=routes())


def area_of(store, town):
    """Return a town as GeoJSON, and which sites have their centre in it."""
    shape = store.run.towns.to_crs(4326).set_index("town").geometry[town]
    table = store.layers["sites"].table
    inside = shapely.contains_xy(shape, table["lon"].to_numpy(), table["lat"].to_numpy())
    return json.loads(shapely.to_geojson(shape)), inside


def test_an_area_is_totalled_and_its_file_holds_what_was_counted(app, store):
    geometry, inside = area_of(store, "jinghe")
    question = {"geometry": geometry, "filter": '{"types":["ground","roof_flat"]}'}
    sites = store.run.sites
    wanted = inside & sites["type"].isin(["ground", "roof_flat"]).to_numpy()
    assert 5 < wanted.sum() < inside.sum()
    code, _, body = ask(app, "/api/area?lang=en", body=json.dumps(question).encode())
    answer = json.loads(body)
    assert (code, answer["sites"]) == (200, wanted.sum())
    assert quantity(sites["kwp_dc_central"][wanted].sum(), "kw", "en") in answer["html"]
    body = json.dumps({**question, "format": "geojson"}).encode()
    code, head, body = ask(app, "/api/area/export", body=body)
    assert code == 200
    assert "yijian-area-sites.geojson" in head["content-disposition"]
    found = {one["properties"]["id"] for one in json.loads(body)["features"]}
    assert found == set(sites["id"][wanted])
    code, _, body = ask(app, "/api/area/report?lang=en", body=json.dumps(question).encode())
    assert code == 200
    assert quantity(sites["kwh_year_p50"][wanted].sum(), "kwh", "en") in body.decode()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"[1]", "must be a JSON object"),
        (b'{"geometry": {"type": "Point", "coordinates": [108.7, 34.3]}}', "Point"),
        (b'{"geometry": {"type": "Polygon", "coordinates": []}}', "must be a polygon that is not empty"),
        (b'{"geometry": {"type": "Polygon", "coordinates": [[[0,0],[999,0],[0,9],[0,0]]]}}', "999"),
        (b'{"geometry": {"type": "Polygon"}}', "must be GeoJSON"),
    ],
)
def test_areas_that_are_none_are_refused_with_what_is_wrong(app, body, words):
    code, _, answer = ask(app, "/api/area", body=body)
    assert code == 400
    assert words in json.loads(answer)["error"]


def test_unoffered_files_are_refused(app, store):
    geometry, _ = area_of(store, "jinghe")
    body = json.dumps({"geometry": geometry, "format": "exe"}).encode()
    code, _, answer = ask(app, "/api/area/export", body=body)
    assert code == 400
    assert "exe" in json.loads(answer)["error"]


def test_a_body_that_is_too_large_is_refused_before_it_is_read(app):
    code, _, answer = ask(app, "/api/area/file?name=a.kml", body=b"x" * 20_000_001)
    assert code == 400
    assert "20 MB" in json.loads(answer)["error"]


def test_a_scenario_scales_tiles_cells_and_totals_alike(app, store):
    scenario = '{"density":1.2,"most_lcoe":0.3}'
    sites = store.run.sites
    keep = values_of(store.key, '{"density":1.2}').cost <= 0.3  # what a site costs at that density
    assert 0 < keep.sum() < len(sites)
    kwp = 1.2 * sites["kwp_dc_central"].to_numpy()
    values = values_of(store.key, scenario)
    assert values.value == pytest.approx(np.where(keep, kwp, 0.0), rel=1e-5)
    body = json.loads(ask(app, f"/api/whatif?lang=en&w={scenario}")[2])["html"]
    assert quantity(kwp[keep].sum(), "kw", "en") in body
    plain = gzip.decompress(ask(app, "/tiles/sites/10/821/407")[2])
    rows = np.frombuffer(plain, "<u4", int(np.frombuffer(plain, "<u4", 1)[0]), 12)
    changed = np.frombuffer(gzip.decompress(ask(app, f"/tiles/whatif/10/821/407?w={scenario}")[2]), "<f4")
    assert len(changed) == 2 * len(rows) > 0
    assert changed[: len(rows)] == pytest.approx(values.value[rows])
    cells = [
        np.frombuffer(gzip.decompress(ask(app, f"/tiles/cells/9/{x}/{y}?w={scenario}")[2]), "<f4", 1024).sum()
        for x in range(409, 412)
        for y in range(202, 205)
    ]
    assert sum(cells) == pytest.approx(kwp[keep].sum(), rel=1e-4)


def test_a_wrong_scenario_is_refused(app):
    code, _, answer = ask(app, '/api/whatif?w={"price":99}')
    assert code == 400
    assert "99" in json.loads(answer)["error"]


def test_losses_lead_from_the_light_to_the_site_s_own_energy(store):
    row = int((store.run.sites["type"] == "roof_flat").to_numpy().argmax())
    site = store.layers["sites"].row(row)
    energy = site_energy(store, site)
    assert isinstance(energy, SiteEnergy)
    assert sum(energy.steps.values()) == pytest.approx(energy.total)
    assert energy.total == pytest.approx(site["kwh_year_p50"] / site["kwp_dc_central"])
    assert (energy.beam > 0).all()
    assert 900 < energy.beam.sum() + energy.diffuse.sum() < 1900
    ranges = cost_range(store, site)
    assert ranges["capex"][0] <= site["capex"] <= ranges["capex"][1]
    assert ranges["lcoe"][0] <= site["lcoe"] <= ranges["lcoe"][1]


@pytest.fixture
def small(tmp_path, store, monkeypatch):
    region = load_region(make_region(tmp_path / "small"))
    make_casters(region, tmp_path / "casters")
    kept = read_casters(tmp_path / "casters")
    monkeypatch.setattr(shade, "casters_of", lambda _store: kept)
    return store, read_layer(region, "buildings").frame


def test_shadows_fall_away_from_the_sun_and_are_long_in_the_morning(small):
    store, buildings = small
    tall = buildings.loc[[buildings["height_m"].idxmax()]].to_crs(4326).geometry.iloc[0]
    west, south, east, north = tall.centroid.buffer(0.004).bounds
    shares = []
    for hour in ("8.5", "12.5"):
        picture = shadow_picture(store, (west, south, east, north), read_moment("12-22", hour))
        alpha = np.asarray(Image.open(io.BytesIO(picture.png)))[..., 3]
        shares.append((alpha > 0).mean())
        assert picture.share == pytest.approx(shares[-1], abs=0.03)
        rows, _ = np.nonzero(alpha)
        assert rows.size > 0
    assert shares[0] > shares[1]
    assert 90 < picture.azimuth_deg < 270


@pytest.mark.parametrize(
    ("box", "day", "hour", "words"),
    [
        ((108.0, 34.0, 109.0, 35.0), "06-21", "12", "zoom in"),
        ((108.70, 34.30, 108.71, 34.31), "06-21", "2", "the sun is down"),
    ],
)
def test_shadows_that_cannot_be_are_explained(small, box, day, hour, words):
    with pytest.raises(InputError, match=words):
        shadow_picture(small[0], box, read_moment(day, hour))


@pytest.mark.parametrize(("day", "hour"), [("02-30", "12"), ("06-21", "25"), ("06-21", "nan"), ("6-1", "3")])
def test_days_and_hours_that_are_none_are_refused(day, hour):
    with pytest.raises(InputError, match="no day and hour"):
        read_moment(day, hour)


def test_facilities_are_found_by_name_in_both_languages(store):
    for text in ("咸阳国际机场", "xianyang intl"):
        found = find_places(store, text)
        assert (found[0]["lon"], found[0]["lat"]) == pytest.approx((108.76185, 34.4428), abs=1e-4)


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"YIJIAN_BASEMAP": "tianditu"}, "key"),
        ({"YIJIAN_BASEMAP": "https://wprd01.is.autonavi.com/{z}/{x}/{y}"}, "GCJ-02"),
        ({"YIJIAN_BASEMAP": "https://example.org/tiles"}, "{z}"),
        ({"YIJIAN_BASEMAP": "javascript:alert({x}{y}{z})"}, "http"),
    ],
)
def test_base_maps_that_would_not_fit_are_refused(environment, words):
    with pytest.raises(InputError) as caught:
        basemap(environment)
    assert words in str(caught.value)


def test_tianditu_is_asked_with_the_key_of_the_configuration():
    found = basemap({"YIJIAN_BASEMAP": "tianditu", "YIJIAN_TIANDITU_KEY": "abc123"})
    assert all(url.endswith("tk=abc123") for url in found.urls)
    assert [url.split("/")[3] for url in found.urls] == ["vec_w", "cva_w"]


def test_the_page_is_told_where_the_app_is_and_other_answers_stay_as_they_are():
    async def page(_request):
        return HTMLResponse("<!doctype html><head><title>x</title></head>")

    app = Shell(Starlette(routes=[Route("/map", page), Route("/api", page)]))
    asks = [(b"accept", b"text/html"), (b"accept-encoding", b"gzip")]
    _, head, body = ask(app, "/map", headers=asks)
    assert b"<head><script>window.__streamlit={BACKEND_BASE_URL" in body
    assert b'rel="preload" as="script" href="./vendor/map.js?v=' in body
    assert int(head["content-length"]) == len(body)
    _, _, body = ask(app, "/api", headers=[(b"accept", b"*/*")])
    assert b"__streamlit" not in body


def test_another_run_empties_what_the_session_remembered(run, tmp_path, monkeypatch):
    from streamlit.testing.v1 import AppTest

    monkeypatch.setenv("YIJIAN_RUN", str(run))
    monkeypatch.setenv("YIJIAN_HOME", str(tmp_path))
    test = AppTest.from_string("from ui.views import sites\nsites.page()\n", default_timeout=60)
    test.query_params["filter"] = '{"types":["ground"]}'
    test.run()
    assert test.session_state["filter"].types == ("ground",)
    other = make_run(tmp_path / "other", n_sites=60, seed=1, hourly=False)
    monkeypatch.setenv("YIJIAN_RUN", str(other))
    test.run()
    assert not test.exception
    assert test.session_state["filter"].types == ()
    assert test.session_state["ready"] == open_store(other, tmp_path).key
