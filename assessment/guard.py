"""What stops an assessment from outside: a full disk, too little memory, another one of the same folder."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from faults import RunError, YijianError

if TYPE_CHECKING:
    from collections.abc import Iterator

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
REFUSED = FULL | {errno.EFBIG, errno.EIO, errno.EROFS, errno.EACCES, errno.EPERM, errno.ESTALE}
"""Errors of the machine, not of the program."""
MEMORY = "out of memory: give fewer --workers, close other programs, or assess the region in parts"


def explained(error: BaseException, near: Path) -> str:
    """Say what an error means for who waits for the result.

    Parameters
    ----------
    near
        A folder on the disk that is written to.

    Examples
    --------
    >>> explained(MemoryError(), Path("."))
    'out of memory: give fewer --workers, close other programs, or assess the region in parts'
    >>> explained(ValueError("no such layer"), Path("."))
    'ValueError: no such layer'
    """
    if isinstance(error, MemoryError):
        return MEMORY
    if isinstance(error, OSError) and error.errno in FULL:
        return f"the disk is full ({_free_mb(near):,.0f} MB free at {near}): make room"
    if isinstance(error, YijianError):
        return str(error)
    return f"{type(error).__name__}: {error}"


@contextmanager
def clear_faults(near: Path) -> Iterator[None]:
    """Turn what the machine refuses into a message; finished parts are kept.

    Raises
    ------
    RunError
        In the place of a MemoryError, or of an OSError that speaks of the machine.
    """
    try:
        yield
    except (OSError, MemoryError) as error:
        if isinstance(error, OSError) and error.errno not in REFUSED:
            raise
        raise RunError(
            f"{explained(error, near)}; finished parts are kept, --resume goes on from them"
        ) from error


def _free_mb(near: Path) -> float:
    """Return the room on the disk that holds a folder, which may not be there yet."""
    there = next((path for path in (near, *near.parents) if path.exists()), Path())
    return shutil.disk_usage(there).free / 1e6


@contextmanager
def sole_writer(out: Path) -> Iterator[None]:
    """Hold the right to write a run folder; it ends with the process, however that ends.

    Raises
    ------
    RunError
        Another process holds it.
    """
    file = out.with_name(f".{out.name}.lock")
    file.parent.mkdir(parents=True, exist_ok=True)
    handle = _locked(file, out)
    try:
        os.truncate(handle, 0)
        os.write(handle, str(os.getpid()).encode())
        yield
    finally:
        file.unlink(missing_ok=True)
        os.close(handle)


def _locked(file: Path, out: Path) -> int:
    """Open and lock the file; once more where its last holder removed it in between."""
    while True:
        handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if file.exists() and os.path.samestat(os.fstat(handle), file.stat()):
                return handle
        except BlockingIOError:
            os.close(handle)
            holder = file.read_text(encoding="ascii", errors="replace").strip() or "unknown"
            raise RunError(
                f"{out} is being written by another assessment (process {holder}): wait for it, "
                "or name another folder with --out"
            ) from None
        os.close(handle)
