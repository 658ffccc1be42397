"""Whole processes of a cluster killed while it works."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from assessment.assess import Settings, assess_region
from faults import RunError
from layers.region import load_region
from tests.small_region import BLOCK_EDGE, EAST, make_region
from tests.test_cli_assess import digests

distributed = pytest.importorskip("distributed")


def assessed(region, out, **settings):
    chosen = Settings(only="sites", workers=1, **settings)
    assess_region(load_region(region), out=out, settings=chosen, progress=lambda _share, _what: None)


@pytest.fixture(scope="module")
def across(tmp_path_factory):
    folder = tmp_path_factory.mktemp("across") / "region"
    return make_region(folder, east_m=BLOCK_EDGE - EAST - 1010.0)


@pytest.fixture(scope="module")
def reference(across, tmp_path_factory):
    out = tmp_path_factory.mktemp("reference") / "run"
    assessed(across, out)
    return digests(out)


def started(work, folder):
    """Run in a thread until the blocks are being worked on; return the thread and what it raised."""
    raised = []

    def run():
        try:
            work()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    for _ in range(600):
        if list(folder.glob(".run.work/*/store/index.json")) or not thread.is_alive():
            break
        time.sleep(0.05)
    return thread, raised


def test_a_killed_worker_is_replaced_and_no_byte_changes(across, reference, tmp_path):
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        first = next(iter(cluster.workers.values())).process.process.pid
        out = tmp_path / "run"
        thread, raised = started(lambda: assessed(across, out, scheduler=cluster.scheduler_address), tmp_path)
        time.sleep(0.3)
        assert thread.is_alive()
        os.kill(first, signal.SIGKILL)
        thread.join(120)
        assert next(iter(cluster.workers.values())).process.process.pid != first
    assert raised == []
    assert digests(out) == reference


def test_a_killed_scheduler_is_said_and_threads_finish_the_rest(across, reference, tmp_path):
    address_file = tmp_path / "scheduler.json"
    words = [sys.executable, "-m", "distributed.cli.dask_scheduler"]
    scheduler = subprocess.Popen(
        [
            *words,
            "--no-dashboard",
            "--port",
            "0",
            "--host",
            "127.0.0.1",
            "--scheduler-file",
            str(address_file),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not address_file.exists():
            assert scheduler.poll() is None
            time.sleep(0.05)
        for _ in range(100):
            try:
                address = json.loads(address_file.read_text())["address"]
                break
            except ValueError:
                time.sleep(0.05)
        out = tmp_path / "run"
        # Without a worker nothing is ever finished, so that the kill falls into the work for certain.
        thread, raised = started(lambda: assessed(across, out, scheduler=address), tmp_path)
        time.sleep(2.0)
        assert thread.is_alive()
    finally:
        scheduler.kill()
        scheduler.wait()
    thread.join(90)
    assert not thread.is_alive()
    ((error),) = raised
    assert isinstance(error, RunError)
    assert "2 of 2 tiles could not be finished" in str(error)
    assert "--resume" in str(error)
    assert not out.exists()
    assessed(across, out, resume=True)
    assert digests(out) == reference
