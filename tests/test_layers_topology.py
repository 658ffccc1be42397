from __future__ import annotations

import itertools

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.topology import crumbs, gaps, mean_width_m, overlaps
from layers.checks import check_path
from layers.coverage import coverage_faults
from layers.region import EMBEDDED
from layers.topology import LIMITS

BOXES = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(1, 5), st.integers(1, 5)),
    min_size=1,
    max_size=12,
)


def as_shapes(boxes):
    return np.array([shapely.box(x, y, x + w, y + h) for x, y, w, h in boxes], dtype=object)


@given(BOXES)
@settings(max_examples=100, deadline=None)
def test_overlaps_are_those_of_all_pairs(boxes):
    shapes = as_shapes(boxes)
    judge = {
        (i, j): shapes[i].intersection(shapes[j]).area
        for i, j in itertools.combinations(range(len(shapes)), 2)
        if shapes[i].intersection(shapes[j]).area > 0.5
    }
    first, second, m2 = overlaps(shapes, min_m2=0.5)
    assert dict(zip(zip(first.tolist(), second.tolist(), strict=True), m2, strict=True)) == pytest.approx(
        judge
    )


@given(BOXES)
@settings(max_examples=100, deadline=None)
def test_gaps_fill_what_is_enclosed(boxes):
    shapes = as_shapes(boxes)
    joined = shapely.union_all(shapes)
    enclosed = sum(shapely.Polygon(part.exterior).area - part.area for part in shapely.get_parts(joined))
    found = gaps(shapes, max_m2=1e9)
    assert all(not shapely.intersection(gap, joined).area for gap in found)
    assert shapely.area(found).sum() <= enclosed + 1e-9
    islands = shapely.union_all([shapely.Polygon(part.exterior) for part in shapely.get_parts(joined)])
    assert shapely.area(found).sum() == pytest.approx(islands.area - joined.area)


def test_widths_and_crumbs_by_hand():
    strip, square = shapely.box(0, 0, 100, 0.5), shapely.box(0, 0, 10, 10)
    assert mean_width_m(np.array([strip, square])) == pytest.approx([0.4975, 5.0], abs=1e-4)
    two = shapely.union(square, shapely.box(20, 0, 20.5, 0.5))
    assert crumbs(np.array([two, square]), min_m2=1.0).tolist() == [1, 0]


def told(tmp_path, layer, shapes, **columns) -> list[str]:
    frame = gpd.GeoDataFrame(columns, index=range(len(shapes)), geometry=list(shapes), crs="EPSG:4545")
    frame = frame.set_geometry(frame.translate(500_000, 3_800_000))
    frame.to_parquet(tmp_path / f"{layer}.parquet")
    return [str(fault) for fault in check_path(tmp_path / f"{layer}.parquet").faults]


def test_an_overlap_is_said_at_the_smaller_row_with_its_share(tmp_path):
    lines = told(tmp_path, "buildings", shapely.box([0, 15, 90], 0, [20, 25, 99], 10), use="industrial")
    assert any("row 2, geometry: overlaps row 1 by 50.0 m2 (50% of it)" in line for line in lines)
    assert any("1 pairs of rows overlap, 50 m2 in all: areas would count twice" in line for line in lines)


def test_crumbs_slivers_and_parts_are_said(tmp_path):
    parts = shapely.union(shapely.box(200, 0, 220, 10), shapely.box(230, 0, 231, 1))
    shapes = [shapely.box(0, 0, 1.5, 1.5), shapely.box(50, 0, 150, 0.4), parts]
    lines = "\n".join(told(tmp_path, "buildings", shapes, use="industrial"))
    assert "row 1, geometry: is only 2.2 m2" in lines
    assert "row 2, geometry: is a sliver, 0.40 m wide on average" in lines
    assert "row 3, geometry: has 1 parts of less than 4 m2 beside its others" in lines


def test_rows_are_those_of_the_file_also_after_rejected_ones(tmp_path):
    shapes = [None, shapely.box(0, 0, 20, 10), shapely.box(10, 0, 30, 10)]
    frame = gpd.GeoDataFrame({"use": "industrial"}, index=range(3), geometry=shapes, crs="EPSG:4545")
    frame = frame.set_geometry(frame.translate(500_000, 3_800_000))
    frame.to_parquet(tmp_path / "buildings.parquet")
    lines = [str(fault) for fault in check_path(tmp_path / "buildings.parquet").faults]
    assert any("row 2, geometry: overlaps row 3 by 100.0 m2" in line for line in lines)


def test_gaps_between_fields_are_summed(tmp_path):
    ring = shapely.box([0, 0, 102, 100], [0, 100, 0, 102], [102, 100, 300, 300], [100, 300, 102, 300])
    lines = told(tmp_path, "farmland", ring, **{"class": "cultivated"})
    assert any("1 gaps between rows, 4.0 m2 in all (largest 4.0 m2)" in line for line in lines)


def test_restrictions_may_overlap():
    assert "restrictions" not in LIMITS


def frames(**layers) -> dict[str, gpd.GeoDataFrame]:
    return {name: gpd.GeoDataFrame(table, crs="EPSG:4545") for name, table in layers.items()}


TOWNS = {"id": ["a", "b"], "geometry": [shapely.box(0, 0, 1000, 1000), shapely.box(1000, 0, 2000, 1000)]}


def test_rows_outside_and_towns_without_a_row():
    layers = frames(towns=TOWNS, buildings={"geometry": shapely.box([10, 3000], 10, [20, 3010], 20)})
    lines = [str(fault) for fault in coverage_faults(layers)]
    assert any("1 of 2 rows (50%) lie outside every town" in line for line in lines)
    assert any("geometry = 'b': not one row lies in this town" in line for line in lines)


def test_townships_must_fill_their_town_and_belong_to_one():
    table = {"town": ["a", "c"], "geometry": [shapely.box(0, 0, 500, 1000), shapely.box(0, 0, 1, 1)]}
    lines = "\n".join(str(fault) for fault in coverage_faults(frames(towns=TOWNS, townships=table)))
    assert "town = 'a': its townships fill 50.0% of it" in lines
    assert "town = 'c': is no town of the region; the towns are a, b" in lines
    assert "town = 'b': has no township" in lines


def test_townships_that_reach_beyond_their_town_are_said():
    table = {
        "town": ["a", "b"],
        "geometry": [shapely.box(0, 0, 1200, 1000), shapely.box(1000, 0, 2000, 1000)],
    }
    lines = "\n".join(str(fault) for fault in coverage_faults(frames(towns=TOWNS, townships=table)))
    assert "town = 'a': its townships reach 0.20 km2 beyond it" in lines


def test_the_embedded_region_has_nothing_worse_than_notes():
    worse = [str(fault) for fault in check_path(EMBEDDED).faults if fault.severity != "info"]
    assert worse == []
