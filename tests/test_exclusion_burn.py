"""The raster side of the rules against plain geometry, rasterio and brute force."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.features import rasterize
from rasterio.transform import Affine
from scipy.ndimage import distance_transform_edt

from gis.exclusion import Exclusions
from gis.grid import Grid

GRID = Grid(1000.0, 5000.0, 10.0, rows=60, columns=80)
X, Y = np.meshgrid(GRID.x_of(np.arange(80)), GRID.y_of(np.arange(60)))
CENTRES = shapely.points(X, Y)
PLACES = st.tuples(st.floats(900, 1900), st.floats(4300, 5100))


def burnt(geometries, distance=0.0):
    exclusions = Exclusions.empty(GRID, criteria=1)
    exclusions.burn(np.array(geometries, dtype=object), criterion=0, distance_m=distance)
    return exclusions.met(0)


def agree(found, geometries, distance):
    """Judge by the true distance of every centre; centres within a micrometre of the edge are left out."""
    true = np.min([shapely.distance(shape, CENTRES) for shape in geometries], axis=0)
    clear = np.abs(true - distance) > 1e-6
    if distance == 0:
        edge = np.min([shapely.distance(shapely.boundary(shape), CENTRES) for shape in geometries], axis=0)
        clear = edge > 1e-6
    np.testing.assert_array_equal(found[clear], (true <= distance)[clear])


@given(
    st.lists(st.tuples(PLACES, st.floats(1, 300), st.integers(3, 9)), min_size=1, max_size=5),
    st.floats(0, 150),
)
@settings(max_examples=60, deadline=None)
def test_polygons_and_their_surroundings_are_the_cells_at_true_distance(drawn, distance):
    shapes = [
        shapely.affinity.scale(shapely.Point(place).buffer(size, quad_segs=corners), 1.0, 0.4)
        for place, size, corners in drawn
    ]
    agree(burnt(shapes, distance), shapes, distance)


@given(st.lists(st.lists(PLACES, min_size=2, max_size=6), min_size=1, max_size=4), st.floats(0.5, 150))
@settings(max_examples=60, deadline=None)
def test_lines_are_the_cells_at_true_distance(drawn, distance):
    lines = [shapely.LineString(corners) for corners in drawn]
    agree(burnt(lines, distance), lines, distance)


def test_holes_multipolygons_points_and_collections_of_all_kinds():
    holed = shapely.Point(1300, 4700).buffer(200).difference(shapely.Point(1300, 4700).buffer(90))
    several = shapely.MultiPolygon([shapely.box(1600, 4450, 1700, 4600), shapely.box(950, 4900, 1100, 5300)])
    mixed = shapely.GeometryCollection(
        [shapely.LineString([(1500, 4900), (1790, 4990)]), shapely.Point(1750, 4800)]
    )
    agree(burnt([holed, several]), [holed, several], 0.0)
    shapes = [holed, several, mixed, shapely.MultiPoint([(1010, 4410), (1405, 4995)])]
    agree(burnt(shapes, 25.0), shapes, 25.0)


def test_a_feature_outside_the_grid_counts_with_its_surroundings():
    outside = [shapely.Point(990, 4700), shapely.box(0, 5010, 5000, 9000)]
    found = burnt(outside, 40.0)
    assert found[0].all()
    assert found[30, :3].tolist() == [True, True, True]
    assert not burnt(outside, 5.0)[5:, 5:].any()


def test_distances_differ_by_feature():
    found = burnt([shapely.Point(1205, 4705), shapely.Point(1605, 4705)], np.array([15.0, 35.0]))
    assert found.sum(axis=1).max() == 3 + 7


def test_polygons_that_share_edges_tile_the_grid_once():
    corners = np.linspace(1000, 1800, 9) + np.array([0, 3.3, 5, -5, 0.1, 7, -2, 1, 0])
    strips = [shapely.box(a, 4400, b, 5000) for a, b in pairwise(corners)]
    count = sum(burnt([strip]).astype(int) for strip in strips)
    assert (count == 1).all()


def test_filling_agrees_with_gdal():
    rng = np.random.default_rng(5)
    shapes = [
        shapely.Point(*rng.uniform((1000, 4400), (1800, 5000))).buffer(rng.uniform(5, 90), quad_segs=3)
        for _ in range(40)
    ]
    gdal = rasterize(shapes, out_shape=GRID.shape, transform=Affine(*GRID.transform), default_value=1)
    np.testing.assert_array_equal(burnt(shapes), gdal == 1)


def test_cells_agree_with_the_vector_zones_within_the_cell_error():
    """The raster area departs from the exact one by far less than half a cell along the edge of the zone."""
    shape = (
        shapely.Point(1401.3, 4703.1)
        .buffer(150)
        .union(shapely.LineString([(1103.7, 4537.1), (1701.3, 4883.9)]).buffer(3))
    )
    zone = shape.buffer(60.0, quad_segs=64)
    for size in (20.0, 10.0, 5.0, 2.5):
        grid = Grid.around(zone.bounds, resolution_m=size)
        exclusions = Exclusions.empty(grid, criteria=1)
        exclusions.burn(np.array([shape]), criterion=0, distance_m=60.0)
        gap = abs(exclusions.met(0).sum() * size**2 - zone.area)
        assert gap < 0.05 * zone.length * size


@given(
    st.lists(st.tuples(st.integers(0, 59), st.integers(0, 79)), min_size=1, max_size=12),
    st.floats(0, 400),
)
@settings(max_examples=60, deadline=None)
def test_the_surroundings_of_cells_are_those_of_a_distance_transform(places, distance):
    cells = np.zeros(GRID.shape, dtype=bool)
    cells[tuple(np.array(places).T)] = True
    exclusions = Exclusions.empty(GRID, criteria=1)
    exclusions.burn_cells(cells, criterion=0, distance_m=distance)
    expected = distance_transform_edt(~cells) <= distance / 10.0 + 1e-9
    np.testing.assert_array_equal(exclusions.met(0), expected)


def test_criteria_keep_apart_in_planes_of_eight():
    exclusions = Exclusions.empty(GRID, criteria=11)
    for criterion in range(11):
        exclusions.burn(
            np.array([shapely.Point(X[0, criterion], Y[0, 0])]), criterion=criterion, distance_m=1.0
        )
    for criterion in range(11):
        assert np.argwhere(exclusions.met(criterion)).tolist() == [[0, criterion]]
    assert np.argwhere(exclusions.met_any([2, 10]))[:, 1].tolist() == [2, 10]
    assert not exclusions.met_any([]).any()


def test_a_criterion_or_distance_that_cannot_be_is_refused():
    exclusions = Exclusions.empty(GRID, criteria=3)
    with pytest.raises(ValueError, match="criterion 8 is not among 0 to 7"):
        exclusions.met(8)
    with pytest.raises(ValueError, match="at least one criterion is needed, got 0"):
        Exclusions.empty(GRID, criteria=0)
    with pytest.raises(ValueError, match=r"distance_m -1.0 must be"):
        exclusions.burn_cells(np.zeros(GRID.shape, dtype=bool), criterion=0, distance_m=-1.0)
