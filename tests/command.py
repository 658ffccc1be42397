"""The command line, run inside the test process: what it printed and how it ended."""

from __future__ import annotations

import contextlib
import io
import sys
from dataclasses import dataclass
from unittest import mock

import cli


@dataclass(frozen=True)
class Finished:
    returncode: int
    stdout: str
    stderr: str


def yijian(*words: object) -> Finished:
    """Run `yijian` with these words."""
    out, err = io.StringIO(), io.StringIO()
    code: object = 0
    with (
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        mock.patch.object(sys, "argv", ["yijian", *map(str, words)]),
    ):
        try:
            cli.main()
        except SystemExit as end:
            code = end.code
    return Finished(int(code or 0), out.getvalue(), err.getvalue())
