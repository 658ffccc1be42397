"""Zonal sums against exact intersections of polygons and pixels."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
import shapely.affinity
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.grid import Grid
from gis.rings import rings_of
from gis.zonal import zonal_sums

GRID = Grid(100.0, 300.0, 2.0, 60, 80)


@pytest.fixture(scope="module")
def raster():
    return np.random.default_rng(0).uniform(500, 1500, GRID.shape)


def exact(polygon, raster):
    """Covered pixels and sum by cutting the polygon with every pixel."""
    columns, rows = np.meshgrid(np.arange(GRID.columns), np.arange(GRID.rows))
    west = GRID.west + columns.ravel() * 2.0
    north = GRID.north - rows.ravel() * 2.0
    boxes = shapely.box(west, north - 2.0, west + 2.0, north)
    share = shapely.area(shapely.intersection(boxes, polygon)) / 4.0
    known = np.isfinite(raster.ravel())
    return share[known].sum(), (share[known] * raster.ravel()[known]).sum()


def random_polygons(count, seed):
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        centre = rng.uniform((125, 205), (235, 275))
        box = shapely.box(-rng.uniform(3, 20), -rng.uniform(3, 12), rng.uniform(3, 20), rng.uniform(3, 12))
        found.append(shapely.affinity.translate(shapely.affinity.rotate(box, rng.uniform(0, 180)), *centre))
    return np.array(found, dtype=object)


def test_sums_are_those_of_exact_cuts(raster):
    polygons = random_polygons(60, 1)
    ours = zonal_sums(rings_of(polygons), raster, GRID)
    pixels, totals = np.array([exact(polygon, raster) for polygon in polygons]).T
    means = totals / pixels
    assert np.sqrt(np.mean((ours.mean / means - 1) ** 2)) < 1e-3
    assert ours.total.sum() == pytest.approx(totals.sum(), rel=1e-3)
    np.testing.assert_allclose(ours.pixels, pixels, rtol=0.01)


def test_boxes_on_pixel_edges_are_exact(raster):
    polygons = np.array([shapely.box(110, 280, 130, 290), shapely.box(100, 180, 260, 300)], dtype=object)
    ours = zonal_sums(rings_of(polygons), raster, GRID)
    np.testing.assert_allclose(ours.total, [raster[5:10, 5:15].sum(), raster.sum()], rtol=1e-12)
    np.testing.assert_allclose(ours.highest, [raster[5:10, 5:15].max(), raster.max()])
    np.testing.assert_allclose(ours.pixels, [50, 4800])


def test_parts_add_up_to_the_whole(raster):
    rng = np.random.default_rng(3)
    points = shapely.multipoints(rng.uniform((100, 180), (260, 300), (40, 2)))
    whole = shapely.box(100, 180, 260, 300)
    cells = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=whole))
    parts = np.array([shapely.intersection(cell, whole) for cell in cells], dtype=object)
    ours = zonal_sums(rings_of(parts), raster, GRID)
    assert ours.pixels.sum() == pytest.approx(4800, rel=1e-9)
    assert ours.total.sum() == pytest.approx(raster.sum(), rel=1e-9)


def test_holes_and_parts_are_heeded(raster):
    ring = shapely.box(120, 220, 200, 280).difference(shapely.box(140, 240, 180, 260))
    pair = shapely.multipolygons([shapely.box(110, 190, 120, 200), shapely.box(210, 190, 220, 200)])
    ours = zonal_sums(rings_of(np.array([ring, pair], dtype=object)), raster, GRID)
    np.testing.assert_allclose(ours.pixels, [(80 * 60 - 40 * 20) / 4, 50], rtol=1e-9)


def test_no_polygon_is_lost_however_small(raster):
    bounds = [(150.3, 250.3, 150.31, 250.31), (110, 250.5, 150, 250.505), (120.9, 200, 120.901, 260)]
    tiny = np.array([shapely.box(*box) for box in bounds], dtype=object)
    ours = zonal_sums(rings_of(tiny), raster, GRID)
    assert (ours.pixels > 0).all()
    assert np.isfinite(ours.mean).all()
    np.testing.assert_allclose(ours.pixels * 4, shapely.area(tiny), rtol=0.3)


def test_pixels_without_a_value_do_not_count(raster):
    holed = raster.copy()
    holed[5:10, 5:10] = np.nan
    polygons = np.array(
        [shapely.box(110, 280, 130, 290), shapely.box(110, 280, 120, 290), shapely.box(0, 0, 10, 10)]
    )
    ours = zonal_sums(rings_of(polygons), holed, GRID)
    assert ours.pixels.tolist() == [25, 0, 0]
    assert ours.mean[0] == pytest.approx(raster[5:10, 10:15].mean())
    assert np.isnan(ours.mean[1:]).all()
    assert np.isnan(ours.highest[1:]).all()


@settings(max_examples=60, deadline=None)
@given(
    x=st.floats(101, 240),
    y=st.floats(181, 280),
    width=st.floats(0.01, 60),
    height=st.floats(0.01, 60),
    turn=st.floats(0, 90),
)
def test_a_plain_has_its_value_everywhere(x, y, width, height, turn):
    box = shapely.affinity.rotate(shapely.box(x, y, x + width, y + height), turn)
    inside = shapely.intersection(box, shapely.box(100, 180, 260, 300))
    ours = zonal_sums(rings_of(np.array([box], dtype=object)), np.full(GRID.shape, 7.0), GRID)
    if inside.area > 0.5:
        assert ours.mean[0] == pytest.approx(7.0)
        assert ours.pixels[0] * 4 == pytest.approx(inside.area, rel=0.08)


def test_a_raster_of_another_shape_is_refused():
    with pytest.raises(ValueError, match=r"raster has shape \(3, 3\), the grid \(60, 80\)"):
        zonal_sums(rings_of(random_polygons(1, 0)), np.zeros((3, 3)), GRID)
