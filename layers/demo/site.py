"""The ground plan: what water, roads, rails, airport and heritage take before anything is built."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.demo.dice import Dice
from layers.demo.lattice import Lattice
from layers.demo.relief import Relief, course
from layers.demo.shapes import GRID_M, Taken, polygons_of, rectangle

if TYPE_CHECKING:
    from layers.demo.plan import Feature, Plan
    from layers.demo.shapes import Geometries

ROAD_WIDTH_M = {
    "expressway": 42.0, "national": 28.0, "provincial": 24.0, "county": 14.0, "township": 8.0,
}  # fmt: skip
RAIL_WIDTH_M = {"high_speed": 24.0, "conventional": 20.0}
TOWNSHIP_EVERY = (4, 5)
"""Every how many lattice columns and rows a township road runs."""
WORKS_ANGLE_DEG = 4.0
"""How far the parcels of works are turned."""
BRIDGED_M = 40.0
"""Width of a river that streets still cross."""
STUB_M = 300.0
"""A township road that is left shorter leads nowhere."""


@dataclass(frozen=True)
class Site:
    """The area to fill and what is known of it before chance begins."""

    plan: Plan
    boundary: shapely.Geometry
    seed: int

    def dice(self, label: str) -> Dice:
        """Return the draws for one purpose."""
        return Dice(self.seed, label)

    @cached_property
    def lattice(self) -> Lattice:
        """The lattice the fields, township roads and village lanes follow."""
        fields = self.plan.settings["fields"]
        return Lattice(self.dice("lattice"), fields["block_east_m"], fields["block_north_m"])

    @cached_property
    def relief(self) -> Relief:
        """The relief between the two rivers named in the description."""
        settings = self.plan.settings["terrain"]
        rivers = {
            river.name: course(river.geometry, river["water_m"])
            for river in self.plan["river"]
            if river.get("water_m") is not None
        }
        return Relief(
            rivers[settings["main_river"]], rivers[settings["side_river"]], tuple(settings["summit_at"]),
            settings["low_m"], settings["high_m"], self.dice("relief"),
        )  # fmt: skip

    @cached_property
    def near(self) -> shapely.Geometry:
        """The boundary and a little more, prepared: what lies outside need not be drawn."""
        wide = shapely.buffer(self.boundary, 1500.0)
        shapely.prepare(wide)
        return wide

    @cached_property
    def water(self) -> Geometries:
        """Water of rivers and lakes."""
        rivers = [shapely.buffer(river.geometry, river["width_m"] / 2.0) for river in self.plan["river"]]
        return self._local([*rivers, *(lake.geometry for lake in self.plan["lake"])])

    @cached_property
    def management(self) -> Geometries:
        """River management ranges: the water and its floodplain."""
        rivers = [shapely.buffer(river.geometry, river["management_m"] / 2.0) for river in self.plan["river"]]
        return self._local([*rivers, *(shapely.buffer(lake.geometry, 60.0) for lake in self.plan["lake"])])

    @cached_property
    def barriers(self) -> Geometries:
        """Management ranges of the rivers and lakes too wide for a street to bridge."""
        wide = [river for river in self.plan["river"] if river["width_m"] > BRIDGED_M]
        rivers = [shapely.buffer(river.geometry, river["management_m"] / 2.0) for river in wide]
        return self._local([*rivers, *(lake.geometry for lake in self.plan["lake"])])

    @cached_property
    def airport(self) -> shapely.Geometry:
        """The airport: its runways and the land between and around them; empty where there is none."""
        runways = [runway.geometry for runway in self.plan["runway"]]
        if not runways:
            return shapely.Polygon()
        clear = self.plan.settings["airport"]["clear_m"]
        hull = shapely.convex_hull(shapely.union_all(runways))
        return shapely.set_precision(shapely.buffer(hull, clear, join_style="mitre"), GRID_M)

    @cached_property
    def protected(self) -> Geometries:
        """Protection ranges of the monuments, one each: rectangles with corners cut at random."""
        dice = self.dice("heritage")
        return np.array(
            [_range(monument, dice, number) for number, monument in enumerate(self.plan["heritage"])],
            dtype=object,
        )

    @cached_property
    def mounds(self) -> Geometries:
        """Burial mounds: square, seen from the air."""
        return self._local(
            [
                rectangle(place(site), (site["mound_m"], site["mound_m"]))
                for site in self.plan["heritage"]
                if site["mound_m"]
            ]
        )

    @cached_property
    def works(self) -> gpd.GeoDataFrame:
        """Named municipal works: facility, name and their parcel."""
        rows = self.plan["works"]
        frame = gpd.GeoDataFrame(
            {"facility": [work["facility"] for work in rows], "name": [work.name for work in rows]},
            geometry=[rectangle(place(work), work["size_m"], WORKS_ANGLE_DEG) for work in rows],
        )
        return frame[frame.within(self.boundary)].reset_index(drop=True)

    @cached_property
    def plants(self) -> Geometries:
        """Grounds of named factories."""
        drawn = [
            rectangle(place(plant), plant["size_m"], plant.get("angle_deg", 0.0))
            for plant in self.plan["plant"]
        ]
        return np.array([ground for ground in drawn if ground.within(self.boundary)], dtype=object)

    @cached_property
    def roads(self) -> pd.DataFrame:
        """Roads of the description and township roads along the lattice: class, name, width_m, line."""
        named = [(road["class"], road.name, road.geometry) for road in self.plan["road"]]
        rows = [*named, *(("township", None, line) for line in self._township_roads())]
        frame = pd.DataFrame(rows, columns=["class", "name", "line"])
        frame["width_m"] = frame["class"].map(ROAD_WIDTH_M)
        lines = np.array(frame["line"], dtype=object)
        return frame[shapely.intersects(self.near, lines)].reset_index(drop=True)

    @cached_property
    def rails(self) -> pd.DataFrame:
        """Railway lines: class, name, width_m, line."""
        rows = [(rail["class"], rail.name, rail.geometry) for rail in self.plan["rail"]]
        frame = pd.DataFrame(rows, columns=["class", "name", "line"])
        frame["width_m"] = frame["class"].map(RAIL_WIDTH_M)
        return frame

    @cached_property
    def strips(self) -> Geometries:
        """Land under roads and rails."""
        both = pd.concat([self.roads, self.rails])
        lines = np.array(both["line"], dtype=object)
        return self._local(shapely.buffer(lines, both["width_m"].to_numpy() / 2.0, cap_style="flat"))

    @cached_property
    def crossed(self) -> Taken:
        """Water, roads and rails: what also the works and the airport keep off."""
        return Taken(np.concatenate([self.water, self.strips]))

    @cached_property
    def taken(self) -> Taken:
        """Everything no building and no field may touch."""
        parts = [
            self.water,
            self.strips,
            self.mounds,
            [self.airport],
            self.works.geometry.to_numpy(),
            self.plants,
        ]
        return Taken(
            np.array([shape for part in parts for shape in part if not shape.is_empty], dtype=object)
        )

    def _township_roads(self) -> list[shapely.LineString]:
        columns, rows = self.lattice.blocks(self.boundary.bounds)
        every_column, every_row = TOWNSHIP_EVERY
        lines = []
        for column in np.unique(columns[columns % every_column == 0]):
            along = np.arange(rows.min(), rows.max() + 1, 0.5)
            lines.append(np.column_stack(self.lattice.point(np.full(along.shape, float(column)), along)))
        for row in np.unique(rows[rows % every_row == 0]):
            along = np.arange(columns.min(), columns.max() + 1, 0.5)
            lines.append(np.column_stack(self.lattice.point(along, np.full(along.shape, float(row)))))
        drawn = np.array([shapely.LineString(np.round(line, 2)) for line in lines], dtype=object)
        kept = shapely.difference(shapely.intersection(drawn, self.boundary), self._unroaded())
        parts = shapely.get_parts(kept)
        return [part for part in parts if part.length > STUB_M]

    def _unroaded(self) -> shapely.Geometry:
        zones = [zone.geometry for zone in self.plan["zone"]]
        return shapely.union_all([*self.management, *zones, self.airport, *self.mounds])

    def _local(self, shapes: Geometries | list[shapely.Geometry]) -> Geometries:
        cut = shapely.intersection(np.array(shapes, dtype=object), self.near)
        return np.array(polygons_of(shapely.set_precision(cut, GRID_M)), dtype=object)


def _range(monument: Feature, dice: Dice, number: int) -> shapely.Polygon:
    """Return an octagon: the rectangle of the range with each corner cut by up to a fifth of its sides."""
    (x, y), (width, depth) = place(monument), monument["protection_m"]
    cut = dice.between(0.02, 0.2, number, np.arange(8))
    corners = [(-0.5, -0.5, 0), (0.5, -0.5, 2), (0.5, 0.5, 4), (-0.5, 0.5, 6)]
    points = []
    for u, v, first in corners:
        along = (u - np.sign(u) * cut[first], v)
        upward = (u, v - np.sign(v) * cut[first + 1])
        points += [upward, along] if u * v > 0 else [along, upward]
    ring = np.array(points) * [width, depth] + [x, y]
    return shapely.Polygon(np.round(ring, 1))


def place(feature: Feature) -> tuple[float, float]:
    """Return easting and northing of a point of the description."""
    return feature.geometry.x, feature.geometry.y
