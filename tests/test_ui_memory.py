"""The app's process stays small: it loads compiled kernels and gives back what it used for a moment."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from jit import kept_in
from tests.chromium import PROJECT
from tests.runs import make_run
from ui.kernels import ensure_kernels

SCENARIO = """
from potential.whatif import group_sums, site_costs
from ui.runs import current_store
from ui.whatif import WhatIf
from ui.whatif_map import scenario_outcome, values_of

store = current_store()
text = WhatIf(price=0.9, most_lcoe=0.4).text()
scenario_outcome(store, text, '{"types":["ground"]}')
scenario_outcome(store, text, "")
values_of(store.key, text)
for kernel in (site_costs, group_sums):
    print(len(kernel.stats.cache_hits), len(kernel.stats.cache_misses))
"""
PASSING = """
import threading
import numpy as np
import psutil
from ui.memory import give_back, keep_little

def work():
    parts = [np.ones(300_000 + 1000 * n) for n in range(20)]
    return sum(part.sum() for part in parts)

def megabytes():
    return psutil.Process().memory_info().rss / 1e6

keep_little()
np.ones(10).sum()
give_back()
before = megabytes()
for _ in range(5):
    threads = [threading.Thread(target=work) for _ in range(12)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
give_back()
print(megabytes() - before)
"""


def told(script, **more):
    environment = {**os.environ, **more}
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_the_app_compiles_nothing_for_a_scenario(tmp_path):
    ensure_kernels()
    run = make_run(tmp_path / "run", n_sites=300, seed=5, hourly=False)
    kernels = kept_in()
    assert kernels is not None
    where = {"YIJIAN_RUN": str(run), "YIJIAN_HOME": str(tmp_path), "NUMBA_CACHE_DIR": str(kernels.parent)}
    assert told(SCENARIO, **where) == ["1", "0", "1", "0"]


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc is told how to keep memory")
def test_what_many_threads_used_goes_back():
    assert float(told(PASSING)[0]) < 25
