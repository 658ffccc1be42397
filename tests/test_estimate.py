from __future__ import annotations

import json

import geopandas as gpd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from assessment.blocks import CELL_M
from assessment.estimate import EFFORT, STAGES, Size, blocks_of, count_objects, estimate, size_of
from assessment.irradiation_maps import FINEST_M, MOST_PIXELS, pixel_m
from faults import InputError
from layers.catalog import Catalog, Quantity, load_catalog
from layers.region import EMBEDDED, load_region
from layers.spec import LayerSpec
from tests.command import yijian
from tests.small_region import make_region

COUNTS = st.integers(0, 10**8)
SIZES = st.builds(Size, buildings=COUNTS, parcels=COUNTS, km2=st.floats(0, 1e7))


def by_hand(**changed):
    names = [
        f"{part}.{of}"
        for part in (*STAGES, "memory", "work", "run")
        for of in ("fixed", "building", "parcel", "km2", "pixel")
    ]
    names += [
        "memory.block_km2",
        "memory.block_building",
        "workers.share",
        *(f"spread.{of}" for of in ("seconds", "memory", "disk")),
    ]
    values = dict.fromkeys(names, 0.0) | {name.replace("__", "."): value for name, value in changed.items()}
    unit = {
        name: Quantity(value, value, value, unit="1", source="by hand", confidence="H")
        for name, value in values.items()
    }
    spread = Quantity(1.0, 0.5, 2.0, unit="1", source="by hand", confidence="H")
    return Catalog(unit | {f"spread.{of}": spread for of in ("seconds", "memory", "disk")}, name="by hand")


def test_seconds_by_hand():
    costs = by_hand(
        read__fixed=3.0, sites__building=0.01, sites__km2=0.5, heat__parcel=0.1, workers__share=0.5
    )
    size = Size(buildings=1000, parcels=20, km2=536.0)  # two blocks of 268 km2
    found = estimate(size, workers=2, effort=costs)
    assert found.stages == {
        "read": 3.0,
        "sites": pytest.approx((10 + 268) / 1.5, abs=0.06),
        "heat": 2.0,
        "sun": 0.0,
        "write": 0.0,
    }
    assert found.seconds.central == pytest.approx(3 + 278 / 1.5 + 2, abs=0.06)
    assert (found.seconds.low, found.seconds.high) == pytest.approx(
        (found.seconds.central / 2, found.seconds.central * 2), abs=0.11
    )
    assert set(estimate(size, workers=2, only="sites", effort=costs).stages) == {
        "read",
        "sun",
        "sites",
        "write",
    }


def test_memory_by_hand():
    costs = by_hand(
        memory__fixed=500.0, memory__building=0.001, memory__block_km2=1.0, memory__block_building=0.1
    )
    size = Size(buildings=10_000, parcels=0, km2=4 * CELL_M**2 / 1e6)
    block_mb = CELL_M**2 / 1e6 + 250
    found = estimate(size, workers=3, effort=costs)
    assert found.memory_mb.central == pytest.approx(510 + 3 * block_mb, abs=0.06)
    assert found.worker_mb.central == pytest.approx(500 + block_mb, abs=0.06)
    small = Size(buildings=10_000, parcels=0, km2=10.0)  # one block, one worker at work
    assert estimate(small, workers=3, effort=costs).memory_mb.central == 510 + 10 + 1000


def test_the_map_of_the_sun_costs_by_its_pixels():
    costs = by_hand(sun__pixel=2e-6, memory__pixel=1e-4, memory__block_km2=1.0, workers__share=1.0)
    size = Size(buildings=0, parcels=0, km2=2 * CELL_M**2 / 1e6, pixels=4_000_000)
    found = estimate(size, workers=2, effort=costs)
    assert found.stages["sun"] == 4.0
    assert found.memory_mb.central == pytest.approx(400)  # more than two blocks at work
    assert estimate(size, workers=2, only="heat", effort=costs).stages.keys() == {"read", "heat", "write"}


def test_the_pixels_reckoned_are_those_of_the_map(tmp_path):
    region = load_region(make_region(tmp_path / "region"))
    size = size_of(region)
    assert size.pixels == pytest.approx(size.km2 * 1e6 / FINEST_M**2, abs=1)
    towns = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 60_000, 40_000)], crs="EPSG:4545")
    assert 64_000 * 44_000 / pixel_m(towns) ** 2 <= MOST_PIXELS < 64_000 * 44_000 / (pixel_m(towns) / 2) ** 2


@given(SIZES, st.integers(0, 10**6), st.integers(1, 64))
def test_more_never_costs_less(size, more, workers):
    larger = Size(size.buildings + more, size.parcels + more, size.km2)
    ours, theirs = (estimate(each, workers=workers) for each in (size, larger))
    for name in ("seconds", "memory_mb", "work_mb", "run_mb"):
        small, large = getattr(ours, name), getattr(theirs, name)
        assert small.central <= large.central
        assert small.low <= small.central <= small.high


@given(SIZES, st.integers(1, 63))
def test_one_more_worker_is_never_slower_and_never_better_than_its_share(size, workers):
    less, more = (estimate(size, workers=count).stages["sites"] for count in (workers, workers + 1))
    assert more <= less
    assert less * workers <= more * (workers + 1) + 0.1 * (workers + 1)


def test_an_area_of_one_block_and_a_bit_is_two_blocks():
    block_km2 = (CELL_M / 1000) ** 2
    assert [blocks_of(Size(0, 0, km2)) for km2 in (0.0, block_km2, block_km2 + 0.01)] == [1, 1, 2]


@pytest.mark.parametrize(("field", "value"), [("buildings", -1), ("parcels", -5), ("km2", float("nan"))])
def test_a_size_that_is_none_is_refused_with_its_value(field, value):
    with pytest.raises(ValueError, match=f"{field} = {value}: must be 0 or more"):
        Size(**{"buildings": 0, "parcels": 0, "km2": 0.0, field: value})


def test_no_worker_is_refused():
    with pytest.raises(ValueError, match="workers = 0"):
        estimate(Size(1, 1, 1.0), workers=0)


def test_every_cost_names_where_it_was_measured():
    for name, quantity in load_catalog(EFFORT).items():
        assert quantity.source.startswith(("measured here", "chosen")), name


SUFFIXES = ("gpkg", "geojson", "parquet", "csv", "shp", "fgb")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_objects_are_counted_without_reading_them(suffix, tmp_path):
    frame = gpd.GeoDataFrame(
        {"n": range(7)}, geometry=[shapely.Point(i, i) for i in range(7)], crs="EPSG:4326"
    )
    file = tmp_path / f"x.{suffix}"
    if suffix == "parquet":
        frame.to_parquet(file)
    elif suffix == "csv":
        frame.assign(lon=1.0, lat=2.0).drop(columns="geometry").to_csv(file, index=False)
    else:
        frame.to_file(file)
    assert count_objects(file, LayerSpec(name="buildings", path=file)) == 7


@pytest.mark.parametrize("suffix", ["gpkg", "parquet", "csv"])
def test_a_file_that_is_none_is_named(suffix, tmp_path):
    file = tmp_path / f"x.{suffix}"
    if suffix != "csv":
        file.write_bytes(b"no such thing")
    with pytest.raises(InputError, match=rf"x\.{suffix}: does not say how many objects"):
        count_objects(file, LayerSpec(name="buildings", path=file))


def test_the_size_of_a_region(tmp_path):
    size = size_of(load_region(make_region(tmp_path / "region")))
    assert (size.buildings, size.parcels) == (76, 6)
    assert size.km2 == pytest.approx(2.0, abs=0.001)
    assert size.assumed == ()


def test_layers_not_generated_yet_are_counted_by_density_and_said(tmp_path, monkeypatch):
    monkeypatch.setenv("YIJIAN_HOME", str(tmp_path))
    size = size_of(load_region(EMBEDDED))
    assert size.assumed == ("buildings", "farmland", "municipal")
    assert 100_000 < size.buildings < 400_000
    assert list(tmp_path.iterdir()) == []


def test_the_command_says_it_and_starts_nothing(tmp_path):
    region = make_region(tmp_path / "region")
    finished = yijian("assess", region, "--out", tmp_path / "run", "--estimate", "--json")
    assert finished.returncode == 0, finished.stderr
    said = json.loads(finished.stdout)
    assert said["size"]["buildings"] == 76
    assert {"low", "central", "high"} == set(said["seconds"]) == set(said["memory_mb"])
    assert not (tmp_path / "run").exists()
    words = yijian("assess", region, "--estimate").stdout
    assert "76 buildings" in words
    assert "memory" in words
