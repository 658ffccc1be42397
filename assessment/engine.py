"""Blocks of a region as independent tasks: on threads, or on the workers of a Dask cluster.

A task reads its window of the store, assesses what its block owns, and writes one part, whole or not at all.
Finished parts are kept, so that an interrupted assessment goes on where it stopped. What a block comes to
depends on the block alone, not on who computes it or when.
"""

from __future__ import annotations

import json
from concurrent.futures import CancelledError, Executor, Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from assessment.blocks import Block, Bounds, grown, owned_by
from assessment.candidates import find_candidates
from assessment.energy import months_by_town
from assessment.guard import explained
from assessment.inputs import SHARED_OUT, Inputs, load_catalogs, sha256
from assessment.run import EXCLUDED, SITES, write_atomically
from assessment.scenario import Scenario
from assessment.sites import Method, SiteResult, build_sites
from assessment.solar import HALO_M
from assessment.store import Store
from assessment.write import write_geo, write_json, write_table
from faults import RunError
from layers.region import load_region
from layers.rule_rasters import TERRAIN_LAYERS, terrain_layers
from layers.sources import Layer, raster_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import geopandas as gpd

    from assessment.progress import Progress
    from layers.region import Region
    from layers.rule_rasters import RuleRaster
    from layers.rules import Rule

CONNECT_TIMEOUT = "20s"
NAMED = 20
"""Failed blocks that a message names; more would not be read."""
NEAR_M = 10.0
"""Beyond the reach of the rules: room for rounding."""
WHOLE = ("towns", "townships", "grid", "wells", "heat")
"""Layers that are small, or asked from afar; a block reads them whole."""


@dataclass(frozen=True)
class Job:
    """What a task must know; small, so that it can be sent to another machine that sees the same files."""

    region: Path
    """The region.toml."""
    scenario: str
    """The scenario as JSON."""
    folder: Path
    """Where store and parts are."""

    @property
    def store(self) -> Store:
        """The layers."""
        return Store(self.folder / "store")

    def part(self, block: Block) -> Path:
        """Folder of what a block came to."""
        return self.folder / "parts" / block.name


@dataclass(frozen=True)
class _Known:
    """What all blocks of a job share."""

    method: Method
    small: Mapping[str, Layer]


def select_rules(region: Region, scenario: Scenario) -> tuple[Rule, ...]:
    """Return the rules of a region's packs, as the scenario changes them."""
    return scenario.rules(region.rule_packs)


def reach_m(rule: Rule) -> float:
    """Return how far beyond a feature a rule reaches, m."""
    return rule.buffer.largest + rule.line_half_width.largest


def run_blocks(
    job: Job,
    blocks: Sequence[Block],
    *,
    workers: int,
    scheduler: str | None,
    progress: Progress,
) -> None:
    """Bring every block to a finished part.

    Raises
    ------
    RunError
        Blocks could not be finished, each with its reason; the others are finished and kept.
    """
    failed: dict[Block, BaseException] = {}
    with _executor(workers, scheduler) as executor:
        waiting = {executor.submit(run_block, job, block): block for block in blocks}
        for done, future in enumerate(as_completed(waiting), start=1):
            error = _error(future)
            if error is not None:
                failed[waiting[future]] = error
            progress(done / len(blocks), f"blocks: {done} of {len(blocks)}")
    if failed:
        raise RunError(_said(failed, len(blocks), job.folder))


def _error(future: Future[None]) -> BaseException | None:
    """Return why a block failed; a cluster that was lost cancels what it did not finish."""
    try:
        return future.exception()
    except CancelledError:
        return RunError("the cluster was lost before this block was finished")


def _said(failed: Mapping[Block, BaseException], of: int, folder: Path) -> str:
    """Name the blocks that failed, each with its reason; of many the first."""
    reasons = [f"  {block.name}: {explained(error, folder)}" for block, error in sorted(failed.items())]
    if len(reasons) > NAMED:
        reasons[NAMED:] = [f"  and {len(reasons) - NAMED} more"]
    return (
        f"{len(failed)} of {of} blocks could not be finished; the others are kept, "
        "and --resume goes on with these:\n" + "\n".join(reasons)
    )


@contextmanager
def _executor(workers: int, scheduler: str | None) -> Iterator[Executor]:
    if scheduler is None:
        with ThreadPoolExecutor(workers) as threads:
            yield threads
        return
    from distributed import Client  # noqa: PLC0415 - only where a cluster is used

    try:
        client = Client(scheduler, timeout=CONNECT_TIMEOUT)
    except (OSError, ValueError) as error:
        raise RunError(f"no Dask scheduler answers at {scheduler}: {error}") from error
    with client, client.get_executor() as cluster:
        yield cluster


def run_block(job: Job, block: Block) -> None:
    """Assess what a block owns and write its part, unless a whole part is there already."""
    if is_finished(job.part(block)):
        return
    known = _open(job)
    result = _assess(job.store, block, known)
    write_atomically(job.part(block), lambda folder: _write_part(folder, result))


def is_finished(part: Path) -> bool:
    """Say whether a part is there with every byte it was written with."""
    try:
        digests = json.loads((part / "part.json").read_text(encoding="utf-8"))["sha256"]
        return all(sha256(part / name) == digest for name, digest in digests.items())
    except (OSError, ValueError, KeyError):
        return False


@lru_cache(maxsize=2)
def _open(job: Job) -> _Known:
    region = load_region(job.region)
    scenario = Scenario.from_dict(json.loads(job.scenario))
    small = {
        name: layer
        for name, layer in job.store.layers((0.0, 0.0, 0.0, 0.0), whole=WHOLE).items()
        if name in WHOLE
    }
    inputs = Inputs(
        region=region,
        layers=small,
        terrain=raster_path(region, "terrain"),
        surface=raster_path(region, "surface"),
        catalogs=load_catalogs(region, scenario),
        ground=None,
    )
    return _Known(Method.of(inputs, select_rules(region, scenario)), small)


def _assess(store: Store, block: Block, known: _Known) -> SiteResult | pd.DataFrame:
    """Return what a block comes to; only what was set aside where nothing in it is a candidate."""
    own = {name: layer for name, layer in store.layers(block.bounds).items() if name in SHARED_OUT}
    frames = {name: _with_origin(layer, owned_by(layer.frame, block)) for name, layer in own.items()}
    far_m = NEAR_M + max((reach_m(rule) for rule in known.method.rules), default=0.0)
    near = grown(_bounds(frames, block), far_m)
    around = store.layers(near, whole=WHOLE)
    candidates = find_candidates(
        towns=known.small["towns"].frame,
        townships=known.small["townships"].frame if "townships" in known.small else None,
        **{name: frames.get(name) for name in SHARED_OUT},
        neighbours={name: _others(around[name], frames[name]) for name in frames},
    )
    if not len(candidates.frame):
        return candidates.set_aside
    buildings = None
    if "buildings" in frames and len(frames["buildings"]):
        shaded: Bounds = tuple(frames["buildings"].total_bounds)
        buildings = store.read("buildings", grown(shaded, HALO_M))
    return build_sites(
        candidates,
        layers={**around, **_terrain(known.method, candidates.frame.crs, near)},
        buildings=buildings,
        grid=known.small["grid"].frame if "grid" in known.small else None,
        method=known.method,
        workers=1,
        progress=lambda _share, _what: None,
    )


def _terrain(method: Method, crs: object, bounds: Bounds) -> dict[str, RuleRaster]:
    """Return height, slope and aspect of a window where a rule asks them and the region has terrain."""
    if method.terrain is None or not any(rule.layer in TERRAIN_LAYERS for rule in method.rules):
        return {}
    return terrain_layers(method.terrain, crs, bounds)


def _with_origin(layer: Layer, chosen: np.ndarray) -> gpd.GeoDataFrame:
    frame = layer.frame[chosen].reset_index(drop=True)
    return frame.assign(demo=layer.demo, source=layer.source, confidence=layer.confidence)


def _others(layer: Layer, own: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return layer.frame[~layer.frame["id"].isin(set(own["id"]))]


def _bounds(frames: Mapping[str, gpd.GeoDataFrame], block: Block) -> Bounds:
    """Return the extent of all that a block owns, which may reach beyond the block."""
    boxes = np.array([frame.total_bounds for frame in frames.values() if len(frame)])
    if not len(boxes):
        return block.bounds
    west, south = boxes[:, :2].min(axis=0)
    east, north = boxes[:, 2:].max(axis=0)
    return float(west), float(south), float(east), float(north)


def _write_part(folder: Path, result: SiteResult | pd.DataFrame) -> None:
    said: dict[str, object] = {"sites": 0, "shaded": 0, "not_checked": []}
    set_aside = result if isinstance(result, pd.DataFrame) else result.set_aside
    write_table(set_aside, folder, "set_aside", csv=False)
    if isinstance(result, SiteResult):
        write_geo(result.frame, folder / "sites.parquet", columns=SITES)
        write_geo(result.excluded, folder / "excluded.parquet", columns=EXCLUDED)
        write_table(result.waterfall, folder, "waterfall", csv=False)
        write_table(result.rule_sets, folder, "rule_sets", csv=False)
        write_table(months_by_town(result.frame), folder, "months", csv=False)
        said = {"sites": len(result.frame), "shaded": result.shaded, "not_checked": list(result.not_checked)}
    digests = {file.name: sha256(file) for file in sorted(folder.iterdir())}
    write_json(said | {"sha256": digests}, folder / "part.json")
