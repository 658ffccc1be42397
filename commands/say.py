"""How a command speaks: progress on standard error, results on standard output."""

from __future__ import annotations

import json
import math
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ERR = Console(stderr=True, highlight=False)
OUT = Console(highlight=False)


def fail(message: str) -> None:
    """Print what is wrong on standard error; the caller ends with code 2."""
    ERR.print("[bold red]✗[/bold red]", end=" ")
    ERR.print(message, markup=False, soft_wrap=True)


def say_json(result: dict[str, Any]) -> None:
    """Print one JSON object on standard output and nothing else; unknown numbers are null."""
    sys.stdout.write(json.dumps(_plain(result), ensure_ascii=False, allow_nan=False) + "\n")


def _plain(value: Any) -> Any:  # noqa: ANN401 - any tree of values
    """Turn numbers of array libraries into Python's, and those that are no number into None."""
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    number = value.item() if hasattr(value, "item") else value
    return None if isinstance(number, float) and not math.isfinite(number) else number


@contextmanager
def progress_bar(*, quiet: bool = False) -> Iterator[Callable[[float, str], None]]:
    """Show a progress bar on standard error; the value given is called with (share done, what).

    Nothing is drawn where `quiet` or where standard error is no terminal; then each new stage is one line.
    """
    if quiet:
        yield lambda _share, _what: None
        return
    if not ERR.is_terminal:
        yield _line_per_stage()
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=32),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=ERR, transient=True) as bar:
        task = bar.add_task("", total=1.0)

        def show(share: float, what: str) -> None:
            bar.update(task, completed=share, description=what)

        yield show


def _line_per_stage() -> Callable[[float, str], None]:
    last = ""

    def show(share: float, what: str) -> None:
        nonlocal last
        if what != last:
            last = what
            ERR.print(f"{share:4.0%} {what}", markup=False)

    return show
