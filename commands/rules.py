"""`yijian eligible` and `yijian points`: what may be built on an area, and at a list of places."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from commands.say import OUT, say_json

JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(name="eligible")(eligible)
    app.command(name="points")(points)


def eligible(
    *,
    area: Annotated[Path, typer.Option(help="Polygons or points to judge, any format and CRS.")],
    rules: Annotated[str, typer.Option(help="A pack file, a folder of packs, or names: national,shaanxi")],
    layers: Annotated[Path, typer.Option(help="Folder with one file per layer the rules speak of.")],
    out: Annotated[Path, typer.Option(help="File for what is left: .gpkg, .geojson, .parquet, .shp")],
    kind: Annotated[
        str, typer.Option("--type", help="What is to be built where the area does not say.")
    ] = "ground",
    scenario: Annotated[
        str, typer.Option(metavar="strict|reference|open", help="How the rules are read.")
    ] = "reference",
    needed_ha: Annotated[
        float | None, typer.Option(min=0.0, help="Land a project needs (ha): say what it takes to have it.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Run the rules on their own: what is left of an area, what each rule took, and why.

    Example: yijian eligible --area plots.gpkg --rules national,heritage --layers layers/ --out left.gpkg
    """
    from assessment.eligible import eligible as judge

    named = Path(rules)
    said = judge(
        area,
        named if named.exists() else rules.split(","),
        layers,
        out,
        kind=kind,
        reading=scenario,
        needed_ha=needed_ha,
    )
    if json:
        say_json(said)
        return
    OUT.print(f"{said['eligible_m2']:,.0f} of {said['area_m2']:,.0f} m2 are left -> {out}", markup=False)
    table = Table("rule", "verdict", "taken m2", "alone m2", highlight=False)
    for rule in said["rules"]:
        table.add_row(rule["id"], rule["verdict"], f"{rule['taken_m2']:,.0f}", f"{rule['alone_m2']:,.0f}")
    OUT.print(table)
    if needed_ha is not None:
        for line in said["explained"]["en"]:
            OUT.print(line, markup=False)
    if said["not_checked"]:
        OUT.print(f"not checked: {', '.join(said['not_checked'])}", style="yellow", markup=False)


def points(
    file: Annotated[Path, typer.Argument(help="CSV, XLSX, GeoPackage … with coordinates.")],
    *,
    run: Annotated[Path, typer.Option(help="Run folder to ask.")],
    out: Annotated[Path, typer.Option(help="File to write: .csv, .xlsx or .gpkg")],
    datum: Annotated[
        str, typer.Option(help="Of the coordinates: wgs84, gcj02 or EPSG:<code>. Said, never guessed.")
    ],
    json: JsonOption = False,
) -> None:
    """Answer a list of places: what may be built there, how much, why not, and the nearest candidate.

    Example: yijian points places.csv --run var/runs/xixian --datum gcj02 --out answers.xlsx
    """
    from exports.points import answer_points

    result = answer_points(run, file, out, datum=datum)
    if json:
        faults = [fault.as_dict() for fault in result.faults]
        say_json({"file": str(result.path), "rows": result.rows, "answers": result.answers, "faults": faults})
        return
    for fault in result.faults:
        OUT.print(str(fault), style="yellow", markup=False)
    counts = ", ".join(f"{count} {name}" for name, count in result.answers.items())
    OUT.print(f"{result.rows} places ({counts}) -> {result.path}", markup=False)
