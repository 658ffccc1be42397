"""From candidates to sites: rules, capacity, energy, economics."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import pandas as pd
import shapely

from assessment.arrays import FlatRoofs, arranged
from assessment.capacity import add_capacity, add_densities
from assessment.economics import add_economics
from assessment.energy import FLAT, add_energy, day_shapes, months_by_town, planes, unshaded_kwh_kwp_month
from assessment.grid import add_grid_distance
from assessment.horizons import roof_horizons
from assessment.progress import part
from assessment.run import EXCLUDED, PV_TYPES, SITES
from assessment.shading import monthly_shading
from assessment.solar_types import type_defaults
from assessment.tariff_choice import met_by_type
from assessment.weather import middle_of, region_weather
from layers.catalog import load_catalog
from layers.eligibility import Eligibility, evaluate
from layers.rule_sets import rule_sets
from layers.waterfall import waterfall

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import geopandas as gpd

    from assessment.candidates import Candidates
    from assessment.inputs import Inputs
    from assessment.progress import Progress
    from assessment.solar_types import TypeDefaults
    from layers.catalog import Catalog
    from layers.climate import Weather
    from layers.eligibility import Beyond
    from layers.rule_rasters import RuleRaster
    from layers.rules import Rule
    from layers.sources import Layer

_Frame = TypeVar("_Frame", bound=pd.DataFrame)


@dataclass(frozen=True)
class Method:
    """What all parts of a region share: weather, types, rules, catalogues."""

    weather: Weather
    types: Mapping[str, TypeDefaults]
    rules: Sequence[Rule]
    catalogs: Mapping[str, Catalog]
    terrain: Path | None
    flat_roofs: FlatRoofs
    """Layouts that a flat roof may have."""
    met: Mapping[str, float] | None = None
    """Price that each type's energy meets in the 24-hour table a scenario chose; None: it chose none."""

    @classmethod
    def of(cls, inputs: Inputs, rules: Sequence[Rule]) -> Method:
        """Read the climate of a region and lay out its PV types."""
        towns = inputs.layers["towns"].frame
        lat = middle_of(towns)[0]
        types = type_defaults(inputs.catalogs, lat=lat)
        weather, tariffs = region_weather(inputs.region, towns), inputs.catalogs.get("tariffs")
        met = None if tariffs is None else met_by_type(tariffs, lambda: day_shapes(types, weather))
        costs = load_catalog(inputs.region.catalogs["costs"])
        flat = FlatRoofs.of(inputs.catalogs, types[FLAT], weather, lat=lat, costs=costs)
        return cls(weather, types, rules, inputs.catalogs, inputs.terrain, flat, met)


@dataclass(frozen=True)
class SiteResult:
    """The PV sites of a region, or of a part of it."""

    frame: gpd.GeoDataFrame
    """Sites: columns SITES and geometry, sorted by town, type and id."""
    excluded: gpd.GeoDataFrame
    waterfall: pd.DataFrame
    rule_sets: pd.DataFrame
    set_aside: pd.DataFrame
    not_checked: tuple[str, ...]
    months: pd.DataFrame
    """Energy by town and type: of the months, and by month and hour of the day where that is known."""
    shaded: int
    """Sites whose shading the engine found; the others have that of their class."""


def build_sites(
    candidates: Candidates,
    *,
    layers: Mapping[str, Layer | RuleRaster],
    buildings: gpd.GeoDataFrame | None,
    grid: gpd.GeoDataFrame | None,
    method: Method,
    workers: int,
    progress: Progress,
    beyond: Beyond | None = None,
) -> SiteResult:
    """Apply rules, capacity, energy and economics to candidates.

    Parameters
    ----------
    layers
        The rules' layers, reaching at least as far beyond the candidates as any rule does.
    buildings
        All buildings that can shade a candidate's roof.
    beyond
        Candidates of other parts, as far as their land may hang together with these.
    """
    catalogs, types = method.catalogs, method.types
    horizons = roof_horizons(
        candidates.frame,
        buildings,
        terrain=method.terrain,
        weather=method.weather,
        types=types,
        workers=workers,
        progress=part(progress, 0.0, 0.6),
    )
    laid_out = arranged(planes(candidates.frame, types=types), method.flat_roofs, types, horizons)
    dense = add_densities(laid_out, catalogs=catalogs, types=types)
    progress(0.6, "applying the rules")
    outcome = _with_walls(evaluate(dense, method.rules, layers, beyond=beyond), dense)
    progress(0.8, "capacity and energy")
    sites = add_capacity(outcome.eligible, types=types)
    unshaded = unshaded_kwh_kwp_month(sites, weather=method.weather, types=types, flat=method.flat_roofs)
    shade = monthly_shading(sites, horizons, weather=method.weather, types=types, catalogs=catalogs)
    sites = add_energy(
        sites, unshaded=unshaded, shading=shade.loss, losses=catalogs["losses"], weather=method.weather
    )
    months = months_by_town(sites, shade.hours)
    progress(0.9, "cost and carbon")
    sites = add_economics(sites, costs=catalogs["costs"], carbon=catalogs["carbon"], met=method.met)
    sites = _add_reasons(add_grid_distance(sites, grid), outcome)
    sites = sites.sort_values(["town", "type", "id"], kind="stable", ignore_index=True)
    by_id = dense.set_index("id")
    kwp_m2 = by_id["w_m2_central"] / 1000
    return SiteResult(
        frame=sites[[*(column.name for column in SITES), "geometry"]],
        excluded=_excluded(outcome, dense),
        waterfall=waterfall(outcome, by_id["town"], method.rules, kwp_m2=kwp_m2),
        rule_sets=rule_sets(outcome.sets, by_id, kwp_m2=kwp_m2),
        set_aside=candidates.set_aside,
        not_checked=tuple(sorted({rule for rules in outcome.not_checked.values() for rule in rules})),
        months=months,
        shaded=int(shade.by_engine.sum()),
    )


def _with_walls(outcome: Eligibility, dense: gpd.GeoDataFrame) -> Eligibility:
    """Give facades their wall area: rules speak of the footprint and leave that share of the wall."""
    footprint_m2 = shapely.area(np.asarray(dense.geometry.array, dtype=object))
    scale = np.where(dense["type"] == "facade", dense["area_m2"] / footprint_m2, 1.0)
    by_id = pd.Series(scale, index=dense["id"])

    def scaled(frame: _Frame, *names: str) -> _Frame:
        factor = by_id.reindex(frame["id"]).to_numpy()
        return frame.assign(**{name: frame[name] * factor for name in names})

    return replace(
        outcome,
        eligible=scaled(outcome.eligible, "area_m2", "available_m2"),
        touches=scaled(outcome.touches, "m2", "alone_m2", "touched_m2"),
        areas=scaled(outcome.areas, "area_m2", "available_m2"),
        sets=scaled(outcome.sets, "m2"),
    )


def _add_reasons(sites: gpd.GeoDataFrame, outcome: Eligibility) -> gpd.GeoDataFrame:
    """Add rules (list of id, verdict, m2), not_checked (list of rule ids) and status."""
    records = outcome.touches[["rule", "verdict", "m2"]].rename(columns={"rule": "id"}).to_dict("records")
    ids = outcome.touches["id"].to_numpy(object)
    starts = np.flatnonzero(np.r_[True, ids[1:] != ids[:-1]])  # what touched a site stands together
    by_site = {ids[low]: records[low:high] for low, high in pairwise([*starts, len(ids)])} if len(ids) else {}
    missing = sites["type"].map({kind: outcome.not_checked.get(kind, ()) for kind in PV_TYPES})
    unknown = sites["id"].map(outcome.unknown.groupby("id")["rule"].agg(tuple))
    return sites.assign(
        rules=[by_site.get(name, []) for name in sites["id"]],
        not_checked=[
            [*of_type, *(of_site if isinstance(of_site, tuple) else ())]
            for of_type, of_site in zip(missing, unknown, strict=True)
        ],
        status=sites["id"].map(outcome.status),
    )


def _excluded(outcome: Eligibility, dense: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Add town and the demonstration mark to what the rules took; a parcel lies in one town."""
    known = dense.drop_duplicates("parcel_id").set_index("parcel_id")
    excluded = outcome.excluded
    named = excluded.assign(
        town=excluded["parcel_id"].map(known["town"]), demo=excluded["parcel_id"].map(known["demo"])
    )
    return named[[*(column.name for column in EXCLUDED), "geometry"]]
