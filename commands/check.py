"""`yijian check`: is this region, or this file, fit for use."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from commands.say import ERR, OUT, say_json

if TYPE_CHECKING:
    from layers.checks import CheckReport


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="check")(check)


def check(
    path: Annotated[Path, typer.Argument(help="A region folder, a region.toml, or one file of a layer.")],
    *,
    as_layer: Annotated[
        str | None, typer.Option("--as", help="Layer the file is meant for: buildings, farmland, …")
    ] = None,
    fix: Annotated[
        Path | None, typer.Option(help="Write the usable rows to this new file, with a log of every change.")
    ] = None,
    html: Annotated[Path | None, typer.Option(help="Write the report as one page with a map.")] = None,
    reference: Annotated[
        Path | None,
        typer.Option(help="The same things in a right position; offsets are measured against it."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Check a region or one file against its schema, and report every fault at once.

    Ends with code 2 when there is an error; warnings alone end with 0.

    Example: yijian check buildings.shp --as buildings
    """
    from layers.check_html import write_check_html
    from layers.checks import check_path
    from layers.fix import fix_file

    report = check_path(path, as_layer=as_layer, reference=reference)
    if html is not None:
        write_check_html(report, html)
    if fix is not None:
        fixed = fix_file(path, fix, as_layer=as_layer)
        ERR.print(
            f"{fixed.rows:,} rows -> {fixed.out}; {fixed.changes:,} changes in {fixed.changes_file.name}, "
            f"{fixed.rejected:,} rejected rows in {fixed.rejected_file.name}",
            markup=False,
        )
    if json:
        say_json(report.as_dict())
    else:
        _tell(report)
    if any(fault.severity == "error" for fault in report.faults):
        raise typer.Exit(2)


def _tell(report: CheckReport) -> None:
    from layers.chinese import in_chinese

    if not report.faults:
        OUT.print("no faults found", style="green")
        return
    table = Table("layer", "row", "column", "value", "rule", "severity", highlight=False)
    for fault in report.faults:
        row = "" if fault.row is None else str(fault.row)
        said = in_chinese(fault.rule)
        rule = fault.rule if said is None else f"{said}\n{fault.rule}"
        table.add_row(fault.layer, row, fault.column or "", fault.value or "", rule, fault.severity)
    OUT.print(table)
