from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS, Geod

from gis.crs import (
    bd09_to_gcj02,
    bd09_to_wgs84,
    extent_problem,
    gcj02_to_bd09,
    gcj02_to_wgs84,
    metric_problem,
    wgs84_to_bd09,
    wgs84_to_gcj02,
)

PAIRS = [
    (wgs84_to_gcj02, gcj02_to_wgs84),
    (gcj02_to_bd09, bd09_to_gcj02),
    (wgs84_to_bd09, bd09_to_wgs84),
]


def test_published_example_of_beijing():
    """The example of the open implementation coordtransform (116.404, 39.915)."""
    assert np.allclose(wgs84_to_gcj02(116.404, 39.915), (116.41024449916938, 39.91640428150164), atol=1e-9)
    assert np.allclose(gcj02_to_bd09(116.404, 39.915), (116.41036949371029, 39.92133699351022), atol=1e-9)
    assert np.allclose(wgs84_to_bd09(116.404, 39.915), (116.41662724378733, 39.922699552216216), atol=1e-9)


def test_shift_at_xixian_is_428_m_east_and_163_m_south():
    lon, lat = wgs84_to_gcj02(108.7, 34.3)
    azimuth, _, distance = Geod(ellps="WGS84").inv(108.7, 34.3, float(lon), float(lat))
    east, north = distance * np.sin(np.radians(azimuth)), distance * np.cos(np.radians(azimuth))
    assert east == pytest.approx(428, abs=2)
    assert north == pytest.approx(-163, abs=2)


@pytest.mark.parametrize(("forward", "inverse"), PAIRS)
@given(lon=st.floats(73, 137), lat=st.floats(2, 55))
@settings(max_examples=100, deadline=None)
def test_inverse_is_exact_both_ways(forward, inverse, lon, lat):
    assert np.allclose(inverse(*forward(lon, lat)), (lon, lat), rtol=0, atol=1e-10)
    assert np.allclose(forward(*inverse(lon, lat)), (lon, lat), rtol=0, atol=1e-10)


@pytest.mark.parametrize(("forward", "inverse"), PAIRS)
def test_nothing_is_shifted_outside_china(forward, inverse):
    lon, lat = np.array([-77.05, 2.35, 151.2]), np.array([38.8, 48.9, -33.9])
    for convert in (forward, inverse):
        east, north = convert(lon, lat)
        assert np.array_equal(east, lon)
        assert np.array_equal(north, lat)


def test_arrays_broadcast_and_nan_stays():
    lon, lat = wgs84_to_gcj02([108.7, np.nan], 34.3)
    assert lon.shape == lat.shape == (2,)
    assert np.isnan(lon[1])
    back, _ = gcj02_to_wgs84(lon, lat)
    assert back[0] == pytest.approx(108.7, abs=1e-10)
    assert np.isnan(back[1])


@pytest.mark.parametrize(
    ("crs", "bounds", "message"),
    [
        ("EPSG:4326", (108.6, 34.2, 108.9, 34.5), None),
        ("EPSG:4545", (4.7e5, 3.7e6, 5.2e5, 3.9e6), None),
        ("EPSG:4326", (34.2, 108.6, 34.5, 108.9), "latitude reaches 108.9: the order looks like"),
        (
            "EPSG:4326",
            (4.7e5, 3.7e6, 5.2e5, 3.9e6),
            "the CRS is in degrees, but the coordinates look like metres",
        ),
        (
            "EPSG:4545",
            (108.6, 34.2, 108.9, 34.5),
            "the CRS is in metres, but all coordinates look like degrees",
        ),
    ],
)
def test_extent_is_held_against_the_crs(crs, bounds, message):
    found = extent_problem(CRS(crs), bounds)
    assert (found is None) if message is None else message in str(found)


def test_metric_crs_must_measure_in_metres():
    assert metric_problem("EPSG:4545") is None
    assert "US survey foot" in str(metric_problem("EPSG:2263"))
    assert "is no known CRS" in str(metric_problem("EPSG:1"))
