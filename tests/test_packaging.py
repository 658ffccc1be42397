"""What the installed package holds: every file beside the code that the code reads."""

from __future__ import annotations

import fnmatch
import tomllib
from pathlib import Path

from setuptools import find_namespace_packages

PROJECT = Path(__file__).parent.parent
TREE = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
GENERATED = {"__pycache__", ".mypy_cache"}


def test_every_file_beside_the_code_is_packaged():
    packages = set(find_namespace_packages(PROJECT, include=TREE["packages"]["find"]["include"]))
    patterns = TREE["package-data"]["*"]
    tops = sorted({name.partition(".")[0] for name in packages})
    assert {"ui", "data", "layers", "tracking"} <= set(tops)
    seen = 0
    for top in tops:
        for file in (PROJECT / top).rglob("*"):
            if file.is_dir() or GENERATED & set(file.parts) or file.suffix in (".pyc", ".nbi", ".nbc"):
                continue
            assert ".".join(file.parent.relative_to(PROJECT).parts) in packages, file
            assert file.suffix == ".py" or any(fnmatch.fnmatch(file.name, one) for one in patterns), file
            seen += 1
    assert seen > 300


def test_the_configuration_of_the_pages_ships_with_them():
    linked = PROJECT / ".streamlit" / "config.toml"
    assert linked.resolve() == PROJECT / "ui" / "config.toml"
    assert tomllib.loads(linked.read_text(encoding="utf-8"))["browser"]["gatherUsageStats"] is False
