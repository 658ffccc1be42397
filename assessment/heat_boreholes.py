"""The boreholes of one parcel of a finished run, as points."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from assessment.heat_packing import pack
from faults import Fault, InputError, RunError

if TYPE_CHECKING:
    from assessment.run import Run


def boreholes_of(run: Run, parcel: str) -> gpd.GeoDataFrame:
    """Return the boreholes packed into a parcel, in the run's metric CRS.

    Columns number (from 1), parcel, depth_m, and geometry. Their count is that of heat_parcels.parquet: the
    same land and the same packing.

    Raises
    ------
    InputError
        The run has no such parcel, or no borehole fits into it.
    RunError
        The run holds no land for drilling: heat was not assessed, or by an older version.
    """
    file = run.path / "heat_drilling.parquet"
    if not file.is_file():
        raise RunError(f"{run.path.name}: heat_drilling.parquet is missing from the run; assess it again")
    land = gpd.read_parquet(file)
    found = land[land["id"] == parcel]
    if not len(found):
        rule = "is no parcel of this run with land for drilling"
        raise InputError([Fault("heat_parcels", None, "id", parcel, rule)])
    quantities = run.manifest["parameters"]["heat"]["quantities"]
    places = pack(found.geometry.iloc[0], spacing_m=float(quantities["shallow.spacing_m"]["value"]))
    if not len(places):
        rule = f"has {found.geometry.iloc[0].area:.0f} m2 left for drilling: no borehole fits"
        raise InputError([Fault("heat_parcels", None, "id", parcel, rule)])
    columns = {
        "number": np.arange(1, len(places) + 1),
        "parcel": parcel,
        "depth_m": float(quantities["shallow.depth_m"]["value"]),
    }
    return gpd.GeoDataFrame(columns, geometry=shapely.points(places), crs=land.crs)
