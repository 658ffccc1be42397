"""Blocks of the built areas: a street grid in every zone, and what each block holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.demo.fit import fit
from layers.demo.shapes import GRID_M, Taken, rectangle

if TYPE_CHECKING:
    from layers.demo.dice import Dice
    from layers.demo.plan import Feature
    from layers.demo.site import Site

MAIN_ROAD_M = 44.0
SIDE_ROAD_M = 24.0
SMALLEST_M2 = 6000.0
"""A block that water, rails or roads leave less of is no building land."""
WHOLE_SHARE = 0.985
"""Share of its rectangle above which a block counts as whole."""
STUB_M = 60.0
"""A street that is left shorter leads nowhere."""
THINNEST_M = 60.0
"""A block that leaves no room this wide is not built on."""


@dataclass(frozen=True)
class Grid:
    """The street grid of one zone: borders of its columns and rows in the zone's own frame."""

    x: float
    y: float
    angle_deg: float
    columns: np.ndarray
    rows: np.ndarray

    def to_map(self, u: Any, v: Any) -> tuple[Any, Any]:  # noqa: ANN401 - numbers or arrays
        """Return metric coordinates of points of the frame."""
        turn = np.radians(self.angle_deg)
        return self.x + u * np.cos(turn) - v * np.sin(turn), self.y + u * np.sin(turn) + v * np.cos(turn)


def street_grid(zone: Feature, dice: Dice, key: int) -> Grid:
    """Lay streets over a zone, wide and narrow in turn; blocks are 0.75 to 1.3 of the mean size."""
    centre = zone.geometry.centroid
    reach = shapely.hausdorff_distance(zone.geometry, centre) * 1.05
    sides = []
    for axis, mean in enumerate(zone["block_m"]):
        count = int(2.0 * reach / mean) + 2
        steps = mean * dice.between(0.75, 1.3, key, axis, np.arange(count))
        sides.append(np.cumsum(np.concatenate([[-reach], steps])))
    return Grid(centre.x, centre.y, zone["angle_deg"], *sides)


def road_width_m(line: int) -> float:
    """Return the width of the street on a border line: every other one is a main road."""
    return MAIN_ROAD_M if line % 2 == 0 else SIDE_ROAD_M


def zone_blocks(zone: Feature, grid: Grid, key: int) -> pd.DataFrame:
    """Return the blocks between the streets: centre, size, angle and the part inside the zone."""
    rows = []
    for column in range(len(grid.columns) - 1):
        west = grid.columns[column] + road_width_m(column) / 2.0
        east = grid.columns[column + 1] - road_width_m(column + 1) / 2.0
        for row in range(len(grid.rows) - 1):
            south = grid.rows[row] + road_width_m(row) / 2.0
            north = grid.rows[row + 1] - road_width_m(row + 1) / 2.0
            x, y = grid.to_map((west + east) / 2.0, (south + north) / 2.0)
            rows.append((key * 10000 + column * 100 + row, x, y, east - west, north - south))
    frame = pd.DataFrame(rows, columns=["key", "x", "y", "width_m", "depth_m"])
    frame["angle_deg"] = grid.angle_deg
    frame["zone"], frame["mix"] = zone.name, zone["mix"]
    drawn = [rectangle((x, y), (width, depth), grid.angle_deg) for _, x, y, width, depth in rows]
    frame["whole"] = drawn
    frame["land"] = shapely.intersection(np.array(drawn, dtype=object), zone.geometry)
    return frame[shapely.area(np.array(frame["land"], dtype=object)) > SMALLEST_M2]


def zone_streets(zone: Feature, grid: Grid) -> list[tuple[float, shapely.Geometry]]:
    """Return the streets of a zone, cut at its outline: width and line."""
    u0, u1, v0, v1 = grid.columns[0], grid.columns[-1], grid.rows[0], grid.rows[-1]
    ends = [(road_width_m(i), (u, u), (v0, v1)) for i, u in enumerate(grid.columns)]
    ends += [(road_width_m(i), (u0, u1), (v, v)) for i, v in enumerate(grid.rows)]
    lines = [
        (width, shapely.LineString(np.column_stack(grid.to_map(np.array(u), np.array(v)))))
        for width, u, v in ends
    ]
    return [(width, shapely.intersection(line, zone.geometry)) for width, line in lines]


@dataclass(frozen=True)
class Town:
    """What the built areas consist of."""

    blocks: gpd.GeoDataFrame
    """key, x, y, width_m, depth_m, angle_deg, zone, use, geometry (the land that is left of it)."""
    streets: pd.DataFrame
    """class, name, width_m, line"""

    def land_of_streets(self) -> np.ndarray:
        """Return the ground under the streets."""
        lines = np.array(self.streets["line"], dtype=object)
        return shapely.buffer(
            lines, self.streets["width_m"].to_numpy(dtype=np.float64) / 2.0, cap_style="flat"
        )


def build_town(site: Site) -> Town:
    """Lay out every zone, cut out what is taken, and give each block its use."""
    dice = site.dice("blocks")
    blocks, streets = [], []
    for key, zone in enumerate(site.plan["zone"]):
        if not zone.geometry.intersects(site.boundary):
            continue
        grid = street_grid(zone, dice, key)
        blocks.append(zone_blocks(zone, grid, key))
        streets += [("urban", None, width, line) for width, line in zone_streets(zone, grid)]
    if not blocks:
        empty = gpd.GeoDataFrame({name: [] for name in (*BLOCK_COLUMNS, "geometry")}, geometry="geometry")
        return Town(empty, pd.DataFrame(columns=["class", "name", "width_m", "line"]))
    frame = _buildable(pd.concat(blocks, ignore_index=True), site)
    frame["use"] = _uses(frame, site, dice)
    streets_frame = pd.DataFrame(streets, columns=["class", "name", "width_m", "line"])
    return Town(
        gpd.GeoDataFrame(frame[[*BLOCK_COLUMNS, "geometry"]], geometry="geometry"),
        _cut_streets(streets_frame, site),
    )


BLOCK_COLUMNS = ("key", "x", "y", "width_m", "depth_m", "angle_deg", "zone", "use")


def _buildable(frame: pd.DataFrame, site: Site) -> pd.DataFrame:
    land = shapely.intersection(np.array(frame["land"], dtype=object), site.boundary)
    land = site.taken.cut_from(land)
    land = Taken(site.management).cut_from(land) if len(site.management) else land
    largest = np.array([_largest(shape) for shape in land], dtype=object)
    frame = frame.assign(geometry=shapely.set_precision(largest, GRID_M))
    share = shapely.area(largest) / shapely.area(np.array(frame["whole"], dtype=object))
    frame = frame[shapely.area(largest) > SMALLEST_M2]
    return _fitted(frame, share[shapely.area(largest) > SMALLEST_M2])


def _fitted(frame: pd.DataFrame, share: np.ndarray) -> pd.DataFrame:
    """Shrink blocks that are cut to the largest rectangle of their land; leave out thin ones."""
    sides = frame[["x", "y", "width_m", "depth_m"]].to_numpy(dtype=np.float64, copy=True)
    for row in np.flatnonzero(share < WHOLE_SHARE):
        x, y, width, depth = sides[row]
        sides[row] = fit(frame["geometry"].iloc[row], (x, y), (width, depth), frame["angle_deg"].iloc[row])
    frame = frame.assign(x=sides[:, 0], y=sides[:, 1], width_m=sides[:, 2], depth_m=sides[:, 3])
    return frame[sides[:, 2:].min(axis=1) > THINNEST_M].reset_index(drop=True)


def _largest(shape: shapely.Geometry) -> shapely.Geometry:
    parts = shapely.get_parts(shape)
    return parts[np.argmax(shapely.area(parts))] if len(parts) else shapely.Polygon()


def _uses(frame: pd.DataFrame, site: Site, dice: Dice) -> np.ndarray:
    uses = np.empty(len(frame), dtype=object)
    for mix in frame["mix"].unique():
        which = (frame["mix"] == mix).to_numpy()
        uses[which] = dice.pick(site.plan.settings["mix"][mix], 7, frame.loc[which, "key"].to_numpy())
    centres = shapely.centroid(frame["geometry"].to_numpy())
    old = np.zeros(len(frame), dtype=bool)
    old[np.unique(shapely.STRtree(centres).query(site.protected, predicate="intersects")[1])] = True
    uses[old] = dice.pick(site.plan.settings["mix"]["protected"], 8, frame.loc[old, "key"].to_numpy())
    return uses


def _cut_streets(streets: pd.DataFrame, site: Site) -> pd.DataFrame:
    blocked = shapely.union_all(
        [*site.barriers, site.airport, *site.mounds, *site.works.geometry, *site.plants]
    )
    lines = shapely.difference(
        shapely.intersection(np.array(streets["line"], dtype=object), site.boundary), blocked
    )
    parts, source = shapely.get_parts(shapely.set_precision(lines, GRID_M), return_index=True)
    long = (shapely.length(parts) > STUB_M) & (shapely.get_type_id(parts) == 1)
    return streets.iloc[source[long]].assign(line=parts[long]).reset_index(drop=True)
