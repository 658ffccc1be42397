"""Work on what strangers sent, in a process of its own: it may take long, fill the memory or crash alone."""

from __future__ import annotations

import multiprocessing
import resource
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

from faults import RunError

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

Result = TypeVar("Result")
DONE, TOLD = "done", "told"
PAUSE_S = 0.25
"""Progress of the same thing is told no more often."""
PRELOADED = ["layers.checks"]
"""Loaded once by the server that the processes are forked from, so that each starts at once."""


def limited(
    work: Callable[..., Result],
    *given: object,
    seconds: float,
    memory_mb: int = 4000,
    progress: Callable[[float, str], None] | None = None,
    **named: object,
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
    progress
        Told here what the work tells its own `progress` there, which it must take; some times a second.

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
    call = _Call(work, given, named, tells=progress is not None)
    process = context.Process(target=_child, args=(theirs, call, memory_mb), daemon=True)
    process.start()
    theirs.close()
    try:
        result, error = _answer(ours, seconds, progress)
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
    return cast("Result", result)


def _answer(
    pipe: Connection, seconds: float, progress: Callable[[float, str], None] | None
) -> tuple[object, BaseException | None]:
    """Wait for the answer; what comes before it says how far the work is."""
    end = time.monotonic() + seconds
    while pipe.poll(max(end - time.monotonic(), 0.0)):
        kind, one, two = pipe.recv()
        if kind == DONE:
            return one, two
        if progress is not None:
            progress(one, two)
    raise RunError(f"this takes longer than {seconds:g} s, which is the limit here; use the command line")


@dataclass(frozen=True)
class _Call:
    """What is done in the process."""

    work: Callable[..., object]
    given: tuple[object, ...]
    named: dict[str, object]
    tells: bool
    """The work takes a `progress` that is told here."""


def _child(pipe: Connection, call: _Call, memory_mb: int) -> None:
    named = call.named | ({"progress": _teller(pipe)} if call.tells else {})
    _bound_memory(memory_mb)
    try:
        answer: tuple[object, BaseException | None] = (call.work(*call.given, **named), None)
    except Exception as error:  # noqa: BLE001 - it is raised again by who asked
        answer = (None, error)
    pipe.send((DONE, *answer))


def _teller(pipe: Connection) -> Callable[[float, str], None]:
    last: dict[str, float] = {}

    def tell(share: float, what: str) -> None:
        now = time.monotonic()
        if now - last.get(what, 0.0) > PAUSE_S:
            last[what] = now
            pipe.send((TOLD, share, what))

    return tell


def _bound_memory(more_mb: int) -> None:
    """Bound the address space to what it is now and some more."""
    own = Path("/proc/self/statm")
    if own.is_file():
        now = int(own.read_text(encoding="ascii").split()[0]) * resource.getpagesize()
        most = now + more_mb * 1_000_000
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
