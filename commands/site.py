"""`yijian site`: the economics of one site in full."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from commands.say import OUT, say_json

if TYPE_CHECKING:
    import pandas as pd


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="site")(site)


def site(
    key: Annotated[str, typer.Argument(metavar="ID", help="Id of a site of the run.")],
    *,
    run: Annotated[
        Path | None, typer.Option(help="Run folder of the site.", show_default="that of the region")
    ] = None,
    floor_m2: Annotated[
        float | None, typer.Option(help="Floor area of the building, m2.", show_default="area of the site")
    ] = None,
    region: Annotated[Path | None, typer.Option(help="Region of the run.", show_default="Xixian")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Show what a site costs and earns: its range, its cash by year, its connection, self-use by tariff.

    Example: yijian site roof-b000123 --run var/runs/xixian
    """
    from assessment.assess import default_run
    from assessment.run import Run
    from layers.catalog import load_catalog
    from layers.region import EMBEDDED, load_region
    from tracking.site_dossier import site_dossier

    where = load_region(region or EMBEDDED)
    catalogs = {name: load_catalog(path) for name, path in where.catalogs.items()}
    found = site_dossier(Run(run or default_run(where)), key, catalogs, floor_m2=floor_m2)
    if json:
        say_json({name: _plain(value) for name, value in found.items()})
        return
    for name, value in found.items():
        OUT.print(name, style="bold")
        OUT.print(value if not hasattr(value, "to_dict") else _table(value))


def _plain(value: Any) -> Any:  # noqa: ANN401 - a table or a number
    if not hasattr(value, "reset_index"):
        return value
    table = value if value.index.name is None else value.reset_index()
    return table.to_dict("records")


def _table(frame: pd.DataFrame) -> Table:
    shown = frame if frame.index.name is None else frame.reset_index()
    table = Table(*map(str, shown.columns), highlight=False)
    for row in shown.itertuples(index=False):
        table.add_row(*(f"{value:,.4g}" if isinstance(value, float) else str(value) for value in row))
    return table
