from __future__ import annotations

import numpy as np
import pytest
import rasterio

from assessment.cog import write_cog


@pytest.fixture
def raster(tmp_path):
    array = np.arange(12, dtype=np.float32).reshape(3, 4)
    array[0, 0] = np.nan
    file = tmp_path / "x.tif"
    bounds = (480_000.0, 3_800_000.0, 480_400.0, 3_800_300.0)
    write_cog(
        array[None],
        file,
        bounds=bounds,
        crs="EPSG:4545",
        unit="degC",
        descriptions=("t",),
        tags={"run_id": "abc"},
    )
    return file, array


def test_another_program_reads_values_place_unit_and_origin(raster):
    file, array = raster
    with rasterio.open(file) as opened:
        assert opened.crs.to_epsg() == 4545
        assert opened.units == ("degC",)
        assert opened.tags()["run_id"] == "abc"
        assert opened.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert np.isnan(opened.nodata)
        np.testing.assert_array_equal(opened.read(1), array)
        # The north-west cell is the first of the array: (row 1, column 2) holds 6.
        assert next(opened.sample([(480_250.0, 3_800_150.0)]))[0] == 6.0


def test_the_same_array_gives_the_same_bytes(raster, tmp_path):
    file, array = raster
    again = tmp_path / "y.tif"
    bounds = (480_000.0, 3_800_000.0, 480_400.0, 3_800_300.0)
    write_cog(
        array[None],
        again,
        bounds=bounds,
        crs="EPSG:4545",
        unit="degC",
        descriptions=("t",),
        tags={"run_id": "abc"},
    )
    assert again.read_bytes() == file.read_bytes()
