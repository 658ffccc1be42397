"""Regions and runs on an object store: a region is fetched to be read, a run is published when whole."""

from __future__ import annotations

import hashlib
import json
from functools import partial
from typing import TYPE_CHECKING

from assessment.depot import Depot
from assessment.run import write_file_atomically
from faults import RunError

if TYPE_CHECKING:
    from pathlib import Path

MANIFEST = "manifest.json"
SEEN = ".fetched.json"
"""What each file was when it was fetched, so that only what changed is fetched again."""


def is_url(place: str) -> bool:
    """Say whether a place is on a store and not a path of this machine.

    Examples
    --------
    >>> is_url("s3://bucket/xixian"), is_url("data/xixian"), is_url("C:/regions/xixian")
    (True, False, False)
    """
    return "://" in place


def kept_at(home: Path, url: str) -> Path:
    """Return the folder of this machine that stands for a place on a store."""
    return home / "remote" / hashlib.sha256(url.rstrip("/").encode()).hexdigest()[:16]


def fetch_region(url: str, folder: Path) -> Path:
    """Bring a region's folder to this machine; files that are here and unchanged are not fetched again.

    Parameters
    ----------
    url
        Of a region.toml or of the folder it is in.

    Raises
    ------
    RunError
        The store does not answer, or there is no region.toml.
    """
    depot = Depot(url.removesuffix("region.toml").rstrip("/"))
    there = depot.names()
    if "region.toml" not in there:
        raise RunError(f"{depot.url} holds no region.toml")
    seen = _seen(folder)
    for name, version in there.items():
        file = (folder / name).resolve()
        if not file.is_relative_to(folder.resolve()):
            raise RunError(f"{depot.url}: the name {name!r} leads out of the folder")
        if seen.get(name) != version or not file.is_file():
            write_file_atomically(file, partial(_write, depot.read(name)))
    text = json.dumps(there)
    write_file_atomically(folder / SEEN, lambda path: path.write_text(text, encoding="utf-8"))
    for file in folder.rglob("*"):
        if file.is_file() and file.name != SEEN and file.relative_to(folder).as_posix() not in there:
            file.unlink()
    return folder


def _seen(folder: Path) -> dict[str, str]:
    try:
        seen: dict[str, str] = json.loads((folder / SEEN).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return seen


def publish(run: Path, url: str) -> None:
    """Copy a finished run to a store. Its manifest is taken away first and put back last.

    A copy that was interrupted has no manifest and is no run; publishing again makes it whole.
    """
    depot = Depot(url.rstrip("/"))
    before = depot.names()
    files = {file.relative_to(run).as_posix(): file for file in sorted(run.rglob("*")) if file.is_file()}
    if MANIFEST in before:
        depot.remove(MANIFEST)
    for name in set(before) - set(files):
        depot.remove(name)
    for name in sorted(files, key=lambda one: (one == MANIFEST, one)):
        depot.put_file(name, partial(_write, files[name].read_bytes()))


def _write(raw: bytes, file: Path) -> None:
    file.write_bytes(raw)
