"""Roof planes from footprint and form."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
import shapely.affinity

from gis.grid import Grid
from gis.rings import rings_of
from gis.roof import roof_planes
from gis.roof_shape import FLAT, GABLED, HIPPED, Roofs, boxes_of
from gis.surface import build_surface

HALF = np.tan(np.radians(30.0))


def planes(polygon, form, slope=HALF, **options):
    return roof_planes(
        np.array([polygon], dtype=object), np.array([form], np.uint8), np.array([slope]), **options
    )


def test_a_flat_roof_is_one_level_plane():
    found = planes(shapely.box(0, 0, 20, 10), FLAT)
    assert found.tilt_deg.tolist() == [0.0]
    assert found.plan_m2.tolist() == [200.0]
    assert found.azimuth_deg.tolist() == [180.0]


def test_a_gable_along_east_west_faces_north_and_south():
    found = planes(shapely.box(0, 0, 20, 10), GABLED)
    assert sorted(found.azimuth_deg.round(6)) == [0.0, 180.0]
    np.testing.assert_allclose(found.tilt_deg, 30.0)
    np.testing.assert_allclose(found.plan_m2, 100.0)
    np.testing.assert_allclose(found.area_m2, 100.0 / np.cos(np.radians(30)))
    south = shapely.union_all(found.usable[np.isclose(found.azimuth_deg, 180.0)])
    assert south.centroid.y < 5


def test_a_hipped_roof_has_two_trapezes_and_two_triangles():
    found = planes(shapely.box(0, 0, 20, 10), HIPPED)
    np.testing.assert_allclose(sorted(found.plan_m2), [25, 25, 75, 75])
    by_azimuth = dict(zip(found.azimuth_deg.round(3), found.usable, strict=True))
    assert by_azimuth[90.0].centroid.x > 15
    assert by_azimuth[270.0].centroid.x < 5
    assert by_azimuth[0.0].centroid.y > 5


@pytest.mark.parametrize("turn", [0, 17, 45, 90, 133])
@pytest.mark.parametrize("form", [GABLED, HIPPED])
def test_planes_fill_the_footprint_whichever_way_it_lies(form, turn):
    shape = shapely.box(0, 0, 24, 11).difference(shapely.box(16, 7, 24, 11))
    polygon = shapely.affinity.rotate(shape, turn, origin=(0, 0))
    found = planes(polygon, form)
    assert found.plan_m2.sum() == pytest.approx(polygon.area, rel=1e-9)
    assert shapely.union_all(found.usable).area == pytest.approx(polygon.area, rel=1e-9)
    facing = np.sort(np.mod(found.azimuth_deg + turn, 180).round(3) % 180)
    assert set(facing) <= {0.0, 90.0}


@pytest.mark.parametrize("form", [GABLED, HIPPED])
def test_planes_are_the_sides_of_the_surface(form):
    """Pixels of each side of the burnt surface cover what the plane covers, and rise towards the ridge."""
    polygon = np.array([shapely.affinity.rotate(shapely.box(20, 20, 80, 50), 20)], dtype=object)
    found = roof_planes(polygon, np.array([form], np.uint8), np.array([0.5]))
    roofs = Roofs(np.array([12.0]), np.array([form], np.uint8), np.array([0.5]), boxes_of(polygon))
    ground = Grid(-1000.0, 1000.0, 1000.0, 3, 3)
    surface = build_surface(
        Grid(0.0, 100.0, 0.25, 400, 400), np.zeros((3, 3)), ground, rings_of(polygon), roofs
    )
    pixels = np.diff(surface.roofs.starts)
    assert (pixels > 0).sum() == found.side.size
    np.testing.assert_allclose(pixels[found.side] * 0.0625, found.plan_m2, rtol=0.01)
    heights = surface.heights.metres()
    for side, azimuth in zip(found.side, found.azimuth_deg, strict=True):
        part = slice(surface.roofs.starts[side], surface.roofs.starts[side + 1])
        row, column = surface.roofs.row[part], surface.roofs.column[part]
        outward = column * np.sin(np.radians(azimuth)) - row * np.cos(np.radians(azimuth))
        assert np.polyfit(outward * 0.25, heights[row, column], 1)[0] == pytest.approx(-0.5, abs=0.01)


def test_a_setback_is_kept_on_every_side():
    found = planes(shapely.box(0, 0, 20, 10), GABLED, setback_m=0.5)
    np.testing.assert_allclose(shapely.area(found.usable), 19 * 4)
    none = planes(shapely.box(0, 0, 20, 1), GABLED, setback_m=0.5)
    assert shapely.is_empty(none.usable).all()


def test_a_negative_setback_is_refused():
    with pytest.raises(ValueError, match="setback_m must not be negative, got -1"):
        planes(shapely.box(0, 0, 20, 10), GABLED, setback_m=-1)
