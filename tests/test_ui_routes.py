"""What the browser fetches: right answers, and refusals that say why."""

from __future__ import annotations

import asyncio
import gzip
import json
import os

import pytest
from starlette.applications import Starlette

from assessment.run import Run
from tests.runs import make_run
from ui import runs
from ui.mapview import LOCAL_CSS, LOCAL_JS, map_parts
from ui.routes import routes


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return make_run(tmp_path_factory.mktemp("routes") / "run", n_sites=1500, seed=2, hourly=False)


@pytest.fixture
def get(run, monkeypatch):
    monkeypatch.setenv("YIJIAN_RUN", str(run))
    monkeypatch.setenv("YIJIAN_HOME", str(run.parent))
    app = Starlette(routes=routes())

    def ask(address):
        path, _, query = address.partition("?")
        scope = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "headers": []}
        scope |= {"query_string": query.encode(), "scheme": "http", "server": ("127.0.0.1", 80)}
        scope |= {"root_path": "", "http_version": "1.1"}
        sent = []

        async def receive():
            await asyncio.Event().wait()

        async def send(message):
            sent.append(message)

        asyncio.run(app(scope, receive, send))
        head = sent[0]
        body = b"".join(message.get("body", b"") for message in sent[1:])
        headers = {key.decode().lower(): value.decode() for key, value in head["headers"]}
        return head["status"], headers, body

    return ask


def test_a_card_is_found_by_row_and_by_id_in_both_languages(get, run):
    sites = Run(run).sites
    for lang, word in (("zh", "千瓦"), ("en", "kW")):
        by_row = json.loads(get(f"/api/sites?row=40&lang={lang}")[2])
        by_id = json.loads(get(f"/api/site?id={sites['id'].iloc[40]}&lang={lang}")[2])
        assert by_row == by_id
        assert by_row["id"] == sites["id"].iloc[40]
        assert any(word in value for _, value in by_row["lines"])
    outline = json.loads(get("/api/heat?row=3")[2])["geometry"]
    assert outline["type"] in ("Polygon", "MultiPolygon")


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/api/sites?row=1500", 404, "sites has no row 1500; it has 1500"),
        ("/api/sites?row=-1", 400, "row = '-1': must be a whole number"),
        ("/api/sites?id=nobody", 404, "sites has no id 'nobody'"),
        ("/api/sites", 400, "row or id is missing"),
        ("/api/passwords?row=1", 404, "no card for 'passwords'"),
        ("/tiles/secrets/10/821/407", 404, "no layer 'secrets'"),
        ("/tiles/sites/3/9/0", 400, "no such tile: 3/9/0"),
        ('/tiles/cells/10/821/407?q={"types":["windmill"]}', 400, "windmill"),
        ("/raster/../../manifest.png", 404, ""),
        ("/raster/nothing.png", 404, "no raster 'nothing'"),
    ],
)
def test_what_does_not_exist_is_refused_with_the_reason(get, address, status, words):
    found, _, body = get(address)
    assert found == status
    if words:
        assert words in json.loads(body)["error"]


def test_tiles_are_compressed_and_kept_by_the_browser(get):
    status, headers, body = get("/tiles/sites/11/1642/814?v=x")
    assert status == 200
    assert headers["content-encoding"] == "gzip"
    assert "immutable" in headers["cache-control"]
    assert "private" in headers["cache-control"]
    assert len(gzip.decompress(body)) >= 12


def test_the_raster_is_a_png(get):
    status, headers, body = get("/raster/annual.png")
    assert (status, headers["content-type"]) == (200, "image/png")
    assert body.startswith(b"\x89PNG")


def test_every_file_the_map_loads_is_served_from_here(get):
    for _, address in (*LOCAL_JS, *LOCAL_CSS, ("host", "vendor/map.js"), ("font", "vendor/fonts.css")):
        assert not address.startswith(("http", "//"))
        status, _, body = get(f"/{address}")
        assert status == 200
        assert body


def test_the_map_itself_names_no_other_server(get):
    assert get("/api/sites?row=0")[0] == 200
    parts = map_parts(runs.current_store().key)
    text = parts["html"] + parts["script"]
    assert "http://" not in text
    assert "https://" not in text
    assert parts["name"] in parts["script"]


def test_without_a_run_the_reason_is_given(monkeypatch, tmp_path):
    monkeypatch.delenv("YIJIAN_RUN", raising=False)
    monkeypatch.setenv("YIJIAN_HOME", str(tmp_path))
    with pytest.raises(runs.RunError, match="start with `yijian assess`"):
        runs.find_run()


def test_the_newest_finished_run_is_shown(monkeypatch, tmp_path):
    monkeypatch.delenv("YIJIAN_RUN", raising=False)
    monkeypatch.setenv("YIJIAN_HOME", str(tmp_path))
    for age, name in ((300, "old"), (200, "new"), (100, ".half.tmp")):
        folder = tmp_path / "runs" / name
        folder.mkdir(parents=True)
        (folder / "manifest.json").write_text("{}")
        stamp = 1_700_000_000 - age
        os.utime(folder / "manifest.json", (stamp, stamp))
    assert runs.find_run() == tmp_path / "runs" / "new"
