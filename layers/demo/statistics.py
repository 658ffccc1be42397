"""What was generated, counted: for the manifest, the documentation and the plausibility tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import shapely

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy as np

KM2 = 1e6
HOMES = ("residential", "rural_house")


def statistics(layers: dict[str, gpd.GeoDataFrame], towns: gpd.GeoDataFrame) -> dict[str, Any]:
    """Return counts and areas: of every layer, by class, and by town."""
    buildings = layers["buildings"]
    places = {name: _centres(layers[name]) for name in ("buildings", "farmland")}
    return {
        "rows": {name: len(frame) for name, frame in layers.items()},
        "buildings": _by(buildings, "use"),
        "farmland_km2": _areas(layers["farmland"], "class"),
        "municipal_km2": _areas(layers["municipal"], "facility"),
        "towns": [_of_town(layers, places, town) for town in towns.itertuples()],
    }


def floor_area_m2(buildings: gpd.GeoDataFrame) -> np.ndarray:
    """Return footprint times storeys; buildings of unknown storeys count with the mean of their use."""
    floors = buildings["floors"].astype("float64")
    mean = floors.groupby(buildings["use"]).transform("mean")
    return (buildings.area * floors.fillna(mean).fillna(1.0)).to_numpy()


def _by(buildings: gpd.GeoDataFrame, column: str) -> dict[str, dict[str, float]]:
    table = pd.DataFrame(
        {column: buildings[column], "footprint": buildings.area, "floor": floor_area_m2(buildings)}
    )
    grouped = table.groupby(column, sort=True)
    return {
        str(name): {
            "count": len(rows),
            "footprint_km2": round(float(rows["footprint"].sum()) / KM2, 3),
            "floor_km2": round(float(rows["floor"].sum()) / KM2, 3),
        }
        for name, rows in grouped
    }


def _areas(frame: gpd.GeoDataFrame, column: str) -> dict[str, float]:
    sums = frame.area.groupby(frame[column], sort=True).sum() / KM2
    return {str(name): round(float(value), 3) for name, value in sums.items()}


def _centres(frame: gpd.GeoDataFrame) -> np.ndarray:
    return shapely.get_coordinates(shapely.centroid(frame.geometry.to_numpy()))


def _of_town(layers: dict[str, gpd.GeoDataFrame], places: dict[str, np.ndarray], town: Any) -> dict[str, Any]:  # noqa: ANN401 - a row
    area = town.geometry
    shapely.prepare(area)
    buildings = layers["buildings"]
    mine = buildings[shapely.contains_xy(area, *places["buildings"].T)]
    floor = floor_area_m2(mine)
    home = mine["use"].isin(HOMES).to_numpy()
    farmland = layers["farmland"]
    fields = farmland[shapely.contains_xy(area, *places["farmland"].T)]
    return {
        "town": town.id,
        "area_km2": round(float(area.area) / KM2, 2),
        "buildings": len(mine),
        "footprint_km2": round(float(mine.area.sum()) / KM2, 3),
        "home_floor_km2": round(float(floor[home].sum()) / KM2, 3),
        "farmland_km2": round(float(fields.area.sum()) / KM2, 2),
        **_heritage(layers["restrictions"], area),
    }


def _heritage(restrictions: gpd.GeoDataFrame, area: shapely.Geometry) -> dict[str, float]:
    found = {}
    for kind in ("heritage_protection", "heritage_control"):
        shapes = restrictions[restrictions["kind"] == kind].geometry.to_numpy()
        both = shapely.intersection(shapely.union_all(shapes), area)
        found[f"{kind}_km2"] = round(float(both.area) / KM2, 2)
    return found
