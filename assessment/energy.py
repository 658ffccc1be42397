"""Energy of sites: monthly yield of their plane, less what their surroundings shade, with P50 and P90."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from assessment.solar_types import shading_class
from assessment.weather import local_share
from gis.north import convergence_deg
from layers.climate_years import year_to_year
from potential.solar.pv_yield import hourly_yield
from potential.solar.tracker import tracker_yield
from potential.solar.yield_table import YieldTable, yield_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    from numpy.typing import NDArray

    from assessment.arrays import FlatRoofs
    from assessment.solar_types import TypeDefaults
    from layers.catalog import Catalog
    from layers.climate import Weather
    from potential.solar.yields import HourlyYield

    Floats = NDArray[np.float64]

FLAT = "roof_flat"
MONTHS = 12
HOURS = 24
EQUATOR_DEG = 180.0
Z_P90 = 1.2815515655446004
"""Distance of the 10 % quantile of the normal distribution from its mean, in standard deviations."""
TABLE_STEP_DEG = 15.0
TILT_SPAN_DEG = 5.0
SPREADS = ("spread.year_to_year", "spread.model", "spread.resource")


def planes(sites: gpd.GeoDataFrame, *, types: Mapping[str, TypeDefaults]) -> gpd.GeoDataFrame:
    """Add layout, tilt_deg and azimuth_deg of the modules: of the type, and of the building or the equator.

    A building faces an azimuth of its map (facing_deg, on the grid); azimuth_deg is the true one. That of a
    tracker is its axis'.
    """
    tilt_deg = sites["type"].map({kind: plan.tilt_deg.central for kind, plan in types.items()})
    faces = sites["type"].map({kind: plan.faces_building for kind, plan in types.items()}).astype(bool)
    facing_deg = true_azimuth_deg(sites, sites["facing_deg"].to_numpy(float))
    axes_deg = {
        kind: EQUATOR_DEG if plan.tracker is None else plan.tracker.axis_azimuth_deg
        for kind, plan in types.items()
    }
    return sites.assign(
        layout=sites["type"].map({kind: plan.layout for kind, plan in types.items()}),
        tilt_deg=tilt_deg.astype(float),
        azimuth_deg=np.where(faces, facing_deg, sites["type"].map(axes_deg).astype(float)),
    )


def true_azimuth_deg(frame: gpd.GeoDataFrame, grid_azimuth_deg: Floats) -> Floats:
    """Return azimuths on the grid of a frame's CRS as true ones, each at the place of its row."""
    bounds = frame.geometry.bounds.to_numpy()
    middle = (bounds[:, :2] + bounds[:, 2:]) / 2
    return np.mod(grid_azimuth_deg + convergence_deg(frame.crs, middle[:, 0], middle[:, 1]), 360.0)


def unshaded_kwh_kwp_month(
    sites: gpd.GeoDataFrame,
    *,
    weather: Weather,
    types: Mapping[str, TypeDefaults],
    flat: FlatRoofs | None = None,
) -> Floats:
    """Return first-year AC energy per kWp of every site's plane under an open sky, kWh/kWp, shape (n, 12).

    Parameters
    ----------
    flat
        Energy of the layouts of flat roofs; None: all have the array of their type.
    """
    result = np.full((len(sites), MONTHS), np.nan)
    numbers, kinds = pd.factorize(sites["type"])
    for number, kind in enumerate(kinds):
        chosen = numbers == number
        plan = types[str(kind)]
        tilt_deg = sites["tilt_deg"].to_numpy(float)[chosen]
        azimuth_deg = sites["azimuth_deg"].to_numpy(float)[chosen]
        if kind == FLAT and flat is not None:
            result[chosen] = flat.open_sky_month(sites[chosen])
        elif plan.faces_building:
            result[chosen] = _table(plan, weather).ac_at(tilt_deg, azimuth_deg)
        else:
            result[chosen] = _hours(plan, weather).total.ac_kwh_kwp_month
    local = local_share(weather, sites)
    return result if local is None else result * local


def _table(plan: TypeDefaults, weather: Weather) -> YieldTable:
    tilt_deg = plan.tilt_deg.central
    tilts_deg = np.unique([max(tilt_deg - TILT_SPAN_DEG, 0.0), tilt_deg, min(tilt_deg + TILT_SPAN_DEG, 90.0)])
    azimuths_deg = np.arange(0.0, 360.0, TABLE_STEP_DEG)
    return yield_table(weather.sky, tilts_deg, azimuths_deg, plan.system)


def class_shading(sites: gpd.GeoDataFrame, *, catalogs: Mapping[str, Catalog]) -> Floats:
    """Return the near-shading loss by class, the same in all months, shape (n, 12).

    Only for sites whose surroundings have no heights; the catalogue says where the numbers are from.
    """
    pairs = sites[["type", "use"]].drop_duplicates()
    rows = pairs.itertuples(index=False, name=None)
    loss = pairs.assign(loss=[shading_class(catalogs, str(kind), str(use)).value for kind, use in rows])
    year = sites[["type", "use"]].merge(loss, how="left")["loss"].to_numpy(float)
    return np.repeat(year[:, None], MONTHS, axis=1)


def add_energy(
    sites: gpd.GeoDataFrame, *, unshaded: Floats, shading: Floats, losses: Catalog, weather: Weather
) -> gpd.GeoDataFrame:
    """Add kwh_month (12), kwh_year_p50, kwh_year_p90 and shading_loss.

    P90 = P50 (1 - 1.2816 sigma), sigma the root of the summed squares of year-to-year, model and resource
    spread; normal and independent, as solar resource statistics are reported. The year-to-year spread is that
    of the weather's own years where there are enough of them, else that of the catalogue.
    """
    kwh_month = sites["kwp_dc_central"].to_numpy(float)[:, None] * unshaded * (1 - shading)
    kwh_year = kwh_month.sum(axis=1)
    open_year = unshaded.sum(axis=1)
    loss = np.divide(
        (unshaded * shading).sum(axis=1), open_year, out=np.zeros(len(sites)), where=open_year > 0
    )
    measured = year_to_year(weather)
    spreads = {name: losses.value(name) for name in SPREADS}
    if measured is not None:
        spreads["spread.year_to_year"] = measured
    sigma = float(np.sqrt(sum(spread**2 for spread in spreads.values())))
    return sites.assign(
        kwh_month=list(kwh_month),
        kwh_year_p50=kwh_year,
        kwh_year_p90=kwh_year * (1 - Z_P90 * sigma),
        shading_loss=loss,
    )


def months_by_town(sites: gpd.GeoDataFrame, hours: Floats) -> pd.DataFrame:
    """Return town, type, kwh_month (12) and kwh_hours (288) of each town and type, kWh.

    Parameters
    ----------
    hours
        Energy by month and hour of the day, kWh/kWp, shape (sites, 12, 24), NaN where unknown; see
        `SiteShading`. kwh_hours is the share of kwh_month whose hours are known.
    """
    months = np.stack(sites["kwh_month"].to_list()) if len(sites) else np.zeros((0, MONTHS))
    total = hours.sum(axis=2)
    share = np.divide(hours, total[:, :, None], out=np.zeros_like(hours), where=total[:, :, None] > 0)
    by_hour = (months[:, :, None] * share).reshape(len(sites), -1)
    groups = sites.groupby(["town", "type"], sort=True).indices.items()
    rows = [
        {
            "town": town,
            "type": kind,
            "kwh_month": months[at].sum(axis=0),
            "kwh_hours": by_hour[at].sum(axis=0),
        }
        for (town, kind), at in groups
    ]
    return pd.DataFrame(rows, columns=["town", "type", "kwh_month", "kwh_hours"])


def hourly_by_town(
    months: pd.DataFrame, *, weather: Weather, types: Mapping[str, TypeDefaults]
) -> pd.DataFrame:
    """Return time (start of the hour), town, type, kwh: the year of hours of each town and type.

    Where the shade of roofs is known by month and hour of the day, each such hour carries its energy; the
    rest of a month has the shape of the type's plane facing the equator. From day to day both follow the
    weather. The table adds up to the summary.

    Parameters
    ----------
    months
        See `months_by_town`.
    """
    bins = (weather.times.month.to_numpy() - 1) * HOURS + weather.times.hour.to_numpy()
    shapes = {kind: _shape(types[kind], weather) for kind in months["type"].unique()}
    columns = ["time", "town", "type", "kwh"]
    parts = []
    for town, kind, kwh_month, kwh_hours in months.itertuples(index=False, name=None):
        kwh = _spread(shapes[kind], bins, np.asarray(kwh_month), np.asarray(kwh_hours))
        parts.append(pd.DataFrame(dict(zip(columns, (weather.times, town, kind, kwh), strict=True))))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def day_shapes(types: Mapping[str, TypeDefaults], weather: Weather) -> dict[str, Floats]:
    """Return a year's energy of each type's plane facing the equator by hour of the day, 24 each, Wh/kWp."""
    hour = weather.times.hour.to_numpy()
    return {
        kind: np.bincount(hour, _shape(plan, weather), HOURS).astype(float) for kind, plan in types.items()
    }


def _shape(plan: TypeDefaults, weather: Weather) -> Floats:
    """Return the year of hours of a type's plane facing the equator, W per kWp."""
    return _hours(plan, weather).ac_w_kwp


def _hours(plan: TypeDefaults, weather: Weather) -> HourlyYield:
    """Return a type's year of hours under an open sky: facing the equator, or turning after the sun."""
    if plan.tracker is not None:
        return tracker_yield(weather.sky, plan.system, plan.tracker)
    return hourly_yield(weather.sky, plan.tilt_deg.central, EQUATOR_DEG, plan.system)


def _spread(shape: Floats, bins: NDArray[np.int64], kwh_month: Floats, kwh_hours: Floats) -> Floats:
    """Give each hour of a year its energy: known hours of the day, the rest of a month by its shape."""
    sums = np.bincount(bins, shape, MONTHS * HOURS)
    known = np.divide(kwh_hours, sums, out=np.zeros(MONTHS * HOURS), where=sums > 0)
    placed = (known * sums).reshape(MONTHS, HOURS).sum(axis=1)
    month = sums.reshape(MONTHS, HOURS).sum(axis=1)
    rest = np.divide(np.maximum(kwh_month - placed, 0), month, out=np.zeros(MONTHS), where=month > 0)
    return shape * (known[bins] + rest[bins // HOURS])
