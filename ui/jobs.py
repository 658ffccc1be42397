"""Long work beside the page: one thread does it, every session that asks for the same gets the same job."""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

KEPT = 12
"""Finished jobs that are remembered."""


@dataclass
class Job:
    """One piece of work, its progress and its end."""

    future: Future[Any]
    started: float = field(default_factory=time.monotonic)
    share: float = 0.0
    stage: str = ""

    @property
    def seconds(self) -> float:
        """Seconds since it was asked for."""
        return time.monotonic() - self.started

    def wait(self, seconds: float) -> bool:
        """Wait a little; say whether it is finished."""
        try:
            self.future.exception(timeout=seconds)
        except TimeoutError:
            return False
        return True


class Desk:
    """Takes work, does one piece at a time, remembers the last results."""

    def __init__(self) -> None:
        self._jobs: dict[Hashable, Job] = {}
        self._lock = Lock()
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="yijian-job")

    def job(self, key: Hashable, work: Callable[[Callable[[float, str], None]], Any]) -> Job:
        """Return the job of a key; the first to ask starts it. `work` is given how to tell its progress."""
        with self._lock:
            if key in self._jobs:
                return self._jobs[key]
            job = Job(Future())
            self._jobs[key] = job
            for old in [name for name, one in self._jobs.items() if one.future.done()][:-KEPT]:
                del self._jobs[old]
        self._pool.submit(_do, job, work)
        return job


def _do(job: Job, work: Callable[[Callable[[float, str], None]], Any]) -> None:
    def progress(share: float, stage: str) -> None:
        job.share, job.stage = share, stage

    try:
        job.future.set_result(work(progress))
    except Exception as error:  # noqa: BLE001 - it is raised again by who asks
        job.future.set_exception(error)


@lru_cache(maxsize=1)
def desk() -> Desk:
    """Return the desk of this process."""
    return Desk()
