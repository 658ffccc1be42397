"""Where the pieces of an assessment are kept while it runs: a folder, or a place on an object store."""

from __future__ import annotations

import atexit
import shutil
import tempfile
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import fsspec

from assessment.guard import REFUSED
from assessment.run import write_atomically, write_file_atomically
from faults import RunError

if TYPE_CHECKING:
    from collections.abc import Callable

ATTEMPTS = 4
WAIT_S = 0.2
"""Before the second attempt; four times as long before each further one."""
FINAL = (FileNotFoundError, PermissionError, IsADirectoryError, NotADirectoryError)
"""Answers that asking again does not change."""


@dataclass(frozen=True)
class Depot:
    """A place by its URL, as fsspec takes it: `s3://bucket/folder`, `memory://x`, or the path of a folder.

    Files are there whole or not at all. Stores that are not a disk of this machine are asked again when they
    do not answer, and say so in the end.
    """

    url: str

    @property
    def local(self) -> Path | None:
        """The folder, where it is on a disk of this machine."""
        fs, root = _opened(self.url)
        protocols = fs.protocol if isinstance(fs.protocol, tuple) else (fs.protocol,)
        return Path(root) if "file" in protocols else None

    def put_file(self, name: str, fill: Callable[[Path], object]) -> None:
        """Write one file; `fill` writes it to the path it is given."""
        if self.local is not None:
            write_file_atomically(self.local / name, fill)
            return
        with tempfile.TemporaryDirectory() as scratch:
            file = Path(scratch) / Path(name).name
            fill(file)
            self._pipe(name, file.read_bytes())

    def put_folder(self, name: str, fill: Callable[[Path], None], *, seal: str) -> None:
        """Write a folder of files; without its file `seal`, which comes last, it is not there."""
        if self.local is not None:
            write_atomically(self.local / name, fill)
            return
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            fill(folder)
            for file in sorted(folder.iterdir(), key=lambda one: (one.name == seal, one.name)):
                self._pipe(f"{name}/{file.name}", file.read_bytes())

    def read(self, name: str) -> bytes:
        """Return the bytes of a file.

        Raises
        ------
        FileNotFoundError
            There is no such file.
        RunError
            The store does not answer.
        """
        if self.local is not None:
            return (self.local / name).read_bytes()
        fs, root = _opened(self.url)
        raw: bytes = self._asked("read", name, lambda: fs.cat_file(f"{root}/{name}"))
        return raw

    def has(self, name: str) -> bool:
        """Say whether there is such a file."""
        fs, root = _opened(self.url)
        return bool(self._asked("looked up", name, lambda: fs.exists(f"{root}/{name}")))

    def names(self) -> dict[str, str]:
        """Return the files below this place, each with what tells one version of it from another."""
        fs, root = _opened(self.url)
        found = self._asked("listed", "", lambda: fs.find(root, detail=True))
        return {
            path.removeprefix(root).lstrip("/"): str(info.get("ETag") or fs.ukey(path))
            for path, info in sorted(found.items())
        }

    def remove(self, name: str = "") -> None:
        """Remove a file or folder, or everything, if it is there."""
        fs, root = _opened(self.url)
        path = f"{root}/{name}".rstrip("/")
        if self.local is not None:
            shutil.rmtree(path) if Path(path).is_dir() else Path(path).unlink(missing_ok=True)
        elif self._asked("looked up", name, lambda: fs.exists(path)):
            self._asked("removed", name, lambda: fs.rm(path, recursive=True))

    def fetched(self, name: str) -> Path:
        """Return a file on a disk of this machine: itself, or a copy that goes with this process."""
        return self.local / name if self.local is not None else _copy(self, name)

    def _pipe(self, name: str, raw: bytes) -> None:
        fs, root = _opened(self.url)
        self._asked("written", name, lambda: fs.pipe_file(f"{root}/{name}", raw))

    def _asked(self, what: str, name: str, work: Callable[[], Any]) -> Any:  # noqa: ANN401 - what the store says
        """Ask the store, again where it does not answer."""
        for attempt in range(ATTEMPTS):
            try:
                return work()
            except FINAL:
                raise
            except Exception as error:  # the kinds of each store's library
                if self.local is not None or getattr(error, "errno", None) in REFUSED:
                    raise
                if attempt + 1 == ATTEMPTS:
                    raise RunError(
                        f"{self.url}/{name} cannot be {what} after {ATTEMPTS} attempts, "
                        f"--resume goes on when the store answers: {type(error).__name__}: {error}"
                    ) from error
                time.sleep(WAIT_S * 4**attempt)
        raise AssertionError("unreachable")


@lru_cache(maxsize=8)
def _opened(url: str) -> tuple[Any, str]:
    try:
        fs, root = fsspec.core.url_to_fs(url)
    except (ImportError, ValueError) as error:
        raise RunError(f"{url}: no such kind of store can be opened: {error}") from error
    return fs, str(root).rstrip("/")


@lru_cache(maxsize=16)
def _copy(depot: Depot, name: str) -> Path:
    file = _scratch() / f"{len(list(_scratch().iterdir()))}-{Path(name).name}"
    file.write_bytes(depot.read(name))
    return file


@lru_cache(maxsize=1)
def _scratch() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="yijian-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
