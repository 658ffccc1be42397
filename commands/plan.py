"""`yijian plan`: the least-cost way to the target."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.table import Table

from commands.say import OUT, say_json
from faults import Fault, InputError

if TYPE_CHECKING:
    import pandas as pd

    from assessment.run import Run
    from layers.region import Region
    from tracking.plan_run import RunPlan


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="plan")(plan)


def plan(
    *,
    run: Annotated[Path, typer.Option(help="Run folder to choose sites from.")],
    target_mw: Annotated[float, typer.Option(help="Capacity that must stand, MW.")] = 390.0,
    by: Annotated[int, typer.Option(help="At the end of this year.")] = 2030,
    start: Annotated[int, typer.Option(help="First year in which something is built.")] = 2027,
    objective: Annotated[
        Literal["cost", "capex", "sites", "yield"],
        typer.Option(help="Least cost per kWh, least investment, fewest sites (owners), or most yield."),
    ] = "cost",
    basis: Annotated[Literal["dc", "ac"], typer.Option(help="What the target counts.")] = "dc",
    build_rate: Annotated[float | None, typer.Option(help="Most that can be built in one year, MW.")] = None,
    budget: Annotated[float | None, typer.Option(help="Most that may be invested, CNY.")] = None,
    milestone: Annotated[
        list[str] | None, typer.Option(metavar="YEAR=MW", help="Capacity that must stand by then; repeat it.")
    ] = None,
    town_min: Annotated[
        list[str] | None, typer.Option(metavar="TOWN=MW", help="Least new capacity of a town; repeat it.")
    ] = None,
    town_max: Annotated[
        list[str] | None, typer.Option(metavar="TOWN=MW", help="Most new capacity of a town; repeat it.")
    ] = None,
    share_min: Annotated[
        list[str] | None, typer.Option(metavar="TYPE=SHARE", help="Least share of a PV type; repeat it.")
    ] = None,
    share_max: Annotated[
        list[str] | None, typer.Option(metavar="TYPE=SHARE", help="Largest share of a PV type; repeat it.")
    ] = None,
    headroom: Annotated[
        bool, typer.Option("--headroom/--no-headroom", help="Keep within what the substations can take.")
    ] = True,
    load: Annotated[
        Path | None,
        typer.Option(help="Hourly demand by town (CSV: time,town,kwh) to settle the plan's hours against."),
    ] = None,
    without_township: Annotated[
        list[str] | None, typer.Option(help="Leave this township's sites out; repeat it.")
    ] = None,
    region: Annotated[
        Path | None, typer.Option(help="Region with the ledger and the grid.", show_default="Xixian")
    ] = None,
    propose: Annotated[
        str | None, typer.Option(help="Put the plan into the ledger as proposals under this name.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write the plan's tables into this folder.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Choose the sites that reach the target at least cost, by year, and say what holds the plan up.

    What the ledger knows to stand or to come counts toward the target, and its sites are taken off.

    Example: yijian plan --run var/runs/xixian --target-mw 390 --by 2030 --build-rate 120 --out plan/
    """
    from assessment.run import Run
    from layers.region import EMBEDDED, load_region
    from tracking.ledger_home import open_ledger
    from tracking.plan_run import plan_run, write_plan

    where = load_region(region or EMBEDDED)
    book = open_ledger(where)
    found = plan_run(
        Run(run),
        book.frame(),
        region=where,
        without_townships=tuple(without_township or ()),
        target_mw=target_mw,
        by=by,
        start_year=start,
        objective=objective,
        basis=basis,
        build_rate_mw_year=build_rate,
        budget_cny=budget,
        use_headroom=headroom,
        milestones_mw={int(year): mw for year, mw in _amounts(milestone, "milestone").items()},
        town_min_mw=_amounts(town_min, "town-min"),
        town_max_mw=_amounts(town_max, "town-max"),
        type_share_min=_amounts(share_min, "share-min"),
        type_share_max=_amounts(share_max, "share-max"),
    )
    hours = _hours(found, Run(run), where, load)
    if out is not None:
        write_plan(found, out)
    if propose:
        from tracking.plan_propose import propose as put_forward

        put_forward(found.plan, book, who=getpass.getuser(), name=propose)
    if json:
        say_json(found.as_dict() | {"hours": None if hours is None else hours.to_dict("records")})
    else:
        _tell(found)
        _tell_hours(hours)


def _amounts(pairs: list[str] | None, option: str) -> dict[str, float]:
    """Read what is written name=number."""
    found, faults = {}, []
    for pair in pairs or []:
        name, _, number = pair.partition("=")
        try:
            found[name.strip()] = float(number)
        except ValueError:
            faults.append(Fault("plan", None, option, pair, "must be written name=number"))
    if faults:
        raise InputError(faults)
    return found


def _hours(found: RunPlan, run: Run, region: Region, load: Path | None) -> pd.DataFrame | None:
    """Settle the plan's hours; None where the run has none, or nothing was chosen."""
    if not (run.path / "hourly.parquet").is_file() or found.plan.sites.empty:
        return None
    from tracking.grid import read_load
    from tracking.plan_hours import plan_hours

    demand = None if load is None else read_load(load)
    return plan_hours(run, found.plan.sites, region=region, load=demand)


def _tell_hours(hours: pd.DataFrame | None) -> None:
    if hours is None:
        return
    names = (
        "made_gwh",
        "used_gwh",
        "exported_gwh",
        "curtailed_share",
        "self_sufficiency",
        "storage_needed_mwh",
        "headroom",
        "known_mw",
    )
    table = Table("town", *names, highlight=False)
    for row in hours.to_dict("records"):
        cells = [row[name] if name == "headroom" else f"{row[name]:,.3g}" for name in names]
        table.add_row(str(row["town"]), *cells)
    OUT.print(table)
    if (hours["headroom"] == "part").any():
        OUT.print(
            "变电站余量部分未知的新城：弃光与储能为上限，外送为下限。\n"
            "Where part of the headroom is known: curtailment and storage at most, exports at least."
        )


def _tell(found: RunPlan) -> None:
    totals = found.plan.totals
    OUT.print(
        f"{found.existing_mw:,.1f} MW stand or are coming; {totals['sites']:,.0f} sites more: "
        f"{totals['mw_dc']:,.1f} MW DC ({totals['mw_ac']:,.1f} AC), {totals['gwh_year']:,.1f} GWh/a, "
        f"{totals['capex'] / 1e8:,.2f} 亿元, {totals['lcoe']:.4f} CNY/kWh",
        style="bold",
    )
    table = Table("town", "year", "sites", "MW DC", "capex 亿元", highlight=False)
    for row in found.plan.towns.to_dict("records"):
        mw, capex = f"{row['mw_dc']:,.1f}", f"{row['capex'] / 1e8:,.2f}"
        table.add_row(str(row["town"]), str(row["year"]), f"{row['sites']:,}", mw, capex)
    OUT.print(table)
    words = [(binding.zh, binding.en) for binding in found.plan.bindings]
    words += [(note.zh, note.en) for note in found.notes]
    for zh, en in words:
        OUT.print(f"{zh}\n{en}", markup=False)
