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
        Path | None,
        typer.Option(
            help="Write the usable rows to this new file, with a log of every change. Unlike a check, this "
            "holds the whole file: about 3 GB of memory per million rows."
        ),
    ] = None,
    html: Annotated[Path | None, typer.Option(help="Write the report as one page with a map.")] = None,
    reference: Annotated[
        Path | None,
        typer.Option(help="The same things in a right position; offsets are measured against it."),
    ] = None,
    told: Annotated[
        list[str],
        typer.Option(
            "--set",
            help="WHAT=VALUE how one file is read, such as units.height_m=ft, convert=gcj02, axis=yx, "
            "columns.OURS=THEIRS, crs=EPSG:4490; what a check suspects is converted only when told so.",
        ),
    ] = [],  # noqa: B006 - Typer copies it
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Check a region or one file against its schema, and report every fault at once.

    Ends with code 2 when there is an error; warnings alone end with 0.

    Example: yijian check buildings.shp --as buildings
    """
    from layers.check_html import write_check_html
    from layers.checks import check_path

    report = check_path(path, as_layer=as_layer, reference=reference, told=told)
    if html is not None:
        write_check_html(report, html)
    if fix is not None:
        ERR.print(_fixed(path, fix, as_layer, told, report), markup=False, soft_wrap=True)
    if json:
        say_json(report.as_dict())
    else:
        _tell(report)
        _offered(report)
    if any(fault.severity == "error" for fault in report.faults):
        raise typer.Exit(2)


def _fixed(path: Path, out: Path, as_layer: str | None, told: list[str], report: CheckReport) -> str:
    """Write the file put right, and say what was done."""
    from layers.fix import fix_file
    from layers.opened import spec_told
    from layers.spec import RASTERS, LayerSpec
    from layers.surfaces import put_right
    from layers.told import HEIGHTS

    if report.layers and report.layers[0].layer in RASTERS:
        name = report.layers[0].layer
        unit = spec_told(LayerSpec(name, path=path), told).units.get(HEIGHTS)
        changes = put_right(path, out, name, unit=unit)
        return f"{out}: {'; '.join(changes) or 'nothing to change'}"
    done = fix_file(path, out, as_layer=as_layer, told=told)
    return (
        f"{done.rows:,} rows -> {done.out}; {done.changes:,} changes in {done.changes_file.name}, "
        f"{done.rejected:,} rejected rows in {done.rejected_file.name}"
    )


def _offered(report: CheckReport) -> None:
    """Say what would be converted if somebody said so."""
    from layers.offers import offers

    for offer in offers(report.faults):
        text = f"未转换；如属实请加 not converted; if so, add --set {offer.setting}"
        ERR.print(f"{offer.layer}: {text}", style="yellow", markup=False, soft_wrap=True)


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
