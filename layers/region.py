"""The region: one folder with a region.toml that names its layers, climate, ground, rules and targets."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pyproj import CRS
from pyproj.exceptions import CRSError

from faults import Fault, InputError
from gis.crs import metric_problem
from layers.keys import Keys
from layers.spec import LAYER_NAMES, LayerSpec, parse_layer

if TYPE_CHECKING:
    from collections.abc import Mapping

DATA = Path(__file__).parent.parent / "data"
"""Folder of the embedded region and of the catalogues every region falls back to."""
EMBEDDED = DATA / "xixian"
"""Folder of the region that is used where none is named."""


@dataclass(frozen=True)
class ClimateSpec:
    """Where the climate of a region is from; paths that are not given are None."""

    normals: Path | None = None
    """Monthly normals as CSV: station, lat, lon, alt, month, ghi_kwh_m2, diffuse_fraction, temp_air_c,
    wind_m_s."""
    epw: Path | None = None
    """Hourly year as EnergyPlus weather file; the same as one file in `hourly`."""
    hourly: tuple[Path, ...] = ()
    """Hourly files of any kind: years of one place become a typical year, places are weighted by distance."""
    station_normals: Path | None = None
    """Measured normals (as `normals`) that the hourly year is scaled to, month by month."""

    shift_min: int = 0
    """Minutes by which hourly files are moved against their own clock, later where positive."""

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file of the climate, those that decide first."""
        all_ = (self.epw, *self.hourly, self.station_normals, self.normals)
        return tuple(path for path in all_ if path is not None)


@dataclass(frozen=True)
class Region:
    """A region as its region.toml describes it; files are named, not yet read."""

    id: str
    name_zh: str
    name_en: str
    folder: Path
    """Folder of the region.toml; relative paths in it start here."""
    crs_metric: str
    """Projected CRS in metres for areas and buffers, as authority:code."""
    crs_geographic: str = "EPSG:4490"
    boundary_note_zh: str = ""
    """What must be said wherever the boundary is shown; empty: the boundary is official."""
    boundary_note_en: str = ""
    seed: int = 0
    """Seed of everything that is drawn at random for this region."""
    layers: Mapping[str, LayerSpec] = field(default_factory=dict)
    climate: ClimateSpec = ClimateSpec()
    ground: Path | None = None
    """Catalogue of ground parameters."""
    rule_packs: tuple[str, ...] = ()
    catalogs: Mapping[str, Path] = field(default_factory=dict)
    """Catalogue files by name: the embedded ones, with the region's own in their place."""
    targets: Path | None = None
    projects: Path | None = None
    file: Path | None = None
    """The region.toml it was read from; None: made in memory."""

    def __post_init__(self) -> None:
        """Refuse a metric CRS that does not measure in metres, and an id that is no plain name."""
        if not self.id or not all(char.isalnum() or char in "-_" for char in self.id):
            raise ValueError(f"id {self.id!r} must be letters, digits, '-' and '_' only")
        if problem := metric_problem(self.crs_metric):
            raise ValueError(f"crs_metric {self.crs_metric!r} {problem}")
        object.__setattr__(self, "layers", MappingProxyType(dict(self.layers)))
        object.__setattr__(self, "catalogs", MappingProxyType(dict(self.catalogs)))

    def demo_layers(self) -> tuple[str, ...]:
        """Name the layers that are generated, not read."""
        return tuple(name for name, spec in self.layers.items() if spec.demo)


def load_region(path: Path) -> Region:
    """Read a region.toml, or the one in a folder, and check it completely.

    Raises
    ------
    InputError
        Unknown or missing keys, values of the wrong kind, files that do not exist: all at once,
        each with the dotted name of its key.

    Examples
    --------
    >>> load_region(EMBEDDED).name_zh
    '西咸新区'
    """
    file = path / "region.toml" if path.is_dir() else path
    keys = Keys(_read_toml(file), file=file)
    return _parse(keys)


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            [Fault("region", None, None, str(file), "region.toml cannot be read (UTF-8)")]
        ) from error
    except tomllib.TOMLDecodeError as error:
        rule = f"is not valid TOML: {error}"
        raise InputError([Fault("region", None, None, None, rule, file=file.name)]) from error


def _parse(keys: Keys) -> Region:
    boundary, climate, catalogs = keys.table("boundary"), keys.table("climate"), keys.table("catalogs")
    targets, projects = keys.table("targets"), keys.table("projects")
    layers = keys.table("layers")
    fields: dict[str, Any] = {
        "id": keys.text("id", required=True),
        "name_zh": keys.text("name_zh", required=True),
        "name_en": keys.text("name_en", required=True),
        "crs_metric": keys.text("crs_metric", required=True),
        "crs_geographic": keys.text("crs_geographic") or "EPSG:4490",
        "seed": keys.integer("seed"),
        "boundary_note_zh": boundary.text("note_zh") or "",
        "boundary_note_en": boundary.text("note_en") or "",
        "climate": ClimateSpec(
            normals=climate.file("normals"),
            epw=climate.file("epw"),
            hourly=climate.files("hourly"),
            station_normals=climate.file("station_normals"),
            shift_min=climate.integer("shift_min"),
        ),
        "ground": keys.table("ground").file("parameters"),
        "rule_packs": keys.table("rules").texts("packs"),
        "targets": targets.file("path"),
        "projects": projects.file("path"),
        "catalogs": _catalogs(catalogs),
        "layers": {
            name: parse_layer(layers.table(name), name)
            for name in layers.names()
            if layers.one_of(name, LAYER_NAMES, "layer")
        },
    }
    _check_crs(keys, fields)
    keys.finish()
    try:
        return Region(folder=keys.file_path.parent.resolve(), file=keys.file_path.resolve(), **fields)
    except ValueError as error:
        raise InputError([Fault("region", None, None, None, str(error), file=keys.file_path.name)]) from error


def _catalogs(keys: Keys) -> dict[str, Path]:
    embedded = {path.stem: path for path in sorted((DATA / "catalog").glob("*.toml"))}
    own = {name: keys.file(name) for name in keys.names()}
    return embedded | {name: path for name, path in own.items() if path is not None}


def _check_crs(keys: Keys, fields: Mapping[str, Any]) -> None:
    if (metric := fields["crs_metric"]) and (problem := metric_problem(metric)):
        keys.fault("crs_metric", metric, problem)
    try:
        geographic = CRS.from_user_input(fields["crs_geographic"]).is_geographic
    except CRSError:
        geographic = False
    if not geographic:
        keys.fault(
            "crs_geographic", fields["crs_geographic"], "must be a known geographic CRS, such as EPSG:4490"
        )


__all__ = ["DATA", "EMBEDDED", "LAYER_NAMES", "ClimateSpec", "LayerSpec", "Region", "load_region"]
