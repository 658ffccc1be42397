"""Module rectangles: inside, apart, as many as fit."""

from __future__ import annotations

import time

import numpy as np
import pytest
import shapely
import shapely.affinity
from hypothesis import given, settings
from hypothesis import strategies as st

from potential.solar.density import ModuleSize, row_pitch_ratio
from potential.solar.layout import pack_modules

MODULE = ModuleSize(620.0, 2.382, 1.134)


def pack(polygon, **options):
    rings = [polygon.exterior, *polygon.interiors]
    points = [np.array(ring.coords) for ring in rings]
    starts = np.cumsum([0, *(len(ring) for ring in points)])
    options = {"azimuth_deg": 180.0, "tilt_deg": 0.0, **options}
    return pack_modules(np.concatenate(points), starts, module=MODULE, **options)


def rectangles(layout):
    return shapely.polygons(layout.corners)


def check(layout, polygon):
    modules = rectangles(layout)
    assert shapely.covers(polygon.buffer(1e-6), modules).all()
    tree = shapely.STRtree(shapely.buffer(modules, -1e-3))
    pairs = tree.query(shapely.buffer(modules, -1e-3), predicate="intersects")
    assert (pairs[0] == pairs[1]).all()
    assert layout.kwp == pytest.approx(len(modules) * 0.62)


def test_a_plain_rectangle_holds_what_one_counts():
    roof = shapely.box(0, 0, 10 * (1.134 + 0.02), 3 * (2.382 + 0.02))
    layout = pack(roof)
    assert len(layout.corners) == 30
    assert layout.portrait
    check(layout, roof)


def test_landscape_is_taken_where_it_holds_more():
    roof = shapely.box(0, 0, 4 * (2.382 + 0.02), 1.2)
    layout = pack(roof)
    assert not layout.portrait
    assert len(layout.corners) == 4
    check(layout, roof)


def test_rows_keep_their_pitch():
    ratio = row_pitch_ratio(34.4, 20.0)
    layout = pack(shapely.box(0, 0, 40, 60), tilt_deg=20.0, pitch_ratio=ratio)
    length = MODULE.length_m if layout.portrait else MODULE.width_m
    centres = layout.corners.mean(axis=1)[:, 1]
    lines = np.unique(centres.round(6))
    assert np.diff(lines) == pytest.approx(length * ratio)
    check(layout, shapely.box(0, 0, 40, 60))


def test_packed_power_is_near_the_density_of_all_sites():
    """A large roof holds what power density says, less the edges."""
    ratio = row_pitch_ratio(34.4, 15.0)
    layout = pack(shapely.box(0, 0, 120, 80), tilt_deg=15.0, pitch_ratio=ratio)
    density = MODULE.power_density_w_m2 / ratio
    assert 0.93 < layout.kwp * 1000 / (120 * 80 * density) < 1.0


def test_holes_are_left_free():
    roof = shapely.box(0, 0, 30, 20).difference(shapely.box(10, 8, 14, 12))
    layout = pack(roof)
    check(layout, roof)
    assert len(layout.corners) < len(pack(shapely.box(0, 0, 30, 20)).corners)


@settings(max_examples=40, deadline=None)
@given(
    size=st.tuples(st.floats(0.5, 60), st.floats(0.5, 60)),
    turn=st.floats(0, 180),
    azimuth=st.floats(0, 360),
    notch=st.floats(0.01, 0.9),
    tilt=st.sampled_from([0.0, 10.0, 30.0]),
)
def test_modules_lie_inside_and_apart(size, turn, azimuth, notch, tilt):
    width, height = size
    shape = shapely.box(0, 0, width, height).difference(
        shapely.box(width * notch, height * notch, width, height)
    )
    roof = shapely.affinity.rotate(shape, turn)
    check(pack(roof, azimuth_deg=azimuth, tilt_deg=tilt), roof)


def test_turning_roof_and_rows_together_changes_nothing():
    roof = shapely.box(0, 0, 37, 23)
    straight = pack(roof, tilt_deg=10.0)
    turned = pack(shapely.affinity.rotate(roof, -33, origin=(0, 0)), azimuth_deg=213.0, tilt_deg=10.0)
    assert len(straight.corners) == len(turned.corners)


def test_a_factory_is_packed_in_a_moment():
    roof = shapely.box(0, 0, 200, 120).difference(
        shapely.union_all([shapely.box(x, 50, x + 2, 60) for x in range(10, 190, 12)])
    )
    pack(roof)
    began = time.process_time()
    layout = pack(roof)
    assert time.process_time() - began < 0.5
    assert len(layout.corners) > 7000


def test_rows_deeper_than_their_pitch_are_refused():
    with pytest.raises(ValueError, match=r"pitch_ratio 0.5 is less than a row is deep \(0.985\)"):
        pack(shapely.box(0, 0, 9, 9), tilt_deg=10.0, pitch_ratio=0.5)
    with pytest.raises(ValueError, match=r"tilt_deg must lie in \[0, 90\), got 90"):
        pack(shapely.box(0, 0, 9, 9), tilt_deg=90.0)


def test_a_roof_drawn_in_to_nothing_holds_nothing():
    empty = pack_modules(
        np.zeros((0, 2)), np.zeros(1, np.int64), module=MODULE, azimuth_deg=180.0, tilt_deg=5.0
    )
    assert empty.kwp == 0
