"""Which new town and township a thing lies in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from gis.overlay import containing, split_by

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Placed:
    """A frame with its towns, and what lies outside every town."""

    inside: gpd.GeoDataFrame
    """Rows with columns town and township added; township is None where no township layer says it."""
    outside: gpd.GeoDataFrame
    """Rows, or parts of rows, that lie in no town; reported, never counted."""


def place_whole(
    frame: gpd.GeoDataFrame, towns: gpd.GeoDataFrame, townships: gpd.GeoDataFrame | None
) -> Placed:
    """Give each object, undivided, to the town that holds a point inside it: for buildings."""
    points = shapely.point_on_surface(_geometries(frame))
    town = containing(points, _geometries(towns))
    kept = frame.assign(town=_names(town, towns), township=_township(points, townships))
    return Placed(kept[town >= 0].reset_index(drop=True), frame[town < 0].reset_index(drop=True))


def place_divided(
    frame: gpd.GeoDataFrame, towns: gpd.GeoDataFrame, townships: gpd.GeoDataFrame | None
) -> Placed:
    """Cut each object at the towns' borders and give each part its town: for land parcels.

    A part of a cut parcel keeps the parcel's id with "@" and the town's id added.
    """
    geometries = _geometries(frame)
    row, town, piece = split_by(geometries, _geometries(towns))
    kept = frame.iloc[row].reset_index(drop=True)
    kept = kept.set_geometry(gpd.GeoSeries(piece, index=kept.index, crs=frame.crs))
    kept["town"] = _names(town, towns)
    kept["township"] = _township(shapely.point_on_surface(piece), townships)
    parts = np.bincount(row, minlength=len(frame))
    cut = parts[row] > 1
    kept.loc[cut, "id"] = kept.loc[cut, "id"] + "@" + kept.loc[cut, "town"]
    return Placed(kept, _left_over(frame, row, piece))


def _left_over(
    frame: gpd.GeoDataFrame, row: NDArray[np.intp], piece: NDArray[np.object_]
) -> gpd.GeoDataFrame:
    inside_m2 = np.bincount(row, weights=shapely.area(piece), minlength=len(frame))
    all_m2 = shapely.area(_geometries(frame))
    outside = frame.assign(outside_m2=all_m2 - inside_m2)
    return outside[outside["outside_m2"] > np.maximum(1.0, 1e-6 * all_m2)].reset_index(drop=True)


def _township(points: NDArray[np.object_], townships: gpd.GeoDataFrame | None) -> NDArray[np.object_] | None:
    if townships is None:
        return None
    return _names(containing(points, _geometries(townships)), townships)


def _names(index: NDArray[np.intp], areas: gpd.GeoDataFrame) -> NDArray[np.object_]:
    ids = np.full(len(areas) + 1, None, dtype=object)
    ids[:-1] = areas["id"]
    named: NDArray[np.object_] = ids[index]
    return named


def _geometries(frame: gpd.GeoDataFrame) -> NDArray[np.object_]:
    return np.asarray(frame.geometry.array, dtype=object)


def town_frame(towns: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the run's table of towns: town, names, planned and measured area in km2, geometry."""
    columns = ["town", "name_zh", "name_en", "planned_area_km2", "management", "area_km2", "geometry"]
    frame = towns.rename(columns={"id": "town"}).assign(area_km2=towns.geometry.area / 1e6)
    return gpd.GeoDataFrame(frame.reindex(columns=columns), geometry="geometry", crs=towns.crs)
