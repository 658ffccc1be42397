"""Which run is shown: the one that was named, else the newest finished one."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from faults import RunError
from ui.store import open_store

if TYPE_CHECKING:
    from ui.store import Store

RUN_VARIABLE = "YIJIAN_RUN"
HOME_VARIABLE = "YIJIAN_HOME"


def home() -> Path:
    """Return the folder of everything generated: $YIJIAN_HOME, else `var` beside the project's code."""
    named = os.environ.get(HOME_VARIABLE)
    return Path(named) if named else Path(__file__).resolve().parent.parent / "var"


def find_run() -> Path:
    """Return $YIJIAN_RUN, else the newest finished run below `runs/`.

    Raises
    ------
    RunError
        When there is none.
    """
    named = os.environ.get(RUN_VARIABLE)
    if named:
        return Path(named)
    folder = home() / "runs"
    manifests = [*folder.glob("*/manifest.json"), *folder.glob("*/*/manifest.json")]
    finished = [
        file for file in manifests if not any(part.startswith(".") for part in file.parent.parts[-2:])
    ]
    if not finished:
        raise RunError(f"no run in {folder}: start with `yijian assess`")
    return max(finished, key=lambda file: file.stat().st_mtime_ns).parent


def current_store() -> Store:
    """Return the open run, the same object for all sessions of this process.

    Raises
    ------
    RunError
        When there is no run, or it cannot be read.
    """
    return _open(find_run(), home())


@lru_cache(maxsize=2)
def _open(path: Path, folder: Path) -> Store:
    return open_store(path, folder)
