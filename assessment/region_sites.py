"""The PV half of an assessment: blocks shared out, finished parts joined."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from assessment.energy import hourly_by_town
from assessment.engine import Job, is_finished, run_blocks
from assessment.merge import (
    merge_geoparquet,
    merge_months,
    merge_set_aside,
    merge_waterfalls,
    read_columns,
)
from assessment.progress import part
from assessment.shading import RESOLUTION_M
from assessment.sites import Method
from assessment.summary import summarise_sites, supply_curve, totals
from assessment.write import write_table
from faults import RunError
from layers.climate_years import ghi_summary
from layers.rule_sets import add_up

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from assessment.blocks import Block
    from assessment.inputs import Inputs
    from assessment.progress import Progress
    from assessment.scenario import Scenario
    from layers.rules import Rule

TABLES = ("waterfall", "set_aside", "months")


@dataclass(frozen=True)
class RegionSites:
    """All PV sites of a region: small tables in memory, sites themselves in the parts."""

    parts: tuple[Path, ...]
    """Folders of the parts that hold sites, in the order of their blocks."""
    columns: pd.DataFrame
    """The numbers that summaries are made of, one row per site."""
    waterfall: pd.DataFrame
    rule_sets: pd.DataFrame
    set_aside: pd.DataFrame
    hourly: pd.DataFrame
    not_checked: tuple[str, ...]
    parameters: dict[str, Any]

    def totals(self) -> dict[str, Any]:
        """Return number, capacity and energy of all sites."""
        return totals(self.columns, None)

    def write(self, folder: Path) -> None:
        """Write the tables of the run that speak of PV sites."""
        for name in ("sites.parquet", "excluded.parquet"):
            merge_geoparquet([path / name for path in self.parts], folder / name)
        write_table(summarise_sites(self.columns), folder, "summary")
        write_table(self.waterfall, folder, "waterfall")
        write_table(self.rule_sets, folder, "rule_sets", csv=False)
        write_table(self.set_aside, folder, "set_aside")
        write_table(self.hourly, folder, "hourly", csv=False)
        curve = supply_curve(self.columns)
        curve.to_csv(folder / "supply_curve.csv", index=False, encoding="utf-8-sig", float_format="%.6g")


@dataclass(frozen=True)
class Shared:
    """A region shared out: what tasks must know, and the blocks that own something, in order."""

    job: Job
    blocks: tuple[Block, ...]


def share_out(inputs: Inputs, scenario: Scenario, *, work: Path) -> Shared:
    """Write the layers of a region to where the tasks read them; the frames are not needed after that.

    Parameters
    ----------
    work
        Folder for store and parts; parts found there that are whole are not done again.
    """
    if inputs.region.file is None:
        raise RunError("a region made in memory cannot be shared out; write its region.toml first")
    job = Job(inputs.region.file, json.dumps(scenario.as_dict(), sort_keys=True), work)
    return Shared(job, job.store.put(inputs))


def assess_sites(
    shared: Shared,
    inputs: Inputs,
    rules: Sequence[Rule],
    *,
    workers: int,
    scheduler: str | None,
    progress: Progress,
) -> RegionSites:
    """Assess the blocks of a region, and join what they come to.

    Parameters
    ----------
    inputs
        Those shared out; lean ones will do.

    Raises
    ------
    RunError
        Blocks could not be finished, or the region has nothing that could carry PV.
    """
    job, blocks = shared.job, shared.blocks
    run_blocks(job, blocks, workers=workers, scheduler=scheduler, progress=part(progress, 0.0, 0.97))
    progress(0.97, "joining the parts")
    done = [job.part(block) for block in blocks]
    if lost := [path.name for path in done if not is_finished(path)]:
        raise RunError(f"parts are missing or damaged, start again with --resume: {', '.join(lost)}")
    said = [json.loads((path / "part.json").read_text(encoding="utf-8")) for path in done]
    full = [path for path, one in zip(done, said, strict=True) if one["sites"]]
    if not full:
        raise RunError("nothing in this region can carry PV: see set_aside, or check the layers")
    with_rules = [path for path in done if (path / "waterfall.parquet").is_file()]
    method = Method.of(inputs, rules)
    months = merge_months([pd.read_parquet(path / "months.parquet") for path in full])
    shaded = sum(one["shaded"] for one in said)
    return RegionSites(
        parts=tuple(with_rules),
        columns=read_columns([path / "sites.parquet" for path in full]),
        waterfall=merge_waterfalls(
            [pd.read_parquet(path / "waterfall.parquet") for path in with_rules], [rule.id for rule in rules]
        ),
        rule_sets=add_up(
            pd.concat([pd.read_parquet(path / "rule_sets.parquet") for path in with_rules], ignore_index=True)
        ),
        set_aside=merge_set_aside([pd.read_parquet(path / "set_aside.parquet") for path in done]),
        hourly=hourly_by_town(months, weather=method.weather, types=method.types),
        not_checked=tuple(sorted({rule for one in said for rule in one["not_checked"]})),
        parameters=_parameters(method, shaded=shaded, sites=sum(one["sites"] for one in said)),
    )


def _parameters(method: Method, *, shaded: int, sites: int) -> dict[str, Any]:
    weather = method.weather
    return {
        "climate": weather.source,
        "climate_synthetic": weather.synthetic,
        "climate_notes": list(weather.notes),
        "climate_ghi_kwh_m2": ghi_summary(weather),
        "ghi_kwh_m2_year": round(float(weather.ghi_kwh_m2_month.sum()), 1),
        "shading": {
            "resolution_m": RESOLUTION_M,
            "sites_by_engine": shaded,
            "sites_by_class": sites - shaded,
        },
    }


def discard(work: Path) -> None:
    """Remove a work folder that is no longer wanted."""
    if work.exists():
        shutil.rmtree(work)
