"""The hours of a plan: what its sites make in each town, against a load and what the substations take."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from layers.catalog import load_catalog
from layers.sources import read_layer
from tracking.grid import hours_of_plan, nearest_station, town_balances

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assessment.run import Run
    from layers.region import Region


OF_HEADROOM = ("exported_gwh", "curtailed_gwh", "curtailed_share", "peak_export_mw", "storage_needed_mwh")
"""Columns of the balance that depend on what the substations take."""


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

    Returns
    -------
    Also headroom (all, part or none of the town's substations say what they take), known_mw and
    unknown_substations. With part of it known curtailment and storage are at most, exports at least what is
    said; with none they are unknown.
    """
    hourly = pd.read_parquet(run.path / "hourly.parquet")
    made = hours_of_plan(hourly, run.summary, chosen)
    round_trip = 0.88
    if region is not None and "grid" in region.catalogs:
        round_trip = load_catalog(region.catalogs["grid"]).value("storage.round_trip")
    limits = export_by_town(run, region)
    export = {town: limit.known_mw for town, limit in limits.items() if limit.known}
    table = town_balances(made, load, export_mw=export, most_curtailed=most_curtailed, round_trip=round_trip)
    return _with_headroom(table, limits)


class ExportLimit(NamedTuple):
    """What the substations of a town can still take."""

    known_mw: float
    """Sum of the headrooms that are known."""
    known: int
    """Substations whose headroom is known."""
    unknown: int

    @property
    def headroom(self) -> str:
        """Say how much is known: all, part or none."""
        return "none" if not self.known else "part" if self.unknown else "all"


NO_SUBSTATION = ExportLimit(0.0, 0, 0)


def export_by_town(run: Run, region: Region | None) -> dict[str, ExportLimit]:
    """Return what the substations of each town can still take; towns without a substation are left out."""
    layer = None if region is None else read_layer(region, "grid")
    if layer is None or not len(layer.frame):
        return {}
    key = "town" if "town" in run.towns else "id"
    places = pd.Series(nearest_station(layer.frame, run.towns.assign(id=run.towns[key])))
    rooms = pd.Series(layer.frame.get("headroom_mw", np.nan), index=layer.frame.index, dtype="float64")
    groups = rooms.reset_index(drop=True).groupby(places)
    return {
        str(town): ExportLimit(float(here.sum()), int(here.notna().sum()), int(here.isna().sum()))
        for town, here in groups
    }


def _with_headroom(table: pd.DataFrame, limits: Mapping[str, ExportLimit]) -> pd.DataFrame:
    """Add headroom (all, part, none) and known_mw; what depends on headroom nobody knows is unknown.

    Where a part is known, the unknown substations count as taking nothing: curtailment and storage are the
    most, what goes out is the least that can come.
    """
    found = [limits.get(str(town), NO_SUBSTATION) for town in table["town"]]
    table = table.assign(
        headroom=[limit.headroom for limit in found],
        known_mw=[limit.known_mw for limit in found],
        unknown_substations=[limit.unknown for limit in found],
    )
    table.loc[table["headroom"] == "none", list(OF_HEADROOM)] = np.nan
    return table


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
