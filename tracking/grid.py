"""The grid as a plan sees it: the substation of each site, the cost of reaching it, the hours it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from faults import Fault, InputError
from potential.money_grid import balance, connection_cny, storage_needed_kwh

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import geopandas as gpd
    from numpy.typing import NDArray

    from layers.catalog import Catalog

    Floats = NDArray[np.float64]

KW_PER_MW = 1000.0


def nearest_station(sites: gpd.GeoDataFrame, grid: gpd.GeoDataFrame | None) -> NDArray[np.object_]:
    """Return the id of the nearest substation for each site; None where there is no grid layer.

    The nearest is an assumption: where a site really feeds in is decided by the grid company.
    """
    stations = np.full(len(sites), None, dtype=object)
    if grid is not None and len(grid) and len(sites):
        tree = shapely.STRtree(np.asarray(grid.geometry.array, dtype=object))
        middles = shapely.centroid(np.asarray(sites.geometry.array, dtype=object))
        row, station = tree.query_nearest(middles, all_matches=False)
        stations[row] = grid["id"].to_numpy(dtype=object)[station]
    return stations


def headroom_by_station(grid: gpd.GeoDataFrame | None) -> dict[str, float | None]:
    """Return the headroom (MW) of each substation; None where it is unknown."""
    if grid is None or "headroom_mw" not in grid:
        return {} if grid is None else dict.fromkeys(grid["id"].astype(str))
    return {
        str(station): None if pd.isna(room) else float(room)
        for station, room in zip(grid["id"], grid["headroom_mw"], strict=True)
    }


def add_connection(sites: pd.DataFrame, grid_catalog: Catalog) -> pd.DataFrame:
    """Add connection_cny: what reaching the substation costs; unknown where the distance is."""
    values = {name: number.value for name, number in grid_catalog.items()}
    cost = connection_cny(sites["kw_ac"], sites["grid_distance_m"], values=values)
    return sites.assign(connection_cny=cost)


def hours_of_plan(hourly: pd.DataFrame, summary: pd.DataFrame, chosen: pd.DataFrame) -> pd.DataFrame:
    """Return the hourly production of chosen sites by town, kWh: index time, one column per town.

    The run's hourly energy of each town and type is scaled by the share of its energy that was chosen.

    Parameters
    ----------
    hourly
        time, town, type, kwh of the whole potential.
    summary
        The run's summary, with kwh_year_p50 by town and type.
    chosen
        The plan's sites, with town, type and kwh_year_p50.
    """
    keys = ["town", "type"]
    whole = summary.groupby(keys)["kwh_year_p50"].sum()
    share = (chosen.groupby(keys, observed=True)["kwh_year_p50"].sum() / whole).rename("share")
    scaled = hourly.merge(share.dropna().reset_index(), on=keys, how="inner")
    scaled["kwh"] = scaled["kwh"] * scaled["share"]
    table = scaled.pivot_table(index="time", columns="town", values="kwh", aggfunc="sum", observed=True)
    return table.sort_index()


def read_load(path: Path) -> pd.DataFrame:
    """Read the demand of towns: CSV with time, town, kwh; returns index time, one column per town.

    Raises
    ------
    InputError
        Columns are missing, or cells are no times or numbers; all faults at once.
    """
    try:
        table = pd.read_csv(path, dtype=str)
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise InputError([Fault("load", None, None, path.name, f"cannot be read: {error}")]) from error
    if missing := [name for name in ("time", "town", "kwh") if name not in table]:
        raise InputError(
            [Fault("load", None, name, None, "column is missing", file=path.name) for name in missing]
        )
    time = pd.to_datetime(table["time"], errors="coerce", utc=True, format="ISO8601")
    kwh = pd.to_numeric(table["kwh"], errors="coerce")
    faults = [
        *_faults(table, "time", time.isna(), "must be a time with its zone, as 2025-01-01T00:00+08:00", path),
        *_faults(table, "kwh", ~(kwh >= 0), "must be a number, not negative", path),
    ]
    if faults:
        raise InputError(faults)
    filled = pd.DataFrame({"time": time, "town": table["town"], "kwh": kwh})
    return filled.pivot_table(index="time", columns="town", values="kwh", aggfunc="sum").sort_index()


def _faults(table: pd.DataFrame, column: str, wrong: pd.Series, rule: str, path: Path) -> list[Fault]:
    rows = np.flatnonzero(wrong.to_numpy())
    return [
        Fault("load", int(row) + 1, column, str(table[column].iloc[row]), rule, file=path.name)
        for row in rows
    ]


def town_balances(
    production: pd.DataFrame,
    load: pd.DataFrame | None,
    *,
    export_mw: Mapping[str, float | None] | None = None,
    storage_mwh: Mapping[str, float] | None = None,
    most_curtailed: float = 0.05,
    round_trip: float = 0.88,
) -> pd.DataFrame:
    """Settle production against demand, hour by hour, for each town.

    Parameters
    ----------
    production, load
        Hourly kWh by town (`hours_of_plan`, `read_load`); compared by the hour of the year, in order. Where
        there is no load, demand is unknown and nothing counts as used.
    export_mw
        What the town's substations take; None or left out: no limit.
    most_curtailed
        Share that may be curtailed; `storage_needed_mwh` is the storage that keeps to it.

    Returns
    -------
    town, made_gwh, used_gwh, exported_gwh, curtailed_gwh, bought_gwh, curtailed_share, self_sufficiency (NaN
    without demand), peak_export_mw, storage_needed_mwh (NaN: no storage is enough).
    """
    rows = []
    for town in production.columns:
        made = production[town].to_numpy(dtype="float64")
        needed = _demand(load, str(town), made.size)
        limit = (export_mw or {}).get(str(town))
        export = float("inf") if limit is None else limit * KW_PER_MW
        size = (storage_mwh or {}).get(str(town), 0.0) * KW_PER_MW
        rows.append(_row(str(town), made, needed, (export, size, most_curtailed, round_trip)))
    return pd.DataFrame(rows)


def _demand(load: pd.DataFrame | None, town: str, hours: int) -> Floats:
    if load is None or town not in load:
        return np.zeros(hours)
    needed = load[town].to_numpy(dtype="float64")
    if needed.size != hours:
        rule = f"has {needed.size} hours, the production {hours}: must be the same"
        raise InputError([Fault("load", None, "time", town, rule)])
    return needed


def _row(town: str, made: Floats, needed: Floats, terms: tuple[float, float, float, float]) -> dict[str, Any]:
    export, size, most, round_trip = terms
    found = balance(made, needed, export_kwh=export, storage_kwh=size, round_trip=round_trip)
    storage = storage_needed_kwh(made, needed, export_kwh=export, curtailed_share=most, round_trip=round_trip)
    return {
        "town": town,
        "made_gwh": made.sum() / 1e6,
        "used_gwh": found.used_kwh / 1e6,
        "exported_gwh": found.exported_kwh / 1e6,
        "curtailed_gwh": found.curtailed_kwh / 1e6,
        "bought_gwh": found.bought_kwh / 1e6,
        "curtailed_share": found.curtailed_share,
        "self_sufficiency": found.self_sufficiency,
        "peak_export_mw": float(np.minimum(np.maximum(made - needed, 0), export).max()) / KW_PER_MW,
        "storage_needed_mwh": storage / KW_PER_MW,
    }
