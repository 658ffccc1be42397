from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

import cli
from assessment import engine
from assessment.assess import Settings, assess_region, is_current
from assessment.blocks import CELL_M, Cell, blocks_of, cells_at, squares_of
from assessment.cell_sites import owned_by
from assessment.inputs import sha256
from assessment.merge import merge_geoparquet, merge_waterfalls
from assessment.parts import is_whole
from assessment.run import Run, write_atomically
from faults import RunError
from layers.region import load_region
from tests.small_region import BLOCK_EDGE, EAST, make_region
from tests.test_cli_assess import digests

ACROSS_M = BLOCK_EDGE - EAST - 1010.0
"""Moves the region so that it lies across the edge of two blocks, through buildings and parcels."""


def quiet(_share, _what):
    return None


def assessed(region, out, **settings):
    assess_region(load_region(region), out=out, settings=Settings(only="sites", **settings), progress=quiet)
    return Run(out)


@pytest.fixture(scope="module")
def across(tmp_path_factory):
    return make_region(tmp_path_factory.mktemp("across") / "region", east_m=ACROSS_M)


@pytest.fixture(scope="module")
def reference(across, tmp_path_factory):
    return assessed(across, tmp_path_factory.mktemp("reference") / "run", workers=1)


SQUARES = st.lists(st.tuples(st.integers(-20, 20), st.integers(-20, 20)), min_size=1, max_size=60)


@given(st.integers(-500, 500), st.integers(-500, 500), st.sampled_from([2048, 4096, 8192]))
def test_the_name_of_a_cell_gives_the_cell_back(column, row, side):
    cell = Cell(column * side, row * side, side)
    assert Cell.named(cell.name) == cell


def test_every_object_has_one_owner_also_across_edges():
    first, second = Cell(483_328, 3_801_088, CELL_M), Cell(491_520, 3_801_088, CELL_M)
    west, south, east, _ = first.bounds
    boxes = [
        shapely.box(east - 30, south + 10, east + 10, south + 50),
        shapely.box(west, south, west + 5, south + 5),
    ]
    frame = gpd.GeoDataFrame({"id": ["a", "b"]}, geometry=boxes, crs="EPSG:4545")
    assert cells_at(squares_of(frame)) == [first, first]
    assert (owned_by(frame, first) + 0 + owned_by(frame, second)).tolist() == [1, 1]


@given(SQUARES, st.integers(1, 20))
def test_cells_hold_their_objects_and_overlap_nowhere(squares, crowded):
    cells = cells_at(np.array(squares), crowded=crowded)
    shapes = {cell: shapely.box(*cell.bounds) for cell in cells}
    for (column, row), cell in zip(squares, cells, strict=True):
        assert shapes[cell].contains(shapely.Point(column * 2048 + 1, row * 2048 + 1))
        assert cells.count(cell) <= crowded or cell.side == 2048
    areas = list(shapes.values())
    assert shapely.union_all(areas).area == pytest.approx(sum(area.area for area in areas))


@given(SQUARES, st.integers(1, 20), st.integers(1, 100))
def test_blocks_hold_every_cell_once_and_no_more_than_they_may(squares, crowded, most):
    cells = cells_at(np.array(squares), crowded=crowded)
    objects = {cell: cells.count(cell) for cell in cells}
    blocks = blocks_of(objects, most=most)
    assert sorted(cell for block in blocks for cell in block.cells) == sorted(objects)
    for block in blocks:
        assert len(block.cells) == 1 or sum(objects[cell] for cell in block.cells) <= most


def test_two_tiles_come_to_what_one_tile_comes_to(reference, tmp_path):
    whole = assessed(make_region(tmp_path / "region"), tmp_path / "run", workers=1)
    assert len(reference.sites) == len(whole.sites)
    for name in ("area_m2", "kwp_dc_central", "kwh_year_p50", "capex"):
        ours, theirs = reference.summary[name].sum(), whole.summary[name].sum()
        # The towns' outline goes through degrees with seven digits, a centimetre either way.
        assert ours == pytest.approx(theirs, rel=2e-3 if name == "kwh_year_p50" else 1e-4)
    pd.testing.assert_series_equal(
        reference.waterfall.groupby("rule")["taken_m2"].sum(),
        whole.waterfall.groupby("rule")["taken_m2"].sum(),
        rtol=1e-4,
        atol=1.0,
    )


def test_no_site_is_lost_or_twice_at_the_edge(reference, across):
    buildings = gpd.read_file(across / "buildings.gpkg")
    roofs = reference.sites[reference.sites["type"].str.startswith("roof")]
    assert sorted(roofs["parcel_id"]) == sorted(buildings["id"])
    assert reference.sites["id"].is_unique
    assert (buildings.geometry.bounds["minx"] < BLOCK_EDGE).sum() > 0
    assert (buildings.geometry.bounds["maxx"] > BLOCK_EDGE).sum() > 0


def test_sites_of_a_run_are_one_valid_geoparquet_with_its_extent(reference):
    frame = gpd.read_parquet(reference.path / "sites.parquet", bbox=(BLOCK_EDGE, 0, 1e7, 1e7))
    assert 0 < len(frame) < len(reference.sites)
    assert reference.sites.crs.to_epsg() == 4545


def test_number_of_workers_changes_no_byte(reference, across, tmp_path):
    assessed(across, tmp_path / "two", workers=2)
    assert digests(tmp_path / "two") == digests(reference.path)


def test_a_dask_cluster_changes_no_byte(reference, across, tmp_path):
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        assessed(across, tmp_path / "cluster", scheduler=cluster.scheduler_address)
    assert digests(tmp_path / "cluster") == digests(reference.path)


def test_a_scheduler_that_does_not_answer_is_named(across, tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "CONNECT_TIMEOUT", "1s")
    with pytest.raises(RunError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9"):
        assessed(across, tmp_path / "run", scheduler="tcp://127.0.0.1:9")


def poisoned(monkeypatch, column=491_520):
    """Let the cells of a column fail; return the cells that were tried."""
    real, tried = engine.assess_cell, []

    def failing(store, cell, known):
        tried.append(cell.west)
        if cell.west == column:
            raise OSError("bad sector")
        return real(store, cell, known)

    monkeypatch.setattr(engine, "assess_cell", failing)
    return tried


def test_a_poisoned_tile_is_set_aside_and_the_rest_finishes(reference, across, tmp_path, monkeypatch):
    out = tmp_path / "run"
    with monkeypatch.context() as patch:
        tried = poisoned(patch)
        run = assessed(across, out, workers=1)
        assert tried == [483_328, 491_520, 491_520]  # once more, alone
    (said,) = run.manifest["incomplete"]
    assert said["cell"] == "c491520_3801088_8192"
    assert said["bounds"] == [491_520.0, 3_801_088.0, 499_712.0, 3_809_280.0]
    assert said["reason"] == "OSError: bad sector"
    whole = reference.sites
    west = whole[whole["id"].isin(run.sites["id"])]
    assert 0 < len(west) < len(whole)
    assert run.summary["sites"].sum() == len(run.sites)
    assert not is_current(out, load_region(across))

    with monkeypatch.context() as patch:
        tried = poisoned(patch, column=0)
        assessed(across, out, workers=1, resume=True)
        assert tried == [491_520]
    assert digests(out) == digests(reference.path)
    assert is_current(out, load_region(across))
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_the_command_says_what_is_missing_with_code_3(across, tmp_path, monkeypatch):
    poisoned(monkeypatch)
    words = ["assess", str(across), "--out", str(tmp_path / "run"), "--only", "sites"]
    done = CliRunner().invoke(cli.app, [*words, "--json"])
    assert done.exit_code == 3, done.output
    assert json.loads(done.stdout)["incomplete"][0]["reason"] == "OSError: bad sector"
    assert "1 tiles could not be assessed" in done.stderr
    assert "c491520_3801088_8192: OSError: bad sector" in done.stderr


def test_a_tile_that_ends_processes_is_set_aside_in_the_end(across, tmp_path):
    """As the kernel does when memory runs out: no exception, the process is gone."""
    script = (
        "import os, sys; from assessment import engine; real = engine.assess_cell\n"
        "def deadly(store, cell, known):\n"
        "    os._exit(9) if cell.west == 491520 else None\n"
        "    return real(store, cell, known)\n"
        "engine.assess_cell = deadly; engine.DEADLY = 2; import cli; cli.main()"
    )
    out = tmp_path / "run"
    words = [sys.executable, "-c", script, "assess", str(across), "--out", str(out), "--only", "sites"]
    ends = []
    for _ in range(4):
        done = subprocess.run(
            [*words, "--workers", "1", "--resume"], check=False, capture_output=True, text=True, timeout=120
        )
        ends.append(done.returncode)
        if out.exists():
            break
    assert ends == [9, 9, 3], done.stderr
    (said,) = Run(out).manifest["incomplete"]
    assert "2 processes ended while they worked on this tile" in said["reason"]


@pytest.mark.parametrize("objects", [1, 60, 10**9])
def test_how_tiles_are_gathered_to_tasks_changes_no_byte(objects, reference, across, tmp_path):
    assessed(across, tmp_path / "run", workers=2, block_objects=objects)
    assert digests(tmp_path / "run") == digests(reference.path)


def test_a_part_with_a_wrong_byte_is_done_again(tmp_path):
    part = tmp_path / "part"

    def fill(folder):
        (folder / "x").write_bytes(b"right")
        digest = sha256(folder / "x")
        (folder / "part.json").write_text(json.dumps({"sha256": {"x": digest}}))

    write_atomically(part, fill)
    assert is_whole(part)
    (part / "x").write_bytes(b"wrong")
    assert not is_whole(part)
    (part / "x").unlink()
    assert not is_whole(part)


def test_killed_at_any_moment_it_resumes_to_the_same_bytes(reference, across, tmp_path):
    out = tmp_path / "run"
    words = [sys.executable, "-m", "cli", "assess", str(across), "--out", str(out), "--only", "sites"]
    rng = np.random.default_rng(4)
    for moment in rng.uniform(1.0, 6.0, 3):
        process = subprocess.Popen([*words, "--resume"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(moment)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert subprocess.run([*words, "--resume"], check=False, capture_output=True, timeout=300).returncode == 0
    assert digests(out) == digests(reference.path)


def test_waterfalls_of_parts_add_up_by_hand():
    def part(total, taken):
        return pd.DataFrame(
            {
                "town": ["a"] * 3,
                "type": ["ground"] * 3,
                "step": [0, 1, 2],
                "rule": ["all", "r", "buildable"],
                "taken_m2": [0.0, taken, 0.0],
                "alone_m2": [0.0, taken, 0.0],
                "remaining_m2": [total, total - taken, total - taken],
                "taken_kwp": [0.0, taken / 10, 0.0],
                "alone_kwp": [0.0, taken / 10, 0.0],
                "remaining_kwp": [total / 10, (total - taken) / 10, (total - taken) / 10],
            }
        )

    merged = merge_waterfalls([part(100.0, 30.0), part(50.0, 5.0)], ["r"])
    assert merged["remaining_m2"].tolist() == [150.0, 115.0, 115.0]
    assert merged["taken_kwp"].tolist() == [0.0, 3.5, 0.0]
    assert merged["step"].tolist() == [0, 1, 2]


def test_joined_files_know_the_extent_of_all(tmp_path):
    files = []
    for index, x in enumerate((0, 100)):
        names = [None, None] if index == 0 else ["甲", "乙"]
        frame = gpd.GeoDataFrame({"name": names}, geometry=[shapely.box(x, 0, x + 1, 1)] * 2, crs="EPSG:4545")
        files.append(tmp_path / f"{index}.parquet")
        frame.to_parquet(files[-1], schema_version="1.1.0", write_covering_bbox=True, index=False)
    merge_geoparquet(files, tmp_path / "all.parquet")
    joined = gpd.read_parquet(tmp_path / "all.parquet")
    assert joined["name"].isna().tolist() == [True, True, False, False]
    assert joined["name"].tolist()[2:] == ["甲", "乙"]
    assert joined.total_bounds.tolist() == [0.0, 0.0, 101.0, 1.0]
    assert len(gpd.read_parquet(tmp_path / "all.parquet", bbox=(90, 0, 200, 2))) == 2
