"""One site of a run: what it costs and earns, its line, and what its building uses by price table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from faults import Fault, InputError
from potential.money_return import irr, npv, payback_years
from tracking.economics import site_cash_flow, site_range, site_self_use, tariff_values
from tracking.grid import add_connection

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from assessment.run import Run
    from layers.catalog import Catalog

LOCAL = "Asia/Shanghai"
_WORTH = ("self_use_share", "value_cny", "npv", "irr", "payback_years")


def site_dossier(
    run: Run, key: str, catalogs: Mapping[str, Catalog], *, floor_m2: float | None = None
) -> dict[str, Any]:
    """Return everything money says of a site: range, cash_flow, connection_cny, self_use by price table.

    Raises
    ------
    InputError
        The run has no such site.
    """
    found = run.sites[run.sites["id"] == key]
    if found.empty:
        raise InputError([Fault("site", None, "id", key, "is no site of this run")])
    row = add_connection(pd.DataFrame(found.drop(columns="geometry")), catalogs["grid"]).iloc[0]
    site: dict[str, Any] = {str(name): value for name, value in row.items()}
    line = float(site["connection_cny"])
    line = 0.0 if np.isnan(line) else line
    return {
        "range": site_range(site, catalogs["costs"], connection_cny=line),
        "cash_flow": site_cash_flow(site, catalogs["costs"], connection_cny=line),
        "connection_cny": float(site["connection_cny"]),
        "grid_distance_m": float(site["grid_distance_m"]),
        "self_use": self_use_by_tariff(run, site, catalogs, floor_m2=floor_m2),
    }


def self_use_by_tariff(
    run: Run, site: Mapping[str, Any], catalogs: Mapping[str, Catalog], *, floor_m2: float | None = None
) -> pd.DataFrame:
    """Return, by price table, the mean price the sun meets, the share used on site and the year's value.

    Index tariff; columns price_cny_kwh, self_use_share, value_cny, then what the site is worth at that value:
    npv, irr, payback_years. What is not a building, or has no typical demand: unknown.
    """
    kwh, times = site_hours(run, site)
    rows = {}
    for tariff, price in tariff_values(kwh, times, catalogs["tariffs"]).items():
        row = {"price_cny_kwh": price, **dict.fromkeys(_WORTH, np.nan)}
        if f"{site['use']}.kwh_m2_year" in catalogs["load"]:
            used = site_self_use(
                kwh,
                times,
                use=str(site["use"]),
                floor_area_m2=float(site["area_m2"] if floor_m2 is None else floor_m2),
                load=catalogs["load"],
                tariffs=catalogs["tariffs"],
                tariff=tariff,
                feed_in_cny_kwh=catalogs["costs"].value("price.feed_in"),
            )
            row |= {"self_use_share": used.self_use_share, "value_cny": used.value_cny}
            row |= _worth(site, catalogs["costs"], used.value_cny)
        rows[tariff] = row
    return pd.DataFrame(rows).T.rename_axis("tariff")


def _worth(site: Mapping[str, Any], costs: Catalog, value_cny: float) -> dict[str, float]:
    """Return present value, rate of return and payback where a year's energy brings this value."""
    line = site.get("connection_cny")
    net = site_cash_flow(
        site,
        costs,
        price_cny_kwh=value_cny / float(site["kwh_year_p50"]),
        connection_cny=0.0 if line is None or np.isnan(line) else float(line),
    )["net"].to_numpy()
    return {
        "npv": float(npv(net, costs.value("finance.discount_rate"))),
        "irr": float(irr(net)),
        "payback_years": float(payback_years(net)),
    }


def site_hours(run: Run, site: Mapping[str, Any]) -> tuple[NDArray[np.float64], pd.DatetimeIndex]:
    """Return the hourly production of a site (kWh) and when each hour starts, in local time.

    The hours of its town and type, scaled to the site's year: all sites of a type share one shape.

    Raises
    ------
    InputError
        The run has no hours for its town and type.
    """
    hourly = pd.read_parquet(run.path / "hourly.parquet")
    own = hourly[(hourly["town"] == site["town"]) & (hourly["type"] == site["type"])].sort_values("time")
    kwh = own["kwh"].to_numpy(dtype="float64")
    if not kwh.sum() > 0:
        rule = f"has no hours in this run for type {site['type']}"
        raise InputError([Fault("site", None, "town", str(site["town"]), rule)])
    times = pd.DatetimeIndex(own["time"]).tz_convert(LOCAL)
    return kwh * (float(site["kwh_year_p50"]) / kwh.sum()), times
