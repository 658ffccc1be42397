"""Fields: the lattice's farm blocks cut into strips, without what is taken, each with its class."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.demo.shapes import GRID_M, Taken

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layers.demo.shapes import Geometries
    from layers.demo.site import Site

TRACK_M = 2.5
"""Half the width of the track between farm blocks."""
SMALLEST_M2 = 400.0
THINNEST_M = 5.0
"""Area over half the perimeter of the thinnest strip that still counts as a parcel."""

PLATEAU_M = 45.0
"""Height above the nearer river from which the land is plateau."""
GREENHOUSES, PONDS = 0.58, 0.8
"""Levels of the noise above which greenhouses stand in patches, and ponds lie by the rivers."""
SCARP_M = 5.0
"""Rise over 100 m from south to north that makes the edge of a terrace or of the plateau."""

CLASSES: Mapping[str, Mapping[str, float]] = {
    "plain": {
        "permanent_basic": 70, "cultivated": 17, "orchard": 5, "grass": 2, "facility_agriculture": 3.5,
        "forest": 1.5, "unused": 1,
    },
    "plateau": {
        "permanent_basic": 56, "cultivated": 15, "orchard": 22, "grass": 2.5, "facility_agriculture": 1.5,
        "forest": 2, "unused": 1,
    },
    "facility": {
        "permanent_basic": 34, "cultivated": 12, "orchard": 8, "grass": 2, "facility_agriculture": 42,
        "unused": 2,
    },
    "river": {"forest": 38, "grass": 22, "cultivated": 20, "orchard": 8, "unused": 6, "fish_pond": 6},
    "ponds": {"fish_pond": 62, "grass": 18, "forest": 12, "cultivated": 8},
    "tomb": {"forest": 58, "grass": 22, "orchard": 12, "cultivated": 8},
    "built": {"cultivated": 66, "unused": 12, "forest": 8, "grass": 8, "orchard": 6},
    "scarp": {"forest": 42, "grass": 26, "orchard": 22, "cultivated": 8, "unused": 2},
}  # fmt: skip
"""Weights of the classes by the kind of place."""


def build_fields(site: Site, used: Geometries, zones: Geometries) -> gpd.GeoDataFrame:
    """Fill what is left of the area with parcels: class and geometry.

    used is the land of settlements and municipal parcels; zones are the built areas, whose gaps lie fallow.
    """
    column, row = site.lattice.blocks(site.boundary.bounds)
    drawn, key = _strips(site, column, row)
    shapely.prepare(site.boundary)
    near = shapely.intersects(site.boundary, drawn)
    drawn, key = drawn[near], key[near]
    edge = ~shapely.contains_properly(site.boundary, drawn)
    drawn[edge] = shapely.intersection(drawn[edge], site.boundary)
    left = Taken(used).cut_from(site.taken.cut_from(drawn))
    cut = edge | np.fromiter((one is not two for one, two in zip(left, drawn, strict=True)), dtype=bool)
    left[cut] = shapely.set_precision(left[cut], GRID_M)
    parts, source = shapely.get_parts(left, return_index=True)
    keep = _is_parcel(parts)
    parts, key = parts[keep], key[source[keep]]
    nameless = pd.array([pd.NA] * len(parts), dtype="string")
    return gpd.GeoDataFrame({"class": _classes(site, parts, key, zones), "name": nameless}, geometry=parts)


def _strips(site: Site, column: np.ndarray, row: np.ndarray) -> tuple[Geometries, np.ndarray]:
    """Cut every farm block across or along into three to eleven strips."""
    dice = site.dice("strips")
    count = 3 + np.floor(8.0 * dice.unit(1, column, row) ** 1.2).astype(np.int64)
    across = dice.happens(0.68, 2, column // 3, row // 3)
    column, row, across, total = (np.repeat(values, count) for values in (column, row, across, count))
    first = np.concatenate([[0], np.cumsum(count)[:-1]])
    number = np.arange(total.size) - np.repeat(first, count)
    low, high = (_border(site, column, row, number + step, total) for step in (0, 1))
    corners = [
        (np.where(across, u, v), np.where(across, v, u))
        for u, v in (
            (low, np.zeros_like(low)),
            (high, np.zeros_like(low)),
            (high, np.ones_like(low)),
            (low, np.ones_like(low)),
        )
    ]
    points = [site.lattice.point(column + u, row + v) for u, v in corners]
    ring = np.stack([np.stack(point, axis=-1) for point in points], axis=1)
    ring = _inset(ring, across, number, total)
    ring[~across] = ring[~across][:, ::-1]
    key = (column * 100_000 + row) * 16 + number
    return shapely.polygons(np.round(ring, 2)), key


def _border(
    site: Site, column: np.ndarray, row: np.ndarray, number: np.ndarray, total: np.ndarray
) -> np.ndarray:
    """Return where border `number` of a block lies, as a share of the block: uneven, ends at 0 and 1."""
    moved = site.dice("borders").between(-0.3, 0.3, column, row, number)
    inner = (number > 0) & (number < total)
    return (number + np.where(inner, moved, 0.0)) / total


def _inset(
    ring: np.ndarray,
    across: np.ndarray,
    number: np.ndarray,
    total: np.ndarray,
) -> np.ndarray:
    """Pull the corners in from the tracks around the block."""
    u_side = np.array([-1.0, 1.0, 1.0, -1.0])[None, :]
    v_side = np.array([-1.0, -1.0, 1.0, 1.0])[None, :]
    at_low, at_high = (number == 0)[:, None], (number == total - 1)[:, None]
    ends = np.where((u_side < 0) & at_low | (u_side > 0) & at_high, TRACK_M, 0.0)
    along = np.where(across[:, None], ends, TRACK_M) * np.where(across[:, None], u_side, v_side)
    upward = np.where(across[:, None], TRACK_M, ends) * np.where(across[:, None], v_side, u_side)
    return ring - np.stack([along, upward], axis=-1)


def _is_parcel(parts: Geometries) -> np.ndarray:
    area = shapely.area(parts)
    polygon = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    return polygon & (area > SMALLEST_M2) & (area > THINNEST_M * 0.5 * shapely.length(parts))


def _classes(site: Site, parts: Geometries, key: np.ndarray, zones: Geometries) -> np.ndarray:
    centre = shapely.get_coordinates(shapely.point_on_surface(parts))
    kind = _kinds(site, centre, zones)
    dice = site.dice("classes")
    block = key // 16
    alone = dice.happens(0.18, 1, key)
    patch = np.where(alone, key, block // 2)
    classes = np.empty(len(parts), dtype=object)
    for name, weights in CLASSES.items():
        which = kind == name
        classes[which] = dice.pick(weights, 2, patch[which]) if which.any() else None
    return classes


def _kinds(site: Site, centre: np.ndarray, zones: Geometries) -> np.ndarray:
    x, y = centre.T
    points = shapely.points(centre)
    kind = np.full(len(points), "plain", dtype=object)
    dice = site.dice("kinds")
    height = site.relief.elevation_m(x, y)
    above = height - np.minimum(site.relief.main.water_m(x), site.relief.side.water_m(x))
    kind[above > PLATEAU_M] = "plateau"
    growing = np.array([area.geometry for area in site.plan["growing"]], dtype=object)
    kind[_inside(points, growing) & (dice.field(x, y, 1600.0) > GREENHOUSES)] = "facility"
    kind[_steep(site, x, y)] = "scarp"
    for name, shapes in (
        ("tomb", shapely.buffer(site.mounds, 260.0)), ("river", site.management), ("built", zones),
    ):  # fmt: skip
        kind[_inside(points, shapes)] = name
    wet = _inside(points, shapely.buffer(site.water, 420.0)) & (dice.field(x + 7e5, y, 1300.0) > PONDS)
    kind[wet & (kind != "built")] = "ponds"
    return kind


def _steep(site: Site, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Say where the ground rises more than 5 m over 100 m: the edges of terraces and plateau."""
    rise = site.relief.elevation_m(x, y + 50.0) - site.relief.elevation_m(x, y - 50.0)
    return np.abs(rise) > SCARP_M


def _inside(points: Geometries, shapes: Geometries) -> np.ndarray:
    hit = np.zeros(len(points), dtype=bool)
    if len(shapes):
        tree = shapely.STRtree(points)
        hit[np.unique(tree.query(shapes, predicate="intersects")[1])] = True
    return hit
