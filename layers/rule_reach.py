"""Which sites a rule is meant for, and where it touches them as they were at the start."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from gis.zones import Parts, parts_in_zones
from layers.rule_features import Features, RuleLayers, exempted, holds
from layers.rule_model import CANDIDATE_LAYER, Rule
from layers.rule_parts import inside, outside

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    Geometries = NDArray[Any]


class RuleReach:
    """The sites as they were at the start, and the layers that rules ask."""

    def __init__(self, sites: gpd.GeoDataFrame, layers: RuleLayers, spared: Geometries | None) -> None:
        self.sites, self.layers = sites, layers
        self.original: Geometries = sites.geometry.to_numpy()
        self.area_m2: NDArray[np.float64] = shapely.area(self.original)
        self._type, self._type_names = pd.factorize(sites["type"].to_numpy(dtype=object))
        self._tree = shapely.STRtree(self.original)
        self._spared = None if spared is None else self._within(spared)

    def first(self, sites: gpd.GeoDataFrame) -> RuleReach:
        """Return the reach of rules on the first sites, which these are."""
        reach = RuleReach(sites, self.layers, None)
        reach._spared = None if self._spared is None else self._spared.take(self._spared.index < len(sites))
        return reach

    def cut(self, rule: Rule) -> Parts:
        """Return where a rule may take of the sites: what it touches, less what is spared."""
        touched = self.touched(rule)
        return touched if self._spared is None else outside(touched, self._spared)

    def touched(self, rule: Rule) -> Parts:
        """Return where a rule touches the sites it is meant for."""
        meant = self.meant(rule)
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

    def meant(self, rule: Rule) -> NDArray[np.bool_]:
        """Say which sites a rule is meant for."""
        named = np.array([name in rule.applies_to for name in self._type_names], dtype=bool)
        meant: NDArray[np.bool_] = named[self._type]
        if any(exemption.layer is None for exemption in rule.exemptions):
            meant[meant] = ~exempted(self.sites[meant], rule.exemptions)
        return meant

    def unknown(self, rules: Sequence[Rule]) -> pd.DataFrame:
        """Return where a rule could not be asked, because its raster says nothing there: id, rule."""
        found = []
        for rule in rules:
            raster = self.layers.raster(rule)
            if raster is None:
                continue
            meant = self.meant(rule)
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
