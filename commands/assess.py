"""`yijian assess`: the main job."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from commands.say import ERR, OUT, progress_bar, say_json

if TYPE_CHECKING:
    from assessment.assess import Outcome
    from layers.region import Region

INCOMPLETE = 3
"""Exit code of a run that was written without some of its tiles."""
RegionArgument = Annotated[
    str | None,
    typer.Argument(
        help="A region.toml or its folder, or the URL of one; without it the embedded Xixian.",
        show_default=False,
    ),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="assess")(assess)


def assess(
    region: RegionArgument = None,
    *,
    out: Annotated[
        str | None,
        typer.Option(help="Run folder to write, or the URL of one.", show_default="var/runs/REGION"),
    ] = None,
    scenario: Annotated[
        str | None,
        typer.Option(
            metavar="strict|reference|open|FILE",
            help="How to read the rules, or a TOML file with reading, packs, shares, prices to change.",
            show_default="reference",
        ),
    ] = None,
    only: Annotated[
        Literal["sites", "heat"] | None, typer.Option(help="Do one half of the work.", show_default="both")
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="Blocks assessed at the same time.", show_default="cores, at most 4"),
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(
            help="Dask scheduler (tcp://…) whose workers see the same files.", show_default="threads"
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option(help="Go on where an interrupted assessment of the same inputs stopped.")
    ] = False,
    work: Annotated[
        str | None,
        typer.Option(
            help="Folder or URL (s3://bucket/folder) for pieces of work, seen by all workers.",
            show_default="beside the run",
        ),
    ] = None,
    task_objects: Annotated[
        int,
        typer.Option(min=1, help="Most objects of a task of several tiles; changes no result."),
    ] = 50_000,
    estimate: Annotated[
        bool,
        typer.Option("--estimate", help="Say what it will take (time, memory, disk), and start nothing."),
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Assess a region: where PV and geothermal heat can be built, and how much.

    Reads the layers, applies the rules, computes capacity, energy, cost and carbon, and writes one run
    folder; an interrupted run leaves the old folder as it was.

    Exit code 3: the run was written, but tiles are missing from it that could not be assessed.

    Example: yijian assess data/xixian --out var/runs/xixian
    """
    from assessment.assess import Settings, assess_region, default_run
    from assessment.remote import is_url, publish
    from assessment.scenario import find_scenario
    from layers.region import EMBEDDED, load_region

    chosen = load_region(EMBEDDED if region is None else _here(region))
    workers = workers or min(os.cpu_count() or 1, 4)
    if estimate:
        _say_estimate(chosen, workers=workers, only=only, as_json=json)
        return
    settings = Settings(
        only=only,
        scenario=find_scenario(scenario),
        workers=workers,
        scheduler=scheduler,
        resume=resume,
        work=work,
        block_objects=task_objects,
    )
    target = default_run(chosen) if out is None else _target(out)
    with progress_bar(quiet=json) as progress:
        outcome = assess_region(chosen, out=target, settings=settings, progress=progress)
    if out is not None and is_url(out):
        publish(target, out)
        outcome = replace(outcome, run=out)
    if json:
        say_json(outcome.as_dict())
    else:
        _tell(outcome)
    if outcome.incomplete:
        _say_incomplete(outcome)
        raise typer.Exit(INCOMPLETE)


def _here(region: str) -> Path:
    """Return the region on this machine; one on a store is fetched."""
    from assessment.assess import home
    from assessment.remote import fetch_region, is_url, kept_at

    return fetch_region(region, kept_at(home(), region)) if is_url(region) else Path(region)


def _target(out: str) -> Path:
    """Return the folder to write; one on a store is written here first."""
    from assessment.assess import home
    from assessment.remote import is_url, kept_at

    return kept_at(home(), out) / "run" if is_url(out) else Path(out)


def _say_estimate(
    region: Region, *, workers: int, only: Literal["sites", "heat"] | None, as_json: bool
) -> None:
    from assessment.estimate import estimate, size_of

    found = estimate(size_of(region), workers=workers, only=only)
    if as_json:
        say_json(found.as_dict())
        return
    size = found.size
    OUT.print(
        f"[bold]{region.name_zh} {region.name_en}[/bold]  {size.buildings:,} buildings, "
        f"{size.parcels:,} parcels, {size.km2:,.0f} km2; {workers} at a time"
    )
    rows = (
        ("time", found.seconds, (("s", 1.0), ("min", 60.0), ("h", 3600.0))),
        ("memory", found.memory_mb, (("MB", 1.0), ("GB", 1000.0))),
        ("disk while it runs", found.work_mb, (("MB", 1.0), ("GB", 1000.0))),
        ("disk of the run", found.run_mb, (("MB", 1.0), ("GB", 1000.0))),
    )
    for name, span, units in rows:
        word, unit = next((one for one in reversed(units) if span.central >= one[1]), units[0])
        low, central, high = (f"{value / unit:,.1f}" for value in (span.low, span.central, span.high))
        OUT.print(f"{name:<20} {central:>8} {word}   ({low} to {high})")
    if size.assumed:
        OUT.print(f"not generated yet, counted by density: {', '.join(size.assumed)}", style="yellow")
    OUT.print("as measured: see docs/scale.md; another machine takes another time", style="dim")


def _say_incomplete(outcome: Outcome) -> None:
    ERR.print(
        f"{len(outcome.incomplete)} tiles could not be assessed, what lies in them is missing from this run; "
        "--resume does these once more:",
        style="red",
    )
    for one in outcome.incomplete:
        ERR.print(f"  {one['cell']}: {one['reason']}", markup=False)


def _tell(outcome: Outcome) -> None:
    OUT.print(f"[bold]{outcome.run}[/bold]  ({outcome.seconds:.0f} s, {outcome.peak_mb:.0f} MB)")
    kwp, kwh = outcome.kwp_dc, outcome.kwh_year
    if kwp["central"] is not None:  # heat alone was asked for otherwise
        OUT.print(
            f"PV sites  {outcome.sites:>10,}   {kwp['central'] / 1e3:,.0f} MWp DC "
            f"({kwp['low'] / 1e3:,.0f}-{kwp['high'] / 1e3:,.0f})   {kwh['p50'] / 1e6:,.0f} GWh/a P50, "
            f"{kwh['p90'] / 1e6:,.0f} P90"
        )
    if outcome.heatable_m2 is not None:
        OUT.print(f"heat      {outcome.heatable_m2 / 1e4:>10,.0f} 万m2 heatable floor area")
    for change in outcome.put_right:
        OUT.print(change, style="yellow", markup=False)
    if outcome.demo_layers:
        OUT.print(f"generated demonstration layers: {', '.join(outcome.demo_layers)}", style="yellow")
    if outcome.not_checked:
        OUT.print(f"not checked: {', '.join(outcome.not_checked)}", style="yellow")
