"""`yijian export`: what a run holds, as files other programs open."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from commands.say import OUT, progress_bar, say_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

RunOption = Annotated[Path, typer.Option(help="Run folder to read.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
OutOption = Annotated[Path, typer.Option(help="File to write.")]
FolderOption = Annotated[Path, typer.Option(help="Folder to write.")]
FormatOption = Annotated[
    Literal["gpkg", "geojson", "parquet", "csv", "kml", "kmz", "shp", "shp-gbk", "xlsx"] | None,
    typer.Option("--format", help="File format.", show_default="by the ending of --out, else gpkg"),
]
WhereOption = Annotated[
    str | None, typer.Option(help='Condition on columns, e.g. "kwp_dc_central > 100 and lcoe < 0.4".')
]
TownOption = Annotated[list[str] | None, typer.Option(help="Only this new town, by id; repeat it.")]
TypeOption = Annotated[list[str] | None, typer.Option("--type", help="Only this PV type; repeat it.")]
StatusOption = Annotated[
    list[str] | None, typer.Option(help="Only allowed, conditional or not_checked; repeat it.")
]
AreaOption = Annotated[
    Path | None, typer.Option(help="Only what touches the polygons of this file (any format and CRS).")
]
DatumOption = Annotated[
    str | None,
    typer.Option(
        help="Coordinates of --area: gcj02, or wgs84 or EPSG:<code> where the file names none.",
        show_default="what the file names, else wgs84",
    ),
]
CrsOption = Annotated[
    str, typer.Option(help="Coordinates written: wgs84, EPSG:4490, EPSG:4545, utm, … or gcj02 (marked).")
]


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    group = typer.Typer(no_args_is_help=True, rich_markup_mode="rich")
    for name, command in COMMANDS.items():
        group.command(name=name)(command)
    app.add_typer(
        group,
        name="export",
        help="What a run holds, as files other programs open.\n\n"
        "Example: yijian export sites --run var/runs/xixian --town jinghe --format gpkg --out jinghe.gpkg",
    )


def sites(
    *,
    run: RunOption,
    out: OutOption,
    file_format: FormatOption = None,
    where: WhereOption = None,
    town: TownOption = None,
    only: TypeOption = None,
    status: StatusOption = None,
    sector: Annotated[list[str] | None, typer.Option(help="Only this sector; repeat it.")] = None,
    owner: Annotated[list[str] | None, typer.Option(help="Only this class of owner; repeat it.")] = None,
    min_kwp: Annotated[float | None, typer.Option(help="Least DC capacity, kWp.")] = None,
    max_kwp: Annotated[float | None, typer.Option(help="Largest DC capacity, kWp.")] = None,
    min_m2: Annotated[float | None, typer.Option(help="Least area left by the rules, m2.")] = None,
    max_lcoe: Annotated[float | None, typer.Option(help="Highest levelised cost, CNY/kWh.")] = None,
    area: AreaOption = None,
    area_datum: DatumOption = None,
    crs: CrsOption = "EPSG:4490",
    json: JsonOption = False,
) -> None:
    """Export candidate sites with geometry, capacity, energy, economics and the rules that touched them.

    All filters must hold together; a site whose value is not known passes none that asks for it.

    Example: yijian export sites --run var/runs/xixian --town qinhan --min-kwp 100 --max-lcoe 0.3
    --area drawn.geojson --out qinhan.gpkg
    """
    from exports.conditions import Between, one_of

    conditions = (
        where,
        one_of("sector", sector or ()),
        one_of("owner", owner or ()),
        Between("kwp_dc_central", min_kwp, max_kwp).text,
        Between("area_m2", min_m2).text,
        Between("lcoe", None, max_lcoe).text,
    )
    choices = {"town": town, "types": only or (), "status": status or (), "crs": crs}
    _table("sites", run, out, file_format, conditions, (area, area_datum), choices, json=json)


def heat(
    *,
    run: RunOption,
    out: OutOption,
    file_format: FormatOption = None,
    where: WhereOption = None,
    town: TownOption = None,
    only: Annotated[
        list[str] | None, typer.Option("--type", help="Only shallow, deep or hydrothermal; repeat it.")
    ] = None,
    status: StatusOption = None,
    min_kw: Annotated[float | None, typer.Option(help="Least heat capacity in year 1, kW.")] = None,
    max_lcoh: Annotated[float | None, typer.Option(help="Highest cost of heat, CNY/GJ.")] = None,
    area: AreaOption = None,
    area_datum: DatumOption = None,
    crs: CrsOption = "EPSG:4490",
    json: JsonOption = False,
) -> None:
    """Export geothermal sites with technology, wells, capacity, heatable floor area and cost.

    Example: yijian export heat --run var/runs/xixian --type deep --min-kw 500 --out deep.xlsx
    """
    from exports.conditions import Between

    conditions = (where, Between("kw_year1", min_kw).text, Between("lcoh", None, max_lcoh).text)
    choices = {"town": town, "types": only or (), "status": status or (), "crs": crs}
    _table("heat", run, out, file_format, conditions, (area, area_datum), choices, json=json)


def _table(  # noqa: PLR0917 - what the two commands above share
    kind: str,
    run: Path,
    out: Path,
    file_format: str | None,
    conditions: Iterable[str | None],
    area: tuple[Path | None, str | None],
    choices: dict[str, Any],
    *,
    json: bool,
) -> None:
    from exports.area import read_area
    from exports.conditions import all_of
    from exports.sites import export_table, format_of

    path, datum = area
    with progress_bar(quiet=json) as progress:
        result = export_table(
            run,
            kind,
            out,
            format=file_format or format_of(out),
            where=all_of(*conditions),
            area=None if path is None else read_area(path, datum=datum),
            progress=progress,
            **choices,
        )
    if json:
        files = [str(file) for file in result.files]
        say_json({"file": str(result.path), "rows": result.rows, "files": files})
    else:
        OUT.print(f"{result.rows:,} rows -> {result.path}", markup=False)


def hours(
    *,
    run: RunOption,
    out: Annotated[Path, typer.Option(help="File to write: .nc, .parquet or .csv")],
    town: TownOption = None,
    only: TypeOption = None,
    json: JsonOption = False,
) -> None:
    """Export the year of hours per town and type, for grid models (PyPSA, atlite, pandas).

    NetCDF opens with xarray; p_max_pu is MWh in the hour per MWp, time is UTC and the start of the hour.

    Example: yijian export hours --run var/runs/xixian --town fengxi --out fengxi.nc
    """
    from exports.hourly import export_hourly

    with progress_bar(quiet=json) as progress:
        written = export_hourly(run, out, town=town, types=only or (), progress=progress)
    found = {"file": str(written.path), "generators": written.generators, "hours": written.hours}
    if json:
        say_json({**found, "kwh_year": written.kwh_year})
    else:
        words = f"{written.generators} generators, {written.hours:,} hours, {written.kwh_year / 1e6:,.1f} GWh"
        OUT.print(f"{words} -> {written.path}", markup=False)


def rasters(
    *,
    run: RunOption,
    out: FolderOption,
    name: Annotated[
        list[str] | None, typer.Option(help="Only this raster; repeat it.", show_default="all")
    ] = None,
    crs: Annotated[
        str | None, typer.Option(help="Coordinates written: wgs84, EPSG:4490, …", show_default="the run's")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Export the rasters of a run as cloud-optimised GeoTIFF with unit, nodata, CRS and provenance.

    Example: yijian export rasters --run var/runs/xixian --name suitability_deep --out maps/
    """
    from exports.rasters import export_rasters

    with progress_bar(quiet=json) as progress:
        files = export_rasters(run, out, names=name or (), crs=crs, progress=progress)
    _tell_files(files, json=json)


def stac(
    *,
    run: RunOption,
    out: Annotated[Path, typer.Option(help="File to write: .json")],
    json: JsonOption = False,
) -> None:
    """Describe a run as a STAC item: its files with size and checksum, where on earth, from which inputs.

    Links are relative to the item, so that folder and item move together.

    Example: yijian export stac --run var/runs/xixian --out var/runs/xixian.json
    """
    from exports.stac import write_stac_item

    _tell_files((write_stac_item(run, out),), json=json)


def service(
    *,
    run: RunOption,
    out: FolderOption,
    url: Annotated[str, typer.Option(help="Address people will reach the server at.")] = (
        "http://localhost:5000"
    ),
    town: TownOption = None,
    json: JsonOption = False,
) -> None:
    """Make a folder that serves the run as OGC API - Features, which QGIS and ogr2ogr read live.

    The server is pygeoapi; serve.sh in the folder installs it, where it is missing, and starts it.

    Example: yijian export service --run var/runs/xixian --out service && sh service/serve.sh
    """
    from exports.ogcapi import write_service

    with progress_bar(quiet=json) as progress:
        made = write_service(run, out, url=url, town=town, progress=progress)
    if json:
        paths = {"folder": made.folder, "config": made.config, "start": made.start}
        say_json({**{name: str(path) for name, path in paths.items()}, "url": url})
    else:
        OUT.print(f"{made.folder}; start it with: sh {made.start}", markup=False)


def _tell_files(files: Iterable[Path], *, json: bool) -> None:
    if json:
        say_json({"files": [str(path) for path in files]})
    else:
        for path in files:
            OUT.print(str(path), markup=False)


COMMANDS: dict[str, Callable[..., None]] = {
    "sites": sites,
    "heat": heat,
    "hours": hours,
    "rasters": rasters,
    "stac": stac,
    "service": service,
}
