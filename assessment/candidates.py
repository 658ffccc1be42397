"""Candidate sites: what each building and parcel could carry, under one area budget.

No square metre counts twice: roofs come before municipal parcels, municipal parcels before farmland.
Facades are walls, not land, and have an area of their own. Land on which no array may stand (basic
farmland, cultivated land, forest) is a candidate too, so that the rule that forbids it shows in the
waterfall with its area.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from assessment.places import Placed, place_divided, place_whole
from gis.footprint import facing_azimuth_deg, facing_wall_length_m, longer_side_azimuth_deg
from gis.overlay import subtract

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

SECTOR_BY_USE: Mapping[str, str] = {
    "industrial": "industry",
    "logistics": "industry",
    "data_centre": "industry",
    "public": "public",
    "school": "public",
    "university": "public",
    "hospital": "public",
    "transport": "public",
    "office": "commercial",
    "commercial": "commercial",
    "hotel": "commercial",
    "residential": "residential",
    "rural_house": "residential",
    "agricultural": "agriculture",
}
"""Sector of a building by its use; any other use is of unknown sector."""

ROOF_TYPE_BY_FORM: Mapping[str, str] = {
    "flat": "roof_flat",
    "metal": "roof_metal",
    "gabled": "roof_pitched",
    "hipped": "roof_pitched",
}
ROOF_TYPE_PRIOR: Mapping[str, str] = {
    "industrial": "roof_metal",
    "logistics": "roof_metal",
    "agricultural": "roof_metal",
    "rural_house": "roof_pitched",
}
"""The likeliest roof of a use where the form is unknown; any other use is taken as flat."""

TYPE_BY_FARMLAND: Mapping[str, str] = {
    "orchard": "agrivoltaic_orchard",
    "grass": "agrivoltaic_grass",
    "facility_agriculture": "greenhouse",
    "fish_pond": "fish_pond",
    "unused": "ground",
    "permanent_basic": "ground",
    "cultivated": "ground",
    "forest": "ground",
}
TYPE_BY_FACILITY: Mapping[str, str] = {
    "parking": "carport",
    "depot": "carport",
    "station": "carport",
    "wastewater": "canopy",
    "waterworks": "canopy",
    "heat_station": "canopy",
    "landfill": "ground",
    "road_verge": "verge",
}
"""PV type of a municipal facility; facilities not named here (parks, school yards, aprons) carry none."""

FACADE_USES = ("public", "office", "university", "hospital", "commercial", "hotel", "data_centre")
FACADE_MIN_HEIGHT_M = 24.0
"""Facades of multi-storey buildings only: lower walls are shaded, glazed and within reach."""
FACADE_FACING = {"azimuth_deg": 180.0, "within_deg": 45.0}
MIN_PARCEL_M2 = 50.0
"""A remainder of a parcel below this carries no array that anyone would build."""


@dataclass(frozen=True)
class Candidates:
    """All candidates before the rules, and what was left aside with its reason."""

    frame: gpd.GeoDataFrame
    """One row per candidate: id, name, town, township, type, sector, use (of the building, facility or class
    of land), owner, parcel_id, layer, height_m, area_m2 (what one would cover: roof, wall or land),
    facing_deg, known_form, demo, source, confidence."""
    set_aside: pd.DataFrame
    """layer, reason, objects, m2: outside every town, or covered by a building or an earlier parcel."""


def find_candidates(
    *,
    towns: gpd.GeoDataFrame,
    townships: gpd.GeoDataFrame | None,
    buildings: gpd.GeoDataFrame | None,
    municipal: gpd.GeoDataFrame | None,
    farmland: gpd.GeoDataFrame | None,
    neighbours: Mapping[str, gpd.GeoDataFrame] = MappingProxyType({}),
) -> Candidates:
    """Turn the layers of a region, or of a part of it, into candidates; a layer that is None gives none.

    All frames are in the region's metric CRS and carry the columns of their layer's schema plus demo, source
    and confidence. `neighbours` are buildings and municipal parcels of other parts: no candidates here, but
    they take their area from those that are.
    """
    aside: list[pd.DataFrame] = []
    parts: list[gpd.GeoDataFrame] = []
    taken: NDArray[np.object_] = np.array([], dtype=object)
    if buildings is not None:
        placed = place_whole(buildings, towns, townships)
        aside.append(_outside("buildings", placed))
        parts += [_roofs(placed.inside), _facades(placed.inside)]
        taken = _and_neighbours(buildings, neighbours.get("buildings"))
    for layer, frame, types in (
        ("municipal", municipal, TYPE_BY_FACILITY),
        ("farmland", farmland, TYPE_BY_FARMLAND),
    ):
        if frame is None:
            continue
        free, lost = _free_of(frame, taken, layer=layer)
        placed = place_divided(free, towns, townships)
        aside += [lost, _outside(layer, placed)]
        parts.append(_parcels(placed.inside, layer=layer, types=types))
        taken = np.concatenate([taken, _and_neighbours(frame, neighbours.get(layer))])
    filled = [part for part in parts if len(part)]
    joined = pd.concat(filled, ignore_index=True) if filled else _empty(towns)
    lost_rows = [table for table in aside if len(table)]
    set_aside = pd.concat(lost_rows, ignore_index=True) if lost_rows else _reason("", "", 0, 0.0).iloc[:0]
    return Candidates(gpd.GeoDataFrame(joined, geometry="geometry", crs=towns.crs), set_aside)


def _and_neighbours(frame: gpd.GeoDataFrame, neighbours: gpd.GeoDataFrame | None) -> NDArray[np.object_]:
    frames = [frame] if neighbours is None else [frame, neighbours]
    return np.concatenate([np.asarray(part.geometry.array, dtype=object) for part in frames])


def _roofs(buildings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    frame = _common(buildings, layer="buildings", use="use")
    frame["id"] = "roof-" + frame["parcel_id"]
    frame["sector"] = buildings["use"].map(SECTOR_BY_USE).fillna("unknown")
    frame["owner"] = buildings["owner"]
    frame["height_m"] = buildings["height_m"].astype(float)
    frame["year"] = buildings["year"]
    frame["known_form"] = buildings["roof_form"].isin(list(ROOF_TYPE_BY_FORM))
    frame["area_m2"] = shapely.area(np.asarray(frame.geometry.array, dtype=object))
    return frame.assign(**roof_plan(buildings))


def roof_plan(buildings: gpd.GeoDataFrame) -> dict[str, pd.Series[str] | NDArray[np.float64]]:
    """Return the roof type of buildings and where its modules face (facing_deg).

    Racks face the way the building faces; ridges run along the longer side and modules lie on the southern
    slope.
    """
    form = buildings["roof_form"].map(ROOF_TYPE_BY_FORM)
    types = form.fillna(buildings["use"].map(ROOF_TYPE_PRIOR).fillna("roof_flat"))
    footprints = np.asarray(buildings.geometry.array, dtype=object)
    facing_deg = facing_azimuth_deg(footprints)
    slope_deg = (longer_side_azimuth_deg(footprints) + 90.0) % 180.0
    east_deg = 90.0
    southern_deg = np.where(slope_deg < east_deg, slope_deg + 180.0, slope_deg)
    pitched = types.to_numpy() == "roof_pitched"
    return {"type": types, "facing_deg": np.where(pitched, southern_deg, facing_deg)}


def _facades(buildings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    tall = buildings["use"].isin(FACADE_USES) & (buildings["height_m"] >= FACADE_MIN_HEIGHT_M)
    chosen = buildings[tall].reset_index(drop=True)
    frame = _common(chosen, layer="buildings", use="use")
    footprints = np.asarray(frame.geometry.array, dtype=object)
    frame["type"] = "facade"
    frame["id"] = "facade-" + frame["parcel_id"]
    frame["sector"] = chosen["use"].map(SECTOR_BY_USE).fillna("unknown")
    frame["owner"] = chosen["owner"]
    frame["height_m"] = chosen["height_m"].astype(float)
    frame["year"] = chosen["year"]
    frame["known_form"] = True
    frame["area_m2"] = facing_wall_length_m(footprints, **FACADE_FACING) * frame["height_m"]
    frame["facing_deg"] = facing_azimuth_deg(footprints)
    for end in ("low", "high"):  # a wall is as large as its height is known
        given = chosen.get(f"height_{end}_m", pd.Series(np.nan, index=chosen.index))
        frame[f"size_{end}"] = (given.astype(float) / frame["height_m"]).fillna(1.0)
    return frame[frame["area_m2"] > 0].reset_index(drop=True)


def _parcels(frame: gpd.GeoDataFrame, *, layer: str, types: Mapping[str, str]) -> gpd.GeoDataFrame:
    use = {"municipal": "facility", "farmland": "class"}[layer]
    chosen = frame[frame[use].isin(list(types))].reset_index(drop=True)
    result = _common(chosen, layer=layer, use=use)
    result["type"] = chosen[use].map(types)
    result["id"] = f"{layer}-" + result["parcel_id"]
    result["sector"] = {"municipal": "municipal", "farmland": "agriculture"}[layer]
    result["owner"] = "unknown"
    result["height_m"] = np.nan
    result["year"] = None
    result["known_form"] = True
    result["area_m2"] = result.geometry.area
    result["facing_deg"] = 180.0
    return result[result["area_m2"] >= MIN_PARCEL_M2].reset_index(drop=True)


def _common(frame: gpd.GeoDataFrame, *, layer: str, use: str) -> gpd.GeoDataFrame:
    columns = ["town", "township", "geometry", "demo", "source", "confidence"]
    result = frame[columns].copy()
    result["parcel_id"] = frame["id"].astype(str)
    result["name"] = frame.get("name")
    result["layer"] = layer
    result["use"] = frame[use]
    return result


def _free_of(
    frame: gpd.GeoDataFrame, taken: NDArray[np.object_], *, layer: str
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Take away what roofs and earlier parcels cover; say how much that was."""
    geometries = np.asarray(frame.geometry.array, dtype=object)
    left = subtract(geometries, taken)
    lost_m2 = shapely.area(geometries) - shapely.area(left)
    free = frame.set_geometry(gpd.GeoSeries(left, index=frame.index, crs=frame.crs))
    touched = lost_m2 > 0
    reason = "covered by a building or an earlier parcel"
    lost = _reason(layer, reason, int(touched.sum()), float(lost_m2[touched].sum()))
    return free[~shapely.is_empty(left)].reset_index(drop=True), lost


def _outside(layer: str, placed: Placed) -> pd.DataFrame:
    outside = placed.outside
    area_m2 = outside.get("outside_m2", outside.geometry.area)
    return _reason(layer, "outside every town", len(outside), float(area_m2.sum()))


def _reason(layer: str, reason: str, objects: int, area_m2: float) -> pd.DataFrame:
    return pd.DataFrame({"layer": [layer], "reason": [reason], "objects": [objects], "m2": [area_m2]})


def _empty(towns: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    names = ["id", "name", "town", "township", "type", "sector", "use", "owner", "parcel_id", "layer"]
    names += ["height_m", "year", "area_m2", "facing_deg", "known_form", "demo", "source", "confidence"]
    return gpd.GeoDataFrame({name: [] for name in names}, geometry=[], crs=towns.crs)
