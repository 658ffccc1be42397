"""Compiles what scenarios are reckoned with in a process of its own, so that the app only loads it.

The compiler takes a hundred megabytes that a process never gives back; machine code from the disk takes few.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from assessment.inputs import load_catalogs
from assessment.run import PV_TYPES, SECTORS, STATUSES
from assessment.scenario import Scenario
from faults import RunError
from jit import kept_in
from layers.region import EMBEDDED, load_region
from tracking.whatif import SCALED, Board

MARK = "scenario.compiled"


def ensure_kernels() -> None:
    """Compile in a child process what is not on the disk yet; without a place on the disk, do nothing.

    Raises
    ------
    RunError
        The child process failed; its last line says why.
    """
    folder = kept_in()
    if folder is None or (folder / MARK).is_file():
        return
    project = Path(__file__).resolve().parent.parent
    command = [sys.executable, "-m", "ui.kernels"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    if done.returncode:
        raise RunError((done.stderr.strip().splitlines() or ["no message"])[-1])
    (folder / MARK).touch()


def compile_kernels() -> None:
    """Reckon a scenario of a few sites: the kernels lie on the disk afterwards."""
    board = Board(_few(), load_catalogs(load_region(EMBEDDED), Scenario()))
    board.apply(Scenario())


def _few() -> pd.DataFrame:
    number = np.arange(1.0, 4.0)
    numbers = dict.fromkeys((*SCALED, "capex", "lcoe", "usable_m2"), number)
    codes = {"type": PV_TYPES[:3], "sector": SECTORS[:3], "status": STATUSES[:3], "town": ("a", "b", "c")}
    return pd.DataFrame({**numbers, **codes, "area_m2": 2 * number})


if __name__ == "__main__":
    compile_kernels()
