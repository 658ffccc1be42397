from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from assessment import assess as assess_module
from assessment import cell_sites, engine, guard, region_sites
from assessment.assess import Settings, assess_region, is_current
from assessment.blocks import Block, Cell
from assessment.depot import Depot
from assessment.guard import MEMORY, clear_faults, explained, sole_writer
from assessment.parts import is_whole
from assessment.run import Run, write_atomically
from assessment.store import Store
from faults import RunError
from layers.region import load_region
from tests.small_region import BLOCK_EDGE, EAST, make_region
from tests.test_cli_assess import digests

WEST, EAST_CELL = Cell(483_328, 3_801_088, 8192), Cell(491_520, 3_801_088, 8192)
FULL = OSError(errno.ENOSPC, "No space left on device")


def assessed(region, out, **settings):
    chosen = Settings(only="sites", workers=1, **settings)
    assess_region(load_region(region), out=out, settings=chosen, progress=lambda _share, _what: None)
    return Run(out)


@pytest.fixture(scope="module")
def across(tmp_path_factory):
    """Two blocks: what lies on both sides of an edge."""
    folder = tmp_path_factory.mktemp("across") / "region"
    return make_region(folder, east_m=BLOCK_EDGE - EAST - 1010.0)


@pytest.fixture(scope="module")
def finished(across, tmp_path_factory):
    """One finished run, and its work folder as it stood before it was removed."""
    home = tmp_path_factory.mktemp("finished")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(assess_module, "_discard", lambda _depot, _out: None)
        assessed(across, home / "run")
    return home


@pytest.fixture
def begun(finished, tmp_path):
    """A folder in which all parts are finished, and a run of an earlier day is in place."""
    shutil.copytree(finished, tmp_path / "home")
    return tmp_path / "home"


def noted(monkeypatch):
    """Note the cells that are assessed from here on."""
    real, done = engine.assess_cell, []
    monkeypatch.setattr(
        engine,
        "assess_cell",
        lambda store, cell, known: (done.append(cell.name), real(store, cell, known))[1],
    )
    return done


def fail(error):
    def failing(*_args, **_kwargs):
        raise error

    return failing


def nothing_left_over(home):
    return [path.name for path in home.iterdir() if path.name.startswith(".")] in ([], [".run.work"])


WRITERS = {
    "the store": ("assessment.store._write", "disk is full"),
    "a part": (
        "assessment.parts.write_geo",
        r"2 of 2 tiles .*\n  c483328_3801088_8192: the disk is full \([\d,]+ MB free",
    ),
    "the seal of a part": ("assessment.parts.write_json", r"c491520_3801088_8192: the disk is full"),
    "the joined sites": (
        "assessment.region_sites.merge_geoparquet",
        "disk is full .*make room; finished parts",
    ),
    "the manifest": ("assessment.findings.write_json", "disk is full .*--resume goes on"),
}


@pytest.mark.parametrize("place", WRITERS)
def test_a_full_disk_is_said_and_leaves_the_old_run(place, across, begun, monkeypatch):
    target, said = WRITERS[place]
    before = digests(begun / "run")
    if place in ("a part", "the seal of a part"):
        shutil.rmtree(begun / ".run.work")
    with monkeypatch.context() as patch:
        patch.setattr(target, fail(FULL))
        with pytest.raises(RunError, match=said):
            assessed(across, begun / "run", resume=True)
    assert digests(begun / "run") == before
    assert nothing_left_over(begun)
    assessed(across, begun / "run", resume=True)
    assert digests(begun / "run") == before


def test_a_disk_that_is_really_full_is_said_with_code_2(across, tmp_path):
    """The kernel's own refusal: a limit on the size of files that the process may write."""
    script = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096));"
        "sys.argv[0] = 'yijian'; import cli; cli.main()"
    )
    words = [
        sys.executable,
        "-c",
        script,
        "assess",
        str(across),
        "--out",
        str(tmp_path / "run"),
        "--only",
        "sites",
    ]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert "File too large" in done.stderr
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("damage", ["cut", "gone", "a wrong bit"])
def test_a_damaged_store_is_named_and_resume_heals_it(damage, across, begun, monkeypatch):
    before = digests(begun / "run")
    for part in (begun / ".run.work").glob("*/parts/*"):
        shutil.rmtree(part)
    put = Store.put

    def damaged(depot, inputs):
        shared = put(depot, inputs)
        file = depot.local / "store" / "buildings" / f"{WEST.name}.parquet"
        raw = file.read_bytes()
        file.unlink()
        if damage == "cut":
            file.write_bytes(raw[: len(raw) // 2])
        elif damage == "a wrong bit":
            file.write_bytes(raw[:100] + bytes([raw[100] ^ 1]) + raw[101:])
        return shared

    with monkeypatch.context() as patch:
        patch.setattr(Store, "put", damaged)
        with pytest.raises(
            RunError,
            match=r"c483328_3801088_8192: .*buildings/c\w+\.parquet is missing or damaged, .*--resume",
        ):
            assessed(across, begun / "run", resume=True)
    assessed(across, begun / "run", resume=True)
    assert digests(begun / "run") == before


def spoil_part(part, how):
    if how == "gone":
        shutil.rmtree(part)
    elif how == "a file of it gone":
        (part / "sites.parquet").unlink()
    elif how == "a wrong bit":
        raw = bytearray((part / "sites.parquet").read_bytes())
        raw[len(raw) // 2] ^= 1
        (part / "sites.parquet").write_bytes(raw)
    elif how == "no seal":
        (part / "part.json").unlink()
    else:
        (part / "part.json").write_text('{"sha256": {', encoding="utf-8")


SPOILED = ("gone", "a file of it gone", "a wrong bit", "no seal", "half a seal")


@pytest.mark.parametrize("how", ["gone", "a wrong bit"])
def test_a_part_spoiled_before_joining_is_never_read(how, across, begun, monkeypatch):
    real = region_sites.run_blocks

    def spoiling(store, known, blocks, **settings):
        failed = real(store, known, blocks, **settings)
        spoil_part(store.depot.local / "parts" / EAST_CELL.name, how)
        return failed

    before = digests(begun / "run")
    with monkeypatch.context() as patch:
        patch.setattr(region_sites, "run_blocks", spoiling)
        with pytest.raises(RunError, match=r"missing or damaged, .*--resume: c491520_3801088_8192"):
            assessed(across, begun / "run", resume=True)
    assert digests(begun / "run") == before


@pytest.mark.parametrize("how", SPOILED)
def test_a_spoiled_part_is_not_finished(how, begun):
    part, other = sorted((begun / ".run.work").glob("*/parts/*"))
    assert is_whole(part)
    spoil_part(part, how)
    assert not is_whole(part)
    assert is_whole(other)


@pytest.mark.parametrize("how", ["a wrong bit", "half a seal"])
def test_only_a_spoiled_part_is_done_again(how, across, begun, monkeypatch):
    before = digests(begun / "run")
    (part,) = (begun / ".run.work").glob("*/parts/c491520_3801088_8192")
    spoil_part(part, how)
    done = noted(monkeypatch)
    assessed(across, begun / "run", resume=True)
    assert done == ["c491520_3801088_8192"]
    assert digests(begun / "run") == before


def test_a_half_written_part_has_no_name_that_is_read(tmp_path):
    part = tmp_path / "parts" / "c1_1_8192"
    seen = []

    def killed(folder):
        (folder / "sites.parquet").write_bytes(b"half")
        seen.append((folder.name, part.exists(), is_whole(folder)))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_atomically(part, killed)
    ((name, there, whole),) = seen
    assert name.startswith(".c1_1_8192.")
    assert not there
    assert not whole
    assert not is_whole(part)


def test_out_of_memory_in_a_block_is_named_with_what_to_do(across, tmp_path, monkeypatch):
    monkeypatch.setattr(cell_sites, "build_sites", fail(MemoryError()))
    with pytest.raises(RunError, match=r"c483328_3801088_8192: out of memory: give fewer --workers"):
        assessed(across, tmp_path / "run")


def test_out_of_memory_outside_the_blocks_is_said_too(across, tmp_path, monkeypatch):
    monkeypatch.setattr(assess_module, "read_inputs", fail(MemoryError()))
    with pytest.raises(RunError, match=r"^out of memory: give fewer --workers"):
        assessed(across, tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


def test_a_lost_cluster_is_said_for_the_tiles_it_did_not_finish(begun):
    from concurrent.futures import Future

    future = Future()
    future.cancel()
    (work,) = (begun / ".run.work").iterdir()
    spoil_part(work / "parts" / WEST.name, "gone")
    (failure,) = engine._failures(future, Block((WEST, EAST_CELL)), Depot(str(work)))
    assert failure.cell == WEST
    assert failure.refused
    assert "cluster was lost" in failure.reason


def test_of_many_failed_tiles_a_message_names_the_first():
    failed = [engine.Failure(Cell(column, 1, 8192), f"v{column}", refused=True) for column in range(30)]
    said = engine._said(failed, 40)
    assert said.startswith("30 of 40 tiles")
    assert "c19_1_8192: v19" in said
    assert "v20" not in said
    assert said.endswith("and 10 more")


def test_a_disk_that_refuses_even_the_lock_is_said(across, tmp_path, monkeypatch):
    monkeypatch.setattr(guard.os, "open", fail(FULL))
    with pytest.raises(RunError, match="disk is full"):
        assessed(across, tmp_path / "run")


@pytest.mark.parametrize("point", [("full disk", 20, 0), ("killed", 35, -9), ("input/output error", 50, 0)])
def test_refused_at_some_point_it_resumes_to_the_same_bytes(point, across, finished, tmp_path):
    """`benchmarks/refusals.py` does the same at every point and with every kind of refusal."""
    kind, at, code = point
    out = tmp_path / "home" / "run"
    script = (
        "import sys; from pathlib import Path; sys.path.insert(0, 'benchmarks'); import refusals\n"
        "trap = refusals.Trap(); sys.addaudithook(trap); region, out, at, kind = sys.argv[1:]\n"
        "trap.at, trap.kind, trap.home = int(at), kind, str(Path(out).parent)\n"
        "print(refusals.assess(Path(region), Path(out)))"
    )
    words = [sys.executable, "-c", script, str(across), str(out), str(at), kind]
    root = Path(__file__).parents[1]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=300, cwd=root)
    assert done.returncode == code, done.stderr
    assert done.stdout == ("" if code else "message\n")
    assert not out.exists()
    assessed(across, out, resume=True)
    assert digests(out) == digests(finished / "run")


def test_an_error_of_the_program_keeps_its_traceback():
    with pytest.raises(FileNotFoundError), clear_faults(Path()):
        Path("no such file").read_bytes()


@pytest.mark.parametrize("number", sorted(guard.REFUSED))
def test_what_the_machine_refuses_is_a_clear_message(number, tmp_path):
    with pytest.raises(RunError, match="finished parts are kept"), clear_faults(tmp_path / "not" / "there"):
        raise OSError(number, os.strerror(number))


def test_words_of_the_machine():
    assert explained(MemoryError(), Path()) == MEMORY
    assert explained(RunError("as it is"), Path()) == "as it is"
    assert explained(OSError(errno.EIO, "Input/output error"), Path()).endswith("Input/output error")


def test_two_assessments_of_one_folder_are_kept_apart(across, tmp_path):
    out = tmp_path / "run"
    with sole_writer(out):
        with pytest.raises(RunError, match=rf"run is being written .*process {os.getpid()}\).* --out"):
            assessed(across, out)
        with sole_writer(tmp_path / "other"):
            pass
    assert list(tmp_path.iterdir()) == []
    with sole_writer(out):
        pass


def test_the_right_to_write_ends_with_the_process(tmp_path):
    out = tmp_path / "run"
    script = (
        "import os, pathlib, signal, sys; from assessment.guard import sole_writer\n"
        "with sole_writer(pathlib.Path(sys.argv[1])): os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", script, str(out)], check=False, timeout=60)
    assert done.returncode == -9
    assert (tmp_path / ".run.lock").exists()
    with sole_writer(out):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 99}', "\x00\x01"])
def test_an_unreadable_manifest_is_no_current_run_and_is_said(text, across, tmp_path):
    run = tmp_path / "run"
    run.mkdir()
    (run / "manifest.json").write_text(text, encoding="utf-8")
    assert not is_current(run, load_region(across))
    with pytest.raises(RunError, match=r"manifest\.json|run format"):
        Run(run)


def test_parts_of_another_scenario_or_version_are_not_taken_over(begun, monkeypatch):
    """Parts lie in a folder named by everything a run depends on."""
    before = json.loads((begun / "run" / "manifest.json").read_text())["fingerprint"]
    (folder,) = (begun / ".run.work").iterdir()
    assert folder.name == before[:16]
    changed = make_region(begun.parent / "changed", east_m=BLOCK_EDGE - EAST - 1000.0)
    done = noted(monkeypatch)
    assessed(changed, begun / "run", resume=True)
    assert done == ["c483328_3801088_8192", "c491520_3801088_8192"]
