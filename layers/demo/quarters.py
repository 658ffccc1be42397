"""What people live in: estates of slabs and towers, older walk-ups, villages in the city and on the plain."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from layers.demo.shapes import Placed, join, placed

if TYPE_CHECKING:
    from layers.demo.dice import Dice

STOREY_M = 2.95
SUN_GAP = 1.2
"""Distance between rows of slabs over their height: about what two hours of sun on the coldest day take
at 34 degrees north."""
TOWER_SUN_GAP = 0.78
"""The same for towers, which let the sun through between them."""
SETBACK_M = 16.0


class Housing(NamedTuple):
    """One way to build an estate."""

    weight: float
    long_m: float
    deep_m: float
    side_m: float
    """Gap to the next building in the row."""
    shape: str
    sun_gap: float
    staggered: bool


HOUSING = {
    7: Housing(0.16, 62.0, 12.5, 11.0, "rect", SUN_GAP, staggered=False),
    11: Housing(0.24, 56.0, 14.0, 14.0, "h", SUN_GAP, staggered=False),
    18: Housing(0.28, 46.0, 15.5, 19.0, "h", SUN_GAP, staggered=False),
    26: Housing(0.18, 34.0, 18.0, 24.0, "tower", TOWER_SUN_GAP, staggered=True),
    33: Housing(0.14, 36.0, 19.0, 27.0, "tower", TOWER_SUN_GAP, staggered=True),
}
"""Estates by their storeys."""
GARDEN_ROWS = 3
"""Rows from which an estate has a garden in the middle."""

PLOT_M = 10.2
"""Width of a homestead plot: about 0.33 mu with its depth."""
PLOT_DEPTH_M = 21.5
LANE_M = 8.0
BACK_M = 1.6
STREET_M = 8.0


def _axis(length_m: float, item_m: float, gap_m: float) -> np.ndarray:
    """Return the centres of as many items as fit, spread evenly, seen from the middle."""
    count = int((length_m + gap_m) // (item_m + gap_m))
    if count < 1:
        return np.empty(0)
    pitch = item_m + (length_m - count * item_m) / (count - 1) if count > 1 else 0.0
    return (np.arange(count) - (count - 1) / 2.0) * min(pitch, (item_m + gap_m) * 1.25)


def estate(width_m: float, depth_m: float, dice: Dice, key: int) -> Placed:
    """Fill a block with rows of slabs or towers, a garden in the middle, shops along the street."""
    storeys = int(dice.pick({str(floors): kind.weight for floors, kind in HOUSING.items()}, key, 1)[0])
    kind = HOUSING[storeys]
    gap = storeys * STOREY_M * kind.sun_gap
    u = _axis(width_m - 2.0 * SETBACK_M, kind.long_m, kind.side_m)
    v = _axis(depth_m - 2.0 * SETBACK_M - 10.0, kind.deep_m, gap)
    x, y = (grid.ravel() for grid in np.meshgrid(u, v))
    row = np.repeat(np.arange(len(v)), len(u))
    number = np.arange(x.size)
    if kind.staggered and len(u) > 1:
        x = x + np.where(row % 2 == 0, 0.18, -0.18) * (u[1] - u[0] - kind.long_m)
    garden = (np.abs(x) < kind.long_m * 0.75) & (np.abs(y) < gap * 0.55) & (len(v) >= GARDEN_ROWS)
    floors = np.where(dice.happens(0.12, key, 2, number), max(storeys - 5, 5), storeys)
    long = kind.long_m * dice.between(0.9, 1.0, key, 3, number)
    homes = placed(x, y, long, kind.deep_m, "residential", floors, shape=kind.shape)
    return join([homes.take(~garden), _shops(width_m, depth_m, dice, key), _kindergarten(garden, dice, key)])


def _shops(width_m: float, depth_m: float, dice: Dice, key: int) -> Placed:
    u = _axis(width_m - 24.0, 42.0, 6.0)
    number = np.arange(u.size)
    open_ = dice.happens(0.6, key, 5, number)
    shops = placed(u, -depth_m / 2.0 + 9.8, 40.0, 11.0, "commercial", 2.0)
    return shops.take(open_) if u.size else shops.take(np.zeros(len(shops), dtype=bool))


def _kindergarten(garden: np.ndarray, dice: Dice, key: int) -> Placed:
    one = placed(0.0, 0.0, 38.0, 22.0, "school", 3.0, shape="u")
    return one.take(np.array([bool(garden.any()) and dice.happens(0.7, key, 6)[0]]))


def walkup(width_m: float, depth_m: float, dice: Dice, key: int) -> Placed:
    """Fill a block with five- and six-storey slabs of the nineties, close together."""
    u = _axis(width_m - 16.0, 46.0, 8.0)
    v = _axis(depth_m - 30.0, 11.5, 19.0)
    x, y = (grid.ravel() for grid in np.meshgrid(u, v))
    number = np.arange(x.size)
    there = dice.happens(0.92, key, 1, number)
    floors = 5.0 + dice.happens(0.55, key, 2, number // max(len(u), 1))
    homes = placed(x, y, 46.0 * dice.between(0.8, 1.0, key, 3, number), 11.5, "residential", floors)
    return join([homes.take(there), _shops(width_m, depth_m, dice, key)])


def urban_village(width_m: float, depth_m: float, dice: Dice, key: int) -> Placed:
    """Fill a block with the houses of a village the city has grown around: tight, four to six storeys."""
    plots = homesteads(width_m - 8.0, depth_m - 8.0, dice, key, ragged=0.0)
    tall = 2.0 + np.floor(2.3 * dice.unit(key, 21, np.arange(len(plots))))
    full = np.where(plots.use == "rural_house", PLOT_M - 0.5, plots.width_m)
    floors = np.where(plots.use == "rural_house", tall, plots.floors)
    return Placed(
        plots.x, plots.y, full, plots.depth_m, plots.angle_deg, plots.shape, plots.use, floors, plots.block
    )


def homesteads(width_m: float, depth_m: float, dice: Dice, key: int, *, ragged: float) -> Placed:
    """Lay homestead plots in rows along east-west lanes, houses at the lane, wings down the yards.

    ragged is the share by which the outline of the village wanders; 0 fills the rectangle.
    """
    period = 2.0 * PLOT_DEPTH_M + LANE_M + BACK_M
    rows = max(2, int(depth_m / period * 2.0))
    along = max(3, int(width_m / (PLOT_M + STREET_M / 14.0)))
    row, column = (grid.ravel() for grid in np.meshgrid(np.arange(rows), np.arange(along), indexing="ij"))
    cross = 11 + int(6 * dice.unit(key, 10)[0])
    u = column * PLOT_M + (column // cross) * STREET_M
    v = (row // 2) * period + (row % 2) * (PLOT_DEPTH_M + LANE_M) + PLOT_DEPTH_M / 2.0
    u, v = u - u.max() / 2.0, v - (v.max() + PLOT_DEPTH_M / 2.0) / 2.0
    number = row * 1000 + column
    kept = _outline(u, v, ragged, dice, key) & (dice.happens(0.965, key, 11, number))
    u, v, row, number = u[kept], v[kept], row[kept], number[kept]
    north_row = row % 2 == 1
    house = _houses(u, v, north_row, number, dice=dice, key=key)
    return join([house, _sheds(u, v, north_row, number, deep=house.depth_m, dice=dice, key=key)])


def _outline(u: np.ndarray, v: np.ndarray, ragged: float, dice: Dice, key: int) -> np.ndarray:
    """Say which plots lie within the village's outline: a rounded rectangle that wanders."""
    if ragged <= 0.0 or not u.size:
        return np.ones(u.shape, dtype=bool)
    a, b = np.abs(u).max() + PLOT_M, np.abs(v).max() + PLOT_DEPTH_M
    sector = np.floor((np.arctan2(v / b, u / a) / np.pi + 1.0) * 4.0).astype(np.int64)
    reach = 1.12 - ragged * dice.unit(key, 12, sector)
    return (np.abs(u / a) ** 3.2 + np.abs(v / b) ** 3.2) ** (1.0 / 3.2) < reach


def _houses(
    u: np.ndarray, v: np.ndarray, north_row: np.ndarray, number: np.ndarray, *, dice: Dice, key: int
) -> Placed:
    """Draw one house per plot, its front at the lane: north of the lane it faces south."""
    form = dice.pick({"rect": 0.38, "wing_west": 0.36, "wing_east": 0.26}, key, 13, number)
    deep = np.where(
        form == "rect", dice.between(9.0, 12.5, key, 14, number), dice.between(14.5, 18.5, key, 15, number)
    )
    wide = PLOT_M - dice.between(0.3, 0.9, key, 16, number)
    facing = np.where(north_row, 1.0, -1.0)
    y = v - facing * (PLOT_DEPTH_M / 2.0 - 0.8 - deep / 2.0)
    floors = 1.0 + (dice.happens(0.58, key, 17, number)) + (dice.happens(0.06, key, 18, number))
    return placed(
        u, y, wide, deep, "rural_house", floors, shape=form, angle_deg=np.where(north_row, 0.0, 180.0)
    )


def _sheds(
    u: np.ndarray,
    v: np.ndarray,
    north_row: np.ndarray,
    number: np.ndarray,
    *,
    deep: np.ndarray,
    dice: Dice,
    key: int,
) -> Placed:
    """Draw a low shed at the back of some yards."""
    long = dice.between(3.0, 4.6, key, 19, number)
    facing = np.where(north_row, 1.0, -1.0)
    y = v + facing * (PLOT_DEPTH_M / 2.0 - 0.4 - long / 2.0)
    sheds = placed(u, y, dice.between(5.0, PLOT_M - 0.8, key, 20, number), long, "other", 1.0)
    room = PLOT_DEPTH_M - 1.2 - deep - long > 1.0
    return sheds.take(room & (dice.happens(0.42, key, 22, number)))
