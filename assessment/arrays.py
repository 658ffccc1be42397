"""The array of every flat roof: south racks, racks along the building, or east-west, and at which tilt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from assessment.economics import cost_table
from faults import Fault, InputError
from potential.money import present_worth
from potential.solar.arrays import (
    ALIGNED,
    AS_GIVEN,
    OBJECTIVES,
    SOUTH,
    TENTS,
    RowShadows,
    Worth,
    best_of,
    scores,
    skewed_share,
    tent_cover,
)
from potential.solar.yield_table import YieldTable, yield_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    from numpy.typing import NDArray

    from assessment.horizons import RoofHorizons
    from assessment.solar_types import TypeDefaults
    from layers.catalog import Catalog
    from layers.climate import Weather

    Floats = NDArray[np.float64]

KIND = "roof_flat"
EQUATOR_DEG = 180.0
TILT_STEP_DEG = 5.0
AZIMUTHS_DEG = np.arange(0.0, 360.0, 15.0)
QUARTER_DEG = 90.0


@dataclass(frozen=True)
class FlatRoofs:
    """What a flat roof of a region may carry, with the open-sky energy of every plane of it."""

    objective: int
    tilts_deg: Floats
    """Of racks, ascending."""
    given_tilt_deg: float
    tent_tilt_deg: float
    tent_cover: float
    tent_density: float
    """Module area over array area of tents."""
    shadows: RowShadows
    given_ratio: float
    """Row pitch over module length that the density of the type stands for."""
    skew_strip_m: float
    skew_full_deg: float
    racks: YieldTable
    tents: YieldTable
    worth: Worth

    @classmethod
    def of(
        cls,
        catalogs: Mapping[str, Catalog],
        plan: TypeDefaults,
        weather: Weather,
        *,
        lat: float,
        costs: Catalog,
    ) -> FlatRoofs:
        """Reckon the energy of all planes once for a region.

        `costs` are those that layouts are chosen at: the region's own, not a scenario's, so that a scenario's
        prices price the same arrays in an assessment as on the page. For others it sets the objective.
        """
        density = catalogs["density"]
        objective = density.value(f"{KIND}.objective")
        if objective not in OBJECTIVES:
            rule = f"must be one of {', '.join(map(str, OBJECTIVES))}"
            raise InputError([Fault(density.name, None, f"{KIND}.objective", f"{objective:g}", rule)])
        shadows = RowShadows.at(lat)
        tilts = _tilts(plan)
        tent, gap = density.value("east_west.tilt_deg"), density.value("east_west.gap_share")
        ratio = shadows.pitch_ratio(tilts[:, None], AZIMUTHS_DEG[None])
        tents = np.array([tent, min(tent + TILT_STEP_DEG, 90.0)])
        cover = np.full((tents.size, AZIMUTHS_DEG.size), tent_cover(tent, gap))
        sky, system = weather.sky, plan.system
        return cls(
            objective=round(objective),
            tilts_deg=tilts,
            given_tilt_deg=plan.tilt_deg.central,
            tent_tilt_deg=tent,
            tent_cover=tent_cover(tent, gap),
            tent_density=float((1 - gap) / np.cos(np.radians(tent))),
            shadows=shadows,
            given_ratio=float(shadows.pitch_ratio(plan.tilt_deg.central, EQUATOR_DEG)),
            skew_strip_m=density.value("skewed_rows.strip_m"),
            skew_full_deg=density.value("skewed_rows.full_deg"),
            racks=yield_table(sky, tilts, AZIMUTHS_DEG, system, cover=np.minimum(1 / ratio, 1.0)),
            tents=yield_table(sky, tents, AZIMUTHS_DEG, system, cover=cover),
            worth=worth_of(costs),
        )

    def open_sky_month(self, roofs: gpd.GeoDataFrame) -> Floats:
        """Return the energy of roofs with their layouts under an open sky, kWh/kWp, shape (n, 12)."""
        tilt, azimuth = (roofs[name].to_numpy(float) for name in ("tilt_deg", "azimuth_deg"))
        tents = (roofs["layout"] == TENTS).to_numpy()
        found = np.zeros((len(roofs), 12))
        found[~tents] = self.racks.ac_at(tilt[~tents], azimuth[~tents])
        halves = (azimuth[tents], azimuth[tents] + 2 * QUARTER_DEG)
        found[tents] = sum(self.tents.ac_at(tilt[tents], half) for half in halves) / len(halves)
        return found


def _tilts(plan: TypeDefaults) -> Floats:
    low, central, high = plan.tilt_deg
    steps = np.arange(np.ceil(low / TILT_STEP_DEG), high / TILT_STEP_DEG + 1e-9) * TILT_STEP_DEG
    found = np.unique(np.concatenate([[low, central, high], steps]))
    return found if found.size > 1 else np.array([low, low + TILT_STEP_DEG])


def worth_of(costs: Catalog) -> Worth:
    """Return what a layout is judged by: energy at the feed-in price, costs of a flat roof's kWp.

    What a building uses itself does not grow with its array: the energy that a denser layout adds is sold.
    """
    table = cost_table(costs)
    terms, kind = table.finance, table.types.index(KIND)
    years = present_worth(terms.discount_rate, terms.life_years)
    energy = present_worth(terms.discount_rate, terms.life_years, -terms.degradation)
    replaced = terms.inverter_year <= terms.life_years
    inverter = terms.inverter_cny_per_w * (1 + terms.discount_rate) ** -terms.inverter_year * replaced
    per_w = table.capex_cny_per_w[kind] + table.om_cny_per_w_year[kind] * years + inverter
    return Worth(table.feed_in_cny_kwh * energy, 1000.0 * per_w)


@dataclass(frozen=True)
class _Choices:
    """All layouts of some roofs, shape (roofs, layouts)."""

    layouts: NDArray[np.str_]
    """By column."""
    tilt_deg: Floats
    azimuth_deg: Floats
    cover: Floats
    dense: Floats
    """Array density as a share of what the type's density stands for."""
    kwh_kwp: Floats
    """Under an open sky; see `_kept` for the roof's own."""


def arranged(
    candidates: gpd.GeoDataFrame,
    options: FlatRoofs,
    types: Mapping[str, TypeDefaults],
    horizons: RoofHorizons | None,
) -> gpd.GeoDataFrame:
    """Give each flat roof the layout that serves the objective best under the roof's own horizon.

    Parameters
    ----------
    candidates
        Columns type, parcel_id, tilt_deg, azimuth_deg (true, where the building faces), layout; geometry.
    horizons
        Horizons of the roofs; None, or a roof that has none: an open sky decides.

    Returns
    -------
    The candidates with layout, tilt_deg and azimuth_deg (of the eastern half where tents face east and west)
    of the choice, cover (ground cover ratio of the rows) and dense (factor on the density of the type).
    """
    result = candidates.assign(cover=np.nan, dense=1.0)
    rows = np.flatnonzero((candidates["type"] == KIND).to_numpy())
    if not rows.size:
        return result
    choices = _choices(candidates.iloc[rows], options)
    kwp_m2 = types[KIND].density_w_m2.central * choices.dense / 1000.0
    kept = 1.0 if horizons is None else _kept(candidates.iloc[rows], choices, horizons)
    if options.objective == AS_GIVEN:
        given = (choices.layouts == ALIGNED) & np.isclose(choices.tilt_deg[0], options.given_tilt_deg)
        best = np.full(rows.size, int(np.flatnonzero(given)[0]))
    else:
        best = best_of(scores(options.objective, kwp_m2, choices.kwh_kwp * kept, options.worth))
    each = np.arange(rows.size)
    for name in ("tilt_deg", "azimuth_deg", "cover", "dense"):
        values = result[name].to_numpy(float, copy=True)
        values[rows] = getattr(choices, name)[each, best]
        result[name] = values
    layouts = result["layout"].to_numpy(object, copy=True)
    layouts[rows] = choices.layouts[best]
    result["layout"] = layouts
    return result


def _choices(roofs: gpd.GeoDataFrame, options: FlatRoofs) -> _Choices:
    facing = roofs["azimuth_deg"].to_numpy(float)
    count, tilts = len(roofs), options.tilts_deg
    shapes = np.asarray(roofs.geometry.array, dtype=object)
    skewed = skewed_share(
        shapely.area(shapes),
        shapely.length(shapes),
        facing - EQUATOR_DEG,
        strip_m=options.skew_strip_m,
        full_deg=options.skew_full_deg,
    )
    azimuth = np.concatenate(
        [
            np.repeat(facing[:, None], tilts.size, axis=1),
            np.full((count, tilts.size), EQUATOR_DEG),
            np.mod(facing - QUARTER_DEG, 360.0)[:, None],
        ],
        axis=1,
    )
    tilt = np.broadcast_to(np.concatenate([tilts, tilts, [options.tent_tilt_deg]]), azimuth.shape)
    ratio = options.shadows.pitch_ratio(tilt, azimuth)
    dense = options.given_ratio / ratio
    dense[:, tilts.size : -1] *= skewed[:, None]
    dense[:, -1] = options.given_ratio * options.tent_density
    cover = np.minimum(1 / ratio, 1.0)
    cover[:, -1] = options.tent_cover
    return _Choices(
        layouts=np.array([*[ALIGNED] * tilts.size, *[SOUTH] * tilts.size, TENTS]),
        tilt_deg=tilt,
        azimuth_deg=azimuth,
        cover=cover,
        dense=dense,
        kwh_kwp=_open_year(tilt, azimuth, options),
    )


def _open_year(tilt: Floats, azimuth: Floats, options: FlatRoofs) -> Floats:
    """Return the year's energy of every layout under an open sky, kWh/kWp."""
    racks = options.racks.ac_at(tilt[:, :-1].ravel(), azimuth[:, :-1].ravel()).sum(axis=1)
    halves = (azimuth[:, -1], azimuth[:, -1] + 2 * QUARTER_DEG)
    tents = sum(options.tents.ac_at(tilt[:, -1], half).sum(axis=1) for half in halves) / len(halves)
    return np.column_stack([racks.reshape(len(tilt), -1), tents])


def _kept(roofs: gpd.GeoDataFrame, choices: _Choices, horizons: RoofHorizons) -> Floats:
    """Return what the roofs' horizons leave of each layout's energy, shape (roofs, layouts)."""
    tilt = np.column_stack([choices.tilt_deg, choices.tilt_deg[:, -1]])
    azimuth = np.column_stack([choices.azimuth_deg, choices.azimuth_deg[:, -1] + 2 * QUARTER_DEG])
    left = horizons.kept(roofs["parcel_id"].to_numpy(), tilt, azimuth).year
    return np.column_stack([left[:, :-2], left[:, -2:].mean(axis=1)])
