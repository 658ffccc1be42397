"""The PV sites of one cell: its own objects, with all around them that reaches in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from assessment.blocks import SMALLEST_M, Bounds, Cell, grown, squares_of
from assessment.candidates import find_candidates
from assessment.cell_beyond import look_around, others_of
from assessment.inputs import SHARED_OUT
from assessment.sites import Method, SiteResult, build_sites
from assessment.solar_tiles import HALO_M
from assessment.store import PARTITIONED
from layers.rule_rasters import TERRAIN_LAYERS, terrain_layers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    import pandas as pd

    from assessment.candidates import Candidates
    from assessment.cell_beyond import Around
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
    own = own_objects(store, cell)
    asked = asked_of(store, own, known, cell)
    if asked.around is None:
        return asked.candidates.set_aside
    buildings = None
    if "buildings" in own and len(own["buildings"]):
        shaded: Bounds = tuple(own["buildings"].total_bounds)
        buildings = store.read("buildings", grown(shaded, HALO_M))
    return build_sites(
        asked.candidates,
        layers=asked.around.layers,
        buildings=buildings,
        grid=known.small["grid"].frame if "grid" in known.small else None,
        method=known.method,
        workers=1,
        progress=lambda _share, _what: None,
        beyond=asked.around.beyond,
    )


@dataclass(frozen=True)
class Asked:
    """The candidates of a cell, with all around them that rules ask."""

    candidates: Candidates
    around: Around | None
    """None where there are no candidates."""


def own_objects(store: Store, cell: Cell) -> dict[str, gpd.GeoDataFrame]:
    """Return the objects that a cell owns, by layer."""
    found = {name: layer for name, layer in store.layers(cell.bounds).items() if name in SHARED_OUT}
    return {name: _with_origin(layer, owned_by(layer.frame, cell)) for name, layer in found.items()}


def asked_of(store: Store, own: Mapping[str, gpd.GeoDataFrame], known: Known, cell: Cell) -> Asked:
    """Return the candidates of a cell's objects and what lies around them."""
    bounds = _bounds(own, cell)
    near = store.layers(grown(bounds, NEAR_M))
    candidates = find_candidates(
        towns=known.small["towns"].frame,
        townships=known.small["townships"].frame if "townships" in known.small else None,
        **{name: own.get(name) for name in SHARED_OUT},
        neighbours={name: others_of(near[name], own[name]) for name in own},
    )
    if not len(candidates.frame):
        return Asked(candidates, None)
    around = look_around(
        store,
        own,
        candidates.frame,
        small=known.small,
        rules=known.method.rules,
        bounds=bounds,
        reading=lambda extent: _ruled(store, known, candidates.frame.crs, extent),
    )
    return Asked(candidates, around)


def _ruled(store: Store, known: Known, crs: object, extent: Bounds) -> dict[str, Layer | RuleRaster]:
    """Return the rules' layers of an extent, with all around it that a rule reaches."""
    far_m = NEAR_M + max((reach_m(rule) for rule in known.method.rules), default=0.0)
    near = grown(extent, far_m)
    return {**known.small, **store.layers(near), **_terrain(known.method, crs, near)}


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


def _bounds(frames: Mapping[str, gpd.GeoDataFrame], cell: Cell) -> Bounds:
    """Return the extent of all that a cell owns, which may reach beyond the cell."""
    boxes = np.array([frame.total_bounds for frame in frames.values() if len(frame)])
    if not len(boxes):
        return cell.bounds
    west, south = boxes[:, :2].min(axis=0)
    east, north = boxes[:, 2:].max(axis=0)
    return float(west), float(south), float(east), float(north)
