"""The log of a server: one JSON object per line, for programs that collect logs."""

from __future__ import annotations

import json
import logging
import sys
import time
from typing import Any

PLAIN = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    """Time, level, logger, text, and what was given by `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one record; line breaks in what users sent cannot start a new one."""
        second = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        said: dict[str, Any] = {
            "time": f"{second}.{int(record.msecs):03d}Z",
            "level": record.levelname,
            "logger": record.name,
            "text": record.getMessage(),
        }
        said |= {name: value for name, value in record.__dict__.items() if name not in PLAIN}
        if record.exc_info:
            said["error"] = self.formatException(record.exc_info)
        return json.dumps(said, ensure_ascii=False, default=str)


def log_as_json(level: int = logging.INFO) -> None:
    """Send every log of this process to standard error as lines of JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
