"""Municipal parcels: named works, what the blocks hold, road verges, the airport."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.demo.shapes import GRID_M, Placed, Taken, join, pieces, placed, rectangle
from layers.demo.site import WORKS_ANGLE_DEG

if TYPE_CHECKING:
    from layers.demo.blocks import Town
    from layers.demo.shapes import Geometries
    from layers.demo.site import Site

VERGE_M = {"expressway": 16.0, "national": 9.0, "provincial": 8.0}
"""Width of the green strip on either side of a road, by class."""
VERGE_PIECE_M = 900.0
SMALLEST_VERGE_M2 = 500.0
SMALLEST_M2 = 80.0
WHOLE = {"park": "park", "data_centre": "data_centre"}
"""Uses of blocks whose whole land is a municipal parcel."""
SHARES = {
    # use: facility, then centre and extent of the parcel as shares of the block
    "school": ("school_yard", (0.0, -0.24, 0.86, 0.40)),
    "parking": ("parking", (0.0, -0.27, 0.88, 0.36)),
    "mall": ("parking", (0.0, -0.40, 0.84, 0.12)),
    "depot": ("depot", (0.0, -0.12, 0.88, 0.58)),
    "hospital": ("parking", (0.0, -0.44, 0.7, 0.07)),
}


WORKS_BUILDINGS = {
    # centre and sides as shares of the parcel, use, storeys
    "wastewater": ((-0.36, 0.32, 0.16, 0.08, "public", 2), (-0.36, -0.3, 0.14, 0.1, "industrial", 1)),
    "waterworks": ((-0.36, 0.3, 0.18, 0.1, "public", 2), (-0.3, -0.3, 0.2, 0.12, "industrial", 1)),
    "landfill": ((-0.38, -0.4, 0.06, 0.03, "public", 1),),
    "station": ((0.0, 0.18, 0.72, 0.34, "transport", 2), (0.0, -0.3, 0.3, 0.14, "transport", 2)),
    "depot": ((0.0, 0.18, 0.72, 0.34, "transport", 1), (0.0, -0.3, 0.3, 0.14, "office", 3)),
    "heat_station": (
        (0.0, 0.06, 0.44, 0.1, "industrial", 3), (0.0, 0.2, 0.4, 0.13, "industrial", 5),
        (-0.36, -0.12, 0.18, 0.42, "industrial", 1), (0.34, -0.3, 0.16, 0.07, "office", 5),
        (0.36, 0.1, 0.12, 0.2, "industrial", 2),
    ),
}  # fmt: skip
"""What stands on the parcel of a work, by its facility."""


def works_buildings(site: Site) -> Placed:
    """Put its buildings on the parcel of each named work."""
    parts = []
    for number, work in enumerate(site.works.itertuples()):
        centre, (long_m, deep_m) = work.geometry.centroid, _sides(work.geometry)
        u, v, w, d, use, floors = (
            np.array(column, dtype=object) for column in zip(*WORKS_BUILDINGS[work.facility], strict=True)
        )
        built = placed(u * long_m, v * deep_m, w * long_m, d * deep_m, use, floors)
        parts.append(built.moved(centre.x, centre.y, WORKS_ANGLE_DEG, WORKS_BLOCK + number))
    return join(parts)


WORKS_BLOCK = 9_000_000
PLANT_BLOCK = 9_500_000


def plant_halls(site: Site) -> Placed:
    """Lay the halls of named factories side by side over their grounds."""
    parts = []
    for number, plant in enumerate(site.plan["plant"]):
        if plant.geometry.within(site.boundary):
            w, d = plant["size_m"]
            count = plant["halls"]
            pitch = (w - 40.0) / count
            u = (np.arange(count) - (count - 1) / 2.0) * pitch
            halls = placed(u, 0.0, pitch - 22.0, plant["hall_m2"] / count / (pitch - 22.0), "industrial", 1.0)
            block = PLANT_BLOCK + number
            parts.append(halls.moved(plant.geometry.x, plant.geometry.y, plant.get("angle_deg", 0.0), block))
            del d
    return join(parts)


def airport_buildings(site: Site) -> Placed:
    """Put the terminals at their places, aligned with the runways."""
    settings = site.plan.settings.get("airport")
    if settings is None or not site.airport.intersects(site.boundary):
        return join([])
    ends = shapely.get_coordinates(site.plan["runway"][0].geometry)
    angle = float(np.degrees(np.arctan2(*(ends[-1] - ends[0])[::-1])))
    built = [
        placed(at[:, 0], at[:, 1], long_m, deep_m, use, floors, shape=shape, angle_deg=angle)
        for kind, (long_m, deep_m, use, floors, shape) in AIRPORT_BUILDINGS.items()
        if (at := settings[f"{kind}_at"]).size
    ]
    joined = join(built)
    return replace(joined, block=np.full(len(joined), WORKS_BLOCK + 900))


AIRPORT_BUILDINGS = {
    "terminals": (390.0, 110.0, "transport", 3.0, "h"),
    "cargo": (210.0, 78.0, "logistics", 1.0, "rect"),
    "hangars": (110.0, 84.0, "transport", 2.0, "rect"),
}
"""Sides (m), use, storeys and shape of the buildings at the airport."""


def build_municipal(site: Site, town: Town, used: Geometries) -> gpd.GeoDataFrame:
    """Return facility, name and geometry; `used` is the land of buildings and settlements verges keep off."""
    parts = [
        _works(site),
        block_parcels(town),
        _verges(site, used),
        _airport(site),
    ]
    frame = pd.concat([part for part in parts if len(part)], ignore_index=True)
    clipped = shapely.set_precision(shapely.intersection(frame.geometry.to_numpy(), site.boundary), GRID_M)
    frame = gpd.GeoDataFrame(frame[["facility", "name"]], geometry=clipped).explode(ignore_index=True)
    return frame[(frame.area > SMALLEST_M2) & (frame.geom_type == "Polygon")].reset_index(drop=True)


def block_parcels(town: Town) -> gpd.GeoDataFrame:
    """Return the municipal parcels inside blocks: facility, name (unknown) and geometry."""
    rows = []
    for block in town.blocks.itertuples():
        if block.use in WHOLE:
            rows.append((WHOLE[block.use], None, shapely.buffer(block.geometry, -4.0, join_style="mitre")))
        elif block.use in SHARES:
            facility, (u, v, w, d) = SHARES[block.use]
            turn = np.radians(block.angle_deg)
            du, dv = u * block.width_m, v * block.depth_m
            x, y = (
                block.x + du * np.cos(turn) - dv * np.sin(turn),
                block.y + du * np.sin(turn) + dv * np.cos(turn),
            )
            drawn = rectangle((x, y), (w * block.width_m, d * block.depth_m), block.angle_deg)
            rows.append((facility, None, shapely.intersection(drawn, block.geometry)))
    frame = gpd.GeoDataFrame(rows, columns=["facility", "name", "geometry"], geometry="geometry")
    return frame[frame.area > SMALLEST_M2]


def _verges(site: Site, used: Geometries) -> gpd.GeoDataFrame:
    roads = site.roads[site.roads["class"].isin(VERGE_M)]
    lines = shapely.intersection(np.array(roads["line"], dtype=object), site.boundary)
    rows = []
    for line, kind, width in zip(lines, roads["class"], roads["width_m"], strict=True):
        outer = shapely.buffer(line, width / 2.0 + VERGE_M[kind], cap_style="flat")
        rows.append(shapely.difference(outer, shapely.buffer(line, width / 2.0 + 0.5, cap_style="flat")))
    verges = np.array(rows, dtype=object)
    if not verges.size:
        return gpd.GeoDataFrame({"facility": [], "name": []}, geometry=[])
    left = Taken(used).cut_from(site.taken.cut_from(pieces(verges, VERGE_PIECE_M)))
    left = Taken(site.management).cut_from(left)
    parts = shapely.get_parts(left)
    parts = parts[
        (shapely.area(parts) > SMALLEST_VERGE_M2)
        & (shapely.get_type_id(parts) == shapely.GeometryType.POLYGON)
    ]
    return gpd.GeoDataFrame(
        {"facility": ["road_verge"] * len(parts), "name": [None] * len(parts)}, geometry=_apart(parts)
    )


def _apart(parts: Geometries) -> Geometries:
    """Where verges of crossing roads meet, leave the ground to the first."""
    tree = shapely.STRtree(parts)
    one, two = tree.query(parts, predicate="intersects")
    parts = parts.copy()
    for first, second in zip(one[one < two].tolist(), two[one < two].tolist(), strict=True):
        parts[second] = shapely.difference(parts[second], parts[first])
    return parts


def _works(site: Site) -> gpd.GeoDataFrame:
    left = site.crossed.cut_from(site.works.geometry.to_numpy())
    return gpd.GeoDataFrame(site.works[["facility", "name"]], geometry=left)


def _airport(site: Site) -> gpd.GeoDataFrame:
    if site.airport.is_empty:
        return gpd.GeoDataFrame({"facility": [], "name": []}, geometry=[])
    name = site.plan.settings["airport"]["name"]
    return gpd.GeoDataFrame({"facility": ["airport"], "name": [name]}, geometry=[site.airport])


def _sides(shape: shapely.Polygon) -> tuple[float, float]:
    corners = shapely.get_coordinates(shape)
    return float(np.hypot(*(corners[1] - corners[0]))), float(np.hypot(*(corners[2] - corners[1])))
