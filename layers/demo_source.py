"""Demonstration layers on first use: generated once, whichever process asks first."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

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
    """Hold a lock that the system gives back when the process ends, however it ends."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a+b") as handle:
        while not _take(handle):
            progress(0.0, "another process builds the demonstration layers")
            time.sleep(WAIT_S)
        yield


if sys.platform == "win32":
    import msvcrt

    def _take(handle: BinaryIO) -> bool:
        try:
            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _take(handle: BinaryIO) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
