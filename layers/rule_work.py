"""The rules at work on a set of sites: cuts, smallest shapes, shares and mentions, one after the other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from gis.contiguity import patches_of, wide_part
from gis.shares import taken_by_shares
from gis.stacks import Stack
from gis.zones import (
    SLIVER_M2,
    Parts,
    buffered,
    intersected,
    parts_in_zones,
    polygonal,
    slivers,
    without_slivers,
)
from layers.rule_edges import edges_of, usable_share
from layers.rule_features import Features, RuleLayers, exempted, holds
from layers.rule_model import CANDIDATE_LAYER, Rule
from layers.rule_parts import inside, join, outside
from layers.rule_sets import held_alone, joined_sets, sets_of_parts

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    Geometries = NDArray[Any]
    Bounds = tuple[float, float, float, float]

ROUNDING_M2 = 1e-6
"""Sums of areas differ by less, whatever the order of their parts."""


@dataclass(frozen=True)
class Batch:
    """What rules did to sites: one entry per site and rule."""

    index: NDArray[np.intp]
    """Position of the site."""
    rule: NDArray[np.intp]
    """Position of the rule."""
    m2: NDArray[np.float64]
    alone_m2: NDArray[np.float64]
    touched_m2: NDArray[np.float64]
    geometry: Geometries | None
    """The part taken; None where nothing is taken."""

    def first(self, count: int) -> Batch:
        """Return what was done to the first so many sites."""
        kept = self.index < count
        geometry = None if self.geometry is None else self.geometry[kept]
        numbers = (self.m2[kept], self.alone_m2[kept], self.touched_m2[kept])
        return Batch(self.index[kept], self.rule[kept], *numbers, geometry)


class RuleWork:
    """The state of the sites while rules work on them."""

    def __init__(
        self,
        sites: gpd.GeoDataFrame,
        layers: RuleLayers,
        forced: gpd.GeoDataFrame | None,
        *,
        known: Bounds | None = None,
    ) -> None:
        self.sites, self.layers, self.known = sites, layers, known
        self.going_on = np.zeros(len(sites), dtype=bool)
        """Sites on a patch that is too small as far as it is known, and goes on beyond that."""
        self.original: Geometries = sites.geometry.to_numpy()
        self.left = self.original.copy()
        """What is left of each site."""
        self.points: NDArray[np.bool_] = shapely.get_dimensions(self.original) == 0
        self.area_m2: NDArray[np.float64] = shapely.area(self.original)
        self.available_m2 = self.area_m2.copy()
        """Area after the shares too (m2)."""
        self._hard: list[tuple[Rule, Parts]] = []
        self._partial: list[tuple[Rule, Parts]] = []
        self._sets: list[pd.DataFrame] = []
        self._reduced = np.zeros(len(sites), dtype=bool)
        self._type, self._type_names = pd.factorize(sites["type"].to_numpy(dtype=object))
        self._tree = shapely.STRtree(self.original)
        self._forced = None if forced is None else self._within(forced.geometry.to_numpy())

    def first(self, sites: gpd.GeoDataFrame) -> RuleWork:
        """Return the state of the first sites, which these are; the others only held land together."""
        count = len(sites)
        work = RuleWork(sites, self.layers, None)
        work.left, work.available_m2 = self.left[:count], self.available_m2[:count]
        work.going_on, work._reduced = self.going_on[:count], self._reduced[:count]
        work._hard = [(rule, part.take(part.index < count)) for rule, part in self._hard]
        work._sets = [table[table["index"] < count] for table in self._sets]
        work._forced = None if self._forced is None else self._forced.take(self._forced.index < count)
        return work

    def cut(self, rules: Sequence[tuple[int, Rule]]) -> Batch:
        """Take the areas of hard rules, in order."""
        touched = [self._protected(self._touched(rule)) for _, rule in rules]
        self._hard = [(rule, part) for (_, rule), part in zip(rules, touched, strict=True)]
        index = join([part.index for part in touched], np.intp)
        number = join(
            [np.full(len(part.index), n) for (n, _), part in zip(rules, touched, strict=True)], np.intp
        )
        order = np.lexsort((number, index))
        geometry = join([part.geometry for part in touched], object)[order]
        whole = join([part.whole for part in touched], bool)[order]
        index, number = index[order], number[order]
        stack = Stack(index, geometry, whole)
        self._remove(stack)
        return Batch(
            index, number, self._taken(stack), stack.alone_m2(), shapely.area(geometry), stack.pieces()
        )

    def shape(self, numbered: tuple[int, Rule], rules: Sequence[Rule]) -> Batch:
        """Take what is too small or too narrow of what is left; `rules` are all, to find the bridges."""
        number, rule = numbered
        mine = np.flatnonzero(self._meant(rule) & ~self.points & ~shapely.is_empty(self.left))
        bridges = [other for other in rules if other.id in rule.bridges]
        kept = self._kept_shapes(rule, mine, bridges)
        gone = polygonal(shapely.difference(self.left[mine], kept))
        lost = ~slivers(gone)
        mine, gone, kept = mine[lost], gone[lost], kept[lost]
        m2 = self.available_m2[mine] - shapely.area(kept)
        self.left[mine] = kept
        self._reduced[mine] = True
        self.available_m2[mine] = shapely.area(kept)
        self._sets.append(pd.DataFrame({"index": mine, "rules": rule.id, "m2": m2}))
        return Batch(mine, np.full(len(mine), number), m2, m2, m2, gone)

    def take_shares(self, rules: Sequence[tuple[int, Rule]]) -> Batch:
        """Take the shares of rules that do not take the whole."""
        touched = [self._protected(self._touched(rule)) for _, rule in rules]
        self._partial = [(rule, part) for (_, rule), part in zip(rules, touched, strict=True)]
        parts = [self._clipped(part) for part in touched]
        own = [rule for _, rule in rules]
        self._sets.append(sets_of_parts(self.left, own, parts, hard_only=False))
        if not any(len(part.index) for part in parts):
            return _nothing()
        taken, alone = taken_by_shares(self.left, parts, [rule.share for _, rule in rules])
        self.available_m2 = self.available_m2 - taken.sum(axis=1)
        columns = range(len(parts))
        return Batch(
            join([part.index for part in parts], np.intp),
            join([np.full(len(part.index), n) for (n, _), part in zip(rules, parts, strict=True)], np.intp),
            join([taken[parts[column].index, column] for column in columns], float),
            join([alone[parts[column].index, column] for column in columns], float),
            join([part.area_m2 * rule.share for (_, rule), part in zip(rules, parts, strict=True)], float),
            join([part.geometry for part in parts], object),
        )

    def clear_edges(self, numbered: tuple[int, Rule]) -> Batch:
        """Take of a site's own edge what its usable share does not hold already: see `layers.rule_edges`."""
        number, rule = numbered
        touched = self._protected(self._touched(rule))
        edge = self._clipped(edges_of(touched, self.original, rule))
        mine = edge.index
        clear_m2 = shapely.area(self.left[mine]) - edge.area_m2
        kept = np.minimum(self.available_m2[mine], clear_m2 / usable_share(self.sites)[mine])
        m2 = self.available_m2[mine] - kept
        lost = m2 >= SLIVER_M2
        mine, edge, m2 = mine[lost], edge.take(lost), m2[lost]
        self.available_m2[mine] = kept[lost]
        self._sets.append(pd.DataFrame({"index": mine, "rules": rule.id, "m2": m2}))
        return Batch(mine, np.full(len(mine), number), m2, m2, edge.area_m2, edge.geometry)

    def hold_alone(self, batch: Batch, rules: Sequence[Rule]) -> Batch:
        """Say again what hard rules hold alone, where shares of other rules hold the same land too."""
        partly = join([part.index for _, part in self._partial], np.intp)
        asked = np.isin(batch.index, partly)
        if not asked.any():
            return batch
        alone_m2 = batch.alone_m2.copy()
        ids = [rules[number].id for number in batch.rule[asked]]
        taking = [*self._hard, *self._partial]
        alone_m2[asked] = held_alone(self.original, taking, batch.index[asked], ids)
        return replace(batch, alone_m2=alone_m2)

    def mention(self, numbered: tuple[int, Rule]) -> Batch:
        """Say where a conditional rule or a notice touches what is left."""
        number, rule = numbered
        touched = self._touched(rule)
        clipped = self._clipped(touched)
        before = touched.area_m2[np.searchsorted(touched.index, clipped.index)]
        rules = np.full(len(clipped.index), number)
        return Batch(clipped.index, rules, clipped.area_m2, clipped.area_m2, before, None)

    def unknown(self, rules: Sequence[Rule]) -> pd.DataFrame:
        """Return where a rule could not be asked, because its raster says nothing there: id, rule."""
        found = []
        for rule in rules:
            raster = self.layers.raster(rule)
            if raster is None:
                continue
            meant = self._meant(rule)
            meant[meant] = ~shapely.covered_by(self.original[meant], raster.extent) | self._over(
                meant, raster.unknown()
            )
            ids = self.sites["id"].to_numpy()[meant]
            found.append(pd.DataFrame({"id": ids, "rule": rule.id}))
        return pd.concat(found, ignore_index=True) if found else pd.DataFrame({"id": [], "rule": []})

    def _over(self, meant: NDArray[np.bool_], zones: Geometries) -> NDArray[np.bool_]:
        """Say which of the sites meant reach into zones."""
        over = np.zeros(len(self.original), dtype=bool)
        if len(zones):
            over[self._within(zones).index] = True
        return over[meant]

    def sets(self) -> pd.DataFrame:
        """Return what was taken of each site by the exact set of rules: id, rules, m2."""
        taking = [*self._hard, *self._partial]
        rules, parts = [rule for rule, _ in taking], [part for _, part in taking]
        hard = sets_of_parts(self.original, rules, parts, hard_only=True)
        table = joined_sets([hard, *self._sets], self.area_m2 - self.available_m2)
        return table.assign(id=self.sites["id"].to_numpy()[table["index"]])[["id", "rules", "m2"]]

    def _meant(self, rule: Rule) -> NDArray[np.bool_]:
        named = np.array([name in rule.applies_to for name in self._type_names], dtype=bool)
        meant: NDArray[np.bool_] = named[self._type]
        if any(exemption.layer is None for exemption in rule.exemptions):
            meant[meant] = ~exempted(self.sites[meant], rule.exemptions)
        return meant

    def _touched(self, rule: Rule) -> Parts:
        meant = self._meant(rule)
        if rule.layer == CANDIDATE_LAYER:
            if rule.where is not None:
                meant[meant] = holds(self.sites[meant], rule.where)
            return self._bounded(self._whole(np.flatnonzero(meant)), rule)
        features = self.layers.features(rule)
        if features is None or not meant.any():
            return self._whole(np.zeros(0, dtype=np.intp))
        touched = parts_in_zones(
            self.original, self._tree, features.geometry, features.distance_m, among=meant
        )
        if rule.invert:
            touched = outside(self._whole(np.flatnonzero(meant)), touched)
        return self._bounded(touched, rule)

    def _bounded(self, touched: Parts, rule: Rule) -> Parts:
        """Keep to the rule's scope and spare what its exemptions lift."""
        if rule.within is not None:
            scope = self.layers.area(rule.within, rule)
            if scope is None:
                return self._whole(np.zeros(0, dtype=np.intp))
            touched = inside(touched, self._zones(scope))
        for exemption in rule.exemptions:
            lifted = self.layers.area(exemption, rule)
            if lifted is not None:
                touched = outside(touched, self._zones(lifted))
        return touched

    def _zones(self, features: Features) -> Parts:
        return parts_in_zones(self.original, self._tree, features.geometry, features.distance_m)

    def _within(self, geometry: Geometries) -> Parts:
        return parts_in_zones(self.original, self._tree, geometry, np.zeros(len(geometry)))

    def _whole(self, index: NDArray[np.intp]) -> Parts:
        return Parts(index, self.original[index], np.ones(len(index), dtype=bool), self.area_m2[index])

    def _protected(self, parts: Parts) -> Parts:
        return parts if self._forced is None else outside(parts, self._forced)

    def _clipped(self, parts: Parts) -> Parts:
        """Return the parts as far as they lie in what is left; a whole part is then all that is left."""
        index = parts.index
        left = self.left[index]
        geometry = np.where(parts.whole, left, parts.geometry)
        cut = np.flatnonzero(~parts.whole & self._reduced[index])
        geometry[cut] = intersected(parts.geometry[cut], left[cut])
        clipped = Parts(index, geometry, parts.whole, shapely.area(geometry))
        return clipped.take(~shapely.is_empty(geometry) & (self.points[index] | ~slivers(geometry)))

    def _remove(self, stack: Stack) -> None:
        index, gone = stack.total()
        whole = np.zeros(len(self.left), dtype=bool)
        whole[stack.index[stack.whole]] = True
        self.left[whole] = shapely.Polygon()
        part = ~whole[index]
        index, gone = index[part], gone[part]
        self.left[index] = without_slivers(shapely.difference(self.original[index], gone))
        self._reduced[stack.index] = True
        self.available_m2 = shapely.area(self.left)

    def _taken(self, stack: Stack) -> NDArray[np.float64]:
        """Return what each cut takes; slivers of what is left go to the last cut, so that the sum holds."""
        taken = stack.taken_m2()
        index, _ = stack.total()
        sums = np.bincount(stack.index, weights=taken, minlength=len(self.left))
        last = np.searchsorted(stack.index, index, side="right") - 1
        taken[last] += np.maximum(self.area_m2[index] - self.available_m2[index] - sums[index], 0.0)
        return taken

    def _kept_shapes(self, rule: Rule, mine: NDArray[np.intp], bridges: Sequence[Rule]) -> Geometries:
        left = self.left[mine]
        kept = wide_part(left, rule.min_width_m) if rule.min_width_m else left.copy()
        if rule.min_area_m2:
            parts, origin = shapely.get_parts(kept, return_index=True)
            large = self._hang_together(rule, parts, mine[origin], bridges)
            kept = np.full(len(left), shapely.Polygon(), dtype=object)
            for position in np.unique(origin[large]):
                own = parts[large & (origin == position)]
                kept[position] = own[0] if len(own) == 1 else shapely.MultiPolygon(list(own))
        return kept

    def _hang_together(
        self, rule: Rule, parts: Geometries, site: NDArray[np.intp], bridges: Sequence[Rule]
    ) -> NDArray[np.bool_]:
        """Say which parts belong to a patch that is large enough, and note the patches that go on."""
        patches = patches_of(parts, self._zones_of(bridges))
        large = patches.area_m2 >= rule.min_area_m2 - ROUNDING_M2
        if self.known is not None:
            goes_on = ~large & ~patches.within(self.known)
            self.going_on[site[goes_on[patches.of_piece]]] = True
        found: NDArray[np.bool_] = large[patches.of_piece]
        return found

    def _zones_of(self, rules: Sequence[Rule]) -> Geometries:
        found = [self.layers.features(rule) for rule in rules]
        return join([buffered(f.geometry, f.distance_m) for f in found if f is not None], object)


def _nothing() -> Batch:
    none = np.zeros(0, dtype=np.intp)
    return Batch(none, none, np.zeros(0), np.zeros(0), np.zeros(0), np.zeros(0, dtype=object))
