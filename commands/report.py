"""`yijian report`: an office's capacity summary and yearly evaluation."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from commands.say import OUT, progress_bar, say_json


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="report")(report)
    app.command(name="dossier")(dossier)


def report(
    *,
    run: Annotated[Path, typer.Option(help="Run folder to read.")],
    out: Annotated[Path, typer.Option(help="File to write; with --all the folder.")],
    town: Annotated[
        str | None, typer.Option(help="New town, by id.", show_default="the whole region")
    ] = None,
    file_format: Annotated[
        Literal["xlsx", "pdf", "docx"] | None,
        typer.Option("--format", show_default="xlsx; with --all, all three"),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Every new town and the region, into a folder.")
    ] = False,
    region: Annotated[
        Path | None, typer.Option(help="Region with targets and ledger.", show_default="Xixian")
    ] = None,
    lang: Annotated[Literal["zh", "en"], typer.Option(help="Language of the report.")] = "zh",
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Write the summary and yearly evaluation of one new town, or of the region.

    Example: yijian report --run var/runs/xixian --town fengxi --format xlsx --out fengxi.xlsx
    """
    from assessment.run import Run
    from exports.report import write_all_reports, write_report
    from layers.region import EMBEDDED, load_region
    from tracking.ledger_home import open_ledger
    from tracking.targets import load_targets

    where = load_region(region or EMBEDDED)
    targets = () if where.targets is None else load_targets(where.targets)
    projects = open_ledger(where).frame()
    opened = Run(run)
    if every:
        formats = (file_format,) if file_format else ("xlsx", "pdf", "docx")
        with progress_bar(quiet=json) as progress:
            paths = write_all_reports(
                opened,
                out,
                formats=formats,
                lang=lang,
                targets=targets,
                projects=projects,
                progress=progress,
            )
    else:
        kind = file_format or "xlsx"
        path = write_report(opened, town, out, format=kind, lang=lang, targets=targets, projects=projects)
        paths = (path,)
    if json:
        say_json({"files": [str(path) for path in paths]})
    else:
        for path in paths:
            OUT.print(str(path), markup=False)


def dossier(
    site: Annotated[str, typer.Argument(help="Id of the site.")],
    *,
    run: Annotated[Path, typer.Option(help="Run folder to read.")],
    out: Annotated[Path, typer.Option(help="Folder to write.")],
    region: Annotated[Path | None, typer.Option(help="The run's region.", show_default="Xixian")] = None,
    lang: Annotated[Literal["zh", "en"], typer.Option(help="Language of the dossier.")] = "zh",
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Write all that is known of one site: PDF, outline, module layout (GeoJSON, DXF), hours.

    Example: yijian dossier roof-B000123 --run var/runs/xixian --out dossier/
    """
    from exports.dossier import write_dossier

    paths = write_dossier(run, site, out, region=region, lang=lang)
    if json:
        say_json({"files": [str(path) for path in paths]})
    else:
        for path in paths:
            OUT.print(str(path), markup=False)
