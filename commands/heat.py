"""`yijian heat shallow|deep|hydro`: one geothermal calculation with all its parameters."""

from __future__ import annotations

import inspect
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

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401, ARG002 - as the base class has it
        return list(CALCULATIONS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401, ARG002
        return _command(cmd_name) if cmd_name in CALCULATIONS else None


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    group = typer.Typer(cls=_Calculations, no_args_is_help=True, help="One geothermal calculation.")
    group.callback()(lambda: None)
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

    run.__signature__ = _signature(kernel)  # type: ignore[attr-defined]
    run.__annotations__ = {name: p.annotation for name, p in _signature(kernel).parameters.items()}
    example = f"Example: yijian heat {name} --json"
    single = typer.Typer(add_completion=False)
    single.command(name=name, help=f"{CALCULATIONS[name]}\n\n{example}")(run)
    command = typer.main.get_command(single)
    command.name = name
    return command


def _signature(kernel: Callable[..., Any]) -> inspect.Signature:
    """Make an option of every keyword of a kernel, with its unit and its default."""
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
    told = typer.Option("--json", help="Print one JSON object and nothing else.")
    json = inspect.Parameter(
        "json", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=Annotated[bool, told]
    )
    return inspect.Signature([*options, json])


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
