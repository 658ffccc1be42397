from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis import shapes
from gis.shapes import repair


def one(wkt: str, kinds=("polygon",)):
    found = repair(np.array([shapely.from_wkt(wkt)], dtype=object), kinds)
    return found, found.geometry[0]


def test_valid_shapes_come_back_as_they_are():
    box = shapely.box(0, 0, 2, 1)
    found = repair(np.array([box], dtype=object), ["polygon"])
    assert found.geometry[0] is box
    assert found.refused[0] is None
    assert found.repaired[0] is None
    assert not found.missing[0]
    assert not found.flattened[0]
    assert found.area_change[0] == 0


def test_the_input_array_is_left_alone():
    given_shapes = np.array(
        [shapely.from_wkt("POLYGON Z ((0 0 1, 1 0 1, 1 1 1, 0 0 1))"), None], dtype=object
    )
    repair(given_shapes, ["polygon"])
    assert shapely.has_z(given_shapes[0])


@pytest.mark.parametrize(
    ("wkt", "area", "reason"),
    [
        ("POLYGON ((0 0, 2 2, 2 0, 0 2, 0 0))", 2.0, "Self-intersection"),
        ("POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0), (1 1, 1 5, 2 5, 2 1, 1 1))", 13.0, "Self-intersection"),
        ("POLYGON ((0 0, 2 0, 2 2, 3 3, 2 2, 0 2, 0 0))", 4.0, "Self-intersection"),
        ("MULTIPOLYGON (((0 0, 2 0, 2 2, 0 2, 0 0)), ((1 0, 3 0, 3 2, 1 2, 1 0)))", 6.0, "Self-intersection"),
    ],
)
def test_invalid_shapes_are_made_valid_and_say_why(wkt, area, reason):
    found, shape = one(wkt)
    assert shape.is_valid
    assert shapely.get_dimensions(shape) == 2
    assert shape.area == pytest.approx(area)
    assert reason in found.repaired[0]
    assert found.area_change[0] == pytest.approx(area - shapely.from_wkt(wkt).area)


@pytest.mark.parametrize(
    ("wkt", "kinds", "why"),
    [
        ("POINT (1 1)", ("polygon",), "is a Point where a polygon is needed"),
        ("LINESTRING (0 0, 1 1)", ("polygon",), "is a LineString where a polygon is needed"),
        ("POLYGON ((0 0, 1 0, 1 1, 0 0))", ("point",), "is a Polygon where a point is needed"),
        ("POINT (1 1)", ("polygon", "line"), "is a Point where a polygon or line is needed"),
        ("POLYGON ((0 0, 1 1, 0 0, 0 0))", ("polygon",), "collapses to nothing"),
    ],
)
def test_wrong_kinds_are_refused(wkt, kinds, why):
    found, shape = one(wkt, kinds)
    assert shape is None
    assert why in found.refused[0]


def test_numbers_that_are_none_are_refused():
    with np.errstate(invalid="ignore"):
        broken = shapely.polygons([(0, 0), (1, 0), (np.nan, 1), (0, 0)])
    found = repair(np.array([broken, shapely.Point(np.inf, 0)], dtype=object), ["polygon", "point"])
    assert [shape is None for shape in found.geometry] == [True, True]
    assert all("not numbers" in why for why in found.refused)


def test_nothing_is_missing_not_refused():
    found = repair(np.array([None, shapely.Polygon()], dtype=object), ["polygon"])
    assert found.missing.all()
    assert all(why is None for why in found.refused)


def test_heights_of_vertices_are_dropped_with_notice():
    found, shape = one("POLYGON Z ((0 0 400, 1 0 400, 1 1 401, 0 0 400))")
    assert not shapely.has_z(shape)
    assert found.flattened[0]


def test_collections_keep_their_parts_of_the_wanted_kind():
    _, shape = one("GEOMETRYCOLLECTION (POINT (9 9), POLYGON ((0 0, 1 0, 1 1, 0 0)), LINESTRING (0 0, 5 5))")
    assert shape.area == pytest.approx(0.5)
    assert one("GEOMETRYCOLLECTION (POINT (9 9))")[1] is None


def test_a_shape_with_too_many_vertices_is_refused_not_ground_through(monkeypatch):
    monkeypatch.setattr(shapes, "MAX_VERTICES", 100)
    found = repair(np.array([shapely.Point(0, 0).buffer(1, quad_segs=64)], dtype=object), ["polygon"])
    assert found.geometry[0] is None
    assert "vertices; split or simplify" in found.refused[0]


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=3, max_size=9))
@settings(max_examples=150, deadline=None)
def test_whatever_ring_comes_the_result_is_valid_or_refused(points):
    found = repair(np.array([shapely.Polygon(points)], dtype=object), ["polygon"])
    shape = found.geometry[0]
    if shape is None:
        assert found.refused[0] or found.missing[0]
    else:
        assert shape.is_valid
        assert shapely.get_dimensions(shape) == 2
        assert shape.area <= shapely.Polygon(points).convex_hull.area + 1e-9
