"""Counts what the app does, and says it in the text format of Prometheus."""

from __future__ import annotations

import threading
import time
from collections import defaultdict

import psutil

BOUNDS_S = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
"""Upper bounds of the histogram of response times."""
TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """Counters of one process; any thread may add to them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._began = self._last = time.monotonic()
        self._requests: dict[tuple[str, int], int] = defaultdict(int)
        self._buckets: dict[str, list[int]] = defaultdict(lambda: [0] * (len(BOUNDS_S) + 1))
        self._seconds: dict[str, float] = defaultdict(float)
        self._errors = 0
        self.sessions = 0
        """Pages that are open now: connected web sockets."""

    def request(self, part: str, code: int, seconds: float) -> None:
        """Count one answer of a part of the app."""
        bucket = next((n for n, bound in enumerate(BOUNDS_S) if seconds <= bound), len(BOUNDS_S))
        with self._lock:
            self._last = time.monotonic()
            self._requests[part, code] += 1
            self._buckets[part][bucket] += 1
            self._seconds[part] += seconds

    def quiet_s(self) -> float:
        """Return for how long nobody has asked for anything."""
        with self._lock:
            return time.monotonic() - self._last

    def session(self, change: int) -> int:
        """Count a page that opens (1) or closes (-1); return how many are open."""
        with self._lock:
            self.sessions += change
            return self.sessions

    def error(self) -> None:
        """Count an error that a page had to say."""
        with self._lock:
            self._errors += 1

    def text(self) -> str:
        """Return everything as the text that Prometheus reads."""
        with self._lock:
            lines = [*self._process(), *self._answers(), *self._times()]
        return "\n".join(lines) + "\n"

    def _process(self) -> list[str]:
        process = psutil.Process()
        cpu = process.cpu_times()
        one = (
            ("yijian_uptime_seconds", "gauge", time.monotonic() - self._began),
            ("yijian_sessions", "gauge", self.sessions),
            ("yijian_page_errors_total", "counter", self._errors),
            ("process_resident_memory_bytes", "gauge", process.memory_info().rss),
            ("process_cpu_seconds_total", "counter", cpu.user + cpu.system),
            ("process_open_fds", "gauge", process.num_fds()),
            ("process_threads", "gauge", process.num_threads()),
        )
        return [
            line for name, kind, value in one for line in (f"# TYPE {name} {kind}", f"{name} {value:.10g}")
        ]

    def _answers(self) -> list[str]:
        rows = (
            f'yijian_requests_total{{part="{part}",code="{code}"}} {count}'
            for (part, code), count in sorted(self._requests.items())
        )
        return ["# TYPE yijian_requests_total counter", *rows]

    def _times(self) -> list[str]:
        name = "yijian_request_seconds"
        lines = [f"# TYPE {name} histogram"]
        for part, buckets in sorted(self._buckets.items()):
            total = 0
            for bound, count in zip((*BOUNDS_S, "+Inf"), buckets, strict=True):
                total += count
                lines.append(f'{name}_bucket{{part="{part}",le="{bound}"}} {total}')
            lines.append(f'{name}_sum{{part="{part}"}} {self._seconds[part]:.6f}')
            lines.append(f'{name}_count{{part="{part}"}} {total}')
        return lines
