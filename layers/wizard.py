"""A new region: a folder with a region.toml, the layers put right, their logs, and the report of a check."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from faults import Fault, InputError
from layers.answers import NORMALS, Answers, refuse
from layers.boundary import Boundary, plain_id, read_boundary
from layers.check_html import write_check_html
from layers.checks import check_path
from layers.demo.build import with_folder
from layers.demo_source import NO_PROGRESS
from layers.fetch.run import fetch
from layers.fix import fix_file
from layers.offers import Offer, offers
from layers.region import DATA, EMBEDDED, ClimateSpec, Region, load_region
from layers.region_text import region_text
from layers.spec import LAYER_NAMES, RASTERS, LayerSpec
from layers.surfaces import put_right
from layers.told import HEIGHTS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from layers.check_report import CheckReport

CHINESE_PACKS = ("national", "water", "heritage", "infrastructure", "airport", "roof", "geothermal_drilling")
"""Rule packs that hold all over China; a province's own are added by name."""
FETCHED_SUFFIX = {"terrain": ".tif", "climate": ".csv"}


@dataclass(frozen=True)
class Made:
    """A region that is made."""

    folder: Path
    report: CheckReport
    logs: tuple[str, ...]
    """One sentence per layer: what was kept, changed, rejected."""
    missing: tuple[str, ...]
    """Layers the region does not have."""
    offers: tuple[Offer, ...] = ()
    """Changes that would mend what is suspected; made only where somebody says so."""

    def as_dict(self) -> dict[str, Any]:
        """Return what a machine reads."""
        return {
            "region": str(self.folder),
            "logs": list(self.logs),
            "missing": list(self.missing),
            "offers": [asdict(offer) for offer in self.offers],
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
    refuse(answers)
    names = {"name_zh": answers.name_zh, "name_en": answers.name_en}
    boundary = read_boundary(answers.boundary, region_id=name, split=answers.split, **names)
    notes = _Notes()
    with_folder(out, lambda folder: _fill(folder, replace(answers, id=name), boundary, notes, progress))
    report = check_path(out)
    write_check_html(report, out / "check.html")
    text = json.dumps(report.as_dict(), ensure_ascii=False, indent=1)
    (out / "check.json").write_text(text, encoding="utf-8")
    region = load_region(out)
    missing = tuple(name for name in LAYER_NAMES if name not in region.layers)
    return Made(out, report, tuple(notes.logs), missing, tuple(offers([*notes.faults, *report.faults])))


@dataclass(frozen=True)
class _Notes:
    """What is to be told of the files that were taken."""

    logs: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def default_packs(boundary: Boundary) -> tuple[str, ...]:
    """Return the rule packs for a place: those of the country in China, none elsewhere."""
    return CHINESE_PACKS if boundary.in_china else ()


def _fill(
    folder: Path,
    answers: Answers,
    boundary: Boundary,
    notes: _Notes,
    progress: Callable[[float, str], None],
) -> None:
    progress(0.02, "towns")
    boundary.towns.to_parquet(folder / "towns.parquet", index=False)
    specs = {"towns": replace(_origin(answers.boundary), path=folder / "towns.parquet")}
    names = [*answers.layers, *answers.fetched]
    for number, name in enumerate(names):
        tell = _part(progress, 0.05 + 0.8 * number / len(names), 0.8 / len(names))
        tell(0.0, name)
        own = answers.layers.get(name)
        spec = own if own is not None else _fetched(folder, name, answers, boundary, tell)
        specs[name] = _taken(folder, spec, boundary, notes)
    progress(0.88, "climate")
    climate = _climate(folder, answers, boundary, _part(progress, 0.88, 0.1))
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


def _part(progress: Callable[[float, str], None], start: float, size: float) -> Callable[[float, str], None]:
    """Return a progress of its own for a part of the whole."""
    return lambda share, what: progress(start + size * min(max(share, 0.0), 1.0), what)


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


def _taken(folder: Path, spec: LayerSpec, boundary: Boundary, notes: _Notes) -> LayerSpec:
    """Put a file of the user right and into the folder."""
    assert spec.path is not None
    if spec.name in RASTERS:
        out = folder / f"{spec.name}.tif"
        changes = put_right(spec.path, out, spec.name, unit=spec.units.get(HEIGHTS))
        notes.logs.append(f"{spec.name}: {spec.path.name} -> {out.name}; {'; '.join(changes) or 'unchanged'}")
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
    notes.faults.extend(done.faults)
    notes.logs.append(
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
