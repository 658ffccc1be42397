from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity, box

from assessment.candidates import find_candidates
from assessment.places import place_divided, place_whole
from gis.footprint import facing_azimuth_deg, facing_wall_length_m
from gis.overlay import split_by, subtract

CRS = "EPSG:4545"
TOWNS = gpd.GeoDataFrame(
    {"id": ["west", "east"], "geometry": [box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000)]}, crs=CRS
)
ORIGIN = {"demo": False, "source": "survey", "confidence": "H"}


def buildings(**columns):
    n = len(columns["geometry"])
    base = {
        "id": [f"b{i}" for i in range(n)],
        "use": ["industrial"] * n,
        "height_m": [10.0] * n,
        "roof_form": ["flat"] * n,
        "year": [2010] * n,
        "owner": ["enterprise"] * n,
        **{name: [value] * n for name, value in ORIGIN.items()},
    }
    return gpd.GeoDataFrame({**base, **columns}, crs=CRS)


def parcels(kind, values, geometries):
    frame = {"id": [f"p{i}" for i in range(len(values))], kind: values, "geometry": geometries}
    return gpd.GeoDataFrame({**frame, **{name: [v] * len(values) for name, v in ORIGIN.items()}}, crs=CRS)


rectangles = st.tuples(st.floats(0, 80), st.floats(0, 80), st.floats(1, 40), st.floats(1, 40)).map(
    lambda r: box(r[0], r[1], r[0] + r[2], r[1] + r[3])
)


@given(st.lists(rectangles, min_size=1, max_size=6), st.lists(rectangles, max_size=6))
@settings(max_examples=60, deadline=None)
def test_subtract_equals_difference_with_the_union_of_all_cutters(polygons, cutters):
    left = subtract(np.array(polygons, dtype=object), np.array(cutters, dtype=object))
    cover = shapely.union_all(cutters)
    expected = [polygon.difference(cover).area for polygon in polygons]
    assert shapely.area(left) == pytest.approx(expected, abs=0.2)


@given(st.lists(rectangles, min_size=1, max_size=8))
@settings(max_examples=60, deadline=None)
def test_parts_of_split_parcels_sum_to_the_whole(polygons):
    areas = np.array([box(0, 0, 50, 130), box(50, 0, 130, 130)], dtype=object)
    row, _, piece = split_by(np.array(polygons, dtype=object), areas, sliver_m2=0.0)
    whole = np.bincount(row, weights=shapely.area(piece), minlength=len(polygons))
    assert whole == pytest.approx(shapely.area(polygons), rel=1e-9, abs=1e-9)


@given(st.floats(-44, 44), st.floats(5, 60), st.floats(5, 60))
@settings(max_examples=60, deadline=None)
def test_a_turned_building_faces_as_far_from_south_as_it_was_turned(turn_deg, width, depth):
    footprint = affinity.rotate(box(0, 0, width, depth), -turn_deg)
    assert facing_azimuth_deg(np.array([footprint]))[0] == pytest.approx(180 + turn_deg, abs=1e-6)


def test_wall_that_faces_south_of_an_l_shape_by_hand():
    # 20 m along the bottom and, 10 m further back, no other southern wall: the notch faces north and east.
    l_shape = shapely.Polygon([(0, 0), (20, 0), (20, 5), (10, 5), (10, 15), (0, 15)])
    assert facing_wall_length_m(np.array([l_shape]), azimuth_deg=180, within_deg=30).tolist() == [20.0]
    clockwise = shapely.Polygon(list(l_shape.exterior.coords)[::-1])
    assert facing_wall_length_m(np.array([clockwise]), azimuth_deg=180, within_deg=30).tolist() == [20.0]


def test_a_building_is_never_divided_and_a_parcel_is():
    across = gpd.GeoDataFrame({"id": ["x"], "geometry": [box(900, 0, 1050, 10)]}, crs=CRS)
    whole = place_whole(across, TOWNS, None)
    assert whole.inside["town"].tolist() == ["west"]
    divided = place_divided(across, TOWNS, None)
    assert divided.inside["id"].tolist() == ["x@west", "x@east"]
    assert divided.inside.geometry.area.tolist() == [1000.0, 500.0]


def test_what_lies_outside_every_town_is_reported_with_its_area():
    frame = gpd.GeoDataFrame(
        {"id": ["in", "half"], "geometry": [box(0, 0, 10, 10), box(-5, 0, 5, 10)]}, crs=CRS
    )
    placed = place_divided(frame, TOWNS, None)
    assert placed.outside["id"].tolist() == ["half"]
    assert placed.outside["outside_m2"].tolist() == [50.0]
    assert placed.inside.geometry.area.sum() + 50.0 == frame.geometry.area.sum()


def test_no_square_metre_counts_twice():
    found = find_candidates(
        towns=TOWNS,
        townships=None,
        buildings=buildings(geometry=[box(100, 100, 150, 150)]),
        municipal=parcels("facility", ["parking"], [box(100, 100, 200, 200)]),
        farmland=parcels("class", ["orchard"], [box(100, 100, 300, 200)]),
    )
    land = found.frame[found.frame["type"] != "facade"]
    assert land["area_m2"].tolist() == [2500.0, 7500.0, 10000.0]
    assert land["type"].tolist() == ["roof_flat", "carport", "agrivoltaic_orchard"]
    assert land.geometry.union_all().area == pytest.approx(land["area_m2"].sum())


def test_unknown_use_and_form_stay_unknown_and_are_marked():
    frame = buildings(geometry=[box(0, 0, 10, 10)], use=["unknown"], roof_form=["unknown"], height_m=[np.nan])
    found = find_candidates(towns=TOWNS, townships=None, buildings=frame, municipal=None, farmland=None).frame
    assert found["sector"].tolist() == ["unknown"]
    assert found["known_form"].tolist() == [False]
    assert found["type"].tolist() == ["roof_flat"]


def test_a_tall_office_has_a_facade_of_south_wall_times_height():
    frame = buildings(geometry=[box(0, 0, 40, 20)], use=["office"], height_m=[50.0])
    found = find_candidates(towns=TOWNS, townships=None, buildings=frame, municipal=None, farmland=None).frame
    facade = found[found["type"] == "facade"]
    assert facade["area_m2"].tolist() == [2000.0]


def test_a_ridge_runs_along_the_longer_side_and_its_southern_slope_is_used():
    along_north = buildings(geometry=[box(0, 0, 8, 20)], roof_form=["gabled"])
    found = find_candidates(towns=TOWNS, townships=None, buildings=along_north, municipal=None, farmland=None)
    assert found.frame["facing_deg"].tolist() == [90.0]
    along_east = buildings(geometry=[box(0, 0, 20, 8)], roof_form=["gabled"])
    found = find_candidates(towns=TOWNS, townships=None, buildings=along_east, municipal=None, farmland=None)
    assert found.frame["facing_deg"].tolist() == [180.0]
