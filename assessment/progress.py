"""How far the work is, and how long each part of it took."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from typing import Any

Progress = Callable[[float, str], None]
"""Called with the share done, 0 to 1, and what is being done."""


def part(progress: Progress, start: float, end: float) -> Progress:
    """Return a progress whose 0 to 1 is `start` to `end` of another.

    Examples
    --------
    >>> part(lambda share, what: print(share, what), 0.5, 1.0)(0.5, "half of the second half")
    0.75 half of the second half
    """
    return lambda share, what: progress(start + (end - start) * share, what)


class Stopwatch:
    """Hands out the progress of named stages and keeps the seconds of each."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._begin = time.perf_counter()
        self._marks: list[tuple[str, float]] = []

    def stage(self, name: str, start: float, end: float) -> Progress:
        """Begin a stage that covers `start` to `end` of the whole."""
        self._marks.append((name, self.elapsed()))
        return part(self._progress, start, end)

    def elapsed(self) -> float:
        """Return the seconds since the beginning."""
        return time.perf_counter() - self._begin

    def timings(self) -> dict[str, Any]:
        """Return when it ended, the seconds of each stage, and the most memory held (MB)."""
        ends = [start for _, start in self._marks[1:]] + [self.elapsed()]
        stages = {name: round(end - start, 2) for (name, start), end in zip(self._marks, ends, strict=True)}
        finished = time.strftime("%Y-%m-%dT%H:%M:%S%z")
        return {"finished": finished, "seconds": stages, "peak_mb": round(peak_mb(), 1)}


def peak_mb() -> float:
    """Return the most memory this process ever held, MB."""
    unit = 1.0 if sys.platform == "darwin" else 1024.0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
