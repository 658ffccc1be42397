"""Memory given back: what is freed stays with the process until somebody asks for it."""

from __future__ import annotations

import ctypes
import gc
import sys

import pyarrow as pa


def give_back() -> None:
    """Return freed memory to the system, after something large was let go.

    Millions of small shapes leave the heap in pieces that glibc keeps; on other systems, and other libraries
    of C, only Python and Arrow give back what they hold.
    """
    gc.collect()
    pa.default_memory_pool().release_unused()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
