"""Tiles: what they carry is read back and compared with the run itself; sums per cell add up to the whole."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from faults import InputError, RunError
from tests.runs import make_run
from ui.filters import Filter
from ui.prepare import store_key
from ui.shapes import HALF_WORLD_M
from ui.store import open_store
from ui.tiles import CELLS, SUBPIXELS, TILE_PX, Address, cell_grid, shape_tile


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    return open_store(make_run(folder / "run", n_sites=3000, seed=3, hourly=False), folder / "home")


@pytest.fixture(scope="module")
def frame(store):
    return store.run.sites.to_crs(3857)


def addresses(frame, z):
    west, south, east, north = frame.total_bounds
    size = 2 * HALF_WORLD_M / 2**z
    for x in range(int((west + HALF_WORLD_M) // size), int((east + HALF_WORLD_M) // size) + 1):
        for y in range(int((HALF_WORLD_M - north) // size), int((HALF_WORLD_M - south) // size) + 1):
            yield Address(z, x, y)


def read(body):
    """Read a tile as the browser does."""
    n, rings, points = np.frombuffer(body, "<u4", 3)
    at, tile = 12, {}
    heads = [
        ("row", "<u4", n),
        ("shape_ends", "<u4", n),
        ("ring_ends", "<u4", rings),
        ("xy", "<i2", 2 * points),
    ]
    numbers = [(name, "<f4", n) for name in ("value", "cost", "specific")]
    codes = [(name, "u1", n) for name in ("kind", "status", "sector", "town", "dimension")]
    for name, kind, count in (*heads, *numbers, *codes):
        tile[name] = np.frombuffer(body, kind, count, at)
        at += tile[name].nbytes
    assert at == len(body)
    tile["xy"] = tile["xy"].reshape(-1, 2)
    return tile


def test_tiles_together_carry_every_site_once_per_tile_it_touches(store, frame):
    seen = set()
    for address in addresses(frame, 13):
        tile = read(shape_tile(store.layers["sites"], address))
        assert len(set(tile["row"].tolist())) == len(tile["row"])
        seen |= set(tile["row"].tolist())
    assert seen == set(range(len(frame)))


def test_coordinates_and_numbers_are_those_of_the_run(store, frame):
    address = max(addresses(frame, 14), key=lambda a: len(shape_tile(store.layers["sites"], a)))
    tile = read(shape_tile(store.layers["sites"], address))
    assert len(tile["row"]) > 5
    pixel = address.size_m / TILE_PX
    start = 0
    for index, row in enumerate(tile["row"]):
        ring = int(tile["shape_ends"][index - 1]) if index else 0
        start = int(tile["ring_ends"][ring - 1]) if ring else 0
        points = tile["xy"][start : int(tile["ring_ends"][ring])] / SUBPIXELS * pixel
        drawn = shapely.LinearRing(
            np.column_stack([address.west + points[:, 0], address.north - points[:, 1]])
        )
        exact = shapely.get_parts(frame.geometry.iloc[row])[0].exterior
        assert shapely.hausdorff_distance(drawn, exact) < pixel / SUBPIXELS * 1.5
    np.testing.assert_allclose(tile["value"], frame["kwp_dc_central"].iloc[tile["row"]], rtol=1e-6)


def test_holes_and_parts_travel_as_rings(store, frame):
    parts = frame.geometry.map(lambda shape: sum(1 + len(p.interiors) for p in shapely.get_parts(shape)))
    found = {}
    for address in addresses(frame, 13):
        tile = read(shape_tile(store.layers["sites"], address))
        counts = np.diff(tile["shape_ends"], prepend=0)
        found |= dict(zip(tile["row"].tolist(), counts.tolist(), strict=True))
    assert found == dict(enumerate(parts))
    assert max(found.values()) == 2


def test_shapes_far_beyond_the_tile_are_cut_but_cover_the_same_ground(store, frame):
    largest = int(frame.area.argmax())
    middle = frame.geometry.iloc[largest].representative_point()
    size = 2 * HALF_WORLD_M / 2**22
    address = Address(22, int((middle.x + HALF_WORLD_M) // size), int((HALF_WORLD_M - middle.y) // size))
    tile = read(shape_tile(store.layers["sites"], address))
    index = tile["row"].tolist().index(largest)
    ring = int(tile["shape_ends"][index - 1]) if index else 0
    start = int(tile["ring_ends"][ring - 1]) if ring else 0
    points = tile["xy"][start : int(tile["ring_ends"][ring])] / SUBPIXELS
    assert np.abs(points).max() < 2048
    assert shapely.Polygon(points).buffer(0.1).contains(
        shapely.box(0, 0, TILE_PX, TILE_PX)
    ) == frame.geometry.iloc[largest].contains(shapely.box(*address.box()))


@pytest.mark.parametrize("z", [9, 11, 13])
def test_cells_add_up_to_the_sites_that_match(store, frame, z):
    chosen = Filter(types=("roof_flat", "ground"), min_kwp=50.0)
    keep = chosen.mask(store)
    expected = frame["type"].isin(["roof_flat", "ground"]) & (frame["kwp_dc_central"] >= 50)
    assert keep.tolist() == expected.tolist()
    grid = cell_grid(store.layers["sites"], keep, z)
    total = 0.0
    for address in addresses(frame, z):
        body = grid.tile(address)
        assert len(body) == CELLS * CELLS * 13
        total += float(np.frombuffer(body, "<f4", CELLS * CELLS).sum())
    assert total == pytest.approx(frame.loc[expected, "kwp_dc_central"].sum(), rel=1e-5)
    np.testing.assert_allclose(
        np.nansum(grid.specific * grid.kwp), frame.loc[expected, "kwh_year_p50"].sum(), rtol=1e-4
    )


def test_sites_of_unknown_cost_do_not_pass_a_cost_limit(store, frame):
    keep = Filter(max_lcoe=9.0).mask(store)
    assert frame["lcoe"].isna().any()
    assert keep.tolist() == frame["lcoe"].notna().tolist()


@pytest.mark.parametrize("address", [(3, 8, 0), (3, 0, -1), (23, 0, 0), (-1, 0, 0)])
def test_addresses_outside_the_world_are_refused(address):
    with pytest.raises(ValueError, match="no such tile: " + "/".join(map(str, address))):
        Address(*address)


def test_filters_survive_the_address_and_say_everything_that_is_wrong():
    chosen = Filter(("fengxi",), ("ground",), ("industry",), ("allowed",), 12.5, 0.31)
    assert Filter.parse(chosen.text()) == chosen
    assert Filter().text() == ""
    with pytest.raises(InputError) as error:
        Filter.parse('{"types": ["windmill"], "min_kwp": "many", "evil": 1}')
    assert [fault.column for fault in error.value.faults] == ["types", "min_kwp", "evil"]
    assert "windmill" in str(error.value)
    for text in ("[]", "{", "1", "x" * 5000, "cos\nsystem\n(S'ls'"):
        with pytest.raises(InputError, match="must be a JSON object"):
            Filter.parse(text)


def test_rows_are_those_of_the_run(store, frame):
    sites = store.layers["sites"]
    row = sites.row(17)
    assert row["id"] == frame["id"].iloc[17]
    assert len(row["kwh_month"]) == 12
    assert sum(row["kwh_month"]) == pytest.approx(frame["kwh_year_p50"].iloc[17])
    assert sites.find("id", row["id"]) == 17
    assert sites.find("id", "nowhere") is None
    with pytest.raises(IndexError, match="sites has no row 3000; it has 3000"):
        sites.row(3000)


def test_the_key_changes_with_the_run_and_the_files_are_made_once(store, tmp_path):
    assert store_key(store.run) == store.key
    other = make_run(tmp_path / "other", n_sites=50, seed=9, hourly=False)
    first = open_store(other, tmp_path)
    stamp = (tmp_path / "cache" / first.key).stat().st_mtime_ns
    assert open_store(other, tmp_path).key == first.key != store.key
    assert (tmp_path / "cache" / first.key).stat().st_mtime_ns == stamp


def test_a_broken_table_is_named(tmp_path):
    run = make_run(tmp_path / "run", n_sites=50, hourly=False)
    (run / "sites.parquet").write_bytes(b"no parquet")
    with pytest.raises(RunError, match=r"run: the map's files could not be prepared: .*[Pp]arquet"):
        open_store(run, tmp_path)
    assert not list((tmp_path / "cache").glob("*"))
