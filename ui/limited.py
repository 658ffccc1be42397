"""Work on what strangers sent, in a process of its own: it may take long, fill the memory or crash alone."""

from __future__ import annotations

import multiprocessing
import resource
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from faults import RunError

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

Result = TypeVar("Result")
PRELOADED = ["layers.checks"]
"""Loaded once by the server that the processes are forked from, so that each starts at once."""


def limited(
    work: Callable[..., Result], *given: object, seconds: float, memory_mb: int = 4000, **named: object
) -> Result:
    """Do work in a process of its own, within limits.

    Parameters
    ----------
    work
        A function of a module; what it is given, returns and raises must be able to travel (pickle).
    seconds
        Time after which it is stopped.
    memory_mb
        Memory that it may take beyond what it starts with; bounded on Linux.

    Raises
    ------
    RunError
        It took too long, took too much memory, or its process died.
    Exception
        What the work raised.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_child, args=(theirs, work, given, named, memory_mb), daemon=True)
    process.start()
    theirs.close()
    try:
        if not ours.poll(seconds):
            raise RunError(
                f"this takes longer than {seconds:g} s, which is the limit here; use the command line"
            )
        result, error = ours.recv()
    except EOFError:
        raise RunError("the process that worked on this died; nothing else is touched") from None
    finally:
        process.kill()
        process.join()
        ours.close()
    if isinstance(error, MemoryError):
        raise RunError(f"this takes more than {memory_mb} MB of memory, which is the limit here") from error
    if error is not None:
        raise error
    done: Result = result
    return done


def _child(
    pipe: Connection,
    work: Callable[..., object],
    given: tuple[object, ...],
    named: dict[str, object],
    memory_mb: int,
) -> None:
    _bound_memory(memory_mb)
    try:
        answer: tuple[object, BaseException | None] = (work(*given, **named), None)
    except Exception as error:  # noqa: BLE001 - it is raised again by who asked
        answer = (None, error)
    pipe.send(answer)


def _bound_memory(more_mb: int) -> None:
    """Bound the address space to what it is now and some more."""
    own = Path("/proc/self/statm")
    if own.is_file():
        now = int(own.read_text(encoding="ascii").split()[0]) * resource.getpagesize()
        most = now + more_mb * 1_000_000
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
