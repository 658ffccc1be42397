"""The rules as maps: for every cell of a grid how much of it is free, whatever the resolution.

The same rules that decide sites on exact vectors are burnt here into cells. A cell may be cut into `sub` x
`sub` parts, so that a strip of 20 m does not take a whole cell of 90 m: the cell then loses the share that
is in the strip. Shares of partial rules add up, part by part, to at most the whole. Rules about the site
itself have no place on a map without sites; they are listed as left out. A map says where rules allow
something, not where there is land for it: buildings and water are no rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gis.contiguity import large_patches, wide_cells
from gis.exclusion import Exclusions
from gis.grid import Grid
from layers.rule_features import Features, RuleLayers
from layers.rule_model import CANDIDATE_LAYER, TYPES, Rule

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

_BAND_CELLS = 4_000_000


@dataclass(frozen=True)
class RuleMap:
    """What the rules leave of each cell, for one type."""

    grid: Grid
    free: NDArray[np.float32]
    """Share of the cell that is free, 0 to 1."""
    conditional: NDArray[np.bool_]
    """True where a condition holds on a part of the cell at least."""
    score: NDArray[np.float32]
    """`free`, times the weight of each conditional rule or notice where it holds, times the priors."""
    not_checked: tuple[str, ...]
    """Rules whose layer is missing."""
    unknown: NDArray[np.bool_]
    """True where a rule's raster has no value at the cell's centre: there the rule is not checked."""
    left_out: tuple[str, ...]
    """Rules about the site itself, which a map cannot ask."""

    @property
    def free_m2(self) -> float:
        """Free area in all (m2)."""
        return float(self.free.sum(dtype=np.float64)) * self.grid.resolution_m**2


def map_rules(
    rules: Sequence[Rule],
    layers: Mapping[str, Any],
    grid: Grid,
    *,
    kind: str,
    crs: object,
    sub: int = 1,
    covers: Collection[str] | None = None,
    forced: gpd.GeoDataFrame | None = None,
    priors: Sequence[NDArray[np.floating]] = (),
) -> RuleMap:
    """Map what rules leave for one type of photovoltaics or geothermal heat.

    Parameters
    ----------
    rules, layers, covers, forced
        As for `layers.eligibility.evaluate`.
    grid
        Cells of the map, in the layers' CRS.
    kind
        The type, such as "ground" or "shallow".
    sub
        Parts per side that a cell is cut into; 1 asks the cell's centre only.
    priors
        Rasters of the grid's shape with a likelihood or preference from 0 to 1; they multiply the score.

    Raises
    ------
    ValueError
        The type is unknown, `sub` is below 1, or a prior has another shape.
    InputError
        A layer cannot be used.
    """
    _check(grid, kind, sub, priors)
    asked = RuleLayers(layers, covers=covers, crs=crs)
    mine = [rule for rule in rules if kind in rule.applies_to]
    placed = [_Placed(rule, asked) for rule in mine if rule.layer != CANDIDATE_LAYER]
    placed = [one for one in placed if one.there]
    keep = None if forced is None else forced.geometry.to_numpy()
    bands = [_band(placed, keep, band, sub) for band in _bands(grid, sub)]
    free, conditional, weight = (np.concatenate([band[n] for band in bands]) for n in range(3))
    for rule in mine:
        if rule.min_width_m:
            free = np.where(wide_cells(free > 0, rule.min_width_m / grid.resolution_m), free, 0.0)
        if rule.min_area_m2:
            free = _without_small(free, rule, placed, grid)
    score = free * weight * np.prod([np.ones(grid.shape), *priors], axis=0)
    return RuleMap(
        grid=grid,
        free=free.astype(np.float32),
        conditional=conditional & (free > 0),
        score=score.astype(np.float32),
        not_checked=tuple(rule.id for rule in mine if not asked.checks(rule)),
        unknown=np.logical_or.reduce([np.zeros(grid.shape, bool), *(one.unknown(grid) for one in placed)]),
        left_out=tuple(rule.id for rule in mine if rule.layer == CANDIDATE_LAYER and not rule.shape_rule),
    )


class _Placed:
    """A rule with its features or cells."""

    def __init__(self, rule: Rule, layers: RuleLayers) -> None:
        self.rule = rule
        self._raster = layers.raster(rule)
        self._features = None if self._raster is not None else layers.features(rule)
        self.there = self._raster is not None or self._features is not None
        self._lifted = [layers.area(exemption, rule) for exemption in rule.exemptions]
        self._scope = None if rule.within is None else layers.area(rule.within, rule)
        self.there &= rule.within is None or self._scope is not None

    def unknown(self, grid: Grid) -> NDArray[np.bool_]:
        """Say at which cell centres the rule's raster has no value."""
        return np.zeros(grid.shape, dtype=bool) if self._raster is None else ~self._raster.known_at(grid)

    def burn(self, exclusions: Exclusions, criterion: int) -> None:
        """Burn the rule's zones into the cells, inside its scope and outside what its exemptions lift."""
        if self._raster is not None and self.rule.values is not None and not self.rule.buffer.largest:
            exclusions.burn_cells(self.rule.values(self._raster.at(exclusions.grid)), criterion=criterion)
        elif self._raster is not None and self.rule.values is not None:
            zones = self._raster.zones(self.rule.values)
            exclusions.burn(zones, criterion=criterion, distance_m=self.rule.buffer.default)
        elif self._features is not None:
            burn_features(exclusions, self._features, criterion)
        if self.rule.invert:
            exclusions.invert(criterion=criterion)
        if self._scope is not None:
            exclusions.keep(self._scope.geometry, criterion=criterion)
        for lifted in self._lifted:
            if lifted is not None:
                exclusions.lift(lifted.geometry, criterion=criterion)


def burn_features(exclusions: Exclusions, features: Features, criterion: int) -> None:
    """Burn features with their buffers."""
    exclusions.burn(features.geometry, criterion=criterion, distance_m=features.distance_m)


def _check(grid: Grid, kind: str, sub: int, priors: Sequence[NDArray[np.floating]]) -> None:
    if kind not in TYPES:
        raise ValueError(f"kind {kind!r} is none of {', '.join(TYPES)}")
    if sub < 1:
        raise ValueError(f"sub {sub} must be at least 1")
    for prior in priors:
        if prior.shape != grid.shape:
            raise ValueError(f"a prior has the shape {prior.shape}, the grid {grid.shape}")


def _bands(grid: Grid, sub: int) -> Iterator[Grid]:
    """Cut the grid into bands of rows that keep the memory bounded however fine the parts are."""
    rows = max(1, _BAND_CELLS // (grid.columns * sub * sub))
    for first in range(0, grid.rows, rows):
        yield grid.window(first, 0, rows, grid.columns)


def _band(
    placed: Sequence[_Placed], keep: NDArray[Any] | None, band: Grid, sub: int
) -> tuple[NDArray[np.floating], NDArray[np.bool_], NDArray[np.floating]]:
    """Return free share, condition and weight of the cells of one band."""
    size = band.resolution_m / sub
    fine = Grid(band.west, band.north, size, band.rows * sub, band.columns * sub)
    lost = np.zeros(fine.shape, dtype=np.float32)
    weight = np.ones(fine.shape, dtype=np.float32)
    condition = np.zeros(fine.shape, dtype=bool)
    for one in placed:
        exclusions = Exclusions.empty(fine, criteria=1)
        one.burn(exclusions, 0)
        met = exclusions.met(0)
        if one.rule.verdict == "forbidden":
            lost[met] += one.rule.share
        else:
            weight[met] *= one.rule.weight
            condition |= met if one.rule.verdict == "conditional" else False
    if keep is not None:
        held = Exclusions.empty(fine, criteria=1)
        held.burn(keep, criterion=0)
        lost[held.met(0)] = 0.0
    parts = (band.rows, sub, band.columns, sub)
    free = np.maximum(1.0 - lost, 0.0)
    return (
        free.reshape(parts).mean(axis=(1, 3)),
        (condition & (free > 0)).reshape(parts).any(axis=(1, 3)),
        weight.reshape(parts).mean(axis=(1, 3)),
    )


def _without_small(
    free: NDArray[np.floating], rule: Rule, placed: Sequence[_Placed], grid: Grid
) -> NDArray[np.floating]:
    """Empty the cells of patches whose free area is too small; bridging rules join patches."""
    bridges = Exclusions.empty(grid, criteria=1)
    for one in placed:
        if one.rule.id in rule.bridges:
            one.burn(bridges, 0)
    area = free * grid.resolution_m**2
    return np.where(large_patches(area, rule.min_area_m2, bridges.met(0)), free, 0.0)
