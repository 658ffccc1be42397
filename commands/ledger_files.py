"""`yijian ledger history | merge | backup | restore`: what was done to the ledger, and keeping it safe."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from commands.ledger import JsonOption, RegionOption, UrlOption, WhoOption, opened, plain_row, tell
from commands.say import OUT, say_json


def register(group: typer.Typer) -> None:
    """Add the commands to the group `ledger`."""
    for command in (history, merge, backup, restore):
        group.command()(command)


def history(
    project: Annotated[str | None, typer.Argument(help="Id of a project.", show_default="all")] = None,
    *,
    region: RegionOption = None,
    url: UrlOption = None,
    json: JsonOption = False,
) -> None:
    """Show who changed what, and when.

    Example: yijian ledger history plan-01
    """
    with opened(region, url) as book:
        frame = book.history(project)
    if json:
        say_json({"changes": [plain_row(row) for row in frame.to_dict("records")]})
        return
    table = Table(*frame.columns, highlight=False)
    for row in frame.itertuples(index=False):
        table.add_row(*("" if value is None or value != value else str(value) for value in row))  # noqa: PLR0124 - NaN
    OUT.print(table)


def merge(
    keep: Annotated[str, typer.Argument(help="Id of the project that stays.")],
    drop: Annotated[str, typer.Argument(help="Id of the entry of the same project.")],
    *,
    who: WhoOption,
    region: RegionOption = None,
    url: UrlOption = None,
    json: JsonOption = False,
) -> None:
    """Make two entries of the same project one; nothing of the history is lost.

    Example: yijian ledger merge plan-02 p-1
    """
    with opened(region, url) as book:
        version = book.merge(keep, drop, who=who)
    tell({"id": keep, "version": version}, json=json)


def backup(
    file: Annotated[Path, typer.Argument(help="File to write.")],
    *,
    region: RegionOption = None,
    url: UrlOption = None,
    json: JsonOption = False,
) -> None:
    """Write the whole ledger with its history to one file that any database takes back.

    Example: yijian ledger backup ledger-2026.jsonl.gz
    """
    from tracking.ledger_files import backup as write_backup

    with opened(region, url) as book:
        rows = write_backup(book, file)
    tell({"file": str(file), **rows}, json=json)


def restore(
    file: Annotated[Path, typer.Argument(help="A backup.")],
    *,
    replace: Annotated[bool, typer.Option(help="Replace what the ledger holds now.")] = False,
    region: RegionOption = None,
    url: UrlOption = None,
    json: JsonOption = False,
) -> None:
    """Bring a backup back, all of it or nothing.

    Example: yijian ledger restore ledger-2026.jsonl.gz --replace
    """
    from tracking.ledger_files import restore as read_backup

    with opened(region, url) as book:
        rows = read_backup(book, file, replace=replace)
    tell({"file": str(file), **rows}, json=json)
