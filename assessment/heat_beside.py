"""Heat pumps beside photovoltaics: what the pumps of a block need, and what its roofs and land could give."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis.overlay import containing

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray


def electricity_beside(
    blocks: gpd.GeoDataFrame, points: NDArray[np.float64], pv_mwh: NDArray[np.float64]
) -> pd.DataFrame:
    """Return, per block of the heat assessment, the electricity of heat pumps and of photovoltaics.

    Parameters
    ----------
    blocks : geopandas.GeoDataFrame
        heat_blocks.parquet: id, town, electricity_mwh_year.
    points : numpy.ndarray
        Middles of the photovoltaic sites in the CRS of the blocks, shape (sites, 2), m.
    pv_mwh : numpy.ndarray
        Their energy per year, MWh; unknown counts as nothing.

    Returns
    -------
    pandas.DataFrame
        id, town, electricity_mwh_year (pumps, in winter), pv_mwh_year (over the year), share
        (photovoltaics over pumps; NaN without pumps).
    """
    place = containing(shapely.points(points), blocks.geometry.to_numpy())
    inside = place >= 0
    weights = np.nan_to_num(pv_mwh[inside])
    pv = np.bincount(place[inside], weights=weights, minlength=len(blocks)).astype(float)
    pumps = blocks["electricity_mwh_year"].to_numpy(float)
    share = np.divide(pv, pumps, out=np.full(len(pv), np.nan), where=pumps > 0)
    columns = {"electricity_mwh_year": pumps, "pv_mwh_year": pv, "share": share}
    return blocks[["id", "town"]].reset_index(drop=True).assign(**columns)
