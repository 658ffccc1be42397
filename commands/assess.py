"""`yijian assess`: the main job."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from commands.say import OUT, progress_bar, say_json

if TYPE_CHECKING:
    from assessment.assess import Outcome

RegionArgument = Annotated[
    Path | None,
    typer.Argument(help="A region.toml or its folder; without it the embedded Xixian.", show_default=False),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="assess")(assess)


def assess(
    region: RegionArgument = None,
    *,
    out: Annotated[
        Path | None, typer.Option(help="Run folder to write.", show_default="var/runs/REGION")
    ] = None,
    scenario: Annotated[
        Path | None, typer.Option(help="TOML file with packs, shares, prices to change.")
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
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Assess a region: where PV and geothermal heat can be built, and how much.

    Reads the layers, applies the rules, computes capacity, energy, cost and carbon, and writes one run
    folder; an interrupted run leaves the old folder as it was.

    Example: yijian assess data/xixian --out var/runs/xixian
    """
    from assessment.assess import Settings, assess_region, default_run
    from assessment.scenario import load_scenario
    from layers.region import EMBEDDED, load_region

    chosen = load_region(region or EMBEDDED)
    settings = Settings(
        only=only,
        scenario=load_scenario(scenario),
        workers=workers or min(os.cpu_count() or 1, 4),
        scheduler=scheduler,
        resume=resume,
    )
    with progress_bar(quiet=json) as progress:
        outcome = assess_region(chosen, out=out or default_run(chosen), settings=settings, progress=progress)
    if json:
        say_json(outcome.as_dict())
    else:
        _tell(outcome)


def _tell(outcome: Outcome) -> None:
    kwp, kwh = outcome.kwp_dc, outcome.kwh_year
    OUT.print(f"[bold]{outcome.run}[/bold]  ({outcome.seconds:.0f} s, {outcome.peak_mb:.0f} MB)")
    OUT.print(
        f"PV sites  {outcome.sites:>10,}   {kwp['central'] / 1e3:,.0f} MWp DC "
        f"({kwp['low'] / 1e3:,.0f}-{kwp['high'] / 1e3:,.0f})   {kwh['p50'] / 1e6:,.0f} GWh/a P50, "
        f"{kwh['p90'] / 1e6:,.0f} P90"
    )
    if outcome.heatable_m2 is not None:
        OUT.print(f"heat      {outcome.heatable_m2 / 1e4:>10,.0f} 万m2 heatable floor area")
    if outcome.demo_layers:
        OUT.print(f"generated demonstration layers: {', '.join(outcome.demo_layers)}", style="yellow")
    if outcome.not_checked:
        OUT.print(f"not checked: {', '.join(outcome.not_checked)}", style="yellow")
