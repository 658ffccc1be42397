"""`yijian export sites|heat`: candidate sites as a file another program opens."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from commands.say import OUT, progress_bar, say_json


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="export")(export)


def export(
    what: Annotated[Literal["sites", "heat"], typer.Argument(help="PV candidate sites, or heat sites.")],
    *,
    run: Annotated[Path, typer.Option(help="Run folder to read.")],
    out: Annotated[Path, typer.Option(help="File to write.")],
    file_format: Annotated[
        Literal["gpkg", "geojson", "parquet", "csv", "kml", "kmz", "shp", "shp-gbk", "xlsx"],
        typer.Option("--format"),
    ] = "gpkg",
    where: Annotated[
        str | None, typer.Option(help='Condition on columns, e.g. "kwp_dc_central > 100 and lcoe < 0.4".')
    ] = None,
    town: Annotated[str | None, typer.Option(help="Only one new town, by id.")] = None,
    only: Annotated[list[str] | None, typer.Option("--type", help="Only these PV types; repeat it.")] = None,
    status: Annotated[
        list[str] | None, typer.Option(help="Only allowed, conditional or not_checked; repeat it.")
    ] = None,
    crs: Annotated[
        str, typer.Option(help="EPSG:4490, EPSG:4545, … or gcj02 (marked as such).")
    ] = "EPSG:4490",
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Export candidate sites with geometry, capacity, energy, economics and the rules that touched them.

    Example: yijian export sites --run var/runs/xixian --town qinhan --format gpkg --out qinhan.gpkg
    """
    from assessment.run import Run
    from exports.sites import export_table

    with progress_bar(quiet=json) as progress:
        result = export_table(
            Run(run),
            what,
            out,
            format=file_format,
            where=where,
            town=town,
            types=tuple(only or ()),
            status=tuple(status or ()),
            crs=crs,
            progress=progress,
        )
    if json:
        say_json({"file": str(result.path), "rows": result.rows})
    else:
        OUT.print(f"{result.rows:,} rows -> {result.path}", markup=False)
