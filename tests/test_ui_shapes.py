"""The store's shapes: nothing is lost on the way into flat arrays, and finding agrees with plain geometry."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import Transformer

from ui.shapes import UNIT_M, Shapes, lonlat, mercator

CRS = "EPSG:4545"
EAST, NORTH = 567_000.0, 3_805_000.0


def blocks(rng, n):
    x, y = EAST + rng.uniform(0, 9000, n), NORTH + rng.uniform(0, 7000, n)
    size = rng.uniform(5, 300, n)
    return shapely.box(x, y, x + size, y + size * rng.uniform(0.5, 2, n))


@pytest.fixture(scope="module")
def mixed():
    """Polygons, a ring with a hole, parts, a line, a point and nothing at all."""
    rng = np.random.default_rng(4)
    outer = shapely.box(EAST, NORTH, EAST + 400, NORTH + 400)
    hole = outer.difference(shapely.box(EAST + 100, NORTH + 100, EAST + 300, NORTH + 300))
    parts = shapely.MultiPolygon(
        [shapely.box(EAST + d, NORTH + 900, EAST + d + 50, NORTH + 950) for d in (0, 200)]
    )
    line = shapely.LineString([(EAST, NORTH), (EAST + 3000, NORTH + 2500), (EAST + 9000, NORTH)])
    point = shapely.Point(EAST + 4000, NORTH + 4000)
    return gpd.GeoSeries([*blocks(rng, 500), hole, parts, line, point, shapely.Polygon()], crs=CRS).to_frame(
        "geometry"
    )


@pytest.fixture(scope="module")
def shapes(mixed, tmp_path_factory):
    folder = tmp_path_factory.mktemp("shapes")
    Shapes.of(mixed).save(folder)
    return Shapes.load(folder)


def test_every_shape_comes_back_within_a_centimetre(mixed, shapes):
    expected = mixed.to_crs(3857).geometry
    for row in range(len(mixed) - 1):
        assert shapely.hausdorff_distance(shapes.geometry(row), expected.iloc[row]) < 2 * UNIT_M
    areas = [shapes.geometry(row).area for row in range(502)]
    np.testing.assert_allclose(areas, expected.area.iloc[:502], rtol=2e-3)


def test_empty_geometry_keeps_its_row_and_touches_nothing(mixed, shapes):
    assert len(shapes) == len(mixed)
    west, south, east, north = mixed.to_crs(3857).total_bounds
    assert len(mixed) - 1 not in shapes.rows_in(west, south, east, north)


def test_rows_in_a_box_are_those_whose_bounds_touch_it(mixed, shapes):
    expected = mixed.to_crs(3857).geometry
    bounds = shapely.bounds(np.asarray(expected))
    rng = np.random.default_rng(1)
    whole = expected.total_bounds
    for _ in range(50):
        x = np.sort(rng.uniform(whole[0] - 500, whole[2] + 500, 2))
        y = np.sort(rng.uniform(whole[1] - 500, whole[3] + 500, 2))
        touching = (
            (bounds[:, 0] <= x[1]) & (bounds[:, 2] >= x[0]) & (bounds[:, 1] <= y[1]) & (bounds[:, 3] >= y[0])
        )
        assert shapes.rows_in(x[0], y[0], x[1], y[1]).tolist() == np.flatnonzero(touching).tolist()


def test_sites_inside_an_area_are_those_whose_centre_is(mixed, shapes):
    area = shapely.Point(*mixed.to_crs(3857).geometry.iloc[0].centroid.coords[0]).buffer(2500, quad_segs=4)
    bounds = shapely.bounds(np.asarray(mixed.to_crs(3857).geometry))
    middle = shapely.points((bounds[:, 0] + bounds[:, 2]) / 2, (bounds[:, 1] + bounds[:, 3]) / 2)
    expected = np.flatnonzero(shapely.contains(area, middle))
    assert expected.size > 20
    assert shapes.inside(area).tolist() == expected.tolist()


def test_a_hole_is_not_hit_and_a_near_miss_is_within_the_tolerance(shapes):
    forward = Transformer.from_crs(CRS, 3857, always_xy=True)
    middle = forward.transform(EAST + 200, NORTH + 200)
    assert 500 not in shapes.at(*middle)
    assert 500 in shapes.at(*forward.transform(EAST + 50, NORTH + 50))
    outside = forward.transform(EAST - 3, NORTH + 200)
    assert 500 not in shapes.at(*outside)
    assert 500 in shapes.at(*outside, tolerance_m=5)


def test_degrees_and_mercator_agree_with_proj():
    place = np.array([[108.75, 34.35], [109.2, 34.7], [-70.0, -33.0]])
    expected = np.column_stack(Transformer.from_crs(4326, 3857, always_xy=True).transform(*place.T))
    np.testing.assert_allclose(mercator(place), expected, atol=1e-6)
    np.testing.assert_allclose(lonlat(expected), place, atol=1e-9)


def test_a_layer_without_shapes_finds_nothing():
    empty = Shapes.of(gpd.GeoDataFrame(geometry=[shapely.Polygon()], crs=CRS))
    assert empty.rows_in(-1e7, -1e7, 1e7, 1e7).size == 0
