"""Killing the writer at any moment loses nothing that was confirmed, and leaves no import half done."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path

import numpy as np
import pytest

from tests.ledgers import postgresql_server
from tracking.ledger import Ledger

KILLS = {"sqlite": 12, "postgresql": 5}
HOST = """
import os
import sys
from pathlib import Path
from tracking.ledger import Ledger
from tracking.ledger_import import apply_import, preview_import

def write(url, table):
    ledger = Ledger(url)
    print("open", os.getpid(), flush=True)
    key = ledger.add({"name": "edited", "kind": "pv", "status": "approved", "note": "0"}, who="a")
    for number in range(10**6):
        added = ledger.add({"name": f"added {number}", "kind": "pv", "status": "approved"}, who="a")
        print("add", added, flush=True)
        version = ledger.set(key, {"note": str(number + 1)}, who="a")
        print("set", key, version, flush=True)
        rows = "".join(f"{key}-{number}-{row},pv,approved,batch-{key}-{number}\\n" for row in range(40))
        table.write_text("name,kind,status,source\\n" + rows)
        apply_import(ledger, preview_import(ledger, table), who="a")
        print("import", f"batch-{key}-{number}", flush=True)

for _ in sys.stdin:
    child = os.fork()
    if child == 0:
        write(sys.argv[1], Path(sys.argv[2]))
    os.waitpid(child, 0)
    print("dead", flush=True)
"""
"""Forks a writer for every line it is sent, so that the libraries are loaded once."""


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_kill_minus_nine_in_a_loop(kind, tmp_path):
    rng = np.random.default_rng(11)
    with postgresql_server() if kind == "postgresql" else nullcontext(f"{tmp_path}/ledger.sqlite") as url:
        confirmed = []
        with host(url, tmp_path / "table.csv") as process:
            for attempt in range(KILLS[kind]):
                wait = float(rng.uniform(0.01, 0.3))
                confirmed += start_and_kill(process, wait, after="import" if attempt == 0 else "open")
                check(url, confirmed)
        assert {line[0] for line in confirmed} == {"add", "set", "import"}
    if kind == "sqlite":
        with closing(sqlite3.connect(url)) as raw:
            assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@contextmanager
def host(url, table):
    root = Path(__file__).parents[1]
    with subprocess.Popen(
        [sys.executable, "-c", HOST, url, str(table)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
    ) as process:
        yield process
        process.stdin.close()


def start_and_kill(process, seconds, after):
    """Have a writer started, kill it some time after it said a word; return what it had confirmed."""
    process.stdin.write("go\n")
    process.stdin.flush()
    word, writer = process.stdout.readline().split()
    assert word == "open"
    confirmed = []
    while word != after:
        confirmed.append(process.stdout.readline().split())
        word = confirmed[-1][0]
    time.sleep(seconds)
    os.kill(int(writer), signal.SIGKILL)
    while (line := process.stdout.readline().split()) != ["dead"]:
        confirmed.append(line)
    return confirmed


def check(url, confirmed):
    ledger = Ledger(url)
    frame = ledger.frame().set_index("id")
    batches = frame["source"].value_counts()
    for kind, *rest in confirmed:
        if kind == "add":
            assert rest[0] in frame.index
        elif kind == "set":
            assert frame.loc[rest[0], "version"] >= int(rest[1])
        else:
            assert batches[rest[0]] == 40
    assert set(batches) <= {40}
    history = ledger.history()
    last = history.groupby("id")["version"].max()
    assert (last == frame["version"].loc[last.index]).all()
    ledger.close()
