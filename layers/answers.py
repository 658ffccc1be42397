"""What a new region is made of: its boundary, files, open data and weather; refused where it cannot be."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from faults import Fault, InputError
from layers.rules import RULES_FOLDER
from layers.spec import LAYER_NAMES, LayerSpec

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

CLIMATE_SERVICES = ("pvgis", "nasa_power")
NORMALS = "normals"
"""Climate: the monthly normals of the stations that come with the program."""


@dataclass(frozen=True)
class ClimateChoice:
    """Where the weather of a new region is from: one of the three."""

    files: tuple[Path, ...] = ()
    """Hourly files (several: years of one place, or points around), or one table of normals."""
    service: str | None = None
    """pvgis, nasa_power, or normals (those that come with the program)."""
    station_normals: Path | None = None
    """Measured monthly normals that the hourly year is scaled to."""


@dataclass(frozen=True)
class Answers:
    """Everything a new region is made of."""

    boundary: LayerSpec
    """The boundary file, as layer `towns`."""
    name_zh: str
    name_en: str
    climate: ClimateChoice
    id: str = ""
    split: bool | None = None
    """See `read_boundary`."""
    layers: Mapping[str, LayerSpec] = field(default_factory=dict)
    """The user's own files by layer."""
    fetched: Mapping[str, str] = field(default_factory=dict)
    """Layer -> who it is fetched from, where the user has none."""
    extract: Path | None = None
    """OpenStreetMap extract on disk instead of the service."""
    packs: tuple[str, ...] | None = None
    """None: those of the country."""
    targets: Path | None = None
    projects: Path | None = None
    ground: Path | None = None
    year: int = 2023
    """Year that NASA POWER is asked for."""


def refuse(answers: Answers) -> None:
    """Refuse layers, packs and services that there are none of, and files that are not there; all at once."""
    climate = answers.climate
    faults = [
        Fault("region", None, "layer", name, f"is no layer; the layers are {', '.join(LAYER_NAMES)}")
        for name in (*answers.layers, *answers.fetched)
        if name not in LAYER_NAMES
    ]
    known = [path.stem for path in sorted(RULES_FOLDER.glob("*.toml")) if path.stem != "scenarios"]
    faults += [
        Fault("region", None, "packs", pack, f"is no rule pack; there are {', '.join(known)}")
        for pack in answers.packs or ()
        if pack not in known
    ]
    given = [answers.targets, answers.projects, answers.ground, climate.station_normals, *climate.files]
    faults += [
        Fault("region", None, None, str(path), "file not found")
        for path in given
        if path and not path.is_file()
    ]
    services = (*CLIMATE_SERVICES, NORMALS)
    if climate.service is not None and climate.service not in services:
        rule = f"must be a file or one of {', '.join(services)}"
        faults.append(Fault("region", None, "climate", climate.service, rule))
    elif not climate.files and climate.service is None:
        rule = f"say where the weather is from: a file, or one of {', '.join(services)}"
        faults.append(Fault("region", None, "climate", None, rule))
    if faults:
        raise InputError(faults)
