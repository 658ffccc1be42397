from __future__ import annotations

import json
import re
import threading
import warnings

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocketDisconnect
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from ui.access import Access
from ui.gate import HEADERS, Gate, cookies_of, first_step, part_of
from ui.health import TOKEN_VARIABLE, health_routes
from ui.limits import Limits
from ui.metrics import Metrics
from ui.signin import who_sent

with (
    warnings.catch_warnings()
):  # it works with the httpx that sign-in brings along, and says it will not always
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

STAFF = Access("oidc", members=(("viewer", ("*@example.org",)),), limits=Limits(upload_mb=1, sessions=2))


async def page(request):
    return PlainTextResponse(str(len(await request.body())))


async def echo(socket):
    await socket.accept()
    await socket.receive_text()
    await socket.close()


def app_with(access=STAFF, metrics=None, checks=None):
    metrics = metrics or Metrics()
    paths = ("/", "/tiles/sites/1/2/3", "/api/site", "/raster/annual.png", "/vendor/map.js", "/upload")
    routes = [Route(path, page, methods=["GET", "POST", "PUT"]) for path in paths]
    routes += [WebSocketRoute("/_stcore/stream", echo), *health_routes(metrics, checks or {})]
    gate = Middleware(Gate, access=access, metrics=metrics, who=who_sent)
    return Starlette(routes=routes, middleware=[gate])


def client_of(*words, host="127.0.0.1", **more):
    return TestClient(app_with(*words, **more), client=(host, 5))


def signed(user, *, secret=None):

    value = create_signed_value(secret or get_cookie_secret(), USER_COOKIE_NAME, json.dumps(user))
    return {"cookie": f"{USER_COOKIE_NAME}={value.decode()}"}


LI = {"is_logged_in": True, "email": "li@example.org", "origin": "https://yijian.example.org"}
CONTENTS = ["/tiles/sites/1/2/3", "/api/site", "/raster/annual.png"]


@pytest.mark.parametrize("path", CONTENTS)
def test_contents_of_the_run_need_sign_in(path):
    client = client_of()
    assert client.get(path).status_code == 401
    assert client.get(path, headers=signed(LI)).status_code == 200


@pytest.mark.parametrize(
    "user",
    [
        LI | {"is_logged_in": False},
        LI | {"is_logged_in": "yes"},
        LI | {"email": "li@example.com"},
        LI | {"email_verified": False},
        LI | {"email": None},
        LI | {"email": ["li@example.org"]},
        {},
        [LI],
        "li@example.org",
    ],
)
def test_a_cookie_that_names_nobody_lets_nobody_in(user):
    assert client_of().get("/api/site", headers=signed(user)).status_code == 401


def test_a_forged_cookie_lets_nobody_in():
    assert client_of().get("/api/site", headers=signed(LI, secret="guessed")).status_code == 401  # noqa: S106
    for text in ("", "a", "a.b.c", '{"is_logged_in": true}', "\x00", "chunks-99999999"):
        assert who_sent({USER_COOKIE_NAME: text}) == (None, False)


def test_pages_and_files_of_the_app_need_none_so_that_one_can_sign_in():
    client = client_of()
    assert [client.get(path).status_code for path in ("/", "/vendor/map.js")] == [200, 200]


@pytest.mark.parametrize("access", [Access(), Access("network")])
def test_without_sign_in_contents_are_open(access):
    client = client_of(access)
    assert [client.get(path).status_code for path in CONTENTS] == [200, 200, 200]


def test_a_body_that_is_too_large_is_refused_before_it_is_read():
    client = client_of()
    assert client.put("/upload", content=b"x" * 1_000_000).text == "1000000"
    refused = client.put("/upload", content=b"x" * 1_000_001)
    assert refused.status_code == 413
    assert "at most 1 MB" in refused.text


def test_a_body_without_a_length_is_cut_off():
    from starlette.requests import ClientDisconnect

    def endless():
        for _ in range(100):
            yield b"x" * 50_000

    with pytest.raises(ClientDisconnect):
        client_of().put("/upload", content=endless())


@pytest.mark.parametrize("length", ["-1", "1e9", "x", "99999999999999999999"])
def test_a_length_that_is_none_is_refused(length):
    assert client_of().get("/", headers={"content-length": length}).status_code == 413


def test_every_answer_bears_the_headers():
    client = client_of()
    for path in ("/", "/api/site", "/nowhere", "/healthz"):
        answer = client.get(path)
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS


def test_too_many_open_pages_are_asked_to_come_later():
    metrics = Metrics()
    client = client_of(metrics=metrics)
    with (
        client.websocket_connect("/_stcore/stream") as first,
        client.websocket_connect("/_stcore/stream") as second,
    ):
        assert metrics.sessions == 2
        with pytest.raises(WebSocketDisconnect) as caught, client.websocket_connect("/_stcore/stream"):
            pass
        assert caught.value.code == 1013
        first.send_text("x")
        second.send_text("x")
    with client.websocket_connect("/_stcore/stream") as again:
        again.send_text("x")
    assert metrics.sessions == 0


def test_alive_and_ready():
    def broken():
        raise OSError("postgresql://user:secret@db is down")

    client = client_of(checks={"run": lambda: None, "ledger": broken})
    assert client.get("/healthz").text == "ok\n"
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"run": True, "ledger": False}
    assert "secret" not in answer.text
    assert client_of(checks={"run": lambda: None}).get("/readyz").status_code == 200


def test_metrics_are_for_this_machine_only_or_for_who_bears_the_token(monkeypatch):
    assert client_of().get("/metrics").status_code == 200
    assert client_of(host="10.0.0.7").get("/metrics").status_code == 403
    assert client_of().get("/metrics", headers={"x-forwarded-for": "10.0.0.7"}).status_code == 403
    monkeypatch.setenv(TOKEN_VARIABLE, "t0ken")
    assert client_of().get("/metrics").status_code == 403
    bearer = {"authorization": "Bearer t0ken"}
    assert client_of(host="10.0.0.7").get("/metrics", headers=bearer).status_code == 200
    assert client_of().get("/metrics", headers={"authorization": "Bearer t0ke"}).status_code == 403


SAMPLE = re.compile(r'[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? -?[0-9.e+]+')


def test_metrics_count_what_happened():
    metrics = Metrics()
    client = client_of(metrics=metrics)
    for path in ("/", "/", "/api/site", "/tiles/sites/1/2/3", "/no/such/page"):
        client.get(path)
    metrics.error()
    lines = client.get("/metrics").text.splitlines()
    assert [line for line in lines if not (line.startswith("# TYPE ") or SAMPLE.fullmatch(line))] == []
    assert 'yijian_requests_total{part="page",code="200"} 2' in lines
    assert 'yijian_requests_total{part="page",code="404"} 1' in lines
    assert 'yijian_requests_total{part="api",code="401"} 1' in lines
    assert 'yijian_request_seconds_bucket{part="page",le="+Inf"} 3' in lines
    assert 'yijian_request_seconds_count{part="page"} 3' in lines
    assert "yijian_page_errors_total 1" in lines


def test_buckets_of_times_add_up_by_hand():
    metrics = Metrics()
    for seconds in (0.001, 0.005, 0.03, 99.0):
        metrics.request("api", 200, seconds)
    lines = metrics.text().splitlines()
    found = [
        int(line.rpartition(" ")[2]) for line in lines if line.startswith("yijian_request_seconds_bucket")
    ]
    assert found == [2, 2, 3, 3, 3, 3, 3, 3, 3, 4]
    assert 'yijian_request_seconds_sum{part="api"} 99.036000' in lines


def test_counters_lose_nothing_between_threads():
    metrics = Metrics()

    def work():
        for _ in range(500):
            metrics.request("api", 200, 0.1)
            metrics.session(1)
            metrics.session(-1)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 'yijian_requests_total{part="api",code="200"} 4000' in metrics.text()
    assert metrics.sessions == 0


def test_addresses_of_strangers_make_no_new_counters():
    assert {part_of(f"/{word}/x") for word in ("a", "..", "%00", "tilesx", "")} == {"page"}
    assert first_step("///tiles//x") == "tiles"


def test_cookies_are_read():
    from starlette.datastructures import Headers

    assert cookies_of(Headers({"cookie": 'a=1; b="x=y"; c'})) == {"a": "1", "b": "x=y", "c": ""}
    assert cookies_of(Headers({})) == {}
