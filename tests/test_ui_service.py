"""The gate before the real server: Streamlit's own start, one port, a signal to stop."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest
import websockets

from faults import InputError, RunError
from ui import service

SERVER = """
import sys
import streamlit as st
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from ui.service import gate, watch_routes

async def contents(request):
    return PlainTextResponse("contents")

routes = [Route("/api/site", contents), *watch_routes()]
st.App(sys.argv[1], routes=routes, middleware=gate()).run(
    config={"server.port": int(sys.argv[2]), "server.address": "127.0.0.1", "server.headless": True}
)
"""
ACCESS = 'sign_in = "oidc"\n[roles]\nviewer = ["*@example.org"]\n[limits]\nsessions = 1\n'


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def code_of(url):
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - our own server
            return answer.status, dict(answer.headers)
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    home = tmp_path_factory.mktemp("service")
    (home / "access.toml").write_text(ACCESS, encoding="utf-8")
    (home / "page.py").write_text("import streamlit as st\nst.write('page')\n", encoding="utf-8")
    port = free_port()
    environment = {
        **os.environ,
        "YIJIAN_HOME": str(home),
        "YIJIAN_ACCESS": "",
        "YIJIAN_RUN": str(home / "none"),
    }
    words = [sys.executable, "-c", SERVER, str(home / "page.py"), str(port)]
    log = (home / "log").open("wb")
    process = subprocess.Popen(words, env=environment, stdout=log, stderr=log, cwd=os.getcwd())  # noqa: PTH109
    url = f"http://127.0.0.1:{port}"
    for _ in range(300):
        try:
            if code_of(f"{url}/healthz")[0] == 200:
                break
        except OSError:
            time.sleep(0.2)
        assert process.poll() is None, (home / "log").read_text()
    yield url, process
    process.kill()
    process.wait()
    log.close()


def test_streamlit_answers_behind_the_gate(server):
    url, _ = server
    for path, code in (
        ("/", 200),
        ("/_stcore/health", 200),
        ("/api/site", 401),
        ("/healthz", 200),
        ("/metrics", 200),
    ):
        found, headers = code_of(url + path)
        assert found == code, path
        assert headers["x-frame-options"] == "SAMEORIGIN", path


def test_without_a_run_the_app_is_alive_but_not_ready(server):
    assert code_of(server[0] + "/readyz")[0] == 503


def test_web_sockets_pass_are_counted_and_bounded(server):
    address = server[0].replace("http", "ws") + "/_stcore/stream"

    async def visit():
        async with websockets.connect(address, origin=server[0]) as first:
            with urllib.request.urlopen(server[0] + "/metrics", timeout=10) as answer:  # noqa: S310, ASYNC210
                text = answer.read().decode()
            with pytest.raises(websockets.exceptions.WebSocketException):
                async with websockets.connect(address, origin=server[0]) as second:
                    await second.recv()
            return text, first.state

    text, state = asyncio.run(visit())
    assert "yijian_sessions 1" in text
    assert state is websockets.protocol.State.OPEN


def test_another_site_cannot_open_a_page(server):
    address = server[0].replace("http", "ws") + "/_stcore/stream"

    async def visit():
        async with websockets.connect(address, origin="https://evil.example") as socket:
            await socket.recv()

    with pytest.raises(websockets.exceptions.WebSocketException):
        asyncio.run(visit())


def test_asked_to_stop_it_ends_soon_and_well(server):
    _, process = server
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=15) in (0, -signal.SIGTERM)


def test_a_wrong_access_file_stops_the_start(tmp_path, monkeypatch):
    (tmp_path / "access.toml").write_text("sign_in = 'maybe'", encoding="utf-8")
    monkeypatch.setenv("YIJIAN_ACCESS", str(tmp_path / "access.toml"))
    with pytest.raises(InputError, match="sign_in = 'maybe'"):
        service.gate()


def test_a_ledger_that_does_not_answer_is_not_ready(monkeypatch):
    class Broken:
        def is_untouched(self):
            raise RunError("down")

    monkeypatch.setattr(service, "current_store", lambda: None)
    monkeypatch.setattr(service, "ledger_of", lambda _store: Broken())
    with pytest.raises(RunError, match="down"):
        service.ask_ledger()
    monkeypatch.setattr(service, "ledger_of", lambda _store: None)
    service.ask_ledger()
