"""The options of `yijian region new`, read into what the wizard takes; all that is wrong is said at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from faults import Fault, InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from layers.answers import ClimateChoice
    from layers.spec import LayerSpec


def pair(text: str, *, default: str | None = None) -> tuple[str, str]:
    """Split LAYER=VALUE; a missing value is the default, or a fault where there is none."""
    name, mark, value = text.partition("=")
    if not mark and default is None:
        raise InputError([Fault("region", None, None, text, "must be LAYER=VALUE")])
    return name.strip(), value.strip() if mark else default or ""


def layer_specs(layers: Sequence[str], told: Sequence[str], boundary: Path | None) -> dict[str, LayerSpec]:
    """Read the options --layer and --set; every one that is wrong is a fault."""
    from layers.spec import LAYER_NAMES, LayerSpec
    from layers.told import told as with_told

    faults: list[Fault] = []
    specs: dict[str, LayerSpec] = {}
    for text in layers:
        name, value = pair(text)
        if name not in LAYER_NAMES:
            faults.append(
                Fault("region", None, "layer", name, f"is no layer; the layers are {', '.join(LAYER_NAMES)}")
            )
        elif not Path(value).is_file():
            faults.append(Fault(name, None, None, value, "file not found"))
        else:
            specs[name] = LayerSpec(name, path=Path(value))
    if boundary is not None and not boundary.is_file():
        faults.append(Fault("towns", None, None, str(boundary), "file not found"))
    for text in told:
        name, _, rest = text.partition(".")
        if name == "towns":
            continue
        if name not in specs:
            faults.append(Fault("region", None, "set", text, "speaks of a layer that --layer does not give"))
            continue
        try:
            specs[name] = with_told(specs[name], rest)
        except ValueError as error:
            faults.append(Fault("region", None, "set", text, str(error)))
    if faults:
        raise InputError(faults)
    return specs


def boundary_spec(boundary: Path, told: Sequence[str]) -> LayerSpec:
    """Say how the boundary is read: the options --set towns.… apply to it."""
    from layers.spec import LayerSpec
    from layers.told import told as with_told

    spec = LayerSpec("towns", path=boundary)
    for text in told:
        name, _, rest = text.partition(".")
        if name == "towns":
            try:
                spec = with_told(spec, rest)
            except ValueError as error:
                raise InputError([Fault("region", None, "set", text, str(error))]) from error
    return spec


def climate_choice(given: Sequence[str], station_normals: Path | None) -> ClimateChoice:
    """Read the option --climate: files, or one service."""
    from layers.answers import CLIMATE_SERVICES, NORMALS, ClimateChoice

    services = [text for text in given if text in (*CLIMATE_SERVICES, NORMALS)]
    paths = tuple(Path(text) for text in given if text not in services)
    if services and (paths or len(services) > 1):
        rule = "give files, or one service; not both"
        raise InputError([Fault("region", None, "climate", ", ".join(given), rule)])
    return ClimateChoice(paths, services[0] if services else None, station_normals)
