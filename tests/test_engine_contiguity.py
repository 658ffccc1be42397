"""Land that hangs together across the edges of tiles counts as one patch, wherever the edges lie."""

from __future__ import annotations

from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from assessment import blocks
from assessment.assess import Settings, assess_region
from assessment.candidates import find_candidates
from assessment.cell_sites import Known, asked_of, own_objects
from assessment.depot import Depot
from assessment.inputs import read_inputs
from assessment.run import Run
from assessment.scenario import Scenario
from assessment.store import PARTITIONED, Store
from layers.eligibility import Beyond, evaluate
from layers.region import load_region
from layers.rules import load_rules
from tests.small_region import BLOCK_EDGE, EAST, NORTH, make_region

RULES = [rule for rule in load_rules(["siting"]) if rule.id == "smallest_area"]
LEAST_M2 = RULES[0].min_area_m2
ACROSS_M = BLOCK_EDGE - EAST - 1010.0
"""Moves the region so that it lies across the edge of two tiles."""
SIDE_M = 10.0


def plots(cells):
    """Squares of 100 m2, side by side."""
    x, y = np.array(sorted(cells), dtype=float).T * SIDE_M
    return shapely.box(x, y, x + SIDE_M, y + SIDE_M)


def write_farmland(folder, squares, east_m):
    moved = shapely.transform(squares, lambda xy: xy + np.array([EAST + east_m, NORTH]))
    frame = gpd.GeoDataFrame(
        {"id": [f"p{i:03d}" for i in range(len(moved))], "class": "unused"}, geometry=moved, crs="EPSG:4545"
    )
    frame.to_file(folder / "farmland.gpkg", driver="GPKG")
    return frame


def patchwork(seed):
    """Return squares in clumps around local x = 1010 m, the edge of the tiles, and y = 700 m."""
    rng = np.random.default_rng(seed)
    cells = {tuple(cell) for cell in rng.integers((94, 63), (108, 77), (70, 2))}
    chain = {(column, 80) for column in range(99, 104)}  # a patch of 500 m2, less than 400 on either side
    lone = {(101, 84), (100, 84), (102, 84)}  # 300 m2 across the edge
    return plots(cells | chain | lone)


def judged(folder, monkeypatch, tmp_path, *, crowded):
    """Return what the rule leaves of every candidate, tile by tile."""
    if crowded:
        monkeypatch.setattr(blocks, "CROWDED", 1)
    region = load_region(folder)
    inputs = read_inputs(region, Scenario(), progress=lambda _share, _what: None)
    store, cells = Store.put(Depot(str(tmp_path / "depot")), inputs)
    small = {name: layer for name, layer in inputs.layers.items() if name not in PARTITIONED}
    known = Known(SimpleNamespace(rules=RULES, terrain=None), small)
    left, going_on = {}, set()
    for cell in cells:
        asked = asked_of(store, own_objects(store, cell), known, cell)
        outcome = evaluate(asked.candidates.frame, RULES, asked.around.layers, beyond=asked.around.beyond)
        left |= dict(zip(outcome.areas["id"], outcome.areas["available_m2"], strict=True))
        going_on |= outcome.going_on
    assert not going_on
    return left, len(cells)


def whole(folder):
    """Return the same for the region in one piece, without tiles."""
    inputs = read_inputs(load_region(folder), Scenario(), progress=lambda _share, _what: None)
    found = find_candidates(
        towns=inputs.layers["towns"].frame,
        townships=None,
        **{name: inputs.frame(name) for name in ("buildings", "municipal", "farmland")},
    )
    outcome = evaluate(found.frame, RULES, dict(inputs.layers))
    return dict(zip(outcome.areas["id"], outcome.areas["available_m2"], strict=True))


@pytest.mark.parametrize("seed", [1, 2])
def test_every_size_and_place_of_tiles_finds_the_patches_of_the_whole(seed, tmp_path, monkeypatch):
    squares = patchwork(seed)
    answers = []
    for number, (east_m, crowded) in enumerate([(0.0, False), (ACROSS_M, False), (ACROSS_M, True)]):
        folder = make_region(tmp_path / f"r{number}", east_m=east_m)
        write_farmland(folder, squares, east_m)
        found, tiles = judged(folder, monkeypatch, tmp_path / f"d{number}", crowded=crowded)
        expected = whole(folder)
        assert found.keys() == expected.keys()
        for name, area_m2 in expected.items():
            assert found[name] == pytest.approx(area_m2, abs=0.1), name
        assert tiles >= (2 if east_m else 1)
        answers.append({name for name, area_m2 in found.items() if area_m2 > 0})
    assert answers[0] == answers[1] == answers[2]
    lost = {name for name in expected if name.startswith("farmland-")} - answers[0]
    assert lost  # the 300 m2 across the edge at least


def test_a_tile_alone_would_lose_the_patch_across_its_edge():
    chain = plots({(column, 80) for column in range(99, 104)})
    frame = gpd.GeoDataFrame(
        {"id": [f"p{i}" for i in range(5)], "type": "ground"}, geometry=chain, crs="EPSG:4545"
    )
    west, east = frame[:2], frame[2:]
    assert evaluate(west, RULES, {}).eligible.empty
    everything = (-1e6, -1e6, 1e6, 1e6)
    both = evaluate(west, RULES, {}, beyond=Beyond(east, everything))
    assert both.eligible["id"].tolist() == ["p0", "p1"]
    assert both.areas["id"].tolist() == ["p0", "p1"]
    assert not both.going_on


def test_a_patch_that_goes_on_beyond_what_is_known_says_so():
    chain = plots({(column, 80) for column in range(99, 104)})
    frame = gpd.GeoDataFrame(
        {"id": [f"p{i}" for i in range(5)], "type": "ground"}, geometry=chain, crs="EPSG:4545"
    )
    narrow = (985.0, 700.0, 1011.0, 900.0)
    outcome = evaluate(frame[:1], RULES, {}, beyond=Beyond(frame[1:3], narrow))
    assert outcome.going_on == {"p0"}


def test_a_long_patch_is_followed_over_tiles_as_far_as_it_goes(tmp_path, monkeypatch):
    folder = make_region(tmp_path / "region", east_m=ACROSS_M)
    # 600 m long and 2.6 m wide, in pieces of 52 m2: further than the first look
    x = np.arange(30) * 20.0 + 700
    strip = shapely.box(x, 700, x + 20, 700 + 2.6)
    write_farmland(folder, strip, ACROSS_M)
    found, _ = judged(folder, monkeypatch, tmp_path / "a", crowded=True)
    assert all(found[f"farmland-p{i:03d}"] > 0 for i in range(30))
    write_farmland(folder, strip[:7], ACROSS_M)
    shorter, _ = judged(folder, monkeypatch, tmp_path / "b", crowded=True)
    assert all(shorter[f"farmland-p{i:03d}"] == 0 for i in range(7))


def test_a_run_with_the_siting_pack_measures_patches_across_tiles(tmp_path):
    folder = make_region(tmp_path / "region", east_m=ACROSS_M)
    chain = plots({(column, 70) for column in range(99, 104)})
    write_farmland(folder, chain, ACROSS_M)
    file = folder / "region.toml"
    file.write_text(file.read_text(encoding="utf-8").replace('"national"', '"siting"'), encoding="utf-8")
    settings = Settings(only="sites", workers=1)
    assess_region(
        load_region(folder), out=tmp_path / "run", settings=settings, progress=lambda _share, _what: None
    )
    run = Run(tmp_path / "run")
    ground = run.sites[run.sites["parcel_id"].str.startswith("p0")]
    assert len(ground) == 5
    edges = ground.geometry.bounds
    assert (edges["minx"] < BLOCK_EDGE).any()
    assert (edges["maxx"] > BLOCK_EDGE).any()
    pd.testing.assert_series_equal(
        ground["area_m2"].reset_index(drop=True), pd.Series([100.0] * 5), check_names=False, rtol=1e-6
    )
