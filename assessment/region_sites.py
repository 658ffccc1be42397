"""The PV half of an assessment: a region shared out to cells, finished parts joined."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from assessment.blocks import BLOCK_OBJECTS, blocks_of
from assessment.cell_sites import TERRAIN, Known
from assessment.energy import hourly_by_town
from assessment.engine import Failure, run_blocks
from assessment.horizons import RESOLUTION_M
from assessment.merge import merge_geoparquet, merge_months, merge_set_aside, merge_waterfalls, read_columns
from assessment.parts import here, said_by
from assessment.progress import part
from assessment.store import Store
from assessment.summary import join_curve, summarise_sites, supply_steps, totals
from assessment.write import write_table
from faults import RunError
from layers.rule_sets import add_up

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from assessment.blocks import Block, Cell
    from assessment.depot import Depot
    from assessment.inputs import Inputs
    from assessment.progress import Progress
    from assessment.sites import Method
    from layers.rules import Rule


@dataclass(frozen=True)
class RegionSites:
    """All PV sites of a region: small tables in memory, sites themselves in the parts."""

    parts: tuple[Path, ...]
    """Folders of the parts that hold candidates, in the order of their cells."""
    summary: pd.DataFrame
    curve: pd.DataFrame
    waterfall: pd.DataFrame
    rule_sets: pd.DataFrame
    set_aside: pd.DataFrame
    hourly: pd.DataFrame
    not_checked: tuple[str, ...]
    parameters: dict[str, Any]
    failed: tuple[Failure, ...]
    """Cells that could not be assessed: what lies in them is in no table."""

    def totals(self) -> dict[str, Any]:
        """Return number, capacity and energy of all sites."""
        return totals(self.summary)

    def write(self, folder: Path) -> None:
        """Write the tables of the run that speak of PV sites."""
        for name in ("sites.parquet", "excluded.parquet"):
            merge_geoparquet([path / name for path in self.parts], folder / name)
        write_table(self.summary, folder, "summary")
        write_table(self.waterfall, folder, "waterfall")
        write_table(self.rule_sets, folder, "rule_sets", csv=False)
        write_table(self.set_aside, folder, "set_aside")
        write_table(self.hourly, folder, "hourly", csv=False)
        file = folder / "supply_curve.csv"
        self.curve.to_csv(file, index=False, encoding="utf-8-sig", float_format="%.6g")


@dataclass(frozen=True)
class Shared:
    """A region shared out: where its layers are, what all tasks must know, and the tasks."""

    store: Store
    known: Known
    blocks: tuple[Block, ...]

    @property
    def cells(self) -> list[Cell]:
        """All cells that own something, in order."""
        return sorted(cell for block in self.blocks for cell in block.cells)


def share_out(
    inputs: Inputs, rules: Sequence[Rule], *, depot: Depot, block_objects: int = BLOCK_OBJECTS
) -> Shared:
    """Write the layers of a region to where the tasks read them; the frames are not needed after that.

    Parameters
    ----------
    depot
        Place for store and parts; parts found there that are whole are not done again.
    block_objects
        Most objects of a task that has more than one cell; changes no result.
    """
    store, objects = Store.put(depot, inputs)
    terrain = inputs.terrain
    if terrain is not None and depot.local is None:
        depot.put_file(TERRAIN, partial(_copy, terrain))
    return Shared(store, Known.of(inputs, rules), blocks_of(objects, most=block_objects))


def _copy(source: Path, file: Path) -> None:
    file.write_bytes(source.read_bytes())


@contextmanager
def assessed_sites(
    shared: Shared,
    rules: Sequence[Rule],
    *,
    workers: int,
    scheduler: str | None,
    progress: Progress,
) -> Iterator[RegionSites]:
    """Assess the cells of a region, and join what they come to; parts are there within the block only.

    Raises
    ------
    RunError
        The machine refused, no cell could be finished, or the region has nothing that could carry PV.
    """
    tell = part(progress, 0.0, 0.97)
    failed = run_blocks(
        shared.store, shared.known, shared.blocks, workers=workers, scheduler=scheduler, progress=tell
    )
    progress(0.97, "joining the parts")
    with tempfile.TemporaryDirectory() as scratch:
        yield _joined(shared, rules, failed, Path(scratch))


def _joined(shared: Shared, rules: Sequence[Rule], failed: tuple[Failure, ...], scratch: Path) -> RegionSites:
    without = {one.cell for one in failed}
    cells = [cell for cell in shared.cells if cell not in without]
    found = {cell: here(shared.store.depot, cell, scratch) for cell in cells}
    if lost := [cell.name for cell, path in found.items() if path is None]:
        raise RunError(f"parts are missing or damaged, start again with --resume: {', '.join(lost)}")
    done = [path for path in found.values() if path is not None]
    said = {path: said_by(path) for path in done}
    full = [path for path in done if said[path]["sites"]]
    if not full:
        raise RunError("nothing in this region can carry PV: see set_aside, or check the layers")
    with_rules = [path for path in done if (path / "waterfall.parquet").is_file()]
    method = shared.known.method
    summary, curve = _by_town({path: said[path]["towns"] for path in full})
    months = merge_months([pd.read_parquet(path / "months.parquet") for path in full])
    waterfalls = [pd.read_parquet(path / "waterfall.parquet") for path in with_rules]
    sets = [pd.read_parquet(path / "rule_sets.parquet") for path in with_rules]
    shaded, sites = (sum(one[name] for one in said.values()) for name in ("shaded", "sites"))
    return RegionSites(
        parts=tuple(with_rules),
        summary=summary,
        curve=curve,
        waterfall=merge_waterfalls(waterfalls, [rule.id for rule in rules]),
        rule_sets=add_up(pd.concat(sets, ignore_index=True)),
        set_aside=merge_set_aside([pd.read_parquet(path / "set_aside.parquet") for path in done]),
        hourly=hourly_by_town(months, weather=method.weather, types=method.types),
        not_checked=tuple(sorted({rule for one in said.values() for rule in one["not_checked"]})),
        parameters=_parameters(method, shaded=shaded, sites=sites),
        failed=failed,
    )


def _by_town(towns_of: dict[Path, list[str]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the summary and the supply curve; the sites of one town at a time are held in memory."""
    summaries, steps = [], []
    for town in sorted({town for towns in towns_of.values() for town in towns}):
        parts = [path / "sites.parquet" for path, towns in towns_of.items() if town in towns]
        sites = read_columns(parts, town)
        summaries.append(summarise_sites(sites))
        steps.append(supply_steps(sites))
    return pd.concat(summaries, ignore_index=True), join_curve(steps)


def _parameters(method: Method, *, shaded: int, sites: int) -> dict[str, Any]:
    weather = method.weather
    return {
        "climate": weather.source,
        "climate_synthetic": weather.synthetic,
        "climate_notes": list(weather.notes),
        "ghi_kwh_m2_year": round(float(weather.ghi_kwh_m2_month.sum()), 1),
        "shading": {
            "resolution_m": RESOLUTION_M,
            "sites_by_engine": shaded,
            "sites_by_class": sites - shaded,
        },
    }
