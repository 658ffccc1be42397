"""Ledgers for tests: SQLite always, PostgreSQL where a server can be started."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest

TOWNS = {
    "fengdong": ("沣东新城", "Fengdong New City"),
    "fengxi": ("沣西新城", "Fengxi New City"),
    "jinghe": ("泾河新城", "Jinghe New City"),
    "konggang": ("空港新城", "Konggang New City"),
    "qinhan": ("秦汉新城", "Qinhan New City"),
}
NEEDS_POSTGRESQL = "YIJIAN_NEEDS_POSTGRESQL"
"""Set where the tests must not pass without PostgreSQL."""


def postgresql_folder():
    """Return the folder of the server's programs, or None."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -float(path.parent.name))
    found = shutil.which("initdb")
    candidates = [*places, *([Path(found).resolve().parent] if found else [])]
    return next(
        (place for place in candidates if (place / "initdb").exists() and (place / "postgres").exists()), None
    )


@contextmanager
def postgresql_server():
    """Run a private server on a socket in a temporary folder; give the URL of its database."""
    programs = postgresql_folder()
    if programs is None:
        if os.environ.get(NEEDS_POSTGRESQL):
            pytest.fail(f"{NEEDS_POSTGRESQL} is set, and no PostgreSQL server is installed")
        pytest.skip("no PostgreSQL server is installed (apt install postgresql): not tested on it")
    with tempfile.TemporaryDirectory(prefix="yj-pg-") as name:
        folder = Path(name)
        as_user = []
        if os.geteuid() == 0:
            shutil.chown(folder, "nobody")
            as_user = ["setpriv", "--reuid=nobody", "--clear-groups"]
        data, control = folder / "data", str(programs / "pg_ctl")
        options = f"-k {folder} -c listen_addresses='' -c fsync=off"
        quiet = {"capture_output": True, "cwd": folder, "timeout": 60}
        subprocess.run(
            [
                *as_user,
                str(programs / "initdb"),
                "-D",
                str(data),
                "-U",
                "yijian",
                "-A",
                "trust",
                "-E",
                "UTF8",
            ],
            check=True,
            **quiet,
        )
        log = str(folder / "log")
        subprocess.run(
            [*as_user, control, "-D", str(data), "-o", options, "-l", log, "-w", "start"],
            check=True, cwd=folder, timeout=60, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            yield f"postgresql://yijian@/postgres?host={folder}"
        finally:
            subprocess.run(
                [*as_user, control, "-D", str(data), "-m", "immediate", "-w", "stop"], check=True, **quiet
            )
