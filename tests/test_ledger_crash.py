"""Killing the writer at any moment loses nothing that was confirmed, and leaves no import half done."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, nullcontext
from pathlib import Path

import numpy as np
import pytest

from tests.ledgers import postgresql_server
from tracking.ledger import Ledger

KILLS = {"sqlite": 6, "postgresql": 2}
WRITER = """
import sys
from pathlib import Path
from tracking.ledger import Ledger
from tracking.ledger_import import apply_import, preview_import
ledger = Ledger(sys.argv[1])
print("open", flush=True)
key = ledger.add({"name": "edited", "kind": "pv", "status": "approved", "note": "0"}, who="a")
for number in range(10**6):
    added = ledger.add({"name": f"added {number}", "kind": "pv", "status": "approved"}, who="a")
    print("add", added, flush=True)
    version = ledger.set(key, {"note": str(number + 1)}, who="a")
    print("set", key, version, flush=True)
    table = Path(sys.argv[2])
    rows = "".join(f"{key}-{number}-{row},pv,approved,batch-{key}-{number}\\n" for row in range(40))
    table.write_text("name,kind,status,source\\n" + rows)
    apply_import(ledger, preview_import(ledger, table), who="a")
    print("import", f"batch-{key}-{number}", flush=True)
"""


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_kill_minus_nine_in_a_loop(kind, tmp_path):
    rng = np.random.default_rng(11)
    with postgresql_server() if kind == "postgresql" else nullcontext(f"{tmp_path}/ledger.sqlite") as url:
        confirmed = []
        for _ in range(KILLS[kind]):
            confirmed += run_and_kill(url, tmp_path / "table.csv", float(rng.uniform(0.05, 0.4)))
            check(url, confirmed)
        assert {line[0] for line in confirmed} >= {"add", "set"}
    if kind == "sqlite":
        assert "import" in {line[0] for line in confirmed}
        with closing(sqlite3.connect(url)) as raw:
            assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def run_and_kill(database, table, seconds):
    """Start a writer, kill it some time after it opened the ledger, return what it had confirmed."""
    command = [sys.executable, "-c", WRITER, str(database), str(table)]
    root = Path(__file__).parents[1]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=root, env={**os.environ, "PYTHONPATH": str(root)}
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "open\n"
        time.sleep(seconds)
        writer.send_signal(signal.SIGKILL)
        rest = writer.stdout.read()
    lines = rest.splitlines(keepends=True)
    return [line.split() for line in lines if line.endswith("\n")]


def check(database, confirmed):
    ledger = Ledger(str(database))
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
