"""`yijian sun` and `yijian pv`: the sun on a surface, and what one system makes of it."""

from __future__ import annotations

import json as json_text
from pathlib import Path
from typing import Annotated

import typer

from commands.say import OUT, progress_bar, say_json

Climate = Annotated[
    Path,
    typer.Option(
        help="EPW, TMY3, PVGIS JSON/CSV, NASA POWER CSV, hourly CSV, or a table of monthly normals."
    ),
]
ShiftMin = Annotated[
    float,
    typer.Option(
        help="Minutes by which an hourly file is moved against its own clock, later where positive."
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(name="sun")(sun)
    app.command(name="pv")(pv)


def sun(
    *,
    dsm: Annotated[Path, typer.Option(help="GeoTIFF of heights, metres, in a projected CRS.")],
    climate: Climate,
    out: Annotated[Path, typer.Option(help="Folder for annual.tif, monthly.tif and skyview.tif.")],
    footprints: Annotated[
        Path | None, typer.Option(help="Only the pixels inside these polygons.", show_default="all")
    ] = None,
    tilt: Annotated[float | None, typer.Option(help="A plane of this tilt on every pixel, degrees.")] = None,
    azimuth: Annotated[
        float | None, typer.Option(help="Where it faces; 0 = north, clockwise.", show_default="the equator")
    ] = None,
    directions: Annotated[
        int, typer.Option(min=8, max=720, help="Directions looked at: more are slower and more accurate.")
    ] = 72,
    shift_min: ShiftMin = 0.0,
    json: JsonOption = False,
) -> None:
    """Map a year of irradiation on any surface, anywhere: shaded, kWh/m2, by month.

    Example: yijian sun --dsm dsm.tif --climate xian.epw --out sun/
    """
    from assessment.sun import sun_rasters
    from assessment.sun_mask import footprint_mask

    mask = None if footprints is None else footprint_mask(footprints, dsm)
    with progress_bar(quiet=json) as progress:
        said = sun_rasters(
            dsm,
            climate,
            out=out,
            tilt_deg=tilt,
            azimuth_deg=azimuth,
            mask=mask,
            directions=directions,
            shift_min=shift_min,
            progress=progress,
        )
    if json:
        say_json(said)
    else:
        OUT.print(
            f"{said['pixels']:,} pixels, {said['annual_mean_kwh_m2']:.1f} kWh/m2 a year on average "
            f"({said['seconds']:.1f} s) -> {out}",
            markup=False,
        )


def pv(
    *,
    lat: Annotated[float, typer.Option(help="Latitude, degrees north.")],
    lon: Annotated[float, typer.Option(help="Longitude, degrees east.")],
    tilt: Annotated[float, typer.Option(help="Tilt of the modules, degrees.")],
    azimuth: Annotated[float, typer.Option(help="Where they face; 0 = north, clockwise.")] = 180.0,
    kwp: Annotated[float, typer.Option(help="DC capacity, kWp.")] = 1.0,
    tracker: Annotated[
        bool,
        typer.Option(
            "--tracker", help="Rows turn after the sun: up to --tilt, about an axis that points to --azimuth."
        ),
    ] = False,
    climate: Climate,
    shift_min: ShiftMin = 0.0,
    hourly: Annotated[Path | None, typer.Option(help="Write the 8760 hours to this CSV.")] = None,
    json: JsonOption = False,
) -> None:
    """Reckon the first year of one system: energy by month, and where the rest is lost.

    Example: yijian pv --lat 34.3 --lon 108.7 --tilt 25 --kwp 100 --climate data/xixian/climate_normals.csv
    """
    from assessment.pv import one_system
    from assessment.run import write_file_atomically

    one = one_system(
        lat=lat,
        lon=lon,
        tilt_deg=tilt,
        azimuth_deg=azimuth,
        kwp=kwp,
        climate=climate,
        tracker=tracker,
        shift_min=shift_min,
    )
    if hourly is not None:
        write_file_atomically(hourly, one.hourly.to_csv)
    if json:
        say_json(one.as_dict())
        return
    OUT.print(f"{one.kwh_year:,.0f} kWh in the first year, {one.kwh_year / kwp:,.0f} kWh/kWp", style="bold")
    OUT.print("by month  " + "  ".join(f"{value:,.0f}" for value in one.kwh_month))
    OUT.print(
        f"{one.poa_kwh_m2_year:,.0f} kWh/m2 on the plane, performance ratio {one.performance_ratio:.3f}, "
        f"{one.kw_ac:,.1f} kW AC"
    )
    OUT.print("from ghi to ac (kWh): " + json_text.dumps({k: round(v, 1) for k, v in one.waterfall.items()}))
    for note in one.notes:
        OUT.print(note, style="yellow", markup=False)
