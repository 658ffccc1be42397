"""Work kept on an object store: the same bytes, answers that fail, answers that are wrong."""

from __future__ import annotations

import json
import uuid
from collections import Counter
from typing import ClassVar

import fsspec
import pandas as pd
import pytest
from fsspec.implementations.memory import MemoryFileSystem
from typer.testing import CliRunner

import cli
from assessment import depot as depot_module
from assessment.assess import Settings, assess_region
from assessment.blocks import Cell
from assessment.depot import ATTEMPTS, Depot
from assessment.parts import SEAL, is_finished, write_part
from assessment.remote import fetch_region, publish
from assessment.run import Run
from faults import RunError
from layers.region import load_region
from tests.runs import make_run
from tests.small_region import BLOCK_EDGE, EAST, make_region
from tests.test_cli_assess import digests


class Moody(MemoryFileSystem):
    """A store that answers as it likes; what it does is set by the tests."""

    protocol = "moody"
    cachable = False
    store: ClassVar[dict] = {}
    pseudo_dirs: ClassVar[list] = [""]
    failing: ClassVar[Counter] = Counter()
    """Failures that are still to come, by method."""
    garbled: ClassVar[Counter] = Counter()
    """Wrong answers that are still to come, by end of the path."""
    asked: ClassVar[Counter] = Counter()

    @classmethod
    def _strip_protocol(cls, path):
        return super()._strip_protocol(path.replace("moody://", "memory://"))

    def _fail(self, method):
        type(self).asked[method] += 1
        if self.failing[method] > 0:
            self.failing[method] -= 1
            raise ConnectionResetError(f"{method}: reset by peer")

    def pipe_file(self, path, value, mode="overwrite", **kwargs):
        self._fail("pipe_file")
        return super().pipe_file(path, value, mode=mode, **kwargs)

    def cat_file(self, path, start=None, end=None, **kwargs):
        self._fail("cat_file")
        raw = super().cat_file(path, start=start, end=end, **kwargs)
        for name in self.garbled:
            if path.endswith(name) and self.garbled[name] > 0:
                self.garbled[name] -= 1
                return raw[: len(raw) // 2]
        return raw


@pytest.fixture
def moody(monkeypatch):
    fsspec.register_implementation("moody", Moody, clobber=True)
    monkeypatch.setattr(depot_module, "WAIT_S", 0.001)
    for counter in (Moody.failing, Moody.garbled, Moody.asked):
        counter.clear()
    return f"moody://{uuid.uuid4().hex}"


def assessed(region, out, **settings):
    chosen = Settings(only="sites", workers=1, **settings)
    assess_region(load_region(region), out=out, settings=chosen, progress=lambda _share, _what: None)
    return Run(out)


@pytest.fixture(scope="module")
def across(tmp_path_factory):
    folder = tmp_path_factory.mktemp("across") / "region"
    return make_region(folder, east_m=BLOCK_EDGE - EAST - 1010.0)


@pytest.fixture(scope="module")
def reference(across, tmp_path_factory):
    out = tmp_path_factory.mktemp("reference") / "run"
    assessed(across, out)
    return digests(out)


def test_a_run_whose_pieces_are_on_a_store_has_the_same_bytes(reference, across, tmp_path, moody):
    assessed(across, tmp_path / "run", work=moody)
    assert digests(tmp_path / "run") == reference
    assert Moody.asked["pipe_file"] > 20
    assert fsspec.filesystem("moody").find(moody) == []
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_store_that_fails_now_and_then_is_asked_again(reference, across, tmp_path, moody):
    Moody.failing.update(pipe_file=ATTEMPTS - 1, cat_file=ATTEMPTS - 1)
    Moody.garbled.update({"c483328_3801088_8192.parquet": 1, "index.json": 1})
    assessed(across, tmp_path / "run", work=moody)
    assert digests(tmp_path / "run") == reference
    assert Moody.failing.total() == Moody.garbled.total() == 0


def test_a_store_that_does_not_answer_is_named_and_resume_goes_on(reference, across, tmp_path, moody):
    Moody.failing.update(cat_file=10**6)
    with pytest.raises(
        RunError, match=r"moody://\w+/.*cannot be read after 4 attempts, --resume .*reset by peer"
    ):
        assessed(across, tmp_path / "run", work=moody)
    assert not (tmp_path / "run").exists()
    Moody.failing.clear()
    assessed(across, tmp_path / "run", work=moody, resume=True)
    assert digests(tmp_path / "run") == reference


def test_wrong_bytes_are_never_taken(across, tmp_path, moody):
    Moody.garbled.update({"c483328_3801088_8192.parquet": 10**6})
    with pytest.raises(RunError, match="missing or damaged, start again with --resume: other bytes than"):
        assessed(across, tmp_path / "run", work=moody)


def test_a_part_without_its_seal_is_not_there(moody):

    depot, cell = Depot(moody), Cell(0, 0, 8192)
    set_aside = pd.DataFrame({"layer": ["buildings"], "reason": ["r"], "objects": [1], "m2": [2.0]})
    assert not is_finished(depot, cell)
    write_part(depot, cell, set_aside)
    assert is_finished(depot, cell)
    depot.remove(f"parts/{cell.name}/{SEAL}")
    assert not is_finished(depot, cell)


def test_a_kind_of_store_that_is_not_installed_is_said():
    with pytest.raises(RunError, match="nothing://x: no such kind of store"):
        Depot("nothing://x").has("y")


def test_a_file_is_fetched_once_and_is_the_same(moody, tmp_path):
    depot = Depot(moody)
    depot.put_file("a/b.tif", lambda file: file.write_bytes(b"heights"))
    first = depot.fetched("a/b.tif")
    assert first.read_bytes() == b"heights"
    before = Moody.asked["cat_file"]
    assert depot.fetched("a/b.tif") == first
    assert Moody.asked["cat_file"] == before
    local = Depot(str(tmp_path))
    local.put_file("c.tif", lambda file: file.write_bytes(b"x"))
    assert local.fetched("c.tif") == tmp_path / "c.tif"
    with pytest.raises(FileNotFoundError):
        depot.read("not there")


def put_region(across, url):
    for file in across.iterdir():
        raw = file.read_bytes()
        Depot(f"{url}/region").put_file(file.name, lambda path, raw=raw: path.write_bytes(raw))


def test_the_command_reads_and_writes_on_a_store(reference, across, tmp_path, moody, monkeypatch):
    monkeypatch.setenv("YIJIAN_HOME", str(tmp_path / "home"))
    put_region(across, moody)
    words = ["assess", f"{moody}/region", "--out", f"{moody}/run", "--work", f"{moody}/pieces"]
    done = CliRunner().invoke(cli.app, [*words, "--only", "sites", "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["run"] == f"{moody}/run"
    copied = tmp_path / "copied"
    for name in Depot(f"{moody}/run").names():
        file = copied / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(Depot(f"{moody}/run").read(name))
    assert digests(copied) == reference


def test_only_files_that_changed_are_fetched_again(across, tmp_path, moody):
    put_region(across, moody)
    fetch_region(f"{moody}/region", tmp_path / "here")
    Moody.asked.clear()
    fetch_region(f"{moody}/region/region.toml", tmp_path / "here")
    assert Moody.asked["cat_file"] == 0
    Depot(f"{moody}/region").put_file("grid.gpkg", lambda path: path.write_bytes(b"new"))
    Depot(f"{moody}/region").remove("municipal.gpkg")
    fetch_region(f"{moody}/region", tmp_path / "here")
    assert Moody.asked["cat_file"] == 1
    assert (tmp_path / "here" / "grid.gpkg").read_bytes() == b"new"
    assert not (tmp_path / "here" / "municipal.gpkg").exists()


def test_a_place_without_a_region_is_named(moody, tmp_path):
    with pytest.raises(RunError, match=r"moody://\w+/x holds no region\.toml"):
        fetch_region(f"{moody}/x", tmp_path)


def test_a_run_is_published_with_its_manifest_last(tmp_path, moody):
    make_run(tmp_path / "run", n_sites=20, seed=1)
    publish(tmp_path / "run", f"{moody}/run")
    depot = Depot(f"{moody}/run")
    depot.put_file("old.csv", lambda path: path.write_bytes(b"of an earlier run"))
    whole = set(depot.names()) - {"old.csv"}
    Moody.failing.update(pipe_file=ATTEMPTS)
    with pytest.raises(RunError, match="cannot be written after 4 attempts"):
        publish(tmp_path / "run", f"{moody}/run")
    assert "manifest.json" not in depot.names()
    publish(tmp_path / "run", f"{moody}/run")
    assert set(depot.names()) == whole
