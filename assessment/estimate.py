"""What an assessment will take, said before it starts: by costs measured per object and km2."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

import pyarrow.parquet as pq
import pyogrio

from assessment.blocks import CELL_M
from assessment.irradiation_maps import pixel_m
from faults import Fault, InputError
from layers.catalog import Catalog, Quantity, load_catalog
from layers.demo.build import demo_folder
from layers.region import DATA
from layers.sources import read_layer

if TYPE_CHECKING:
    from pathlib import Path

    from layers.region import LayerSpec, Region

EFFORT = DATA / "effort.toml"
"""Measured costs. No catalogue of a region: nothing in a run depends on them."""
PARCELS = ("farmland", "municipal")
BLOCK_KM2 = (CELL_M / 1000) ** 2
PARQUET = (".parquet", ".geoparquet")
STAGES = ("read", "heat", "sun", "sites", "write")
SHARED = ("sun", "sites")
"""Stages that workers share."""
SKIPPED = {"sites": ("heat",), "heat": ("sun", "sites"), None: ()}
"""Stages that are left out when one half of the work is done."""


@dataclass(frozen=True)
class Size:
    """How large a region is, counted without reading its shapes."""

    buildings: int
    parcels: int
    """Farmland and municipal parcels."""
    km2: float
    """Area of the towns; without towns that of the buildings' neighbourhoods is not known: 0."""
    pixels: int = 0
    """Of the map of the sun, inside the towns."""
    assumed: tuple[str, ...] = ()
    """Layers that are not generated yet: counted by the density of those of Xixian."""

    def __post_init__(self) -> None:
        """Refuse sizes that are none."""
        for name in ("buildings", "parcels", "km2", "pixels"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value >= 0):
                raise ValueError(f"{name} = {value}: must be 0 or more")


@dataclass(frozen=True)
class Span:
    """A number with the range within which measured regions stayed."""

    low: float
    central: float
    high: float


@dataclass(frozen=True)
class Estimate:
    """What an assessment will take on a machine like the one the costs were measured on."""

    size: Size
    workers: int
    stages: dict[str, float]
    """Seconds by stage, central."""
    seconds: Span
    memory_mb: Span
    """Most memory of the process that is asked to assess."""
    worker_mb: Span
    """Most memory of one worker beyond that, where workers are processes of their own."""
    work_mb: Span
    """Disk for the store and the parts, freed at the end."""
    run_mb: Span
    """Disk of the finished run."""

    def as_dict(self) -> dict[str, Any]:
        """Return the estimate as plain values."""
        return asdict(self)


def size_of(region: Region) -> Size:
    """Count the objects of a region from the heads of its files, and measure its towns.

    Raises
    ------
    InputError
        A file is missing, or does not say how many objects it holds.
    """
    towns = read_layer(region, "towns") if "towns" in region.layers else None
    km2 = 0.0 if towns is None else float(towns.frame.geometry.area.sum()) / 1e6
    pixels = 0 if towns is None else round(km2 * 1e6 / pixel_m(towns.frame) ** 2)
    effort = load_catalog(EFFORT)
    counts: dict[str, int] = {}
    assumed: list[str] = []
    for name in ("buildings", *PARCELS):
        spec = region.layers.get(name)
        if spec is None:
            counts[name] = 0
            continue
        file = spec.path or demo_folder(region) / f"{name}.parquet"
        if spec.path is None and not file.is_file():
            counts[name] = round(effort.value(f"density.{name}_km2") * km2)
            assumed.append(name)
            continue
        counts[name] = count_objects(file, spec)
    return Size(counts["buildings"], sum(counts[name] for name in PARCELS), km2, pixels, tuple(assumed))


def count_objects(file: Path, spec: LayerSpec) -> int:
    """Return how many objects a file says it holds; tables are counted by their lines."""
    try:
        if file.suffix.lower() in PARQUET:
            return int(pq.read_metadata(file).num_rows)
        if file.suffix.lower() == ".csv":
            with file.open("rb") as stream:
                return max(sum(1 for line in stream if line.strip()) - 1, 0)
        source = f"/vsizip/{file}" if file.suffix.lower() == ".zip" else file
        return int(pyogrio.read_info(source, layer=spec.layer, force_feature_count=True)["features"])
    except Exception as error:  # libraries raise anything on damaged bytes
        rule = "does not say how many objects it holds, it may be damaged or cut off"
        raise InputError([Fault(spec.name, None, None, None, rule, file=file.name)]) from error


def estimate(
    size: Size,
    *,
    workers: int,
    only: Literal["sites", "heat"] | None = None,
    effort: Catalog | None = None,
) -> Estimate:
    """Reckon what an assessment of this size takes.

    Each amount is fixed + buildings x cost + parcels x cost + km2 x cost + pixels x cost; memory is that of
    the region's buildings, and of the blocks at work or of the map of the sun, whichever is more. The blocks
    of the PV half and the map are shared by the workers: their time is that of one worker over
    `1 + (workers - 1) x share`, where the share is what a further worker adds as measured.

    Parameters
    ----------
    effort
        The costs; None: those measured for this version.

    Raises
    ------
    ValueError
        Fewer than one worker.
    """
    if workers < 1:
        raise ValueError(f"workers = {workers}: must be at least 1")
    costs = effort or load_catalog(EFFORT)
    stages = {name: _amount(costs, name, size) for name in STAGES if name not in SKIPPED[only]}
    speed = 1.0 + (min(workers, blocks_of(size)) - 1) * costs.value("workers.share")
    stages = {name: value / (speed if name in SHARED else 1.0) for name, value in stages.items()}
    block_mb = _block_mb(costs, size)
    region_mb = costs.value("memory.fixed") + costs.value("memory.building") * size.buildings
    most_mb = max(min(workers, blocks_of(size)) * block_mb, costs.value("memory.pixel") * size.pixels)
    return Estimate(
        size=size,
        workers=workers,
        stages={name: round(value, 1) for name, value in stages.items()},
        seconds=_span(sum(stages.values()), costs["spread.seconds"]),
        memory_mb=_span(region_mb + most_mb, costs["spread.memory"]),
        worker_mb=_span(costs.value("memory.fixed") + block_mb, costs["spread.memory"]),
        work_mb=_span(_amount(costs, "work", size), costs["spread.disk"]),
        run_mb=_span(_amount(costs, "run", size), costs["spread.disk"]),
    )


def blocks_of(size: Size) -> int:
    """Return the least number of blocks a region of this area falls into."""
    return max(math.ceil(size.km2 / BLOCK_KM2), 1)


def _block_mb(costs: Catalog, size: Size) -> float:
    """Return what a block takes in memory while it is assessed, at the mean density of the region."""
    share = 1.0 if size.km2 == 0 else min(1.0, BLOCK_KM2 / size.km2)
    km2, buildings = share * size.km2, share * size.buildings
    return costs.value("memory.block_km2") * km2 + costs.value("memory.block_building") * buildings


def _amount(costs: Catalog, name: str, size: Size) -> float:
    return (
        costs.value(f"{name}.fixed")
        + costs.value(f"{name}.building") * size.buildings
        + costs.value(f"{name}.parcel") * size.parcels
        + costs.value(f"{name}.km2") * size.km2
        + costs.value(f"{name}.pixel") * size.pixels
    )


def _span(central: float, spread: Quantity) -> Span:
    low, high = central * spread.low, central * spread.high
    return Span(round(low, 1), round(central, 1), round(high, 1))
