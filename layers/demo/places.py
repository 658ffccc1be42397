"""Where people work, learn and trade: factories, sheds, schools, hospitals, malls, offices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from layers.demo.quarters import estate, urban_village, walkup
from layers.demo.shapes import Placed, join, placed

if TYPE_CHECKING:
    from collections.abc import Callable

    from layers.demo.dice import Dice

EDGE_M = 14.0
ROOM_M = {"office": 70.0, "hall": 14.0, "second wing": 170.0}
"""Depth of the plot or block from which there is room for it."""
PLOT_SIZES = {"82": 0.24, "120": 0.32, "170": 0.28, "260": 0.16}
"""Side of a factory plot (m) and how often blocks are cut so."""
OPEN_USES = ("park", "vacant")
"""Blocks without buildings."""


def _plots(
    width_m: float, depth_m: float, dice: Dice, key: int, size_m: float
) -> list[tuple[float, float, float, float]]:
    """Cut a block into plots of about a size: centre and extent of each, a lane's width apart."""
    columns = max(1, round(width_m / size_m * float(dice.between(0.7, 1.3, key, 31)[0])))
    rows = max(1, round(depth_m / size_m * float(dice.between(0.7, 1.3, key, 32)[0])))
    w, d = width_m / columns, depth_m / rows
    return [
        ((i + 0.5) * w - width_m / 2.0, (j + 0.5) * d - depth_m / 2.0, w - 12.0, d - 12.0)
        for i in range(columns)
        for j in range(rows)
    ]


def factory(width_m: float, depth_m: float, dice: Dice, key: int) -> Placed:
    """Fill a block with factories: halls in line, an office at the gate, a works yard."""
    parts = []
    size = float(dice.pick(PLOT_SIZES, key, 30)[0])
    for number, (x, y, w, d) in enumerate(_plots(width_m - EDGE_M, depth_m - EDGE_M, dice, key, size)):
        if dice.happens(0.08, key, 33, number)[0]:
            continue
        office_m = 15.0 if d > ROOM_M["office"] else 0.0
        halls = 1 + int(dice.unit(key, 34, number)[0] * min(3.2, max(1.0, (d - office_m) / 38.0)))
        depth = (d - office_m - 16.0 - (halls - 1) * 12.0) / halls
        long = w - 14.0 - 26.0 * dice.unit(key, 35, number)[0]
        across = np.arange(halls)
        v = y + d / 2.0 - 6.0 - depth / 2.0 - across * (depth + 12.0)
        hall = placed(x, v, long, depth, "industrial", 1.0 + (dice.happens(0.15, key, 36, number, across)))
        parts.append(hall if depth > ROOM_M["hall"] else hall.take(np.zeros(halls, dtype=bool)))
        if office_m:
            floors = 2.0 + np.floor(3.0 * dice.unit(key, 37, number))
            parts.append(placed(x - w * 0.18, y - d / 2.0 + 9.0, min(0.42 * w, 58.0), 13.0, "office", floors))
    return join(parts)


def logistics(width_m: float, depth_m: float, dice: Dice, key: int) -> Placed:
    """Fill a block with long sheds and truck yards between them."""
    sheds = max(1, int((depth_m - 20.0) // 105.0))
    pitch = (depth_m - 20.0) / sheds
    number = np.arange(sheds)
    v = (number - (sheds - 1) / 2.0) * pitch
    deep = np.minimum(pitch - 38.0, dice.between(48.0, 72.0, key, 41, number))
    long = (width_m - 46.0) * dice.between(0.82, 1.0, key, 42, number)
    halls = placed(0.0, v + 8.0, long, deep, "logistics", 1.0)
    halls = halls.take(dice.happens(0.94, key, 43, number))
    gate = placed(width_m * 0.32, -depth_m / 2.0 + 12.0, 34.0, 12.0, "office", 3.0)
    return join([halls, gate])


def school(width_m: float, depth_m: float, dice: Dice, key: int) -> Placed:
    """Put a school in the north of its block: teaching wings and a hall; the south is the yard."""
    w = min(width_m - 24.0, 210.0)
    top = depth_m / 2.0 - 14.0
    floors = 4.0 + np.floor(2.0 * dice.unit(key, 51))
    wings = placed([-w * 0.24, w * 0.24], top - 26.0, w * 0.4, 48.0, "school", floors, shape="u")
    middle = placed(
        [-w * 0.26, w * 0.3], top - 76.0, [w * 0.42, w * 0.3], [15.0, 26.0], "school", [floors[0], 2.0]
    )
    return join([wings, middle]) if depth_m > ROOM_M["second wing"] else wings


def hospital(width_m: float, depth_m: float, dice: Dice, key: int) -> Placed:
    """Put a ward tower on an outpatient base, and service buildings behind."""
    w, d = min(width_m - 40.0, 190.0), min(depth_m - 50.0, 190.0)
    floors = 10.0 + np.floor(8.0 * dice.unit(key, 52))
    ward = placed(0.0, d * 0.24, w * 0.62, 24.0, "hospital", floors)
    base = placed(0.0, -d * 0.18, w * 0.72, d * 0.36, "hospital", 4.0, shape="h")
    rest = placed([-w * 0.42, w * 0.42], d * 0.42, 22.0, 26.0, "hospital", 3.0)
    return join([ward, base, rest])


def university(width_m: float, depth_m: float, dice: Dice, key: int) -> Placed:
    """Fill a block with courts of teaching and research, or with halls of residence."""
    if dice.happens(0.3, key, 53)[0]:
        v = np.arange(-depth_m / 2.0 + 34.0, depth_m / 2.0 - 24.0, 40.0)
        u = np.array([-0.24, 0.24]) * width_m
        x, y = (grid.ravel() for grid in np.meshgrid(u, v))
        return placed(x, y, width_m * 0.38, 15.0, "university", 6.0 + np.floor(6.0 * dice.unit(key, 54)))
    u, v = (np.array([-0.235, 0.235]) * length for length in (width_m, depth_m))
    x, y = (grid.ravel() for grid in np.meshgrid(u, v))
    number = np.arange(4)
    floors = 3.0 + np.floor(4.0 * dice.unit(key, 55, number))
    form = dice.pick({"u": 4.0, "h": 3.0, "l": 2.0}, key, 56, number)
    turned = 180.0 * (dice.happens(0.5, key, 57, number))
    return placed(x, y, width_m * 0.29, depth_m * 0.27, "university", floors, shape=form, angle_deg=turned)


def mall(width_m: float, depth_m: float, dice: Dice, key: int) -> Placed:
    """Put a mall over most of the block, its car park in the south."""
    w, d = min(width_m - 60.0, 190.0), min(depth_m - 110.0, 100.0)
    return placed(
        0.0, depth_m / 2.0 - 22.0 - d / 2.0, w, d, "commercial", 3.0 + np.floor(3.0 * dice.unit(key, 58))
    )


def office(width_m: float, depth_m: float, dice: Dice, key: int) -> Placed:
    """Set office towers and slabs on plots around courts, a few on a common base."""
    plots = np.array(_plots(width_m - EDGE_M, depth_m - EDGE_M, dice, key, 105.0))
    x, y, w, d = plots.T
    number = np.arange(len(plots))
    tall = dice.happens(0.3, key, 59, number)
    floors = np.where(
        tall, dice.between(12.0, 28.0, key, 60, number), dice.between(3.0, 8.0, key, 61, number)
    )
    side = np.minimum(w, d)
    wide = np.where(tall, np.minimum(40.0, side * 0.55), w * 0.72)
    deep = np.where(tall, np.minimum(36.0, side * 0.5), np.minimum(d * 0.45, 30.0))
    shape = np.where(tall, "rect", dice.pick({"rect": 3.0, "l": 2.0, "u": 2.0, "h": 1.0}, key, 66, number))
    built = placed(x, y, wide, deep, "office", np.floor(floors), shape=shape)
    return built.take(dice.happens(0.8, key, 67, number))


def service(width_m: float, depth_m: float, dice: Dice, key: int) -> Placed:
    """Put a market hall or service buildings in the north of a block, its car park in the south."""
    u = np.array([-0.25, 0.25]) * width_m
    number = np.arange(2)
    deep = dice.between(0.18, 0.3, key, 68, number) * depth_m
    return placed(
        u, 0.2 * depth_m, 0.42 * width_m, deep, "commercial", 2.0 + (dice.happens(0.3, key, 69, number))
    )


def government(width_m: float, depth_m: float, dice: Dice, key: int) -> Placed:
    """Set a public building on the axis of its block, wings to the sides."""
    w = min(width_m - 40.0, 150.0)
    floors = 5.0 + np.floor(7.0 * dice.unit(key, 62))
    main = placed(0.0, depth_m * 0.16, w * 0.62, 20.0, "public", floors)
    wings = placed([-w * 0.4, w * 0.4], -depth_m * 0.08, 18.0, min(0.3 * depth_m, 60.0), "public", 4.0)
    return join([main, wings])


def hotel(width_m: float, depth_m: float, dice: Dice, key: int) -> Placed:
    """Set a hotel slab on its base, and a second one."""
    floors = 8.0 + np.floor(12.0 * dice.unit(key, 63, np.arange(2)))
    x = np.array([-0.22, 0.22]) * width_m
    return placed(x, depth_m * 0.05, min(0.34 * width_m, 66.0), 24.0, "hotel", floors, shape="l")


def data_centre(width_m: float, depth_m: float, dice: Dice, key: int) -> Placed:
    """Lay machine halls side by side, an energy building behind."""
    u = np.array([-0.3, 0.0, 0.3]) * width_m
    floors = 3.0 + np.floor(2.0 * dice.unit(key, 64))
    halls = placed(u, 0.0, 0.24 * width_m, min(depth_m - 60.0, 130.0), "data_centre", floors)
    plant = placed(0.0, -depth_m / 2.0 + 16.0, 0.4 * width_m, 16.0, "data_centre", 2.0)
    return join([halls, plant])


def depot(width_m: float, depth_m: float, dice: Dice, key: int) -> Placed:
    """Put a maintenance shed in the north of a yard of buses."""
    w = (width_m - 40.0) * float(dice.between(0.6, 0.9, key, 65)[0])
    return placed(0.0, depth_m / 2.0 - 34.0, w, 36.0, "transport", 1.0)


FILL: dict[str, Callable[[float, float, Dice, int], Placed]] = {
    "estate": estate, "walkup": walkup, "urban_village": urban_village, "factory": factory,
    "logistics": logistics, "school": school, "hospital": hospital, "university": university, "mall": mall,
    "office": office, "parking": service, "government": government, "hotel": hotel,
    "data_centre": data_centre, "depot": depot,
}  # fmt: skip
