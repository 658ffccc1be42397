"""Villages of the plain: where they lie, how large they are, what stands in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from layers.demo.quarters import PLOT_DEPTH_M, PLOT_M, homesteads
from layers.demo.shapes import GRID_M, Placed, Taken, join, placed

if TYPE_CHECKING:
    from layers.demo.dice import Dice
    from layers.demo.shapes import Geometries
    from layers.demo.site import Site

FIRST_BLOCK = 10_000_000
"""Villages are numbered from here, blocks of built areas below."""
HULL_M = 9.0
"""Width of the belt of gardens and paths around the houses that is part of the village."""
IN_RANGE = 0.55
"""Chance of a village in a protection range over that outside: some were moved."""
SCHOOL_FROM = 260
"""Houses and sheds from which a village keeps its school."""
CLOSE_M = 14.0
"""Gaps between houses up to twice as wide belong to the village."""
BAND_M = 27.0
"""Depth of a band of houses, for the outline."""


@dataclass(frozen=True)
class Villages:
    """Every village: its buildings and its land."""

    buildings: Placed
    land: Geometries


def build_villages(site: Site, blocks: Geometries) -> Villages:
    """Scatter villages over the open land and lay out each of them."""
    dice = site.dice("villages")
    x, y, key = _places(site, blocks)
    houses = _households(site, x, y, key)
    angle = site.lattice.angle_deg(x, y) + dice.between(-2.5, 2.5, 2, key)
    parts, land = [], []
    for number, (east, north, count, turn) in enumerate(zip(x, y, houses, angle, strict=True)):
        laid = _village(int(count), dice, int(key[number]))
        parts.append(laid.moved(east, north, float(turn), FIRST_BLOCK + number))
        land.append(_land(laid, east, north, float(turn)))
    return Villages(join(parts), np.array(land, dtype=object))


def _places(site: Site, blocks: Geometries) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return easting, northing and number of the villages: one try per cell of a square lattice."""
    dice = site.dice("village places")
    spacing = site.plan.settings["villages"]["spacing_m"]
    west, south, east, north = site.boundary.bounds
    columns = np.arange(int(west // spacing), int(east // spacing) + 1)
    rows = np.arange(int(south // spacing), int(north // spacing) + 1)
    column, row = (grid.ravel() for grid in np.meshgrid(columns, rows))
    x = (column + 0.5 + dice.between(-0.3, 0.3, 1, column, row)) * spacing
    y = (row + 0.5 + dice.between(-0.3, 0.3, 2, column, row)) * spacing
    inside = shapely.contains_xy(shapely.buffer(site.boundary, -180.0), x, y)
    chance = 0.55 + 0.5 * dice.field(x, y, 5000.0)
    chance = np.where(Taken(site.protected).touches(shapely.points(x, y)), IN_RANGE * chance, chance)
    open_ = dice.unit(3, column, row) < chance
    key = column * 10000 + row
    x, y, key = (values[inside & open_] for values in (x, y, key))
    reach = shapely.buffer(shapely.points(x, y), 190.0)
    parts = [
        site.management,
        [site.airport],
        site.works.geometry.to_numpy(),
        blocks,
        shapely.buffer(site.mounds, 150.0),
    ]
    wide = [
        road
        for road, kind in zip(site.roads["line"], site.roads["class"], strict=True)
        if kind == "expressway"
    ]
    blocked = [shape for part in (*parts, wide) for shape in part if not shape.is_empty]
    clear = ~_touching(blocked, reach)
    return x[clear], y[clear], key[clear]


def _touching(shapes: list[shapely.Geometry], reach: Geometries) -> np.ndarray:
    tree = shapely.STRtree(np.array(shapes, dtype=object))
    hit = np.zeros(len(reach), dtype=bool)
    hit[np.unique(tree.query(reach, predicate="intersects")[0])] = True
    return hit


def _households(site: Site, x: np.ndarray, y: np.ndarray, key: np.ndarray) -> np.ndarray:
    """Return the number of plots: log-normal around 190, larger where the plain is densely settled."""
    dice = site.dice("households")
    bell = sum(dice.unit(number, key) for number in range(6)) - 3.0
    return np.clip(190.0 * np.exp(0.62 * bell) * (0.75 + 0.5 * dice.field(x, y, 6000.0)), 45.0, 620.0).astype(
        int
    )


def _village(count: int, dice: Dice, key: int) -> Placed:
    """Lay out one village of about `count` plots about the origin."""
    ratio = float(dice.between(0.9, 2.3, key, 3)[0])
    area = count * 1.28 * (PLOT_M + 0.6) * (PLOT_DEPTH_M + 4.8)
    homes = homesteads(np.sqrt(area * ratio), np.sqrt(area / ratio), dice, key, ragged=0.34)
    return join([homes, *_public(homes, dice, key)])


def _public(homes: Placed, dice: Dice, key: int) -> list[Placed]:
    """Put the committee house, and in larger villages a school, south of the houses."""
    if not len(homes):
        return []
    south = homes.y.min() - PLOT_DEPTH_M
    u = float(dice.between(-0.3, 0.3, key, 4)[0]) * np.ptp(homes.x)
    found = [placed(u, south - 4.0, 26.0, 11.0, "public", 2.0)]
    if len(homes) > SCHOOL_FROM:
        found.append(placed(u + 60.0, south - 8.0, 44.0, 14.0, "school", 3.0))
    if dice.happens(0.55, key, 5)[0]:
        number = np.arange(2 + int(3 * dice.unit(key, 6)[0]))
        x = homes.x.max() + 34.0
        found.append(placed(x, (number - 1.0) * 22.0, 42.0, 12.0, "agricultural", 1.0))
    return found


def _land(laid: Placed, east: float, north: float, turn: float) -> shapely.Geometry:
    """Return the land of a village: every band of houses from end to end, and a belt around."""
    if not len(laid):
        return shapely.Polygon()
    home = np.isin(laid.use, ("rural_house", "other"))
    band = np.where(home, np.floor(laid.y / BAND_M), 1e6 + np.arange(len(laid)))
    _, member = np.unique(band, return_inverse=True)
    lows, highs = [], []
    for values, sides in ((laid.x, laid.width_m), (laid.y, laid.depth_m)):
        low, high = np.full(member.max() + 1, np.inf), np.full(member.max() + 1, -np.inf)
        np.minimum.at(low, member, values - sides / 2.0)
        np.maximum.at(high, member, values + sides / 2.0)
        lows.append(low - HULL_M - CLOSE_M)
        highs.append(high + HULL_M + CLOSE_M)
    whole = shapely.union_all(shapely.box(lows[0], lows[1], highs[0], highs[1]))
    whole = shapely.buffer(whole, -CLOSE_M, join_style="mitre")
    cos, sin = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    carried = shapely.transform(whole, lambda uv: uv @ np.array([[cos, sin], [-sin, cos]]) + [east, north])
    return shapely.set_precision(carried, GRID_M)
