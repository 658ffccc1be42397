"""`yijian heat`: one geothermal calculation with all its parameters; why here; the boreholes of a parcel."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from typer.core import TyperGroup

from commands.say import OUT, say_json

if TYPE_CHECKING:
    from collections.abc import Callable

CALCULATIONS = {
    "shallow": "A field of shallow boreholes: heat in year 1 and 30, with interference.",
    "deep": "Deep closed-loop wells (中深层无干扰): heat over the years, alone and as a station.",
    "hydro": "A hydrothermal doublet: flow, heat, breakthrough, heat in place, P10/P50/P90.",
}
_KINDS: dict[str, Any] = {
    "float": float,
    "int": int,
    "str": str,
    "bool": bool,
    "float | None": float | None,
    "int | None": int | None,
}
"""Kind of an option by the annotation of a kernel."""


class _Calculations(TyperGroup):
    """Reads the options of a calculation from its kernel, and only when it is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401 - as the base class has it
        return [*CALCULATIONS, *super().list_commands(ctx)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401
        return _command(cmd_name) if cmd_name in CALCULATIONS else super().get_command(ctx, cmd_name)


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    group = typer.Typer(cls=_Calculations, no_args_is_help=True, help="One geothermal calculation.")
    group.callback()(lambda: None)
    group.command(name="why")(why)
    group.command(name="pack")(pack)
    app.add_typer(group, name="heat", help="One geothermal calculation, with every parameter an option.")


def _command(name: str) -> Any:  # noqa: ANN401 - a command of typer's own click
    from assessment import heat_report
    from potential.geothermal import report_deep, report_hydro, report_shallow

    kernels: dict[str, Callable[..., Any]] = {
        "shallow": report_shallow.shallow_report,
        "deep": report_deep.deep_report,
        "hydro": report_hydro.hydro_report,
    }
    kernel = kernels[name]
    ask: Callable[..., dict[str, Any]] = getattr(heat_report, name)

    def run(*, json: bool, **inputs: Any) -> None:  # noqa: ANN401 - whatever the kernel takes
        said = ask(**inputs)
        if json:
            say_json(said)
        else:
            _tell(said)

    signature = _signature(kernel, heat_report.money_options(name))
    run.__signature__ = signature  # type: ignore[attr-defined]
    run.__annotations__ = {name: p.annotation for name, p in signature.parameters.items()}
    example = f"Example: yijian heat {name} --json"
    single = typer.Typer(add_completion=False)
    single.command(name=name, help=f"{CALCULATIONS[name]}\n\n{example}")(run)
    command = typer.main.get_command(single)
    command.name = name
    return command


def _signature(kernel: Callable[..., Any], priced: tuple[str, ...]) -> inspect.Signature:
    """Make an option of every keyword of a kernel, and of money and carbon, with its unit and default."""
    from potential.geothermal.report import unit_of

    options = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=parameter.default,
            annotation=Annotated[_KINDS[parameter.annotation], typer.Option(help=_unit(unit_of(name)))],
        )
        for name, parameter in inspect.signature(kernel).parameters.items()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY
    ]
    options += [_money_option(name) for name in priced]
    told = typer.Option("--json", help="Print one JSON object and nothing else.")
    json = inspect.Parameter(
        "json", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=Annotated[bool, told]
    )
    return inspect.Signature([*options, json])


def _money_option(name: str) -> inspect.Parameter:
    """Make an option whose default stands in the catalogues; the baseline has none and must be said."""
    from potential.geothermal.report import unit_of

    if name == "baseline":
        kind: Any = str | None
        told = "What the heat replaces, coal_chp or gas_boiler: it decides the carbon saved."
    else:
        kind, told = float | None, f"{_unit(unit_of(name))} (default: the catalogue)".strip()
    return inspect.Parameter(
        name,
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[kind, typer.Option(help=told)],
    )


def _unit(unit: str) -> str:
    return "" if unit == "1" else f"in {unit}"


def _tell(said: dict[str, Any]) -> None:
    table = Table("result", "value", "unit", highlight=False)
    for name, unit in said["units"].items():
        table.add_row(name, str(said[name]), unit)
    OUT.print(table)
    inputs = Table("input", "value", "unit", highlight=False)
    for name, told in said["inputs"].items():
        inputs.add_row(name, str(told["value"]), told["unit"])
    OUT.print(inputs)
    OUT.print(f"formula: {said['formula']}", markup=False)
    for source in said["sources"]:
        OUT.print(f"source: {source}", markup=False)
    OUT.print(said["note_zh"], markup=False)
    OUT.print(said["note_en"], markup=False)


def why(
    lon: Annotated[float, typer.Argument(help="Longitude, WGS-84.")],
    lat: Annotated[float, typer.Argument(help="Latitude, WGS-84.")],
    *,
    run: Annotated[Path, typer.Option(help="Run folder to ask.")],
    out: Annotated[Path | None, typer.Option(help="Write the card of the place: .json or .csv")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the card as JSON and nothing else.")] = False,
) -> None:
    """Say why geothermal heat suits a place or not; --json and --out give the whole card of the place.

    The card holds figures with units and ranges of the block, its sites and the parcel, reasons, rules, what
    was not checked, and the parameters with their sources.

    Example: yijian heat why 108.75 34.28 --run var/runs/xixian --out card.csv
    """
    from assessment.heat_place import heat_place
    from assessment.heat_why import why_card
    from assessment.run import Run
    from exports.heat_card import heat_card, write_heat_card

    opened = Run(run)
    if json or out is not None:
        card = heat_card(opened, heat_place(opened, lon, lat))
        if out is not None:
            write_heat_card(card, out)
        if json:
            say_json(card)
            return
    _tell_why(lon, lat, why_card(opened, lon, lat))


def _tell_why(lon: float, lat: float, found: dict[str, dict[str, Any]]) -> None:
    if not found:
        OUT.print(f"{lon}, {lat} lies in no town of the run", style="yellow", markup=False)
    for technology, told in found.items():
        OUT.print(f"{technology}: {told['light']}, {told['class'] or 'unknown'}", style="bold", markup=False)
        OUT.print(f"  {told['reason_zh']}", markup=False)
        OUT.print(f"  {told['reason_en']}", markup=False)


def pack(
    parcel: Annotated[str, typer.Argument(help="Id of a parcel in heat_parcels.parquet.")],
    *,
    run: Annotated[Path, typer.Option(help="Run folder to ask.")],
    out: Annotated[Path, typer.Option(help="File to write: .geojson, .gpkg or .csv")],
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Write the boreholes packed into one parcel as points.

    Example: yijian heat pack M000042 --run var/runs/xixian --out boreholes.geojson
    """
    from exports.boreholes import export_boreholes

    boreholes = export_boreholes(run, parcel, out)
    if json:
        say_json({"parcel": parcel, "boreholes": boreholes, "file": str(out)})
        return
    OUT.print(f"{boreholes} boreholes of {parcel} -> {out}", markup=False)
