"""`yijian plan`: the least-cost way to the target."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.table import Table

from commands.say import OUT, say_json

if TYPE_CHECKING:
    from tracking.plan import Plan


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="plan")(plan)


def plan(
    *,
    run: Annotated[Path, typer.Option(help="Run folder to choose sites from.")],
    target_mw: Annotated[float, typer.Option(help="Capacity that must stand, MW.")] = 390.0,
    by: Annotated[int, typer.Option(help="At the end of this year.")] = 2030,
    start: Annotated[int, typer.Option(help="First year in which something is built.")] = 2027,
    existing_mw: Annotated[
        float, typer.Option(help="What stands or surely comes; counts to the target.")
    ] = 0.0,
    objective: Annotated[
        Literal["cost", "capex", "sites", "yield"],
        typer.Option(help="Least cost per kWh, least investment, fewest sites (owners), or most yield."),
    ] = "cost",
    basis: Annotated[Literal["dc", "ac"], typer.Option(help="What the target counts.")] = "dc",
    build_rate: Annotated[float | None, typer.Option(help="Most that can be built in one year, MW.")] = None,
    budget: Annotated[float | None, typer.Option(help="Most that may be invested, CNY.")] = None,
    only: Annotated[list[str] | None, typer.Option("--type", help="Only these PV types; repeat it.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write the chosen sites to this CSV.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Choose the sites that reach the target at least cost, by year, and say what holds the plan up.

    Example: yijian plan --run var/runs/xixian --target-mw 390 --by 2030 --build-rate 120 --out plan.csv
    """
    from assessment.run import Run, write_file_atomically
    from tracking.plan import make_plan
    from tracking.plan_model import PlanOptions

    options = PlanOptions(
        target_mw=target_mw,
        by=by,
        start_year=start,
        existing_mw=existing_mw,
        objective=objective,
        basis=basis,
        build_rate_mw_year=build_rate,
        budget_cny=budget,
    )
    opened = Run(run)
    sites = opened.sites if not only else opened.sites[opened.sites["type"].isin(only)]
    towns = opened.towns
    names = dict(zip(towns["town"], zip(towns["name_zh"], towns["name_en"], strict=True), strict=True))
    made = make_plan(sites, options, names=names)
    if out is not None:
        table = made.sites.drop(columns=["geometry", "rules", "kwh_month", "not_checked"], errors="ignore")
        write_file_atomically(out, lambda file: table.to_csv(file, index=False, encoding="utf-8-sig"))
    if json:
        say_json(_plain(made))
    else:
        _tell(made)


def _plain(made: Plan) -> dict[str, object]:
    tables = {"towns": made.towns, "types": made.types, "years": made.years}
    return {
        "totals": dict(made.totals),
        "gap": made.gap,
        **{name: table.to_dict("records") for name, table in tables.items()},
        "bindings": [{"zh": binding.zh, "en": binding.en} for binding in made.bindings],
        "notes": [{"zh": note.zh, "en": note.en} for note in made.notes],
    }


def _tell(made: Plan) -> None:
    totals = made.totals
    OUT.print(
        f"{totals['sites']:,.0f} sites, {totals['mw_dc']:,.1f} MW DC ({totals['mw_ac']:,.1f} AC), "
        f"{totals['gwh_year']:,.1f} GWh/a, {totals['capex'] / 1e8:,.2f} 亿元, {totals['lcoe']:.4f} CNY/kWh",
        style="bold",
    )
    table = Table("town", "year", "sites", "MW DC", "capex 亿元", highlight=False)
    for row in made.towns.to_dict("records"):
        mw, capex = f"{row['mw_dc']:,.1f}", f"{row['capex'] / 1e8:,.2f}"
        table.add_row(str(row["town"]), str(row["year"]), f"{row['sites']:,}", mw, capex)
    OUT.print(table)
    words = [(binding.zh, binding.en) for binding in made.bindings]
    words += [(note.zh, note.en) for note in made.notes]
    for zh, en in words:
        OUT.print(f"{zh}\n{en}", markup=False)
