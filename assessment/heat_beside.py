"""Heat pumps beside photovoltaics: what the pumps of a place need, and what its roofs and land could give."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from assessment.run import Run


def electricity_beside(run: Run) -> pd.DataFrame:
    """Return, per block of the heat assessment, the electricity of heat pumps and of photovoltaics.

    Columns id, town, electricity_mwh_year (pumps, in winter), pv_mwh_year (all candidate sites whose middle
    lies in the block, over the year), share (photovoltaics over pumps; NaN without pumps).
    """
    blocks = gpd.read_parquet(
        run.path / "heat_blocks.parquet", columns=["id", "town", "electricity_mwh_year", "geometry"]
    )
    sites = gpd.read_parquet(run.path / "sites.parquet", columns=["kwh_year_p50", "geometry"])
    points = gpd.GeoDataFrame(
        {"mwh": sites["kwh_year_p50"].to_numpy() / 1000},
        geometry=sites.geometry.representative_point(),
        crs=sites.crs,
    )
    inside = gpd.sjoin(points, blocks[["id", "geometry"]], predicate="within")
    sums = inside.groupby("id")["mwh"].sum()
    pumps = blocks["electricity_mwh_year"].to_numpy()
    pv = sums.reindex(blocks["id"], fill_value=0.0).to_numpy()
    share = np.divide(pv, pumps, out=np.full(len(pv), np.nan), where=pumps > 0)
    return pd.DataFrame(
        {
            "id": blocks["id"],
            "town": blocks["town"],
            "electricity_mwh_year": pumps,
            "pv_mwh_year": pv,
            "share": share,
        }
    )
