"""One changed building: what is reckoned anew is what the whole would say, and nothing else changes."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from shapely import box

from assessment.solar import shade_buildings
from assessment.solar_edit import Prepared, reach_m, shade_changed
from faults import InputError
from layers.climate import read_climate

NORMALS = Path(__file__).parents[1] / "data" / "xixian" / "climate_normals.csv"
WEST, SOUTH = 560_000.0, 3_795_000.0


@pytest.fixture(scope="module")
def terrain(tmp_path_factory):
    path = tmp_path_factory.mktemp("edit") / "terrain.tif"
    transform = rasterio.transform.from_origin(WEST - 2000, SOUTH + 6000, 100.0, 100.0)
    profile = {"driver": "GTiff", "dtype": "float32", "count": 1, "crs": "EPSG:4545", "transform": transform}
    with rasterio.open(path, "w", width=80, height=80, **profile) as target:
        target.write(np.full((80, 80), 400.0, np.float32), 1)
    return path


@pytest.fixture(scope="module")
def town():
    rng = np.random.default_rng(2)
    corners = rng.uniform(0, 2500, (120, 2)) + np.array([WEST, SOUTH])
    return gpd.GeoDataFrame(
        {"id": [f"b{n}" for n in range(120)], "height_m": rng.uniform(4, 25, 120)},
        geometry=[box(x, y, x + 24, y + 16) for x, y in corners],
        crs="EPSG:4545",
    )


@pytest.fixture(scope="module")
def weather():
    return read_climate(NORMALS, lat=34.35, lon=108.8)


@pytest.mark.parametrize("change", ["taller", "gone", "new"])
def test_an_edit_gives_what_the_whole_gives(town, terrain, weather, change):
    lower, without = town.copy(), town.drop(index=7).reset_index(drop=True)
    lower.loc[7, "height_m"] = 40.0
    before, after = {"taller": (town, lower), "gone": (town, without), "new": (without, town)}[change]
    prepared = Prepared.of(before, terrain, weather)
    found = shade_changed(before, after, ["b7"], prepared).set_index("id")
    whole = shade_buildings(after, terrain, weather, table=prepared.table).set_index("id")
    old = shade_buildings(before, terrain, weather, table=prepared.table).set_index("id")
    assert 1 <= len(found) < len(after)
    loss = whole.loc[found.index, "shading_loss"]
    np.testing.assert_allclose(found["shading_loss"], loss, atol=1e-5)
    kept = whole.index.difference(found.index)
    np.testing.assert_allclose(whole.loc[kept, "shading_loss"], old.loc[kept, "shading_loss"], atol=2e-4)


def test_the_reach_grows_with_height():
    assert reach_m(0.0) == 100.0
    assert reach_m(10.0) < reach_m(20.0) < reach_m(80.0) == 1200.0


def test_an_unknown_building_is_refused(town, terrain, weather):
    with pytest.raises(InputError, match=r"id = 'nobody': no building has this id"):
        shade_changed(town, town, ["nobody"], Prepared.of(town, terrain, weather))
