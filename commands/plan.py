"""`yijian plan`: the least-cost way to the target."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.table import Table

from commands.say import OUT, say_json

if TYPE_CHECKING:
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
    )
    if out is not None:
        write_plan(found, out)
    if propose:
        from tracking.plan_propose import propose as put_forward

        put_forward(found.plan, book, who=getpass.getuser(), name=propose)
    if json:
        say_json(found.as_dict())
    else:
        _tell(found)


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
