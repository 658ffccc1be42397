"""A browser for tests: headless Chromium that tells of every request and every complaint."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync"]  # fmt: skip
SERVE = """
import sys
from pathlib import Path
from ui.serve import serve
serve(Path(sys.argv[1]), port=int(sys.argv[2]))
"""


def chromium() -> str:
    """Return the browser's path; without one, tests are skipped here and fail where CI is set."""
    found = next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))),
        None,
    )
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("no Chromium: install it (apt-get install chromium)")
        pytest.skip("no Chromium on this machine")
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(run: Path, home: Path, **settings: str):
    """Serve a run in a process of its own, with settings of the environment; yield its address."""
    port = free_port()
    env = {**os.environ, "YIJIAN_HOME": str(home), "PYTHONPATH": str(PROJECT), **settings}
    env.pop("YIJIAN_RUN", None)
    log = (home / "server.log").open("w")
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(run), str(port)], cwd=home, env=env, stdout=log, stderr=log
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(240):
            try:
                with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2):  # noqa: S310 - our own
                    break
            except OSError:
                assert process.poll() is None, (home / "server.log").read_text()
                time.sleep(0.25)
        else:
            pytest.fail("the server did not start:\n" + (home / "server.log").read_text())
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)
        log.close()


class Watch:
    """Collects what a page must not do."""

    def __init__(self, page, address: str) -> None:
        self.outside: list[str] = []
        self.complaints: list[str] = []
        self.expected = 0
        """A code of answers that the test provokes; browsers complain of it, which is no fault."""
        page.on("request", lambda request: self._request(request.url, address))
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _request(self, url: str, address: str) -> None:
        if not url.startswith((address, address.replace("http", "ws", 1), "blob:", "data:")):
            self.outside.append(url)

    def _console(self, message) -> None:
        place = message.location.get("url", "")
        provoked = self.expected and f"status of {self.expected}" in message.text
        if message.type == "error" and not provoked:
            self.complaints.append(f"{message.text} {place}")

    def assert_quiet(self) -> None:
        assert not self.outside, self.outside
        assert not self.complaints, self.complaints
