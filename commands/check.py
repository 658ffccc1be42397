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

    report = check_path(path, as_layer=as_layer, reference=reference)
    if html is not None:
        write_check_html(report, html)
    if fix is not None:
        ERR.print(_fixed(path, fix, as_layer, report), markup=False, soft_wrap=True)
    if json:
        say_json(report.as_dict())
    else:
        _tell(report)
    if any(fault.severity == "error" for fault in report.faults):
        raise typer.Exit(2)


def _fixed(path: Path, out: Path, as_layer: str | None, report: CheckReport) -> str:
    """Write the file put right, and say what was done."""
    from layers.fix import fix_file
    from layers.spec import RASTERS
    from layers.surfaces import put_right

    if report.layers and report.layers[0].layer in RASTERS:
        changes = put_right(path, out, report.layers[0].layer)
        return f"{out}: {'; '.join(changes) or 'nothing to change'}"
    done = fix_file(path, out, as_layer=as_layer)
    return (
        f"{done.rows:,} rows -> {done.out}; {done.changes:,} changes in {done.changes_file.name}, "
        f"{done.rejected:,} rejected rows in {done.rejected_file.name}"
    )


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
