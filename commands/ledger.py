"""`yijian ledger`: the projects that are planned, being built and in operation."""

from __future__ import annotations

import getpass
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from commands.say import OUT, say_json
from faults import Fault, InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracking.ledger import Ledger
    from tracking.ledger_import import Preview

SHOWN = {
    "id": "id",
    "name": "name",
    "town": "town",
    "kind": "kind",
    "status": "status",
    "capacity_mw_dc": "MW DC",
    "capacity_mw_ac": "MW AC",
    "capacity_mw_unstated": "MW, basis unstated",
    "heated_m2": "heated m2",
}
"""Columns of the list and their headings."""

ledger = typer.Typer(no_args_is_help=True, help="The ledger of projects: list, add, set, import, export.")

RegionOption = Annotated[
    Path | None, typer.Option(help="Region the ledger belongs to.", show_default="Xixian")
]
UrlOption = Annotated[
    str | None,
    typer.Option(envvar="YIJIAN_LEDGER", help="Database URL (sqlite:///… or postgresql://…)."),
]
WhoOption = Annotated[
    str,
    typer.Option(help="Who makes the change; kept in the history.", default_factory=getpass.getuser),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Pairs = Annotated[list[str], typer.Argument(help="field=value, e.g. name=… capacity_mw_dc=1.5万千瓦")]


def register(app: typer.Typer) -> None:
    """Add the group of commands, with those of `commands.ledger_files`."""
    from commands import ledger_files

    ledger_files.register(ledger)
    app.add_typer(ledger, name="ledger")


@contextmanager
def opened(region: Path | None, url: str | None) -> Iterator[Ledger]:
    """Open the ledger of a region while a command works on it."""
    from layers.region import EMBEDDED, load_region
    from tracking.ledger_home import open_ledger

    book = open_ledger(load_region(region or EMBEDDED), url)
    try:
        yield book
    finally:
        book.close()


@ledger.command(name="list")
def list_projects(
    *,
    town: Annotated[str | None, typer.Option(help="Only one new town, by id.")] = None,
    kind: Annotated[str | None, typer.Option(help="pv or geothermal.")] = None,
    status: Annotated[str | None, typer.Option(help="proposed, approved, under_construction, …")] = None,
    region: RegionOption = None,
    url: UrlOption = None,
    json: JsonOption = False,
) -> None:
    """List the projects; a capacity that nobody knows stays empty.

    Example: yijian ledger list --town konggang --kind pv
    """
    with opened(region, url) as book:
        frame = book.frame(town=town, kind=kind, status=status)
    if json:
        say_json({"projects": [plain_row(row) for row in frame.to_dict("records")]})
        return
    table = Table(*SHOWN.values(), highlight=False)
    for row in frame[list(SHOWN)].itertuples(index=False):
        table.add_row(*("" if value is None or value != value else str(value) for value in row))  # noqa: PLR0124 - NaN
    OUT.print(table)


@ledger.command()
def add(
    pairs: Pairs,
    *,
    who: WhoOption,
    region: RegionOption = None,
    url: UrlOption = None,
    json: JsonOption = False,
) -> None:
    """Add a project.

    Example: yijian ledger add name=屋顶一期 kind=pv town=fengxi status=approved capacity_mw_dc=0.6万千瓦
    """
    with opened(region, url) as book:
        key = book.add(_values(pairs), who=who)
    tell({"id": key}, json=json)


@ledger.command(name="set")
def set_fields(
    project: Annotated[str, typer.Argument(help="Id of the project.")],
    pairs: Pairs,
    *,
    who: WhoOption,
    version: Annotated[
        int | None, typer.Option(help="Version you read; the change is refused if it has another by now.")
    ] = None,
    region: RegionOption = None,
    url: UrlOption = None,
    json: JsonOption = False,
) -> None:
    """Change fields of a project.

    Example: yijian ledger set p-1 status=operating date_operating=2026-06-30
    """
    with opened(region, url) as book:
        now = book.set(project, _values(pairs), who=who, version=version)
    tell({"id": project, "version": now}, json=json)


@ledger.command(name="import")
def import_file(
    file: Annotated[Path, typer.Argument(help="XLSX, CSV or GeoPackage.")],
    *,
    apply: Annotated[bool, typer.Option(help="Apply it; without this only the preview is shown.")] = False,
    mapping: Annotated[
        list[str] | None, typer.Option("--map", help="field=heading, where a heading is not understood.")
    ] = None,
    who: WhoOption,
    region: RegionOption = None,
    url: UrlOption = None,
    json: JsonOption = False,
) -> None:
    """Import projects: look at the preview first, then apply all of it or nothing.

    Example: yijian ledger import projects.xlsx --map capacity_mw_dc=装机容量 --apply
    """
    from tracking.ledger_import import apply_import, preview_import

    with opened(region, url) as book:
        preview = preview_import(book, file, mapping=_values(mapping or []))
        counts = apply_import(book, preview, who=who) if apply else preview.counts
    if json:
        faults = [fault.as_dict() for fault in preview.faults]
        say_json({"applied": apply, **counts, "ignored": list(preview.ignored), "faults": faults})
    else:
        _tell_preview(preview, counts, applied=apply)
    if not preview.applicable:
        raise typer.Exit(2)


@ledger.command(name="export")
def export_file(
    file: Annotated[Path, typer.Argument(help="File to write: .xlsx, .csv or .gpkg.")],
    *,
    town: Annotated[str | None, typer.Option(help="Only one new town, by id.")] = None,
    region: RegionOption = None,
    url: UrlOption = None,
    json: JsonOption = False,
) -> None:
    """Export the projects as a table that can be imported again.

    Example: yijian ledger export projects.xlsx
    """
    from tracking.ledger_files import export_ledger

    with opened(region, url) as book:
        rows = export_ledger(book, file, town=town)
    tell({"file": str(file), "rows": rows}, json=json)


def _values(pairs: list[str]) -> dict[str, str]:
    wrong = [
        Fault("ledger", None, None, pair, "must be written field=value") for pair in pairs if "=" not in pair
    ]
    if wrong:
        raise InputError(wrong)
    return dict(pair.split("=", 1) for pair in pairs)


def tell(result: dict[str, Any], *, json: bool) -> None:
    """Say what was done."""
    if json:
        say_json(result)
    else:
        OUT.print("  ".join(f"{key} {value}" for key, value in result.items()), markup=False)


def _tell_preview(preview: Preview, counts: dict[str, int], *, applied: bool) -> None:
    for fault in preview.faults:
        OUT.print(
            f"{fault.severity}: {fault}", markup=False, style="red" if fault.severity == "error" else "yellow"
        )
    for suspicion in preview.suspicions:
        OUT.print(f"perhaps the same project: {suspicion}", markup=False, style="yellow")
    done = "applied" if applied else "would be applied (say --apply)"
    OUT.print(
        f"{counts['add']} new, {counts['set']} changed, {counts['same']} the same: {done}", markup=False
    )


def plain_row(row: dict[Any, Any]) -> dict[str, Any]:
    """Return a row with what is unknown as None and dates as text."""

    def plain(value: Any) -> Any:  # noqa: ANN401 - a cell
        if value is None or value != value:  # noqa: PLR0124 - NaN and NaT differ from themselves
            return None
        return value if isinstance(value, str | int | float) else str(value)

    return {str(key): plain(value) for key, value in row.items()}
