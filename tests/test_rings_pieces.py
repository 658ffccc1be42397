"""Polygons as flat arrays are the same whether they are taken apart at once or in pieces."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from gis import rings
from gis.rings import rings_of


def some_polygons(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(0, 1000, (2, 23))
    boxes = shapely.box(x, y, x + 20, y + 15)
    boxes[::4] = shapely.difference(boxes[::4], shapely.buffer(shapely.centroid(boxes[::4]), 3))
    boxes[1::5] = [
        shapely.MultiPolygon([box, shapely.affinity.translate(box, 100)])
        for box in shapely.box(x[1::5], y[1::5], x[1::5] + 9, y[1::5] + 9)
    ]
    return boxes


@pytest.mark.parametrize("at_once", [1, 2, 5, 22, 23])
def test_pieces_make_the_whole(at_once, monkeypatch):
    polygons = some_polygons(3)
    whole = rings_of(polygons)
    monkeypatch.setattr(rings, "AT_ONCE", at_once)
    pieces = rings_of(polygons)
    for name in ("points", "ring_starts", "polygon_starts"):
        assert getattr(pieces, name).dtype == getattr(whole, name).dtype
        np.testing.assert_array_equal(getattr(pieces, name), getattr(whole, name))


def test_every_corner_stands_in_the_ring_of_its_polygon():
    polygons = some_polygons(4)
    flat = rings_of(polygons)
    starts = flat.ring_starts[flat.polygon_starts]
    for place, polygon in enumerate(polygons):
        own = flat.points[starts[place] : starts[place + 1]]
        np.testing.assert_array_equal(own, shapely.get_coordinates(polygon))
