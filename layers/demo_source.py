"""Demonstration layers on first use: generated once, whichever process asks first."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from layers.region import Region

WAIT_S = 0.5


def NO_PROGRESS(_share: float, _what: str) -> None:  # noqa: N802 - a constant that is called
    """Tell nobody."""


def demo_file(region: Region, name: str, *, progress: Callable[[float, str], None] = NO_PROGRESS) -> Path:
    """Return the file of a demonstration layer; build all of them if they are not there yet."""
    from layers.demo.build import build_demo, demo_folder  # noqa: PLC0415 - heavy, and seldom needed

    folder = demo_folder(region)
    file = folder / ("terrain.tif" if name == "terrain" else f"{name}.parquet")
    if not file.exists():
        with _lock(folder.with_name(f".{folder.name}.lock"), progress):
            if not file.exists():
                build_demo(region, folder, seed=region.seed, progress=progress)
    return file


@contextmanager
def _lock(file: Path, progress: Callable[[float, str], None]) -> Iterator[None]:
    """Hold a lock file that names its process; one left by a process that is gone is taken over."""
    file.parent.mkdir(parents=True, exist_ok=True)
    while not _take(file):
        progress(0.0, "another process builds the demonstration layers")
        time.sleep(WAIT_S)
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def _take(file: Path) -> bool:
    process = psutil.Process()
    try:
        with file.open("x", encoding="utf-8") as handle:
            handle.write(f"{process.pid} {process.create_time()}")
    except FileExistsError:
        if _abandoned(file):
            file.unlink(missing_ok=True)
        return False
    return True


def _abandoned(file: Path) -> bool:
    try:
        pid, created = file.read_text(encoding="utf-8").split()
        return psutil.Process(int(pid)).create_time() != float(created)
    except psutil.NoSuchProcess:
        return True
    except (OSError, ValueError):
        return False  # just being written, or just released
