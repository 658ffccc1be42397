"""Kept kernels: their folder is named by every source, so that none outlives a change."""

from __future__ import annotations

import ast
import os
import time

import numba
import pytest

import jit


@pytest.fixture
def tree(tmp_path, monkeypatch):
    for package in jit.SOURCES:
        (tmp_path / package).mkdir()
        (tmp_path / package / "one.py").write_text("A = 1\n")
    monkeypatch.setattr(jit, "ROOT", tmp_path)
    return tmp_path


def test_any_source_gives_another_name(tree):
    before = jit.fingerprint()
    assert jit.fingerprint() == before
    (tree / "potential" / "one.py").write_text("A = 2\n")
    changed = jit.fingerprint()
    (tree / "gis" / "two.py").write_text("")
    assert len({before, changed, jit.fingerprint()}) == 3


@pytest.mark.usefixtures("tree")
def test_the_compiler_gives_another_name(monkeypatch):
    before = jit.fingerprint()
    monkeypatch.setattr(numba, "__version__", "0.0.1")
    assert jit.fingerprint() != before


def test_kernels_are_kept_where_the_environment_says(tree, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tree / "named"))
    assert jit.kept_in() == tree / "named" / jit.fingerprint()
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    monkeypatch.setenv("YIJIAN_HOME", str(tree / "home"))
    assert jit.kept_in() == tree / "home" / "kernels" / jit.fingerprint()


def test_a_place_that_is_no_folder_keeps_nothing(tree, monkeypatch):
    (tree / "file").write_text("")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tree / "file"))
    assert jit.kept_in() is None


def test_what_nobody_opened_for_a_month_is_removed(tree, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tree / "named"))
    old, recent, other = (tree / "named" / name for name in ("0" * 16, "1" * 16, "mine"))
    for folder in (old, recent, other):
        folder.mkdir(parents=True)
    past = time.time() - (jit.OLD_DAYS + 1) * 86_400
    for folder in (old, other):
        os.utime(folder, (past, past))
    jit.kept_in()
    assert (old.exists(), recent.exists(), other.exists()) == (False, True, True)


def test_this_run_uses_the_folder_of_its_sources():
    assert numba.config.CACHE_DIR.endswith(jit.fingerprint())


def test_no_kernel_may_round_by_how_it_was_compiled():
    """Fused or reordered operations depend on what was inlined where: the same inputs, other bytes."""
    loose = {}
    for package in jit.SOURCES:
        for file in sorted((jit.ROOT / package).rglob("*.py")):
            for word in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(word, ast.keyword) and word.arg == "fastmath":
                    flags = ast.literal_eval(word.value)
                    if flags is True or (flags and set(flags) - {"nsz", "nnan", "ninf"}):
                        loose[f"{file.name}:{word.value.lineno}"] = flags
    assert loose == {}
