"""The parts the demonstration layers are generated with: chance, shapes, relief, description."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from faults import InputError
from layers.demo.dice import Dice, _mix
from layers.demo.fit import fit, largest_rectangle
from layers.demo.lattice import Lattice
from layers.demo.plan import read_plan, smooth
from layers.demo.relief import Course, Relief
from layers.demo.restrictions import approach_fans
from layers.demo.shapes import TEMPLATES, Taken, overlap_free, pieces, placed, rectangle, stamp
from layers.region import EMBEDDED


def test_mix_gives_the_published_first_number_of_splitmix64():
    assert int(_mix(np.zeros(1, dtype=np.uint64))[0]) == 0xE220A8397B1DCDAF


def test_draws_depend_on_keys_only():
    dice = Dice(5, "a")
    together = dice.unit(7, np.arange(100))
    assert [dice.unit(7, key)[0] for key in range(100)] == together.tolist()
    assert not np.any(together == Dice(6, "a").unit(7, np.arange(100)))
    assert not np.any(together == Dice(5, "b").unit(7, np.arange(100)))
    assert not np.any(together == dice.unit(np.arange(100), 7)[::-1])


def test_draws_are_uniform():
    counts = np.histogram(Dice(1, "x").unit(np.arange(200_000)), bins=50, range=(0.0, 1.0))[0]
    chi_square = float(((counts - 4000.0) ** 2 / 4000.0).sum())
    assert 20.0 < chi_square < 95.0  # 49 degrees of freedom: 0.01 % tails


def test_pick_follows_the_weights():
    names = Dice(1, "x").pick({"a": 1.0, "b": 0.0, "c": 3.0}, np.arange(40_000))
    assert set(names) == {"a", "c"}
    assert np.mean(names == "c") == pytest.approx(0.75, abs=0.01)


def test_noise_is_the_same_point_by_point_and_over_an_area():
    dice = Dice(3, "relief")
    x, y = np.meshgrid(np.arange(-900.0, 900.0, 7.0), np.arange(0.0, 700.0, 7.0))
    area = dice.field(x, y, 150.0)
    apart = [
        dice.field(np.array([px]), np.array([py]), 150.0)[0] for px, py in ((-900.0, 0.0), (x[9, 9], y[9, 9]))
    ]
    assert apart == [area[0, 0], area[9, 9]]
    assert 0.0 <= area.min() < 0.2
    assert 0.8 < area.max() < 1.0
    assert np.abs(np.diff(area, axis=1)).max() < 1.5 * 7.0 / 150.0  # the steepest cubic blend


@given(
    width=st.floats(3.0, 400.0), depth=st.floats(3.0, 400.0), angle=st.floats(-180.0, 180.0),
    name=st.sampled_from(sorted(TEMPLATES)),
)  # fmt: skip
def test_a_stamped_footprint_has_the_area_of_its_template(width, depth, angle, name):
    drawn = stamp(TEMPLATES[name], np.array([[5e5, 3.8e6]]), np.array([[width, depth]]), np.array([angle]))[0]
    unit = shapely.Polygon(TEMPLATES[name]).area
    assert drawn.is_valid
    assert drawn.area == pytest.approx(unit * width * depth, abs=0.03 * (width + depth))


def test_moving_turns_about_the_block():
    house = placed(10.0, 0.0, 4.0, 2.0, "other", 1.0).moved(100.0, 200.0, 90.0, 7)
    assert house.polygons()[0].equals(shapely.box(99.0, 208.0, 101.0, 212.0))
    assert house.block.tolist() == [7]


@settings(max_examples=25)
@given(st.lists(st.tuples(*[st.integers(0, 60)] * 2, *[st.integers(1, 25)] * 2), min_size=1, max_size=25))
def test_cutting_taken_land_is_the_difference_with_all_of_it(boxes):
    shapes = np.array([shapely.box(x, y, x + w, y + d) for x, y, w, d in boxes], dtype=object)
    taken, open_ = shapes[: len(shapes) // 2 + 1], shapes[len(shapes) // 2 :]
    left = Taken(taken).cut_from(open_)
    union = shapely.union_all(taken)
    for shape, rest in zip(open_, left, strict=True):
        assert rest.symmetric_difference(shape.difference(union)).area == pytest.approx(0.0, abs=1e-9)
    assert Taken(taken).touches(open_).tolist() == [bool(union.intersects(shape)) for shape in open_]


@settings(max_examples=25)
@given(st.lists(st.tuples(*[st.integers(0, 40)] * 2, *[st.integers(1, 15)] * 2), max_size=20))
def test_what_stays_does_not_overlap_and_what_goes_would(boxes):
    shapes = np.array([shapely.box(x, y, x + w, y + d) for x, y, w, d in boxes], dtype=object)
    keep = overlap_free(shapes)
    for first, second in itertools.combinations(shapes[keep], 2):
        assert not first.intersects(second)
    for gone in np.flatnonzero(~keep):
        assert any(shapes[gone].intersects(shapes[other]) for other in np.flatnonzero(keep[:gone]))


def test_pieces_cover_the_shape_once():
    ring = shapely.Point(50.0, 80.0).buffer(2500.0).difference(shapely.Point(0.0, 0.0).buffer(900.0))
    parts = pieces(np.array([ring], dtype=object), 500.0)
    assert len(parts) > 50
    assert sum(part.area for part in parts) == pytest.approx(ring.area)
    assert shapely.union_all(parts).area == pytest.approx(ring.area)


@settings(max_examples=60)
@given(st.lists(st.lists(st.booleans(), min_size=5, max_size=5), min_size=1, max_size=6))
def test_largest_rectangle_is_as_large_as_any(rows):
    mask = np.array(rows, dtype=bool)
    south, north, west, east = largest_rectangle(mask)
    assert mask[south:north, west:east].all()
    spans = itertools.product(
        itertools.combinations(range(len(rows) + 1), 2), itertools.combinations(range(6), 2)
    )
    best = max(((b - a) * (d - c) for (a, b), (c, d) in spans if mask[a:b, c:d].all()), default=0)
    assert (north - south) * (east - west) == best


def test_a_cut_block_is_fitted_to_its_land():
    block = rectangle((1000.0, 2000.0), (240.0, 120.0), 30.0)
    half = rectangle(
        (1000.0 - 60.0 * np.cos(np.pi / 6), 2000.0 - 60.0 * np.sin(np.pi / 6)), (120.0, 120.0), 30.0
    )
    x, y, width, depth = fit(block.intersection(half), (1000.0, 2000.0), (240.0, 120.0), 30.0)
    assert (width, depth) == pytest.approx((120.0, 120.0))
    assert (x, y) == pytest.approx((half.centroid.x, half.centroid.y), abs=0.02)


def test_lattice_tiles_without_gaps_or_overlaps():
    lattice = Lattice(Dice(2, "lattice"), 520.0, 340.0)
    column, row = (grid.ravel() for grid in np.meshgrid(np.arange(1000, 1012), np.arange(7000, 7012)))
    corners = [lattice.point(column + u, row + v) for u, v in ((0, 0), (1, 0), (1, 1), (0, 1))]
    cells = shapely.polygons(np.stack([np.stack(corner, axis=-1) for corner in corners], axis=1))
    assert shapely.is_valid(cells).all()
    assert shapely.union_all(cells).area == pytest.approx(shapely.area(cells).sum(), rel=1e-9)


@pytest.fixture(scope="module")
def relief():
    x = np.array([0.0, 40_000.0])
    main = Course(x, np.array([0.0, 0.0]), np.array([389.0, 362.0]))
    side = Course(x, np.array([24_000.0, 24_000.0]), np.array([400.0, 370.0]))
    return Relief(main, side, (16_000.0, 13_000.0), 345.0, 514.0, Dice(882, "relief"))


def test_relief_is_highest_at_the_summit_and_lowest_in_the_rivers(relief):
    x, y = np.meshgrid(np.arange(500.0, 39_500.0, 250.0), np.arange(-9000.0, 33_000.0, 250.0))
    height = relief.elevation_m(x, y)
    assert 345.0 <= height.min() <= height.max() <= 514.0
    top = np.unravel_index(height.argmax(), height.shape)
    assert np.hypot(x[top] - 16_000.0, y[top] - 13_000.0) < 4000.0
    assert height.max() > 508.0
    river = relief.elevation_m(x[0], np.zeros(x.shape[1]))
    assert np.all(river <= height.min(axis=0) + 1.0)
    assert np.all(np.diff(river) < 0.0)


def test_terraces_rise_from_the_river_to_the_plateau(relief):
    y = np.arange(0.0, 7000.0, 500.0)
    section = np.mean(
        [relief.elevation_m(np.full(y.shape, x), y) for x in np.arange(4000.0, 36_000.0, 500.0)], axis=0
    )
    assert np.all(np.diff(section) > -0.5)
    assert section[-1] - section[0] > 50.0


def test_elevation_has_no_steps(relief):
    y = np.arange(-8000.0, 30_000.0, 2.0)
    for x in (5000.0, 14_000.0, 30_000.0):
        assert np.abs(np.diff(relief.elevation_m(np.full(y.shape, x), y))).max() < 1.0


def test_approach_fan_of_a_runway_that_runs_east():
    west, east = approach_fans(shapely.LineString([(0.0, 0.0), (3000.0, 0.0)]))
    assert east.equals(shapely.Polygon([(3060, 140), (18_060, 2390), (18_060, -2390), (3060, -140)]))
    assert west.equals(shapely.transform(east, lambda xy: np.column_stack([3000.0 - xy[:, 0], xy[:, 1]])))


def test_a_smoothed_course_goes_through_its_points():
    points = np.array([[0.0, 0.0], [1000.0, 400.0], [2300.0, 100.0], [4000.0, 900.0]])
    curve = smooth(points, 100.0)
    assert all(np.hypot(*(curve - point).T).min() < 1e-6 for point in points)
    assert np.hypot(*np.diff(curve, axis=0).T).max() < 160.0


def test_a_missing_description_is_said(tmp_path):
    with pytest.raises(InputError, match=r"demo\.toml.*file not found.*no description"):
        read_plan(tmp_path / "demo.toml", crs="EPSG:4545")


def test_a_description_that_is_no_toml_is_said(tmp_path):
    (tmp_path / "demo.toml").write_text("[[road", encoding="utf-8")
    with pytest.raises(InputError, match=r"demo\.toml: is not valid TOML"):
        read_plan(tmp_path / "demo.toml", crs="EPSG:4545")


def broken(tmp_path, *changes):
    text = (EMBEDDED / "demo.toml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    (tmp_path / "demo.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_plan(tmp_path / "demo.toml", crs="EPSG:4545")
    return [(fault.row, fault.column, fault.value, fault.rule) for fault in caught.value.faults]


def test_everything_a_description_lacks_is_said_at_once(tmp_path):
    faults = broken(
        tmp_path,
        ("cell_m = 20.0\n", ""),
        ("width_m = 320.0\n", ""),
        ("[[fissure]]", "[[fisure]]"),
        ("at = [108.64, 34.363]", "line = [[108.64, 34.363], [108.7, 34.4]]"),
    )
    assert (None, "terrain.cell_m", None, "is missing") in faults
    assert (1, "river.width_m", None, "is missing") in faults
    assert (2, "heritage", "line", "must have at as its shape") in faults
    assert any(key == "fisure" and "no section" in rule for _, key, _, rule in faults)
    assert len(faults) == 4


def test_names_that_point_to_nothing_are_said(tmp_path):
    faults = broken(
        tmp_path,
        ('mix = "old_town"', 'mix = "new_town"'),
        ('main_river = "渭河"', 'main_river = "黄河"'),
        ('class = "national"', 'class = "natonal"'),
        ("urban_village = 4\n", "urban_vilage = 4\n"),
    )
    keys = [(key, value) for _, key, value, _ in faults]
    assert ("zone.mix", "new_town") in keys
    assert ("terrain.main_river", "黄河") in keys
    assert ("road.class", "natonal") in keys
    assert ("mix.new_core.urban_vilage", None) in keys
    assert len(faults) == 4
