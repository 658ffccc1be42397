"""Compiled kernels, kept on disk under a name that their source and tools make.

Numba notices a change of the file that holds a kernel, not of another file whose functions were compiled into
it. The folder of kept kernels is therefore named by the bytes of all kernel sources and the versions of the
compiler: after an upgrade nothing old can be found. Kernels import `njit` from here.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import time
from pathlib import Path

import llvmlite
import numba
from numba import njit

__all__ = ["kept_in", "njit"]

ROOT = Path(__file__).parent
SOURCES = ("gis", "potential")
OLD_DAYS = 30


def fingerprint() -> str:
    """Return the name that the sources of all kernels and their tools make."""
    digest = hashlib.sha256(f"{numba.__version__} {llvmlite.__version__} {sys.version}".encode())
    for package in SOURCES:
        for file in sorted((ROOT / package).rglob("*.py")):
            digest.update(file.relative_to(ROOT).as_posix().encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def kept_in() -> Path | None:
    """Return the folder of kept kernels, None where nothing can be written.

    Below NUMBA_CACHE_DIR where that is set; else below YIJIAN_HOME or var/; else in the user's cache.
    """
    named = os.environ.get("NUMBA_CACHE_DIR")
    home = Path(os.environ.get("YIJIAN_HOME", ROOT / "var")) / "kernels"
    places = [Path(named)] if named else [home, Path.home() / ".cache" / "yijian" / "kernels"]
    name = fingerprint()
    for place in places:
        try:
            (place / name).mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(place / name, os.W_OK):
            os.utime(place / name)
            _forget_old(place, name)
            return place / name
    return None


def _forget_old(place: Path, name: str) -> None:
    """Remove folders of other sources that nobody has opened for a while."""
    for folder in place.iterdir():
        aged = folder.is_dir() and folder.name != name and len(folder.name) == len(name)
        if aged and time.time() - folder.stat().st_mtime > OLD_DAYS * 86_400:
            shutil.rmtree(folder, ignore_errors=True)


_folder = kept_in()
if _folder is not None:
    vars(numba.config)["CACHE_DIR"] = str(_folder)
