"""`yijian progress`: how far the targets are, where the pipeline leads, and each town's share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.table import Table

from commands.say import OUT, say_json

if TYPE_CHECKING:
    import pandas as pd

    from tracking.outlook import Outlook


HEADINGS = (
    *("target", "basis", "year", "value", "operating", "progress"),
    *("share", "unknown", "met", "forecast low / central / high"),
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="progress")(progress)


def progress(
    *,
    run: Annotated[
        Path | None, typer.Option(help="Run that says the potential.", show_default="that of the region")
    ] = None,
    key: Annotated[
        Literal["potential", "roof_area", "equal", "need"],
        typer.Option(help="How each target is shared among the towns."),
    ] = "potential",
    need: Annotated[
        list[str] | None, typer.Option(help="town=amount, the need of a town; repeat it with --key need.")
    ] = None,
    region: Annotated[
        Path | None, typer.Option(help="Region with targets and ledger.", show_default="Xixian")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Count the ledger against the targets, forecast the pipeline with its delays, and share targets.

    Unknown sizes are counted and listed, never added as zero.

    Example: yijian progress --run var/runs/xixian --key roof_area
    """
    from assessment.assess import default_run
    from assessment.run import Run
    from layers.catalog import load_catalog
    from layers.region import EMBEDDED, load_region
    from tracking.ledger_home import open_ledger
    from tracking.outlook import outlook, share_target
    from tracking.targets import load_targets

    where = load_region(region or EMBEDDED)
    done = Run(run or default_run(where))
    found = outlook(
        load_targets(where.targets or where.folder / "targets.toml"),
        open_ledger(where).frame(),
        done.summary,
        done.heat_summary,
        assumptions=load_catalog(where.catalogs["pipeline"]),
        towns=tuple(done.towns["town"].astype(str)),
    )
    numbers = {town: float(amount) for town, amount in (pair.split("=", 1) for pair in need or [])}
    pv = found.progress.targets[found.progress.targets["measure"] == "pv_mw"]
    shares = {
        f"{row['target']} {row['basis']}": share_target(
            found.progress, row["target"], row["basis"], key=key, summary=done.summary, need=numbers
        )
        for row in pv.to_dict("records")
    }
    if json:
        say_json(_plain(found, shares))
    else:
        _tell(found, shares)


def _plain(found: Outlook, shares: dict[str, pd.DataFrame]) -> dict[str, object]:
    return {
        "targets": found.progress.targets.to_dict("records"),
        "towns": found.progress.towns.to_dict("records"),
        "unknown": found.progress.unknown[["id", "name", "town", "kind", "status"]].to_dict("records"),
        "forecast": found.forecasts.to_dict("records"),
        "outlook": found.met.to_dict("records"),
        "shares": {name: table.to_dict("records") for name, table in shares.items()},
    }


def _tell(found: Outlook, shares: dict[str, pd.DataFrame]) -> None:
    table = Table(*HEADINGS, highlight=False)
    for row, met in zip(found.progress.targets.to_dict("records"), found.met.to_dict("records"), strict=True):
        amounts = [f"{row[name]:,.1f}" for name in ("operating", "progress")]
        ends = " / ".join(f"{met[end]:,.0f}" for end in ("low", "central", "high"))
        head = (row["target"], row["basis"], str(row["year"]), f"{row['value']:,.0f} {row['unit']}")
        unknown, verdict = str(row["unknown_count"]), f"{ends} ({met['verdict']})"
        tail = (f"{row['share']:.0%}", unknown, row["verdict"], verdict)
        table.add_row(*head, *amounts, *tail)
    OUT.print(table)
    for row in found.progress.unknown.to_dict("records"):
        OUT.print(f"size unknown: {row['name']} ({row['id']}, {row['status']})", markup=False)
    for name, share in shares.items():
        OUT.print(name, style="bold")
        towns = Table("town", "share", "target", "stands", "to add", "limited by", highlight=False)
        for row in share.to_dict("records"):
            numbers = (f"{row['key']:.0%}", *(f"{row[one]:,.1f}" for one in ("target", "built", "to_add")))
            towns.add_row(str(row["town"]), *numbers, str(row["limited"]))
        OUT.print(towns)
