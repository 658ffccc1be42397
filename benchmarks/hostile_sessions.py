"""Hostile visitors over Streamlit's own protocol: uploads, words in every field, writes without the right.

Run `python benchmarks/hostile_sessions.py [--run DIR] [--messages 400] [--seed 1]`. Two apps are started,
with an empty home each: one lets whoever comes see (`network_role = "viewer"`), one is for this machine
only, where everybody may do everything. To the first go uploads that nobody should send, words of injection
in every field of every page, and forged buttons that write to the ledger; then the same buttons go to the
second, where they must write: an attack that could not succeed anywhere would prove nothing. Held against
the first: no script runs from what was sent, no traceback and no path of the machine is told (but for that
of the main script, which Streamlit's protocol tells by design), no upload and no typed word ends in an
unforeseen error, the ledger and all else in the home is as before, and memory within 200 MB. A choice that
its page never offered, which no browser sends, may end in an error of that visitor's own page.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import io
import json
import os
import random
import re
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import uuid
import zipfile
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import psutil
import websockets
from hostile import LEAKS, PROJECT, WORDS, digest, wait_for
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

PAGES = ("", "map", "sites", "towns", "geothermal", "scenarios", "plan", "ledger", "own_data", "methods")
PATIENCE_S = 120.0
SCRIPT = "<script>alert(1)</script>"
LEDGER = ("csv", "geojson", "gpkg")
"""Endings of bombs that the ledger takes too."""
FAILED = re.compile(r"本页出错：(\w+)")
"""How a page says that something unforeseen went wrong."""
TOLERATED = {("words", "StreamlitAPIException"), ("upload", "StreamlitAPIException")}
FORGED = ("choice", "forged write")
"""Messages that no browser sends: they may end in an error of the page of who sends them."""
COOKIE = "_streamlit_xsrf"
NAMES = (
    "../../../../etc/cron.d/x.csv",
    "..\\..\\x.csv",
    "=cmd|'/c calc'!A0.csv",
    f"{SCRIPT}.geojson",
    "x'; DROP TABLE projects; --.csv",
    "CON.csv",
    "a" * 300 + ".csv",
    "\u202egpj.csv",
    "buildings.csv\u0000.gpkg",
    ".csv",
)


@dataclass
class Found:
    """What the attacks came to."""

    sent: Counter[str] = field(default_factory=Counter)
    codes: Counter[int] = field(default_factory=Counter)
    """Answers to the sending of files."""
    failed: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Unforeseen errors that pages said, by kind of message and of error."""
    faults: list[str] = field(default_factory=list)


def bombs(dice: random.Random) -> list[tuple[str, bytes]]:
    """Return files that break careless readers, by ending."""
    header = b"id,use,lon,lat\n"
    laughs = "".join(
        f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' if n else '<!ENTITY l0 "lol">' for n in range(10)
    )
    deep = b'{"type":"FeatureCollection","features":' + b"[" * 100_000
    far = {"type": "Polygon", "coordinates": [[[1e308, -1e308], [float("nan"), 0], [0, 1], [1e308, -1e308]]]}
    feature = {"type": "Feature", "properties": {"id": SCRIPT, "use": "=1+1"}, "geometry": far}
    return [
        ("zip", _zip({"../../x.csv": b"id\n1", "/etc/x.csv": b"id\n2"})),
        ("zip", _zip({"buildings.csv": b"0" * 300_000_000})),
        ("zip", _zip({f"{n}.csv": b"id" for n in range(20_000)})),
        ("zip", _zip({"a.zip": _zip({"b.zip": _zip({"c.csv": b"0" * 10_000_000})})})),
        ("kml", f"<!DOCTYPE k [{laughs}]><kml><name>&l9;</name></kml>".encode()),
        ("kml", b'<!DOCTYPE k [<!ENTITY x SYSTEM "file:///etc/passwd">]><kml><name>&x;</name></kml>'),
        ("geojson", deep),
        ("geojson", json.dumps({"type": "FeatureCollection", "features": [feature] * 50}).encode()),
        ("csv", header + b"".join(f"{word!r},{word!r},1,2\n".encode() for word in WORDS)),
        ("csv", header + b"1,office,9e999,-9e999\n" * 1000),
        ("csv", b"," * 200_000 + b"\n" + b'"' * 100_001),
        ("csv", b"\xff\xfe\x00\xd8" * 1000),
        ("parquet", b"PAR1" + dice.randbytes(5000) + b"PAR1"),
        ("tif", b"II*\x00\x08\x00\x00\x00" + b"\xff" * 5000),
        ("gpkg", b"SQLite format 3\x00" + dice.randbytes(9000)),
        ("json", b"null"),
        ("csv", b""),
        ("csv", dice.randbytes(20_000)),
    ]


def _zip(files: dict[str, bytes]) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return raw.getvalue()


class Visitor:
    """One open page."""

    def __init__(self, page: websockets.ClientConnection, port: int, found: Found) -> None:
        self.page, self.port, self.found = page, port, found
        self.session = ""
        self.said = b""
        """All that the last script said."""

    async def ask(self, name: str, states: list[WidgetState] = (), *, kind: str = "page") -> list[object]:
        """Ask for a page with these states of its widgets; return its elements, and look at what was said."""
        message = BackMsg()
        message.rerun_script.page_name = name
        message.rerun_script.widget_states.widgets.extend(states)
        await self.page.send(message.SerializeToString())
        self.found.sent[kind] += 1
        elements, said = [], []
        while True:
            raw, text = await self._answer()
            what = raw.WhichOneof("type")
            if what != "new_session":
                said.append(text)
            if what == "new_session":
                self.session = raw.new_session.initialize.session_id
            elif what == "delta" and raw.delta.WhichOneof("type") == "new_element":
                elements.append(raw.delta.new_element)
            elif what == "script_finished":
                self.said = b"".join(said)
                self._look(name, kind, elements)
                return elements

    async def _answer(self) -> tuple[ForwardMsg, bytes]:
        raw = await asyncio.wait_for(self.page.recv(), PATIENCE_S)
        answer = ForwardMsg()
        answer.ParseFromString(raw)
        return answer, raw

    def _look(self, name: str, kind: str, elements: list[object]) -> None:
        where = f"{kind} on {name or 'overview'}"
        if leak := LEAKS.search(self.said):
            self.found.faults.append(f"{where}: tells {leak[0]!r}")
        for one in elements:
            if one.HasField("exception"):
                self.found.faults.append(f"{where}: {one.exception.type} {one.exception.message[:100]}")
            if one.HasField("alert") and (failed := FAILED.search(one.alert.body)):
                self.found.failed[kind, failed[1]] += 1
            if one.HasField("markdown") and one.markdown.allow_html and SCRIPT in one.markdown.body:
                self.found.faults.append(f"{where}: a script of the visitor is on the page")
            if one.HasField("html") and SCRIPT in one.html.body:
                self.found.faults.append(f"{where}: a script of the visitor is on the page")

    async def upload(self, page: str, widget: str, name: str, content: bytes) -> None:
        """Send a file as the browser does, then show it to the page."""
        message = BackMsg()
        message.file_urls_request.request_id = uuid.uuid4().hex
        message.file_urls_request.file_names.append(name)
        message.file_urls_request.session_id = self.session
        await self.page.send(message.SerializeToString())
        while True:
            answer, _ = await self._answer()
            if answer.WhichOneof("type") == "file_urls_response":
                break
        if not answer.file_urls_response.file_urls:
            self.found.faults.append(f"no address for an upload: {answer.file_urls_response.error_msg}")
            return
        urls = answer.file_urls_response.file_urls[0]
        code = await asyncio.to_thread(_put, self.port, urls.upload_url, name, content)
        self.found.codes[code] += 1
        if code >= 500:
            self.found.faults.append(f"upload of {name[:40]!r}: code {code}")
        state = WidgetState(id=widget)
        info = state.file_uploader_state_value.uploaded_file_info.add()
        info.file_id, info.name, info.size = urls.file_id, name, len(content)
        info.file_urls.CopyFrom(urls)
        await self.ask(page, [state], kind="upload")


def _put(port: int, url: str, name: str, content: bytes) -> int:
    mark = uuid.uuid4().hex
    shown = re.sub(r'[\r\n"\x00]', "_", name)
    head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{shown}"\r\n\r\n'
    body = head.encode() + content + f"\r\n--{mark}--\r\n".encode()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/_stcore/health")
    answer = connection.getresponse()
    answer.read()
    cookie = re.search(rf"{COOKIE}=([^;]+)", answer.getheader("set-cookie") or "")
    headers = {"Content-Type": f"multipart/form-data; boundary={mark}"}
    if cookie:
        headers |= {"Cookie": f"{COOKIE}={cookie[1]}", "X-Xsrftoken": cookie[1]}
    try:
        connection.request("PUT", url if url.startswith("/") else f"/{url}", body=body, headers=headers)
        answer = connection.getresponse()
        answer.read()
    finally:
        connection.close()
    return answer.status


def of_kind(elements: list[object], kind: str) -> list[object]:
    """Return the widgets of one kind."""
    return [getattr(one, kind) for one in elements if one.WhichOneof("type") == kind]


async def forge(visitor: Visitor, mark: str) -> None:
    """Press the button that adds a project, with its name filled in; then change a cell and press save."""
    elements = await visitor.ask("ledger")
    typed = [WidgetState(id=one.id, string_value=mark) for one in of_kind(elements, "text_input")]
    edit = json.dumps({"edited_rows": {"0": {"note": mark}}, "added_rows": [], "deleted_rows": []})
    tables = [one for one in of_kind(elements, "dataframe") if "ledger_table" in one.id]
    edited = [WidgetState(id=one.id, string_value=edit) for one in tables]
    for states in (typed, edited):
        for button in of_kind(elements, "button"):
            pressed = WidgetState(id=button.id, trigger_value=True)
            await visitor.ask("ledger", [*states, pressed], kind="forged write")


async def words(port: int, found: Found, dice: random.Random, count: int) -> None:
    """Put words of injection in the fields of pages, each time as a new visitor."""
    for _ in range(count):
        await _visit(port, found, partial(_words_on_one_page, page=dice.choice(PAGES), dice=dice))


async def _words_on_one_page(visitor: Visitor, *, page: str, dice: random.Random) -> None:
    """Type in text fields; then send choices that the page does not offer, which may spoil this visit."""
    elements = await visitor.ask(page)
    fields = of_kind(elements, "text_input") + of_kind(elements, "text_area")
    for kind, some in (("words", fields), ("choice", of_kind(elements, "selectbox"))):
        states = [WidgetState(id=one.id, string_value=dice.choice(WORDS)) for one in some]
        if states:
            await visitor.ask(page, states, kind=kind)


async def files(port: int, found: Found, dice: random.Random, count: int) -> None:
    """Upload bombs under bad names where such files are taken, each as a new visitor."""
    sent = bombs(dice)
    for number in range(count):
        ending, content = sent[number % len(sent)]
        bad = dice.choice(NAMES)
        name = f"buildings.{ending}" if number < len(sent) else f"{bad.removesuffix('.csv')}.{ending}"
        page = "ledger" if ending in LEDGER and number % 3 == 0 else "own_data"
        await _visit(port, found, partial(_one_file, page=page, name=name, content=content))


async def _one_file(visitor: Visitor, *, page: str, name: str, content: bytes) -> None:
    elements = await visitor.ask(page)
    for one in of_kind(elements, "file_uploader")[-1:]:
        await visitor.upload(page, one.id, name, content)


@contextmanager
def app(run: Path, home: Path, role: str | None):
    """Start an app with an empty home; yield its port and process."""
    home.mkdir()
    environment = {**os.environ, "YIJIAN_HOME": str(home)}
    if role is not None:
        (home / "access.toml").write_text(f'sign_in = "network"\nnetwork_role = "{role}"\n', encoding="utf-8")
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    command = [sys.executable, "-m", "cli", "app", "--run", str(run.resolve()), "--port", str(port)]
    with (home.parent / f"{home.name}.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=log, stderr=log)
    try:
        wait_for(port, process)
        yield port, process
    finally:
        process.terminate()
        process.wait(30)


async def attack(port: int, found: Found, given: argparse.Namespace) -> None:
    """Be several hostile visitors, one after the other."""
    dice = random.Random(given.seed)  # noqa: S311 - to be the same each time
    visits = (
        lambda one: forge(one, "forged"),
        lambda one: forge(one, SCRIPT),
    )
    for visit in visits:
        await _visit(port, found, visit)
    await words(port, found, dice, given.messages // 4)
    await files(port, found, dice, given.messages // 4)


async def _visit(port: int, found: Found, work) -> None:
    address = f"ws://127.0.0.1:{port}/_stcore/stream"
    async with websockets.connect(address, subprotocols=["streamlit"], max_size=None) as page:
        visitor = Visitor(page, port, found)
        await visitor.ask("")
        await work(visitor)


def kept(home: Path) -> tuple[str, int]:
    """Return a digest of the files, and how many projects the ledgers hold."""
    count = 0
    for file in home.rglob("*.sqlite"):
        with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as base:
            count += base.execute("SELECT COUNT(*) FROM changes").fetchone()[0]
    return digest(home), count


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--run", type=Path, default=PROJECT / "var" / "runs" / "xixian")
    parser.add_argument("--messages", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    found = Found()
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch) / "viewer"
        with app(given.run, home, "viewer") as (port, process):
            for page in PAGES:
                asyncio.run(_visit(port, found, lambda one, page=page: one.ask(page)))
            watched, before = psutil.Process(process.pid), kept(home)
            first = watched.memory_info().rss / 1e6
            begin = time.perf_counter()
            asyncio.run(attack(port, found, given))
            seconds, last = time.perf_counter() - begin, watched.memory_info().rss / 1e6
            alive, after = process.poll() is None, kept(home)
        open_home = Path(scratch) / "open"
        with app(given.run, open_home, None) as (port, _):
            asyncio.run(_visit(port, Found(), lambda one: one.ask("ledger")))
            control = kept(open_home)
            asyncio.run(_visit(port, Found(), lambda one: forge(one, "forged")))
            written = kept(open_home)[1] - control[1]
    for (kind, error), count in found.failed.items():
        if kind not in FORGED and (kind, error) not in TOLERATED:
            found.faults.append(f"{count} answers to {kind} failed with {error}")
    if not alive:
        found.faults.append("the app ended")
    if after != before:
        found.faults.append(f"what is kept was changed: {before} -> {after}")
    if written < 1:
        found.faults.append("the forged write does not write where it may: it proves nothing")
    print(f"{sum(found.sent.values())} messages in {seconds:.0f} s: {dict(found.sent)}")
    print(f"answers to uploads: {dict(found.codes)}; errors that pages said: {dict(found.failed)}")
    print(
        f"memory {first:.0f} -> {last:.0f} MB; changes in the ledger: viewer {after[1] - before[1]}, ", end=""
    )
    print(f"who may {written}; faults: {len(found.faults)}")
    for fault in found.faults[:20]:
        print(" ", fault)
    raise SystemExit(bool(found.faults) or last - first > 200)


if __name__ == "__main__":
    main()
