"""The PV sites of one cell: its own objects, with all around them that reaches in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from assessment.blocks import SMALLEST_M, Bounds, Cell, grown, squares_of
from assessment.candidates import find_candidates
from assessment.inputs import SHARED_OUT
from assessment.sites import Method, SiteResult, build_sites
from assessment.solar import HALO_M
from assessment.store import PARTITIONED
from layers.rule_rasters import TERRAIN_LAYERS, terrain_layers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    import pandas as pd

    from assessment.depot import Depot
    from assessment.inputs import Inputs
    from assessment.scenario import Scenario
    from assessment.store import Store
    from layers.region import Region
    from layers.rule_rasters import RuleRaster
    from layers.rules import Rule
    from layers.sources import Layer

NEAR_M = 10.0
"""Beyond the reach of the rules: room for rounding."""
TERRAIN = "store/terrain.tif"


@dataclass(frozen=True)
class Known:
    """What all cells of a region share; it travels to the workers once."""

    method: Method
    small: Mapping[str, Layer]
    """Layers that are small, or asked from afar: every cell sees them whole."""

    @classmethod
    def of(cls, inputs: Inputs, rules: Sequence[Rule]) -> Known:
        """Gather it from the inputs of an assessment."""
        small = {
            name: replace(layer, rejected=layer.rejected.iloc[:0], faults=(), files=())
            for name, layer in inputs.layers.items()
            if name not in PARTITIONED
        }
        return cls(Method.of(inputs, rules), small)

    def at(self, depot: Depot) -> Known:
        """Return the same with the terrain where this machine can read it."""
        if self.method.terrain is None or depot.local is not None:
            return self
        return replace(self, method=replace(self.method, terrain=depot.fetched(TERRAIN)))


def select_rules(region: Region, scenario: Scenario) -> tuple[Rule, ...]:
    """Return the rules of a region's packs, as the scenario changes them."""
    return scenario.rules(region.rule_packs)


def reach_m(rule: Rule) -> float:
    """Return how far beyond a feature a rule reaches, m."""
    return rule.buffer.largest + rule.line_half_width.largest


def assess_cell(store: Store, cell: Cell, known: Known) -> SiteResult | pd.DataFrame:
    """Return what a cell comes to; only what was set aside where nothing in it is a candidate."""
    own = {name: layer for name, layer in store.layers(cell.bounds).items() if name in SHARED_OUT}
    frames = {name: _with_origin(layer, owned_by(layer.frame, cell)) for name, layer in own.items()}
    far_m = NEAR_M + max((reach_m(rule) for rule in known.method.rules), default=0.0)
    near = grown(_bounds(frames, cell), far_m)
    around = {**known.small, **store.layers(near)}
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


def owned_by(frame: gpd.GeoDataFrame, cell: Cell) -> np.ndarray:
    """Say which objects a cell owns."""
    corners = squares_of(frame)
    corner, across = np.array([cell.west, cell.south]), cell.side
    side = across // SMALLEST_M
    inside: np.ndarray = (corners // side == corner // across).all(axis=1)
    return inside


def _with_origin(layer: Layer, chosen: np.ndarray) -> gpd.GeoDataFrame:
    frame = layer.frame[chosen].reset_index(drop=True)
    return frame.assign(demo=layer.demo, source=layer.source, confidence=layer.confidence)


def _others(layer: Layer, own: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return layer.frame[~layer.frame["id"].isin(set(own["id"]))]


def _bounds(frames: Mapping[str, gpd.GeoDataFrame], cell: Cell) -> Bounds:
    """Return the extent of all that a cell owns, which may reach beyond the cell."""
    boxes = np.array([frame.total_bounds for frame in frames.values() if len(frame)])
    if not len(boxes):
        return cell.bounds
    west, south = boxes[:, :2].min(axis=0)
    east, north = boxes[:, 2:].max(axis=0)
    return float(west), float(south), float(east), float(north)
