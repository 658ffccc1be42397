"""The hours of a plan: what its sites make in each town, against a load and what the substations take."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from layers.catalog import load_catalog
from layers.sources import read_layer
from tracking.grid import hours_of_plan, nearest_station, town_balances

if TYPE_CHECKING:
    from assessment.run import Run
    from layers.region import Region


def plan_hours(
    run: Run,
    chosen: pd.DataFrame,
    *,
    region: Region | None = None,
    load: pd.DataFrame | None = None,
    most_curtailed: float = 0.05,
) -> pd.DataFrame:
    """Settle what chosen sites make hour by hour, by town; columns of `tracking.grid.town_balances`.

    Parameters
    ----------
    chosen
        Rows of the table of sites.
    load
        Hourly demand by town (`tracking.grid.read_load`); None: unknown, and only the export limit counts.
    """
    hourly = pd.read_parquet(run.path / "hourly.parquet")
    made = hours_of_plan(hourly, run.summary, chosen)
    round_trip = 0.88
    if region is not None and "grid" in region.catalogs:
        round_trip = load_catalog(region.catalogs["grid"]).value("storage.round_trip")
    limits = export_by_town(run, region)
    return town_balances(made, load, export_mw=limits, most_curtailed=most_curtailed, round_trip=round_trip)


def export_by_town(run: Run, region: Region | None) -> dict[str, float | None]:
    """Return what the substations of each town can still take, MW; None where one of them does not say."""
    layer = None if region is None else read_layer(region, "grid")
    if layer is None or not len(layer.frame) or "headroom_mw" not in layer.frame:
        return {}
    key = "town" if "town" in run.towns else "id"
    stations = layer.frame.assign(place=nearest_station(layer.frame, run.towns.assign(id=run.towns[key])))
    sums = stations.groupby("place")["headroom_mw"].agg(lambda rooms: rooms.sum(skipna=False))
    return {str(town): None if pd.isna(room) else float(room) for town, room in sums.items()}


def hours_by_type(run: Run, chosen: pd.DataFrame) -> pd.DataFrame:
    """Return the mean day of chosen sites by town, type and hour of the day: kWh per hour.

    Columns town, type, hour, kwh.
    """
    hourly = pd.read_parquet(run.path / "hourly.parquet")
    keys = ["town", "type"]
    share = (
        chosen.groupby(keys, observed=True)["kwh_year_p50"].sum()
        / run.summary.groupby(keys)["kwh_year_p50"].sum()
    )
    scaled = hourly.merge(share.dropna().rename("share").reset_index(), on=keys, how="inner")
    local = pd.DatetimeIndex(scaled["time"]).tz_convert("Asia/Shanghai")
    days = max(local.normalize().nunique(), 1)
    scaled = scaled.assign(hour=local.hour, kwh=scaled["kwh"] * scaled["share"] / days)
    return scaled.groupby([*keys, "hour"], observed=True)["kwh"].sum().reset_index()
