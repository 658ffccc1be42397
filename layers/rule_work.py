"""The rules at work on a set of sites: cuts, smallest shapes, shares and mentions, one after the other."""

from __future__ import annotations

from dataclasses import replace
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
    polygonal,
    slivers,
    without_slivers,
)
from layers.rule_batch import Batch, nothing
from layers.rule_edges import edges_of, usable_share
from layers.rule_parts import join
from layers.rule_sets import held_alone, joined_sets, sets_of_parts

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from layers.rule_model import Rule
    from layers.rule_reach import RuleReach

    Geometries = NDArray[Any]
    Bounds = tuple[float, float, float, float]

ROUNDING_M2 = 1e-6
"""Sums of areas differ by less, whatever the order of their parts."""


class RuleWork:
    """The state of the sites while rules work on them."""

    def __init__(self, reach: RuleReach, *, known: Bounds | None = None) -> None:
        self.reach, self.known = reach, known
        count = len(reach.original)
        self.going_on = np.zeros(count, dtype=bool)
        """Sites on a patch that is too small as far as it is known, and goes on beyond that."""
        self.left = reach.original.copy()
        """What is left of each site."""
        self.points: NDArray[np.bool_] = shapely.get_dimensions(reach.original) == 0
        self.available_m2 = reach.area_m2.copy()
        """Area after the shares too (m2)."""
        self._hard: list[tuple[Rule, Parts]] = []
        self._partial: list[tuple[Rule, Parts]] = []
        self._sets: list[pd.DataFrame] = []
        self._reduced = np.zeros(count, dtype=bool)

    def first(self, sites: gpd.GeoDataFrame) -> RuleWork:
        """Return the state of the first sites, which these are; the others only held land together."""
        count = len(sites)
        work = RuleWork(self.reach.first(sites))
        work.left, work.available_m2 = self.left[:count], self.available_m2[:count]
        work.going_on, work._reduced = self.going_on[:count], self._reduced[:count]
        work._hard = [(rule, part.take(part.index < count)) for rule, part in self._hard]
        work._sets = [table[table["index"] < count] for table in self._sets]
        return work

    def cut(self, rules: Sequence[tuple[int, Rule]]) -> Batch:
        """Take the areas of hard rules, in order."""
        touched = [self.reach.cut(rule) for _, rule in rules]
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
        mine = np.flatnonzero(self.reach.meant(rule) & ~self.points & ~shapely.is_empty(self.left))
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
        touched = [self.reach.cut(rule) for _, rule in rules]
        self._partial = [(rule, part) for (_, rule), part in zip(rules, touched, strict=True)]
        parts = [self._clipped(part) for part in touched]
        own = [rule for _, rule in rules]
        self._sets.append(sets_of_parts(self.left, own, parts, hard_only=False))
        if not any(len(part.index) for part in parts):
            return nothing()
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
        touched = self.reach.cut(rule)
        edge = self._clipped(edges_of(touched, self.reach.original, rule))
        mine = edge.index
        clear_m2 = shapely.area(self.left[mine]) - edge.area_m2
        kept = np.minimum(self.available_m2[mine], clear_m2 / usable_share(self.reach.sites)[mine])
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
        alone_m2[asked] = held_alone(self.reach.original, taking, batch.index[asked], ids)
        return replace(batch, alone_m2=alone_m2)

    def mention(self, numbered: tuple[int, Rule]) -> Batch:
        """Say where a conditional rule or a notice touches what is left."""
        number, rule = numbered
        touched = self.reach.touched(rule)
        clipped = self._clipped(touched)
        before = touched.area_m2[np.searchsorted(touched.index, clipped.index)]
        rules = np.full(len(clipped.index), number)
        return Batch(clipped.index, rules, clipped.area_m2, clipped.area_m2, before, None)

    def sets(self) -> pd.DataFrame:
        """Return what was taken of each site by the exact set of rules: id, rules, m2."""
        taking = [*self._hard, *self._partial]
        rules, parts = [rule for rule, _ in taking], [part for _, part in taking]
        hard = sets_of_parts(self.reach.original, rules, parts, hard_only=True)
        table = joined_sets([hard, *self._sets], self.reach.area_m2 - self.available_m2)
        return table.assign(id=self.reach.sites["id"].to_numpy()[table["index"]])[["id", "rules", "m2"]]

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
        self.left[index] = without_slivers(shapely.difference(self.reach.original[index], gone))
        self._reduced[stack.index] = True
        self.available_m2 = shapely.area(self.left)

    def _taken(self, stack: Stack) -> NDArray[np.float64]:
        """Return what each cut takes; slivers of what is left go to the last cut, so that the sum holds."""
        taken = stack.taken_m2()
        index, _ = stack.total()
        sums = np.bincount(stack.index, weights=taken, minlength=len(self.left))
        last = np.searchsorted(stack.index, index, side="right") - 1
        taken[last] += np.maximum(self.reach.area_m2[index] - self.available_m2[index] - sums[index], 0.0)
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
        found = [self.reach.layers.features(rule) for rule in rules]
        return join([buffered(f.geometry, f.distance_m) for f in found if f is not None], object)
