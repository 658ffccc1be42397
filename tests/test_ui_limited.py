from __future__ import annotations

import ctypes
import os
import pickle
import time

import geopandas as gpd
import pytest
import shapely

from faults import Fault, InputError, RunError
from layers.checks import check_path
from ui.limited import limited


def test_the_result_comes_back():
    assert limited(sorted, [3, 1, 2], seconds=60, reverse=True) == [3, 2, 1]


def test_what_was_raised_comes_back_as_it_was():
    with pytest.raises(ValueError, match=r"invalid literal for int\(\) with base 10: 'x'"):
        limited(int, "x", seconds=60)


def test_what_takes_too_long_is_stopped():
    begin = time.perf_counter()
    with pytest.raises(RunError, match=r"longer than 0\.5 s"):
        limited(time.sleep, 60, seconds=0.5)
    assert time.perf_counter() - begin < 30


def test_what_takes_too_much_memory_is_stopped_and_nothing_else_is():
    with pytest.raises(RunError, match="more than 300 MB"):
        limited(bytearray, 500_000_000, seconds=60, memory_mb=300)
    assert len(bytearray(500_000_000)) == 500_000_000


@pytest.mark.parametrize("crash", [os.abort, ctypes.string_at])
def test_a_crash_ends_that_process_only(crash):
    with pytest.raises(RunError, match="died"):
        limited(crash, *([0] if crash is ctypes.string_at else []), seconds=60)


def test_a_file_is_checked_in_a_process_of_its_own(tmp_path):
    file = tmp_path / "buildings.gpkg"
    gpd.GeoDataFrame({"use": ["office"]}, geometry=[shapely.box(0, 0, 1, 1)], crs="EPSG:4545").to_file(file)
    here, there = (
        check_path(file, as_layer="buildings"),
        limited(check_path, file, as_layer="buildings", seconds=120),
    )
    assert [check.faults for check in there.layers] == [check.faults for check in here.layers]


def test_faults_travel_between_processes():
    error = InputError(
        [Fault("buildings", 3, "height_m", "abc", "must be a number (m)"), Fault("x", None, None, None, "y")]
    )
    back = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert isinstance(back, InputError)
    assert back.faults == error.faults
    assert str(back) == str(error)
