"""A new region: a folder with a region.toml, the layers put right, their logs, and the report of a check."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from faults import Fault, InputError
from layers.boundary import Boundary, plain_id, read_boundary
from layers.check_html import write_check_html
from layers.checks import check_path
from layers.demo.build import with_folder
from layers.demo_source import NO_PROGRESS
from layers.fetch.run import fetch
from layers.files import read_file
from layers.fix import fix_file
from layers.mapping import ambiguities, load_synonyms
from layers.region import DATA, EMBEDDED, ClimateSpec, Region, load_region
from layers.region_text import region_text
from layers.rules import RULES_FOLDER
from layers.schema import SCHEMAS
from layers.spec import LAYER_NAMES, RASTERS, LayerSpec
from layers.surfaces import put_right

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from layers.check_report import CheckReport

CHINESE_PACKS = ("national", "water", "heritage", "infrastructure", "airport", "roof", "geothermal_drilling")
"""Rule packs that hold all over China; a province's own are added by name."""
FETCHED_SUFFIX = {"terrain": ".tif", "climate": ".csv"}
CLIMATE_SERVICES = ("pvgis", "nasa_power")
_CONVERT = re.compile(r'write convert = "(\w+)" to convert')
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


@dataclass(frozen=True)
class Made:
    """A region that is made."""

    folder: Path
    report: CheckReport
    logs: tuple[str, ...]
    """One sentence per layer: what was kept, changed, rejected."""
    missing: tuple[str, ...]
    """Layers the region does not have."""

    def as_dict(self) -> dict[str, Any]:
        """Return what a machine reads."""
        return {
            "region": str(self.folder),
            "logs": list(self.logs),
            "missing": list(self.missing),
            "check": self.report.as_dict(),
        }


def make_region(
    answers: Answers,
    out: Path,
    *,
    replace_old: bool = False,
    progress: Callable[[float, str], None] = NO_PROGRESS,
) -> Made:
    """Make the folder of a region: all or nothing.

    Each file of the user is checked, its usable rows are written in the schema's columns to
    `<layer>.parquet`, with every change in `<layer>.changes.csv` and every row that cannot be used in
    `<layer>.rejected.csv`. What is fetched keeps its licence beside it. `check.html` and `check.json` say
    what is still wrong.

    Raises
    ------
    InputError
        A file cannot be used, an answer is none, or the folder holds something already; all faults at once.
    FetchError
        What was to be fetched is not to be had.
    """
    if out.exists() and any(out.iterdir() if out.is_dir() else (out,)) and not replace_old:
        rule = "is there already and not empty; name another folder"
        raise InputError([Fault("region", None, "out", str(out), rule)])
    name = answers.id or plain_id(answers.name_en, default=plain_id(out.name, default="region"))
    _refuse(answers)
    names = {"name_zh": answers.name_zh, "name_en": answers.name_en}
    boundary = read_boundary(answers.boundary, region_id=name, split=answers.split, **names)
    logs: list[str] = []
    with_folder(out, lambda folder: _fill(folder, replace(answers, id=name), boundary, logs, progress))
    report = check_path(out)
    write_check_html(report, out / "check.html")
    text = json.dumps(report.as_dict(), ensure_ascii=False, indent=1)
    (out / "check.json").write_text(text, encoding="utf-8")
    region = load_region(out)
    return Made(out, report, tuple(logs), tuple(name for name in LAYER_NAMES if name not in region.layers))


def default_packs(boundary: Boundary) -> tuple[str, ...]:
    """Return the rule packs for a place: those of the country in China, none elsewhere."""
    return CHINESE_PACKS if boundary.in_china else ()


def _refuse(answers: Answers) -> None:
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


def _fill(
    folder: Path,
    answers: Answers,
    boundary: Boundary,
    logs: list[str],
    progress: Callable[[float, str], None],
) -> None:
    progress(0.02, "towns")
    boundary.towns.to_parquet(folder / "towns.parquet", index=False)
    specs = {"towns": replace(_origin(answers.boundary), path=folder / "towns.parquet")}
    names = [*answers.layers, *answers.fetched]
    for number, name in enumerate(names):
        progress(0.05 + 0.8 * number / len(names), name)
        own = answers.layers.get(name)
        spec = own if own is not None else _fetched(folder, name, answers, boundary, progress)
        specs[name] = _taken(folder, spec, boundary, logs)
    progress(0.88, "climate")
    climate = _climate(folder, answers, boundary, progress)
    copies: dict[str, Any] = {
        key: _copied(path, folder, f"{key}{path.suffix}")
        for key, path in (
            ("targets", answers.targets),
            ("projects", answers.projects),
            ("ground", answers.ground),
        )
        if path is not None
    }
    packs = default_packs(boundary) if answers.packs is None else answers.packs
    region = Region(
        id=answers.id,
        name_zh=answers.name_zh,
        name_en=answers.name_en,
        folder=folder,
        crs_metric=boundary.crs_metric,
        crs_geographic="EPSG:4490" if boundary.in_china else "EPSG:4326",
        layers=specs,
        climate=climate,
        rule_packs=packs,
        **copies,
    )
    (folder / "region.toml").write_text(region_text(region), encoding="utf-8")
    load_region(folder)


def _origin(spec: LayerSpec) -> LayerSpec:
    """Keep only what is said of where a file is from; its reading is done."""
    return LayerSpec(
        spec.name,
        path=spec.path,
        covers=spec.covers,
        source=spec.source or ("" if spec.path is None else spec.path.name),
        licence=spec.licence,
        confidence=spec.confidence,
    )


def _taken(folder: Path, spec: LayerSpec, boundary: Boundary, logs: list[str]) -> LayerSpec:
    """Put a file of the user right and into the folder."""
    assert spec.path is not None
    if spec.name in RASTERS:
        out = folder / f"{spec.name}.tif"
        changes = put_right(spec.path, out, spec.name)
        logs += [f"{spec.name}: {spec.path.name} -> {out.name}; {'; '.join(changes) or 'unchanged'}"]
        return replace(_origin(spec), path=out)
    out = folder / f"{spec.name}.parquet"
    catalogs = {"columns": DATA / "catalog" / "columns.toml"}
    reading = Region(
        id="new",
        name_zh="",
        name_en="",
        folder=folder,
        crs_metric=boundary.crs_metric,
        layers={spec.name: spec},
        catalogs=catalogs,
    )
    done = fix_file(spec.path, out, as_layer=spec.name, region=reading)
    logs.append(
        f"{spec.name}: {spec.path.name} -> {out.name}; {done.rows} rows kept, {done.changes} values changed "
        f"({done.changes_file.name}), {done.rejected} rows rejected ({done.rejected_file.name}), "
        f"{done.left_out} left out"
    )
    return replace(_origin(spec), path=out)


def _fetched(
    folder: Path, name: str, answers: Answers, boundary: Boundary, progress: Callable[[float, str], None]
) -> LayerSpec:
    """Fetch a layer into the folder `sources`, with its origin beside it."""
    sources = folder / "sources"
    sources.mkdir(exist_ok=True)
    out = sources / f"{name}{FETCHED_SUFFIX.get(name, '.gpkg')}"
    source = answers.fetched[name] or None
    done = fetch(name, boundary.bbox, out, source=source, extract=answers.extract, progress=progress)
    licence = f"{done.origin.licence}; {done.origin.attribution}"
    covers: frozenset[str] | None = (
        frozenset() if name == "restrictions" else None
    )  # open data are incomplete
    return LayerSpec(name, path=out, source=done.origin.title, licence=licence, confidence="M", covers=covers)


def _climate(
    folder: Path, answers: Answers, boundary: Boundary, progress: Callable[[float, str], None]
) -> ClimateSpec:
    from layers.climate import climate_kind  # noqa: PLC0415 - loads the solar kernels

    choice = answers.climate
    station = choice.station_normals
    scaled = None if station is None else _copied(station, folder, f"station_normals{station.suffix}")
    if choice.service == NORMALS:
        return ClimateSpec(normals=_copied(EMBEDDED / "climate_normals.csv", folder, "climate_normals.csv"))
    if choice.service is not None:
        out = folder / f"climate_{choice.service}.csv"
        done = fetch(
            "climate", boundary.bbox, out, source=choice.service, year=answers.year, progress=progress
        )
        return ClimateSpec(hourly=(done.out,), station_normals=scaled)
    copies = tuple(
        _copied(path, folder, f"climate{number or ''}{path.suffix}")
        for number, path in enumerate(choice.files)
    )
    if len(copies) == 1 and climate_kind(copies[0]) == "monthly normals":
        return ClimateSpec(normals=copies[0])
    return ClimateSpec(hourly=copies, station_normals=scaled)


def _copied(path: Path, folder: Path, name: str) -> Path:
    shutil.copyfile(path, folder / name)
    return folder / name


def questions(spec: LayerSpec) -> dict[str, list[str]]:
    """Return the columns of a layer that several columns of the user's file may be; none for rasters."""
    if spec.name in RASTERS or spec.path is None:
        return {}
    raw, _ = read_file(spec.path, layer=spec.sublayer, encoding=spec.encoding)
    synonyms = load_synonyms(DATA / "catalog" / "columns.toml")
    return ambiguities(SCHEMAS[spec.name], raw.columns.drop(raw.geometry.name), spec, synonyms=synonyms)


def conversions(report: CheckReport) -> list[tuple[str, str, str]]:
    """Return layer, datum and sentence of every layer that looks as if it were in an offset datum."""
    found = []
    for fault in report.faults:
        match = _CONVERT.search(fault.rule)
        if match is not None:
            found.append((fault.layer, match[1], fault.rule))
    return found
