"""What a rule is about on the ground: its layer's features, their zones, whether it can be checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from faults import Fault, InputError
from gis.zones import cut_lines
from layers.rule_model import CANDIDATE_LAYER, Distance, Exemption, Rule, Scope
from layers.rule_rasters import RuleRaster

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import NDArray

    from layers.expression import Expression
    from layers.rule_ranges import Ranges


@dataclass(frozen=True)
class Features:
    """Geometries with the buffer of each (m)."""

    geometry: NDArray[Any]
    distance_m: NDArray[np.float64]


class RuleLayers:
    """The layers that rules ask for, all in one metric CRS."""

    def __init__(self, layers: Mapping[str, Any], *, covers: Collection[str] | None, crs: object) -> None:
        known = {name: layer for name, layer in layers.items() if layer is not None}
        self._rasters = {name: layer for name, layer in known.items() if isinstance(layer, RuleRaster)}
        self._frames = {name: _frame(layer) for name, layer in known.items() if name not in self._rasters}
        self._sound: set[str] = set()
        self._covers = frozenset(covers) if covers is not None else None
        self._declared = {name: _declared(layer) for name, layer in layers.items()}
        given = self._frames | self._rasters
        faults = [fault for name, layer in given.items() for fault in _crs_faults(name, layer, crs)]
        if faults:
            raise InputError(faults)

    def checks(self, rule: Rule) -> bool:
        """Say whether the rule's layer is there and complete for the rule's kinds."""
        if rule.within is not None and rule.within.layer not in self._frames:
            return False
        if rule.layer == CANDIDATE_LAYER:
            return True
        if rule.layer in self._rasters:
            return True
        frame = self._frames.get(rule.layer)
        return frame is not None and set(rule.kinds) <= self._kinds(rule.layer, frame)

    def features(self, rule: Rule) -> Features | None:
        """Return the rule's features; None where the layer is missing."""
        if rule.layer in self._rasters:
            zones = self._rasters[rule.layer].zones(_ranges(rule))
            return Features(zones, np.full(len(zones), rule.buffer.default))
        frame = self._used(rule.layer)
        if frame is None:
            return None
        frame = _of_kinds(frame, rule)
        chosen = select(frame, rule.where, rule)
        distance = distances(chosen, rule.buffer, rule)
        geometry = chosen.geometry.to_numpy()
        if rule.line_half_width.largest:
            lines = shapely.get_dimensions(geometry) == 1
            distance = distance + np.where(lines, distances(chosen, rule.line_half_width, rule), 0.0)
        cut, origin = cut_lines(geometry)
        return Features(cut, distance[origin])

    def raster(self, rule: Rule) -> RuleRaster | None:
        """Return the raster that the rule asks; None where its layer is no raster."""
        return self._rasters.get(rule.layer)

    def area(self, part: Exemption | Scope, rule: Rule) -> Features | None:
        """Return the features of an exemption or scope; None where it names no layer or it is missing."""
        frame = self._used(part.layer)
        if frame is None:
            return None
        geometry = select(frame, part.where, rule).geometry.to_numpy()
        return Features(geometry, np.zeros(len(geometry)))

    def _used(self, name: str | None) -> gpd.GeoDataFrame | None:
        """Return a layer that a rule asks; its shapes are checked once, when first asked for."""
        frame = self._frames.get(name or "")
        if frame is not None and name is not None and name not in self._sound:
            broken = np.flatnonzero(~shapely.is_valid(frame.geometry.to_numpy()))
            if len(broken):
                reasons = shapely.is_valid_reason(frame.geometry.to_numpy()[broken])
                ids = frame["id"].to_numpy()[broken] if "id" in frame else broken
                raise InputError(
                    Fault(name, int(row) + 1, "geometry", str(key), f"is not valid: {reason}")
                    for row, key, reason in zip(broken, ids, reasons, strict=True)
                )
            self._sound.add(name)
        return frame

    def _kinds(self, name: str, frame: gpd.GeoDataFrame) -> frozenset[str]:
        if self._covers is not None:
            return self._covers
        declared = self._declared.get(name)
        if declared is not None:
            return declared
        return frozenset(frame["kind"].dropna()) if "kind" in frame else frozenset()


def select(frame: gpd.GeoDataFrame, where: Expression | None, rule: Rule) -> gpd.GeoDataFrame:
    """Return the features where the condition holds; a missing column is said with the rule's name."""
    if where is None or frame.empty:
        return frame
    try:
        return frame[where(frame).to_numpy()]
    except InputError as error:
        faults = [
            Fault(f"rule {rule.id}, layer {rule.layer}", f.row, f.column, f.value, f.rule)
            for f in error.faults
        ]
        raise InputError(faults) from error


def distances(frame: pd.DataFrame, distance: Distance, rule: Rule) -> NDArray[np.float64]:
    """Return the distance of each feature (m); an unknown attribute has the default."""
    metres = np.full(len(frame), distance.default)
    if distance.attribute is None or frame.empty:
        return metres
    if distance.attribute not in frame:
        fault = "is not a column, but the buffer depends on it"
        raise InputError(
            [Fault(f"rule {rule.id}, layer {rule.layer}", None, distance.attribute, None, fault)]
        )
    column = frame[distance.attribute]
    for word, value in distance.values:  # noqa: PD011 - no frame
        metres[(column == word).fillna(value=False).to_numpy(dtype=bool)] = value
    if distance.up_to:
        metres = _up_to(pd.to_numeric(column, errors="coerce").to_numpy(dtype=float), distance)
    return metres


def exempted(candidates: pd.DataFrame, exemptions: Sequence[Exemption]) -> NDArray[np.bool_]:
    """Say which sites the exemptions about the site itself free from the rule."""
    free = np.zeros(len(candidates), dtype=bool)
    for exemption in exemptions:
        if exemption.layer is None:
            free |= _meets(candidates, exemption)
    return free


def holds(candidates: pd.DataFrame, where: Expression) -> NDArray[np.bool_]:
    """Ask a condition of sites; an attribute that no site has is unknown for all of them."""
    missing = {name: None for name in where.columns if name not in candidates}
    return where(candidates.assign(**missing)).to_numpy(dtype=bool)


def _meets(candidates: pd.DataFrame, exemption: Exemption) -> NDArray[np.bool_]:
    met = np.ones(len(candidates), dtype=bool)
    if exemption.where is not None:
        met &= holds(candidates, exemption.where)
    if exemption.approved_before is not None:
        if "approved" not in candidates:
            return np.zeros(len(candidates), dtype=bool)
        approved = pd.to_datetime(candidates["approved"])
        met &= (approved < pd.Timestamp(exemption.approved_before)).to_numpy()
    return met


def _up_to(values: NDArray[np.float64], distance: Distance) -> NDArray[np.float64]:
    limits = np.array([limit for limit, _ in distance.up_to])
    metres = np.array([metre for _, metre in distance.up_to] + [distance.default])
    place = np.where(np.isnan(values), len(limits), np.searchsorted(limits, values))
    found: NDArray[np.float64] = metres[place]
    return found


def _ranges(rule: Rule) -> Ranges:
    ranges = rule.values  # noqa: PD011 - no frame
    if ranges is None:
        fault = Fault(f"rule {rule.id}", None, "values", None, f"is missing: layer {rule.layer} is a raster")
        raise InputError([fault])
    return ranges


def _of_kinds(frame: gpd.GeoDataFrame, rule: Rule) -> gpd.GeoDataFrame:
    if not rule.kinds:
        return frame
    if "kind" not in frame:
        raise InputError(
            [Fault(f"rule {rule.id}, layer {rule.layer}", None, "kind", None, "is not a column")]
        )
    return frame[frame["kind"].isin(rule.kinds).to_numpy()]


def _declared(layer: Any) -> frozenset[str] | None:  # noqa: ANN401 - a Layer or a frame
    if layer is None or isinstance(layer, gpd.GeoDataFrame | RuleRaster):
        return None
    return frozenset(layer.covers)


def _frame(layer: Any) -> gpd.GeoDataFrame:  # noqa: ANN401 - a Layer or a frame
    frame = getattr(layer, "frame", layer)
    geometry = frame.geometry.to_numpy()
    present = ~shapely.is_missing(geometry) & ~shapely.is_empty(geometry)
    return frame if present.all() else frame[present]


def _crs_faults(name: str, frame: gpd.GeoDataFrame | RuleRaster, crs: object) -> list[Fault]:
    if frame.crs is not None and pyproj.CRS.from_user_input(frame.crs) == crs:
        return []
    return [Fault(name, None, "crs", str(frame.crs), f"must be the sites' CRS {crs}")]
