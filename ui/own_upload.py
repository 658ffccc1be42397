"""Uploads of a session: counted against its limits, under plain names, read in a process of its own."""

from __future__ import annotations

import hashlib
import secrets
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import streamlit as st

from faults import YijianError
from ui.access import load_access
from ui.limited import limited
from ui.limits import Quota
from ui.own_words import error_text
from ui.runs import home

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamlit.runtime.uploaded_file_manager import UploadedFile

Result = TypeVar("Result")
TYPES = ["gpkg", "geojson", "json", "parquet", "fgb", "csv", "zip", "tif", "tiff", "kml", "kmz"]
KEPT_S = 24 * 3600.0
"""Drafts that nobody touched for so long are removed."""
LONGEST = 60
"""Characters kept of the stem of a file's name; four bytes each, file systems take 255."""
WEATHER_TYPES = ["epw", "csv", "json"]


def plain_name(name: str) -> str:
    """Return the name of an upload without a folder, cut to what file systems take."""
    plain = Path(
        Path(name.replace("\0", "_")).name.replace("..", "_") or "upload"
    )  # nothing leaves its folder
    return f"{plain.stem[:LONGEST]}{plain.suffix[:LONGEST]}"


def save_upload(folder: Path, name: str, content: bytes) -> Path:
    """Write an upload into a folder under its plain name.

    Archives stay packed: the readers look into them within limits.
    """
    path = folder / plain_name(name)
    path.write_bytes(content)
    return path


def count(file: UploadedFile) -> None:
    """Count an upload, once, against the limits of the session.

    Raises
    ------
    InputError
        It, or all uploads of the session together, are too large.
    """
    seen: set[str] = st.session_state.setdefault("own_counted", set())
    if file.file_id not in seen:
        quota = st.session_state.get("own_quota") or Quota(load_access().limits)
        st.session_state["own_quota"] = quota.take(file.size)
        seen.add(file.file_id)


def taken(file: UploadedFile, folder: Path) -> Path:
    """Write an upload into a folder of its own below a folder, once; errors as in `count`."""
    count(file)
    place = folder / hashlib.sha256(file.file_id.encode()).hexdigest()[:12]
    path = place / plain_name(file.name)
    if not path.is_file():
        place.mkdir(parents=True, exist_ok=True)
        save_upload(place, file.name, file.getvalue())
    return path


def session_folder() -> Path:
    """Return the folder of this session's drafts, below the data folder of the app; those of yesterday go."""
    drafts = home() / "drafts"
    if "own_session" not in st.session_state:
        _clear(drafts)
    name = st.session_state.setdefault("own_session", secrets.token_hex(8))
    folder = drafts / str(name)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _clear(drafts: Path) -> None:
    for folder in drafts.glob("*"):
        if time.time() - folder.stat().st_mtime > KEPT_S:
            shutil.rmtree(folder, ignore_errors=True)


def careful(
    work: Callable[..., Result],
    *given: Any,  # noqa: ANN401 - handed on
    progress: Callable[[float, str], None] | None = None,
    seconds: float | None = None,
) -> Result | None:
    """Do work on uploads within the limits of a session; what is wrong is shown, and None returned.

    Parameters
    ----------
    progress
        Told how far the work is; the work must take a `progress` of its own then.
    seconds
        Time it may take; None: that of the limits.
    """
    try:
        return limited(work, *given, seconds=seconds or load_access().limits.seconds, progress=progress)
    except YijianError as error:
        st.error(error_text(error))
        return None
