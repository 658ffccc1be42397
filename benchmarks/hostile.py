"""A thousand hostile requests against the running app: no crash, no leak, nothing written.

Run `python benchmarks/hostile.py [--run DIR] [--requests 1000] [--seed 1]`. Starts the app with an empty home
folder, asks it what nobody should, and holds against it: every answer below 500, no traceback and no path of
the machine in any body, everything in the home folder as before, the process alive, its memory within 100 MB
of what it was after the first hundred.
"""

from __future__ import annotations

import argparse
import hashlib
import http.client
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
from collections import Counter
from pathlib import Path

import psutil

PROJECT = Path(__file__).resolve().parent.parent
WORDS = (
    "../../../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "%2e%2e/%2e%2e/etc/passwd",
    "....//....//etc/passwd",
    "%00",
    "a%00.png",
    "\\..\\..\\windows",
    "con",
    "~root",
    "file:///etc/passwd",
    "//etc/passwd",
    "%c0%ae%c0%ae/",
    "' OR 1=1 --",
    "1; DROP TABLE projects",
    '" UNION SELECT * FROM sqlite_master --',
    "${7*7}",
    "{{7*7}}",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "=cmd|'/c calc'!A0",
    "+1+1",
    "@SUM(1)",
    "__import__('os').system('id')",
    "(lambda: 1)()",
    "1e309",
    "-1",
    "nan",
    "9" * 400,
    "0x10",
    "१२",
    "",
    "a" * 8000,
    "{" * 2000,
    "[" * 2000,
    '{"town": {"$gt": ""}}',
    "null",
    "true",
    "\U0001f600",
)
PLACES = (
    "/tiles/{0}/1/1/1",
    "/tiles/sites/{0}/1/1",
    "/tiles/sites/12/{0}/{0}",
    "/tiles/cells/{0}/0/0",
    "/tiles/cells/10/800/400?q={0}",
    "/api/{0}",
    "/api/site?row={0}",
    "/api/site?id={0}",
    "/api/heat?id={0}&lang={0}",
    "/raster/{0}.png",
    "/vendor/{0}",
    "/media/{0}",
    "/app/static/{0}",
    "/component/{0}/index.html",
    "/_stcore/{0}",
    "/{0}",
    "/?town={0}&filter={0}&view={0}",
    "/ogc/{0}",
    "/ogc/collections/{0}/items?bbox={0}&limit={0}",
    "/oauth2callback?state={0}&code={0}",
    "/healthz/{0}",
)
METHODS = ("GET", "GET", "GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE")
HEADERS = (
    {},
    {"Host": "evil.example"},
    {"Origin": "https://evil.example"},
    {"Cookie": "_streamlit_user=forged.forged.forged"},
    {"Cookie": "x" * 6000},
    {"Range": "bytes=0-,0-,0-"},
    {"Accept-Encoding": "gzip;q=nan"},
    {"X-Forwarded-For": "127.0.0.1"},
    {"Content-Length": "99999999999"},
    {"Transfer-Encoding": "chunked"},
    {"Authorization": "Bearer x"},
    {"If-None-Match": "*" * 3000},
    {"Upgrade": "websocket", "Connection": "Upgrade"},
)
RAW = (
    b"GET / HTTP/9.9\r\n\r\n",
    b"\x00\x01\x02\x03\r\n\r\n",
    b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcde",
    b"GET / HTTP/1.1\r\nHost: x\r\n",
    b"PUT /_stcore/upload_file/a/b HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
    b"GET / HTTP/1.1\r\nA\x00: b\r\n\r\n",
    b"GET /_stcore/stream HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n" + b"\x82\xff" + b"\xff" * 64,
)
MADE_ANEW = {"cache", "kernels"}
"""Folders that the app fills by itself, whoever asks."""
LEAKS = re.compile(rb"Traceback|site-packages|root:x:0|" + re.escape(str(PROJECT).encode()))


def ask(port: int, dice: random.Random) -> tuple[int, bytes]:
    """Send one hostile request; 0 stands for a connection that the server closed."""
    if dice.random() < 0.1:
        return _raw(port, dice.choice(RAW))
    word = dice.choice(WORDS)
    path = dice.choice(PLACES).format(word if dice.random() < 0.3 else urllib.parse.quote(word))
    path = re.sub(r"[\x00-\x20\x7f-\U0010ffff]", lambda found: urllib.parse.quote(found[0]), path)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    body = dice.randbytes(dice.choice((0, 10, 5000)))
    try:
        connection.request(dice.choice(METHODS), path, body=body or None, headers=dice.choice(HEADERS))
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException):
        return 0, b""
    finally:
        connection.close()


def _raw(port: int, text: bytes) -> tuple[int, bytes]:
    with socket.create_connection(("127.0.0.1", port), timeout=3) as one:
        one.settimeout(1.5)
        try:
            one.sendall(text)
            found = one.recv(65536)
        except OSError:
            return 0, b""
    code = re.match(rb"HTTP/1\.1 (\d{3})", found)
    return int(code[1]) if code else 0, found


def digest(folder: Path) -> str:
    """Return a digest of all that is kept in a folder: ledger, runs, configuration."""
    found = hashlib.sha256()
    for file in sorted(folder.rglob("*")):
        if file.is_file() and MADE_ANEW.isdisjoint(file.parts) and not file.name.endswith(("-wal", "-shm")):
            found.update(str(file.relative_to(folder)).encode() + hashlib.sha256(file.read_bytes()).digest())
    return found.hexdigest()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--run", type=Path, default=PROJECT / "var" / "runs" / "xixian")
    parser.add_argument("--requests", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch) / "home"
        home.mkdir()
        environment = {**os.environ, "YIJIAN_HOME": str(home)}
        words = [sys.executable, "-m", "cli", "app", "--run", str(given.run.resolve()), "--port", str(port)]
        with (Path(scratch) / "log").open("wb") as log:
            process = subprocess.Popen(words, cwd=PROJECT, env=environment, stdout=log, stderr=log)
        try:
            wait_for(port, process)
            codes, faults, memory = attack(port, process, home, given)
        finally:
            process.terminate()
            process.wait(20)
    print(f"{given.requests} requests: codes {dict(sorted(codes.items()))}")
    print(f"memory after 100: {memory[0]:.0f} MB, at the end: {memory[1]:.0f} MB; faults: {len(faults)}")
    for fault in faults[:20]:
        print(" ", fault)
    raise SystemExit(bool(faults) or memory[1] - memory[0] > 100)


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/_stcore/health")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.3)
        if process.poll() is not None:
            raise SystemExit("the app did not start")
    raise SystemExit("the app does not answer")


def attack(
    port: int, process: subprocess.Popen[bytes], home: Path, given: argparse.Namespace
) -> tuple[Counter[int], list[str], tuple[float, float]]:
    dice = random.Random(given.seed)  # noqa: S311 - to be the same each time
    codes: Counter[int] = Counter()
    faults: list[str] = []
    watched = psutil.Process(process.pid)
    before = digest(home)
    first = 0.0
    for number in range(given.requests):
        code, body = ask(port, dice)
        codes[code] += 1
        if code >= 500 or LEAKS.search(body):
            faults.append(f"request {number}: code {code}, body {body[:150]!r}")
        if process.poll() is not None:
            faults.append(f"request {number}: the app ended with code {process.returncode}")
            break
        if number == min(100, given.requests - 1):
            first = watched.memory_info().rss / 1e6
    if digest(home) != before:
        faults.append("something below the home folder was changed")
    return codes, faults, (first, watched.memory_info().rss / 1e6)


if __name__ == "__main__":
    main()
