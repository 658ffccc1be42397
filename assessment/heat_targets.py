"""How far geothermal heat carries towards the targets, by town, with a stock that may be unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping

COLUMNS = (
    "town",
    "heatable_m2",
    "heatable_m2_p10",
    "heatable_m2_p90",
    "stock_2022_m2",
    "operating_m2",
    "added_m2",
    "building_m2",
    "reached_m2",
    "least_m2",
    "share",
)


def town_targets(
    goals: pd.DataFrame,
    built: pd.DataFrame,
    *,
    goal: str,
    stock_2022_m2: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Return potential and progress per town.

    Parameters
    ----------
    goals : pandas.DataFrame
        heat_goals.parquet of a run.
    built : pandas.DataFrame
        What the ledger knows: town, operating_m2 (in service), added_m2 (of that from 2023 on) and
        building_m2 (built or approved).
    goal : str
        One of the goals in `goals`.
    stock_2022_m2 : mapping, optional
        Heated floor area at the end of 2022 by town; a town left out is unknown, not nothing.

    Returns
    -------
    pandas.DataFrame
        heatable_m2 with its range (what the run finds, whatever stands already); operating_m2, added_m2,
        building_m2; reached_m2 = stock + added, NaN where the stock is unknown; least_m2, what is in service
        at least; share of the heatable area reached (at least).
    """
    own = goals[goals["goal"] == goal]
    sums = own.groupby("town")[["heatable_m2", "heatable_m2_p10", "heatable_m2_p90"]].sum()
    known = (
        built.groupby("town")[["operating_m2", "added_m2", "building_m2"]]
        .sum()
        .reindex(sums.index, fill_value=0.0)
    )
    stock = pd.Series(dict(stock_2022_m2 or {}), dtype=float).reindex(sums.index)
    least = np.fmax(known["operating_m2"].to_numpy(), (stock + known["added_m2"]).to_numpy())
    heatable = sums["heatable_m2"].to_numpy()
    found = sums.assign(
        stock_2022_m2=stock,
        operating_m2=known["operating_m2"],
        added_m2=known["added_m2"],
        building_m2=known["building_m2"],
        reached_m2=stock + known["added_m2"],
        least_m2=least,
        share=np.divide(least, heatable, out=np.full(len(sums), np.nan), where=heatable > 0),
    )
    return found.reset_index()[list(COLUMNS)]
