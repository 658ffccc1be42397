"""What the rules say about drilling: zones where a technology may not go, or only with consent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from assessment.run import HEAT_TECHNOLOGIES
from gis.zones import buffered, parts_in_zones

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from layers.rule_model import Distance, Rule


@dataclass(frozen=True)
class Zone:
    """One rule about heat, with the places it touches."""

    rule: Rule
    features: NDArray[np.object_]
    distance_m: NDArray[np.float64]

    @property
    def polygons(self) -> NDArray[np.object_]:
        """The features with their buffers."""
        return np.asarray(buffered(self.features, self.distance_m))


@dataclass(frozen=True)
class HeatRules:
    """All rules about heat, sorted into those that could be checked and those that could not."""

    zones: tuple[Zone, ...]
    notices: tuple[Rule, ...]
    """Rules about the site itself: they hold for every site of their technologies."""
    not_checked: tuple[Rule, ...]

    def vetoes(self, technology: str) -> list[tuple[NDArray[np.object_], NDArray[np.float64]]]:
        """Return the features a technology must keep away from, with the distance, m."""
        return [(zone.features, zone.distance_m) for zone in self.zones if _takes(zone.rule, technology)]

    def forbidden(self, technology: str) -> NDArray[np.object_]:
        """Return the polygons where a technology may not go."""
        zones = [zone.polygons for zone in self.zones if _takes(zone.rule, technology)]
        return np.concatenate(zones) if zones else np.empty(0, dtype=object)

    def not_checked_for(self, technology: str) -> list[str]:
        """Return the ids of rules that could not be checked for a technology."""
        return [rule.id for rule in self.not_checked if technology in rule.applies_to]


@dataclass(frozen=True)
class Touched:
    """The rules on the blocks, for one technology."""

    free_share: NDArray[np.float64]
    """Part of each block's area where no rule forbids the technology."""
    conditional: NDArray[np.bool_]
    """A rule asks for a consent somewhere in the block."""
    rules: list[list[dict[str, object]]]
    """Per block: {id, verdict, m2}."""
    veto: NDArray[np.object_]
    """The rule that takes most of the block; None where none takes any."""
    consent: NDArray[np.object_]
    """The first rule that asks for a consent in the block; None where none does."""


def sort_rules(
    rules: Sequence[Rule], layers: Mapping[str, gpd.GeoDataFrame | None], *, covers: frozenset[str] | None
) -> HeatRules:
    """Find the features of every rule about heat, or say that it cannot be checked.

    Parameters
    ----------
    rules : sequence of Rule
        Of any technology; only those about heat are used.
    layers : mapping
        Frames by layer name; None where the region has no such layer.
    covers : frozenset of str, optional
        Kinds for which the restrictions are complete; None: the kinds present.
    """
    zones, notices, missing = [], [], []
    for rule in rules:
        if not rule.applies_to & set(HEAT_TECHNOLOGIES):
            continue
        if rule.layer == "candidate":
            notices.append(rule)
            continue
        frame = layers.get(rule.layer)
        if frame is None or not _covered(rule, frame, covers):
            missing.append(rule)
            continue
        zones.append(_zone(rule, frame))
    return HeatRules(tuple(zones), tuple(notices), tuple(missing))


def touch(rules: HeatRules, technology: str, geometry: NDArray[np.object_]) -> Touched:
    """Say for each block which rules touch it, with the m2 they take."""
    tree = shapely.STRtree(geometry)
    area = shapely.area(geometry)
    listed: list[list[dict[str, object]]] = [[] for _ in geometry]
    conditional = np.zeros(len(geometry), dtype=bool)
    consent = np.full(len(geometry), None, dtype=object)
    strongest, most = np.full(len(geometry), None, dtype=object), np.zeros(len(geometry))
    for zone in rules.zones:
        if technology not in zone.rule.applies_to or not len(zone.features):
            continue
        parts = parts_in_zones(geometry, tree, zone.features, zone.distance_m)
        for i, m2 in zip(parts.index, parts.area_m2, strict=True):
            listed[i].append({"id": zone.rule.id, "verdict": zone.rule.verdict, "m2": round(float(m2), 1)})
        if zone.rule.verdict == "conditional":
            conditional[parts.index] = True
            first = [i for i in parts.index if consent[i] is None]
            consent[first] = zone.rule
        if _takes(zone.rule, technology):
            larger = parts.area_m2 > most[parts.index]
            index = parts.index[larger]
            most[index] = parts.area_m2[larger]
            strongest[index] = zone.rule
    free = 1 - _taken_m2(rules.forbidden(technology), geometry, tree) / area
    return Touched(free, conditional, listed, strongest, consent)


def _taken_m2(
    forbidden: NDArray[np.object_], geometry: NDArray[np.object_], tree: shapely.STRtree
) -> NDArray[np.float64]:
    """Area of each block under any forbidden zone, overlaps counted once."""
    taken = np.zeros(len(geometry))
    if len(forbidden):
        parts = parts_in_zones(geometry, tree, forbidden, np.zeros(len(forbidden)))
        taken[parts.index] = parts.area_m2
    return taken


def _takes(rule: Rule, technology: str) -> bool:
    return rule.verdict == "forbidden" and technology in rule.applies_to


def _covered(rule: Rule, frame: gpd.GeoDataFrame, covers: frozenset[str] | None) -> bool:
    if not rule.kinds:
        return True
    known = set(frame["kind"]) if covers is None else covers
    return set(rule.kinds) <= known


def _zone(rule: Rule, frame: gpd.GeoDataFrame) -> Zone:
    rows = frame[frame["kind"].isin(rule.kinds)] if rule.kinds else frame
    if rule.where is not None:
        rows = rows[rule.where(rows)]
    geometry = rows.geometry.to_numpy()
    lines = shapely.get_dimensions(geometry) == 1
    distance = _distances(rule.buffer, rows) + np.where(lines, _distances(rule.line_half_width, rows), 0.0)
    return Zone(rule, geometry, distance)


def _distances(distance: Distance, rows: gpd.GeoDataFrame) -> NDArray[np.float64]:
    found = np.full(len(rows), distance.default)
    if distance.attribute is None or distance.attribute not in rows:
        return found
    column = rows[distance.attribute]
    for limit, metres in reversed(distance.up_to):
        found[(column <= limit).fillna(value=False).to_numpy(bool)] = metres
    for text, metres in distance.values:
        found[(column == text).fillna(value=False).to_numpy(bool)] = metres
    return found
