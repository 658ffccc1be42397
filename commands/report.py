"""`yijian report`: an office's capacity summary and yearly evaluation."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from commands.say import OUT, say_json


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="report")(report)


def report(
    *,
    run: Annotated[Path, typer.Option(help="Run folder to read.")],
    out: Annotated[Path, typer.Option(help="File to write; with --all the folder.")],
    town: Annotated[
        str | None, typer.Option(help="New town, by id.", show_default="the whole region")
    ] = None,
    file_format: Annotated[Literal["xlsx", "pdf", "docx"], typer.Option("--format")] = "xlsx",
    lang: Annotated[Literal["zh", "en"], typer.Option(help="Language of the report.")] = "zh",
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Write the summary and yearly evaluation of one new town, or of the region.

    Example: yijian report --run var/runs/xixian --town fengxi --format xlsx --out fengxi.xlsx
    """
    from assessment.run import Run
    from exports.report import write_report

    path = write_report(Run(run), town, out, format=file_format, lang=lang)
    if json:
        say_json({"file": str(path)})
    else:
        OUT.print(str(path), markup=False)
