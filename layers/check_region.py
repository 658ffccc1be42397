"""What is wrong with a region as a whole: its layers with each other, its ground, its climate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faults import Fault, InputError
from layers.catalog import load_catalog
from layers.climate_check import climate_faults
from layers.coverage import coverage_faults
from layers.fit import offset_faults
from layers.heights import complete_heights
from layers.sources import own_raster

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import geopandas as gpd

    from layers.check_report import LayerCheck
    from layers.region import Region


def region_faults(region: Region, checks: Sequence[LayerCheck]) -> list[Fault]:
    """Return the faults that no single layer has: offsets, coverage, heights, ground, climate."""
    frames = {check.layer: check.frame for check in checks if check.frame is not None}
    files = {check.layer: check.file for check in checks}
    return [
        *_demo_faults(region),
        *_ground_faults(region),
        *coverage_faults(frames),
        *offset_faults(frames, files, crs=region.crs_metric),
        *_height_faults(region, frames.get("buildings")),
        *climate_faults(region, frames.get("towns")),
    ]


def _height_faults(region: Region, buildings: gpd.GeoDataFrame | None) -> Iterator[Fault]:
    """Say where heights come from that the file does not give, and whether given ones fit the surface."""
    if buildings is None or buildings.empty:
        return
    try:
        _, faults = complete_heights(
            buildings,
            surface=own_raster(region, "surface"),
            terrain=own_raster(region, "terrain"),
            catalog=load_catalog(region.catalogs["heat"]),
        )
    except InputError:  # the raster has its own faults
        return
    yield from faults


def _demo_faults(region: Region) -> list[Fault]:
    rule = "is generated for demonstration, not real; give a path to use your own"
    return [Fault(name, None, None, None, rule, "info") for name in region.demo_layers()]


def _ground_faults(region: Region) -> tuple[Fault, ...]:
    try:
        if region.ground is not None:
            load_catalog(region.ground)
    except InputError as error:
        return error.faults
    return ()
