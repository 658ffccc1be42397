"""How the app's process keeps little memory: what many threads used for a moment goes back to the system."""

from __future__ import annotations

import ctypes
import gc
import sys
from functools import lru_cache

import pyarrow as pa

ARENAS = 2
"""Heaps that threads share; the library's own choice is eight for each core, and each keeps its peak."""
PASSING_BYTES = 1 << 20
"""Larger pieces are taken from the system one by one and given back at once."""
_M_MMAP_THRESHOLD, _M_TRIM_THRESHOLD, _M_ARENA_MAX = -3, -1, -8
"""Numbers of options in glibc's malloc.h."""


@lru_cache(maxsize=1)
def _libc() -> ctypes.CDLL | None:
    """Return glibc; None on other systems and with other libraries."""
    if sys.platform != "linux":
        return None
    found = ctypes.CDLL(None)
    return found if hasattr(found, "mallopt") and hasattr(found, "malloc_trim") else None


def keep_little() -> None:
    """Let the process give large pieces back at once; to be called before there are threads."""
    pa.set_memory_pool(pa.system_memory_pool())  # gives back what passing tables took; others keep it
    if (libc := _libc()) is not None:
        libc.mallopt(_M_ARENA_MAX, ARENAS)
        libc.mallopt(_M_MMAP_THRESHOLD, PASSING_BYTES)
        libc.mallopt(_M_TRIM_THRESHOLD, PASSING_BYTES)


def give_back() -> None:
    """Give back what is free now, and keep the collector away from what stays."""
    gc.collect()
    gc.freeze()
    if (libc := _libc()) is not None:
        libc.malloc_trim(0)
