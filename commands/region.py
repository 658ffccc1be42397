"""`yijian region new`: a region of one's own, from a boundary file to the command that assesses it."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from commands.region_options import boundary_spec, climate_choice, layer_specs, pair
from commands.say import ERR, OUT, progress_bar, say_json
from faults import Fault, InputError

if TYPE_CHECKING:
    from layers.answers import Answers
    from layers.spec import LayerSpec
    from layers.wizard import Made

region = typer.Typer(no_args_is_help=True, help="Regions of your own: make the folder that assess works on.")
OFFERED = ("buildings", "farmland", "municipal", "restrictions", "grid", "heat", "terrain", "surface")
"""Layers that are asked for, in this order."""

Pairs = Annotated[list[str], typer.Option(help="LAYER=FILE of your own; may be given several times.")]


def register(app: typer.Typer) -> None:
    """Add the group of commands."""
    app.add_typer(region, name="region")


@region.callback()
def _group() -> None:
    """Keep `new` a command of its own, though it is the only one."""


@region.command(name="new")
def new(
    out: Annotated[Path, typer.Argument(help="Folder to make.")],
    *,
    boundary: Annotated[
        Path | None, typer.Option(help="Boundary: any vector file, any CRS; its rows may be the towns.")
    ] = None,
    towns: Annotated[
        bool | None,
        typer.Option(
            "--towns/--one-town",
            help="Each row of the boundary is a town, or all are one.",
            show_default="towns where every row has a name of its own",
        ),
    ] = None,
    name_zh: Annotated[str | None, typer.Option(help="Chinese name of the region.")] = None,
    name_en: Annotated[str | None, typer.Option(help="English name of the region.")] = None,
    region_id: Annotated[
        str, typer.Option("--id", help="Short name for files.", show_default="from the name")
    ] = "",
    layer: Pairs = [],  # noqa: B006 - Typer copies it
    fetch: Annotated[
        list[str], typer.Option(help="LAYER or LAYER=SOURCE to take from open data, e.g. buildings=overture.")
    ] = [],  # noqa: B006
    told: Annotated[
        list[str],
        typer.Option(
            "--set",
            help="LAYER.WHAT=VALUE how a file is read or where it is from: crs, convert (gcj02, bd09), "
            "axis (yx), encoding, sublayer, source, licence, confidence (H, M, L), columns.OURS=THEIRS, "
            "units.OURS=UNIT.",
        ),
    ] = [],  # noqa: B006
    climate: Annotated[
        list[str],
        typer.Option(
            help="Weather: FILE (several: years or points), or pvgis, nasa_power, normals (of Xi'an)."
        ),
    ] = [],  # noqa: B006
    station_normals: Annotated[
        Path | None, typer.Option(help="Measured monthly normals the hourly year is scaled to.")
    ] = None,
    extract: Annotated[
        Path | None, typer.Option(help="OpenStreetMap extract (.osm.pbf) to take layers from.")
    ] = None,
    packs: Annotated[
        str | None,
        typer.Option(help="Rule packs, by commas.", show_default="those of the country; none elsewhere"),
    ] = None,
    targets: Annotated[Path | None, typer.Option(help="targets.toml of the region.")] = None,
    projects: Annotated[Path | None, typer.Option(help="Projects of the ledger as CSV.")] = None,
    ground: Annotated[
        Path | None, typer.Option(help="Catalogue of the ground (for geothermal heat).")
    ] = None,
    ask: Annotated[
        bool | None,
        typer.Option("--ask/--no-ask", help="Ask for what is missing.", show_default="at a terminal"),
    ] = None,
    replace_old: Annotated[bool, typer.Option("--replace", help="Replace a folder that is there.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Make a region from a boundary: ask for the layers or fetch them, check and map them, write it.

    Example: yijian region new suzhou --boundary gusu.geojson --layer buildings=buildings.geojson --climate
    pvgis
    """
    from layers.wizard import make_region

    asking = (sys.stdin.isatty() and not json) if ask is None else ask
    specs = layer_specs(layer, told, boundary)
    fetched = dict(pair(text, default="") for text in fetch)
    if asking:
        boundary = boundary or Path(typer.prompt("边界文件 Boundary file"))
        name_zh = name_zh or typer.prompt("区域中文名 Chinese name")
        name_en = name_en or typer.prompt("英文名 English name", default=name_zh)
        _ask_layers(specs, fetched)
        _ask_columns(specs)
        climate = climate or [typer.prompt("气候 Weather: file, pvgis, nasa_power, normals", default="pvgis")]
    faults = [
        Fault("region", None, key, None, "is missing; give the option, or answer at a terminal")
        for key, value in (("--boundary", boundary), ("--name-zh", name_zh or name_en))
        if not value
    ]
    if faults:
        raise InputError(faults)
    assert boundary is not None
    answers = _answers(
        specs.pop("towns") if "towns" in specs else boundary_spec(boundary, told),
        name_zh=name_zh or name_en or "",
        name_en=name_en or name_zh or "",
        id=region_id,
        split=towns,
        layers=specs,
        fetched=fetched,
        climate=climate_choice(climate, station_normals),
        extract=extract,
        packs=None if packs is None else tuple(name.strip() for name in packs.split(",") if name.strip()),
        targets=targets,
        projects=projects,
        ground=ground,
    )
    with progress_bar(quiet=json) as progress:
        made = make_region(answers, out, replace_old=replace_old, progress=progress)
        if asking:
            made = _offer_changes(made, answers, out) or made
    if json:
        say_json(made.as_dict() | {"next": _next(made)})
    else:
        _tell(made)
    if not made.report.ok:
        raise typer.Exit(2)


def _answers(boundary: LayerSpec, **given: Any) -> Answers:  # noqa: ANN401 - handed on to a dataclass
    from layers.answers import Answers

    return Answers(boundary=boundary, **given)


def _ask_layers(specs: dict[str, LayerSpec], fetched: dict[str, str]) -> None:
    """Ask for each layer that no option gave: a file, `fetch`, or nothing."""
    from layers.fetch.run import FOR_REGIONS
    from layers.spec import LayerSpec

    for name in OFFERED:
        if name in specs or name in fetched:
            continue
        open_data = "，fetch 取开放数据 or fetch from open data" if name in FOR_REGIONS else ""
        answer = typer.prompt(
            f"{name}: 文件 file{open_data}，回车跳过 Enter to skip", default="", show_default=False
        )
        while answer and answer != "fetch" and not Path(answer).is_file():
            answer = typer.prompt(f"找不到 {answer}，再试 not found, again", default="", show_default=False)
        if answer == "fetch" and name in FOR_REGIONS:
            fetched[name] = ""
        elif answer:
            specs[name] = LayerSpec(name, path=Path(answer))


def _ask_columns(specs: dict[str, LayerSpec]) -> None:
    """Ask which column is meant where several of a file may be."""
    from layers.offers import questions

    for name, spec in list(specs.items()):
        for column, choices in questions(spec).items():
            shown = ", ".join(choices)
            taken = typer.prompt(f"{name}: {column} 是哪一列 is which column ({shown})?", default=choices[0])
            if taken in choices:
                specs[name] = replace(specs[name], columns={**specs[name].columns, column: taken})


def _offer_changes(made: Made, answers: Answers, out: Path) -> Made | None:
    """Offer to undo offset datums and wrong units; None: nothing to offer, or nobody wants it."""
    from layers.told import told
    from layers.wizard import make_region

    layers = dict(answers.layers)
    for offer in made.offers:
        ERR.print(f"{offer.layer}: {offer.rule}", style="yellow", markup=False)
        if offer.layer in layers and typer.confirm(
            f"转换 {offer.layer} Convert {offer.layer} ({offer.setting})?", default=False
        ):
            layers[offer.layer] = told(layers[offer.layer], offer.setting)
    if layers == dict(answers.layers):
        return None
    return make_region(replace(answers, layers=layers), out, replace_old=True)


def _next(made: Made) -> list[str]:
    return [f"yijian check {made.folder}", f"yijian assess {made.folder}"]


def _tell(made: Made) -> None:
    from layers.chinese import in_chinese

    OUT.print(f"[bold]{made.folder}[/bold]")
    for line in made.logs:
        OUT.print(f"  {line}", markup=False)
    counts = made.report.as_dict()["counts"]
    OUT.print(
        f"  检查 check: {counts['error']} errors, {counts['warning']} warnings, {counts['info']} notes"
        "  -> check.html"
    )
    for fault in made.report.faults:
        if fault.severity == "error":
            said = in_chinese(fault.rule)
            ERR.print(
                f"  {fault}" if said is None else f"  {fault.layer}: {said}\n  {fault}",
                style="red",
                markup=False,
            )
    if made.missing:
        OUT.print(f"  尚无 not here yet: {', '.join(made.missing)}", style="yellow")
    OUT.print("下一步 Next:", style="bold")
    for command in _next(made):
        OUT.print(f"  {command}", markup=False)
