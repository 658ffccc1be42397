"""What lies around a cell's candidates, as far as their land may hang together with land beyond the cell.

A rule on the smallest contiguous area asks for a patch, and a patch heeds no edge of a cell. The window
around the cell is widened until no patch that is too small as far as it is known goes on beyond it: then a
wider window could change nothing, and every cell finds what the whole region would.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from assessment.blocks import Bounds, grown
from assessment.candidates import find_candidates
from assessment.inputs import SHARED_OUT
from layers.eligibility import Beyond, evaluate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import geopandas as gpd

    from assessment.store import Store
    from layers.rule_rasters import RuleRaster
    from layers.rules import Rule
    from layers.sources import Layer

FIRST_M = 250.0
"""How far around a cell's objects is looked first; doubled as often as patches ask for it."""


@dataclass(frozen=True)
class Around:
    """The neighbourhood of a cell's candidates."""

    layers: Mapping[str, Layer | RuleRaster]
    """The rules' layers, reaching as far around the candidates and those beyond as rules do."""
    beyond: Beyond | None
    """None: no rule asks what hangs together."""


def look_around(
    store: Store,
    own: Mapping[str, gpd.GeoDataFrame],
    candidates: gpd.GeoDataFrame,
    *,
    small: Mapping[str, Layer],
    rules: Sequence[Rule],
    bounds: Bounds,
    reading: Callable[[Bounds], Mapping[str, Layer | RuleRaster]],
) -> Around:
    """Return the layers around a cell's candidates, and the candidates that their land hangs together with.

    Parameters
    ----------
    own
        Objects of the cell, by layer.
    candidates
        What they are candidates for.
    small
        Layers that every cell sees whole.
    bounds
        Extent of the cell's objects.
    reading
        Gives the rules' layers of an extent, with all around it that rules reach.
    """
    shaping = [rule for rule in rules if rule.min_area_m2]
    if not any(rule.applies_to.intersection(candidates["type"]) for rule in shaping):
        return Around(reading(bounds), None)
    everything = store.extent(SHARED_OUT)
    by_m = FIRST_M
    while True:
        window = grown(bounds, by_m)
        beyond = Beyond(_candidates(store, own, window, small=small), window)
        layers = reading(_joint(window, beyond.sites))
        found = evaluate(candidates, rules, layers, beyond=beyond, keep_reasons=False)
        if not found.going_on or _inside(everything, window):
            return Around(layers, beyond)
        by_m *= 2


def _candidates(
    store: Store, own: Mapping[str, gpd.GeoDataFrame], window: Bounds, *, small: Mapping[str, Layer]
) -> gpd.GeoDataFrame:
    """Return the candidates of other cells that reach into a window."""
    others = {name: others_of(layer, own.get(name)) for name, layer in store.layers(window).items()
              if name in SHARED_OUT}  # fmt: skip
    near = store.layers(_joint(window, *others.values()))
    return find_candidates(
        towns=small["towns"].frame,
        townships=small["townships"].frame if "townships" in small else None,
        **{name: others.get(name) for name in SHARED_OUT},
        neighbours={name: others_of(near[name], frame) for name, frame in others.items()},
    ).frame


def others_of(layer: Layer, own: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
    """Return the rows of a layer that are not among some of it, with where they are from."""
    rows = layer.frame if own is None else layer.frame[~layer.frame["id"].isin(own["id"].tolist())]
    return rows.reset_index(drop=True).assign(
        demo=layer.demo, source=layer.source, confidence=layer.confidence
    )


def _joint(bounds: Bounds, *frames: gpd.GeoDataFrame) -> Bounds:
    """Return the extent of bounds and of all that is in frames."""
    boxes = np.array([bounds, *(frame.total_bounds for frame in frames if len(frame))])
    west, south = boxes[:, :2].min(axis=0)
    east, north = boxes[:, 2:].max(axis=0)
    return float(west), float(south), float(east), float(north)


def _inside(bounds: Bounds, other: Bounds) -> bool:
    return other[0] < bounds[0] and other[1] < bounds[1] and other[2] > bounds[2] and other[3] > bounds[3]
