"""Download a file once: resumed where it broke off, kept with its checksum, clear where there is no net."""

from __future__ import annotations

import hashlib
import http.client
import os
import socket
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from faults import YijianError
from layers.demo_source import NO_PROGRESS

if TYPE_CHECKING:
    from collections.abc import Callable
    from email.message import Message

Answer = TypeVar("Answer")
AGENT = "yijian (planning tool for solar and geothermal potential)"
CHUNK = 1 << 18
TRIES = 4
PAUSE_S = 1.5
MAX_PAUSE_S = 60.0
TIMEOUT_S = 120.0
AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Answers after which asking again makes sense."""
NOT_FOUND = 404
NOT_SATISFIABLE = 416
PARTIAL = 206


class FetchError(YijianError):
    """Data cannot be fetched: no connection, or the server says no."""


@dataclass(frozen=True)
class Download:
    """A file that is here."""

    path: Path
    url: str
    sha256: str
    cached: bool
    """True: it was here before, and its checksum holds."""


def cache_folder() -> Path:
    """Return where downloads are kept: below YIJIAN_HOME, else below var/."""
    home = os.environ.get("YIJIAN_HOME")
    return (Path(home) if home else Path(__file__).parents[2] / "var") / "fetch"


def download(
    url: str,
    *,
    body: bytes | None = None,
    folder: Path | None = None,
    fresh: bool = False,
    checksum: str | None = None,
    progress: Callable[[float, str], None] = NO_PROGRESS,
) -> Download:
    """Return the file behind an address; from the cache where it is there and undamaged.

    Parameters
    ----------
    url
        http or https.
    body
        What is posted; None: the file is just asked for, and a broken download goes on where it stopped.
    folder
        Cache; None: `cache_folder()`.
    fresh
        Do not take it from the cache.
    checksum
        SHA-256 that the file must have, as its publisher says; None: what came is taken.
    progress
        Told the share that is here (0 where the length is not known).

    Raises
    ------
    FetchError
        No connection after several tries, the server refuses, or what came is not what was published.
    """
    if urlsplit(url).scheme not in ("http", "https"):
        raise FetchError(f"{url}: only http and https addresses are fetched")
    target = (folder or cache_folder()) / _name(url, body)
    known = None if fresh else _kept(target)
    if known is not None and checksum in (None, known):
        return Download(target, url, known, cached=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    _complete(url, body, part, progress)
    found = sha256(part)
    if checksum is not None and found != checksum.lower():
        part.unlink()  # a part that is wrong must not be gone on with
        raise FetchError(
            f"{url} has the checksum {found}, not {checksum.lower()}: it is not what was published"
        )
    part.replace(target)
    _sum_file(target).write_text(found, encoding="ascii")
    return Download(target, url, found, cached=False)


def sha256(path: Path) -> str:
    """Return the checksum of a file."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _name(url: str, body: bytes | None) -> str:
    digest = hashlib.sha256(url.encode() + b"\n" + (body or b"")).hexdigest()[:16]
    plain = "".join(
        char if char.isalnum() or char in "-_." else "_" for char in Path(urlsplit(url).path).name
    )
    return f"{digest}-{plain[-80:] or 'data'}"


def _sum_file(target: Path) -> Path:
    return target.with_name(f"{target.name}.sha256")


def _kept(target: Path) -> str | None:
    """Return the checksum of a file in the cache, or None where there is none or it is damaged."""
    try:
        known = _sum_file(target).read_text(encoding="ascii").strip()
        return known if sha256(target) == known else None
    except OSError:
        return None


def exists(url: str, *, progress: Callable[[float, str], None] = NO_PROGRESS) -> bool:
    """Say whether there is a file at an address; only the answer "not found" says that there is none.

    Raises
    ------
    FetchError
        No connection after several tries, or the server refuses.
    """
    request = urllib.request.Request(url, headers={"User-Agent": AGENT}, method="HEAD")  # noqa: S310 - as below

    def ask() -> bool:
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S):  # noqa: S310 - addresses are our own
                return True
        except urllib.error.HTTPError as error:
            if error.code == NOT_FOUND:
                return False
            raise

    return tried(url, ask, progress)


def piece(key: str, name: str, make: Callable[[Path], None]) -> Path:
    """Return a piece of something larger that is made once: kept with its checksum, whole or not at all.

    Parameters
    ----------
    key
        Everything that the piece depends on.
    name
        Ending of its file.
    make
        Writes it.
    """
    target = cache_folder() / _name(f"https://piece/{name}", key.encode())
    if _kept(target) is not None:
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"part-{target.name}")
    make(part)
    found = sha256(part)
    part.replace(target)
    _sum_file(target).write_text(found, encoding="ascii")
    return target


def forget(target: Path) -> None:
    """Take a file out of the cache that is not what was asked for."""
    target.unlink(missing_ok=True)
    _sum_file(target).unlink(missing_ok=True)


def tried(url: str, ask: Callable[[], Answer], progress: Callable[[float, str], None]) -> Answer:
    """Ask until there is an answer: again after what may pass, with growing pauses; else say what to do.

    Raises
    ------
    FetchError
        No connection after several tries, or the server refuses.
    """
    host = urlsplit(url).netloc
    for attempt in range(TRIES):
        pause = PAUSE_S * 2**attempt
        try:
            return ask()
        except urllib.error.HTTPError as error:
            if error.code not in AGAIN:
                raise FetchError(f"{host} answers {error.code} {error.reason} for {url}") from error
            pause = _retry_after(error.headers, pause)
            reason = f"{error.code} {error.reason}"
        except (OSError, http.client.HTTPException) as error:
            reason = _reason(error)
        if attempt < TRIES - 1:
            progress(0.0, f"{host}: {reason}; trying again")
            time.sleep(min(pause, MAX_PAUSE_S))
    raise FetchError(
        f"cannot fetch from {host}: {reason}. Without internet, get the file elsewhere "
        f'({url}) and name it by path = "..." in region.toml'
    )


def _complete(url: str, body: bytes | None, part: Path, progress: Callable[[float, str], None]) -> None:
    def ask() -> None:
        try:
            _append(url, body, part, progress)
        except urllib.error.HTTPError as error:
            if error.code != NOT_SATISFIABLE:
                raise
            part.unlink(missing_ok=True)
            _append(url, body, part, progress)

    tried(url, ask, progress)
    _version_file(part).unlink(missing_ok=True)


def _version_file(part: Path) -> Path:
    return part.with_name(f"{part.name}.version")


def _append(url: str, body: bytes | None, part: Path, progress: Callable[[float, str], None]) -> None:
    """Ask for what is missing and write it behind what is there, if the file is still the same."""
    have = part.stat().st_size if part.exists() and body is None else 0
    headers = {"User-Agent": AGENT} | _range(have, _version_file(part))
    request = urllib.request.Request(url, data=body, headers=headers)  # noqa: S310 - the scheme is checked
    with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310 - the scheme is checked
        resumed = answer.status == PARTIAL
        have = have if resumed else 0
        version = answer.headers.get("ETag") or answer.headers.get("Last-Modified") or ""
        _version_file(part).write_text(version, encoding="utf-8")
        length = answer.headers.get("Content-Length")
        whole = None if length is None else have + int(length)
        with part.open("ab" if resumed else "wb") as out:
            while chunk := answer.read(CHUNK):
                out.write(chunk)
                progress(out.tell() / whole if whole else 0.0, urlsplit(url).netloc)
            if whole is not None and out.tell() < whole:
                raise ConnectionError(f"broke off after {out.tell()} of {whole} bytes")


def _range(have: int, version_file: Path) -> dict[str, str]:
    """Ask for the rest only; for all of it where the server has another version by now."""
    if not have:
        return {}
    version = version_file.read_text(encoding="utf-8") if version_file.is_file() else ""
    same = {"If-Range": version} if version and not version.startswith("W/") else {}
    return {"Range": f"bytes={have}-"} | same


def _reason(error: Exception) -> str:
    inner = getattr(error, "reason", error)
    if isinstance(inner, socket.gaierror):
        return "its address is not found"
    return str(inner) or type(error).__name__


def _retry_after(headers: Message, pause: float) -> float:
    try:
        return max(pause, float(headers.get("Retry-After", pause)))
    except (TypeError, ValueError):
        return pause
