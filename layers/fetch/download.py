"""Download a file once: resumed where it broke off, kept with its checksum, clear where there is no net."""

from __future__ import annotations

import hashlib
import http.client
import os
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from faults import YijianError
from layers.demo_source import NO_PROGRESS

if TYPE_CHECKING:
    from collections.abc import Callable
    from email.message import Message

AGENT = "yijian (planning tool for solar and geothermal potential)"
CHUNK = 1 << 18
TRIES = 4
PAUSE_S = 1.5
MAX_PAUSE_S = 60.0
TIMEOUT_S = 120.0
AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Answers after which asking again makes sense."""
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


def _complete(url: str, body: bytes | None, part: Path, progress: Callable[[float, str], None]) -> None:
    host = urlsplit(url).netloc
    for attempt in range(TRIES):
        pause = PAUSE_S * 2**attempt
        try:
            _append(url, body, part, progress)
        except urllib.error.HTTPError as error:
            if error.code == NOT_SATISFIABLE:
                part.unlink(missing_ok=True)
            elif error.code not in AGAIN:
                raise FetchError(f"{host} answers {error.code} {error.reason} for {url}") from error
            pause = _retry_after(error.headers, pause)
            reason = f"{error.code} {error.reason}"
        except (OSError, http.client.HTTPException) as error:
            reason = str(getattr(error, "reason", error)) or type(error).__name__
        else:
            return
        if attempt < TRIES - 1:
            progress(0.0, f"{host}: {reason}; trying again")
            time.sleep(min(pause, MAX_PAUSE_S))
    raise FetchError(
        f"cannot fetch from {host}: {reason}. Without internet, get the file elsewhere "
        f'({url}) and name it by path = "..." in region.toml'
    )


def _append(url: str, body: bytes | None, part: Path, progress: Callable[[float, str], None]) -> None:
    """Ask for what is missing and write it behind what is there."""
    have = part.stat().st_size if part.exists() and body is None else 0
    headers = {"User-Agent": AGENT} | ({"Range": f"bytes={have}-"} if have else {})
    request = urllib.request.Request(url, data=body, headers=headers)  # noqa: S310 - the scheme is checked
    with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310 - the scheme is checked
        resumed = answer.status == PARTIAL
        have = have if resumed else 0
        length = answer.headers.get("Content-Length")
        whole = None if length is None else have + int(length)
        with part.open("ab" if resumed else "wb") as out:
            while chunk := answer.read(CHUNK):
                out.write(chunk)
                progress(out.tell() / whole if whole else 0.0, urlsplit(url).netloc)
            if whole is not None and out.tell() < whole:
                raise ConnectionError(f"broke off after {out.tell()} of {whole} bytes")


def _retry_after(headers: Message, pause: float) -> float:
    try:
        return max(pause, float(headers.get("Retry-After", pause)))
    except (TypeError, ValueError):
        return pause
