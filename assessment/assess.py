"""The main job: a region in, one finished run folder out."""

from __future__ import annotations

import os
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from assessment.blocks import BLOCK_OBJECTS
from assessment.cell_sites import select_rules
from assessment.depot import Depot
from assessment.findings import Findings
from assessment.guard import clear_faults, sole_writer
from assessment.heat import assess_heat
from assessment.heat_catalog import heat_catalog
from assessment.inputs import Inputs, read_inputs
from assessment.irradiation_maps import irradiation_maps
from assessment.manifest import fingerprint
from assessment.memory import give_back
from assessment.progress import Stopwatch, part, peak_mb
from assessment.region_sites import RegionSites, assessed_sites, share_out
from assessment.run import Run, write_atomically
from assessment.scenario import Scenario
from assessment.weather import region_weather
from assessment.write import write_json
from faults import RunError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from assessment.heat import HeatResult
    from assessment.irradiation_maps import IrradiationMaps
    from assessment.progress import Progress
    from layers.region import Region
    from layers.rules import Rule


@dataclass(frozen=True)
class Settings:
    """What one assessment is to do."""

    only: Literal["sites", "heat"] | None = None
    """Do one half of the work; None: both."""
    scenario: Scenario = field(default_factory=Scenario)
    workers: int = 2
    """Blocks assessed at the same time on this machine."""
    scheduler: str | None = None
    """Address of a Dask scheduler whose workers see the same files; None: threads of this process."""
    resume: bool = False
    """Keep the finished parts of an assessment that was interrupted."""
    work: str | None = None
    """Folder or URL (`s3://bucket/folder`) for the pieces of work, within reach of all workers; None: beside
    the run."""
    block_objects: int = BLOCK_OBJECTS
    """Most objects of a task of more than one tile: how work is gathered, not what it comes to."""

    def __post_init__(self) -> None:
        """Refuse a number of workers that is none."""
        for name in ("workers", "block_objects"):
            value = getattr(self, name)
            if value < 1:
                raise ValueError(f"{name} = {value}: must be at least 1")


@dataclass(frozen=True)
class Outcome:
    """What an assessment came to; the fields are those that `yijian assess --json` prints."""

    run: str
    seconds: float
    peak_mb: float
    sites: int
    kwp_dc: dict[str, float]
    kwh_year: dict[str, float]
    heatable_m2: float | None
    not_checked: tuple[str, ...]
    demo_layers: tuple[str, ...]
    incomplete: tuple[dict[str, Any], ...]
    """Tiles that could not be assessed, each with its reason; what lies in them is in no table."""
    put_right: tuple[str, ...] = ()
    """What was changed in rasters before heights were read from them, by layer."""

    def as_dict(self) -> dict[str, Any]:
        """Return the outcome as plain values."""
        return asdict(self)


def default_run(region: Region) -> Path:
    """Return where the run of a region is kept when nobody says where: below var/, or below YIJIAN_HOME."""
    return home() / "runs" / region.id


def home() -> Path:
    """Return the folder of what the program keeps: var/ beside the program, or YIJIAN_HOME."""
    return Path(os.environ.get("YIJIAN_HOME", Path(__file__).parent.parent / "var"))


def is_current(path: Path, region: Region, scenario: Scenario | None = None) -> bool:
    """Say whether a folder holds a finished run of the region as it stands now."""
    try:
        manifest = Run(path).manifest
    except RunError:
        return False
    whole = not manifest.get("incomplete")
    return whole and bool(manifest.get("fingerprint") == fingerprint(region, scenario or Scenario()))


def assess_region(region: Region, *, out: Path, settings: Settings, progress: Progress) -> Outcome:
    """Assess a region and write its run folder; the old folder stays until the new one is whole.

    Raises
    ------
    InputError
        A layer, rule or catalogue cannot be used; all faults at once.
    RunError
        Parts of the region could not be finished, the machine refused (disk, memory), or another process
        is writing the same folder; what is finished is kept for `resume`.
    """
    with clear_faults(out.parent), sole_writer(out):
        return _assess(region, out, settings, progress)


def _assess(region: Region, out: Path, settings: Settings, progress: Progress) -> Outcome:
    watch = Stopwatch(progress)
    scenario = settings.scenario
    rules = select_rules(region, scenario)
    inputs = read_inputs(region, scenario, progress=watch.stage("read", 0.0, 0.1))
    depot = _depot(out, settings.work, region, scenario)
    if not settings.resume:
        _discard(depot, out)
    heat = None if settings.only == "sites" else _heat(inputs, rules, scenario, watch)
    give_back()
    sun: IrradiationMaps | None = None
    half: AbstractContextManager[RegionSites | None] = nullcontext()
    if settings.only != "heat":
        watch.stage("sun", 0.3, 0.33)(0.0, "mapping the sun")
        sun = _sun(inputs, workers=settings.workers)
        stage = watch.stage("sites", 0.33, 0.97)
        stage(0.0, "sharing out the region")
        shared = share_out(inputs, rules, depot=depot, block_objects=settings.block_objects)
        inputs = inputs.lean()  # from here on memory is bounded by tiles, not by the region
        give_back()
        half = assessed_sites(
            shared,
            rules,
            workers=settings.workers,
            scheduler=settings.scheduler,
            progress=part(stage, 0.02, 1.0),
        )
    with half as sites:
        findings = Findings(inputs, sites, heat, sun)
        manifest = findings.manifest(rules, scenario)

        def fill(folder: Path) -> None:
            findings.write(folder, manifest)
            write_json(watch.timings() | {"region": str(region.file)}, folder / "timings.json")

        watch.stage("write", 0.97, 1.0)(0.0, "writing the run")
        write_atomically(out, fill)
    if manifest["incomplete"]:
        depot.remove("attempts")  # whoever resumes has seen to what was wrong
    else:
        _discard(depot, out)
    progress(1.0, "done")
    return Outcome(
        run=str(out),
        seconds=round(watch.elapsed(), 1),
        peak_mb=round(peak_mb(), 1),
        not_checked=tuple(manifest["not_checked"]),
        demo_layers=tuple(manifest["demo_layers"]),
        incomplete=tuple(manifest["incomplete"]),
        put_right=tuple(
            f"{entry['layer']}: {change}"
            for entry in manifest["inputs"]
            for change in entry.get("put_right", ())
        ),
        **manifest["totals"],
    )


def _depot(out: Path, work: str | None, region: Region, scenario: Scenario) -> Depot:
    """Return where pieces are kept: named by everything a run depends on, so that no other's are taken."""
    base = str(_beside(out)) if work is None else work.rstrip("/")
    return Depot(f"{base}/{fingerprint(region, scenario)[:16]}")


def _beside(out: Path) -> Path:
    return out.with_name(f".{out.name}.work")


def _discard(depot: Depot, out: Path) -> None:
    """Remove pieces of work that are no longer wanted."""
    depot.remove()
    Depot(str(_beside(out))).remove()


def _heat(inputs: Inputs, rules: tuple[Rule, ...], scenario: Scenario, watch: Stopwatch) -> HeatResult | None:
    """Assess heat; None where the region says nothing about its ground or has no buildings."""
    if inputs.ground is None or "buildings" not in inputs.layers:
        return None
    restrictions = inputs.layers.get("restrictions")
    return assess_heat(
        region=inputs.region,
        towns=inputs.layers["towns"].frame,
        townships=inputs.frame("townships"),
        buildings=inputs.frame("buildings"),
        farmland=inputs.frame("farmland"),
        municipal=inputs.frame("municipal"),
        restrictions=inputs.frame("restrictions"),
        heat=inputs.frame("heat"),
        wells=inputs.frame("wells"),
        ground=inputs.ground,
        catalog=heat_catalog(inputs.catalogs),
        baseline=scenario.heat_baseline,
        judgements=scenario.heat_judgements,
        rules=rules,
        covers=None if restrictions is None else restrictions.covers,
        progress=watch.stage("heat", 0.1, 0.3),
    )


def _sun(inputs: Inputs, *, workers: int) -> IrradiationMaps:
    towns = inputs.layers["towns"].frame
    weather = region_weather(inputs.region, towns)
    return irradiation_maps(towns, inputs.frame("buildings"), inputs.terrain, weather, workers=workers)
