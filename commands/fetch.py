"""`yijian fetch`: open data for a box, with its licence beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from commands.say import OUT, progress_bar, say_json
from faults import Fault, InputError


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="fetch")(fetch)


def fetch(
    what: Annotated[
        str,
        typer.Argument(
            help="buildings, farmland, restrictions, grid, terrain, landcover, climate, horizon, pv"
        ),
    ],
    *,
    bbox: Annotated[str, typer.Option(help="west,south,east,north in degrees")],
    out: Annotated[Path, typer.Option(help="File to write.")],
    source: Annotated[str | None, typer.Option(help="From whom.", show_default="the first there is")] = None,
    extract: Annotated[
        str | None,
        typer.Option(
            help="An OpenStreetMap extract (.osm.pbf), a file or an address, instead of the service."
        ),
    ] = None,
    year: Annotated[int, typer.Option(help="Year of a series; with --first its last.")] = 2023,
    first: Annotated[
        int | None, typer.Option(help="First year of a series.", show_default="one year")
    ] = None,
    url: Annotated[
        str | None, typer.Option(help="Address of a weather file, or of an inventory of PV plants.")
    ] = None,
    sha256: Annotated[str | None, typer.Option(help="Checksum that what is fetched must have.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Fetch open data for a box: resumable, checked, with source, licence and attribution beside it.

    Example: yijian fetch buildings --bbox 108.7,34.3,108.8,34.4 --out buildings.gpkg
    """
    from layers.fetch.run import fetch as fetch_data

    with progress_bar(quiet=json) as progress:
        done = fetch_data(
            what,
            _box(bbox),
            out,
            source=source,
            extract=extract,
            year=year,
            first=first,
            url=url,
            checksum=sha256,
            progress=progress,
        )
    beside = None if done.beside is None else str(done.beside)
    if json:
        say_json({"file": str(done.out), "rows": done.rows, "origin": beside})
    else:
        OUT.print(f"{done.out}  ({beside} says where it is from)", markup=False)


def _box(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(number) for number in text.split(","))
    except ValueError as error:
        rule = "must be four numbers: west,south,east,north in degrees"
        raise InputError([Fault("fetch", None, "bbox", text, rule)]) from error
