"""Many people at once: sessions that open the app and go from page to page, and how long they wait.

Run `python benchmarks/sessions.py [--run DIR] [--sessions 50] [--rounds 5] [--think 2]`, or, for a soak in
which sessions come and go, with `--minutes 20`. Each session speaks Streamlit's own protocol over a web
socket as a browser does: it asks for a page, and waits until the page's script has finished. Prints times by
page, the memory of the app by minute, and errors.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import psutil
import websockets
from hostile import PROJECT, wait_for
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

PAGES = ("", "map", "sites", "towns", "geothermal", "scenarios", "plan", "ledger", "methods")
PATIENCE_S = 120.0


class Visits:
    """What all sessions saw together."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = defaultdict(list)
        self.errors: Counter[str] = Counter()


async def visit(url: str, visits: Visits, *, rounds: int, think_s: float, dice: random.Random) -> None:
    """Open the app once, and look at some pages."""
    try:
        async with websockets.connect(
            f"{url}/_stcore/stream", subprotocols=["streamlit"], max_size=None
        ) as page:
            for number in range(rounds):
                name = "" if number == 0 else dice.choice(PAGES)
                begin = time.perf_counter()
                await ask(page, name, visits)
                visits.seconds[name or "overview"].append(time.perf_counter() - begin)
                await asyncio.sleep(dice.uniform(0, 2 * think_s))
    except (OSError, TimeoutError, websockets.exceptions.WebSocketException) as error:
        visits.errors[type(error).__name__] += 1


async def ask(page: websockets.ClientConnection, name: str, visits: Visits) -> None:
    """Ask for a page, and read what comes until its script has finished."""
    message = BackMsg()
    message.rerun_script.page_name = name
    message.rerun_script.query_string = ""
    await page.send(message.SerializeToString())
    async with asyncio.timeout(PATIENCE_S):
        while True:
            answer = ForwardMsg()
            answer.ParseFromString(await page.recv())
            if answer.WhichOneof("type") == "delta" and answer.delta.new_element.HasField("exception"):
                visits.errors[answer.delta.new_element.exception.type] += 1
            if answer.WhichOneof("type") == "script_finished":
                return


async def crowd(url: str, given: argparse.Namespace, process: psutil.Process) -> Visits:
    """Let all sessions run at once; in a soak, a new one comes for each that goes."""
    visits = Visits()
    end = time.monotonic() + 60 * given.minutes

    async def seat(number: int) -> None:
        dice = random.Random(number)  # noqa: S311 - to be the same each time
        await asyncio.sleep(dice.uniform(0, given.think))
        while True:
            await visit(url, visits, rounds=given.rounds, think_s=given.think, dice=dice)
            if time.monotonic() >= end:
                return

    async def watch() -> None:
        while True:
            print(f"{time.strftime('%H:%M:%S')} {process.memory_info().rss / 1e6:7.0f} MB", flush=True)
            await asyncio.sleep(60)

    watching = asyncio.create_task(watch())
    await asyncio.gather(*(seat(number) for number in range(given.sessions)))
    watching.cancel()
    return visits


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--run", type=Path, default=PROJECT / "var" / "runs" / "xixian")
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--think", type=float, default=2.0, help="mean seconds that a visitor looks at a page"
    )
    parser.add_argument("--minutes", type=float, default=0.0)
    given = parser.parse_args()
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    with tempfile.TemporaryDirectory() as scratch:
        words = [sys.executable, "-m", "cli", "app", "--run", str(given.run.resolve()), "--port", str(port)]
        with (Path(scratch) / "log").open("wb") as log:
            environment = {**os.environ, "YIJIAN_HOME": scratch}
            process = subprocess.Popen(words, cwd=PROJECT, env=environment, stdout=log, stderr=log)
        try:
            wait_for(port, process)
            watched = psutil.Process(process.pid)
            first = Visits()
            asyncio.run(visit(f"ws://127.0.0.1:{port}", first, rounds=9, think_s=0, dice=random.Random(0)))  # noqa: S311
            before = watched.memory_info().rss / 1e6
            begin = time.perf_counter()
            visits = asyncio.run(crowd(f"ws://127.0.0.1:{port}", given, watched))
            seconds = time.perf_counter() - begin
            after = watched.memory_info().rss / 1e6
        finally:
            process.terminate()
            process.wait(30)
    count = sum(map(len, visits.seconds.values()))
    print(
        f"{given.sessions} sessions, {count} pages in {seconds:.0f} s; memory {before:.0f} -> {after:.0f} MB"
    )
    for name, times in sorted(visits.seconds.items()):
        middle, high = np.percentile(times, [50, 95])
        most = max(times)
        print(f"{name:12s} {len(times):5d}  median {middle:6.2f} s  95 % {high:6.2f} s  most {most:6.2f} s")
    print(f"errors: {dict(visits.errors)}")
    raise SystemExit(bool(visits.errors))


if __name__ == "__main__":
    main()
