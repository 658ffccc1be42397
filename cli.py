"""The door for the terminal: the command `yijian`."""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from pathlib import Path

import typer

from commands import (
    assess,
    check,
    export,
    fetch,
    heat,
    ledger,
    plan,
    progress,
    region,
    report,
    rules,
    serve,
    site,
    sun,
)
from commands.say import fail
from faults import YijianError

app = typer.Typer(
    name="yijian",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help=(
        "宜建 Yijian: where photovoltaics and geothermal heat can be built, how much, "
        "and how far that is from the target.\n\n"
        "Begin with [bold]yijian assess[/bold] (assess Xixian), then [bold]yijian app[/bold] (see the map)."
    ),
)
for module in (
    assess,
    serve,
    region,
    check,
    export,
    report,
    rules,
    sun,
    heat,
    ledger,
    plan,
    progress,
    site,
    fetch,
):
    module.register(app)


def main() -> None:
    """Run a command; a bad input ends with one clear message and exit code 2, never a traceback."""
    try:
        app()
    except YijianError as error:
        fail(str(error))
        sys.exit(2)
    except BrokenPipeError:
        sys.exit(0)
    except Exception as error:
        if os.environ.get("YIJIAN_DEBUG"):
            raise
        fail(f"an error inside Yijian, not in your input: {type(error).__name__}: {error}\n{_keep_details()}")
        sys.exit(1)


def _keep_details() -> str:
    """Write the traceback where it can be sent from, and say where that is."""
    with tempfile.NamedTemporaryFile("w", prefix="yijian-", suffix=".log", delete=False) as file:
        file.write(traceback.format_exc())
    return f"details for a report: {Path(file.name)}  (YIJIAN_DEBUG=1 shows them here)"


if __name__ == "__main__":
    main()
