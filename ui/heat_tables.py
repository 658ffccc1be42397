"""The tables of the heat assessment as the page needs them, read once per run."""

from __future__ import annotations

from functools import lru_cache

import geopandas as gpd
import pandas as pd

from ui.runs import current_store


@lru_cache(maxsize=2)
def heat_blocks(_key: str) -> gpd.GeoDataFrame | None:
    """Return the blocks of the current run; None where an older run lacks their ground."""
    file = current_store().run.path / "heat_blocks.parquet"
    if not file.is_file():
        return None
    found = gpd.read_parquet(file)
    return found if "conductivity_w_mk" in found else None


@lru_cache(maxsize=16)
def heat_table(_key: str, name: str) -> pd.DataFrame | None:
    """Return a table of the current run by name; None where it has none."""
    file = current_store().run.path / f"{name}.parquet"
    return pd.read_parquet(file) if file.is_file() else None
